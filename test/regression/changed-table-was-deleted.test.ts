/** UpdateTable described the table once it was changed; one that somebody had deleted by then it could not describe. */
import { expect, test } from 'vitest'
import { tableService } from '../support/table-service.js'

test('a change that was made is answered, whatever becomes of the table', async () => {
  const { call, create } = tableService({}, 'in the process')
  await create('things')
  const changed = call('UpdateTable', {
    TableName: 'things',
    BillingMode: 'PROVISIONED',
    ProvisionedThroughput: { ReadCapacityUnits: 1, WriteCapacityUnits: 1 },
  })
  const deleted = call('DeleteTable', { TableName: 'things' })
  expect((await changed)['TableDescription']).toMatchObject({ TableName: 'things', TableStatus: 'UPDATING' })
  await deleted
})

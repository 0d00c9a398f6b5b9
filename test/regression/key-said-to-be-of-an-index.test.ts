/**
 * Of an item whose table key is wrong, PutItem and BatchWriteItem spoke of an index that has the same attribute, and
 * TransactWriteItems of the key. All of them say what DynamoDB says of a table's key: shared rules, section 4.
 */
import { expect, test } from 'vitest'
import { serviceFixture } from '../support/service-fixture.js'
import { definitions, keySchema, tableRequest } from '../support/table-service.js'

test.each([
  ['empty', { p: { S: '' }, l: { N: '1' } }, 'cannot contain an empty string value. Key: p'],
  ['of another type', { p: { N: '1' }, l: { N: '1' } }, 'Type mismatch for key p expected: S actual: N'],
  ['missing, and that of the index wrong', { l: { S: 'x' } }, 'Missing the key p in the item'],
  ['right, and that of the index wrong', { p: { S: 'a' }, l: { S: 'x' } }, 'IndexName: local'],
])('a key that is %s', async (_name, attributes, message) => {
  const { call, refusal } = await serviceFixture()
  await call('CreateTable', {
    ...tableRequest('things'),
    AttributeDefinitions: definitions({ p: 'S', s: 'N', l: 'N' }),
    KeySchema: keySchema('p', 's'),
    LocalSecondaryIndexes: [
      { IndexName: 'local', KeySchema: keySchema('p', 'l'), Projection: { ProjectionType: 'ALL' } },
    ],
  })
  const Item = { s: { N: '1' }, ...attributes }
  const single = await refusal('PutItem', { TableName: 'things', Item })
  const batch = await refusal('BatchWriteItem', { RequestItems: { things: [{ PutRequest: { Item } }] } })
  const together = await refusal('TransactWriteItems', { TransactItems: [{ Put: { TableName: 'things', Item } }] })
  expect(single.message).toContain(message)
  expect(batch.message).toContain(message)
  const reasons = (together as unknown as { members?: { CancellationReasons?: { Message?: string }[] } }).members
  expect(reasons?.CancellationReasons?.[0]?.Message ?? together.message).toContain(message)
})

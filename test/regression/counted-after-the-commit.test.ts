/**
 * What a write costs was counted once it was done; and an item that had been stored before an index, and has no valid key
 * for it, made counting fail. So a client that asked for consumed capacity was refused a write that it had made.
 */
import { expect, test } from 'vitest'
import { type ServiceFixture, serviceFixture } from '../support/service-fixture.js'
import { definitions, index, keySchema, tableRequest } from '../support/table-service.js'

const key = { pk: { S: 'a' } }
const stored = { ...key, g: { S: 'a text' } }
const repaired = { ...key, g: { N: '1' } }
const about = { TableName: 'things', ReturnConsumedCapacity: 'INDEXES' }
const repair = { UpdateExpression: 'SET g = :g', ExpressionAttributeValues: { ':g': { N: '1' } } }

/** A table with one item, and an index whose key can't be that item's text. */
async function violated(): Promise<ServiceFixture> {
  const fixture = await serviceFixture()
  const { call, fill } = fixture
  await call('CreateTable', tableRequest('things'))
  await fill('things', [stored])
  await call('UpdateTable', {
    TableName: 'things',
    AttributeDefinitions: definitions({ pk: 'S', g: 'N' }),
    GlobalSecondaryIndexUpdates: [{ Create: index('byG', keySchema('g')) }],
  })
  await expect.poll(async () => (await fixture.backend.describeTable('things')).indexes[0]!.status).toBe('ACTIVE')
  return fixture
}

const table = (units: number) => ({ TableName: 'things', CapacityUnits: units, Table: { CapacityUnits: units } })
const withIndex = (units: number) => ({
  TableName: 'things',
  CapacityUnits: units + 1,
  Table: { CapacityUnits: units },
  GlobalSecondaryIndexes: { byG: { CapacityUnits: 1 } },
})

test.each<[operation: string, input: object, consumed: object, left: object | undefined]>([
  ['PutItem', { ...about, Item: repaired }, withIndex(1), repaired],
  ['PutItem', { ...about, Item: key }, table(1), key],
  ['UpdateItem', { ...about, Key: key, ...repair }, withIndex(1), repaired],
  ['DeleteItem', { ...about, Key: key }, table(1), undefined],
  ['ExecuteStatement', { ...about, Statement: "DELETE FROM things WHERE pk = 'a'" }, table(1), undefined],
])('%s tells what it cost', async (operation, input, consumed, left) => {
  const { call } = await violated()
  expect((await call(operation, input))['ConsumedCapacity']).toEqual(consumed)
  expect((await call('GetItem', { TableName: 'things', Key: key }))['Item']).toEqual(left)
})

test('batches tell what they cost', async () => {
  const { call } = await violated()
  const RequestItems = { things: [{ DeleteRequest: { Key: key } }] }
  expect(await call('BatchWriteItem', { RequestItems, ReturnConsumedCapacity: 'INDEXES' })).toEqual({
    UnprocessedItems: {},
    ConsumedCapacity: [table(1)],
  })
})

test.each<[what: string, item: object, consumed: object]>([
  ['a delete', { Delete: { TableName: 'things', Key: key } }, { CapacityUnits: 2, WriteCapacityUnits: 2 }],
  ['a repair', { Update: { TableName: 'things', Key: key, ...repair } }, { CapacityUnits: 3, WriteCapacityUnits: 3 }],
  [
    'a check',
    { ConditionCheck: { TableName: 'things', Key: key, ConditionExpression: 'attribute_exists(g)' } },
    { CapacityUnits: 2, WriteCapacityUnits: 2 },
  ],
])('transactions tell what %s cost', async (_what, item, consumed) => {
  const { call } = await violated()
  const answer = await call('TransactWriteItems', { TransactItems: [item], ReturnConsumedCapacity: 'TOTAL' })
  expect(answer).toEqual({ ConsumedCapacity: [{ TableName: 'things', ...consumed }] })
})

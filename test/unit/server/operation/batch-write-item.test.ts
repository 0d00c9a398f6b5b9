import { describe, expect, test } from 'vitest'
import { checkTableDefinition } from '../../../../src/model/table/table-rule.js'
import { serviceFixture } from '../../../support/service-fixture.js'

const ARN = 'arn:aws:dynamodb:us-east-1:000000000000:table/simple'
const key = (pk: string) => ({ pk: { S: pk } })
const put = (pk: string, more: object = {}) => ({ PutRequest: { Item: { ...key(pk), ...more } } })
const remove = (pk: string) => ({ DeleteRequest: { Key: key(pk) } })

describe('BatchWriteItem', () => {
  test('puts and deletes in several tables', async () => {
    const { call, fill } = await serviceFixture()
    await fill('simple', [key('old')])
    const RequestItems = {
      simple: [put('a'), remove('old'), remove('none'), put('b')],
      sorted: [put('a', { sk: { N: '1' } })],
    }
    expect(await call('BatchWriteItem', { RequestItems })).toEqual({ UnprocessedItems: {} })
    expect((await call('Scan', { TableName: 'simple', Select: 'COUNT' }))['Count']).toBe(2)
    expect((await call('Scan', { TableName: 'sorted' }))['Items']).toEqual([{ ...key('a'), sk: { N: '1' } }])
  })

  test('tells what it has cost, in each table and index', async () => {
    const { call, fill } = await serviceFixture({
      name: 'indexed',
      key: ['pk', 'sk'],
      indexes: { byG: { key: ['g'] }, local: { key: ['pk', 'l'], local: true } },
    })
    await fill('simple', [{ ...key('large'), v: { S: 'x'.repeat(2000) } }])
    const RequestItems = {
      simple: [put('a'), remove('large'), remove('none')],
      indexed: [
        put('a', { sk: { S: '1' }, g: { S: 'g' } }),
        put('a', { sk: { S: '2' }, g: { S: 'g' }, l: { S: 'l' } }),
      ],
    }
    const input = { RequestItems, ReturnConsumedCapacity: 'INDEXES', ReturnItemCollectionMetrics: 'SIZE' }
    expect(await call('BatchWriteItem', input)).toEqual({
      UnprocessedItems: {},
      ItemCollectionMetrics: { indexed: [{ ItemCollectionKey: key('a'), SizeEstimateRangeGB: [0, 1] }] },
      ConsumedCapacity: [
        { TableName: 'simple', CapacityUnits: 4, Table: { CapacityUnits: 4 } },
        {
          TableName: 'indexed',
          CapacityUnits: 5,
          Table: { CapacityUnits: 2 },
          LocalSecondaryIndexes: { local: { CapacityUnits: 1 } },
          GlobalSecondaryIndexes: { byG: { CapacityUnits: 2 } },
        },
      ],
    })
  })

  test('what can never be stored is refused, not handed back', async () => {
    const { backend, fill, refusal } = await serviceFixture()
    const definition = { name: 'users', key: ['pk'], indexes: { byMail: { key: ['mail'], unique: true } } }
    backend.defineTable(checkTableDefinition(definition))
    await fill('users', [{ ...key('a'), mail: { S: 'one' } }])
    const RequestItems = { users: [put('b', { mail: { S: 'one' } }), put('c')] }
    expect((await refusal('BatchWriteItem', { RequestItems })).name).toBe('ConditionalCheckFailedException')
  })

  test.each<[what: string, items: object, message: string]>([
    [
      'a key twice',
      { simple: [put('a'), put('a', { v: { S: 'v' } })] },
      'Provided list of item keys contains duplicates',
    ],
    [
      'a put and a delete of one key',
      { simple: [put('a'), remove('a')] },
      'Provided list of item keys contains duplicates',
    ],
    [
      'an item twice, of a table by its name and by its ARN',
      { simple: [put('a')], [ARN]: [put('b'), remove('a')] },
      'Provided list of item keys contains duplicates',
    ],
    [
      '26 writes in two tables',
      { simple: Array.from({ length: 25 }, (_, i) => put(`${i}`)), sorted: [put('a')] },
      'Too many items requested for the BatchWriteItem call',
    ],
    [
      'a write that is none',
      { simple: [{}] },
      'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes',
    ],
    [
      'two writes in one',
      { simple: [{ ...put('a'), ...remove('b') }] },
      'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes',
    ],
    [
      'an item without its key',
      { sorted: [put('a')] },
      'One or more parameter values were invalid: Missing the key sk in the item',
    ],
    [
      'a key that does not match the schema',
      { sorted: [remove('a')] },
      'The provided key element does not match the schema',
    ],
    [
      'an item that is too large',
      { simple: [put('a', { v: { S: 'x'.repeat(409_600) } })] },
      'Item size has exceeded the maximum allowed size',
    ],
    [
      'a value that is none',
      { simple: [put('a', { v: { N: 'x' } })] },
      'The parameter cannot be converted to a numeric value: x',
    ],
    ['a table that is not there', { nowhere: [put('a')] }, 'Requested resource not found'],
  ])('refuses %s, and writes nothing of the rest', async (_what, items, message) => {
    const { call, refusal } = await serviceFixture({ name: 'other', key: ['pk'] })
    const RequestItems = { other: [put('fine')], ...items }
    expect((await refusal('BatchWriteItem', { RequestItems })).message).toBe(message)
    expect((await call('Scan', { TableName: 'other' }))['Items']).toEqual([])
  })
})

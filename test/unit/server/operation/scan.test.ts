import { describe, expect, test } from 'vitest'
import { type Answer, type FixtureTable, serviceFixture } from '../../../support/service-fixture.js'

const INDEXED: FixtureTable = {
  name: 'indexed',
  key: ['pk'],
  indexes: { byG: { key: ['g', 'n'], projection: 'KEYS_ONLY' }, all: { key: ['g'] } },
}

type Call = (operation: string, input: object) => Promise<Answer>

async function scanned(call: Call, input: object): Promise<{ readonly ids: string[]; readonly pages: number }> {
  const ids: string[] = []
  let pages = 0
  let ExclusiveStartKey: unknown
  do {
    const { Items, LastEvaluatedKey } = await call('Scan', { ...input, ExclusiveStartKey })
    for (const { pk } of Items) ids.push(pk.S)
    ExclusiveStartKey = LastEvaluatedKey
    pages += 1
  } while (ExclusiveStartKey !== undefined)
  return { ids, pages }
}

const IDS = Array.from({ length: 25 }, (_, i) => `id${i}`)

describe('Scan', () => {
  test('finds every item once, page by page', async () => {
    const { call, fill } = await serviceFixture()
    await fill(
      'simple',
      IDS.map((id) => ({ pk: { S: id } })),
    )
    const { ids, pages } = await scanned(call, { TableName: 'simple', Limit: 4 })
    expect(ids.sort()).toEqual([...IDS].sort())
    expect(pages).toBe(7)
  })

  test('segments together have every item once', async () => {
    const { call, fill } = await serviceFixture()
    await fill(
      'simple',
      IDS.map((id) => ({ pk: { S: id } })),
    )
    const all: string[] = []
    for (const Segment of [0, 1, 2]) {
      const { ids } = await scanned(call, { TableName: 'simple', Limit: 2, Segment, TotalSegments: 3 })
      expect(ids.length).toBeLessThan(IDS.length)
      all.push(...ids)
    }
    expect(all.sort()).toEqual([...IDS].sort())
  })

  test('an index has the items that have its key, with what it projects', async () => {
    const { call, fill } = await serviceFixture(INDEXED)
    const item = { pk: { S: 'a' }, g: { S: 'g' }, n: { N: '1' }, v: { S: 'v' } }
    await fill('indexed', [item, { pk: { S: 'b' }, g: { S: 'g' } }, { pk: { S: 'c' } }])
    const { v: _, ...projected } = item
    expect((await call('Scan', { TableName: 'indexed', IndexName: 'byG' }))['Items']).toEqual([projected])
    expect((await scanned(call, { TableName: 'indexed', IndexName: 'all', Limit: 1 })).ids.sort()).toEqual(['a', 'b'])
    const first = await call('Scan', { TableName: 'indexed', IndexName: 'byG', Limit: 1 })
    expect(first['LastEvaluatedKey']).toEqual(projected)
  })

  test('a filter on what an index does not show finds nothing', async () => {
    const { call, fill } = await serviceFixture(INDEXED)
    await fill('indexed', [{ pk: { S: 'a' }, g: { S: 'g' }, n: { N: '1' }, v: { S: 'v' } }])
    const scan = { TableName: 'indexed', IndexName: 'byG', FilterExpression: 'attribute_exists(v)' }
    expect(await call('Scan', scan)).toEqual({ Items: [], Count: 0, ScannedCount: 1 })
  })

  test('may filter by the key', async () => {
    const { call, fill } = await serviceFixture()
    await fill(
      'simple',
      IDS.map((id) => ({ pk: { S: id } })),
    )
    const scan = {
      TableName: 'simple',
      FilterExpression: 'pk IN (:a, :b)',
      ExpressionAttributeValues: { ':a': { S: 'id3' }, ':b': { S: 'other' } },
    }
    expect(await call('Scan', scan)).toEqual({ Items: [{ pk: { S: 'id3' } }], Count: 1, ScannedCount: 25 })
    expect(await call('Scan', { ...scan, Select: 'COUNT' })).toEqual({ Count: 1, ScannedCount: 25 })
  })

  test('costs what was looked at', async () => {
    const { call, fill } = await serviceFixture(INDEXED)
    const item = (pk: string) => ({ pk: { S: pk }, g: { S: 'g' }, n: { N: '1' }, v: { S: 'x'.repeat(4000) } })
    await fill('indexed', ['a', 'b', 'c'].map(item))
    const unitsOf = async (more: object) => {
      const scan = {
        TableName: 'indexed',
        ReturnConsumedCapacity: 'INDEXES',
        FilterExpression: 'attribute_exists(nothing)',
        ...more,
      }
      return (await call('Scan', scan))['ConsumedCapacity']
    }
    expect(await unitsOf({})).toEqual({ TableName: 'indexed', CapacityUnits: 1.5, Table: { CapacityUnits: 1.5 } })
    expect(await unitsOf({ ConsistentRead: true })).toMatchObject({ CapacityUnits: 3 })
    expect(await unitsOf({ IndexName: 'byG' })).toEqual({
      TableName: 'indexed',
      CapacityUnits: 0.5,
      Table: { CapacityUnits: 0 },
      GlobalSecondaryIndexes: { byG: { CapacityUnits: 0.5 } },
    })
  })

  test.each<[what: string, more: object, message: string]>([
    [
      'a segment without their number',
      { Segment: 0 },
      'The TotalSegments parameter is required but was not present in the request when Segment parameter is present',
    ],
    [
      'a number of segments alone',
      { TotalSegments: 2 },
      'The Segment parameter is required but was not present in the request when parameter TotalSegments is present',
    ],
    [
      'a segment there is none of',
      { Segment: 5, TotalSegments: 5 },
      'The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: 5 is not less than TotalSegments: 5',
    ],
    [
      'a consistent read of a global index',
      { IndexName: 'all', ConsistentRead: true },
      'Consistent reads are not supported on global secondary indexes',
    ],
    [
      'all attributes of an index that has not all',
      { IndexName: 'byG', Select: 'ALL_ATTRIBUTES' },
      'One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported for global secondary index byG because its projection type is not ALL',
    ],
    [
      'attributes that an index has not',
      { IndexName: 'byG', ProjectionExpression: 'v' },
      'One or more parameter values were invalid: Global secondary index byG does not project [v]',
    ],
    [
      'an index that is not there',
      { IndexName: 'none', ExclusiveStartKey: {} },
      'The table does not have the specified index: none',
    ],
    [
      'a start key that is none',
      { ExclusiveStartKey: {} },
      'The provided starting key is invalid: The provided key element does not match the schema',
    ],
    [
      'a start key of another type',
      { ExclusiveStartKey: { pk: { BOOL: true } } },
      'The provided starting key is invalid: The provided key element does not match the schema',
    ],
    [
      'a start key with more',
      { ExclusiveStartKey: { pk: { S: 'a' }, x: { S: 'a' } } },
      'The provided starting key is invalid: The provided key element does not match the schema',
    ],
    [
      'a start key of an index that lacks something',
      { IndexName: 'all', ExclusiveStartKey: { pk: { S: 'a' } } },
      'The provided starting key is invalid',
    ],
    [
      'a start key of an index without the table’s key',
      { IndexName: 'all', ExclusiveStartKey: { x: { S: 'a' }, g: { S: 'a' } } },
      'The provided starting key is invalid: The provided key element does not match the schema',
    ],
    [
      'a start key of an index of another type',
      { IndexName: 'all', ExclusiveStartKey: { pk: { S: 'a' }, g: { N: '1' } } },
      'The provided key element does not match the schema',
    ],
    [
      'a filter that looks into the key',
      { FilterExpression: 'attribute_exists(pk.x)' },
      "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: Key: pk",
    ],
  ])('refuses %s', async (_what, more, message) => {
    const { fill, refusal } = await serviceFixture(INDEXED)
    await fill('indexed', [{ pk: { S: 'a' }, g: { S: 'g' }, n: { N: '1' } }])
    expect((await refusal('Scan', { TableName: 'indexed', ...more })).message).toBe(message)
  })

  test('refuses a start key of another segment', async () => {
    const { call, fill, refusal } = await serviceFixture()
    await fill(
      'simple',
      IDS.map((id) => ({ pk: { S: id } })),
    )
    const { Items } = await call('Scan', { TableName: 'simple', Segment: 1, TotalSegments: 2 })
    const scan = { TableName: 'simple', Segment: 0, TotalSegments: 2, ExclusiveStartKey: Items[0] }
    expect((await refusal('Scan', scan)).message).toBe(
      'The provided starting key is invalid: Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct Segment. TotalSegments: 2 Segment: 0',
    )
  })
})

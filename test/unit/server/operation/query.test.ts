import { describe, expect, test } from 'vitest'
import { type Answer, type FixtureTable, serviceFixture } from '../../../support/service-fixture.js'

const INVALID = 'One or more parameter values were invalid:'

/** As DynamoDB's own conformance tests have it: `a` and `b` are the key, `c` and `d` are in indexes. */
const RANGE: FixtureTable = {
  name: 'range',
  key: ['a', 'b'],
  indexes: {
    index1: { key: ['a', 'c'], local: true },
    index2: { key: ['a', 'd'], local: true, projection: ['c'] },
    index3: { key: ['c'] },
    index4: { key: ['c', 'd'], projection: ['e'] },
  },
}
const ITEM = { a: { S: 'a' }, b: { S: 'a' }, c: { S: 'a' }, d: { S: 'a' }, e: { S: 'e' }, f: { S: 'f' } }

async function rangeFixture() {
  const fixture = await serviceFixture(RANGE)
  await fixture.fill('range', [ITEM])
  return fixture
}

function query(KeyConditionExpression: string, values: Record<string, object> = {}, more: object = {}) {
  const ExpressionAttributeValues = Object.keys(values).length === 0 ? undefined : values
  return { TableName: 'sorted', KeyConditionExpression, ExpressionAttributeValues, ...more }
}

const A = { ':p': { S: 'a' } }

/** All pages of a query or a scan. */
async function pagesOf(call: (operation: string, input: object) => Promise<Answer>, operation: string, input: object) {
  const pages: Answer[] = []
  let ExclusiveStartKey: unknown
  do {
    const page = await call(operation, { ...input, ExclusiveStartKey })
    pages.push(page)
    ExclusiveStartKey = page['LastEvaluatedKey']
  } while (ExclusiveStartKey !== undefined)
  return pages
}

describe('Query', () => {
  test.each<[condition: string, values: object, found: string[]]>([
    ['pk = :p', {}, ['1', '10', '2', '3']],
    ['pk = :p AND sk = :s', { ':s': { S: '2' } }, ['2']],
    ['sk < :s AND :p = pk', { ':s': { S: '2' } }, ['1', '10']],
    ['pk = :p AND sk <= :s', { ':s': { S: '2' } }, ['1', '10', '2']],
    ['(pk = :p) AND (sk > :s)', { ':s': { S: '2' } }, ['3']],
    ['pk = :p AND :s <= sk', { ':s': { S: '2' } }, ['2', '3']],
    ['pk = :p AND sk BETWEEN :s AND :t', { ':s': { S: '10' }, ':t': { S: '2' } }, ['10', '2']],
    ['pk = :p AND begins_with(sk, :s)', { ':s': { S: '1' } }, ['1', '10']],
  ])('%s', async (condition, values, found) => {
    const { call, fill } = await serviceFixture()
    await fill(
      'sorted',
      ['3', '2', '10', '1'].map((sk) => ({ pk: { S: 'a' }, sk: { S: sk } })),
    )
    await fill('sorted', [{ pk: { S: 'b' }, sk: { S: '1' } }])
    const forward = await call('Query', query(condition, { ...A, ...values }))
    expect(forward['Items'].map(({ sk }: Answer) => sk['S'])).toEqual(found)
    const back = await call('Query', query(condition, { ...A, ...values }, { ScanIndexForward: false }))
    expect(back['Items']).toEqual(forward['Items'].toReversed())
  })

  test('a partition without items has a page without items', async () => {
    const { call } = await serviceFixture()
    expect(await call('Query', query('pk = :p', A))).toEqual({ Items: [], Count: 0, ScannedCount: 0 })
  })

  test('a page of as many items as the limit ends with their last key, even if nothing is left', async () => {
    const { call, fill } = await serviceFixture()
    const items = ['1', '2', '3', '4'].map((sk) => ({ pk: { S: 'a' }, sk: { S: sk } }))
    await fill('sorted', items)
    const pages = await pagesOf(call, 'Query', query('pk = :p', A, { Limit: 2 }))
    expect(pages).toEqual([
      { Items: items.slice(0, 2), Count: 2, ScannedCount: 2, LastEvaluatedKey: items[1] },
      { Items: items.slice(2), Count: 2, ScannedCount: 2, LastEvaluatedKey: items[3] },
      { Items: [], Count: 0, ScannedCount: 0 },
    ])
  })

  test('the limit counts before the filter', async () => {
    const { call, fill } = await serviceFixture()
    await fill(
      'sorted',
      ['1', '2', '3', '4'].map((sk) => ({ pk: { S: 'a' }, sk: { S: sk }, n: { N: sk } })),
    )
    const filtered = query('pk = :p', { ...A, ':n': { N: '3' } }, { FilterExpression: 'n >= :n', Limit: 3 })
    expect(await call('Query', filtered)).toMatchObject({
      Count: 1,
      ScannedCount: 3,
      LastEvaluatedKey: { sk: { S: '3' } },
    })
    expect(await call('Query', { ...filtered, Select: 'COUNT' })).toEqual({
      Count: 1,
      ScannedCount: 3,
      LastEvaluatedKey: { pk: { S: 'a' }, sk: { S: '3' } },
    })
  })

  test('a page ends with the item that makes it a megabyte, counted before filter and projection', async () => {
    const { call, fill } = await serviceFixture()
    const item = (sk: number) => ({ pk: { S: 'a' }, sk: { N: String(sk) }, v: { S: 'x'.repeat(104_857) } })
    await fill(
      'sorted',
      Array.from({ length: 12 }, (_, i) => item(i)),
    )
    const pages = await pagesOf(
      call,
      'Query',
      query(
        'pk = :p',
        { ...A, ':v': { S: 'y' } },
        {
          ProjectionExpression: 'sk',
          FilterExpression: 'v < :v AND NOT contains(v, :v)',
          ReturnConsumedCapacity: 'TOTAL',
        },
      ),
    )
    expect(pages.map(({ Count, ConsumedCapacity }) => [Count, ConsumedCapacity.CapacityUnits])).toEqual([
      [10, 128.5],
      [2, 26],
    ])
    expect(pages[0]!['Items'][3]).toEqual({ sk: { N: '3' } })
  })

  test('many small items are one page, however the engine divides its work', async () => {
    const { backend, call } = await serviceFixture(RANGE)
    const items = Array.from({ length: 12_000 }, (_, i) => ({ a: 'a', b: String(i).padStart(5, '0'), c: 'c' }))
    await backend.batchWrite(
      'range',
      items.map((put) => backend.prepare('range', { put })),
    )
    const all = await call('Query', {
      TableName: 'range',
      KeyConditionExpression: 'a = :a',
      ExpressionAttributeValues: { ':a': { S: 'a' } },
      Select: 'COUNT',
    })
    expect(all).toEqual({ Count: 12_000, ScannedCount: 12_000 })
    const indexed = await call('Query', {
      TableName: 'range',
      IndexName: 'index3',
      KeyConditionExpression: 'c = :c',
      ExpressionAttributeValues: { ':c': { S: 'c' } },
      Limit: 11_000,
      ScanIndexForward: false,
    })
    expect(indexed).toMatchObject({
      Count: 11_000,
      LastEvaluatedKey: { a: { S: 'a' }, b: { S: '01000' }, c: { S: 'c' } },
    })
  })

  test('goes on behind a key whose item was deleted meanwhile', async () => {
    const { call, fill } = await serviceFixture(RANGE)
    const items = ['1', '2', '3', '4'].map((b) => ({ ...ITEM, b: { S: b }, c: { S: `c${b}` } }))
    await fill('range', items)
    const walk = { TableName: 'range', IndexName: 'index1', Limit: 2 }
    const first = await call('Query', {
      ...walk,
      KeyConditionExpression: 'a = :a',
      ExpressionAttributeValues: { ':a': { S: 'a' } },
    })
    expect(first['LastEvaluatedKey']).toEqual({ a: { S: 'a' }, b: { S: '2' }, c: { S: 'c2' } })
    await call('DeleteItem', { TableName: 'range', Key: { a: { S: 'a' }, b: { S: '2' } } })
    const second = await call('Query', {
      ...walk,
      KeyConditionExpression: 'a = :a',
      ExpressionAttributeValues: { ':a': { S: 'a' } },
      ExclusiveStartKey: first['LastEvaluatedKey'],
    })
    expect(second['Items']).toEqual(items.slice(2))
  })

  test('items whose time is over are neither found nor counted', async () => {
    const { call, clock, fill } = await serviceFixture({ name: 'mortal', key: ['pk', 'sk'], ttl: 'until' })
    const until = (seconds: number) => ({ N: String(Math.floor(clock.seconds) + seconds) })
    await fill('mortal', [
      { pk: { S: 'a' }, sk: { S: '1' }, until: until(10) },
      { pk: { S: 'a' }, sk: { S: '2' }, until: until(100) },
      { pk: { S: 'a' }, sk: { S: '3' }, until: { S: 'text' } },
    ])
    clock.advance(11)
    expect(await call('Query', query('pk = :p', A, { TableName: 'mortal', Limit: 1 }))).toMatchObject({
      Count: 1,
      ScannedCount: 1,
      LastEvaluatedKey: { sk: { S: '2' } },
    })
  })

  describe('indexes:', () => {
    const C = { ':c': { S: 'a' } }
    const byC = (more: object = {}, condition = 'c = :c') =>
      query(condition, C, { TableName: 'range', IndexName: 'index4', ...more })
    const byD = (more: object = {}) =>
      query('a = :c', C, { TableName: 'range', IndexName: 'index2', ReturnConsumedCapacity: 'INDEXES', ...more })

    test('items that lack an attribute of the key are not in it', async () => {
      const { call, fill } = await rangeFixture()
      const { d: _, ...without } = ITEM
      await fill('range', [{ ...without, b: { S: 'sparse' } }])
      expect(await call('Query', byC())).toMatchObject({ Count: 1 })
      expect(await call('Query', byC({ IndexName: 'index3' }))).toMatchObject({ Count: 2 })
    })

    test('an index shows what it projects', async () => {
      const { call } = await rangeFixture()
      const { f: _, ...projected } = ITEM
      expect((await call('Query', byC()))['Items']).toEqual([projected])
      expect((await call('Query', byC({ Select: 'ALL_PROJECTED_ATTRIBUTES' })))['Items']).toEqual([projected])
      expect((await call('Query', byC({ ProjectionExpression: 'e' })))['Items']).toEqual([{ e: { S: 'e' } }])
    })

    test('a global index has nothing but that', async () => {
      const { refusal } = await rangeFixture()
      expect((await refusal('Query', byC({ Select: 'ALL_ATTRIBUTES' }))).message).toBe(
        `${INVALID} Select type ALL_ATTRIBUTES is not supported for global secondary index index4 because its projection type is not ALL`,
      )
      expect((await refusal('Query', byC({ ProjectionExpression: 'e, f' }))).message).toBe(
        `${INVALID} Global secondary index index4 does not project [f]`,
      )
      expect((await refusal('Query', byC({ AttributesToGet: ['f'] }, 'c = :c'))).name).toBe('ValidationException')
      expect((await refusal('Query', byC({ FilterExpression: 'f = :c' }))).message).toBe(
        `${INVALID} Secondary index index4 does not project one or more filter attributes: [f]`,
      )
      expect((await refusal('Query', byC({ ConsistentRead: true }))).message).toBe(
        'Consistent reads are not supported on global secondary indexes',
      )
    })

    test('a local index fetches the rest from the table, and the table is paid for it', async () => {
      const { call } = await rangeFixture()
      const { e: _e, f: _f, ...projected } = ITEM
      expect(await call('Query', byD())).toMatchObject({
        Items: [projected],
        ConsumedCapacity: {
          CapacityUnits: 0.5,
          Table: { CapacityUnits: 0 },
          LocalSecondaryIndexes: { index2: { CapacityUnits: 0.5 } },
        },
      })
      const fetched = {
        CapacityUnits: 1,
        Table: { CapacityUnits: 0.5 },
        LocalSecondaryIndexes: { index2: { CapacityUnits: 0.5 } },
      }
      expect(await call('Query', byD({ Select: 'ALL_ATTRIBUTES' }))).toMatchObject({
        Items: [ITEM],
        ConsumedCapacity: fetched,
      })
      expect(await call('Query', byD({ ProjectionExpression: 'f' }))).toMatchObject({
        Items: [{ f: { S: 'f' } }],
        ConsumedCapacity: fetched,
      })
      expect(await call('Query', byD({ ConsistentRead: true }))).toMatchObject({
        ConsumedCapacity: { CapacityUnits: 1 },
      })
    })

    test('the index has to be there', async () => {
      const { refusal } = await rangeFixture()
      expect((await refusal('Query', byC({ IndexName: 'whatever' }))).message).toBe(
        'The table does not have the specified index: whatever',
      )
    })
  })

  describe('an index of several attributes on each side', () => {
    const MULTI: FixtureTable = {
      name: 'multi',
      key: ['id'],
      indexes: {
        byAll: {
          key: [
            ['p', 'q'],
            ['b', 'c', 'd'],
          ],
        },
      },
    }
    const P = { ':p': { S: 'p' }, ':q': { N: '1' } }
    const of = (condition: string, values: object = {}, more: object = {}) =>
      query(
        condition,
        { ...P, ...(values as Record<string, object>) },
        { TableName: 'multi', IndexName: 'byAll', ...more },
      )

    async function multiFixture() {
      const fixture = await serviceFixture(MULTI)
      const item = (id: number, b: string, c: number, d: string) => ({
        ...{ id: { N: String(id) }, p: { S: 'p' }, q: { N: '1' } },
        ...{ b: { S: b }, c: { N: String(c) }, d: { S: d } },
      })
      await fixture.fill('multi', [
        item(1, 'x', 10, 'a'),
        item(2, 'x', 9, 'b'),
        item(3, 'w', 99, 'c'),
        item(4, 'x', 9, 'a'),
        { id: { N: '5' }, p: { S: 'p' }, q: { N: '1' }, b: { S: 'x' }, c: { N: '1' } },
      ])
      return fixture
    }

    test.each<[condition: string, values: object, ids: string[]]>([
      ['p = :p AND q = :q', {}, ['3', '4', '2', '1']],
      ['q = :q AND b = :b AND p = :p', { ':b': { S: 'x' } }, ['4', '2', '1']],
      ['c > :c AND p = :p AND q = :q AND b = :b', { ':b': { S: 'x' }, ':c': { N: '9' } }, ['1']],
      [
        'p = :p AND q = :q AND b = :b AND c = :c AND d >= :d',
        { ':b': { S: 'x' }, ':c': { N: '9' }, ':d': { S: 'b' } },
        ['2'],
      ],
    ])('%s', async (condition, values, ids) => {
      const { call } = await multiFixture()
      const { Items } = await call('Query', of(condition, values))
      expect(Items.map(({ id }: Answer) => id['N'])).toEqual(ids)
    })

    test('is read page by page by all of its attributes', async () => {
      const { call } = await multiFixture()
      const pages = await pagesOf(call, 'Query', of('p = :p AND q = :q AND b = :b', { ':b': { S: 'x' } }, { Limit: 1 }))
      expect(pages.map(({ Items }) => Items[0]?.id.N)).toEqual(['4', '2', '1', undefined])
      expect(pages[0]!['LastEvaluatedKey']).toEqual(pages[0]!['Items'][0])
    })

    test.each<[condition: string, values: object, message: string]>([
      ['p = :p AND b = :q', {}, 'Query condition missed key schema element: q'],
      ['p = :p AND q > :q', {}, 'Query key condition not supported'],
      [
        'p = :p AND q = :q AND c = :c',
        { ':c': { N: '1' } },
        'RANGE key attributes b must have equality conditions specified in the query because a condition is present on key attribute c',
      ],
      [
        'p = :p AND q = :q AND b > :b AND c = :c',
        { ':b': { S: 'x' }, ':c': { N: '1' } },
        'RANGE key attributes b must have equality conditions specified in the query because a condition is present on key attribute c',
      ],
    ])('refuses %s', async (condition, values, message) => {
      const { refusal } = await multiFixture()
      expect((await refusal('Query', of(condition, values))).message).toBe(message)
    })
  })

  describe('Select:', () => {
    test.each<[more: object, message: string]>([
      [
        { Select: 'ALL_PROJECTED_ATTRIBUTES' },
        'ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName',
      ],
      [
        { Select: 'SPECIFIC_ATTRIBUTES' },
        'Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES',
      ],
      [
        { Select: 'ALL_ATTRIBUTES', ProjectionExpression: 'e' },
        'Cannot specify the ProjectionExpression when choosing to get ALL_ATTRIBUTES',
      ],
      [
        { Select: 'COUNT', ProjectionExpression: 'e' },
        'Cannot specify the ProjectionExpression when choosing to get only the Count',
      ],
    ])('refuses %j', async (more, message) => {
      const { refusal } = await rangeFixture()
      expect((await refusal('Query', query('pk = :p', A, more))).message).toBe(message)
      expect((await refusal('Scan', { TableName: 'sorted', ...more })).message).toBe(message)
    })

    test('SPECIFIC_ATTRIBUTES with names, ALL_ATTRIBUTES of a table', async () => {
      const { call, fill } = await serviceFixture()
      const item = { pk: { S: 'a' }, sk: { S: 'b' }, v: { S: 'v' } }
      await fill('sorted', [item])
      const some = query('pk = :p', A, { Select: 'SPECIFIC_ATTRIBUTES', ProjectionExpression: 'v' })
      expect((await call('Query', some))['Items']).toEqual([{ v: { S: 'v' } }])
      expect((await call('Query', query('pk = :p', A, { Select: 'ALL_ATTRIBUTES' })))['Items']).toEqual([item])
    })
  })

  describe('what is wrong is said in DynamoDB’s order:', () => {
    const B = { ':b': { S: 'b' } }
    const range = (condition: string, values: object, more: object = {}) =>
      query(condition, values as Record<string, object>, { TableName: 'range', ...more })
    const S = (text: string) => ({ S: text })
    const N = { N: '1' }

    test.each<[what: string, input: object, message: string]>([
      [
        'no condition',
        { TableName: 'range' },
        'Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.',
      ],
      ['three conditions', range('a = :b AND b = :b AND c = :b', B), 'Conditions can be of length 1 or 2 only'],
      ['no conditions', { TableName: 'nowhere', KeyConditions: {} }, 'Conditions can be of length 1 or 2 only'],
      ['an operator for no key', range('a <> :b', B), 'Invalid operator used in KeyConditionExpression: <>'],
      ['OR', range('a = :b OR b = :b', B), 'Invalid operator used in KeyConditionExpression: OR'],
      [
        'an empty key condition before an empty filter',
        range('', {}, { FilterExpression: '' }),
        'Invalid KeyConditionExpression: The expression can not be empty;',
      ],
      [
        'an empty filter before the structure of the key condition',
        range('attribute_exists(a)', {}, { FilterExpression: '' }),
        'Invalid FilterExpression: The expression can not be empty;',
      ],
      ['a missing partition key', range('b = :b', B), 'Query condition missed key schema element: a'],
      ['a missing sort key', range('a = :b AND c = :b', B), 'Query condition missed key schema element: b'],
      [
        'a condition of another type',
        range('a = :b', { ':b': N }),
        `${INVALID} Condition parameter type does not match schema type`,
      ],
      ['a range of partitions', range('a > :b', B), 'Query key condition not supported'],
      [
        'a condition on no key',
        query('pk = :b AND sk = :b', B, { TableName: 'simple' }),
        'Query key condition not supported',
      ],
      [
        'an older condition that no index serves',
        { TableName: 'range', KeyConditions: { a: { ComparisonOperator: 'NOT_NULL' } } },
        'Attempted conditional constraint is not an indexable operation',
      ],
      [
        'a filter on the key',
        range('a = :b', B, { FilterExpression: 'b = :b' }),
        'Filter Expression can only contain non-primary key attributes: Primary key attribute: b',
      ],
      [
        'an older filter on the key',
        {
          TableName: 'range',
          KeyConditions: { a: { ComparisonOperator: 'EQ', AttributeValueList: [S('a')] } },
          QueryFilter: { b: { ComparisonOperator: 'NULL' } },
        },
        'QueryFilter can only contain non-primary key attributes: Primary key attribute: b',
      ],
      [
        'a filter that looks into an index',
        range('a = :b', B, { FilterExpression: 'd[1] = :b' }),
        "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: IndexKey: d",
      ],
      [
        'an empty value',
        range('a = :b', { ':b': S('') }),
        'One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: a',
      ],
      [
        'a start key that is no key',
        range('a = :b', B, { ExclusiveStartKey: {} }),
        'The provided starting key is invalid',
      ],
      [
        'a start key without its sort key',
        range('a = :b', B, { ExclusiveStartKey: { a: S('b') } }),
        'The provided starting key is invalid',
      ],
      [
        'a start key with another attribute',
        range('a = :b', B, { ExclusiveStartKey: { a: S('b'), z: S('b') } }),
        'The provided starting key is invalid',
      ],
      [
        'a start key of another type',
        range('a = :b', B, { ExclusiveStartKey: { a: N, b: S('b') } }),
        'The provided key element does not match the schema',
      ],
      [
        'a start key with a sort key of another type',
        range('a = :b', B, { ExclusiveStartKey: { a: S('b'), b: N } }),
        'The provided key element does not match the schema',
      ],
      [
        'a start key whose values are none',
        range('a = :b', B, { ExclusiveStartKey: { a: {}, b: N } }),
        'The provided starting key is invalid: Supplied AttributeValue is empty, must contain exactly one of the supported datatypes',
      ],
      [
        'a start key of an index without the table’s key',
        range('c = :b', B, { IndexName: 'index3', ExclusiveStartKey: { x: S('a'), y: S('a'), c: S('b') } }),
        'The provided starting key is invalid: The provided key element does not match the schema',
      ],
      [
        'a start key of another partition',
        range('a = :b', B, { ExclusiveStartKey: { a: S('a'), b: S('a') } }),
        'The provided starting key is outside query boundaries based on provided conditions',
      ],
      [
        'a start key of another partition of an index',
        range('c = :b', B, { IndexName: 'index3', ExclusiveStartKey: { a: S('a'), b: S('a'), c: S('a') } }),
        'The provided starting key is outside query boundaries based on provided conditions',
      ],
      [
        'a start key out of the range',
        range('a = :b AND b > :b', B, { ExclusiveStartKey: { a: S('b'), b: S('a') } }),
        'The provided starting key does not match the range key predicate',
      ],
      [
        'a start key in the range of another partition',
        range('a = :b AND b < :b', B, { ExclusiveStartKey: { a: S('a'), b: S('a') } }),
        'The query can return at most one row and cannot be restarted',
      ],
      [
        'a missing table before all that',
        range('b = :b', B, { TableName: 'nowhere', ExclusiveStartKey: {} }),
        'Requested resource not found',
      ],
      [
        'a missing index before that',
        range('z = :b', B, { IndexName: 'whatever', ExclusiveStartKey: {} }),
        'The table does not have the specified index: whatever',
      ],
      [
        'a condition that is missing before the rest of a start key',
        range('z = :b', B, { ExclusiveStartKey: { a: S('a'), b: N } }),
        'Query condition missed key schema element: a',
      ],
    ])('%s', async (_what, input, message) => {
      const { refusal } = await rangeFixture()
      // So that the types of that table's key are known, too.
      expect((await refusal('Query', input)).message).toBe(message)
    })
  })
})

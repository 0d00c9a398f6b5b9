import { describe, expect, test } from 'vitest'
import { type FixtureTable, serviceFixture } from '../../../support/service-fixture.js'

const INDEXED: FixtureTable = {
  name: 'indexed',
  key: ['pk', 'sk'],
  indexes: {
    global: { key: ['g', 'n'], projection: 'KEYS_ONLY' },
    some: { key: ['h'], projection: ['shown'] },
    local: { key: ['pk', 'l'], local: true },
  },
}
const INVALID = 'One or more parameter values were invalid:'

describe('PutItem', () => {
  test('stores an item that GetItem finds, with its numbers expanded and trimmed', async () => {
    const { call } = await serviceFixture()
    const item = {
      pk: { S: 'a' },
      n: { N: '0042.1200' },
      b: { B: new Uint8Array([1, 2]) },
      t: { BOOL: true },
      z: { NULL: true },
      l: { L: [{ S: 'x' }, { N: '1E125' }] },
      m: { M: { constructor: { S: 'own' }, hasOwnProperty: { N: '+5' } } },
      ss: { SS: ['a', ''] },
      ns: { NS: ['1', '12345678901234567890123456789012345678'] },
      bs: { BS: [new Uint8Array([1]), new Uint8Array()] },
    }
    expect(await call('PutItem', { TableName: 'simple', Item: item })).toEqual({})
    const { Item: found } = await call('GetItem', { TableName: 'simple', Key: { pk: { S: 'a' } } })
    expect(found).toEqual({
      ...item,
      n: { N: '42.12' },
      l: { L: [{ S: 'x' }, { N: `1${'0'.repeat(125)}` }] },
      m: { M: { constructor: { S: 'own' }, hasOwnProperty: { N: '5' } } },
    })
  })

  test('replaces the whole item', async () => {
    const { call, fill } = await serviceFixture()
    await fill('simple', [{ pk: { S: 'a' }, x: { S: '1' } }])
    const answer = await call('PutItem', { TableName: 'simple', Item: { pk: { S: 'a' } }, ReturnValues: 'ALL_OLD' })
    expect(answer).toEqual({ Attributes: { pk: { S: 'a' }, x: { S: '1' } } })
    expect(await call('GetItem', { TableName: 'simple', Key: { pk: { S: 'a' } } })).toEqual({
      Item: { pk: { S: 'a' } },
    })
  })

  test('a table may be named by its ARN, and is reported as it was named', async () => {
    const { call } = await serviceFixture()
    const TableName = 'arn:aws:dynamodb:us-east-1:000000000000:table/simple'
    const put = { TableName, Item: { pk: { S: 'a' } }, ReturnConsumedCapacity: 'TOTAL' }
    expect(await call('PutItem', put)).toEqual({ ConsumedCapacity: { TableName, CapacityUnits: 1 } })
  })

  test('a missing table is not found, after what is wrong with the request alone', async () => {
    const { refusal } = await serviceFixture()
    const missing = await refusal('PutItem', { TableName: 'nowhere', Item: { pk: { S: 'a' } } })
    expect(missing).toMatchObject({ name: 'ResourceNotFoundException', message: 'Requested resource not found' })
    const first = await refusal('PutItem', { TableName: 'nowhere', Item: { pk: { N: 'x' } } })
    expect(first.message).toBe('The parameter cannot be converted to a numeric value: x')
  })

  describe('a value is refused in the words of DynamoDB:', () => {
    const cases: [what: string, value: object, message: string][] = [
      ['no type', {}, 'Supplied AttributeValue is empty, must contain exactly one of the supported datatypes'],
      [
        'two types',
        { S: 'a', N: '1' },
        'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes',
      ],
      ['null that is false', { NULL: false }, `${INVALID} Null attribute value types must have the value of true`],
      ['an empty string set', { SS: [] }, `${INVALID} An string set  may not be empty`],
      ['an empty number set', { NS: [] }, `${INVALID} An number set  may not be empty`],
      ['an empty binary set', { BS: [] }, `${INVALID} Binary sets should not be empty`],
      ['a string twice', { SS: ['a', 'a'] }, `${INVALID} Input collection [a, a] contains duplicates.`],
      ['a number twice', { NS: ['1', '1.0'] }, 'Input collection contains duplicates'],
      [
        'a large number twice',
        { NS: ['0.12345678901234567890', '1.234567890123456789E-1'] },
        'Input collection contains duplicates',
      ],
      [
        'bytes twice',
        { BS: [Buffer.from('b'), Buffer.from('b')] },
        `${INVALID} Input collection [Yg==, Yg==]of type BS contains duplicates.`,
      ],
      ['an empty number', { N: '' }, 'The parameter cannot be converted to a numeric value'],
      ['an empty number in a set', { NS: ['1', ''] }, 'The parameter cannot be converted to a numeric value'],
      ['no number', { N: 'abc' }, 'The parameter cannot be converted to a numeric value: abc'],
      ['a number with spaces', { N: ' 1' }, 'The parameter cannot be converted to a numeric value:  1'],
      ['a hexadecimal number', { N: '0x10' }, 'The parameter cannot be converted to a numeric value: 0x10'],
      ['not a number', { N: 'NaN' }, 'The parameter cannot be converted to a numeric value: NaN'],
      ['39 digits', { N: '1'.repeat(39) }, 'Attempting to store more than 38 significant digits in a Number'],
      [
        'too large a number',
        { N: '1E126' },
        'Number overflow. Attempting to store a number with magnitude larger than supported range',
      ],
      [
        'too small a number',
        { N: '-1E-131' },
        'Number underflow. Attempting to store a number with magnitude smaller than supported range',
      ],
      ['an empty name inside', { M: { '': { S: 'a' } } }, 'Empty attribute name'],
      [
        'a name that is no data',
        { M: JSON.parse('{"__proto__":{"S":"a"}}') },
        `${INVALID} An attribute can't be called __proto__`,
      ],
    ]
    test.each(cases)('%s', async (_what, value, message) => {
      const { refusal } = await serviceFixture()
      expect(await refusal('PutItem', { TableName: 'simple', Item: { pk: { S: 'a' }, v: value } })).toMatchObject({
        name: 'ValidationException',
        message,
      })
      expect(({} as { S?: unknown }).S).toBeUndefined()
    })
  })

  test('31 maps inside one another are accepted, 32 are not', async () => {
    const { call, refusal } = await serviceFixture()
    const nested = (levels: number): object => (levels === 0 ? { S: 'x' } : { M: { a: nested(levels - 1) } })
    await call('PutItem', { TableName: 'simple', Item: { pk: { S: 'a' }, v: nested(31) } })
    const { message } = await refusal('PutItem', { TableName: 'simple', Item: { pk: { S: 'a' }, v: nested(32) } })
    expect(message).toBe(
      'Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit',
    )
    let list: object = { S: 'x' }
    for (let level = 0; level < 1000; level++) list = { L: [list] }
    await refusal('PutItem', { TableName: 'simple', Item: { pk: { S: 'a' }, v: list } })
  })

  test('an item of 409,600 bytes is stored, one of 409,601 is not', async () => {
    const { call, refusal } = await serviceFixture()
    const item = (bytes: number) => ({ pk: { S: 'a' }, v: { S: 'x'.repeat(bytes - 'pka'.length - 'v'.length) } })
    await call('PutItem', { TableName: 'simple', Item: item(409_600) })
    const { message } = await refusal('PutItem', { TableName: 'simple', Item: item(409_601) })
    expect(message).toBe('Item size has exceeded the maximum allowed size')
  })

  test('a name of an attribute has up to 65,535 bytes', async () => {
    const { call, refusal } = await serviceFixture()
    const item = (length: number) => ({ pk: { S: 'a' }, ['é'.repeat(length / 2) + 'x'.repeat(length % 2)]: { S: 'v' } })
    await call('PutItem', { TableName: 'simple', Item: item(65_535) })
    expect((await refusal('PutItem', { TableName: 'simple', Item: item(65_536) })).message).toBe(
      `${INVALID} Attribute name is too large, must be less than 65536 bytes`,
    )
  })

  test('an item has to fit together with what local indexes have of it', async () => {
    const { call, refusal } = await serviceFixture(INDEXED)
    const item = (bytes: number, more = {}) => ({
      pk: { S: 'a' },
      sk: { S: 'b' },
      v: { S: 'x'.repeat(bytes) },
      ...more,
    })
    await call('PutItem', { TableName: 'indexed', Item: item(300_000) })
    const { message } = await refusal('PutItem', { TableName: 'indexed', Item: item(300_000, { l: { S: '1' } }) })
    expect(message).toBe('Item size has exceeded the maximum allowed size')
    await call('PutItem', { TableName: 'indexed', Item: item(200_000, { l: { S: '1' } }) })
  })

  describe('keys:', () => {
    test('a missing one', async () => {
      const { refusal } = await serviceFixture()
      const { message } = await refusal('PutItem', { TableName: 'sorted', Item: { pk: { S: 'a' } } })
      expect(message).toBe(`${INVALID} Missing the key sk in the item`)
    })

    test('one of another type', async () => {
      const { refusal, fill } = await serviceFixture()
      await fill('simple', [{ pk: { S: 'a' } }])
      const { message } = await refusal('PutItem', { TableName: 'simple', Item: { pk: { N: '1' } } })
      expect(message).toBe(`${INVALID} Type mismatch for key pk expected: S actual: N`)
    })

    test('an empty one', async () => {
      const { refusal } = await serviceFixture()
      const { message } = await refusal('PutItem', { TableName: 'simple', Item: { pk: { S: '' } } })
      expect(message).toBe(
        'One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: pk',
      )
    })

    test('up to 2048 and 1024 bytes', async () => {
      const { call, refusal } = await serviceFixture()
      const item = (partition: number, sort: number) => ({
        pk: { S: 'é'.repeat(partition / 2) },
        sk: { S: 'x'.repeat(sort) },
      })
      await call('PutItem', { TableName: 'sorted', Item: item(2048, 1024) })
      const tooLong = await refusal('PutItem', { TableName: 'sorted', Item: item(2050, 1) })
      expect(tooLong.message).toBe(`${INVALID} Size of hashkey has exceeded the maximum size limit of2048 bytes`)
      const { message } = await refusal('PutItem', { TableName: 'sorted', Item: item(2, 1025) })
      expect(message).toBe(`${INVALID} Aggregated size of all range keys has exceeded the size limit of 1024 bytes`)
    })

    test('an attribute of another type than its index, before the condition is looked at', async () => {
      const { refusal, fill } = await serviceFixture(INDEXED)
      const item = { pk: { S: 'a' }, sk: { S: 'b' }, h: { S: 'h' } }
      await fill('indexed', [item])
      const put = {
        TableName: 'indexed',
        Item: { ...item, h: { N: '1' } },
        ConditionExpression: 'attribute_not_exists(pk)',
      }
      expect((await refusal('PutItem', put)).message).toBe(
        `${INVALID} Type mismatch for Index Key h Expected: S Actual: N IndexName: some`,
      )
    })

    test('an empty attribute that an index has in its key', async () => {
      const { refusal } = await serviceFixture(INDEXED)
      const item = { pk: { S: 'a' }, sk: { S: 'b' }, h: { S: '' } }
      expect((await refusal('PutItem', { TableName: 'indexed', Item: item })).message).toBe(
        'One or more parameter values are not valid. A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty string value. IndexName: some, IndexKey: h',
      )
    })
  })

  describe('conditions:', () => {
    const put = {
      TableName: 'simple',
      Item: { pk: { S: 'a' }, v: { N: '2' } },
      ConditionExpression: 'attribute_not_exists(#k) OR v = :one',
      ExpressionAttributeNames: { '#k': 'pk' },
      ExpressionAttributeValues: { ':one': { N: '1.0' } },
    }

    test('one that is false refuses, with the item if it is asked for', async () => {
      const { call, refusal } = await serviceFixture()
      await call('PutItem', put)
      expect(await refusal('PutItem', put)).toMatchObject({
        name: 'ConditionalCheckFailedException',
        message: 'The conditional request failed',
        members: {},
      })
      const asking = { ...put, ReturnValuesOnConditionCheckFailure: 'ALL_OLD', ReturnConsumedCapacity: 'TOTAL' }
      expect((await refusal('PutItem', asking)).members).toEqual({ Item: { pk: { S: 'a' }, v: { N: '2' } } })
    })

    test('one that is true does not', async () => {
      const { call, fill } = await serviceFixture()
      await fill('simple', [{ pk: { S: 'a' }, v: { N: '1' } }])
      expect(await call('PutItem', put)).toEqual({})
    })

    const refused: [what: string, more: object, message: string][] = [
      [
        'an unused value',
        { ExpressionAttributeValues: { ':one': { N: '1' }, ':two': { N: '2' } } },
        'Value provided in ExpressionAttributeValues unused in expressions: keys: {:two}',
      ],
      [
        'an unused name',
        { ExpressionAttributeNames: { '#k': 'pk', '#l': 'x' } },
        'Value provided in ExpressionAttributeNames unused in expressions: keys: {#l}',
      ],
      [
        'an undefined value',
        { ExpressionAttributeValues: undefined },
        'Invalid ConditionExpression: An expression attribute value used in expression is not defined; attribute value: :one',
      ],
      [
        'an empty expression',
        { ConditionExpression: '' },
        'Invalid ConditionExpression: The expression can not be empty;',
      ],
      [
        'a value that is none',
        { ExpressionAttributeValues: { ':one': { SS: [] } } },
        `ExpressionAttributeValues contains invalid value: ${INVALID} An string set  may not be empty for key :one`,
      ],
      [
        'a value with a wrong name',
        { ExpressionAttributeValues: { one: { SS: [] } } },
        'ExpressionAttributeValues contains invalid key: Syntax error; key: "one"',
      ],
      ['no values at all', { ExpressionAttributeValues: {} }, 'ExpressionAttributeValues must not be empty'],
      [
        'no names at all',
        { ExpressionAttributeNames: {}, ExpressionAttributeValues: { one: { SS: [] } } },
        'ExpressionAttributeNames must not be empty',
      ],
      [
        'too long an expression',
        { ConditionExpression: `pk = :one${' '.repeat(4100)}` },
        'Invalid ConditionExpression: Expression size has exceeded the maximum allowed size; expression size: 4109',
      ],
      [
        'a path into the key',
        { ConditionExpression: 'attribute_exists(#k.x) AND v = :one' },
        "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: Key: pk",
      ],
    ]
    test.each(refused)('refuses %s', async (_what, more, message) => {
      const { refusal } = await serviceFixture()
      expect((await refusal('PutItem', { ...put, ...more })).message).toBe(message)
    })

    test('refuses both forms of conditions in one request', async () => {
      const { refusal } = await serviceFixture()
      const both = { ...put, Expected: { v: { Exists: false } } }
      expect((await refusal('PutItem', both)).message).toBe(
        'Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {Expected} Expression parameters: {ConditionExpression}',
      )
    })

    test('refuses names and values without an expression', async () => {
      const { refusal } = await serviceFixture()
      const item = { TableName: 'simple', Item: { pk: { S: 'a' } } }
      expect((await refusal('PutItem', { ...item, ExpressionAttributeNames: { '#a': 'a' } })).message).toBe(
        'ExpressionAttributeNames can only be specified when using expressions',
      )
      expect((await refusal('PutItem', { ...item, ExpressionAttributeValues: { ':a': { S: 'a' } } })).message).toBe(
        'ExpressionAttributeValues can only be specified when using expressions: ConditionExpression is null',
      )
    })
  })

  test('returns the old item or nothing', async () => {
    const { refusal } = await serviceFixture()
    const put = { TableName: 'simple', Item: { pk: { S: 'a' } }, ReturnValues: 'UPDATED_NEW' }
    expect((await refusal('PutItem', put)).message).toBe('ReturnValues can only be ALL_OLD or NONE')
  })

  describe('capacity:', () => {
    const item = (bytes: number, more = {}) => ({
      pk: { S: 'a' },
      sk: { S: 'b' },
      v: { S: 'x'.repeat(bytes - 'pkaskbv'.length) },
      ...more,
    })

    test('the larger of the item before and the item after, by the kilobyte', async () => {
      const { call } = await serviceFixture()
      const unitsOf = async (bytes: number) => {
        const put = { TableName: 'sorted', Item: item(bytes), ReturnConsumedCapacity: 'TOTAL' }
        return (await call('PutItem', put))['ConsumedCapacity']
      }
      expect(await unitsOf(1024)).toEqual({ TableName: 'sorted', CapacityUnits: 1 })
      expect(await unitsOf(1025)).toEqual({ TableName: 'sorted', CapacityUnits: 2 })
      expect(await unitsOf(1024)).toEqual({ TableName: 'sorted', CapacityUnits: 2 })
      expect(await unitsOf(100)).toEqual({ TableName: 'sorted', CapacityUnits: 1 })
    })

    test('each index by what changes in its view: one that comes, one that moves, one that stays', async () => {
      const { call } = await serviceFixture(INDEXED)
      const consumed = async (put: object) =>
        (await call('PutItem', { TableName: 'indexed', Item: put, ReturnConsumedCapacity: 'INDEXES' }))[
          'ConsumedCapacity'
        ]
      const keys = { g: { S: 'g' }, n: { N: '1' }, h: { S: 'h' }, shown: { S: 's' } }
      expect(await consumed(item(2000, keys))).toEqual({
        TableName: 'indexed',
        CapacityUnits: 4,
        Table: { CapacityUnits: 2 },
        GlobalSecondaryIndexes: { global: { CapacityUnits: 1 }, some: { CapacityUnits: 1 } },
      })
      // A move is written twice, and what keeps its view costs nothing and is not reported.
      expect(await consumed(item(2000, { ...keys, n: { N: '2' } }))).toEqual({
        TableName: 'indexed',
        CapacityUnits: 4,
        Table: { CapacityUnits: 2 },
        GlobalSecondaryIndexes: { global: { CapacityUnits: 2 } },
      })
      // In its place: the larger view. The local index shows everything.
      expect(await consumed(item(2000, { ...keys, l: { S: 'l' } }))).toMatchObject({
        LocalSecondaryIndexes: { local: { CapacityUnits: 2 } },
        GlobalSecondaryIndexes: { global: { CapacityUnits: 2 } },
      })
      expect(await consumed(item(3500, { ...keys, l: { S: 'l' }, shown: { S: 'other' } }))).toEqual({
        TableName: 'indexed',
        CapacityUnits: 9,
        Table: { CapacityUnits: 4 },
        LocalSecondaryIndexes: { local: { CapacityUnits: 4 } },
        GlobalSecondaryIndexes: { some: { CapacityUnits: 1 } },
      })
    })
  })

  test('tells of the item collection in a table with local indexes only', async () => {
    const { call } = await serviceFixture(INDEXED)
    const put = { Item: { pk: { S: 'a' }, sk: { S: 'b' } }, ReturnItemCollectionMetrics: 'SIZE' }
    expect(await call('PutItem', { ...put, TableName: 'indexed' })).toEqual({
      ItemCollectionMetrics: { ItemCollectionKey: { pk: { S: 'a' } }, SizeEstimateRangeGB: [0, 1] },
    })
    expect(await call('PutItem', { ...put, TableName: 'sorted' })).toEqual({})
  })

  test('an item whose time is over is as good as gone', async () => {
    const { call, clock, fill } = await serviceFixture({ name: 'mortal', key: ['pk'], ttl: 'until' })
    await fill('mortal', [{ pk: { S: 'a' }, until: { N: String(Math.floor(clock.seconds) + 10) } }])
    clock.advance(11)
    const put = { TableName: 'mortal', Item: { pk: { S: 'a' } }, ConditionExpression: 'attribute_not_exists(pk)' }
    expect(await call('PutItem', { ...put, ReturnValues: 'ALL_OLD' })).toEqual({})
  })
})

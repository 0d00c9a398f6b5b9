import { describe, expect, test } from 'vitest'
import { serviceFixture } from '../../../support/service-fixture.js'

const key = (pk: string) => ({ pk: { S: pk } })
const put = (pk: string, more: object = {}, options: object = {}) => ({
  Put: { TableName: 'simple', Item: { ...key(pk), ...more }, ...options },
})
const remove = (pk: string, options: object = {}) => ({ Delete: { TableName: 'simple', Key: key(pk), ...options } })
const check = (pk: string, ConditionExpression: string, options: object = {}) => ({
  ConditionCheck: { TableName: 'simple', Key: key(pk), ConditionExpression, ...options },
})
const add = (pk: string, n: string, options: object = {}) => ({
  Update: {
    TableName: 'simple',
    Key: key(pk),
    UpdateExpression: 'ADD n :n',
    ExpressionAttributeValues: { ':n': { N: n } },
    ...options,
  },
})

describe('TransactWriteItems', () => {
  test('does all of it', async () => {
    const { call, fill } = await serviceFixture()
    await fill('simple', [{ ...key('there'), n: { N: '1' } }, key('old')])
    const TransactItems = [
      check('there', 'n = :one', { ExpressionAttributeValues: { ':one': { N: '1' } } }),
      put('new', {}, { ConditionExpression: 'attribute_not_exists(pk)' }),
      add('counter', '5'),
      remove('old'),
      { Put: { TableName: 'sorted', Item: { ...key('new'), sk: { S: '1' } } } },
    ]
    expect(await call('TransactWriteItems', { TransactItems })).toEqual({})
    const { Items } = await call('Scan', { TableName: 'simple' })
    expect(Items.map((item: { pk: { S: string } }) => item.pk.S).sort()).toEqual(['counter', 'new', 'there'])
    expect(await call('Scan', { TableName: 'sorted' })).toMatchObject({ Count: 1 })
  })

  test('does nothing when a condition is false, with a reason for each action', async () => {
    const { call, fill, refusal } = await serviceFixture()
    await fill('simple', [{ ...key('there'), n: { N: '1' } }])
    const TransactItems = [
      put('new'),
      check('there', 'n = :two', {
        ExpressionAttributeValues: { ':two': { N: '2' } },
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
      remove('gone', { ConditionExpression: 'attribute_exists(pk)', ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }),
    ]
    const failed = await refusal('TransactWriteItems', { TransactItems, ReturnConsumedCapacity: 'TOTAL' })
    expect(failed).toMatchObject({
      name: 'TransactionCanceledException',
      message:
        'Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed, ConditionalCheckFailed]',
    })
    const reason = { Code: 'ConditionalCheckFailed', Message: 'The conditional request failed' }
    expect(failed.members).toEqual({
      CancellationReasons: [{ Code: 'None' }, { ...reason, Item: { ...key('there'), n: { N: '1' } } }, reason],
    })
    expect(await call('GetItem', { TableName: 'simple', Key: key('new') })).toEqual({})
  })

  describe('a single action that can not be done cancels it:', () => {
    const cases: [what: string, action: object, message: string][] = [
      [
        'a key of another type',
        { Delete: { TableName: 'simple', Key: { pk: { N: '1' } } } },
        'The provided key element does not match the schema',
      ],
      [
        'an item with a key of another type',
        { Put: { TableName: 'simple', Item: { pk: { N: '1' } } } },
        'One or more parameter values were invalid: Type mismatch for key pk expected: S actual: N',
      ],
      [
        'an item without its key',
        { Put: { TableName: 'sorted', Item: key('a') } },
        'One or more parameter values were invalid: Missing the key sk in the item',
      ],
      [
        'an update of the key',
        add('a', '1', { UpdateExpression: 'SET pk = :n' }),
        'One or more parameter values were invalid: Cannot update attribute pk. This attribute is part of the key',
      ],
      [
        'an operand of another type',
        add('there', '1', { UpdateExpression: 'SET s = s + :n' }),
        'An operand in the update expression has an incorrect data type',
      ],
      [
        'an update that makes the item too large',
        add('there', '1', {
          UpdateExpression: 'SET v = :v',
          ExpressionAttributeValues: { ':v': { S: 'x'.repeat(409_600) } },
        }),
        'Item size to update has exceeded the maximum allowed size',
      ],
    ]
    test.each(cases)('%s', async (_what, action, message) => {
      const { call, fill, refusal } = await serviceFixture()
      await fill('simple', [{ ...key('there'), s: { S: 's' } }])
      const failed = await refusal('TransactWriteItems', { TransactItems: [put('first'), action] })
      expect(failed.name).toBe('TransactionCanceledException')
      expect(failed.members).toEqual({
        CancellationReasons: [{ Code: 'None' }, { Code: 'ValidationError', Message: message }],
      })
      expect(await call('GetItem', { TableName: 'simple', Key: key('first') })).toEqual({})
    })
  })

  describe('what is wrong with the whole is refused as a whole:', () => {
    const cases: [what: string, actions: readonly object[], name: string, message: string][] = [
      [
        'two actions on one item',
        [put('a'), check('a', 'attribute_exists(pk)')],
        'ValidationException',
        'Transaction request cannot include multiple operations on one item',
      ],
      [
        'an empty key',
        [put('a'), remove('')],
        'ValidationException',
        'One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: pk',
      ],
      [
        'a put that is too large',
        [put('a', { v: { S: 'x'.repeat(409_600) } })],
        'ValidationException',
        'Item size has exceeded the maximum allowed size',
      ],
      [
        'a table that is not there',
        [put('a'), { Put: { TableName: 'nowhere', Item: key('a') } }],
        'ResourceNotFoundException',
        'Requested resource not found',
      ],
      [
        'an action that is none',
        [{}],
        'ValidationException',
        'Invalid Request: TransactWriteRequest should contain Delete or Put or Update request',
      ],
      [
        'two actions in one',
        [{ ...put('a'), ...remove('b') }],
        'ValidationException',
        'TransactItems can only contain one of Check, Put, Update or Delete',
      ],
      [
        'an expression that can not be read',
        [put('a'), check('b', 'a = = b')],
        'ValidationException',
        'Invalid ConditionExpression: Syntax error; token: "=", near: "= = b"',
      ],
      [
        'a value that no expression has',
        [add('a', '1', { ExpressionAttributeValues: { ':n': { N: '1' }, ':m': { N: '1' } } })],
        'ValidationException',
        'Value provided in ExpressionAttributeValues unused in expressions: keys: {:m}',
      ],
      [
        'more than four megabytes',
        Array.from({ length: 11 }, (_, i) => put(`${i}`, { v: { S: 'x'.repeat(400_000) } })),
        'ValidationException',
        'Transaction items size exceeds the maximum allowed',
      ],
    ]
    test.each(cases)('%s', async (_what, TransactItems, name, message) => {
      const { call, fill, refusal } = await serviceFixture()
      await fill('simple', [key('there')])
      expect(await refusal('TransactWriteItems', { TransactItems })).toMatchObject({ name, message })
      expect(await call('Scan', { TableName: 'simple' })).toMatchObject({ Count: 1 })
    })
  })

  describe('with a token', () => {
    const counted = (n = '5', more: object = {}) => ({
      TransactItems: [add('counter', n), put('other', { v: { S: 'x'.repeat(5000) } })],
      ClientRequestToken: 'token',
      ...more,
    })

    test('happens once, however often it comes, whatever the order of its members', async () => {
      const { call } = await serviceFixture()
      expect(await call('TransactWriteItems', counted())).toEqual({})
      expect(await call('TransactWriteItems', counted())).toEqual({})
      const [first, second] = counted().TransactItems as [{ Update: object }, object]
      const turned = { Update: Object.fromEntries(Object.entries(first.Update).reverse()) }
      expect(await call('TransactWriteItems', counted('5', { TransactItems: [turned, second] }))).toEqual({})
      expect(await call('GetItem', { TableName: 'simple', Key: key('counter') })).toMatchObject({
        Item: { n: { N: '5' } },
      })
    })

    test('happens once when it comes twice at the same time', async () => {
      const { call } = await serviceFixture()
      await Promise.all([call('TransactWriteItems', counted()), call('TransactWriteItems', counted())])
      expect(await call('GetItem', { TableName: 'simple', Key: key('counter') })).toMatchObject({
        Item: { n: { N: '5' } },
      })
    })

    test('is refused for another request', async () => {
      const { call, refusal } = await serviceFixture()
      await call('TransactWriteItems', counted())
      expect((await refusal('TransactWriteItems', counted('6'))).name).toBe('IdempotentParameterMismatchException')
      expect(await call('GetItem', { TableName: 'simple', Key: key('counter') })).toMatchObject({
        Item: { n: { N: '5' } },
      })
    })

    test('is free for another request after ten minutes', async () => {
      const { call, clock } = await serviceFixture()
      await call('TransactWriteItems', counted())
      clock.advance(599)
      await call('TransactWriteItems', counted())
      clock.advance(2)
      await call('TransactWriteItems', counted('6'))
      expect(await call('GetItem', { TableName: 'simple', Key: key('counter') })).toMatchObject({
        Item: { n: { N: '11' } },
      })
    })

    test('is free once the table was deleted and created again', async () => {
      const { call } = await serviceFixture()
      await call('TransactWriteItems', counted())
      await call('DeleteTable', { TableName: 'sorted' })
      await call('TransactWriteItems', counted())
      await call('DeleteTable', { TableName: 'simple' })
      await call('CreateTable', {
        TableName: 'simple',
        AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
        BillingMode: 'PAY_PER_REQUEST',
      })
      for (const n of ['7', '7']) await call('TransactWriteItems', counted(n))
      expect(await call('GetItem', { TableName: 'simple', Key: key('counter') })).toMatchObject({
        Item: { n: { N: '7' } },
      })
    })

    test('is not used up by a transaction that is cancelled', async () => {
      const { call, refusal } = await serviceFixture()
      const failing = { TransactItems: [check('none', 'attribute_exists(pk)')], ClientRequestToken: 'token' }
      await refusal('TransactWriteItems', failing)
      await call('TransactWriteItems', counted())
    })

    test('reports what it writes the first time, and what it reads when it comes again', async () => {
      const { call } = await serviceFixture()
      const counting = counted('5', { ReturnConsumedCapacity: 'TOTAL' })
      expect(await call('TransactWriteItems', counting)).toEqual({
        ConsumedCapacity: [{ TableName: 'simple', CapacityUnits: 12, WriteCapacityUnits: 12 }],
      })
      expect(await call('TransactWriteItems', counting)).toEqual({
        ConsumedCapacity: [{ TableName: 'simple', CapacityUnits: 6, ReadCapacityUnits: 6 }],
      })
    })
  })

  test('costs twice in the table, and once in its indexes', async () => {
    const { call, fill } = await serviceFixture({ name: 'indexed', key: ['pk'], indexes: { byG: { key: ['g'] } } })
    await fill('indexed', [{ ...key('old'), g: { S: 'g' }, v: { S: 'x'.repeat(2000) } }])
    await fill('simple', [{ ...key('checked'), v: { S: 'x'.repeat(3000) } }])
    const TransactItems = [
      { Put: { TableName: 'indexed', Item: { ...key('new'), g: { S: 'g' } } } },
      { Delete: { TableName: 'indexed', Key: key('old') } },
      check('checked', 'attribute_exists(pk)'),
      remove('none'),
    ]
    const { ConsumedCapacity } = await call('TransactWriteItems', { TransactItems, ReturnConsumedCapacity: 'INDEXES' })
    const units = (count: number) => ({ CapacityUnits: count, WriteCapacityUnits: count })
    expect(ConsumedCapacity).toEqual([
      { TableName: 'indexed', ...units(9), Table: units(6), GlobalSecondaryIndexes: { byG: units(3) } },
      { TableName: 'simple', ...units(8), Table: units(8) },
    ])
  })

  test('tells of the item collections it has written to', async () => {
    const { call } = await serviceFixture({
      name: 'local',
      key: ['pk', 'sk'],
      indexes: { byL: { key: ['pk', 'l'], local: true } },
    })
    const local = (pk: string, sk: string) => ({ Put: { TableName: 'local', Item: { ...key(pk), sk: { S: sk } } } })
    const TransactItems = [
      ...[put('a'), local('a', '1'), local('a', '2')],
      {
        ConditionCheck: {
          ...{ TableName: 'local', Key: { ...key('b'), sk: { S: '1' } } },
          ConditionExpression: 'attribute_not_exists(pk)',
        },
      },
    ]
    expect(await call('TransactWriteItems', { TransactItems, ReturnItemCollectionMetrics: 'SIZE' })).toEqual({
      ItemCollectionMetrics: { local: [{ ItemCollectionKey: key('a'), SizeEstimateRangeGB: [0, 1] }] },
    })
  })

  test('an update evaluates its condition and its operands against the item as it is', async () => {
    const { call, fill } = await serviceFixture()
    await fill('simple', [{ ...key('a'), n: { N: '1' } }])
    const two = add('a', '1', {
      UpdateExpression: 'SET n = n + :n, m = if_not_exists(m, :n)',
      ConditionExpression: 'n = :n',
    })
    await call('TransactWriteItems', { TransactItems: [two] })
    expect(await call('GetItem', { TableName: 'simple', Key: key('a') })).toEqual({
      Item: { ...key('a'), n: { N: '2' }, m: { N: '1' } },
    })
  })
})

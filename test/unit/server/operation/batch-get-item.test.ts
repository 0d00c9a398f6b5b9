import { describe, expect, test } from 'vitest'
import { serviceFixture } from '../../../support/service-fixture.js'

const ARN = 'arn:aws:dynamodb:us-east-1:000000000000:table/simple'
const key = (pk: string) => ({ pk: { S: pk } })

describe('BatchGetItem', () => {
  test('finds the items of several tables, and tells nothing of those there are not', async () => {
    const { call, fill } = await serviceFixture()
    await fill('simple', [
      { ...key('a'), v: { N: '1' } },
      { ...key('b'), v: { N: '2' }, w: { S: 'w' } },
    ])
    await fill('sorted', [{ ...key('a'), sk: { S: '1' } }])
    const RequestItems = {
      simple: {
        Keys: [key('b'), key('none'), key('a')],
        ProjectionExpression: '#v',
        ExpressionAttributeNames: { '#v': 'v' },
      },
      sorted: { Keys: [{ ...key('a'), sk: { S: '2' } }] },
    }
    expect(await call('BatchGetItem', { RequestItems })).toEqual({
      Responses: { simple: [{ v: { N: '2' } }, { v: { N: '1' } }], sorted: [] },
      UnprocessedKeys: {},
    })
  })

  test('costs each item by itself, in each table', async () => {
    const { call, fill } = await serviceFixture()
    await fill('simple', [{ ...key('a'), v: { S: 'x'.repeat(5000) } }, key('b')])
    const RequestItems = {
      simple: { Keys: [key('a'), key('b'), key('none')], ConsistentRead: true },
      sorted: { Keys: [{ ...key('a'), sk: { S: '2' } }] },
    }
    expect((await call('BatchGetItem', { RequestItems, ReturnConsumedCapacity: 'TOTAL' }))['ConsumedCapacity']).toEqual(
      [
        { TableName: 'simple', CapacityUnits: 4 },
        { TableName: 'sorted', CapacityUnits: 0.5 },
      ],
    )
  })

  test('leaves what is behind sixteen megabytes, in the form it can be asked for again', async () => {
    const { call, fill } = await serviceFixture()
    const keys = Array.from({ length: 50 }, (_, i) => key(`key${i}`))
    for (const each of keys) await fill('simple', [{ ...each, v: { S: 'x'.repeat(400_000) } }])
    const simple = { Keys: keys, ProjectionExpression: 'pk', ConsistentRead: true }
    const first = await call('BatchGetItem', { RequestItems: { simple } })
    expect(first['Responses'].simple).toEqual(keys.slice(0, 41))
    expect(first['UnprocessedKeys']).toEqual({ simple: { ...simple, Keys: keys.slice(41) } })
    const second = await call('BatchGetItem', { RequestItems: first['UnprocessedKeys'] })
    expect(second).toEqual({ Responses: { simple: keys.slice(41) }, UnprocessedKeys: {} })
  })

  test.each<[what: string, items: object, message: string]>([
    [
      'a key twice',
      { simple: { Keys: [key('a'), key('b'), key('a')] } },
      'Provided list of item keys contains duplicates',
    ],
    [
      'a number twice, written differently',
      { simple: { Keys: [{ pk: { N: '1' } }, { pk: { N: '1.0' } }] } },
      'Provided list of item keys contains duplicates',
    ],
    [
      'a key twice, of a table by its name and by its ARN',
      { simple: { Keys: [key('a')] }, [ARN]: { Keys: [key('b'), key('a')] } },
      'Provided list of item keys contains duplicates',
    ],
    [
      '101 keys in two tables',
      { simple: { Keys: Array.from({ length: 100 }, (_, i) => key(`${i}`)) }, sorted: { Keys: [key('a')] } },
      'Too many items requested for the BatchGetItem call',
    ],
    [
      'a key that does not match the schema',
      { simple: { Keys: [key('a'), { x: { S: 'a' } }] } },
      'The provided key element does not match the schema',
    ],
    [
      'a projection that is none',
      { simple: { Keys: [key('a')], ProjectionExpression: '' } },
      'Invalid ProjectionExpression: The expression can not be empty;',
    ],
    [
      'both forms of projections',
      { simple: { Keys: [key('a')], ProjectionExpression: 'a', AttributesToGet: ['a'] } },
      'Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {AttributesToGet} Expression parameters: {ProjectionExpression}',
    ],
    [
      'a table that is not there',
      { simple: { Keys: [key('a')] }, nowhere: { Keys: [key('a')] } },
      'Requested resource not found',
    ],
    [
      'a table called as no table is',
      JSON.parse('{"__proto__":{"Keys":[{"pk":{"S":"a"}}]}}'),
      'Requested resource not found',
    ],
  ])('refuses %s', async (_what, RequestItems, message) => {
    const { refusal } = await serviceFixture()
    expect((await refusal('BatchGetItem', { RequestItems })).message).toBe(message)
  })
})

import { describe, expect, test } from 'vitest'
import { serviceFixture } from '../../../support/service-fixture.js'

const KEY = { pk: { S: 'a' } }
const ITEM = { ...KEY, m: { M: { x: { S: '1' }, y: { L: [{ N: '0' }, { N: '1' }, { N: '2' }] } } }, n: { N: '5' } }

describe('GetItem', () => {
  test('answers nothing for a key that has no item', async () => {
    const { call } = await serviceFixture()
    expect(await call('GetItem', { TableName: 'simple', Key: KEY })).toEqual({})
  })

  test('projects paths, merged into one item', async () => {
    const { call, fill } = await serviceFixture()
    await fill('simple', [ITEM])
    const get = {
      TableName: 'simple',
      Key: KEY,
      ProjectionExpression: '#m.y[2], #m.x, #m.y[0], gone, #m.gone',
      ExpressionAttributeNames: { '#m': 'm' },
    }
    expect(await call('GetItem', get)).toEqual({
      Item: { m: { M: { x: { S: '1' }, y: { L: [{ N: '0' }, { N: '2' }] } } } },
    })
    expect(await call('GetItem', { ...get, ProjectionExpression: '#m.gone' })).toEqual({ Item: {} })
  })

  test('AttributesToGet names attributes, not paths', async () => {
    const { call, fill, refusal } = await serviceFixture()
    await fill('simple', [{ ...ITEM, 'm.x': { S: 'dotted' } }])
    expect(await call('GetItem', { TableName: 'simple', Key: KEY, AttributesToGet: ['m.x', 'n', 'gone'] })).toEqual({
      Item: { 'm.x': { S: 'dotted' }, n: { N: '5' } },
    })
    const twice = await refusal('GetItem', { TableName: 'simple', Key: KEY, AttributesToGet: ['a', 'b', 'a'] })
    expect(twice.message).toBe('One or more parameter values were invalid: Duplicate value in attribute name: a')
    const both = { TableName: 'simple', Key: KEY, AttributesToGet: ['a'], ProjectionExpression: 'a' }
    expect((await refusal('GetItem', both)).message).toBe(
      'Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {AttributesToGet} Expression parameters: {ProjectionExpression}',
    )
  })

  test.each([
    ['none of the attributes', {}],
    ['another attribute', { x: { S: 'a' } }],
    ['one more attribute', { pk: { S: 'a' }, x: { S: 'a' } }],
    ['another type', { pk: { N: '1' } }],
    ['a type that is in no key', { pk: { BOOL: true } }],
    ['an empty map', { pk: { M: {} } }],
  ])('a key of %s does not match the schema', async (_what, Key) => {
    const { refusal, fill } = await serviceFixture()
    await fill('simple', [ITEM])
    const { name, message } = await refusal('GetItem', { TableName: 'simple', Key })
    expect({ name, message }).toEqual({
      name: 'ValidationException',
      message: 'The provided key element does not match the schema',
    })
  })

  test('an empty key is refused', async () => {
    const { refusal } = await serviceFixture()
    const { message } = await refusal('GetItem', { TableName: 'simple', Key: { pk: { B: new Uint8Array() } } })
    expect(message).toBe(
      'One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty binary value. Key: pk',
    )
  })

  test('a missing table is found missing before the key is looked at, and after the expression', async () => {
    const { refusal } = await serviceFixture()
    expect((await refusal('GetItem', { TableName: 'nowhere', Key: {} })).name).toBe('ResourceNotFoundException')
    const wrong = await refusal('GetItem', { TableName: 'nowhere', Key: {}, ProjectionExpression: 'a!!' })
    expect(wrong.message).toBe('Invalid ProjectionExpression: Syntax error; token: "!", near: "a!!"')
  })

  test('a path into the key is refused', async () => {
    const { refusal } = await serviceFixture()
    const { message } = await refusal('GetItem', { TableName: 'simple', Key: KEY, ProjectionExpression: 'pk.x' })
    expect(message).toBe(
      "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: Key: pk",
    )
  })

  test('costs a unit for four kilobytes of the whole item, half of it when it need not be consistent', async () => {
    const { call, fill } = await serviceFixture()
    await fill('simple', [{ ...KEY, v: { S: 'x'.repeat(4096) } }])
    const unitsOf = async (more: object) => {
      const get = {
        TableName: 'simple',
        Key: KEY,
        ProjectionExpression: 'pk',
        ReturnConsumedCapacity: 'TOTAL',
        ...more,
      }
      return (await call('GetItem', get))['ConsumedCapacity']
    }
    expect(await unitsOf({})).toEqual({ TableName: 'simple', CapacityUnits: 1 })
    expect(await unitsOf({ ConsistentRead: true })).toEqual({ TableName: 'simple', CapacityUnits: 2 })
    expect(await unitsOf({ Key: { pk: { S: 'none' } } })).toEqual({ TableName: 'simple', CapacityUnits: 0.5 })
    expect(await unitsOf({ ReturnConsumedCapacity: 'INDEXES' })).toEqual({
      TableName: 'simple',
      CapacityUnits: 1,
      Table: { CapacityUnits: 1 },
    })
    expect(await unitsOf({ ReturnConsumedCapacity: 'NONE' })).toBeUndefined()
  })

  test('an item whose time is over is not there', async () => {
    const { call, clock, fill } = await serviceFixture({ name: 'mortal', key: ['pk'], ttl: 'until' })
    await fill('mortal', [{ ...KEY, until: { N: String(Math.floor(clock.seconds) + 10) } }])
    expect(await call('GetItem', { TableName: 'mortal', Key: KEY })).toHaveProperty('Item')
    clock.advance(11)
    expect(await call('GetItem', { TableName: 'mortal', Key: KEY })).toEqual({})
  })
})

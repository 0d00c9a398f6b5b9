import { describe, expect, test } from 'vitest'
import { type FixtureTable, serviceFixture } from '../../../support/service-fixture.js'

const KEY = { pk: { S: 'a' } }
const INDEXED: FixtureTable = { name: 'indexed', key: ['pk'], indexes: { byG: { key: ['g', 'd'] } } }

function update(UpdateExpression: string, values: Record<string, object> = {}, more: object = {}) {
  const ExpressionAttributeValues = Object.keys(values).length === 0 ? undefined : values
  return { TableName: 'simple', Key: KEY, UpdateExpression, ExpressionAttributeValues, ...more }
}

describe('UpdateItem', () => {
  test('without any update makes the bare item', async () => {
    const { call } = await serviceFixture()
    expect(await call('UpdateItem', { TableName: 'simple', Key: KEY, ReturnValues: 'ALL_NEW' })).toEqual({
      Attributes: KEY,
    })
    expect(await call('GetItem', { TableName: 'simple', Key: KEY })).toEqual({ Item: KEY })
  })

  test('a condition that the key exists makes no ghost', async () => {
    const { call, refusal } = await serviceFixture()
    const change = update('SET v = :v', { ':v': { N: '1' } }, { ConditionExpression: 'attribute_exists(pk)' })
    expect((await refusal('UpdateItem', change)).name).toBe('ConditionalCheckFailedException')
    expect(await call('GetItem', { TableName: 'simple', Key: KEY })).toEqual({})
  })

  test('reads all operands from the item as it was', async () => {
    const { call, fill } = await serviceFixture()
    await fill('simple', [{ ...KEY, a: { N: '1' }, b: { N: '2' } }])
    const { Attributes } = await call('UpdateItem', update('SET a = b, b = a', {}, { ReturnValues: 'ALL_NEW' }))
    expect(Attributes).toEqual({ ...KEY, a: { N: '2' }, b: { N: '1' } })
  })

  describe('returns', () => {
    const item = { ...KEY, m: { M: { x: { N: '1' }, y: { N: '2' } } }, gone: { S: 'soon' }, kept: { S: 'k' } }
    const change = update('SET m.x = m.x + :n, fresh = :n REMOVE gone', { ':n': { N: '5' } })
    const after = { ...KEY, m: { M: { x: { N: '6' }, y: { N: '2' } } }, fresh: { N: '5' }, kept: { S: 'k' } }

    test.each<[ReturnValues: string | undefined, Attributes: object | undefined]>([
      [undefined, undefined],
      ['NONE', undefined],
      ['ALL_OLD', item],
      ['ALL_NEW', after],
      ['UPDATED_OLD', { m: { M: { x: { N: '1' } } }, gone: { S: 'soon' } }],
      ['UPDATED_NEW', { m: { M: { x: { N: '6' } } }, fresh: { N: '5' } }],
    ])('%s', async (ReturnValues, Attributes) => {
      const { call, fill } = await serviceFixture()
      await fill('simple', [item])
      expect(await call('UpdateItem', { ...change, ReturnValues })).toEqual(
        Attributes === undefined ? {} : { Attributes },
      )
      expect(await call('GetItem', { TableName: 'simple', Key: KEY })).toEqual({ Item: after })
    })

    test('no attributes when there was no item, or nothing is left of what was updated', async () => {
      const { call } = await serviceFixture()
      const set = update('SET v = :v', { ':v': { N: '1' } })
      expect(await call('UpdateItem', { ...set, ReturnValues: 'ALL_OLD' })).toEqual({})
      expect(await call('UpdateItem', { ...update('REMOVE v'), ReturnValues: 'UPDATED_NEW' })).toEqual({})
      expect(await call('UpdateItem', { ...set, ReturnValues: 'UPDATED_OLD' })).toEqual({})
    })
  })

  test('the old item comes with a condition that is false only if it is asked for', async () => {
    const { fill, refusal } = await serviceFixture()
    await fill('simple', [KEY])
    const change = update('REMOVE v', {}, { ConditionExpression: 'attribute_exists(v)', ReturnValues: 'ALL_OLD' })
    expect((await refusal('UpdateItem', change)).members).toEqual({})
    const asking = { ...change, ReturnValuesOnConditionCheckFailure: 'ALL_OLD', ReturnValues: 'ALL_NEW' }
    expect((await refusal('UpdateItem', asking)).members).toEqual({ Item: KEY })
  })

  test.each<[what: string, change: object, message: string]>([
    [
      'a key attribute',
      update('SET pk = :v', { ':v': { S: 'b' } }),
      'One or more parameter values were invalid: Cannot update attribute pk. This attribute is part of the key',
    ],
    [
      'a path into a key attribute',
      update('SET pk.x = :v', { ':v': { S: 'b' } }),
      'One or more parameter values were invalid: Cannot update attribute pk. This attribute is part of the key',
    ],
    [
      'a map that is not there',
      update('SET m.x = :v', { ':v': { S: 'b' } }),
      'The document path provided in the update expression is invalid for update',
    ],
    [
      'an attribute that is not there as an operand',
      update('SET v = w'),
      'The provided expression refers to an attribute that does not exist in the item',
    ],
    [
      'an operand of a wrong type',
      update('SET v = s + :n', { ':n': { N: '1' } }),
      'An operand in the update expression has an incorrect data type',
    ],
    [
      'paths that overlap',
      update('SET m = :v REMOVE m.x', { ':v': { S: 'b' } }),
      'Invalid UpdateExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [m], path two: [m, x]',
    ],
    [
      'a sum that no number can hold',
      update('SET v = n + :n', { ':n': { N: '9E125' } }),
      'Number overflow. Attempting to store a number with magnitude larger than supported range',
    ],
    [
      'an unused value, of both expressions together',
      update('SET v = :a', { ':a': { S: 'b' }, ':b': { S: 'b' }, ':c': { S: 'c' } }, { ConditionExpression: 's = :b' }),
      'Value provided in ExpressionAttributeValues unused in expressions: keys: {:c}',
    ],
    [
      'an undefined value',
      update('SET v = :a'),
      'Invalid UpdateExpression: An expression attribute value used in expression is not defined; attribute value: :a',
    ],
    [
      'both forms of everything',
      update('SET v = :a', { ':a': { S: 'b' } }, { AttributeUpdates: {}, Expected: {}, ConditionExpression: 'a = :a' }),
      'Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {AttributeUpdates, Expected} Expression parameters: {UpdateExpression, ConditionExpression}',
    ],
    [
      'values without an expression',
      { TableName: 'simple', Key: KEY, ExpressionAttributeValues: { ':a': { S: 'a' } } },
      'ExpressionAttributeValues can only be specified when using expressions: UpdateExpression and ConditionExpression are null',
    ],
  ])('refuses %s', async (_what, change, message) => {
    const { call, fill, refusal } = await serviceFixture()
    const item = { ...KEY, s: { S: 's' }, n: { N: '9E125' } }
    await fill('simple', [item])
    expect(await refusal('UpdateItem', change)).toMatchObject({
      name: 'ValidationException',
      message,
    })
    const { Item } = await call('GetItem', { TableName: 'simple', Key: KEY })
    expect(Item.s).toEqual(item.s)
  })

  test('an index behind the end of a list appends; removing an element moves the others', async () => {
    const { call, fill } = await serviceFixture()
    await fill('simple', [{ ...KEY, l: { L: [{ N: '0' }, { N: '1' }, { N: '2' }] } }])
    const change = update('SET l[9] = :v REMOVE l[0]', { ':v': { S: 'new' } }, { ReturnValues: 'ALL_NEW' })
    expect((await call('UpdateItem', change))['Attributes'].l).toEqual({ L: [{ N: '1' }, { N: '2' }, { S: 'new' }] })
  })

  test('an item that has become too big is refused, and 409,600 bytes are not too big', async () => {
    const { call, refusal } = await serviceFixture()
    const grown = (bytes: number) => update('SET v = :v', { ':v': { S: 'x'.repeat(bytes - 'pkav'.length) } })
    await call('UpdateItem', grown(409_600))
    expect((await refusal('UpdateItem', grown(409_601))).message).toBe(
      'Item size to update has exceeded the maximum allowed size',
    )
  })

  test('an index can not be given a value of another type, nor be looked into', async () => {
    const { fill, refusal } = await serviceFixture(INDEXED)
    await fill('indexed', [{ ...KEY, g: { S: 'g' }, d: { S: 'd' } }])
    const wrong = update('SET g = :v', { ':v': { N: '1' } }, { TableName: 'indexed' })
    expect((await refusal('UpdateItem', wrong)).message).toBe(
      'One or more parameter values were invalid: Type mismatch for Index Key g Expected: S Actual: N IndexName: byG',
    )
    const inside = update('SET d.x = :v', { ':v': { N: '1' } }, { TableName: 'indexed' })
    expect((await refusal('UpdateItem', inside)).message).toBe(
      "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: IndexKey: d",
    )
  })

  test('an attribute of an index is only found to have another type when it is computed', async () => {
    const { fill, refusal } = await serviceFixture(INDEXED)
    await fill('indexed', [{ ...KEY, g: { S: 'g' }, d: { S: 'd' }, e: { N: '1' } }])
    expect((await refusal('UpdateItem', update('SET g = e', {}, { TableName: 'indexed' }))).message).toBe(
      'The update expression attempted to update the secondary index key to unsupported type',
    )
  })

  test('costs the larger of before and after, and two writes in an index in which the item moves', async () => {
    const { call, fill } = await serviceFixture(INDEXED)
    await fill('indexed', [{ ...KEY, g: { S: 'g' }, d: { S: 'd' }, v: { S: 'x'.repeat(1500) } }])
    const consumed = async (change: object) =>
      (await call('UpdateItem', { ...change, TableName: 'indexed', ReturnConsumedCapacity: 'INDEXES' }))[
        'ConsumedCapacity'
      ]
    expect(await consumed(update('SET g = :g', { ':g': { S: 'h' } }))).toEqual({
      TableName: 'indexed',
      CapacityUnits: 6,
      Table: { CapacityUnits: 2 },
      GlobalSecondaryIndexes: { byG: { CapacityUnits: 4 } },
    })
    expect(await consumed(update('REMOVE v'))).toEqual({
      TableName: 'indexed',
      CapacityUnits: 4,
      Table: { CapacityUnits: 2 },
      GlobalSecondaryIndexes: { byG: { CapacityUnits: 2 } },
    })
    expect(await consumed(update('REMOVE v'))).toEqual({
      TableName: 'indexed',
      CapacityUnits: 1,
      Table: { CapacityUnits: 1 },
    })
  })
})

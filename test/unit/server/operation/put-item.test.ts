import { describe, expect, test } from 'vitest'
import { serviceFixture } from '../../../support/service-fixture.js'

describe('PutItem', () => {
  test('stores an item that GetItem finds', async () => {
    const { call } = await serviceFixture()
    const item = {
      pk: { S: 'a' },
      n: { N: '0042.1200' },
      b: { B: new Uint8Array([1, 2]) },
      t: { BOOL: true },
      z: { NULL: true },
      l: { L: [{ S: 'x' }, { N: '1E125' }] },
      m: { M: { constructor: { S: 'own' } } },
      ss: { SS: ['a', 'b'] },
      ns: { NS: ['1', '12345678901234567890123456789012345678'] },
      bs: { BS: [new Uint8Array([1])] },
    }
    expect(await call('PutItem', { TableName: 'simple', Item: item })).toEqual({})
    const { Item: found } = await call('GetItem', { TableName: 'simple', Key: { pk: { S: 'a' } } })
    expect(found).toEqual({ ...item, n: { N: '42.12' }, l: { L: [{ S: 'x' }, { N: `1${'0'.repeat(125)}` }] } })
  })

  test('a condition that is false refuses', async () => {
    const { call, refusal } = await serviceFixture()
    const put = {
      TableName: 'simple',
      Item: { pk: { S: 'a' } },
      ConditionExpression: 'attribute_not_exists(#k)',
      ExpressionAttributeNames: { '#k': 'pk' },
    }
    await call('PutItem', put)
    expect(await refusal('PutItem', put)).toMatchObject({
      name: 'ConditionalCheckFailedException',
      message: 'The conditional request failed',
      members: {},
    })
    expect((await refusal('PutItem', { ...put, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' })).members).toEqual({
      Item: { pk: { S: 'a' } },
    })
  })

  test('refuses an item without its key', async () => {
    const { refusal } = await serviceFixture()
    expect((await refusal('PutItem', { TableName: 'simple', Item: { x: { S: 'a' } } })).message).toBe(
      'One or more parameter values were invalid: Missing the key pk in the item',
    )
  })
})

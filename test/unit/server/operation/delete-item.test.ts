import { describe, expect, test } from 'vitest'
import { serviceFixture } from '../../../support/service-fixture.js'

const KEY = { pk: { S: 'a' } }

describe('DeleteItem', () => {
  test('removes an item and returns it if it is asked to', async () => {
    const { call, fill } = await serviceFixture()
    await fill('simple', [{ ...KEY, v: { N: '1' } }])
    const remove = { TableName: 'simple', Key: KEY, ReturnValues: 'ALL_OLD' }
    expect(await call('DeleteItem', remove)).toEqual({ Attributes: { ...KEY, v: { N: '1' } } })
    expect(await call('DeleteItem', remove)).toEqual({})
    expect(await call('DeleteItem', { TableName: 'simple', Key: KEY })).toEqual({})
  })

  test('keeps an item when the condition is false', async () => {
    const { call, fill, refusal } = await serviceFixture()
    await fill('simple', [{ ...KEY, v: { N: '1' } }])
    const remove = {
      TableName: 'simple',
      Key: KEY,
      ConditionExpression: 'v > :v',
      ExpressionAttributeValues: { ':v': { N: '1' } },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    }
    expect(await refusal('DeleteItem', remove)).toMatchObject({
      name: 'ConditionalCheckFailedException',
      members: { Item: { ...KEY, v: { N: '1' } } },
    })
    expect(await call('GetItem', { TableName: 'simple', Key: KEY })).toHaveProperty('Item')
  })

  test('a condition on an item that is not there is asked of nothing', async () => {
    const { call, refusal } = await serviceFixture()
    const remove = { TableName: 'simple', Key: KEY, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }
    expect(await refusal('DeleteItem', { ...remove, ConditionExpression: 'attribute_exists(pk)' })).toMatchObject({
      name: 'ConditionalCheckFailedException',
      members: {},
    })
    expect(await call('DeleteItem', { ...remove, ConditionExpression: 'attribute_not_exists(pk)' })).toEqual({})
  })

  test('refuses a key that does not match the schema, and other return values', async () => {
    const { refusal } = await serviceFixture()
    expect((await refusal('DeleteItem', { TableName: 'sorted', Key: KEY })).message).toBe(
      'The provided key element does not match the schema',
    )
    expect((await refusal('DeleteItem', { TableName: 'simple', Key: KEY, ReturnValues: 'ALL_NEW' })).message).toBe(
      'ReturnValues can only be ALL_OLD or NONE',
    )
  })

  test('costs what the item had, in the table and in each index that showed it', async () => {
    const { call, fill } = await serviceFixture({
      name: 'indexed',
      key: ['pk'],
      indexes: { all: { key: ['g'] }, keys: { key: ['g'], projection: 'KEYS_ONLY' }, none: { key: ['h'] } },
    })
    await fill('indexed', [{ ...KEY, g: { S: 'g' }, v: { S: 'x'.repeat(3000) } }])
    const remove = { TableName: 'indexed', Key: KEY, ReturnConsumedCapacity: 'INDEXES' }
    expect(await call('DeleteItem', remove)).toEqual({
      ConsumedCapacity: {
        TableName: 'indexed',
        CapacityUnits: 7,
        Table: { CapacityUnits: 3 },
        GlobalSecondaryIndexes: { all: { CapacityUnits: 3 }, keys: { CapacityUnits: 1 } },
      },
    })
    expect(await call('DeleteItem', remove)).toEqual({
      ConsumedCapacity: { TableName: 'indexed', CapacityUnits: 1, Table: { CapacityUnits: 1 } },
    })
  })
})

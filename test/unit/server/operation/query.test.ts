import { describe, expect, test } from 'vitest'
import { serviceFixture } from '../../../support/service-fixture.js'

describe('Query', () => {
  test('goes through a partition page by page', async () => {
    const { call, fill } = await serviceFixture()
    const items = ['1', '2', '3', '4'].map((sk) => ({ pk: { S: 'a' }, sk: { S: sk } }))
    await fill('sorted', [...items, { pk: { S: 'b' }, sk: { S: '1' } }])
    const query = {
      TableName: 'sorted',
      KeyConditionExpression: 'pk = :p',
      ExpressionAttributeValues: { ':p': { S: 'a' } },
      Limit: 3,
      ReturnConsumedCapacity: 'TOTAL',
    }
    const first = await call('Query', query)
    expect(first).toEqual({
      Items: items.slice(0, 3),
      Count: 3,
      ScannedCount: 3,
      LastEvaluatedKey: items[2],
      ConsumedCapacity: { TableName: 'sorted', CapacityUnits: 0.5 },
    })
    const second = await call('Query', { ...query, ExclusiveStartKey: first['LastEvaluatedKey'] })
    expect(second).toMatchObject({ Items: items.slice(3), Count: 1, ScannedCount: 1 })
    expect(second).not.toHaveProperty('LastEvaluatedKey')
  })
})

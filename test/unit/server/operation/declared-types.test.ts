import { describe, expect, test } from 'vitest'
import { serviceFixture } from '../../../support/service-fixture.js'

const INVALID = 'One or more parameter values were invalid:'

async function declaredFixture() {
  const fixture = await serviceFixture()
  await fixture.call('CreateTable', {
    TableName: 'declared',
    AttributeDefinitions: [
      { AttributeName: 'pk', AttributeType: 'S' },
      { AttributeName: 'sk', AttributeType: 'N' },
      { AttributeName: 'g', AttributeType: 'B' },
    ],
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: 'byG',
        KeySchema: [{ AttributeName: 'g', KeyType: 'HASH' }],
        Projection: { ProjectionType: 'ALL' },
      },
    ],
    BillingMode: 'PAY_PER_REQUEST',
  })
  return fixture
}

describe('types that a table declares count before there is any item:', () => {
  const Key = { pk: { S: 'a' }, sk: { N: '1' } }

  test.each<[operation: string, input: object, message: string]>([
    [
      'PutItem',
      { Item: { pk: { N: '1' }, sk: { N: '1' } } },
      `${INVALID} Type mismatch for key pk expected: S actual: N`,
    ],
    [
      'PutItem',
      { Item: { pk: { S: 'a' }, sk: { S: '1' } } },
      `${INVALID} Type mismatch for key sk expected: N actual: S`,
    ],
    [
      'PutItem',
      { Item: { ...Key, g: { S: 'text' } } },
      `${INVALID} Type mismatch for Index Key g Expected: B Actual: S IndexName: byG`,
    ],
    [
      'UpdateItem',
      { Key, AttributeUpdates: { g: { Value: { N: '1' } } } },
      `${INVALID} Type mismatch for Index Key g Expected: B Actual: N IndexName: byG`,
    ],
    ['GetItem', { Key: { pk: { N: '1' }, sk: { N: '1' } } }, 'The provided key element does not match the schema'],
    ['DeleteItem', { Key: { pk: { S: 'a' }, sk: { S: '1' } } }, 'The provided key element does not match the schema'],
    [
      'Query',
      { KeyConditionExpression: 'pk = :p', ExpressionAttributeValues: { ':p': { N: '1' } } },
      `${INVALID} Condition parameter type does not match schema type`,
    ],
    [
      'Query',
      { IndexName: 'byG', KeyConditionExpression: 'g = :g', ExpressionAttributeValues: { ':g': { S: '1' } } },
      `${INVALID} Condition parameter type does not match schema type`,
    ],
    [
      'Scan',
      { ExclusiveStartKey: { pk: { S: 'a' }, sk: { S: '1' } } },
      'The provided starting key is invalid: The provided key element does not match the schema',
    ],
  ])('%s %j', async (operation, input, message) => {
    const { refusal } = await declaredFixture()
    expect((await refusal(operation, { TableName: 'declared', ...input })).message).toBe(message)
  })

  test('what has them is stored and found', async () => {
    const { call } = await declaredFixture()
    const item = { ...Key, g: { B: new Uint8Array([1]) } }
    await call('PutItem', { TableName: 'declared', Item: item })
    const query = {
      TableName: 'declared',
      IndexName: 'byG',
      KeyConditionExpression: 'g = :g',
      ExpressionAttributeValues: { ':g': item.g },
      Limit: 1,
    }
    expect(await call('Query', query)).toEqual({ Items: [item], Count: 1, ScannedCount: 1, LastEvaluatedKey: item })
  })
})

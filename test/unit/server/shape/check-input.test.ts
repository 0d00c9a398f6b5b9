/** What the constraints of DynamoDB's model refuse, word for word. */
import { describe, expect, test } from 'vitest'
import { checkInput } from '../../../../src/server/shape/check-input.js'
import { operationsByName } from '../../../../src/server/shape/operations.js'
import { readInput } from '../../../../src/server/shape/read-input.js'
import { classicWording } from '../../../../src/server/shape/wording.js'

function refusal(operation: string, request: unknown): string | undefined {
  const { input: shape } = operationsByName.get(operation)!
  try {
    checkInput(shape, readInput(shape, request, classicWording), classicWording)
  } catch (failure) {
    expect((failure as Error).name).toBe('ValidationException')
    return (failure as Error).message
  }
  return undefined
}

const KEY = { pk: { S: 'a' } }

describe('one violation', () => {
  test.each<readonly [operation: string, request: unknown, rest: string]>([
    [
      'GetItem',
      { TableName: 'ab', Key: null },
      "Value null at 'key' failed to satisfy constraint: Member must not be null",
    ],
    [
      'GetItem',
      { TableName: '', Key: KEY },
      "Value '' at 'tableName' failed to satisfy constraint: Member must have length greater than or equal to 1",
    ],
    [
      'GetItem',
      { TableName: 'x'.repeat(1025), Key: KEY },
      `Value '${'x'.repeat(1025)}' at 'tableName' failed to satisfy constraint: Member must have length less than or equal to 1024`,
    ],
    [
      'PutItem',
      { TableName: 't', Item: {}, ReturnValues: 'SOME' },
      "Value 'SOME' at 'returnValues' failed to satisfy constraint: Member must satisfy enum value set: [ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW]",
    ],
    [
      'Query',
      { TableName: 't', Select: 'INVALID_VALUE' },
      "Value 'INVALID_VALUE' at 'select' failed to satisfy constraint: Member must satisfy enum value set: [SPECIFIC_ATTRIBUTES, COUNT, ALL_ATTRIBUTES, ALL_PROJECTED_ATTRIBUTES]",
    ],
    [
      'Query',
      { TableName: 't', Limit: 0 },
      "Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1",
    ],
    [
      'Scan',
      { TableName: 't', Segment: 1e6, TotalSegments: 2 },
      "Value '1000000' at 'segment' failed to satisfy constraint: Member must have value less than or equal to 999999",
    ],
    [
      'Query',
      { TableName: 't', IndexName: 'a;c' },
      "Value 'a;c' at 'indexName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+",
    ],
    [
      'TransactWriteItems',
      { TransactItems: [] },
      "Value '[]' at 'transactItems' failed to satisfy constraint: Member must have length greater than or equal to 1",
    ],
    [
      'TransactGetItems',
      { TransactItems: [{ Get: { TableName: 't', Key: KEY } }, { Get: { TableName: 't' } }] },
      "Value null at 'transactItems.2.member.get.key' failed to satisfy constraint: Member must not be null",
    ],
    [
      'BatchWriteItem',
      { RequestItems: { abc: [] } },
      "Value '{abc=[]}' at 'requestItems' failed to satisfy constraint: Map value must satisfy constraint: [Member must have length less than or equal to 25, Member must have length greater than or equal to 1]",
    ],
    [
      'BatchWriteItem',
      { RequestItems: { abc: [{ PutRequest: {} }] } },
      "Value null at 'requestItems.abc.member.1.member.putRequest.item' failed to satisfy constraint: Member must not be null",
    ],
    [
      'BatchWriteItem',
      { RequestItems: { '': [{}] } },
      "Value '{=[com.amazonaws.dynamodb.v20120810.WriteRequest@00000000]}' at 'requestItems' failed to satisfy constraint: Map keys must satisfy constraint: [Member must have length less than or equal to 1024, Member must have length greater than or equal to 1]",
    ],
    [
      'BatchGetItem',
      { RequestItems: { abc: { Keys: [] } } },
      "Value '[]' at 'requestItems.abc.member.keys' failed to satisfy constraint: Member must have length greater than or equal to 1",
    ],
    [
      'BatchGetItem',
      { RequestItems: {} },
      "Value '{}' at 'requestItems' failed to satisfy constraint: Member must have length greater than or equal to 1",
    ],
    [
      'BatchGetItem',
      { RequestItems: { abc: null } },
      "Value '{abc=null}' at 'requestItems' failed to satisfy constraint: Map value must satisfy constraint: [Member must not be null]",
    ],
    [
      'GetItem',
      { TableName: 't', Key: KEY, AttributesToGet: ['a', null] },
      "Value null at 'attributesToGet.2.member' failed to satisfy constraint: Member must not be null",
    ],
    [
      'TagResource',
      { ResourceArn: 'arn', Tags: [{ Key: 'k' }] },
      "Value null at 'tags.1.member.value' failed to satisfy constraint: Member must not be null",
    ],
    [
      'CreateTable',
      { TableName: 'abc', KeySchema: [{ AttributeName: 'a', KeyType: 'SORT' }] },
      "Value 'SORT' at 'keySchema.1.member.keyType' failed to satisfy constraint: Member must satisfy enum value set: [HASH, RANGE]",
    ],
  ])('%s %j', (operation, request, rest) => {
    expect(refusal(operation, request)).toBe(`1 validation error detected: ${rest}`)
  })
})

test.each(['Query', 'Scan', 'CreateTable', 'UpdateTable', 'DeleteTable', 'DescribeTable'])(
  '%s wants its TableName before anything else',
  (operation) => {
    expect(refusal(operation, { Limit: -1, BillingMode: 'x' })).toBe(
      "The parameter 'TableName' is required but was not present in the request",
    )
  },
)

test('several are said at once, in the order of the members', () => {
  const request = { TableName: '', ReturnConsumedCapacity: 'x', AttributesToGet: [] }
  expect(refusal('GetItem', request)).toBe(
    '4 validation errors detected: ' +
      "Value 'x' at 'returnConsumedCapacity' failed to satisfy constraint: Member must satisfy enum value set: [INDEXES, TOTAL, NONE]; " +
      "Value '[]' at 'attributesToGet' failed to satisfy constraint: Member must have length greater than or equal to 1; " +
      "Value '' at 'tableName' failed to satisfy constraint: Member must have length greater than or equal to 1; " +
      "Value null at 'key' failed to satisfy constraint: Member must not be null",
  )
})

test('but no more than ten', () => {
  const TransactItems = Array.from({ length: 100 }, () => ({ Get: {} }))
  expect(refusal('TransactGetItems', { TransactItems })).toMatch(/^10 validation errors detected: /)
})

test('what is refused is not repeated without an end', () => {
  const RequestItems = Object.fromEntries(Array.from({ length: 50_000 }, (_, at) => [`table${at}`, []]))
  expect(refusal('BatchWriteItem', { RequestItems })!.length).toBeLessThan(20_000)
})

test('nor is a name on the way to it', () => {
  const Keys = Array.from({ length: 10 }, () => null)
  expect(refusal('BatchGetItem', { RequestItems: { ['x'.repeat(1_000_000)]: { Keys } } })!.length).toBeLessThan(20_000)
})

test('a pattern takes no longer for a longer text', () => {
  const S3Bucket = `${'a'.repeat(5_000_000)}!`
  const startedAt = performance.now()
  expect(refusal('ExportTableToPointInTime', { TableArn: 'x', S3Bucket })).toMatch(/less than or equal to 255/)
  expect(refusal('ImportTable', { ClientToken: `${'a'.repeat(5_000_000)}$` })).toMatch(/regular expression pattern/)
  expect(performance.now() - startedAt).toBeLessThan(2000)
})

test.each([
  ['ExportTableToPointInTime', { TableArn: 'x', S3Bucket: 'my-bucket.1' }],
  ['UpdateTable', { TableName: 'x', BillingMode: 'PAY_PER_REQUEST', AttributeDefinitions: [] }],
  ['GetItem', { TableName: 'arn:aws:dynamodb:us-east-1:000000000000:table/x', Key: KEY }],
  ['DescribeLimits', {}],
  ['TagResource', { ResourceArn: 'arn', Tags: [{ Key: 'k', Value: '' }] }],
])('%s %j has nothing wrong with it', (operation, request) => {
  expect(refusal(operation, request)).toBe(undefined)
})

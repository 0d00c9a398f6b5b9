/**
 * Of a request with one expression, a value that is not used was complained of before what is wrong with the expression; of one
 * with two, afterwards, as DynamoDB does it.
 */
import { expect, test } from 'vitest'
import { serviceFixture } from '../support/service-fixture.js'

const about = { TableName: 'simple', Key: { pk: { S: 'a' } } }
const values = { ':v': { S: 'text' }, ':unused': { N: '1' } }

test.each([
  [
    'SET a = if_not_exists(b)',
    'Incorrect number of operands for operator or function; operator or function: if_not_exists, number of operands: 1',
  ],
  [
    'SET a = :v, a.b = :v',
    'Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [a], path two: [a, b]',
  ],
  ['ADD a :v', 'Incorrect operand type for operator or function; operator: ADD, operand type: STRING'],
])('%s', async (UpdateExpression, sentence) => {
  const { refusal } = await serviceFixture()
  const one = { ...about, UpdateExpression, ExpressionAttributeValues: values }
  for (const input of [one, { ...one, ConditionExpression: 'c = :v' }]) {
    expect((await refusal('UpdateItem', input)).message).toBe(`Invalid UpdateExpression: ${sentence}`)
  }
})

test('of a right expression it is still complained of', async () => {
  const { refusal } = await serviceFixture()
  const input = { ...about, UpdateExpression: 'SET a = :v', ExpressionAttributeValues: values }
  expect((await refusal('UpdateItem', input)).message).toBe(
    'Value provided in ExpressionAttributeValues unused in expressions: keys: {:unused}',
  )
})

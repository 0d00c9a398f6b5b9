/** BatchExecuteStatement: each statement has an answer of its own. */
import { describe, expect, test } from 'vitest'
import type { AttributeValue } from '../../../../src/server/value/attribute-value.js'
import { type Answer, serviceFixture } from '../../../support/service-fixture.js'

const S = (text: string): AttributeValue => ({ S: text })
const N = (number: number): AttributeValue => ({ N: String(number) })

async function runner() {
  const fixture = await serviceFixture({ name: 'indexed', key: ['pk'], indexes: { byG: { key: ['g'] } } })
  const input = (statements: readonly (string | Answer)[], more: Answer = {}) => ({
    Statements: statements.map((one) => (typeof one === 'string' ? { Statement: one } : one)),
    ...more,
  })
  await fixture.fill('simple', [
    { pk: S('a'), n: N(1) },
    { pk: S('b'), m: { M: { k: S('v') } } },
  ])
  return {
    ...fixture,
    batch: async (...statements: (string | Answer)[]): Promise<Answer[]> =>
      (await fixture.call('BatchExecuteStatement', input(statements)))['Responses'],
    cost: async (...statements: (string | Answer)[]): Promise<Answer[]> => {
      const answer = await fixture.call('BatchExecuteStatement', input(statements, { ReturnConsumedCapacity: 'TOTAL' }))
      return answer['ConsumedCapacity']
    },
    refused: async (...statements: (string | Answer)[]) =>
      (await fixture.refusal('BatchExecuteStatement', input(statements))).message,
  }
}

const select = (pk: string, columns = '*') => `SELECT ${columns} FROM simple WHERE pk = '${pk}'`

describe('reads', () => {
  test('find one item each, or none', async () => {
    const { batch } = await runner()
    expect(await batch(select('a'), select('nobody'), select('b', 'm.k'))).toEqual([
      { TableName: 'simple', Item: { pk: S('a'), n: N(1) } },
      { TableName: 'simple' },
      { TableName: 'simple', Item: { k: S('v') } },
    ])
  })

  test('name whole keys of tables', async () => {
    const { batch } = await runner()
    const error = {
      Error: {
        Code: 'ValidationError',
        Message: 'Select statements within BatchExecuteStatement must specify the primary key in the where clause.',
      },
    }
    const statements = [`${select('a')} AND n = 1`, 'SELECT * FROM simple WHERE n = 1', 'SELECT * FROM simple']
    expect(await batch(...statements, `SELECT * FROM indexed."byG" WHERE g = 'x' AND pk = 'a'`)).toEqual([
      error,
      error,
      error,
      error,
    ])
    expect(await batch("SELECT n FROM simple WHERE pk IN ['a']")).toEqual([{ TableName: 'simple', Item: { n: N(1) } }])
  })

  test('cost what each of them costs', async () => {
    const { cost } = await runner()
    const strong = { Statement: select('a'), ConsistentRead: true }
    expect(await cost(strong, select('b'))).toEqual([{ TableName: 'simple', CapacityUnits: 1.5 }])
  })
})

describe('writes', () => {
  test('each succeeds or fails alone', async () => {
    const { batch, call } = await runner()
    expect(
      await batch(
        'SLECT',
        "INSERT INTO simple VALUE {'pk': 'a'}",
        "UPDATE simple SET n = 2 WHERE pk = 'b' AND n = 1",
        "UPDATE simple SET m.x.y = 1 WHERE pk = 'c'",
        "INSERT INTO simple VALUE {'pk': 'd'}",
        { Statement: 'DELETE FROM simple WHERE pk = ? RETURNING ALL OLD *', Parameters: [S('e')] },
        "DELETE FROM nowhere WHERE pk = 'a'",
        'UPDATE simple SET n = 1 WHERE n = 1',
        "DELETE FROM simple WHERE pk = 'f' RETURNING ALL NEW *",
        { Statement: 'DELETE FROM simple WHERE pk = ?', Parameters: [{ SS: [] }] },
        "EXISTS(SELECT * FROM simple WHERE pk = 'a' AND n = 1)",
      ),
    ).toEqual([
      {
        Error: {
          Code: 'ValidationError',
          Message: "Statement wasn't well formed, can't be processed: Expected data manipulation",
        },
      },
      { TableName: 'simple', Error: { Code: 'DuplicateItem', Message: 'Duplicate primary key exists in table' } },
      { TableName: 'simple', Error: { Code: 'ConditionalCheckFailed', Message: 'The conditional request failed' } },
      { TableName: 'simple', Error: { Code: 'ConditionalCheckFailed', Message: 'The conditional request failed' } },
      { TableName: 'simple' },
      { TableName: 'simple' },
      { Error: { Code: 'ResourceNotFound', Message: 'Requested resource not found' } },
      {
        Error: {
          Code: 'ValidationError',
          Message: 'Where clause does not contain a mandatory equality on all key attributes',
        },
      },
      {
        Error: {
          Code: 'ValidationError',
          Message:
            'Invalid returning clause: RETURNING ALL NEW *. Only RETURNING ALL OLD * is allowed in DELETE statements.',
        },
      },
      {
        Error: {
          Code: 'ValidationError',
          Message: 'One or more parameter values were invalid: An string set  may not be empty',
        },
      },
      { Error: { Code: 'ValidationError', Message: 'EXISTS can only be used in ExecuteTransaction write requests.' } },
    ])
    expect((await call('GetItem', { TableName: 'simple', Key: { pk: S('d') } }))['Item']).toEqual({ pk: S('d') })
  })

  test('return what RETURNING asks for', async () => {
    const { batch } = await runner()
    expect(
      await batch(
        "UPDATE simple SET n = 5 WHERE pk = 'a' RETURNING MODIFIED NEW *",
        "DELETE FROM simple WHERE pk = 'b' RETURNING ALL OLD *",
      ),
    ).toEqual([
      { TableName: 'simple', Item: { n: N(5) } },
      { TableName: 'simple', Item: { pk: S('b'), m: { M: { k: S('v') } } } },
    ])
  })

  test('show no item that a condition refused', async () => {
    const { batch } = await runner()
    const update = "UPDATE simple SET n = 2 WHERE pk = 'a' AND n = 5"
    const [answer] = await batch({ Statement: update, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' })
    expect(answer).toEqual({
      ...{ TableName: 'simple', Error: { Code: 'ConditionalCheckFailed', Message: 'The conditional request failed' } },
    })
  })

  test('cost what they cost, table by table', async () => {
    const { cost } = await runner()
    expect(
      await cost(
        "INSERT INTO simple VALUE {'pk': 'x'}",
        "INSERT INTO indexed VALUE {'pk': 'x', 'g': 'y'}",
        "DELETE FROM simple WHERE pk = 'a'",
      ),
    ).toEqual([
      { TableName: 'simple', CapacityUnits: 2 },
      { TableName: 'indexed', CapacityUnits: 2 },
    ])
  })
})

describe('a batch', () => {
  test('reads or writes', async () => {
    const { refused } = await runner()
    expect(await refused(select('a'), 'nothing', "DELETE FROM simple WHERE pk = 'b'")).toBe(
      'Read and write requests together in the same batch is not supported.',
    )
  })

  test('is about different items', async () => {
    const { refused } = await runner()
    const message = 'Provided list of item keys contains duplicates'
    expect(await refused(select('a'), select('b'), select('a', 'n'))).toBe(message)
    expect(await refused("INSERT INTO simple VALUE {'pk': 'x'}", "DELETE FROM simple WHERE pk = 'x'")).toBe(message)
  })

  test('is about different items, however their numbers are written', async () => {
    const { refusal } = await serviceFixture()
    const select = (n: string) => ({ Statement: 'SELECT * FROM simple WHERE pk = ?', Parameters: [{ N: n }] })
    const remove = (n: string) => ({ Statement: `DELETE FROM simple WHERE pk = ${n}` })
    for (const Statements of [
      [select('1'), select('1.0')],
      [remove('10'), remove('1e1')],
    ]) {
      expect((await refusal('BatchExecuteStatement', { Statements })).message).toBe(
        'Provided list of item keys contains duplicates',
      )
    }
  })
})

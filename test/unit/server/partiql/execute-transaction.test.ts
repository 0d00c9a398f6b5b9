/** ExecuteTransaction: all statements or none, and a reason for each when none. */
import { describe, expect, test } from 'vitest'
import type { AttributeMap, AttributeValue } from '../../../../src/server/value/attribute-value.js'
import { type Answer, serviceFixture } from '../../../support/service-fixture.js'

const S = (text: string): AttributeValue => ({ S: text })
const N = (number: number): AttributeValue => ({ N: String(number) })

type Given = string | (Answer & { readonly Statement: string })

async function runner() {
  const fixture = await serviceFixture()
  const input = (statements: readonly Given[], more: Answer = {}) => ({
    TransactStatements: statements.map((one) => (typeof one === 'string' ? { Statement: one } : one)),
    ...more,
  })
  await fixture.fill('simple', [
    { pk: S('a'), n: N(1) },
    { pk: S('b'), n: N(2), m: { M: { k: S('v') } } },
  ])
  return {
    ...fixture,
    transact: (statements: readonly Given[], more?: Answer) =>
      fixture.call('ExecuteTransaction', input(statements, more)),
    /** The message of a refusal that is none of a transaction's reasons. */
    refused: async (...statements: Given[]) => {
      const failure = await fixture.refusal('ExecuteTransaction', input(statements))
      expect(failure.name).toBe('ValidationException')
      return failure.message
    },
    reasons: async (...statements: Given[]) => {
      const failure = await fixture.refusal('ExecuteTransaction', input(statements))
      expect(failure.name).toBe('TransactionCanceledException')
      const reasons = failure.members['CancellationReasons'] as Answer[]
      const codes = reasons.map(({ Code }) => Code).join(', ')
      expect(failure.message).toBe(
        `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
      )
      return reasons
    },
    item: async (pk: string): Promise<AttributeMap | undefined> =>
      (await fixture.call('GetItem', { TableName: 'simple', Key: { pk: S(pk) } }))['Item'],
  }
}

const UPDATE = "UPDATE simple SET n = n + 1 WHERE pk = 'a'"

describe('writes', () => {
  test('happen together, and are answered with nothing', async () => {
    const { transact, item } = await runner()
    const answer = await transact([UPDATE, "INSERT INTO simple VALUE {'pk': 'c'}", "DELETE FROM simple WHERE pk = 'b'"])
    expect(answer).toEqual({ Responses: [] })
    expect([await item('a'), await item('b'), await item('c')]).toEqual([
      { pk: S('a'), n: N(2) },
      undefined,
      { pk: S('c') },
    ])
  })

  test('do not happen when one of them does not, and each has its reason', async () => {
    const { reasons, item } = await runner()
    expect(
      await reasons(
        UPDATE,
        "INSERT INTO simple VALUE {'pk': 'b'}",
        "UPDATE simple SET n = 1 WHERE pk = 'nobody'",
        "DELETE FROM simple WHERE pk = 'no one' AND n = 1",
      ),
    ).toEqual([
      { Code: 'None' },
      { Code: 'DuplicateItem', Message: 'Duplicate primary key exists in table' },
      { Code: 'ConditionalCheckFailed', Message: 'The conditional request failed' },
      { Code: 'None' },
    ])
    expect(await item('a')).toEqual({ pk: S('a'), n: N(1) })
  })

  test('show the item that a condition refused, if asked to', async () => {
    const { reasons } = await runner()
    const update = "UPDATE simple SET x = 1 WHERE pk = 'a' AND n = 5"
    const [reason] = await reasons({ Statement: update, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' })
    expect(reason).toEqual({
      ...{ Code: 'ConditionalCheckFailed', Message: 'The conditional request failed' },
      Item: { pk: S('a'), n: N(1) },
    })
  })

  test('happen once for each token', async () => {
    const { transact, item, refusal } = await runner()
    const more = { ClientRequestToken: 'once', ReturnConsumedCapacity: 'TOTAL' }
    const first = await transact([UPDATE], more)
    expect(first['ConsumedCapacity']).toMatchObject([{ TableName: 'simple', WriteCapacityUnits: 2 }])
    const again = await transact([UPDATE], more)
    expect(again['ConsumedCapacity']).toMatchObject([{ TableName: 'simple', ReadCapacityUnits: 2 }])
    expect(await item('a')).toEqual({ pk: S('a'), n: N(2) })
    const other = { TransactStatements: [{ Statement: "UPDATE simple SET n = 9 WHERE pk = 'a'" }], ...more }
    expect((await refusal('ExecuteTransaction', other)).name).toBe('IdempotentParameterMismatchException')
  })

  test('an INSERT that happened answers its token again, though its item is there now', async () => {
    const { transact } = await runner()
    const insert = ["INSERT INTO simple VALUE {'pk': 'new'}"]
    await transact(insert, { ClientRequestToken: 'insert' })
    await expect(transact(insert, { ClientRequestToken: 'insert' })).resolves.toEqual({ Responses: [] })
  })

  test('are about different items', async () => {
    const { refused } = await runner()
    const message = 'Transaction request cannot include multiple operations on one item'
    expect(await refused(UPDATE, "DELETE FROM simple WHERE pk = 'a'")).toBe(message)
  })

  test('that name no item have that for a reason', async () => {
    const { fill, reasons } = await runner()
    await fill('sorted', [{ pk: S('o'), sk: S('1') }])
    const set = 'UPDATE sorted SET a = 1'
    const mismatch = { Code: 'ValidationError', Message: 'The provided key element does not match the schema' }
    expect(
      await reasons(
        `${set} WHERE pk = 'o'`,
        `${set} WHERE pk IN ['o'] AND sk = '1'`,
        `${set} WHERE pk = 'o' AND sk = '1' AND pk = 'p'`,
        `${set} WHERE pk = 'o' AND sk = 1`,
        set,
        "INSERT INTO sorted VALUE {'pk': 'o'}",
        `${set} WHERE pk = 'o' AND sk = '1'`,
      ),
    ).toEqual([
      ...[mismatch, mismatch, mismatch, mismatch, mismatch],
      { Code: 'ValidationError', Message: 'One or more parameter values were invalid: Missing the key sk in the item' },
      { Code: 'None' },
    ])
  })

  test('that make no sense for their item have that for a reason', async () => {
    const { reasons } = await runner()
    expect(
      await reasons("UPDATE simple SET x.y = 1 WHERE pk = 'a'", "UPDATE simple SET n = n + 1 WHERE pk = 'b'"),
    ).toEqual([
      {
        Code: 'ValidationError',
        Message: 'The document path provided in the update expression is invalid for update',
      },
      { Code: 'None' },
    ])
  })
})

describe('EXISTS', () => {
  const exists = (where: string) => `EXISTS(SELECT * FROM simple WHERE ${where})`

  test('is a condition among writes', async () => {
    const { transact, reasons, item } = await runner()
    await transact([exists("pk = 'b' AND m.k = 'v'"), UPDATE])
    expect(await item('a')).toEqual({ pk: S('a'), n: N(2) })
    expect(await reasons(exists("pk = 'b' AND m.k = 'w'"), UPDATE)).toEqual([
      { Code: 'ConditionalCheckFailed', Message: 'The conditional request failed' },
      { Code: 'None' },
    ])
  })

  test('finds nothing in an item that is not there', async () => {
    const { reasons } = await runner()
    const [reason] = await reasons(exists("pk = 'nobody' AND n IS MISSING"), UPDATE)
    expect(reason).toMatchObject({ Code: 'ConditionalCheckFailed' })
  })

  test('is about the first of two keys, and finds the second not to be its', async () => {
    const { reasons } = await runner()
    const [reason] = await reasons(exists("pk = 'b' AND pk = 'c' AND n = 2"), UPDATE)
    expect(reason).toMatchObject({ Code: 'ConditionalCheckFailed' })
  })

  test.each(["pk = 'b'", 'n = 2', "pk IN ['b'] AND n = 2", "pk > 'a' AND n = 2"])(
    'refuses what is no key and a condition: %s',
    async (where) => {
      const { refused } = await runner()
      expect(await refused(UPDATE, exists(where))).toBe(
        'Validation failed in TransactStatements[1]: EXISTS() must contain a single item read with additional condition',
      )
    },
  )
})

describe('reads', () => {
  const select = (pk: string, columns = '*') => `SELECT ${columns} FROM simple WHERE pk = '${pk}'`

  test('show one moment, an empty answer for what is not there', async () => {
    const { transact } = await runner()
    expect(
      await transact([select('a'), select('nobody'), select('b', 'm.k, n')], { ReturnConsumedCapacity: 'TOTAL' }),
    ).toEqual({
      Responses: [{ Item: { pk: S('a'), n: N(1) } }, {}, { Item: { k: S('v'), n: N(2) } }],
      ConsumedCapacity: [{ TableName: 'simple', CapacityUnits: 6, ReadCapacityUnits: 6 }],
    })
  })

  test('take a key in any form that says one, and nothing else', async () => {
    const { fill, transact, refused } = await runner()
    await fill('sorted', [{ pk: S('o'), sk: S('1') }])
    const sorted = 'SELECT * FROM sorted WHERE '
    for (const where of ["pk IN ['o'] AND sk IN ['1']", "(sk = '1') AND pk = 'o' AND pk = 'o'"]) {
      expect(await transact([sorted + where])).toEqual({ Responses: [{ Item: { pk: S('o'), sk: S('1') } }] })
    }
    const message =
      'Validation failed in TransactStatements[0]: Select statements within ExecuteTransaction must specify the primary key in the where clause.'
    const others = [
      "pk = 'o'",
      "pk = 'o' AND sk = '1' AND n = 1",
      "pk = 'o' AND sk = '1' AND pk = 'p'",
      "pk = 'o' AND sk > '1'",
    ]
    for (const where of [...others, "pk IN ['o', 'p'] AND sk = '1'", 'attribute_exists(pk)']) {
      expect(await refused(sorted + where)).toBe(message)
    }
  })

  test('are about different items, of keys of the right type', async () => {
    const { refused, reasons } = await runner()
    expect(await refused(select('a'), select('a', 'n'))).toBe(
      'Transaction request cannot include multiple operations on one item',
    )
    expect(await reasons(select('a'), select('a'), 'SELECT * FROM simple WHERE pk = 1')).toEqual([
      { Code: 'None' },
      { Code: 'None' },
      { Code: 'ValidationError', Message: 'The provided key element does not match the schema' },
    ])
  })

  test('are not for indexes', async () => {
    const { refused } = await runner()
    expect(await refused(select('a'), `SELECT * FROM simple."index" WHERE pk = 'a'`)).toBe(
      'Validation failed in TransactStatements[1]: Reads on indices are not supported within transactions.',
    )
  })
})

describe('statements', () => {
  test('all read or all write', async () => {
    const { refused } = await runner()
    const message = 'ExecuteTransaction API does not support both read and write operations in the same request.'
    expect(await refused("SELECT * FROM simple WHERE pk = 'b'", UPDATE)).toBe(message)
    expect(
      await refused("SELECT * FROM simple WHERE pk = 'b'", "EXISTS(SELECT * FROM simple WHERE pk = 'a' AND n = 1)"),
    ).toBe(message)
  })

  test.each([
    [
      "UPDATE simple SET n = 1 WHERE pk = 'a' RETURNING ALL NEW *",
      'RETURNING clause is not supported in ExecuteTransaction.',
    ],
    [`UPDATE simple."index" SET n = 1 WHERE pk = 'a'`, 'This operation is not supported on an index'],
    ['UPDATE simple SET n = 1 WHERE', "Statement wasn't well formed, can't be processed: Unexpected term"],
    ["UPDATE simple SET n = ? WHERE pk = 'a'", "Number of parameters in request and statement don't match."],
    [
      "UPDATE simple SET n = n + 'a' WHERE pk = 'a'",
      'Incorrect operand type for operator or function; operator or function: +, operand type: S',
    ],
  ])('are named by their number when they are refused: %s', async (statement, message) => {
    const { refused } = await runner()
    expect(await refused("DELETE FROM simple WHERE pk = 'b'", statement)).toBe(
      `Validation failed in TransactStatements[1]: ${message}`,
    )
  })

  test('are not looked at before all parameters are', async () => {
    const { refused } = await runner()
    expect(await refused('nothing', { Statement: 'nothing', Parameters: [{ NS: ['1', '1'] }] })).toBe(
      'Input collection contains duplicates',
    )
  })

  test('of tables that are not there have that for a reason, after what is wrong with the others', async () => {
    const { reasons, refused } = await runner()
    const missing = { Code: 'ResourceNotFound', Message: 'Requested resource not found' }
    expect(await reasons(UPDATE, "DELETE FROM nowhere WHERE pk = 'a' RETURNING ALL OLD *")).toEqual([
      { Code: 'None' },
      missing,
    ])
    expect(await reasons("SELECT * FROM nowhere.i WHERE pk = 'a'", "SELECT * FROM simple WHERE pk = 'a'")).toEqual([
      missing,
      { Code: 'None' },
    ])
    expect(await refused("DELETE FROM nowhere WHERE pk = 'a'", `${UPDATE} RETURNING ALL NEW *`)).toMatch(
      /^Validation failed in TransactStatements\[1\]/,
    )
  })
})

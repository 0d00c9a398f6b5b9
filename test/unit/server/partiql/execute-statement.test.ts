/** ExecuteStatement: what each kind of statement reads, writes and answers, and in what words it is refused. */
import { describe, expect, test } from 'vitest'
import type { AttributeMap, AttributeValue } from '../../../../src/server/value/attribute-value.js'
import { type FixtureTable, type ServiceFixture, serviceFixture } from '../../../support/service-fixture.js'

const S = (text: string): AttributeValue => ({ S: text })
const N = (number: number): AttributeValue => ({ N: String(number) })

interface Runner extends ServiceFixture {
  run(statement: string, ...parameters: AttributeValue[]): Promise<AttributeMap[]>
  /** What is said against it. */
  refused(statement: string, ...parameters: AttributeValue[]): Promise<string>
  item(table: string, key: AttributeMap): Promise<AttributeMap | undefined>
}

async function runner(...tables: FixtureTable[]): Promise<Runner> {
  const fixture = await serviceFixture(...tables)
  const input = (statement: string, parameters: AttributeValue[]) => ({
    Statement: statement,
    ...(parameters.length > 0 && { Parameters: parameters }),
  })
  return {
    ...fixture,
    run: async (statement, ...parameters) => {
      const answer = await fixture.call('ExecuteStatement', input(statement, parameters))
      return answer['Items']
    },
    refused: async (statement, ...parameters) => {
      const failure = await fixture.refusal('ExecuteStatement', input(statement, parameters))
      expect(failure.name).toBe('ValidationException')
      return failure.message
    },
    item: async (table, key) => {
      const answer = await fixture.call('GetItem', { TableName: table, Key: key, ConsistentRead: true })
      return answer['Item']
    },
  }
}

/** Six items in two partitions. */
async function filled(...tables: FixtureTable[]): Promise<Runner> {
  const fixture = await runner(...tables)
  const items = ['o', 'p'].flatMap((pk) => ['1', '2', '3'].map((sk) => ({ pk: S(pk), sk: S(sk), n: N(Number(sk)) })))
  await fixture.fill('sorted', items)
  return fixture
}

const keys = (items: readonly AttributeMap[]) =>
  items.map(({ pk, sk }) => `${pk!.S}${sk === undefined ? '' : `/${sk.S}`}`)

describe('SELECT finds its items', () => {
  test.each<readonly [string, string, string[]]>([
    ['by a whole key', "pk = 'o' AND sk = '2'", ['o/2']],
    ['by a partition', "pk = 'o'", ['o/1', 'o/2', 'o/3']],
    ['by a partition and a range', "pk = 'o' AND sk > '1'", ['o/2', 'o/3']],
    ['by BETWEEN', "pk = 'o' AND sk BETWEEN '1' AND '2'", ['o/1', 'o/2']],
    ['by begins_with', "begins_with(sk, '3') AND pk = 'o'", ['o/3']],
    ['by a comparison the other way round', "'o' = pk AND '2' <= sk", ['o/2', 'o/3']],
    ['by several partitions', "pk IN ['p', 'o'] AND sk = '1'", ['p/1', 'o/1']],
    ['by alternatives of partitions', "pk = 'o' AND sk = '3' OR pk = 'p' AND sk < '2'", ['o/3', 'p/1']],
    ['by several sort keys', "pk = 'o' AND sk IN ['3', '1']", ['o/3', 'o/1']],
    ['by alternatives of sort keys', "pk = 'o' AND (sk = '1' OR sk = '3')", ['o/1', 'o/3']],
    ['by ranges that touch', "pk = 'o' AND (sk < '2' OR sk > '2' OR sk = '2')", ['o/1', 'o/3', 'o/2']],
    ['by two conditions on one sort key', "pk = 'o' AND sk > '1' AND sk < '3'", ['o/2']],
    ['by what a sort key is not', "pk = 'o' AND NOT sk = '1'", ['o/2', 'o/3']],
    ['by <> of a sort key', "pk = 'o' AND sk <> '2'", ['o/1', 'o/3']],
    [
      'by alternatives that say what a sort key is not',
      "pk = 'o' AND sk <> '1' OR pk = 'o' AND sk = '2'",
      ['o/2', 'o/3'],
    ],
    ['by a filter besides', "pk = 'o' AND n >= 2", ['o/2', 'o/3']],
    ['by a whole key that a filter refuses', "pk = 'o' AND sk = '1' AND n = 2", []],
    ['not at all when it contradicts itself', "pk = 'o' AND pk = 'p'", []],
    ['by a key said twice', "pk = 'o' AND pk IN ['o', 'p'] AND sk = '1'", ['o/1']],
  ])('%s', async (_, where, wanted) => {
    const { run } = await filled()
    expect(keys(await run(`SELECT * FROM sorted WHERE ${where}`))).toEqual(wanted)
  })

  test.each<readonly [string, string, string[]]>([
    ['everything without a condition', '', ['o/1', 'o/2', 'o/3', 'p/1', 'p/2', 'p/3']],
    ['by a filter', 'WHERE n = 2', ['o/2', 'p/2']],
    ['by a sort key alone', "WHERE sk = '1'", ['o/1', 'p/1']],
    ['by a range of partition keys', "WHERE pk > 'o'", ['p/1', 'p/2', 'p/3']],
    [
      'by alternatives of which one leaves the partition open',
      "WHERE pk = 'o' AND sk = '1' OR n = 3",
      ['o/1', 'o/3', 'p/3'],
    ],
  ])('scans for %s', async (_, where, wanted) => {
    const { run } = await filled()
    expect(keys(await run(`SELECT * FROM sorted ${where}`)).sort()).toEqual(wanted)
  })

  test.each([
    ['the same partition twice', "pk IN ['o', 'o']"],
    ['the same partition in two alternatives', "pk = 'o' OR pk = 'o'"],
    ['ranges that overlap', "pk = 'o' AND (sk > '0' OR sk < '5')"],
    ['a range and a whole partition', "pk = 'o' AND (sk = '1' OR n = 2)"],
    ['two filters of one partition', "(pk = 'o' AND n = 1) OR (pk = 'o' AND n = 2)"],
    ['a prefix and what begins with it', "pk = 'o' AND (begins_with(sk, '1') OR sk = '12')"],
  ])('refuses %s, as an item would come twice', async (_, where) => {
    const { refused } = await filled()
    const message = 'Overlapping conditions with range keys are not supported in where clause'
    expect(await refused(`SELECT * FROM sorted WHERE ${where}`)).toBe(message)
  })

  test('refuses more than 50 reads, and counts none where there are none', async () => {
    const { refused, run } = await filled()
    const list = (count: number) => `[${Array.from({ length: count }, (_, i) => `'${i}'`).join()}]`
    const message = 'Too many decomposed read operations for a given query.'
    expect(await refused(`SELECT * FROM sorted WHERE pk IN ${list(51)}`)).toBe(message)
    expect(await refused(`SELECT * FROM sorted WHERE pk = 'o' AND sk IN ${list(51)}`)).toBe(message)
    expect(await refused(`SELECT * FROM sorted WHERE pk IN ${list(26)} AND sk IN ['1', '2']`)).toBe(message)
    const alternatives = Array.from({ length: 20 }, (_, i) => `(sk = '${i}' OR n = ${i})`).join(' AND ')
    expect(await refused(`SELECT * FROM sorted WHERE pk = 'o' AND ${alternatives}`)).toBe(message)
    expect(await run(`SELECT * FROM sorted WHERE pk IN ${list(51)} OR n = 3`)).toHaveLength(2)
    expect(await run(`SELECT * FROM sorted WHERE pk IN ${list(50)} AND n IN ${list(100)}`)).toEqual([])
    const operands = 'The IN operator is provided with too many operands; number of operands: 101'
    expect(await refused(`SELECT * FROM sorted WHERE pk = 'o' AND n IN ${list(101)}`)).toBe(operands)
  })

  test('refuses a key of another type, where it would be looked up', async () => {
    const { refused, run } = await filled()
    const message = "Key attribute's data type should match its data type in table's schema: Key"
    expect(await refused("SELECT * FROM sorted WHERE pk = 1 OR pk = 'o'")).toBe(`${message} pk`)
    expect(await refused("SELECT * FROM sorted WHERE pk = 'o' AND sk IN ['1', 2]")).toBe(`${message} sk`)
    expect(await run('SELECT * FROM sorted WHERE pk > 1')).toEqual([])
  })
})

describe('SELECT shows', () => {
  test('columns under the last names of their paths, and not those that are missing', async () => {
    const { fill, run } = await runner()
    await fill('simple', [{ pk: S('a'), m: { M: { k: { L: [N(1), N(2)] }, 'x y': S('z') } }, constructor: S('c') }])
    const [row] = await run(`SELECT m.k[1], m."x y", constructor, nothing, m.toString FROM simple WHERE pk = 'a'`)
    expect(row).toEqual({ 'k[1]': N(2), 'x y': S('z'), constructor: S('c') })
  })

  test('an empty row for an item that has none of the columns', async () => {
    const { fill, run } = await runner()
    await fill('simple', [{ pk: S('a') }])
    expect(await run("SELECT nothing FROM simple WHERE pk = 'a'")).toEqual([{}])
    expect(await run("SELECT nothing FROM simple WHERE pk = 'b'")).toEqual([])
  })

  test('columns while a filter asks for others', async () => {
    const { run } = await filled()
    expect(await run("SELECT pk FROM sorted WHERE pk = 'o' AND sk <> '1' AND n < 3")).toEqual([{ pk: S('o') }])
  })

  test('sets, binary values and all other types as they are', async () => {
    const { fill, run } = await runner()
    const item = {
      pk: S('a'),
      ...{
        ss: { SS: ['x', 'y'] },
        ns: { NS: ['1', '2.5'] },
        bs: { BS: [Uint8Array.of(1)] },
        b: { B: Uint8Array.of(2) },
      },
      ...{ l: { L: [{ NULL: true }, { BOOL: false }] }, m: { M: {} } },
    }
    await fill('simple', [item])
    expect(
      await run('SELECT * FROM simple WHERE pk = ? AND b = ? AND ss = ?', S('a'), item.b, { SS: ['y', 'x'] }),
    ).toEqual([item])
  })
})

describe('conditions mean what they mean in expressions', () => {
  test.each<readonly [string, boolean]>([
    ['attribute_exists(m.x) AND ATTRIBUTE_NOT_EXISTS(nope) AND attribute_exists(l[0])', true],
    ['(attribute_exists(nope) OR NOT attribute_exists("m"))', false],
    ['attribute_exists(nope) = false', true],
    ['true = attribute_exists(n)', true],
    ['attribute_exists(n) <> 1', true],
    ["contains(nope, 'z') = false", true],
    ['(n BETWEEN 0 AND 5) = true', true],
    ["(n = 5 OR flag = 'x') = false", true],
    ['attribute_exists(nope) IN [true, false]', true],
    ['attribute_exists(n) = attribute_exists(flag)', true],
    ['attribute_exists(n) = yes', true],
    ['attribute_exists(n) = 1', false],
    ['NOT attribute_exists(n) = true', false],
    ['(attribute_exists(n) = true) = false', false],
    ['attribute_exists(n) = flag', false],
    ['nul IS NULL AND n IS NOT NULL', true],
    ['nope IS NULL', false],
    ['nope IS MISSING AND n IS NOT MISSING', true],
    ['yes IS BOOL AND flag IS STRING AND n IS NUMERIC AND l IS LIST AND m IS STRUCT', true],
    ['size(flag) = 5', true],
    ["attribute_type(tags, 'SS')", true],
    ["contains(tags, 'a') AND contains(flag, 'igh') AND contains(l, 'a')", true],
    ['n != 2 AND nope <> 1', true],
    ['nope = 1 OR nope < 1', false],
    ['n = - - 1 AND n > -5 AND n IN [- 1, 1]', true],
    ["tags = <<'b', 'a'>>", true],
    ["l = ['a', 1]", true],
    ["m = {'x': 'y'}", true],
    ['n = 1.0', true],
  ])('%s', async (where, holds) => {
    const { fill, run } = await runner()
    const item = {
      ...{ pk: S('a'), n: N(1), flag: S('right'), yes: { BOOL: true }, nul: { NULL: true }, tags: { SS: ['a', 'b'] } },
      ...{ l: { L: [S('a'), N(1)] }, m: { M: { x: S('y') } } },
    }
    await fill('simple', [item])
    expect(await run(`SELECT * FROM simple WHERE pk = 'a' AND ${where}`)).toEqual(holds ? [item] : [])
    expect(await run(`SELECT * FROM simple WHERE ${where}`)).toEqual(holds ? [item] : [])
  })

  test.each<readonly [string, string]>([
    ['a < ?', 'Incorrect operand type for operator or function; operator or function: <, operand type: BOOL'],
    [
      'a BETWEEN ? AND false',
      'Incorrect operand type for operator or function; operator or function: BETWEEN, operand type: BOOL',
    ],
    [
      'attribute_exists(a) > ?',
      'Incorrect operand type for operator or function; operator or function: >, operand type: BOOL',
    ],
    [
      'attribute_type(a, ?)',
      'Incorrect operand type for operator or function; operator or function: attribute_type, operand type: BOOL',
    ],
    [
      'begins_with(a, ?)',
      'Incorrect operand type for operator or function; operator or function: begins_with, operand type: BOOL',
    ],
    ['attribute_exists(?)', 'Operator or function requires a document path; operator or function: attribute_exists'],
    [
      'attribute_exists(a, ?)',
      'Incorrect number of operands for operator or function; operator or function: attribute_exists, number of operands: 2',
    ],
  ])('refuses %s before it looks for the table', async (where, message) => {
    const { refused } = await runner()
    expect(await refused(`SELECT * FROM nowhere WHERE ${where}`, { BOOL: true })).toBe(message)
  })
})

describe('SELECT goes page by page', () => {
  test('Limit counts what is looked at, and NextToken goes on behind it', async () => {
    const { call } = await filled()
    const statement = { Statement: "SELECT sk FROM sorted WHERE pk = 'o' AND n <> 2", Limit: 2 }
    const first = await call('ExecuteStatement', statement)
    expect(first).toMatchObject({ Items: [{ sk: S('1') }], LastEvaluatedKey: { pk: S('o'), sk: S('2') } })
    const second = await call('ExecuteStatement', { ...statement, NextToken: first['NextToken'] })
    expect(second).toEqual({ Items: [{ sk: S('3') }] })
  })

  test.each([
    ['a scan', 'SELECT * FROM sorted'],
    ['several partitions', "SELECT * FROM sorted WHERE pk IN ['p', 'o']"],
    ['whole keys', "SELECT * FROM sorted WHERE pk IN ['o', 'p'] AND sk IN ['1', '2', '3']"],
    ['an order', "SELECT * FROM sorted WHERE pk IN ['o', 'p'] ORDER BY pk DESC"],
  ])('finds everything once, through %s, with any limit', async (_, statement) => {
    const { call } = await filled()
    const whole = (await call('ExecuteStatement', { Statement: statement }))['Items'] as AttributeMap[]
    for (const limit of [1, 2, 4, 6, 7]) {
      const found: AttributeMap[] = []
      let token: string | undefined
      do {
        const page = await call('ExecuteStatement', {
          ...{ Statement: statement, Limit: limit },
          ...(token !== undefined && { NextToken: token }),
        })
        expect(page['Items'].length).toBeLessThanOrEqual(limit)
        found.push(...page['Items'])
        token = page['NextToken']
      } while (token !== undefined)
      expect(found).toEqual(whole)
    }
    expect(keys(whole).sort()).toEqual(['o/1', 'o/2', 'o/3', 'p/1', 'p/2', 'p/3'])
  })

  test('a page ends after ten reads', async () => {
    const { fill, call } = await runner()
    const names = Array.from({ length: 12 }, (_, i) => String(i))
    await fill(
      'simple',
      names.map((name) => ({ pk: S(name) })),
    )
    const statement = { Statement: `SELECT * FROM simple WHERE pk IN [${names.map((name) => `'${name}'`).join()}]` }
    const first = await call('ExecuteStatement', statement)
    expect(first['Items']).toHaveLength(10)
    const second = await call('ExecuteStatement', { ...statement, NextToken: first['NextToken'] })
    expect(keys(second['Items'])).toEqual(['10', '11'])
    expect(second).not.toHaveProperty('NextToken')
  })

  test('a token goes with its statement and its parameters, and with any limit', async () => {
    const { call, refusal } = await filled()
    const page = { Statement: 'SELECT * FROM sorted WHERE pk = ?', Parameters: [S('o')], Limit: 1 }
    const { NextToken: token } = await call('ExecuteStatement', page)
    const withToken = { ...page, NextToken: token }
    expect((await call('ExecuteStatement', { ...withToken, Limit: 2 }))['Items']).toHaveLength(2)
    const mismatch = 'NextToken does not match request'
    expect((await refusal('ExecuteStatement', { ...withToken, Parameters: [S('p')] })).message).toBe(mismatch)
    const other = { ...withToken, Statement: 'SELECT * FROM sorted WHERE pk = ? ' }
    expect((await refusal('ExecuteStatement', other)).message).toBe(mismatch)
  })

  test('a token that was changed, or made up, is refused', async () => {
    const { call, refusal } = await filled()
    const page = { Statement: "SELECT * FROM sorted WHERE pk = 'o'", Limit: 1 }
    const { NextToken: token } = await call('ExecuteStatement', page)
    for (let place = 0; place < token.length; place += 7) {
      const changed = `${token.slice(0, place)}${token[place] === 'A' ? 'B' : 'A'}${token.slice(place + 1)}`
      expect((await refusal('ExecuteStatement', { ...page, NextToken: changed })).message).toBe('Invalid NextToken')
    }
    for (const made of ['x', 'garbage', Buffer.from('[1,"x",0,null]').toString('base64'), 'A'.repeat(32_768)]) {
      expect((await refusal('ExecuteStatement', { ...page, NextToken: made })).message).toBe('Invalid NextToken')
    }
  })

  test('a token of the longest keys, whatever is in them, is one that a request may have', async () => {
    const { fill, call } = await runner({ name: 'long', key: ['pk', 'sk'], indexes: { byG: { key: ['g', 'h'] } } })
    const partition = S('\u0001'.repeat(2048))
    const items = ['\u0002', '\ud83d\ude00'].map((last) => {
      const sort = S('"'.repeat(1024 - Buffer.byteLength(last)) + last)
      return { pk: partition, sk: sort, g: partition, h: sort }
    })
    await fill('long', items)
    const page = { Statement: 'SELECT * FROM long."byG" WHERE g = ?', Parameters: [partition], Limit: 1 }
    const first = await call('ExecuteStatement', page)
    expect(first['NextToken'].length).toBeLessThan(32_768)
    const second = await call('ExecuteStatement', { ...page, NextToken: first['NextToken'] })
    expect([...first['Items'], ...second['Items']]).toEqual(items)
  })

  test('tells what it has cost', async () => {
    const { call } = await filled()
    const cost = async (statement: string, more = {}) => {
      const input = { Statement: statement, ReturnConsumedCapacity: 'TOTAL', ...more }
      return (await call('ExecuteStatement', input))['ConsumedCapacity']
    }
    expect(await cost("SELECT * FROM sorted WHERE pk = 'o' AND sk = '1'")).toEqual({
      TableName: 'sorted',
      CapacityUnits: 0.5,
    })
    expect(await cost("SELECT * FROM sorted WHERE pk IN ['o', 'p']", { ConsistentRead: true })).toEqual({
      TableName: 'sorted',
      CapacityUnits: 2,
    })
    expect(await cost("SELECT * FROM sorted WHERE pk = 'o' AND pk = 'p'")).toEqual({
      TableName: 'sorted',
      CapacityUnits: 0,
    })
    expect(await cost("INSERT INTO sorted VALUE {'pk': 'q', 'sk': '1'}")).toEqual({
      TableName: 'sorted',
      CapacityUnits: 1,
    })
  })
})

describe('ORDER BY', () => {
  test.each<readonly [string, string[]]>([
    ["pk = 'o' ORDER BY sk DESC", ['o/3', 'o/2', 'o/1']],
    ["pk = 'o' ORDER BY sk", ['o/1', 'o/2', 'o/3']],
    // An order by the partition key alone reads partitions from their ends: DynamoDB does.
    ["pk = 'o' ORDER BY pk ASC", ['o/3', 'o/2', 'o/1']],
    ["pk IN ['o', 'p'] ORDER BY pk DESC, sk ASC", ['p/1', 'p/2', 'p/3', 'o/1', 'o/2', 'o/3']],
    ["pk IN ['p', 'o'] AND sk IN ['1', '3'] ORDER BY pk, sk DESC", ['o/3', 'o/1', 'p/3', 'p/1']],
  ])('%s', async (where, wanted) => {
    const { run } = await filled()
    expect(keys(await run(`SELECT * FROM sorted WHERE ${where}`))).toEqual(wanted)
  })

  test.each<readonly [string, string]>([
    ['ORDER BY sk', 'Must have WHERE clause in the statement when using ORDER BY clause.'],
    ["WHERE pk = 'o' ORDER BY n DESC", 'Attribute n in ORDER BY clause must be part of the primary key'],
    [
      "WHERE pk > 'a' ORDER BY sk",
      'Must have at least one non-optional hash key condition in WHERE clause when using ORDER BY clause.',
    ],
    [
      "WHERE pk IN ['o', 'p'] ORDER BY sk",
      'Must have hash key in ORDER BY clause when more than one hash key condition specified in WHERE clause.',
    ],
  ])('refuses %s', async (rest, message) => {
    const { refused } = await filled()
    expect(await refused(`SELECT * FROM sorted ${rest}`)).toBe(message)
  })
})

describe('indexes', () => {
  const table: FixtureTable = {
    name: 'indexed',
    key: ['pk', 'sk'],
    indexes: {
      all: { key: ['g', 'h'] },
      some: { key: ['g'], projection: ['shown'] },
      keys: { key: ['pk', 'l'], local: true, projection: 'KEYS_ONLY' },
      wide: { key: [['g', 'h'], 'l'] },
    },
  }
  const item = (sk: string, g: string | undefined, more: AttributeMap = {}) => ({
    ...{ pk: S('p'), sk: S(sk), l: S(`l${sk}`), shown: S(`s${sk}`), hidden: S(`x${sk}`) },
    ...(g !== undefined && { g: S(g), h: N(Number(sk)) }),
    ...more,
  })

  async function indexed(): Promise<Runner> {
    const fixture = await runner(table)
    await fixture.fill('indexed', [item('1', 'a'), item('2', 'a'), item('3', 'b'), item('4', undefined)])
    return fixture
  }

  test('is read by its own key, in its own order', async () => {
    const { run } = await indexed()
    expect(keys(await run(`SELECT * FROM "indexed"."all" WHERE g = 'a' ORDER BY h DESC`))).toEqual(['p/2', 'p/1'])
    expect(keys(await run(`SELECT * FROM indexed.all2 WHERE g = 'a'`.replace('all2', '"all"')))).toEqual(['p/1', 'p/2'])
    expect(keys(await run(`SELECT * FROM "indexed"."all" WHERE g IN ['a', 'b'] AND h > 1`))).toEqual(['p/2', 'p/3'])
  })

  test('is scanned without its partition key, and has only what it has', async () => {
    const { run } = await indexed()
    expect(keys(await run(`SELECT * FROM "indexed"."all" WHERE pk = 'p'`)).sort()).toEqual(['p/1', 'p/2', 'p/3'])
    expect(await run(`SELECT sk FROM "indexed"."some" WHERE hidden = 'x1'`)).toEqual([])
    expect(await run(`SELECT sk FROM "indexed"."some" WHERE NOT hidden = 'x1'`)).toHaveLength(3)
  })

  test('shows what it projects', async () => {
    const { run } = await indexed()
    const [some] = await run(`SELECT * FROM "indexed"."some" WHERE g = 'b'`)
    expect(some).toEqual({ pk: S('p'), sk: S('3'), g: S('b'), shown: S('s3') })
    const [keysOnly] = await run(`SELECT * FROM "indexed"."keys" WHERE pk = 'p' AND l = 'l4'`)
    expect(keysOnly).toEqual({ pk: S('p'), sk: S('4'), l: S('l4') })
  })

  test('a local one reaches what it does not project, a global one does not', async () => {
    const { run, refused } = await indexed()
    expect(await run(`SELECT hidden FROM "indexed"."keys" WHERE pk = 'p' AND l = 'l1'`)).toEqual([{ hidden: S('x1') }])
    const message =
      'One or more parameter values were invalid: Global secondary index some does not project [hidden, other]'
    expect(await refused(`SELECT hidden, other FROM "indexed"."some" WHERE g = 'a'`)).toBe(message)
    expect(await refused(`SELECT hidden, other FROM "indexed"."some"`)).toBe(message)
  })

  test.each([
    `g = 'a' AND hidden = 'x'`,
    `g IN ['a', 'b'] AND hidden = 'x'`,
    `g = 'a' AND NOT (hidden = 'x' OR shown = 's')`,
    `(g = 'a' OR g = 'b') AND hidden = 'x'`,
  ])('refuses a filter on what it does not project: %s', async (where) => {
    const { refused } = await indexed()
    const message =
      'One or more parameter values were invalid: Secondary index some does not project one or more filter attributes: [hidden]'
    expect(await refused(`SELECT sk FROM "indexed"."some" WHERE ${where}`)).toBe(message)
  })

  test('takes such a filter in one of several alternatives, where it finds nothing', async () => {
    const { run } = await indexed()
    expect(await run(`SELECT sk FROM "indexed"."some" WHERE (g = 'a' AND hidden = 'x1') OR g = 'b'`)).toEqual([
      { sk: S('3') },
    ])
  })

  test('is refused where there is none, in a strong read of a global one, and with a key of several attributes', async () => {
    const { refused, refusal, call } = await indexed()
    expect(await refused(`SELECT * FROM "indexed"."none" WHERE g = 'a'`)).toBe(
      'The table does not have the specified index',
    )
    const strong = { Statement: `SELECT * FROM "indexed"."all" WHERE g = 'a'`, ConsistentRead: true }
    const message = 'Strongly consistent read is not supported on Global Secondary Indexes'
    expect((await refusal('ExecuteStatement', strong)).message).toBe(message)
    const local = { Statement: `SELECT * FROM "indexed"."keys" WHERE pk = 'p'`, ConsistentRead: true }
    expect((await call('ExecuteStatement', local))['Items']).toHaveLength(4)
    expect(await refused(`SELECT * FROM "indexed"."wide" WHERE g = 'a' AND h = 1`)).toBe(
      'PartiQL statements cannot be executed on tables with multi-attribute HASH keys or multi-attribute RANGE keys.',
    )
  })

  test('is charged for a read through it', async () => {
    const { call } = await indexed()
    const input = {
      Statement: `SELECT * FROM "indexed"."all" WHERE g IN ['a', 'b']`,
      ReturnConsumedCapacity: 'INDEXES',
    }
    expect((await call('ExecuteStatement', input))['ConsumedCapacity']).toMatchObject({
      CapacityUnits: 1,
      Table: { CapacityUnits: 0 },
      GlobalSecondaryIndexes: { all: { CapacityUnits: 1 } },
    })
  })

  test('can not be written to', async () => {
    const { refused } = await indexed()
    expect(await refused(`UPDATE "indexed"."all" SET x = 1 WHERE pk = 'p' AND sk = '1'`)).toBe(
      'This operation is not supported on an index',
    )
    expect(await refused(`DELETE FROM "indexed"."all" WHERE pk = 'p' AND sk = '1'`)).toBe(
      'This operation is not supported on an index',
    )
  })
})

describe('INSERT', () => {
  test('stores an item, once', async () => {
    const { run, refusal, item } = await runner()
    const statement = `INSERT INTO simple VALUE {'pk': 'a', 'l': [1, {'b': <<'x'>>}], 'n': -1.50}`
    expect(await run(statement)).toEqual([])
    expect(await item('simple', { pk: S('a') })).toEqual({
      pk: S('a'),
      l: { L: [N(1), { M: { b: { SS: ['x'] } } }] },
      n: N(-1.5),
    })
    const failure = await refusal('ExecuteStatement', { Statement: statement })
    expect([failure.name, failure.message]).toEqual(['DuplicateItemException', 'Duplicate primary key exists in table'])
  })

  test('takes parameters for attributes, or one for the item', async () => {
    const { run, item, refused } = await runner()
    await run(`INSERT INTO simple VALUE {'pk': ?, 'b': ?}`, S('a'), { B: Uint8Array.of(1) })
    await run('INSERT INTO simple VALUE ?', { M: { pk: S('b'), n: N(1) } })
    expect(await item('simple', { pk: S('a') })).toEqual({ pk: S('a'), b: { B: Uint8Array.of(1) } })
    expect(await item('simple', { pk: S('b') })).toEqual({ pk: S('b'), n: N(1) })
    expect(await refused('INSERT INTO simple VALUE ?', S('b'))).toBe('The VALUE of an INSERT statement must be a tuple')
  })

  test('refuses what is no item of the table', async () => {
    const { refused } = await filled()
    expect(await refused(`INSERT INTO sorted VALUE {'pk': 'a'}`)).toBe(
      'One or more parameter values were invalid: Missing the key sk in the item',
    )
    expect(await refused(`INSERT INTO sorted VALUE {'pk': 1, 'sk': 'a'}`)).toBe(
      'One or more parameter values were invalid: Type mismatch for key pk expected: S actual: N',
    )
  })
})

describe('UPDATE', () => {
  test('changes an item by its sets, removes and functions', async () => {
    const { fill, run, item } = await runner()
    await fill('simple', [
      {
        pk: S('a'),
        n: N(1),
        l: { L: [N(1), N(2)] },
        o: { L: [N(1), N(2)] },
        s: { SS: ['x', 'y'] },
        m: { M: { k: S('v') } },
        gone: S('g'),
      },
    ])
    await run(
      `UPDATE simple SET n = n - - 2, l = list_append(l, [3]) SET m.k = 'w' SET s = set_add(s, <<'z'>>) SET t = set_add(t, ?)
       SET i = if_not_exists(i, 5) REMOVE gone REMOVE o[0] WHERE pk = 'a'`,
      { NS: ['1'] },
    )
    expect(await item('simple', { pk: S('a') })).toEqual({
      ...{
        pk: S('a'),
        n: N(3),
        l: { L: [N(1), N(2), N(3)] },
        o: { L: [N(2)] },
        s: { SS: ['x', 'y', 'z'] },
        m: { M: { k: S('w') } },
      },
      ...{ t: { NS: ['1'] }, i: N(5) },
    })
    await run(`UPDATE simple SET s = set_delete(s, <<'x', 'y', 'z'>>) WHERE pk = 'a'`)
    expect(await item('simple', { pk: S('a') })).not.toHaveProperty('s')
  })

  test('is refused for an item that is not there, and makes none', async () => {
    const { refusal, item } = await runner()
    for (const where of ["pk = 'a'", "pk = 'a' AND attribute_not_exists(pk)", "pk = 'a' AND n IS MISSING"]) {
      const failure = await refusal('ExecuteStatement', { Statement: `UPDATE simple SET n = 1 WHERE ${where}` })
      expect([failure.name, failure.message]).toEqual([
        'ConditionalCheckFailedException',
        'The conditional request failed',
      ])
    }
    expect(await item('simple', { pk: S('a') })).toBeUndefined()
  })

  test('takes what is said besides the key as a condition, and shows the item that it refused', async () => {
    const { fill, run, refusal, item } = await runner()
    await fill('simple', [{ pk: S('a'), n: N(1) }])
    await run(`UPDATE simple SET n = 2 WHERE (pk = 'a' AND n < 2)`)
    const failing = {
      Statement: `UPDATE simple SET n = 3 WHERE pk = 'a' AND n = 1`,
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    }
    expect((await refusal('ExecuteStatement', failing)).members).toEqual({ Item: { pk: S('a'), n: N(2) } })
    expect(await item('simple', { pk: S('a') })).toEqual({ pk: S('a'), n: N(2) })
  })

  test.each<readonly [string, AttributeMap[]]>([
    ['ALL OLD *', [{ pk: S('a'), n: N(1), x: S('x') }]],
    ['ALL NEW *', [{ pk: S('a'), n: N(2) }]],
    ['MODIFIED OLD *', [{ n: N(1), x: S('x') }]],
    ['MODIFIED NEW *', [{ n: N(2) }]],
  ])('returns %s', async (returning, wanted) => {
    const { fill, run } = await runner()
    await fill('simple', [{ pk: S('a'), n: N(1), x: S('x') }])
    expect(await run(`UPDATE simple SET n = 2 REMOVE x WHERE pk = 'a' RETURNING ${returning}`)).toEqual(wanted)
  })

  test('returns no row when nothing of what was changed is left', async () => {
    const { fill, run } = await runner()
    await fill('simple', [{ pk: S('a'), x: S('x') }])
    expect(await run(`UPDATE simple REMOVE x WHERE pk = 'a' RETURNING MODIFIED NEW *`)).toEqual([])
  })

  test('may begin with FROM', async () => {
    const { fill, run } = await runner()
    await fill('simple', [{ pk: S('a'), n: N(1) }])
    expect(await run(`FROM simple WHERE pk = ? SET n = ? RETURNING ALL NEW *`, S('a'), N(7))).toEqual([
      { pk: S('a'), n: N(7) },
    ])
  })

  const NO_KEY = 'Where clause does not contain a mandatory equality on all key attributes'
  test.each<readonly [string, string]>([
    [`UPDATE sorted SET n = 1`, NO_KEY],
    [`FROM sorted SET n = 1`, NO_KEY],
    [`UPDATE sorted SET n = 1 WHERE pk = 'o'`, NO_KEY],
    [`UPDATE sorted SET n = 1 WHERE n = 1`, NO_KEY],
    [`UPDATE sorted SET n = 1 WHERE pk = 'o' AND sk > '1'`, NO_KEY],
    [`UPDATE sorted SET n = 1 WHERE pk IN ['o'] AND sk = '1'`, NO_KEY],
    [`UPDATE sorted SET n = 1 WHERE pk = 'o' AND sk = '1' OR n = 2`, NO_KEY],
    [`DELETE FROM sorted WHERE n = 1`, NO_KEY],
    [
      `UPDATE sorted SET n = 1 WHERE pk = 'o' AND sk = '1' AND pk = 'p'`,
      'Multiple conditions on same key pk. Only single item Update/Insert/Delete are supported',
    ],
    [
      `DELETE FROM sorted WHERE pk = 'o' AND sk = '1' AND sk = '2'`,
      'Multiple conditions on same key sk. Only single item Update/Insert/Delete are supported',
    ],
    [`UPDATE sorted SET n = 1 WHERE pk = 'o' AND sk = 1`, 'The provided key element does not match the schema'],
    [
      `UPDATE sorted SET pk = 'q' WHERE pk = 'o' AND sk = '1'`,
      'One or more parameter values were invalid: Cannot update attribute pk. This attribute is part of the key',
    ],
    [
      `UPDATE sorted SET n = 'a' + 1 WHERE pk = 'o' AND sk = '1'`,
      'Incorrect operand type for operator or function; operator or function: +, operand type: S',
    ],
    [
      `UPDATE sorted SET n = set_add(n, <<1>>) WHERE pk = 'o' AND sk = '1'`,
      'An operand in the update expression has an incorrect data type',
    ],
    [
      `UPDATE sorted SET a = list_append(a, [1]) WHERE pk = 'o' AND sk = '1'`,
      'The provided expression refers to an attribute that does not exist in the item',
    ],
    [
      `UPDATE sorted SET a.b = 1 WHERE pk = 'o' AND sk = '1'`,
      'The document path provided in the update expression is invalid for update',
    ],
    [
      `UPDATE sorted SET a = 1 SET a.b = 2 WHERE pk = 'o' AND sk = '1'`,
      'Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [a], path two: [a, b]',
    ],
  ])('refuses %s', async (statement, message) => {
    const { refused } = await filled()
    expect(await refused(statement)).toBe(message)
  })

  test('asks for a set where a parameter is to be one', async () => {
    const { refused } = await filled()
    const statement = `UPDATE sorted SET s = set_add(s, ?) WHERE pk = 'o' AND sk = '1'`
    const place = `1:${statement.indexOf('s, ?') + 1}:1`
    expect(await refused(statement, S('x'))).toBe(
      `The second argument to SET_ADD must be a value with type SET at ${place}`,
    )
  })

  test('a key said twice with one value is one key', async () => {
    const { run } = await filled()
    await expect(
      run(`UPDATE sorted SET n = 9 WHERE pk = 'o' AND sk = '1' AND pk = 'o' RETURNING MODIFIED NEW *`),
    ).resolves.toEqual([{ n: N(9) }])
  })
})

describe('DELETE', () => {
  test('removes an item, and returns it when asked to', async () => {
    const { fill, run, item } = await runner()
    await fill('simple', [{ pk: S('a'), n: N(1) }, { pk: S('b') }])
    expect(await run(`DELETE FROM simple WHERE pk = 'a' RETURNING ALL OLD *`)).toEqual([{ pk: S('a'), n: N(1) }])
    expect(await run(`DELETE FROM simple WHERE pk = 'b'`)).toEqual([])
    expect(await item('simple', { pk: S('a') })).toBeUndefined()
    expect(await item('simple', { pk: S('b') })).toBeUndefined()
  })

  test('is content when the item is not there, whatever else it says', async () => {
    const { run } = await runner()
    expect(await run(`DELETE FROM simple WHERE pk = 'a' AND n = 1 RETURNING ALL OLD *`)).toEqual([])
  })

  test('is refused when the item is there and is another', async () => {
    const { fill, refusal, item } = await runner()
    await fill('simple', [{ pk: S('a'), n: N(1) }])
    const failure = await refusal('ExecuteStatement', { Statement: `DELETE FROM simple WHERE pk = 'a' AND n = 2` })
    expect(failure.name).toBe('ConditionalCheckFailedException')
    expect(await item('simple', { pk: S('a') })).toBeDefined()
  })
})

describe('any statement', () => {
  test('is refused when its table is not there', async () => {
    const { refusal } = await runner()
    const statements = [
      'SELECT * FROM nowhere',
      `INSERT INTO nowhere VALUE {'pk': 'a'}`,
      `UPDATE nowhere SET a = 1 WHERE pk = 'a'`,
    ]
    for (const statement of [
      ...statements,
      `DELETE FROM nowhere WHERE pk = 'a'`,
      'SELECT * FROM "__proto__"',
      'SELECT * FROM constructor',
    ]) {
      const failure = await refusal('ExecuteStatement', { Statement: statement })
      expect([failure.name, failure.message]).toEqual(['ResourceNotFoundException', 'Requested resource not found'])
    }
  })

  test('has as many parameters as it leaves open', async () => {
    const { refused } = await runner()
    const message = "Number of parameters in request and statement don't match."
    expect(await refused('SELECT * FROM simple WHERE pk = ?')).toBe(message)
    expect(await refused('SELECT * FROM simple WHERE pk = ?', S('a'), S('b'))).toBe(message)
  })

  test('is not looked at before its parameters are', async () => {
    const { refused } = await runner()
    expect(await refused('no statement', { SS: ['a', 'a'] })).toBe(
      'One or more parameter values were invalid: Input collection [a, a] contains duplicates.',
    )
    expect(await refused('no statement', { N: 'abc' })).toBe(
      'The parameter cannot be converted to a numeric value: abc',
    )
  })

  test('EXISTS belongs into transactions', async () => {
    const { refused } = await runner()
    expect(await refused(`EXISTS(SELECT * FROM simple WHERE pk = 'a' AND n = 1)`)).toBe(
      'EXISTS can only be used in ExecuteTransaction write requests.',
    )
  })

  test('names of attributes reach no prototype', async () => {
    const { run, item } = await runner()
    await run(`INSERT INTO simple VALUE {'pk': 'a', 'constructor': 1, 'toString': {'valueOf': 2}}`)
    await run(`UPDATE simple SET constructor = 3 SET hasOwnProperty = 4 WHERE pk = 'a' AND toString.valueOf = 2`)
    expect(await item('simple', { pk: S('a') })).toEqual({
      ...{ pk: S('a'), constructor: N(3), toString: { M: { valueOf: N(2) } }, hasOwnProperty: N(4) },
    })
    expect(await run(`SELECT "__proto__", "__proto__".x FROM simple WHERE "__proto__" IS MISSING`)).toEqual([{}])
    expect(({} as Record<string, unknown>)['x']).toBeUndefined()
  })

  test('knows the types of the keys of a table that CreateTable made', async () => {
    const { call, refused, run } = await runner()
    await call('CreateTable', {
      TableName: 'created',
      AttributeDefinitions: [
        { AttributeName: 'id', AttributeType: 'N' },
        { AttributeName: 'at', AttributeType: 'B' },
      ],
      KeySchema: [
        { AttributeName: 'id', KeyType: 'HASH' },
        { AttributeName: 'at', KeyType: 'RANGE' },
      ],
      BillingMode: 'PAY_PER_REQUEST',
    })
    await run("INSERT INTO created VALUE {'id': 1.0, 'at': ?}", { B: Uint8Array.of(1, 2) })
    await run("INSERT INTO created VALUE {'id': 10e-1, 'at': ?}", { B: Uint8Array.of(2) })
    expect(await run('SELECT id FROM created WHERE id = 1 AND begins_with("at", ?)', { B: Uint8Array.of(1) })).toEqual([
      { id: N(1) },
    ])
    expect(
      await run(
        'SELECT * FROM created WHERE id = 1e0 AND "at" IN [?, ?]',
        { B: Uint8Array.of(2) },
        { B: Uint8Array.of(3) },
      ),
    ).toHaveLength(1)
    const message = "Key attribute's data type should match its data type in table's schema: Key"
    expect(await refused("SELECT * FROM created WHERE id = '1'")).toBe(`${message} id`)
    expect(await refused('SELECT * FROM created WHERE id = 1 AND "at" > \'x\'')).toBe(`${message} at`)
    const page = { Statement: 'SELECT * FROM created WHERE id = 1', Limit: 1 }
    const { NextToken: token } = await call('ExecuteStatement', page)
    expect((await call('ExecuteStatement', { ...page, Limit: 5, NextToken: token }))['Items']).toHaveLength(1)
  })
})

/** Each rule of how statements are read, and each sentence about those that can't be. By a table of examples. */
import { describe, expect, test } from 'vitest'
import type { ConditionNode, OperandNode } from '../../../../src/model/expression/dynamodb/expression.js'
import { AwsError } from '../../../../src/server/aws-error.js'
import type { SelectStatement, UpdateStatement } from '../../../../src/server/partiql/statement.js'
import { parseStatement } from '../../../../src/server/partiql/statement-parser.js'

const BROKEN = "Statement wasn't well formed, can't be processed: "

/** What is said about a statement that is refused. */
function refusal(statement: string): string {
  try {
    parseStatement(statement)
  } catch (failure) {
    expect(failure).toBeInstanceOf(AwsError)
    expect((failure as AwsError).name).toBe('ValidationException')
    return (failure as AwsError).message
  }
  throw new Error(`${statement} was not refused`)
}

/** Line, column and length of a token, as messages give them. */
function place(statement: string, token: string): string {
  return `1:${statement.indexOf(token) + 1}:${token.length}`
}

function select(statement: string): SelectStatement {
  const found = parseStatement(statement)
  if (found.kind !== 'select') throw new Error(`it is ${found.kind}`)
  return found
}

/** The condition as text, with values in place and every operator in parentheses. */
function meaning(where: string): string {
  const { where: node, values } = select(`SELECT * FROM t WHERE ${where}`)
  const shown = (nodes: readonly (ConditionNode | OperandNode)[], separator: string) => nodes.map(show).join(separator)
  const show = (found: ConditionNode | OperandNode): string => {
    switch (found.kind) {
      case 'path':
        return found.steps
          .map(({ kind, text }) => (kind === 'index' ? `[${text}]` : `.${text}`))
          .join('')
          .slice(1)
      case 'value': {
        const source = values.get(found.name)!
        return source.kind === 'parameter' ? `?${source.number}` : JSON.stringify(source.value)
      }
      case 'call':
        return `${found.name}(${shown(found.operands, ', ')})`
      case 'compare':
        return `(${show(found.left)} ${found.operator} ${show(found.right)})`
      case 'between':
        return `(${show(found.operand)} between ${show(found.low)} and ${show(found.high)})`
      case 'in':
        return `(${show(found.operand)} in ${shown(found.list, ' ')})`
      case 'not':
        return `(not ${show(found.part)})`
      default:
        return `(${shown(found.parts, ` ${found.kind} `)})`
    }
  }
  return show(node!)
}

/** The one value of a statement. */
function value(literal: string): unknown {
  const { values } = parseStatement(`INSERT INTO t VALUE {'a': ${literal}}`)
  const [source] = values.values()
  return source?.kind === 'literal' ? source.value : source
}

describe('conditions', () => {
  test.each([
    [
      'OR binds weakest, then AND, then NOT',
      'a=1 OR NOT b=2 AND c=3',
      '((a = {"N":"1"}) or ((not (b = {"N":"2"})) and (c = {"N":"3"})))',
    ],
    ['parentheses bind first', '(a=1 OR b=2) AND c=3', '(((a = {"N":"1"}) or (b = {"N":"2"})) and (c = {"N":"3"}))'],
    ['NOT takes a whole comparison', 'NOT a IN [1]', '(not (a in {"N":"1"}))'],
    [
      'the AND of BETWEEN is its own',
      'a BETWEEN 1 AND 2 AND b = 3',
      '((a between {"N":"1"} and {"N":"2"}) and (b = {"N":"3"}))',
    ],
    [
      'NOT BETWEEN and NOT IN',
      'a NOT BETWEEN 1 AND 2 OR a NOT IN (3)',
      '((not (a between {"N":"1"} and {"N":"2"})) or (not (a in {"N":"3"})))',
    ],
    ['!= is <>', 'a != 1', '(a <> {"N":"1"})'],
    [
      'IN takes any brackets',
      'a IN (1) AND a IN [?] AND a IN <<2>>',
      '((a in {"N":"1"}) and (a in ?0) and (a in {"N":"2"}))',
    ],
    ['IS MISSING', 'a IS MISSING AND b IS NOT MISSING', '(attribute_not_exists(a) and attribute_exists(b))'],
    [
      'IS NULL asks for the type',
      'a IS NULL AND b IS NOT NULL',
      '(attribute_type(a, {"S":"NULL"}) and (not attribute_type(b, {"S":"NULL"})))',
    ],
    [
      'IS with the name of a type',
      'a IS BOOL AND b IS STRING',
      '(attribute_type(a, {"S":"BOOL"}) and attribute_type(b, {"S":"S"}))',
    ],
    [
      'functions in any case',
      "BEGINS_WITH(a, 'x') AND Size(b) > 1",
      '(begins_with(a, {"S":"x"}) and (size(b) > {"N":"1"}))',
    ],
    ['a condition is true', 'attribute_exists(a) = true', 'attribute_exists(a)'],
    ['a condition is false', 'false = (a > 1)', '(not (a > {"N":"1"}))'],
    ['a condition is no number', 'attribute_exists(a) = 1', '(attribute_exists(a) and (not attribute_exists(a)))'],
    [
      'a condition is what an attribute says',
      'attribute_exists(a) = b',
      '((attribute_exists(a) and (b = {"BOOL":true})) or ((not attribute_exists(a)) and (b = {"BOOL":false})))',
    ],
    ['paths with indexes and quotes', `a."b c"[0].d['e''f'] = 1`, `(a.b c[0].d.e'f = {"N":"1"})`],
    ['names keep their case, keywords have none', 'Aa = 1 aNd aA = 2', '((Aa = {"N":"1"}) and (aA = {"N":"2"}))'],
  ])('%s', (_, where, wanted) => {
    expect(meaning(where)).toBe(wanted)
  })

  test('parameters are numbered as they come', () => {
    expect(meaning('a = ? OR b IN [?, ?]')).toBe('((a = ?0) or (b in ?1 ?2))')
  })

  test('eight thousand parentheses, NOTs and brackets end in an answer', () => {
    expect(meaning(`${'('.repeat(4000)}a = 1${')'.repeat(4000)}`)).toBe('(a = {"N":"1"})')
    expect(refusal(`SELECT * FROM t WHERE ${'NOT '.repeat(2000)}a=1`)).toMatch(/too many operators/)
    expect(refusal(`SELECT * FROM t WHERE a = ${'['.repeat(4000)}${']'.repeat(4000)}`)).toMatch(/^Nesting Levels/)
    expect(refusal(`SELECT * FROM t WHERE a = ${'['.repeat(8000)}`)).toMatch(BROKEN)
    expect(refusal(`SELECT * FROM t WHERE ${'size('.repeat(1500)}`)).toMatch(/too many operators/)
  })

  test('conditions that are compared again and again do not grow without end', () => {
    const nested = `${'('.repeat(40)}attribute_exists(a)${' = b)'.repeat(40)}`
    expect(refusal(`SELECT * FROM t WHERE ${nested} = c`)).toMatch(/too many operators/)
  })
})

describe('values', () => {
  test.each<readonly [string, string, unknown]>([
    ['a doubled quote is one', "'it''s'", { S: "it's" }],
    ['a string may be empty', "''", { S: '' }],
    ['numbers are written out', '-1.50e-3', { N: '-0.0015' }],
    [
      '38 digits stay what they are',
      '0.12345678901234567890123456789012345678',
      { N: '0.12345678901234567890123456789012345678' },
    ],
    ['no leading digit', '.5e1', { N: '5' }],
    ['signs', '- - +3', { N: '3' }],
    ['true, false and null', '[True, FALSE, null]', { L: [{ BOOL: true }, { BOOL: false }, { NULL: true }] }],
    [
      'maps, lists and sets',
      "{'a': [<<'x'>>, <<1, 2.50>>, []], 'b': {}}",
      { M: { a: { L: [{ SS: ['x'] }, { NS: ['1', '2.5'] }, { L: [] }] }, b: { M: {} } } },
    ],
    ['a name that objects have anyway', "{'constructor': 1}", { M: { constructor: { N: '1' } } }],
  ])('%s', (_, literal, wanted) => {
    expect(value(literal)).toEqual(wanted)
  })

  test('a map can be called __proto__ and nothing else changes', () => {
    const found = value("{'__proto__': {'polluted': 1}}") as { M: object }
    expect(Object.keys(found.M)).toEqual(['__proto__'])
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  const nested = (depth: number) => `INSERT INTO t VALUE {'a': ${"{'a':".repeat(depth)}1${'}'.repeat(depth)}}`
  test('31 levels are a value, 32 are not', () => {
    expect(() => parseStatement(nested(31))).not.toThrow()
    expect(refusal(nested(32))).toBe(`Nesting Levels have exceeded supported limits under root${'.a'.repeat(32)}`)
  })

  const insert = (literal: string) => `INSERT INTO t VALUE {'k': ${literal}}`
  const OVERFLOW = 'Number overflow. Attempting to store a number with magnitude larger than supported range'
  test.each([
    ['a number too large, by its place', insert("{'x': [1, 1e126]}"), `${OVERFLOW} under root.x[1]`],
    [
      '39 digits',
      insert('123456789012345678901234567890123456789'),
      'Attempting to store more than 38 significant digits in a Number under root',
    ],
    ['an empty set', insert('<<>>'), 'Empty bags are not supported'],
    [
      'a set of several types',
      insert("<<1, 'a'>>"),
      'Unsupported data type in Bag. DynamoDB only supports either numbers or strings in bags',
    ],
    [
      'a parameter in a set',
      insert('<<?>>'),
      'Unsupported data type in Bag. DynamoDB only supports either numbers or strings in bags',
    ],
    [
      'a set with a string twice',
      insert("<<'b', 'b'>>"),
      'One or more parameter values were invalid: Input collection [b, b] contains duplicates.',
    ],
    [
      'a set with a number twice',
      insert('<<2, 2.0>>'),
      'One or more parameter values were invalid: Input collection [2, 2.0] contains duplicates! under root',
    ],
    ['a name twice in a map', insert("{'a': 1, 'a': 2}"), 'Duplicate keys in tuple. Key: a under root'],
    ['MISSING as a value', insert('MISSING'), 'MISSING must be compared using IS operator'],
  ])('refuses %s', (_, statement, wanted) => {
    expect(refusal(statement)).toBe(wanted)
  })

  test('refuses a parameter or a function inside of a value, and says where', () => {
    const list = 'UPDATE t SET x = [1, ?] WHERE a = 1'
    expect(refusal(list)).toBe(`Unsupported data type: Parameter under key root[1] at ${place(list, '?')}`)
    const call = insert('set_add(<<1>>, <<2>>)')
    expect(refusal(call)).toBe(`Unsupported data type: set_add under key root at ${place(call, 'set_add')}`)
  })
})

describe('SELECT', () => {
  test('columns are called after the last name of their paths', () => {
    const { columns } = select('SELECT pk, m.k[0], "a b".c FROM t')
    expect(columns).toEqual([
      { path: ['pk'], name: 'pk' },
      { path: ['m', 'k', 0], name: 'k[0]' },
      { path: ['a b', 'c'], name: 'c' },
    ])
  })

  test('a table, an index, an order', () => {
    expect(select('SELECT * FROM "my-table"."by status" WHERE a = 1 ORDER BY b DESC, a, b ASC;')).toMatchObject({
      table: 'my-table',
      index: 'by status',
      columns: undefined,
      order: [
        { name: 'b', isDescending: true },
        { name: 'a', isDescending: false },
      ],
    })
  })

  test('comments are blanks, and no comments inside of strings', () => {
    const { where, values } = select("-- first\nSELECT/**/* FROM t -- the table\nWHERE a /* k **/ = 'x--y /*z*/' --")
    expect(where).toBeDefined()
    expect([...values.values()]).toEqual([{ kind: 'literal', value: { S: 'x--y /*z*/' } }])
  })

  const count = 'SELECT COUNT(*) FROM t'
  const limit = 'SELECT a FROM t LIMIT 5'
  const index = 'SELECT l[-1] FROM t'
  test.each([
    ['an alias of the table', 'SELECT * FROM t u WHERE a = 1', 'Aliasing is not supported'],
    ['an alias with AS', 'SELECT * FROM t AS u', 'Aliasing is not supported'],
    ['an alias of a column', 'SELECT a AS b FROM t', 'Aliasing is not supported'],
    ['COUNT(*)', count, `Unexpected path component at ${place(count, 'COUNT')}`],
    ['LIMIT', limit, `Unsupported clause: LIMIT at ${place(limit, '5')}`],
    ['a column twice', 'SELECT a, b.a FROM t', 'Duplicate identifiers in select clause: a'],
    [
      'columns beside *',
      'SELECT *, a FROM t',
      "Other attributes should not be present in the projection when '*' is used.",
    ],
    ['three names in FROM', 'SELECT * FROM a.b.c', 'A path may contain at most 2 components in the FROM clause'],
    ['an empty table', 'SELECT * FROM ""', 'Path component cannot be an empty string'],
    ['several tables', 'SELECT * FROM a, b', 'FROM clause may only contain a single table name'],
    ['a join', 'SELECT * FROM a JOIN b ON a.x = b.x', 'FROM clause may only contain a single table name'],
    ['a negative index', index, 'List index is not within the allowable range; index: [-1] at 1:11:1'],
  ])('refuses %s', (_, statement, wanted) => {
    expect(refusal(statement)).toBe(wanted)
  })

  test('gives the line of a mistake', () => {
    expect(refusal('SELECT\n\n  count(*) FROM t')).toBe('Unexpected path component at 3:3:5')
  })
})

describe('INSERT, UPDATE, DELETE and EXISTS', () => {
  test('INSERT takes a map whose attributes may be parameters, or one parameter', () => {
    const { kind, parameterCount } = parseStatement("INSERT INTO t VALUE {'a': ?, 'b': 1}")
    expect({ kind, parameterCount }).toEqual({ kind: 'insert', parameterCount: 1 })
    expect(parseStatement('INSERT INTO t VALUE ?')).toMatchObject({ item: ':0' })
  })

  test('SET and REMOVE follow one another, and set functions become ADD and DELETE', () => {
    const text =
      "UPDATE t SET a = a + 1, b = list_append(b, ['x']) REMOVE c[0] SET s = SET_ADD(s, <<1>>) SET d.e = set_delete(d.e, ?) " +
      "WHERE k = 'x' RETURNING MODIFIED NEW *"
    const statement = parseStatement(text) as UpdateStatement
    expect(statement.actions.map(({ section }) => section)).toEqual(['SET', 'SET', 'REMOVE', 'ADD', 'DELETE'])
    expect(statement.returning).toEqual({ extent: 'MODIFIED', image: 'NEW' })
  })

  test('an update may begin with FROM', () => {
    const first = parseStatement("FROM t WHERE k = 'x' SET a = 1 RETURNING ALL OLD *")
    expect(first).toMatchObject({ kind: 'update', table: 't', returning: { extent: 'ALL', image: 'OLD' } })
  })

  test('EXISTS holds a SELECT', () => {
    expect(parseStatement('EXISTS(SELECT * FROM t WHERE a = 1)')).toMatchObject({ kind: 'exists', table: 't' })
  })

  const target = "UPDATE t SET a = set_add(b, <<'x'>>)"
  const operand = 'UPDATE t SET b = set_add("b", [\'x\'])'
  const one = 'UPDATE t SET b = set_add(b)'
  test.each([
    [
      'set_add of another attribute',
      target,
      `The first argument to SET_ADD must equal the assignment value at ${place(target, 'set_add')}`,
    ],
    ['set_add with one argument', one, `SET_ADD must have exactly two arguments at ${place(one, 'set_add')}`],
    [
      'RETURNING of a DELETE',
      'DELETE FROM t WHERE k=1 RETURNING MODIFIED OLD *',
      'Invalid returning clause: RETURNING MODIFIED OLD *. Only RETURNING ALL OLD * is allowed in DELETE statements.',
    ],
    [
      'RETURNING of an INSERT',
      "INSERT INTO t VALUE {'k': 1} RETURNING ALL OLD *",
      'RETURNING is not supported in INSERT',
    ],
    ['INSERT into an index', "INSERT INTO t.i VALUE {'k': 1}", 'FROM clause may only contain a single table name'],
    [
      'INSERT of several items',
      "INSERT INTO t <<{'k': 1}, {'k': 2}>>",
      'Unsupported operation: Inserting multiple items in a single statement is not supported, use "INSERT INTO tableName VALUE item" instead',
    ],
    ['an alias of an UPDATE', 'UPDATE t u SET a = 1', 'Aliasing is not supported'],
  ])('refuses %s', (_, statement, wanted) => {
    expect(refusal(statement)).toBe(wanted)
  })

  test('a set is asked for where the value is known only later', () => {
    const { setOperands } = parseStatement(operand) as UpdateStatement
    expect(setOperands).toEqual([
      [
        ':0',
        `The second argument to SET_ADD must be a value with type SET at ${place(operand, '"b"').replace('1:14', '1:26')}`,
      ],
    ])
  })
})

describe('what is no statement', () => {
  const LEFT_OVER = 'Unexpected token after expression'
  test.each([
    ['nothing', '', 'Expected data manipulation'],
    ['another word', 'SLECT * FROM t', 'Expected data manipulation'],
    ['an update of nothing', 'UPDATE t WHERE a = 1', 'Expected data manipulation'],
    ['a name with a minus', 'UPDATE my-table SET a = 1', 'Expected data manipulation'],
    ['two statements', 'SELECT * FROM t; SELECT * FROM t', LEFT_OVER],
    ['a word too many', 'SELECT * FROM t WHERE a = 1 b', LEFT_OVER],
    ['a parenthesis too many', 'SELECT * FROM t WHERE a = 1)', LEFT_OVER],
    ['ORDER BY before WHERE', 'SELECT * FROM t ORDER BY a WHERE a = 1', LEFT_OVER],
    ['ORDER BY of a DELETE', 'DELETE FROM t WHERE a = 1 ORDER BY a', LEFT_OVER],
    ['WHERE behind SET, after FROM', 'FROM t SET a = 1 WHERE k = 1', LEFT_OVER],
    ['an alias of an INSERT', "INSERT INTO t u VALUE {'a': 1}", LEFT_OVER],
    ['a condition that is not there', 'SELECT * FROM t WHERE', 'Unexpected term'],
    ['an open parenthesis', 'SELECT * FROM t WHERE (', 'Unexpected term'],
    ['a table that is not there', 'SELECT * FROM', 'Unexpected term'],
    ['a table that is not there, to delete from', 'DELETE FROM', 'Expected identifier for simple path'],
    [
      'a right side that is not there',
      'SELECT * FROM t WHERE a = 1 AND',
      'Missing right-hand side expression of infix operator',
    ],
    ['a keyword for a term', 'SELECT * FROM t WHERE ORDER BY a', 'Unexpected keyword'],
    ['an operator for a term', 'SELECT * FROM t WHERE a = LIKE', 'Unexpected operator'],
    ['a keyword for an attribute', 'SELECT user FROM t', 'Unexpected keyword'],
    ['a keyword in a path', 'SELECT a.user FROM t', 'Invalid path dot component'],
    ['a type that there is not', 'SELECT * FROM t WHERE a IS FOO', 'Expected type name'],
    ['an exponent beyond 32 bits', 'SELECT * FROM t WHERE a = 1e2147483648', ''],
    ['a scale beyond 32 bits', 'SELECT * FROM t WHERE a = 1.5e-2147483647', ''],
    ['a comment with #', 'SELECT * FROM t # note', ''],
    ['a comment without an end', 'SELECT * FROM t /* note', ''],
    ['a string without an end', "SELECT * FROM t WHERE a = 'b", ''],
    ['a name without an end', 'SELECT * FROM "t', ''],
    ['a named parameter', 'SELECT * FROM t WHERE a = :b', 'Unexpected term'],
  ])('refuses %s', (_, statement, detail) => {
    expect(refusal(statement)).toBe(BROKEN + detail)
  })

  test('8,192 characters are a statement, 8,193 are not', () => {
    const statement = 'SELECT * FROM t'
    expect(() => parseStatement(statement.padEnd(8192))).not.toThrow()
    expect(refusal(statement.padEnd(8193))).toMatch(/Member must have length less than or equal to 8192$/)
  })

  test('a mistake in the text is said before what DynamoDB does not do', () => {
    expect(refusal('SELECT COUNT(*) FROM t u WHERE')).toBe(`${BROKEN}Unexpected term`)
  })

  test('functions that there are not', () => {
    const where = "SELECT * FROM t WHERE set_add(s, <<'x'>>) = s"
    expect(refusal(where)).toBe(`Unrecognized function: set_add at ${place(where, 'set_add')}`)
    const exists = 'SELECT * FROM t WHERE EXISTS(s)'
    expect(refusal(exists)).toBe(`Unrecognized function: exists at ${place(exists, 'EXISTS')}`)
  })
})

/** DynamoDB's limits on expressions: what just fits is accepted, one more is refused in DynamoDB's words. */
import { describe, expect, test } from 'vitest'
import { Decimal } from '../../../../../src/index.js'
import {
  bindCondition,
  bindProjection,
  bindUpdate,
} from '../../../../../src/model/expression/dynamodb/bound-expression.js'
import { RESERVED_WORDS } from '../../../../../src/model/expression/dynamodb/reserved-word.js'
import { refusalOf, sentenceOf } from '../../../../support/refusal.js'

const condition = (expression: string, values?: Record<string, unknown>, names?: Record<string, string>) =>
  refusalOf(() => bindCondition('ConditionExpression', raw(expression, values, names)))
const raw = (expression: string, values?: Record<string, unknown>, names?: Record<string, string>) => ({
  expression,
  ...(values === undefined ? {} : { values }),
  ...(names === undefined ? {} : { names }),
})

describe('an expression has at most 4,096 bytes, before its names are put in', () => {
  test('of ASCII', () => {
    const text = 'attribute_exists(a)'
    expect(condition(text.padEnd(4096))).toBe('accepted')
    expect(condition(text.padEnd(4109))).toBe(
      'EXPRESSION_TOO_LONG: Invalid ConditionExpression: Expression size has exceeded the maximum allowed size; ' +
        'expression size: 4109',
    )
  })

  test('counted in UTF-8', () => {
    expect(condition('ü'.repeat(2048))).toMatch(/Syntax error; token: "ü"/)
    expect(condition('ü'.repeat(2049))).toMatch(/^EXPRESSION_TOO_LONG.*expression size: 4098$/)
  })

  test('whatever it would be with its names', () => {
    expect(condition('attribute_exists(#n)', undefined, { '#n': 'x'.repeat(10_000) })).toBe('accepted')
  })

  test('and ten megabytes are refused without being looked through', () => {
    expect(condition('('.repeat(10_000_000))).toMatch(/^EXPRESSION_TOO_LONG/)
  })
})

describe('placeholders have at most 255 bytes', () => {
  test.each(['#', ':'])('%s', (sign) => {
    const [fits, tooLong] = [`${sign}${'n'.repeat(254)}`, `${sign}${'n'.repeat(255)}`]
    const use = (key: string) =>
      sign === '#'
        ? condition(`attribute_exists(${key})`, undefined, { [key]: 'a' })
        : condition(`a = ${key}`, { [key]: 1 })
    expect(use(fits)).toBe('accepted')
    expect(use(tooLong)).toMatch(/^EXPRESSION_PLACEHOLDER: .*contains a key that is too long; key size: 256$/)
  })
})

test('names and values have at most 2 MB', () => {
  const values = (length: number) => ({ ':a': 'x'.repeat(length), ':b': 'y'.repeat(1024 * 1024) })
  expect(condition('a = :a OR a = :b', values(1024 * 1024))).toBe('accepted')
  expect(condition('a = :a OR a = :b', values(1024 * 1024 + 1))).toMatch(/^EXPRESSION_TOO_LONG/)
})

test('and so have the names alone', () => {
  expect(condition('attribute_exists(#a)', undefined, { '#a': 'x'.repeat(2 * 1024 * 1024) })).toMatch(
    /^EXPRESSION_TOO_LONG/,
  )
})

describe('at most 300 operators and functions', () => {
  const nots = (count: number) => `${'NOT '.repeat(count)}attribute_exists(a)`
  test('NOT, and the function', () => {
    expect(condition(nots(299))).toBe('accepted')
    expect(condition(nots(300))).toBe(
      'EXPRESSION_TOO_COMPLEX: Invalid ConditionExpression: The expression contains too many operators; ' +
        'operator count: 301',
    )
    expect(condition(nots(1000))).toMatch(/operator count: 1001$/)
  })

  test('AND and comparisons', () => {
    const comparisons = (count: number) => Array.from({ length: count }, (_, n) => `a${n}=b`).join(' AND ')
    expect(condition(comparisons(150))).toBe('accepted')
    expect(condition(comparisons(151))).toMatch(/operator count: 301$/)
  })

  test('functions inside of functions do not run out of stack', () => {
    expect(condition(`${'size('.repeat(650)}a${')'.repeat(650)} > b`)).toMatch(/too many operators/)
    expect(condition('f('.repeat(2048))).toMatch(/too many operators|Syntax error/)
  })

  test('of an update', () => {
    const sums = (count: number) => `SET ${Array.from({ length: count }, (_, n) => `a${n}=b+c`).join()}`
    expect(refusalOf(() => bindUpdate(raw(sums(300))))).toBe('accepted')
    expect(refusalOf(() => bindUpdate(raw(sums(301))))).toMatch(/operator count: 301$/)
  })
})

test('IN takes at most 100 operands', () => {
  const list = (count: number) => `a IN (${Array.from({ length: count }, (_, n) => `b${n}`).join()})`
  expect(condition(list(100))).toBe('accepted')
  expect(condition(list(101))).toBe(
    'EXPRESSION_TOO_COMPLEX: Invalid ConditionExpression: The IN operator is provided with too many operands; ' +
      'number of operands: 101',
  )
})

describe('573 words are reserved, in any case', () => {
  test('as many', () => expect(RESERVED_WORDS.size).toBe(573))

  test.each([...RESERVED_WORDS])('%s', (word) => {
    const lower = word.toLowerCase()
    // The words of the grammar itself can't even be read as names.
    const text = sentenceOf(() => bindCondition('FilterExpression', raw(`attribute_exists(${lower})`)))
    expect(text).toMatch(
      /^Invalid FilterExpression: (Attribute name is a reserved keyword; reserved keyword: |Syntax error; token: ")/,
    )
    expect(text).toContain(lower)
    expect(condition(`attribute_exists(a.${word})`)).not.toBe('accepted')
    expect(condition('attribute_exists(#w)', undefined, { '#w': word })).toBe('accepted')
  })
})

describe('a path has at most 32 steps', () => {
  const path = (steps: number) => Array.from({ length: steps }, (_, n) => (n % 2 === 0 ? 'a' : 'b')).join('.')
  const tooDeep = 'The document path has too many nesting levels; nesting levels: 33'
  test('in a condition', () => {
    expect(condition(`attribute_exists(${path(32)})`)).toBe('accepted')
    expect(condition(`attribute_exists(${path(33)})`)).toBe(
      `EXPRESSION_TOO_COMPLEX: Invalid ConditionExpression: ${tooDeep}`,
    )
  })
  test('in an update', () => expect(refusalOf(() => bindUpdate(raw(`REMOVE ${path(33)}`)))).toContain(tooDeep))
  test('in a projection', () => expect(refusalOf(() => bindProjection(raw(path(33))))).toContain(tooDeep))
  test('counted with indexes', () => {
    expect(condition(`attribute_exists(a${'[0]'.repeat(31)})`)).toBe('accepted')
    expect(condition(`attribute_exists(a${'[0]'.repeat(32)})`)).toContain(tooDeep)
  })
})

test('an index is at most 2,147,483,647', () => {
  expect(condition('attribute_exists(a[2147483647])')).toBe('accepted')
  for (const index of ['2147483648', '99999999999999999999']) {
    expect(condition(`attribute_exists(a[${index}])`)).toBe(
      `EXPRESSION_SYNTAX: Invalid ConditionExpression: List index is not within the allowable range; index: [${index}]`,
    )
  }
})

describe('values are ones that an item can hold', () => {
  const contains = 'ExpressionAttributeValues contains invalid value: '
  test.each([
    [10n ** 38n + 1n, `${contains}Attempting to store more than 38 significant digits in a Number for key :v`],
    [Number.NaN, `${contains}The parameter cannot be converted to a numeric value: NaN for key :v`],
    [
      1e126,
      `${contains}Number overflow. Attempting to store a number with magnitude larger than supported range for key :v`,
    ],
    [
      1e-131,
      `${contains}Number underflow. Attempting to store a number with magnitude smaller than supported range for key :v`,
    ],
  ])('%s', (value, sentence) => {
    expect(sentenceOf(() => bindCondition('FilterExpression', raw('a = :v', { ':v': value })))).toBe(sentence)
  })

  test('38 digits are', () => {
    const digits = Decimal.from('0.12345678901234567890123456789012345678')
    expect(condition('a = :v', { ':v': digits })).toBe('accepted')
    expect(() => Decimal.from('0.123456789012345678901234567890123456789')).toThrow(/more than 38 significant digits/)
  })

  test.each([
    ['VALUE_UNDEFINED', undefined],
    ['VALUE_FUNCTION', () => 1],
    ['VALUE_CLASS', new Date(0)],
    ['SET_EMPTY', new Set()],
    ['SET_MIXED', new Set([1, 'a'])],
    ['VALUE_TEXT', '\ud800'],
  ])('%s', (code, value) => {
    expect(condition('a = :v', { ':v': value })).toMatch(new RegExp(`^${code}: ExpressionAttributeValues contains`))
  })

  test('31 maps in one another are, 32 are not', () => {
    const nested = (depth: number): unknown => (depth === 0 ? 1 : { a: nested(depth - 1) })
    expect(condition('a = :v', { ':v': nested(31) })).toBe('accepted')
    expect(condition('a = :v', { ':v': nested(32) })).toMatch(/Nesting Levels have exceeded supported limits/)
    expect(condition('a = :v', { ':v': nested(5000) })).toMatch(/^ITEM_TOO_DEEP/)
  })
})

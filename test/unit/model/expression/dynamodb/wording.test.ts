/** What is wrong with an expression is said in DynamoDB's words, to the letter. */
import { describe, expect, test } from 'vitest'
import {
  bindCondition,
  bindKeyCondition,
  bindProjection,
  bindUpdate,
} from '../../../../../src/model/expression/dynamodb/bound-expression.js'
import type { RawExpression } from '../../../../../src/model/expression/dynamodb/expression-source.js'
import { keyConditionAsObject } from '../../../../../src/model/expression/dynamodb/key-condition.js'
import { sentenceOf } from '../../../../support/refusal.js'

const VALUES = {
  ...{ ':s': 'a', ':n': 1, ':b': Uint8Array.of(1), ':bool': true, ':null': null },
  ...{ ':l': [], ':m': {}, ':ss': new Set(['a']), ':ns': new Set([1]), ':bs': new Set([Uint8Array.of(1)]) },
} as const

/** With those of the values that the text has in it. */
function withValues(expression: string, names?: Record<string, string>): RawExpression {
  const used = new Set(expression.match(/:\w+/g))
  const values = Object.fromEntries(Object.entries(VALUES).filter(([key]) => used.has(key)))
  return {
    expression,
    ...(Object.keys(values).length > 0 ? { values } : {}),
    ...(names === undefined ? {} : { names }),
  }
}

const ofFilter = (expression: string, names?: Record<string, string>) =>
  sentenceOf(() => bindCondition('FilterExpression', withValues(expression, names)))
const ofUpdate = (expression: string, names?: Record<string, string>) =>
  sentenceOf(() => bindUpdate(withValues(expression, names)))
const ofProjection = (expression: string, names?: Record<string, string>) =>
  sentenceOf(() => bindProjection(withValues(expression, names)))
const ofKey = (expression: string) =>
  sentenceOf(() => {
    const { compiled, values } = bindKeyCondition(withValues(expression))
    keyConditionAsObject(compiled, values, { partition: ['a'], sort: ['b'] })
  })

describe('syntax', () => {
  test.each([
    ['', 'The expression can not be empty;'],
    [' \n\t ', 'The expression can not be empty;'],
    ['foo', 'Syntax error; token: "<EOF>", near: "foo"'],
    ['a = ', 'Syntax error; token: "<EOF>", near: "="'],
    ['a b', 'Syntax error; token: "b", near: "a b"'],
    ['a == :s', 'Syntax error; token: "=", near: "== :s"'],
    ['a > 4', 'Syntax error; token: "4", near: "> 4"'],
    ['_type = :s', 'Syntax error; token: "_", near: "_type"'],
    ['__typename <> :s', 'Syntax error; token: "_", near: "__"'],
    ['a = "x"', 'Syntax error; token: """, near: "= "x"'],
    ['a[b] = :s', 'Syntax error; token: "b", near: "[b]"'],
    ['a[-1] = :s', 'Syntax error; token: "-", near: "[-1"'],
    ['[0] = :s', 'Syntax error; token: "[", near: "[0"'],
    ['a. = :s', 'Syntax error; token: "=", near: ". = :s"'],
    ['a.1b = :s', 'Syntax error; token: "1", near: ".1b"'],
    ['# = :s', 'Syntax error; token: "#", near: "# ="'],
    ['a = :', 'Syntax error; token: ":", near: "= :"'],
    ['a = :s AND', 'Syntax error; token: "<EOF>", near: "AND"'],
    ['AND a = :s', 'Syntax error; token: "AND", near: "AND a"'],
    ['NOT', 'Syntax error; token: "<EOF>", near: "NOT"'],
    ['(a = :s', 'Syntax error; token: "<EOF>", near: ":s"'],
    ['a = :s)', 'Syntax error; token: ")", near: ":s)"'],
    ['()', 'Syntax error; token: ")", near: "()"'],
    ['(a)', 'Syntax error; token: "<EOF>", near: ")"'],
    ['(size(a))[0] > b', 'Syntax error; token: "[", near: ")[0"'],
    ['a IN ()', 'Syntax error; token: ")", near: "()"'],
    ['a IN :s', 'Syntax error; token: ":s", near: "IN :s"'],
    ['a BETWEEN :n', 'Syntax error; token: "<EOF>", near: ":n"'],
    ['a = b = c', 'Syntax error; token: "=", near: "b = c"'],
    ['a = :s + :n', 'Syntax error; token: "+", near: ":s + :n"'],
    ['size()', 'Syntax error; token: ")", near: "()"'],
    ['a = :s;', 'Syntax error; token: ";", near: ":s;"'],
    ['\u{1f600} = :s', 'Syntax error; token: "\u{1f600}", near: "\u{1f600} ="'],
  ])('%s', (expression, sentence) => {
    expect(ofFilter(expression)).toBe(`Invalid FilterExpression: ${sentence}`)
  })

  test('of key conditions and projections', () => {
    expect(sentenceOf(() => bindKeyCondition({ expression: '' }))).toBe(
      'Invalid KeyConditionExpression: The expression can not be empty;',
    )
    expect(ofProjection('!!')).toBe('Invalid ProjectionExpression: Syntax error; token: "!", near: "!!"')
    expect(ofProjection('a,')).toBe('Invalid ProjectionExpression: Syntax error; token: "<EOF>", near: ","')
    expect(ofProjection('(a1)')).toMatch(/Syntax error; token: "\("/)
    expect(ofProjection(':s')).toMatch(/Syntax error; token: ":s"/)
  })

  test.each([
    ['whatever', 'Syntax error; token: "whatever", near: "whatever"'],
    ['SET MyStr = myNum + 1', 'Syntax error; token: "1", near: "+ 1"'],
    ['SET MyStr = myNum Mystr2 myNum2', 'Syntax error; token: "Mystr2", near: "myNum Mystr2 myNum2"'],
    ['set _something = :s', 'Syntax error; token: "_", near: "set _something"'],
    ['SET', 'Syntax error; token: "<EOF>", near: "SET"'],
  ])('of the update %s', (expression, sentence) => {
    expect(ofUpdate(expression)).toBe(`Invalid UpdateExpression: ${sentence}`)
  })

  test.each([
    ...['set a', 'add a', 'delete a', 'set a=set', 'remove a = b', 'add a = b', 'delete a b', 'add a if_not_exist(b)'],
    ...['remove a b', 'set :a = b', 'add :a b', 'remove :a', 'set a = b / c', 'set a = b * c', 'set a[1] = 1'],
    ...['set a = b + c + d', 'set (a = (b + c))', 'set a = (b.c).d + e', 'SET if_not_exist(a, b) = a', 'set a = (b'],
    ...['set a = b,', 'set a = b set', 'set a = (b + c', 'set a = b + c)', 'SET a = if_not_exists(a, b + c)'],
  ])('of the update %s, somehow', (expression) => {
    expect(ofUpdate(expression)).toMatch(/^Invalid UpdateExpression: Syntax error; token: "/)
  })

  test.each([
    ...['set a = (b + c)', 'set a = ((b.c.d)+(e))', 'SET a = if_not_exists(a, b) + b', 'set a[1] = b', 'set a.b = b'],
    ...['SET a = if_not_exists(a, if_not_exists(a, b))', 'SET a=b REMOVE c ADD d :n DELETE e :ss', 'set a = (b)'],
  ])('of the update %s is fine', (expression) => {
    expect(ofUpdate(expression)).toBe('accepted')
  })
})

describe('redundant parentheses', () => {
  const sentence = 'The expression has redundant parentheses;'
  test.each(['((a = :s))', '((a = :s) )', 'NOT ((a = :s))', '((a)) = :s', 'a = ((:s))', '((attribute_exists(a)))'])(
    '%s',
    (expression) => expect(ofFilter(expression)).toBe(`Invalid FilterExpression: ${sentence}`),
  )
  test.each([
    '(a = :s)',
    '(a) = (:s)',
    '(NOT (a = :s))',
    '((a = :s) AND (b = :n))',
    '((a) = :s)',
    '(attribute_exists(a))',
  ])('%s has none', (expression) => expect(ofFilter(expression)).toBe('accepted'))
  test('in a key condition', () => {
    expect(ofKey('((a = :s))')).toBe(`Invalid KeyConditionExpression: ${sentence}`)
    expect(ofKey('(a = :s)')).toBe('accepted')
  })
  test('in an update', () => expect(ofUpdate('SET a = ((b + c))')).toBe(`Invalid UpdateExpression: ${sentence}`))
  test('ten thousand of them', () => {
    expect(ofFilter(`${'('.repeat(10_000)}a = :s${')'.repeat(10_000)}`)).toMatch(/exceeded the maximum allowed size/)
    expect(ofFilter(`${'('.repeat(2000)}a = :s${')'.repeat(2000)}`)).toBe(`Invalid FilterExpression: ${sentence}`)
    expect(ofFilter(`${'('.repeat(4000)}a`)).toMatch(/Syntax error; token: "<EOF>"/)
    expect(ofUpdate(`SET a = ${'('.repeat(2000)}b${')'.repeat(2000)}`)).toBe(`Invalid UpdateExpression: ${sentence}`)
  })
})

describe('names and values', () => {
  const names = 'Value provided in ExpressionAttributeNames unused in expressions: keys: '
  const values = 'Value provided in ExpressionAttributeValues unused in expressions: keys: '
  const of = (source: object) => sentenceOf(() => bindCondition('FilterExpression', source as RawExpression))
  test.each([
    [
      { expression: '#missing = b' },
      'Invalid FilterExpression: An expression attribute name used in the document path is not defined; attribute name: #missing',
    ],
    [
      { expression: 'a = :v' },
      'Invalid FilterExpression: An expression attribute value used in expression is not defined; attribute value: :v',
    ],
    [{ expression: 'a = b', names: { '#unused': 'x' } }, `${names}{#unused}`],
    [{ expression: '#b = b', names: { '#a': 'x', '#b': 'y', '#c': 'z' } }, `${names}{#a, #c}`],
    [{ expression: 'a = b', values: { ':unused': 1 } }, `${values}{:unused}`],
    [{ expression: 'a = b', names: {} }, 'ExpressionAttributeNames must not be empty'],
    [{ expression: 'a = b', values: {} }, 'ExpressionAttributeValues must not be empty'],
    [{ expression: '', names: {} }, 'ExpressionAttributeNames must not be empty'],
    [{ expression: '', names: { a: 'a' } }, 'ExpressionAttributeNames contains invalid key: Syntax error; key: "a"'],
    [
      { expression: 'a = :b', values: { b: 1, ':b': 1 } },
      'ExpressionAttributeValues contains invalid key: Syntax error; key: "b"',
    ],
    [
      { expression: 'a = :b', values: { ':b': 1, ':b c': 1 } },
      'ExpressionAttributeValues contains invalid key: Syntax error; key: ":b c"',
    ],
    [
      { expression: '#a = b', names: { '#a': '' } },
      'ExpressionAttributeNames contains invalid value: Empty attribute name for key #a',
    ],
    [
      { expression: '#a = b', names: { '#a': 5 } },
      'ExpressionAttributeNames contains invalid value: Empty attribute name for key #a',
    ],
    [{ expression: 'a = b', names: null }, 'ExpressionAttributeNames contains invalid key: it takes an object'],
    [{ expression: 'a = :v', values: [1] }, 'ExpressionAttributeValues contains invalid key: it takes an object'],
    [{ expression: 'a = :v', values: null }, 'ExpressionAttributeValues contains invalid key: it takes an object'],
  ])('%o', (source, sentence) => {
    expect(of(source)).toBe(sentence)
    // And once more, when the text is known.
    expect(of(source)).toBe(sentence)
  })

  test('of an update', () => {
    expect(ofUpdate('SET a = :v')).toBe(
      'Invalid UpdateExpression: An expression attribute value used in expression is not defined; attribute value: :v',
    )
  })

  test('are never looked for among what objects have anyway', () => {
    expect(of({ expression: '#constructor = b' })).toMatch(/attribute name: #constructor$/)
    expect(of({ expression: 'a = :toString', values: { ':x': 1 } })).toMatch(/attribute value: :toString$/)
  })
})

describe('functions', () => {
  test.each([
    ['foo(a)', 'Invalid function name; function: foo'],
    ['SIZE(a) > :n', 'Invalid function name; function: SIZE'],
    ['a = constructor(b)', 'Invalid function name; function: constructor'],
    ['if_not_exists(a, b)', 'The function is not allowed in a condition expression; function: if_not_exists'],
    ['size(a)', 'The function is not allowed to be used this way in an expression; function: size'],
    [
      'attribute_exists(a) = :bool',
      'The function is not allowed to be used this way in an expression; function: attribute_exists',
    ],
    ['a = contains(b, c)', 'The function is not allowed to be used this way in an expression; function: contains'],
    [
      'attribute_exists(a, b)',
      'Incorrect number of operands for operator or function; operator or function: attribute_exists, number of operands: 2',
    ],
    [
      'begins_with(a)',
      'Incorrect number of operands for operator or function; operator or function: begins_with, number of operands: 1',
    ],
    [
      'size(a, b) = :n',
      'Incorrect number of operands for operator or function; operator or function: size, number of operands: 2',
    ],
    ['attribute_exists(:s)', 'Operator or function requires a document path; operator or function: attribute_exists'],
    [
      'attribute_not_exists(size(a))',
      'Operator or function requires a document path; operator or function: attribute_not_exists',
    ],
    [
      'attribute_type(a, :n)',
      'Incorrect operand type for operator or function; operator or function: attribute_type, operand type: N',
    ],
    [
      'attribute_type(a, b)',
      'Incorrect operand type for operator or function; operator or function: attribute_type, operand type: {NS,SS,L,BS,N,M,B,BOOL,NULL,S}',
    ],
    [
      'attribute_type(a, :s)',
      'Invalid attribute type name found; type: a, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}',
    ],
    [
      'begins_with(a, :n)',
      'Incorrect operand type for operator or function; operator or function: begins_with, operand type: N',
    ],
    ['size(:n) = :n', 'Incorrect operand type for operator or function; operator or function: size, operand type: N'],
    [
      'size(size(a)) = :n',
      'Incorrect operand type for operator or function; operator or function: size, operand type: N',
    ],
    [
      'contains(a, a)',
      'The first operand must be distinct from the remaining operands for this operator or function; operator: contains, first operand: [a]',
    ],
    [
      'a.b[1] = a.b[1]',
      'The first operand must be distinct from the remaining operands for this operator or function; operator: =, first operand: [a, b, [1]]',
    ],
    ['a < :bool', 'Incorrect operand type for operator or function; operator or function: <, operand type: BOOL'],
    [':null >= a', 'Incorrect operand type for operator or function; operator or function: >=, operand type: NULL'],
    [
      'a BETWEEN :l AND :n',
      'Incorrect operand type for operator or function; operator or function: BETWEEN, operand type: L',
    ],
    [
      'a BETWEEN :n AND :s',
      'The BETWEEN operator requires same data type for lower and upper bounds; lower bound operand: AttributeValue: {N:1}, upper bound operand: AttributeValue: {S:a}',
    ],
  ])('%s', (expression, sentence) => {
    expect(ofFilter(expression)).toBe(`Invalid FilterExpression: ${sentence}`)
  })

  test('BETWEEN takes the lower bound first', () => {
    const source = { expression: 'a BETWEEN :b AND :a', values: { ':a': 'a', ':b': 'b' } }
    expect(sentenceOf(() => bindCondition('ConditionExpression', source))).toBe(
      'Invalid ConditionExpression: The BETWEEN operator requires upper bound to be greater than or equal to lower ' +
        'bound; lower bound operand: AttributeValue: {S:b}, upper bound operand: AttributeValue: {S:a}',
    )
  })

  test('values are shown as they would be stored', () => {
    const of = (low: unknown, high: unknown) => {
      const source = { expression: 'a BETWEEN :l AND :h', values: { ':l': low, ':h': high } }
      return sentenceOf(() => bindCondition('FilterExpression', source)).replace(/^.*bounds?; /, '')
    }
    expect(of(1e30, 0.5)).toBe(
      'lower bound operand: AttributeValue: {N:1000000000000000000000000000000}, upper bound operand: AttributeValue: {N:0.5}',
    )
    expect(of(Uint8Array.of(97), 1n)).toBe(
      'lower bound operand: AttributeValue: {B:YQ==}, upper bound operand: AttributeValue: {N:1}',
    )
  })

  test('= and <> take values of any type', () => {
    for (const value of Object.keys(VALUES)) expect(ofFilter(`a = ${value} OR b <> ${value}`)).toBe('accepted')
  })

  test('the same attribute behind another name is the same operand', () => {
    expect(ofFilter('a = #a', { '#a': 'a' })).toMatch(/first operand: \[a\]$/)
    expect(ofFilter('a.b = #ab', { '#ab': 'a.b' })).toBe('accepted')
  })
})

describe('updates', () => {
  const overlap = 'Two document paths overlap with each other; must remove or rewrite one of these paths; '
  const conflict = 'Two document paths conflict with each other; must remove or rewrite one of these paths; '
  test.each([
    ['set a = b set c = d', 'The "SET" section can only be used once in an update expression;'],
    ['remove d set a = b remove e', 'The "REMOVE" section can only be used once in an update expression;'],
    ['SET a = size(b)', 'The function is not allowed in an update expression; function: size'],
    ['SET a = foo(b)', 'Invalid function name; function: foo'],
    [' remove Absolute ', 'Attribute name is a reserved keyword; reserved keyword: Absolute'],
    [
      'SET a = if_not_exists(c)',
      'Incorrect number of operands for operator or function; operator or function: if_not_exists, number of operands: 1',
    ],
    [
      'SET a = if_not_exists(:s, c)',
      'Operator or function requires a document path; operator or function: if_not_exists',
    ],
    [
      'SET a = list_append(:s, a)',
      'Incorrect operand type for operator or function; operator or function: list_append, operand type: S',
    ],
    [
      'SET a = list_append(list_append(b, c), d)',
      'The function is not allowed to be used this way in an expression; function: list_append',
    ],
    ['SET a = a + :s', 'Incorrect operand type for operator or function; operator or function: +, operand type: S'],
    ['SET a = :ss - a', 'Incorrect operand type for operator or function; operator or function: -, operand type: SS'],
    ['ADD a :s', 'Incorrect operand type for operator or function; operator: ADD, operand type: STRING'],
    ['ADD a :l', 'Incorrect operand type for operator or function; operator: ADD, operand type: LIST'],
    ['DELETE a :n', 'Incorrect operand type for operator or function; operator: DELETE, operand type: NUMBER'],
    ['DELETE a :bool', 'Incorrect operand type for operator or function; operator: DELETE, operand type: BOOLEAN'],
    [
      'set b = list_append(:s, a) add a.b :s',
      'Incorrect operand type for operator or function; operator: ADD, operand type: STRING',
    ],
    ['SET a = b, a = c', `${overlap}path one: [a], path two: [a]`],
    ['SET a.b = c REMOVE a', `${overlap}path one: [a, b], path two: [a]`],
    ['SET a = b REMOVE a.b[1]', `${overlap}path one: [a], path two: [a, b, [1]]`],
    ['set d[1] = a, d.b = a, c[1].a = a, c = b', `${overlap}path one: [c, [1], a], path two: [c]`],
    ['remove a.c set a[1] = b', `${conflict}path one: [a, c], path two: [a, [1]]`],
  ])('%s', (expression, sentence) => {
    expect(ofUpdate(expression)).toBe(`Invalid UpdateExpression: ${sentence}`)
  })

  test('overlap is seen behind names', () => {
    const names = { '#c': 'c', '#d': '[3]' }
    expect(ofUpdate('set #c[3].#d = a, #c[3] = a', names)).toContain('path one: [c, [3], [3]], path two: [c, [3]]')
    expect(ofUpdate('set #c[3].#d = a, #c.#d[3] = b', names)).toContain(conflict)
    expect(ofUpdate('SET a[0] = b, a[1] = b, a[10] = b, c.d = b, c.e = b')).toBe('accepted')
  })

  test('two thousand paths are compared at once', () => {
    const names = Array.from({ length: 1000 }, (_, n) => `x${n}`)
    expect(ofUpdate(`REMOVE ${names.slice(0, 680).join()}`)).toBe('accepted')
    expect(ofUpdate(`REMOVE ${names.slice(0, 680).join()},x0`)).toContain('path one: [x0], path two: [x0]')
  })
})

test('projections do not overlap either', () => {
  const overlap = 'Invalid ProjectionExpression: Two document paths overlap with each other; '
  expect(ofProjection('a, a.b')).toContain(
    `${overlap}must remove or rewrite one of these paths; path one: [a], path two: [a, b]`,
  )
  expect(ofProjection('a[0].b, a[0]')).toContain('path one: [a, [0], b], path two: [a, [0]]')
  expect(ofProjection('a, b, a')).toContain('path one: [a], path two: [a]')
  expect(ofProjection('a.b, a.c, l[0], l[1]')).toBe('accepted')
})

describe('key conditions', () => {
  test.each([
    ['a = :s OR b = :s', 'Invalid operator used in KeyConditionExpression: OR'],
    ['a = :s AND b IN (:s)', 'Invalid operator used in KeyConditionExpression: IN'],
    ['attribute_exists(a)', 'Invalid operator used in KeyConditionExpression: attribute_exists'],
    ['contains(a.d, b)', 'Invalid operator used in KeyConditionExpression: contains'],
    ['not a > b', 'Invalid operator used in KeyConditionExpression: NOT'],
    ['a <> b', 'Invalid operator used in KeyConditionExpression: <>'],
    [
      ':n between size(b) and size(a) and b > :n',
      'Invalid condition in KeyConditionExpression: BETWEEN operator must have the key attribute as its first operand',
    ],
    [
      'begins_with(:s, b) and a = :s',
      'Invalid condition in KeyConditionExpression: begins_with operator must have the key attribute as its first operand',
    ],
    ['size(b) > a AND a.b > b AND b > c', 'KeyConditionExpressions cannot contain nested operations'],
    ['a between size(b) and size(a)', 'KeyConditionExpressions cannot contain nested operations'],
    ['b > a.b', 'Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition'],
    ['a between b and size(a)', 'The first operand must be distinct'],
    [
      'begins_with(a, b)',
      'Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition',
    ],
    ['b[0] > a', 'KeyConditionExpressions cannot have conditions on nested attributes'],
    [':n > :n AND a < :n', 'Invalid condition in KeyConditionExpression: No key attribute specified'],
    ['b > :s AND b < :s and c = :s and d = :s', 'KeyConditionExpressions must only contain one condition per key'],
    ['a = :s and b = :s and :s = c', 'Conditions can be of length 1 or 2 only'],
    ['b = :s', 'Query condition missed key schema element: a'],
    ['a > :s', 'Query key condition not supported'],
    ['begins_with(a, :s)', 'Query key condition not supported'],
    ['a = :s AND c = :s', 'Query condition missed key schema element: b'],
    [
      'a = :s AND b < :bool',
      'Invalid KeyConditionExpression: Incorrect operand type for operator or function; operator or function: <, operand type: BOOL',
    ],
  ])('%s', (expression, sentence) => {
    if (sentence.startsWith('The first operand')) expect(ofKey(expression)).not.toBe('accepted')
    else expect(ofKey(expression)).toBe(sentence)
  })
})

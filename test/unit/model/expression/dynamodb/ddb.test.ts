/** The template: what is put in is never a part of the text. */
import { describe, expect, test } from 'vitest'
import { bindCondition } from '../../../../../src/model/expression/dynamodb/bound-expression.js'
import { ddb } from '../../../../../src/model/expression/dynamodb/ddb.js'
import { refusalOf } from '../../../../support/refusal.js'

const holds = (source: ReturnType<typeof ddb>, item: Record<string, unknown>) => {
  const { compiled, values } = bindCondition('FilterExpression', source)
  return compiled.test(item, values)
}

test('it is plain data', () => {
  expect(ddb`total > ${20} AND size(tags) < ${3}`).toEqual({
    kind: 'ddb',
    text: 'total > :0 AND size(tags) < :1',
    values: [20, 3],
  })
  expect(ddb`attribute_exists(a)`).toEqual({ kind: 'ddb', text: 'attribute_exists(a)', values: [] })
})

test('reserved words are names like others', () => {
  expect(holds(ddb`name = ${1} AND status.date[0] = ${2}`, { name: 1, status: { date: [2] } })).toBe(true)
  expect(holds(ddb`#and = ${1} OR #in = ${1}`, { in: 1 })).toBe(true)
  expect(holds(ddb`_id = ${1} AND $x = ${1} AND größe = ${1}`, { _id: 1, $x: 1, größe: 1 })).toBe(true)
})

test('what is put in stays a value', () => {
  const evil = ':0 OR attribute_exists(id)'
  expect(holds(ddb`a = ${evil}`, { id: 1 })).toBe(false)
  expect(holds(ddb`a = ${evil}`, { a: evil })).toBe(true)
})

describe('ddb.attribute', () => {
  test('stands for any name', () => {
    const names = ['odd name', 'a.b', '#n0', ':0', 'ü', '__x__', "'; DROP"]
    for (const name of names) {
      expect(holds(ddb`${ddb.attribute(name)} = ${1}`, { [name]: 1 })).toBe(true)
      expect(
        holds(ddb`m.${ddb.attribute(name)}[0] = ${1} AND #n = ${2} AND #n0 = ${3}`, {
          m: { [name]: [1] },
          n: 2,
          n0: 3,
        }),
      ).toBe(true)
    }
  })
  test('takes a name', () => {
    expect(refusalOf(() => ddb.attribute(''))).toMatch(/^ATTRIBUTE_NAME/)
    expect(refusalOf(() => ddb.attribute(5 as unknown as string))).toMatch(/^ATTRIBUTE_NAME/)
  })
  test('is no value', () => {
    expect(refusalOf(() => bindCondition('FilterExpression', ddb`a = ${ddb.attribute('b')}`))).toBe('accepted')
    expect(holds(ddb`a = ${ddb.attribute('b')}`, { a: 1, b: 1 })).toBe(true)
  })
})

describe('it refuses', () => {
  test('an expression in an expression', () => {
    const inner = ddb`a = ${1}`
    expect(refusalOf(() => ddb`${inner} AND b = ${2}`)).toMatch(
      /^EXPRESSION_SYNTAX: Cannot put an expression into another/,
    )
  })
  test('a :value in the text', () => {
    expect(refusalOf(() => ddb`a = :v AND b = ${1}`)).toMatch(/^EXPRESSION_SYNTAX: Cannot use ":v" in a ddb template/)
    expect(refusalOf(() => ddb`a = :0 AND ${ddb.attribute('x')} = ${1}`)).toMatch(/^EXPRESSION_SYNTAX/)
  })
  test('made by hand, values that are not there or not used', () => {
    const of = (text: string, values: unknown[]) =>
      refusalOf(() => bindCondition('FilterExpression', { kind: 'ddb', text, values }))
    expect(of('a = :1', [1])).toMatch(/attribute value: :1$/)
    expect(of('a = :0', [1, 2])).toMatch(/unused in expressions: keys: \{:1\}$/)
    expect(of('a = :x', [1])).toMatch(/attribute value: :x$/)
    expect(of('a = :0', [undefined])).toMatch(/^VALUE_UNDEFINED/)
    expect(
      refusalOf(() =>
        bindCondition('FilterExpression', { kind: 'ddb', text: '#a = b', values: [], names: 5 as never }),
      ),
    ).toMatch(/^EXPRESSION_PLACEHOLDER/)
  })
})

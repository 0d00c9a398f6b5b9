/** What conditions mean. Each rule of DynamoDB's has a test that is called like it. */
import { describe, expect, test } from 'vitest'
import { Decimal } from '../../../../../src/index.js'
import { bindCondition } from '../../../../../src/model/expression/dynamodb/bound-expression.js'
import { ddb } from '../../../../../src/model/expression/dynamodb/ddb.js'
import type { DdbExpression } from '../../../../../src/model/expression/dynamodb/expression-source.js'
import { predicateFromExpression } from '../../../../../src/model/expression/predicate-from-expression.js'
import type { Item } from '../../../../../src/model/item/item.js'

const holds = (source: DdbExpression, item: Item) => {
  const { compiled, values } = bindCondition('ConditionExpression', source)
  return compiled.test(item, values)
}
const both = (source: DdbExpression, yes: Item, no: Item) => {
  expect(holds(source, yes)).toBe(true)
  expect(holds(source, no)).toBe(false)
}

describe('a comparison on a missing attribute is false except <>, and NOT wraps', () => {
  test.each(['=', '<', '<=', '>', '>='])('%s', (operator) => {
    expect(holds({ kind: 'ddb', text: `a ${operator} :0`, values: [1] }, {})).toBe(false)
    expect(holds({ kind: 'ddb', text: `NOT a ${operator} :0`, values: [1] }, {})).toBe(true)
    expect(holds({ kind: 'ddb', text: `a ${operator} b`, values: [] }, {})).toBe(false)
    expect(holds({ kind: 'ddb', text: `:0 ${operator} a.b[3].c`, values: [1] }, { a: { b: [] } })).toBe(false)
  })
  test('<>', () => {
    expect(holds(ddb`a <> ${1}`, {})).toBe(true)
    expect(holds(ddb`a <> b`, {})).toBe(true)
    expect(holds(ddb`NOT a <> ${1}`, {})).toBe(false)
  })
  test('BETWEEN, IN, and the functions', () => {
    expect(holds(ddb`a BETWEEN ${1} AND ${2}`, {})).toBe(false)
    expect(holds(ddb`${1} BETWEEN a AND b`, { a: 0 })).toBe(false)
    expect(holds(ddb`a IN (${1})`, {})).toBe(false)
    expect(holds(ddb`begins_with(a, ${'x'})`, {})).toBe(false)
    expect(holds(ddb`contains(a, ${'x'})`, {})).toBe(false)
    expect(holds(ddb`attribute_type(a, ${'S'})`, {})).toBe(false)
    expect(holds(ddb`size(a) >= ${0}`, {})).toBe(false)
    expect(holds(ddb`size(a) <> ${0}`, {})).toBe(true)
  })
  test('IN with an absent operand looks at the others', () => {
    expect(holds(ddb`a IN (b, ${1}, c)`, { a: 1 })).toBe(true)
    expect(holds(ddb`a IN (b, c)`, { a: 1 })).toBe(false)
    expect(holds(ddb`a IN (b)`, {})).toBe(false)
  })
})

describe('of different types only <> and = mean something', () => {
  test.each(['<', '<=', '>', '>='])('%s', (operator) => {
    for (const a of ['1', true, null, [1], { a: 1 }, new Set([1]), Uint8Array.of(1)]) {
      expect(holds({ kind: 'ddb', text: `a ${operator} :0`, values: [1] }, { a })).toBe(false)
    }
  })
  test('= and <>', () => {
    expect(holds(ddb`a = ${1}`, { a: '1' })).toBe(false)
    expect(holds(ddb`a <> ${1}`, { a: '1' })).toBe(true)
    expect(holds(ddb`a = ${null}`, { a: null })).toBe(true)
    expect(holds(ddb`a = ${null}`, {})).toBe(false)
  })
})

describe('values compare as in every other notation', () => {
  test('numbers by value, whatever their type', () => {
    for (const a of [5, 5n, Decimal.from('5')]) {
      both(ddb`a = ${Decimal.from('5.0')}`, { a }, { a: 5.1 })
      both(ddb`a BETWEEN ${4.9} AND ${5n}`, { a }, { a: Decimal.from('5.00000000000000000000000000000000001') })
    }
    both(ddb`a > ${0.1}`, { a: Decimal.from('0.10000000000000000001') }, { a: 0.1 })
  })
  test('text by its UTF-8', () => both(ddb`a > ${'\uffff'}`, { a: '😀' }, { a: '\ufffe' }))
  test('binary by its bytes', () =>
    both(ddb`a < ${Uint8Array.of(0x80)}`, { a: Uint8Array.of(0x7f, 0xff) }, { a: Uint8Array.of(0xff) }))
  test('lists, maps and sets as a whole', () => {
    both(ddb`a = ${[1, { b: 2n }]}`, { a: [1n, { b: 2 }] }, { a: [{ b: 2 }, 1] })
    both(ddb`a = ${new Set([1, 2])}`, { a: new Set([2n, 1n]) }, { a: new Set([1]) })
    both(ddb`a IN (${{ x: 1 }}, ${new Set(['y'])})`, { a: new Set(['y']) }, { a: { x: 1, y: 1 } })
  })
})

describe('functions', () => {
  test('size() of a string counts UTF-16 code units; of binary bytes; of sets, lists and maps elements', () => {
    expect(holds(ddb`size(a) = ${4}`, { a: 'ü😀x' })).toBe(true)
    expect(holds(ddb`size(a) = ${3}`, { a: Uint8Array.of(1, 2, 3) })).toBe(true)
    expect(holds(ddb`size(a) = ${2}`, { a: new Set([1, 2]) })).toBe(true)
    expect(holds(ddb`size(a) = ${2}`, { a: [1, 2] })).toBe(true)
    expect(holds(ddb`size(a) = ${1}`, { a: { b: 1 } })).toBe(true)
    expect(holds(ddb`size(a) > size(b)`, { a: 'xx', b: [1] })).toBe(true)
    expect(holds(ddb`size(a) BETWEEN ${1} AND ${2}`, { a: 'xx' })).toBe(true)
    expect(holds(ddb`size(a) IN (${1}, ${2})`, { a: 'xx' })).toBe(true)
  })
  test('size() of a number, a boolean or null is no number', () => {
    for (const a of [5, true, null]) {
      expect(holds(ddb`size(a) >= ${0}`, { a })).toBe(false)
      expect(holds(ddb`NOT size(a) >= ${0}`, { a })).toBe(true)
    }
  })
  test('attribute_exists and attribute_not_exists: null exists', () => {
    both(ddb`attribute_exists(a.b[1])`, { a: { b: [1, null] } }, { a: { b: [1] } })
    both(ddb`attribute_not_exists(a)`, {}, { a: null })
  })
  test.each([
    ['S', ''],
    ['N', 1n],
    ['B', Uint8Array.of()],
    ['BOOL', false],
    ['NULL', null],
    ['L', []],
    ['M', {}],
    ['SS', new Set(['a'])],
    ['NS', new Set([Decimal.from('1.1')])],
    ['BS', new Set([Uint8Array.of(1)])],
  ])('attribute_type %s', (type, a) => {
    expect(holds(ddb`attribute_type(a, ${type})`, { a })).toBe(true)
    for (const other of ['S', 'N', 'B', 'BOOL', 'NULL', 'L', 'M', 'SS', 'NS', 'BS'].filter((name) => name !== type)) {
      expect(holds(ddb`attribute_type(a, ${other})`, { a })).toBe(false)
    }
  })
  test('begins_with takes text and binary', () => {
    both(ddb`begins_with(a, ${'ab'})`, { a: 'abc' }, { a: 'ba' })
    both(ddb`begins_with(a, ${Uint8Array.of(1)})`, { a: Uint8Array.of(1, 2) }, { a: '\x01' })
    both(ddb`begins_with(a, b)`, { a: 'abc', b: '' }, { a: 'abc', b: 1 })
    both(ddb`begins_with(${'abc'}, a)`, { a: 'ab' }, { a: 'abcd' })
  })
  test('contains looks into text, binary, sets and lists', () => {
    both(ddb`contains(a, ${'b'})`, { a: 'abc' }, { a: 'acc' })
    both(ddb`contains(a, ${'b'})`, { a: ['b'] }, { a: ['bb'] })
    both(ddb`contains(a, ${2})`, { a: new Set([1n, 2n]) }, { a: 2 })
    both(ddb`contains(a, ${[1]})`, { a: [[1], 2] }, { a: [1] })
    both(ddb`contains(${['x', 'y']}, a)`, { a: 'y' }, { a: 'z' })
    expect(holds(ddb`contains(a, b)`, { a: ['x'] })).toBe(false)
  })
})

describe('AND, OR and NOT', () => {
  const truth = (text: string) =>
    holds({ kind: 'ddb', text, values: [true] }, { t: true, f: false, n: 1, n0: 0, n2: 2 })
  const t = 't = :0'
  const f = 'f = :0'
  test.each([
    [`${t} OR ${t} AND ${f}`, true],
    [`(${t} OR ${t}) AND ${f}`, false],
    [`${f} AND ${t} OR ${t}`, true],
    [`${f} AND (${t} OR ${t})`, false],
    [`NOT ${f} AND ${f}`, false],
    [`NOT (${f} AND ${f})`, true],
    [`NOT ${f} OR ${t}`, true],
    [`NOT (${f} OR ${t})`, false],
    [`NOT NOT ${t}`, true],
    [`NOT NOT NOT ${t}`, false],
    [`${t} AND NOT ${f} AND NOT (${f})`, true],
    [`not ${f} And ${t} oR ${f}`, true],
    [`n BETWEEN n0 AND n2 AND ${t}`, true],
    [`(${f}) OR (${t} AND (${t} OR ${f}))`, true],
  ])('%s', (text, wanted) => expect(truth(text)).toBe(wanted))

  test('three hundred deep', () => {
    let text = t
    for (let depth = 0; depth < 149; depth++) text = `(${text} AND t=t1)`.replace('t=t1', 't=:0')
    expect(truth(text)).toBe(true)
  })
})

describe('a path', () => {
  test('leads through maps by names and through lists by indexes, and through nothing else', () => {
    const item = { a: { b: [{ c: 'x' }], '0': 'zero' }, text: 'abc', set: new Set(['x']), bytes: Uint8Array.of(1) }
    both(ddb`a.b[0].c = ${'x'}`, item, { a: { b: { '0': { c: 'x' } } } })
    expect(holds(ddb`attribute_exists(a[0])`, item)).toBe(false)
    expect(holds(ddb`attribute_exists(${ddb.attribute('a')}.${ddb.attribute('0')})`, item)).toBe(true)
    for (const path of ['text[0]', 'text.length', 'set.size', 'bytes[0]', 'a.b.length', 'a.b.0']) {
      expect(() => holds({ kind: 'ddb', text: `attribute_exists(${path})`, values: [] }, item)).not.toThrow(/null/)
    }
    expect(
      holds(ddb`attribute_exists(text[0]) OR attribute_exists(text.length) OR attribute_exists(a.b.length)`, item),
    ).toBe(false)
  })
  test('finds nothing that objects inherit', () => {
    for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf']) {
      for (const text of [
        `attribute_exists(#${name})`,
        `attribute_exists(a.#${name})`,
        `a.#${name}.#constructor = :0`,
      ]) {
        expect(holds({ kind: 'ddb', text, values: text.includes(':0') ? [1] : [] }, { a: {} })).toBe(false)
      }
    }
    expect(holds(ddb`#constructor = ${1}`, { constructor: 1 })).toBe(true)
  })
})

describe('as a predicate', () => {
  test('it knows which attributes it reads', () => {
    const source = {
      expression: '#n.b > :v AND size(c[0]) = :v OR contains(d, :v)',
      names: { '#n': 'a' },
      values: { ':v': 1 },
    }
    const { attributes, source: text } = predicateFromExpression('FilterExpression', source)
    expect(attributes).toEqual(['a', 'c', 'd'])
    expect(text).toBe(source.expression)
  })

  test('the same text can have other values, and other names', () => {
    const expression = '#a = :v'
    const of = (name: string, value: unknown) =>
      predicateFromExpression('FilterExpression', { expression, names: { '#a': name }, values: { ':v': value } })
    const [one, other] = [of('x', 1), of('y', 2)]
    expect([one.matches({ x: 1 }), one.matches({ y: 2 }), other.matches({ y: 2 }), other.matches({ x: 1 })]).toEqual([
      ...[true, false, true, false],
    ])
    expect(of('x', 1).matches({ x: 1 })).toBe(true)
  })

  test('a text that is bound for a template is not taken for a raw one', () => {
    expect(holds({ kind: 'ddb', text: 'name = :0', values: [1] }, { name: 1 })).toBe(true)
    expect(() => predicateFromExpression('FilterExpression', { expression: 'name = :0', values: { ':0': 1 } })).toThrow(
      /reserved keyword/,
    )
  })

  test('a thousand other texts later it still means the same', () => {
    const first = predicateFromExpression('FilterExpression', { expression: 'a = :v', values: { ':v': 1 } })
    for (let n = 0; n < 3000; n++) {
      predicateFromExpression('FilterExpression', { expression: `a${n} = :v`, values: { ':v': n } })
    }
    expect(first.matches({ a: 1 })).toBe(true)
    expect(
      predicateFromExpression('FilterExpression', { expression: 'a = :v', values: { ':v': 2 } }).matches({ a: 2 }),
    ).toBe(true)
  })
})

describe('large values cost what they are worth once, not for each item', () => {
  // Without this each of these tests would take minutes.
  const items = Array.from({ length: 2000 }, (_, n): Item => ({ n, m: { n }, s: `${n}` }))
  const count = (expression: string, value: unknown) => {
    const { matches } = predicateFromExpression('FilterExpression', { expression, values: { ':v': value } })
    return items.filter((item) => matches(item)).length
  }
  const hundred = (part: (n: number) => string) => Array.from({ length: 100 }, (_, n) => part(n)).join(' OR ')

  test('a list of fifty thousand', () => {
    const list = Array.from({ length: 50_000 }, (_, n) => n * 2)
    expect(count(hundred((n) => `contains(:v, x${n})`).replace('x0', 'n'), list)).toBe(1000)
  })
  test('a set of sixty thousand', () => {
    expect(count('contains(:v, s)', new Set(Array.from({ length: 60_000 }, (_, n) => `${n * 2}`)))).toBe(1000)
  })
  test('a map of thirty thousand names', () => {
    const map = Object.fromEntries(Array.from({ length: 30_000 }, (_, n) => [`k${n}`, 1]))
    expect(count(`${hundred(() => 'm = :v')} OR m IN (:v, :v) OR :v = m OR size(:v) < n`, map)).toBe(0)
  })
})

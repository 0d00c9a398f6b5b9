/** A filter and its translation pass the same items. */
import { describe, expect, test } from 'vitest'
import { ddb, translate } from '../../../../../src/index.js'
import { compileFilter } from '../../../../../src/model/expression/compile-filter.js'
import { compileItemChange } from '../../../../../src/model/expression/item-change.js'
import {
  translateFilter,
  translateKeyCondition,
  translateProjection,
  translateUpdate,
} from '../../../../../src/model/expression/translate/translate.js'
import { SeededRandom } from '../../../../support/random.js'
import { randomAttributes, randomFilter, randomUpdate } from '../../../../support/random-items.js'
import { worthOf } from '../../../../support/reference-expression.js'
import { asObject, asText, passes } from '../../../../support/reference-filter.js'
import { refusalOf } from '../../../../support/refusal.js'

const SEED = Number(process.env['SEED'] ?? 1)
const ROUNDS = Number(process.env['ROUNDS'] ?? 1500)

test(`the translation of an object, and of a text, means what they mean, from seed ${SEED}`, () => {
  for (let round = 0; round < ROUNDS; round++) {
    const random = new SeededRandom(SEED + round)
    const spec = randomFilter(random)
    const translated = [translate(asObject(spec)), translate(asText(spec))].map((raw) => compileFilter(raw))
    for (let n = 0; n < 5; n++) {
      const item = randomAttributes(random, 1000)
      const wanted = passes(spec, item)
      // A filter string takes the elements of a list, and an expression the list as a whole.
      if (JSON.stringify(spec).includes('"in"') && typeof item['status'] === 'object') continue
      expect(
        translated.map((filter) => filter.matches(item)),
        `seed ${SEED + round}: ${asText(spec)}`,
      ).toEqual([wanted, wanted])
    }
  }
})

test(`the translation of an update does what the update does, from seed ${SEED}`, () => {
  for (let round = 0; round < ROUNDS; round++) {
    const random = new SeededRandom(SEED + round)
    const update = randomUpdate(random, 1000)
    if (Object.values(update).every((section) => Object.keys(section).length === 0)) continue
    const { more: _, ...item } = randomAttributes(random, 1000)
    const [one, other] = [update, translateUpdate(update)].map((each) =>
      compileItemChange(each, ['id']).apply({ id: 1, ...item }, { id: 1 }),
    )
    expect(worthOf(other), `seed ${SEED + round}`).toBe(worthOf(one))
  }
})

describe('translate', () => {
  test.each([
    ['total > 20 and status in ("open", "paid")', '#n0 > :v0 AND #n1 IN (:v1, :v2)'],
    [{ total: { gt: 20 }, note: { exists: false } }, '#n0 > :v0 AND attribute_not_exists(note)'],
    [
      { or: [{ a: 1 }, { b: { ne: 2 } }], not: { c: { beginsWith: 'x' } } },
      '(a = :v0 OR b <> :v1) AND NOT begins_with(c, :v2)',
    ],
    [{ m: { n: { size: { gte: 1, lt: 5 } } } }, 'size(m.n) >= :v0 AND size(m.n) < :v1'],
    [{ 'a.b': 1, 'odd name': 2, _x: 3, größe: 4 }, '#n0 = :v0 AND #n1 = :v1 AND #n2 = :v2 AND #n3 = :v3'],
    [{ a: { between: [1, 2], contains: 'x' } } as never, 'a BETWEEN :v0 AND :v1 AND contains(a, :v2)'],
    ['1 <= x < 5 or not exists(y)', ':v0 <= x AND x < :v1 OR NOT attribute_exists(y)'],
    ['not(a == -1.5) and (b or c.d)', 'NOT a = :v0 AND (b = :v1 OR c.d = :v2)'],
    ['empty(a)', 'attribute_not_exists(a) OR a = :v0 OR size(a) = :v1'],
    ["'a.b' == null", '#n0 = :v0'],
    [ddb`name = ${1} OR ${ddb.attribute('x y')} < ${2}`, '#n0 = :v0 OR #n1 < :v1'],
    [{ expression: '#t > :v', names: { '#t': 'total' }, values: { ':v': 20 } }, '#t > :v'],
  ])('%o', (filter, expression) => expect(translate(filter).expression).toBe(expression))

  test('what holds always or never disappears in the rest', () => {
    expect(translate({ or: [{ a: { in: [] } }, { b: 1 }] }).expression).toBe('b = :v0')
    expect(translate({ b: 1, not: { a: { in: [] } }, and: [] }).expression).toBe('b = :v0')
  })

  test('many values are several INs', () => {
    const { expression } = translate({ a: { in: Array.from({ length: 250 }, (_, n) => n) } })
    expect(expression.match(/ IN /g)).toHaveLength(3)
  })

  test.each([
    [() => true, /a function/],
    [{ a: { matches: '^x' } }, /no regular expressions/],
    ['a =~ "^x"', /no regular expressions/],
    ['a + 1 > 2', /no arithmetic/],
    ['a > -b', /no arithmetic/],
    ['lower(a) == "x"', /no function "lower"/],
    ['now() > a', /no function "now"/],
    ['a in subnet("10.0.0.0/8")', /no function "subnet"/],
    ['"web" in tags', /contains\(list, value\)/],
    ['if a then b else c', /no "if"/],
    ['(a > 1) == true', /where a value should/],
    ['a of b == 1', /"of"/],
    [{}, /lets every item pass/],
    [{ a: { in: [] } }, /lets no item pass/],
    [{ lines: { '0': 'x' } }, /element of a list or an attribute/],
    ['lines.0 == 1', /element of a list or an attribute/],
    ['a == a', /must be distinct/],
    [{ a: { size: { exists: true } } }, /size/],
    [{ and: Array.from({ length: 160 }, (_, n) => ({ [`a${n}`]: 1 })) }, /too many operators/],
  ])('%o has no counterpart', (filter, reason) => {
    const refused = refusalOf(() => translate(filter))
    expect(refused).toMatch(/^EXPRESSION_UNTRANSLATABLE: Cannot translate the filter into a DynamoDB expression: /)
    expect(refused).toMatch(reason)
  })

  test('what is wrong with the filter is said as always', () => {
    expect(refusalOf(() => translate('a >'))).toMatch(/^FILTER_SYNTAX/)
    expect(refusalOf(() => translate({ a: { $gt: 1 } }))).toMatch(/^FILTER_SYNTAX/)
    expect(refusalOf(() => translate(ddb`a >`))).toMatch(/^EXPRESSION_SYNTAX/)
    expect(refusalOf(() => translate(null))).toMatch(/^FILTER_TYPE/)
  })
})

test('key conditions', () => {
  expect(translateKeyCondition({ customer: 'ada', date: { beginsWith: '2026' } })).toEqual({
    expression: 'customer = :v0 AND begins_with(#n0, :v1)',
    names: { '#n0': 'date' },
    values: { ':v0': 'ada', ':v1': '2026' },
  })
  expect(translateKeyCondition(ddb`hash = ${1} AND sk > ${2}`).expression).toBe('#n0 = :v0 AND sk > :v1')
  // As in the engine, one that is undefined is none.
  expect(translateKeyCondition({ customer: 'ada', at: undefined }).expression).toBe('customer = :v0')
})

test('what is wrong with a key condition is said as always', () => {
  const refused = (condition: unknown) => refusalOf(() => translateKeyCondition({ id: 'a', at: condition }))
  expect(refused({})).toMatch(/^KEY_CONDITION: Cannot query by "at": a condition has exactly one of/)
  expect(refused({ between: [2, 1] })).toMatch(/^KEY_CONDITION/)
  expect(refused({ startsWith: 'a' })).toMatch(/^KEY_CONDITION/)
  expect(refused({ gt: '' })).toMatch(/^KEY_EMPTY/)
  expect(refused({ gt: Number.NaN })).toMatch(/^NUMBER_NOT_FINITE/)
  expect(refused({ any: ['a', 'b'] })).toMatch(/^EXPRESSION_UNTRANSLATABLE.* one value of a key at a time/)
})

test('a value that is none is refused as one, whatever it is a part of', () => {
  expect(refusalOf(() => translateUpdate({ set: { a: Number.NaN } }))).toMatch(/^NUMBER_NOT_FINITE/)
  expect(refusalOf(() => translateUpdate({ set: { a: new Date(0) } }))).toMatch(/^VALUE_CLASS/)
})

test('a filter that every item passes, or none, needs no expression', () => {
  expect(translateFilter({})).toBe(true)
  expect(translateFilter({ a: { in: [] } })).toBe(false)
  expect(translateFilter({ a: 1 })).toEqual({ expression: 'a = :v0', values: { ':v0': 1 } })
})

test('selections', () => {
  expect(translateProjection(['a', 'status', 'b.c', 'a'])).toEqual({
    expression: 'a, #n0, #n1',
    names: { '#n0': 'status', '#n1': 'b.c' },
  })
  expect(translateProjection(ddb`status, list[0].name`)).toEqual({
    expression: '#n0, #n1[0].#n2',
    names: { '#n0': 'status', '#n1': 'list', '#n2': 'name' },
  })
  const raw = { expression: 'a.#b', names: { '#b': 'b' } }
  expect(translateProjection(raw)).toBe(raw)
  expect(refusalOf(() => translateProjection([]))).toMatch(/^OPTION/)
  expect(refusalOf(() => translateProjection({ expression: 'a,' }))).toMatch(/^EXPRESSION_SYNTAX/)
})

/** Equality of values, by table; both orders must agree. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { copyValue } from '../../../../src/model/item/copy.js'
import { Decimal } from '../../../../src/model/item/decimal.js'
import { equalValues } from '../../../../src/model/item/equality.js'
import { items } from '../arbitrary.js'

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values)

test.each<[unknown, unknown]>([
  [1, 1n],
  [1, Decimal.from('1.0')],
  [0.1, Decimal.from('0.10')],
  [0, -0],
  [2n ** 70n, Decimal.from((2n ** 70n).toString())],
  [bytes(1, 2), Buffer.from([1, 2])],
  [new Set([1, 2]), new Set([2n, Decimal.from('1')])],
  [new Set(['a', 'b']), new Set(['b', 'a'])],
  [new Set([bytes(1), bytes(2)]), new Set([bytes(2), bytes(1)])],
  [
    { a: 1, b: [null] },
    { b: [null], a: 1n },
  ],
  [[], []],
  [{}, Object.create(null)],
])('%s equals %s', (left, right) => {
  expect(equalValues(left, right)).toBe(true)
  expect(equalValues(right, left)).toBe(true)
})

test.each<[unknown, unknown]>([
  [1, '1'],
  [1, true],
  [0, null],
  [0, false],
  [null, undefined],
  [{}, undefined],
  [{}, null],
  [{}, []],
  [{}, new Set()],
  [{}, bytes()],
  [{}, Decimal.from('1')],
  [[], new Set()],
  [[1], [1, 2]],
  [{ a: 1 }, { b: 1 }],
  [{ a: undefined }, { b: undefined }],
  [{ toString: undefined }, { other: undefined }],
  [new Set(['1']), new Set([1])],
  [new Set([1, 2]), new Set([1, 3])],
  [new Set([bytes(1)]), new Set([bytes(1, 2)])],
  [bytes(1), [1]],
  [9007199254740992, 9007199254740993n],
])('%s does not equal %s', (left, right) => {
  expect(equalValues(left, right)).toBe(false)
  expect(equalValues(right, left)).toBe(false)
})

test('every item equals its copy', () => {
  fc.assert(fc.property(items(), (item) => equalValues(item, copyValue(item))))
})

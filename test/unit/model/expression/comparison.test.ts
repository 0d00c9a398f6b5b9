/** The order of scalars is that of their bytes, exact for numbers, and nothing across types. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareText, compareValues } from '../../../../src/model/expression/comparison.js'
import { Decimal } from '../../../../src/model/item/decimal.js'

test('orders text as its UTF-8 bytes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
      expect(Math.sign(compareText(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)))
    }),
  )
  expect(compareValues('\uff5e', '\u{10000}')).toBeLessThan(0)
  expect(compareValues('a', 'ab')).toBeLessThan(0)
})

test('orders numbers exactly, however they are held', () => {
  expect(compareValues(12345678901234567890n, 12345678901234567891n)).toBeLessThan(0)
  expect(compareValues(2 ** 53, 2n ** 53n + 1n)).toBeLessThan(0)
  expect(compareValues(5, 5n)).toBe(0)
  expect(compareValues(Decimal.from('0.1'), 0.1)).toBe(0)
  expect(compareValues(Decimal.from('0.10000000000000000000001'), 0.1)).toBeGreaterThan(0)
  expect(compareValues(Number.NaN, 1)).toBeUndefined()
  expect(compareValues(1n, Number.NaN)).toBeUndefined()
})

test('orders bytes as unsigned numbers', () => {
  expect(compareValues(new Uint8Array([0x80]), new Uint8Array([0x7f]))).toBeGreaterThan(0)
  expect(compareValues(new Uint8Array([1]), new Uint8Array([1, 0]))).toBeLessThan(0)
  expect(compareValues(new Uint8Array([1]), new Uint8Array([1]))).toBe(0)
})

test('gives no order to different types, nor to what is no scalar', () => {
  const values = ['5', 5, true, null, undefined, new Uint8Array([5]), [5], new Set([5]), {}]
  for (const a of values) for (const b of values) if (a !== b) expect(compareValues(a, b)).toBeUndefined()
  for (const value of [true, null, undefined, [5], {}]) expect(compareValues(value, value)).toBeUndefined()
})

/** Sizes as DynamoDB counts them, by the examples that were measured there. */
import { expect, test } from 'vitest'
import { Decimal } from '../../../../src/model/item/decimal.js'
import { itemSize, valueSize } from '../../../../src/model/item/item-size.js'

test.each([
  [Decimal.from('3.14159'), 5],
  [123456, 4],
  [1e125, 2],
  [Decimal.from('1E125'), 2],
  [0, 1],
  [5, 2],
  [-5, 3],
  [100, 2],
  [100.5, 4],
  [0.001, 2],
  [-0.5, 3],
  [10n ** 30n, 2],
  [Decimal.from('1.2345678901234567890123456789012345678'), 21],
])('the number %s has %i bytes', (value, size) => {
  expect(valueSize(value)).toBe(size)
})

test.each<[string, unknown, number]>([
  ['an empty string', '', 0],
  ['a string beyond ASCII', 'aé€😀', 10],
  ['binary', new Uint8Array(7), 7],
  ['null', null, 1],
  ['a boolean', false, 1],
  ['an empty list', [], 3],
  ['an empty map', {}, 3],
  ['a list', [null, 'ab'], 3 + 2 + 1 + 2],
  ['a map', { ab: 'cd' }, 3 + 1 + 2 + 2],
  ['a set of strings', new Set(['a', 'bc']), 3],
  ['a set of numbers', new Set([1, -1]), 5],
])('%s has its bytes', (_what, value, size) => {
  expect(valueSize(value)).toBe(size)
})

test('an item has the bytes of its names and values', () => {
  expect(itemSize({ id: 'ä', n: 7, list: [] })).toBe(2 + 2 + 1 + 2 + 4 + 3)
  expect(itemSize({})).toBe(0)
})

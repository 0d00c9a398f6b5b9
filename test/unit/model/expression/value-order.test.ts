/** The order of everything that an attribute may hold. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareAnyValues } from '../../../../src/model/expression/value-order.js'
import { Decimal } from '../../../../src/model/item/decimal.js'
import { encodeKeyPart } from '../../../../src/model/key/key-codec.js'

test('types come in the order binary, numbers, text, booleans, null, everything else', () => {
  const inOrder = [Uint8Array.of(), Uint8Array.of(0), Uint8Array.of(255), -5n, 0, Decimal.from('0.5'), 1, 2n ** 80n]
  const all = [...inOrder, '', 'a', '\u{e000}', '\u{1f600}', false, true, null, [1]]
  for (const [i, a] of all.entries()) {
    for (const [j, b] of all.entries()) expect(Math.sign(compareAnyValues(a, b)), `${i} ${j}`).toBe(Math.sign(i - j))
  }
})

test('lists, maps and sets have no order', () => {
  const others = [[1], [2, 3], { a: 1 }, new Set(['a'])]
  for (const a of others) for (const b of others) expect(compareAnyValues(a, b)).toBe(0)
})

test('what may be in a key has the order of keys', () => {
  const scalar = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.integer(),
    fc
      .double({ noNaN: true, noDefaultInfinity: true, min: -1e100, max: 1e100 })
      .filter((n) => n === 0 || Math.abs(n) > 1e-100),
    fc.bigInt({ min: -(10n ** 37n), max: 10n ** 37n }),
    fc.uint8Array({ maxLength: 5 }),
  )
  fc.assert(
    fc.property(scalar, scalar, (a, b) => {
      const [left, right] = [encodeKeyPart(a), encodeKeyPart(b)]
      expect(Math.sign(compareAnyValues(a, b))).toBe(left < right ? -1 : left > right ? 1 : 0)
    }),
  )
})

/** A set of values has exactly those that are equal to one of its members. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ValueSet } from '../../../../src/model/expression/value-set.js'
import { Decimal } from '../../../../src/model/item/decimal.js'
import { equalValues } from '../../../../src/model/item/equality.js'

test('knows a number however it is held', () => {
  const set = new ValueSet([5, 0.5, 12345678901234567890n, 1e21, Decimal.from('1.50')])
  for (const value of [5n, Decimal.from('5.0'), Decimal.from('0.50'), 10n ** 21n, 1.5])
    expect(set.has(value)).toBe(true)
  for (const value of [Decimal.from('5.0000000000000000000001'), 12345678901234567891n, '5', 12345678901234567000]) {
    expect(set.has(value)).toBe(false)
  }
})

test('agrees with equality', () => {
  const scalar = fc.oneof(
    fc.constantFrom('', 'a', '1', 'n1e0', 1, 1n, 0, -0, 10, 0.1, 100n, 1e22, null, true, false),
    fc.constantFrom(Decimal.from('1'), Decimal.from('0.10'), Decimal.from('0.11'), Decimal.from('-100')),
    fc.constantFrom(new Uint8Array([1]), new Uint8Array([])),
  )
  const value = fc.oneof(
    scalar,
    fc.array(scalar, { maxLength: 3 }),
    fc.array(fc.constantFrom('a', 'b', ','), { maxLength: 3 }).map((list) => new Set(list)),
    fc.dictionary(fc.constantFrom('a', 'b', 'toString'), scalar, { maxKeys: 2 }),
  )
  fc.assert(
    fc.property(fc.array(value, { maxLength: 5 }), value, (members, wanted) => {
      expect(new ValueSet(members).has(wanted)).toBe(members.some((member) => equalValues(member, wanted)))
    }),
    { numRuns: 2000 },
  )
})

/** An item expires at the second its attribute says, and never if that is no number. */
import { expect, test } from 'vitest'
import { Decimal } from '../../../../src/model/item/decimal.js'
import { isExpired } from '../../../../src/model/ttl/expiry.js'

test('expires from its second on', () => {
  for (const value of [100, 100n, Decimal.from('100'), 99.5, 0, -1]) expect(isExpired(value, 100)).toBe(true)
  for (const value of [101, 101n, 100.5, Decimal.from('100.0000000000000000001')])
    expect(isExpired(value, 100)).toBe(false)
  expect(isExpired(100.5, 100.5)).toBe(true)
})

test('never expires by what is no number', () => {
  for (const value of [undefined, null, '', '0', '2020-01-01', false, true, new Date(0), [0], {}, Number.NaN]) {
    expect(isExpired(value, 100)).toBe(false)
  }
})

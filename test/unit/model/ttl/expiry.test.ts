/** An item expires at the second its attribute says, and never if that is no number or a time of long ago. */
import { expect, test } from 'vitest'
import { Decimal } from '../../../../src/model/item/decimal.js'
import { isExpired } from '../../../../src/model/ttl/expiry.js'

const NOW = 1_800_000_000
/** Of a table that was made just now. */
const YOUNG = { createdAt: NOW * 1000 }
const FIVE_YEARS = 5 * 365 * 86_400

test('expires from its second on', () => {
  for (const value of [NOW, BigInt(NOW), Decimal.from(String(NOW)), NOW - 0.5, NOW - FIVE_YEARS]) {
    expect(isExpired(value, NOW, YOUNG)).toBe(true)
  }
  for (const value of [NOW + 1, BigInt(NOW + 1), NOW + 0.5, Decimal.from(`${NOW}.0000000000000000001`)]) {
    expect(isExpired(value, NOW, YOUNG)).toBe(false)
  }
  expect(isExpired(NOW + 0.5, NOW + 0.5, YOUNG)).toBe(true)
})

test('never expires by a time of more than five years before its table was made', () => {
  const tooOld = NOW - FIVE_YEARS - 1
  const values = [0, -1, 0n, Decimal.from('0'), Decimal.from('-1e100'), Number.NEGATIVE_INFINITY]
  for (const value of [...values, tooOld, BigInt(tooOld), Decimal.from(`${tooOld}.9999999999999999`)]) {
    expect(isExpired(value, NOW, YOUNG)).toBe(false)
  }
})

test('never expires by what is no number', () => {
  for (const value of [undefined, null, '', '0', '2020-01-01', false, true, new Date(NOW), [NOW], {}, Number.NaN]) {
    expect(isExpired(value, NOW, YOUNG)).toBe(false)
  }
})

test('stays expired, however long ago that was', () => {
  const values = [NOW, BigInt(NOW), Decimal.from(String(NOW)), NOW - FIVE_YEARS]
  for (const later of [NOW, NOW + 1, NOW + FIVE_YEARS, NOW + FIVE_YEARS + 1, NOW + 100 * FIVE_YEARS]) {
    for (const value of values) expect(isExpired(value, later, YOUNG)).toBe(true)
    expect(isExpired(0, later, YOUNG)).toBe(false)
  }
})

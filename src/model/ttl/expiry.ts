/**
 * Whether an item's time has come. The attribute is a number of seconds since 1970, as in DynamoDB; the item is gone from
 * that second on. Whatever is no number never expires: text, null, a missing attribute. Nor does a time of more than five
 * years ago, as in DynamoDB: that is no time which somebody meant, but a 0 for "never", or a number that counts something
 * else.
 */
import { compareNumbers, isNumberValue } from '../item/decimal.js'

/** Of 365 days. */
const FIVE_YEARS_S = 5 * 365 * 24 * 60 * 60

/** Whether the time in an item's attribute is now or past, and no more than five years past. */
export function isExpired(value: unknown, nowSeconds: number): boolean {
  if (typeof value === 'number') return value <= nowSeconds && value >= nowSeconds - FIVE_YEARS_S
  if (!isNumberValue(value)) return false
  return compareNumbers(value, nowSeconds) <= 0 && compareNumbers(value, nowSeconds - FIVE_YEARS_S) >= 0
}

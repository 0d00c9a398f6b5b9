/**
 * Whether an item's time has come. The attribute is a number of seconds since 1970, as in DynamoDB; the item is gone from
 * that second on. Whatever is no number never expires: text, null, a missing attribute.
 */
import { compareNumbers, isNumberValue } from '../item/decimal.js'

/** Whether the time in an item's attribute is now or past. 0 is a time like any other, and long past. */
export function isExpired(value: unknown, nowSeconds: number): boolean {
  if (typeof value === 'number') return value <= nowSeconds
  return isNumberValue(value) && compareNumbers(value, nowSeconds) <= 0
}

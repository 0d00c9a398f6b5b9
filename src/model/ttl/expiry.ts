/**
 * Whether an item's time has come. The attribute is a number of seconds since 1970, as in DynamoDB; the item is gone from
 * that second on, and for good, unless it is written again. Whatever is no number never expires: text, null, a missing
 * attribute. Nor does a time of long ago: that is no time which somebody meant, but a 0 for "never", or a number that counts
 * something else.
 *
 * In DynamoDB that is a time of more than five years before now. There an item is removed within days, so it never gets that
 * old; here it is hidden, and would come back. So the five years are those before its table was made.
 */
import { compareNumbers, isNumberValue } from '../item/decimal.js'

/** Of 365 days. */
const FIVE_YEARS_S = 5 * 365 * 24 * 60 * 60

/** What is known of an item's table. */
export interface Origin {
  /** In milliseconds since 1970. */
  readonly createdAt: number
}

/** Whether the time in an item's attribute is now or past, and no time of long ago. */
export function isExpired(value: unknown, nowSeconds: number, { createdAt }: Origin): boolean {
  const earliest = createdAt / 1000 - FIVE_YEARS_S
  if (typeof value === 'number') return value <= nowSeconds && value >= earliest
  if (!isNumberValue(value)) return false
  return compareNumbers(value, nowSeconds) <= 0 && compareNumbers(value, earliest) >= 0
}

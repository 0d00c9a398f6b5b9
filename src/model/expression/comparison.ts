/**
 * How two scalars compare, in every notation a filter can be written in. Lists, maps and sets have no order; whether
 * they are equal is item/equality.ts.
 *
 * Values of different types are unordered: `"5" < 6` is false and so is `"5" >= 6`. Numbers compare exactly, whether
 * they are held as number, bigint or Decimal. Text is ordered by its UTF-8 bytes, as keys are, which is the order of
 * its code points; JavaScript's own `<` goes by UTF-16 units and disagrees from U+E000 up.
 */
import { compareNumbers, isNumberValue } from '../item/decimal.js'

/** Negative, zero or positive as `a` sorts before, with or after `b`; `undefined` if they have no order. */
export function compareValues(a: unknown, b: unknown): number | undefined {
  if (typeof a === 'string') return typeof b === 'string' ? compareText(a, b) : undefined
  // A number that is not one (NaN) has no order either.
  if (typeof a === 'number' && typeof b === 'number') return a < b ? -1 : a > b ? 1 : a === b ? 0 : undefined
  if (isNumberValue(a))
    return isNumberValue(b) && isFiniteNumber(a) && isFiniteNumber(b) ? compareNumbers(a, b) : undefined
  if (a instanceof Uint8Array) return b instanceof Uint8Array ? compareBytes(a, b) : undefined
  return undefined
}

/** Text by its code points. Nothing is allocated: only the first unit that differs is looked at. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0
  const length = Math.min(a.length, b.length)
  for (let index = 0; index < length; index++) {
    const x = a.charCodeAt(index)
    const y = b.charCodeAt(index)
    if (x !== y) return rank(x) - rank(y)
  }
  return a.length - b.length
}

/** Surrogates stand for code points above U+FFFF, so they rank after all other units. */
function rank(unit: number): number {
  return unit < 0xd800 ? unit : unit >= 0xe000 ? unit - 0x800 : unit + 0x2000
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length)
  for (let index = 0; index < length; index++) {
    const difference = a[index]! - b[index]!
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

function isFiniteNumber(value: unknown): boolean {
  return typeof value !== 'number' || Number.isFinite(value)
}

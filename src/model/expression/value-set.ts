/**
 * A set of attribute values by what they are worth: 5, 5n and the Decimal 5 are one member, and so are two lists with
 * equal elements. Membership takes the time of hashing the value, however many members there are, so a list of sixty
 * thousand against another is work for milliseconds. Agrees with item/equality.ts.
 */
import { Decimal, isNumberValue, numberParts, plainText } from '../item/decimal.js'
import { findOnce } from '../item/findings.js'
import { isMap } from './attribute-path.js'

export class ValueSet {
  readonly #scalars: Set<unknown> = new Set()
  readonly #others: Set<string> = new Set()

  constructor(values: Iterable<unknown>) {
    for (const value of values) {
      const scalar = scalarKey(value)
      if (scalar === undefined) this.#others.add(valueKey(value))
      else this.#scalars.add(scalar)
    }
  }

  get size(): number {
    return this.#scalars.size + this.#others.size
  }

  has(value: unknown): boolean {
    const scalar = scalarKey(value)
    if (scalar !== undefined) return this.#scalars.has(scalar)
    return this.#others.size > 0 && this.#others.has(findOnce(valueKey, value))
  }
}

/** Text, booleans, null and the integers a double holds are their own key: no text is built for them. */
function scalarKey(value: unknown): string | number | boolean | null | undefined {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : undefined
  if (typeof value === 'bigint') return isSafe(value) ? Number(value) : undefined
  if (!Decimal.is(value)) return undefined
  // A safe integer is exact only if the digits say so: 5.00000000000000000001 also becomes 5.
  const number = value.toNumber()
  return Number.isSafeInteger(number) && value.toString() === String(number) ? number : undefined
}

/** A text that is equal for equal values and different for different ones. */
export function valueKey(value: unknown): string {
  if (isNumberValue(value)) return `n${isFiniteNumber(value) ? plainText(numberParts(value)) : value}`
  if (typeof value === 'string') return `s${JSON.stringify(value)}`
  if (value instanceof Uint8Array)
    return `b${Buffer.from(value.buffer, value.byteOffset, value.length).toString('hex')}`
  if (Array.isArray(value)) return `l[${value.map(valueKey).join()}]`
  if (value instanceof Set) return `t[${[...value].map(valueKey).sort().join()}]`
  if (isMap(value)) {
    const names = Object.keys(value).sort()
    return `m{${names.map((name) => `${JSON.stringify(name)}:${valueKey(value[name])}`).join()}}`
  }
  return `${typeof value} ${String(value)}`
}

function isSafe(value: bigint): boolean {
  return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER)
}

function isFiniteNumber(value: unknown): boolean {
  return typeof value !== 'number' || Number.isFinite(value)
}

/**
 * Filters on their way to a worker. What `postMessage` copies is all that a filter may hold (regular expressions, sets,
 * big integers, numbers that can't be stored), but for a `Decimal`, which would arrive as an object that is none. It
 * travels as a `Map`, which no filter has in it. Bytes are copied alone, not with all of the memory they lie in.
 */
import { Decimal } from '../../model/item/decimal.js'
import { isPlainObject } from '../../model/item/plain-object.js'

const DECIMAL = 'decimal'

/** Trusts its argument to be a filter that was compiled, and so of bounded depth. */
export function packFilter(filter: unknown): unknown {
  return replaced(filter, (value) => {
    if (value instanceof Decimal) return new Map([[DECIMAL, value.toString()]])
    return value instanceof Uint8Array ? Uint8Array.from(value) : value
  })
}

export function unpackFilter(filter: unknown): unknown {
  return replaced(filter, (value) => (value instanceof Map ? Decimal.from(value.get(DECIMAL) as string) : value))
}

function replaced(value: unknown, replace: (value: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map((element) => replaced(element, replace))
  if (value instanceof Set) return new Set([...value].map((element) => replaced(element, replace)))
  if (!isPlainObject(value)) return replace(value)
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, replaced(part, replace)]))
}

/**
 * Filters on their way to a worker. What `postMessage` copies is all that a filter may hold (regular expressions, sets,
 * big integers, numbers that can't be stored), but for a `Decimal` and for several filters as one, which would arrive as
 * objects that are neither. They travel as a `Map`, which no filter has in it. Bytes are copied alone, not with all of the
 * memory they lie in.
 */
import { Conjunction, filtersOf } from '../../model/expression/conjunction.js'
import { Decimal } from '../../model/item/decimal.js'
import { isPlainObject } from '../../model/item/plain-object.js'

const DECIMAL = 'decimal'
const ALL = 'all'

/** Trusts its argument to be a filter that was compiled, and so of bounded depth. */
export function packFilter(filter: unknown): unknown {
  if (filter instanceof Conjunction) return new Map([[ALL, filtersOf(filter).map(packFilter)]])
  return replaced(filter, (value) => {
    if (Decimal.is(value)) return new Map([[DECIMAL, value.toString()]])
    return value instanceof Uint8Array ? Uint8Array.from(value) : value
  })
}

export function unpackFilter(filter: unknown): unknown {
  if (filter instanceof Map && filter.has(ALL)) {
    const filters = (filter.get(ALL) as readonly unknown[]).map(unpackFilter)
    return filters.reduce((all, each) => Conjunction.of(all, each))
  }
  return replaced(filter, (value) => (value instanceof Map ? Decimal.from(value.get(DECIMAL) as string) : value))
}

function replaced(value: unknown, replace: (value: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map((element) => replaced(element, replace))
  if (value instanceof Set) return new Set([...value].map((element) => replaced(element, replace)))
  if (!isPlainObject(value)) return replace(value)
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, replaced(part, replace)]))
}

/**
 * A total order of everything that an attribute may hold, for sorting items by any attribute.
 *
 * Within a type it is the order of keys: binary by its bytes, numbers by value, text by its UTF-8; `false` before `true`.
 * Between types it is that of keys of mixed types, with what can't be a key behind: binary, numbers, text, booleans, null,
 * then lists, maps and sets, among which there is no order. DynamoDB has nothing to follow here: its sort keys have one
 * type each. What is missing is no value, and so in no place of this order: who sorts decides where it goes.
 */
import { compareNumbers, isNumberValue } from '../item/decimal.js'
import { compareText } from './comparison.js'

/** Negative, zero or positive as `a` sorts before, with or after `b`. */
export function compareAnyValues(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b)
  const rank = rankOf(a)
  const difference = rank - rankOf(b)
  if (difference !== 0) return difference
  switch (rank) {
    case BINARY:
      return Buffer.compare(a as Uint8Array, b as Uint8Array)
    case NUMBER:
      return compareNumbers(a as number, b as number)
    case BOOLEAN:
      return Number(a) - Number(b)
    default:
      return 0
  }
}

const BINARY = 0
const NUMBER = 1
const TEXT = 2
const BOOLEAN = 3
const NULL = 4
const OTHER = 5

function rankOf(value: unknown): number {
  if (typeof value === 'string') return TEXT
  if (isNumberValue(value)) return NUMBER
  if (typeof value === 'boolean') return BOOLEAN
  if (value === null) return NULL
  return value instanceof Uint8Array ? BINARY : OTHER
}

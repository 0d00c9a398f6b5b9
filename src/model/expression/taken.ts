/**
 * What a caller hands over to be read later: a condition, a filter, the values of an expression. It is taken as it is now,
 * so that whoever uses his object again meanwhile changes nothing of what he asked for. Bytes and sets of another realm are
 * bytes and sets of ours from here on.
 */
import { isDetached } from '../../base/bytes.js'
import { isPlainObject } from '../item/plain-object.js'
import { isBytes, isSet } from '../item/realm.js'

/** What is deeper, or longer, than anything a condition may hold stays as it is: it is refused when it is read. */
const DEPTH_LIMIT = 64
const LENGTH_LIMIT: number = 2 ** 21

/**
 * A copy of plain objects, lists, sets and bytes; anything else, as functions and texts, stays what it is.
 *
 * @example
 * const where = { customer: 'ada' }
 * const kept = taken(where)
 * where.customer = 'bob' // kept.customer is still 'ada'
 */
export function taken<Value>(value: Value): Value {
  return (isObject(value) ? takenAt(value, 0, new Map()) : value) as Value
}

/** @param copies Those there are: what is in there many times, or holds itself, is copied once. */
function takenAt(value: object, depth: number, copies: Map<object, object>): object {
  if (depth > DEPTH_LIMIT) return value
  const known = copies.get(value)
  if (known !== undefined) return known
  const copy = shallowCopy(value)
  copies.set(value, copy)
  if (copy === value) return value
  if (Array.isArray(copy)) {
    for (let i = 0; i < copy.length; i++) if (isObject(copy[i])) copy[i] = takenAt(copy[i], depth + 1, copies)
  } else if (isPlainObject(copy)) {
    for (const name of Object.keys(copy)) {
      const member = copy[name]
      // The copy has this name already, so that one called `__proto__` is a member like any other.
      if (isObject(member)) copy[name] = takenAt(member, depth + 1, copies)
    }
  }
  return copy
}

/** Members are still those of the caller, but the bytes of a set. */
function shallowCopy(value: object): object {
  if (isPlainObject(value)) return { ...value }
  if (Array.isArray(value)) return value.length > LENGTH_LIMIT ? value : [...value]
  if (isBytes(value)) return bytesTaken(value) as Uint8Array
  return isSet(value) ? new Set(Array.from(value, bytesTaken)) : value
}

/** Bytes that are somebody else's by now can't be copied: they are refused when they are read. */
function bytesTaken(element: unknown): unknown {
  return isBytes(element) && !isDetached(element) ? new Uint8Array(element) : element
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

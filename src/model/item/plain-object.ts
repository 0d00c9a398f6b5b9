/**
 * What a plain object is, and whether one contains itself: the two questions about a caller's objects that are answered
 * without reading any of their values twice.
 */
import type { Item } from './item.js'

/**
 * Whether the value is an object literal, or as good as one: its prototype is null or the `Object.prototype` of any realm
 * (a test runner's sandbox has its own).
 */
export function isPlainObject(value: unknown): value is Item {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Object.prototype || prototype === null) return true
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype as object, 'isPrototypeOf')
}

/** How many objects are looked at before a structure that is too deep anyway is taken not to be a cycle. */
const SEARCH_LIMIT = 10_000

/**
 * Whether something reachable from `start` is `start` itself or one of `ancestors`. Getters are not called, and the search
 * gives up on structures of many thousand objects.
 */
export function leadsBackTo(start: object, ancestors: readonly (object | undefined)[]): boolean {
  const targets = new Set<object | undefined>(ancestors)
  if (targets.has(start)) return true
  targets.add(start)
  const seen = new Set<object>([start])
  const open: object[] = [start]
  for (let object = open.pop(); object !== undefined && seen.size < SEARCH_LIMIT; object = open.pop()) {
    if (!Array.isArray(object) && !isPlainObject(object)) continue
    for (const name of Object.keys(object).slice(0, SEARCH_LIMIT)) {
      const value: unknown = Object.getOwnPropertyDescriptor(object, name)?.value
      if (typeof value !== 'object' || value === null) continue
      if (targets.has(value)) return true
      if (seen.has(value)) continue
      seen.add(value)
      open.push(value)
    }
  }
  return false
}

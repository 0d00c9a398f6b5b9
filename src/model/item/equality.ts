/**
 * When two values are the same value: numbers by value whatever their type (`1` is `1n`), sets without regard to order,
 * binary by its bytes, lists by position, maps by name. Only own properties count.
 *
 * Trusts both sides to be values of an item, and so of bounded depth.
 */
import { compareNumbers, isNumberValue, numberParts, plainText } from './decimal.js'
import { findOnce, isRemembering } from './findings.js'

/** Whether two attribute values are equal. `undefined`, which is no value, equals only itself. */
export function equalValues(left: unknown, right: unknown): boolean {
  if (left === right) return true
  if (isNumberValue(left)) return isNumberValue(right) && compareNumbers(left, right) === 0
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false
  if (isNumberValue(right)) return false
  if (left instanceof Uint8Array) return right instanceof Uint8Array && Buffer.compare(left, right) === 0
  if (left instanceof Set) return right instanceof Set && equalSets(left, right)
  if (Array.isArray(left)) return Array.isArray(right) && equalLists(left, right)
  if (right instanceof Uint8Array || right instanceof Set || Array.isArray(right)) return false
  return equalMaps(left as Record<string, unknown>, right as Record<string, unknown>)
}

function equalLists(left: readonly unknown[], right: readonly unknown[]): boolean {
  if (left.length !== right.length) return false
  for (let index = 0; index < left.length; index++) if (!equalValues(left[index], right[index])) return false
  return true
}

/** How many names a map has. */
export function nameCount(map: object): number {
  return findOnce(countNames, map)
}

function countNames(map: object): number {
  return Object.keys(map).length
}

function equalMaps(left: Record<string, unknown>, right: Record<string, unknown>): boolean {
  // That of an item may be large, and compared a hundred times.
  if (isRemembering() && nameCount(left) !== nameCount(right)) return false
  const names = Object.keys(left)
  if (names.length !== Object.keys(right).length) return false
  return names.every((name) => Object.hasOwn(right, name) && equalValues(left[name], right[name]))
}

function equalSets(left: ReadonlySet<unknown>, right: ReadonlySet<unknown>): boolean {
  if (left.size !== right.size) return false
  let identical = true
  for (const element of left) {
    if (!right.has(element)) {
      identical = false
      break
    }
  }
  if (identical) return true
  const identities = new Set<string>()
  for (const element of left) identities.add(elementIdentity(element))
  for (const element of right) if (!identities.has(elementIdentity(element))) return false
  return true
}

/** A text that two elements of sets share exactly when they are equal. */
export function elementIdentity(element: unknown): string {
  if (typeof element === 'string') return `S${element}`
  if (element instanceof Uint8Array) {
    return `B${Buffer.from(element.buffer, element.byteOffset, element.byteLength).toString('latin1')}`
  }
  return isNumberValue(element) ? `N${plainText(numberParts(element))}` : `?${String(element)}`
}

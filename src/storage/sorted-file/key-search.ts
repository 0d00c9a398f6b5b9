/** Searching sorted lists of keys: by their first bytes as numbers, which lie close together in memory, then by the rest. */
import type { HashedKey } from '../../base/key-hash.js'

/** So many bytes fit a number exactly. */
export const LEADING_BYTES = 6

/** The first bytes of a key as a number: of two keys the lower one never has the higher number. */
export function leadingNumber(key: string | HashedKey): number {
  let number = 0
  const length = Math.min(LEADING_BYTES, key.length)
  if (typeof key === 'string') for (let i = 0; i < length; i++) number = number * 256 + key.charCodeAt(i)
  else for (let i = 0; i < length; i++) number = number * 256 + key.bytes[i]!
  // What is missing counts as zero.
  return length === LEADING_BYTES ? number : number * 256 ** (LEADING_BYTES - length)
}

/** The last position whose number is at or below the wanted one; -1 when all are above. */
export function lastAtOrBelow(numbers: Float64Array, wanted: number): number {
  let low = -1
  let high = numbers.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (numbers[middle]! <= wanted) low = middle
    else high = middle - 1
  }
  return low
}

/**
 * The last position whose key is at or below `key`; -1 when there is none.
 *
 * @param numbers The `leadingNumber` of each key.
 */
export function lastPositionAtOrBelow(keys: readonly string[], numbers: Float64Array, key: string | HashedKey): number {
  const wanted = leadingNumber(key)
  let high = lastAtOrBelow(numbers, wanted)
  if (high < 0 || numbers[high] !== wanted) return high
  // Keys that begin alike: mostly one, or, under a hot partition key, all. The numbers are whole, so they come behind the last
  // one that is not above the number below; -1 if there is none.
  let low = lastAtOrBelow(numbers, wanted - 1)
  const text = typeof key === 'string' ? key : key.text
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (keys[middle]! <= text) low = middle
    else high = middle - 1
  }
  return low
}

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

/**
 * The last position whose key is at or below `key`; -1 when there is none.
 *
 * @param numbers The `leadingNumber` of each key.
 */
export function lastPositionAtOrBelow(keys: readonly string[], numbers: Float64Array, key: string | HashedKey): number {
  const wanted = leadingNumber(key)
  // The last number below the wanted one, and the last at it. Between them are the keys that begin alike: mostly one or
  // none, or, under a hot partition key, all.
  let below = -1
  let high = numbers.length - 1
  while (below < high) {
    const middle = (below + high + 1) >> 1
    if (numbers[middle]! < wanted) below = middle
    else high = middle - 1
  }
  let low = below
  high = below
  while (high + 1 < numbers.length && numbers[high + 1] === wanted && high - below < 4) high++
  if (high - below === 4) high = lastAt(numbers, wanted, high)
  if (low === high) return low
  const text = typeof key === 'string' ? key : key.text
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (keys[middle]! <= text) low = middle
    else high = middle - 1
  }
  return low
}

/** The last position, from `low` on, whose number is not above the wanted one. */
function lastAt(numbers: Float64Array, wanted: number, low: number): number {
  let last = low
  let high = numbers.length - 1
  while (last < high) {
    const middle = (last + high + 1) >> 1
    if (numbers[middle]! <= wanted) last = middle
    else high = middle - 1
  }
  return last
}

/**
 * Searching sorted lists of keys, which are byte strings: by their first bytes as numbers, which lie close together in memory,
 * then by the rest.
 */
import type { HashedKey } from '../../base/key-hash.js'

/** So many bytes fit a number exactly. */
export const LEADING_BYTES = 6

/** The first bytes of a key as a number: of two keys the lower one never has the higher number. */
function leadingNumber(key: string | HashedKey): number {
  let number = 0
  const length = Math.min(LEADING_BYTES, key.length)
  if (typeof key === 'string') for (let i = 0; i < length; i++) number = number * 256 + key.charCodeAt(i)
  else for (let i = 0; i < length; i++) number = number * 256 + key.bytes[i]!
  // What is missing counts as zero.
  return length === LEADING_BYTES ? number : number * 256 ** (LEADING_BYTES - length)
}

/**
 * The last position whose number is at or below the wanted one; -1 when all are above.
 *
 * @param low Its number is known to be at or below, and not looked at: what is looked for is there or behind, …
 * @param high … up to here.
 */
export function lastAtOrBelow(
  numbers: Float64Array,
  wanted: number,
  low = -1,
  high: number = numbers.length - 1,
): number {
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (numbers[middle]! <= wanted) low = middle
    else high = middle - 1
  }
  return low
}

const BYTE_VALUES = 256

/**
 * A sorted list of keys that is searched all the time, as that of a tree's partitions is for every item. Keys of items and
 * of index entries begin with a hash: the first byte says where in the list to look, and mostly there is one place.
 */
export class KeyList {
  readonly #keys: readonly string[]
  /** The `leadingNumber` of each key. */
  readonly #numbers: Float64Array
  /** Of each byte, the last position whose key is at or below this byte alone, -1 if there is none; then the last position. */
  readonly #positions: Int32Array

  /** @param keys In ascending order. */
  constructor(keys: readonly string[]) {
    this.#keys = keys
    this.#numbers = Float64Array.from(keys, leadingNumber)
    this.#positions = new Int32Array(BYTE_VALUES + 1).fill(keys.length - 1)
    let position = -1
    for (let byte = 0; byte < BYTE_VALUES; byte++) {
      const key = String.fromCharCode(byte)
      while (position + 1 < keys.length && keys[position + 1]! <= key) position += 1
      this.#positions[byte] = position
    }
  }

  /** The last position whose key is at or below `key`; -1 when there is none. */
  lastAtOrBelow(key: string | HashedKey): number {
    if (key.length === 0) return this.#keys[0] === '' ? 0 : -1
    const byte = typeof key === 'string' ? key.charCodeAt(0) : key.bytes[0]!
    const from = this.#positions[byte]!
    const to = this.#positions[byte + 1]!
    return from === to ? from : this.#search(key, from, to)
  }

  #search(key: string | HashedKey, from: number, to: number): number {
    const keys = this.#keys
    const numbers = this.#numbers
    const wanted = leadingNumber(key)
    let high = lastAtOrBelow(numbers, wanted, from, to)
    if (high < 0 || numbers[high] !== wanted) return high
    // Keys that begin alike: mostly one, or, under a hot partition key, all. The numbers are whole, so they come behind the
    // last one that is not above the number below; what stands at `from` is at or below the key in any case.
    let low = lastAtOrBelow(numbers, wanted - 1, from, high)
    const text = typeof key === 'string' ? key : key.text
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (keys[middle]! <= text) low = middle
      else high = middle - 1
    }
    return low
  }
}

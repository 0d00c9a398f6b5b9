/**
 * The prefixes of recent partition keys, as their hash takes longer to make than to look up.
 *
 * Each has one place, and drives out what was there before: the bytes of a prefix, the hash and the encoded key, side by
 * side in memory, so that a look waits for one or two lines of it, mostly.
 */
import type { HashedKey } from '../../base/key-hash.js'
import { HASH_BYTE_LENGTH } from './key-codec.js'

/** Where a prefix is written, as bytes and as words of the same memory. */
export type PrefixMemory = Pick<HashedKey, 'bytes' | 'words'>

/** Of a place, in words of four bytes. */
const PLACE_BITS = 5
const PLACE_LENGTH: number = 2 ** PLACE_BITS
/** Longer prefixes are not remembered. */
const BYTE_LIMIT: number = 4 * PLACE_LENGTH
/** The words of the hash. */
const HASH_LENGTH: number = HASH_BYTE_LENGTH / 4
/** So many places at first, and so many at most. */
const FEWEST = 256
const MOST = 65_536
/** There are more when one look in so many finds nothing, as others were written over what was looked for. */
const LOOKS_PER_MISS = 16

export class RememberedPrefixes {
  #size = FEWEST
  #words = new Int32Array(FEWEST * PLACE_LENGTH)
  /** The same memory. */
  #bytes = new Uint8Array(this.#words.buffer)
  /** The same as text, of those that were asked for as text. */
  #texts: (string | undefined)[] = new Array<string | undefined>(FEWEST)
  /** Since it was last thought about whether there is room enough. */
  #looks = 0
  #misses = 0

  /**
   * Writes the hash in front of an encoded partition key that begins behind the room for it. Says in which place it was
   * found; -1 if it was not.
   */
  recall(prefix: PrefixMemory, end: number): number {
    if (end > BYTE_LIMIT) return -1
    this.#looks += 1
    const place = this.#placeOf(prefix, end)
    const words = this.#words
    const start = place << PLACE_BITS
    const wordEnd = end >>> 2
    // No encoded key begins with another one (architecture/key-format.md), so nothing has to be said of lengths.
    for (let i = HASH_LENGTH; i < wordEnd; i++) if (prefix.words[i] !== words[start + i]) return -1
    for (let i = 4 * wordEnd; i < end; i++) if (prefix.bytes[i] !== this.#bytes[4 * start + i]) return -1
    for (let i = 0; i < HASH_LENGTH; i++) prefix.words[i] = words[start + i]!
    return place
  }

  /** Keeps a prefix that was not found: the hash and the encoded partition key. */
  remember(prefix: PrefixMemory, end: number): void {
    if (end > BYTE_LIMIT) return
    this.#misses += 1
    if (this.#misses > this.#size) this.#reconsider()
    const place = this.#placeOf(prefix, end)
    this.#bytes.set(prefix.bytes.subarray(0, end), place * BYTE_LIMIT)
    this.#texts[place] = undefined
  }

  /** The text of the prefix in a place. */
  text(place: number, end: number): string {
    const start = place * BYTE_LIMIT
    return (this.#texts[place] ??= latin1Slice.call(this.#bytes, start, start + end))
  }

  #reconsider(): void {
    const isTooSmall = this.#looks < LOOKS_PER_MISS * this.#misses && this.#size < MOST
    this.#looks = 0
    this.#misses = 0
    if (!isTooSmall) return
    // What is asked for is soon remembered again.
    this.#size *= 2
    this.#words = new Int32Array(this.#size * PLACE_LENGTH)
    this.#bytes = new Uint8Array(this.#words.buffer)
    this.#texts = new Array<string | undefined>(this.#size)
  }

  #placeOf({ bytes, words }: PrefixMemory, end: number): number {
    let hash = end
    const wordEnd = end >>> 2
    for (let i = HASH_LENGTH; i < wordEnd; i++) {
      hash = Math.imul(hash ^ words[i]!, 0x9e3779b1)
      hash ^= hash >>> 15
    }
    for (let i = 4 * wordEnd; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x9e3779b1)
    return (hash >>> 16) & (this.#size - 1)
  }
}

type Slice = (this: Uint8Array, start: number, end: number) => string
const { latin1Slice } = Buffer.prototype as unknown as { latin1Slice: Slice }

/**
 * The prefixes of recent partition keys, as their hash takes longer to make than to look up.
 *
 * Each has one place, and drives out what was there before: the bytes of a prefix, the hash and the encoded key, side by
 * side in memory, so that a look waits for one or two lines of it, mostly.
 */
import { HASH_BYTE_LENGTH } from './key-codec.js'

const PLACE_BITS = 7
/** Longer prefixes are not remembered. */
const PLACE_LENGTH: number = 2 ** PLACE_BITS
/** So many places at first, and so many at most. */
const FEWEST = 256
const MOST = 65_536
/** There are more when one look in so many finds nothing, as others were written over what was looked for. */
const LOOKS_PER_MISS = 16

export class RememberedPrefixes {
  #size = FEWEST
  #bytes: Uint8Array = new Uint8Array(FEWEST * PLACE_LENGTH)
  /** The same as text, of those that were asked for as text. */
  #texts: (string | undefined)[] = new Array<string | undefined>(FEWEST)
  /** Since it was last thought about whether there is room enough. */
  #looks = 0
  #misses = 0

  /**
   * Writes the hash in front of an encoded partition key that begins behind the room for it. Says in which place it was
   * found; -1 if it was not.
   */
  recall(prefix: Uint8Array, end: number): number {
    if (end > PLACE_LENGTH) return -1
    this.#looks += 1
    const place = this.#placeOf(prefix, end)
    const bytes = this.#bytes
    const start = place << PLACE_BITS
    // No encoded key begins with another one (architecture/key-format.md), so nothing has to be said of lengths.
    for (let i = HASH_BYTE_LENGTH; i < end; i++) if (prefix[i] !== bytes[start + i]) return -1
    for (let i = 0; i < HASH_BYTE_LENGTH; i++) prefix[i] = bytes[start + i]!
    return place
  }

  /** Keeps a prefix that was not found: the hash and the encoded partition key. */
  remember(prefix: Uint8Array, end: number): void {
    if (end > PLACE_LENGTH) return
    this.#misses += 1
    if (this.#misses > this.#size) this.#reconsider()
    const place = this.#placeOf(prefix, end)
    this.#bytes.set(prefix.subarray(0, end), place << PLACE_BITS)
    this.#texts[place] = undefined
  }

  /** The text of the prefix in a place. */
  text(place: number, end: number): string {
    const start = place << PLACE_BITS
    return (this.#texts[place] ??= latin1Slice.call(this.#bytes, start, start + end))
  }

  #reconsider(): void {
    const isTooSmall = this.#looks < LOOKS_PER_MISS * this.#misses && this.#size < MOST
    this.#looks = 0
    this.#misses = 0
    if (!isTooSmall) return
    // What is asked for is soon remembered again.
    this.#size *= 2
    this.#bytes = new Uint8Array(this.#size * PLACE_LENGTH)
    this.#texts = new Array<string | undefined>(this.#size)
  }

  #placeOf(prefix: Uint8Array, end: number): number {
    let hash = end
    let i = HASH_BYTE_LENGTH
    // Four bytes at a time: each step waits for the one before it.
    for (; i + 4 <= end; i += 4) {
      const four = prefix[i]! | (prefix[i + 1]! << 8) | (prefix[i + 2]! << 16) | (prefix[i + 3]! << 24)
      hash = Math.imul(hash ^ four, 0x9e3779b1)
      hash ^= hash >>> 15
    }
    for (; i < end; i++) hash = Math.imul(hash ^ prefix[i]!, 0x9e3779b1)
    return (hash >>> 16) & (this.#size - 1)
  }
}

type Slice = (this: Uint8Array, start: number, end: number) => string
const { latin1Slice } = Buffer.prototype as unknown as { latin1Slice: Slice }

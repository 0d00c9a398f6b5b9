/**
 * The keys of a memtable, one behind the other in large pieces of memory outside the JavaScript heap, each found by a
 * number. A string for each would be more for the garbage collector to move while a database is being filled, and whoever
 * compares keys would wait for each of them, wherever it lies; these lie close together.
 *
 * Nothing is ever changed or given back: whoever has a place may keep it.
 *
 *   each key: its length (4), its bytes; then zeros up to the next multiple of four
 *
 * They are copied and compared four bytes at a time.
 */
import { invariant } from '../../base/invariant.js'
import { differingByte, type HashedKey } from '../../base/key-hash.js'
import type { FoundValue } from './cursor.js'

/** The first piece is small, as many memtables are; each is twice as long as the one before, up to the largest. In words. */
const SMALLEST_PIECE = 128
const LARGEST_PIECE: number = 64 * 1024
/** A place is the number of a piece, and behind it, in so many bits, that of a word in it. */
const POSITION_BITS = 16
const POSITION_MASK: number = LARGEST_PIECE - 1
const MOST_PIECES: number = 2 ** (31 - POSITION_BITS)

export class KeyArena {
  /** Each piece as words, and the same memory as bytes. */
  readonly #pieces: Int32Array[] = []
  readonly #bytes: Uint8Array[] = []
  /** How far the last piece is filled. */
  #end = 0
  /** How many bytes the keys that were compared last begin with alike. */
  shared = 0

  /** Copies a key, and answers its place. */
  add(key: HashedKey): number {
    const { words, length } = key
    const wordCount = (length + 3) >>> 2
    const piece = this.#pieceFor(1 + wordCount)
    const at = this.#end
    piece[at] = length
    for (let i = 0; i < wordCount; i++) piece[at + 1 + i] = words[i]!
    this.#end = at + 1 + wordCount
    return ((this.#pieces.length - 1) << POSITION_BITS) | at
  }

  lengthAt(place: number): number {
    return this.#pieceOf(place)[place & POSITION_MASK]!
  }

  textAt(place: number): string {
    const start = startOf(place)
    return latin1Slice.call(this.#bytesOf(place), start, start + this.lengthAt(place))
  }

  /** Where a key lies, and stays, is in `target` afterwards. */
  look(place: number, target: FoundValue): void {
    target.bytes = this.#bytesOf(place)
    target.start = startOf(place)
    target.end = target.start + this.lengthAt(place)
  }

  /** Writes the bytes of a key. */
  copyTo(target: Uint8Array, start: number, place: number): void {
    const bytes = this.#bytesOf(place)
    const from = startOf(place)
    const length = this.lengthAt(place)
    for (let i = 0; i < length; i++) target[start + i] = bytes[from + i]!
  }

  /** Negative, zero or positive as the key at a place is below, at or above `key`; `shared` says how far they are alike. */
  compare(place: number, key: HashedKey): number {
    const piece = this.#pieceOf(place)
    const at = place & POSITION_MASK
    const own = piece[at]!
    const { words } = key
    const length = Math.min(own, key.length)
    for (let i = 0; 4 * i < length; i++) {
      const difference = piece[at + 1 + i]! ^ words[i]!
      if (difference === 0) continue
      const shared = 4 * i + differingByte(difference)
      // Behind a key that ends here the other one goes on.
      if (shared >= length) break
      this.shared = shared
      return this.#bytesOf(place)[startOf(place) + shared]! - key.bytes[shared]!
    }
    this.shared = length
    return own - key.length
  }

  /** How many bytes the keys at two places begin with alike. */
  sharedBy(place: number, other: number): number {
    const bytes = this.#bytesOf(place)
    const otherBytes = this.#bytesOf(other)
    const from = startOf(place)
    const otherFrom = startOf(other)
    const length = Math.min(this.lengthAt(place), this.lengthAt(other))
    let i = 0
    while (i < length && bytes[from + i] === otherBytes[otherFrom + i]) i += 1
    return i
  }

  /** Four bytes of the key at a place, from one of them on, as `markOf` has them. */
  markAt(place: number, from: number): number {
    const start = startOf(place)
    return markOf(this.#bytesOf(place), start + from, start + this.lengthAt(place))
  }

  #pieceOf(place: number): Int32Array {
    return this.#pieces[place >>> POSITION_BITS]!
  }

  #bytesOf(place: number): Uint8Array {
    return this.#bytes[place >>> POSITION_BITS]!
  }

  /** The last piece, if there is so much room in it, or another one. */
  #pieceFor(wordCount: number): Int32Array {
    const last = this.#pieces.at(-1)
    if (last !== undefined && this.#end + wordCount <= last.length) return last
    invariant(this.#pieces.length < MOST_PIECES, 'a memtable has less than 8 GB of keys')
    const usual = Math.min(LARGEST_PIECE, SMALLEST_PIECE * 2 ** this.#pieces.length)
    // A key that is larger than a piece has one of its own.
    const piece = new Int32Array(Math.max(usual, wordCount))
    this.#pieces.push(piece)
    this.#bytes.push(new Uint8Array(piece.buffer))
    this.#end = 0
    return piece
  }
}

/** Where the bytes of a key begin in their piece: behind its length. */
function startOf(place: number): number {
  return ((place & POSITION_MASK) + 1) << 2
}

const SIGN_BIT = -(2 ** 31)

/**
 * Four bytes as a number that sorts as they do; what is at the end, or behind it, counts as zero. With a sign: V8 has numbers
 * of 32 bits with one as they are, and others as objects.
 */
export function markOf(bytes: Uint8Array, start: number, end: number): number {
  let mark = 0
  if (start + 4 <= end) {
    mark = (bytes[start]! << 24) | (bytes[start + 1]! << 16) | (bytes[start + 2]! << 8) | bytes[start + 3]!
  } else {
    for (let i = start; i < start + 4; i++) mark = (mark << 8) | (i < end ? bytes[i]! : 0)
  }
  return mark ^ SIGN_BIT
}

type Slice = (this: Uint8Array, start: number, end: number) => string
const { latin1Slice } = Buffer.prototype as unknown as { latin1Slice: Slice }

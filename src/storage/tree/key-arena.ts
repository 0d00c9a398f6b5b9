/**
 * The keys of a memtable, one behind the other in large pieces of memory outside the JavaScript heap, each found by a
 * number. A string for each would be more for the garbage collector to move while a database is being filled, and whoever
 * compares keys would wait for each of them, wherever it lies; these lie close together.
 *
 * Nothing is ever changed or given back: whoever has a place may keep it.
 *
 *   each key: its length (4), its bytes; then up to the next multiple of four
 */
import type { HashedKey } from '../../base/key-hash.js'

/** The first piece is small, as many databases are; each is twice as long as the one before, up to the largest. */
const SMALLEST_PIECE = 4 * 1024
const LARGEST_PIECE = 256 * 1024
const ALIGNMENT_BITS = 2
const ALIGNMENT: number = 2 ** ALIGNMENT_BITS
/** A place is the number of a piece, and behind it, in so many bits, that of an aligned position in it. */
const POSITION_BITS = 16
const POSITION_MASK: number = LARGEST_PIECE / ALIGNMENT - 1
const HEADER_LENGTH = 4
/** From this length on a call is quicker than a loop. */
const LONG_KEY = 64

export class KeyArena {
  readonly #pieces: Buffer[] = []
  /** How far the last piece is filled. */
  #end = 0
  /** How many bytes the keys that were compared last begin with alike. */
  shared = 0

  /** Copies a key, and answers its place. */
  add(key: HashedKey): number {
    const { bytes, length } = key
    const piece = this.#pieceFor(HEADER_LENGTH + length)
    const start = this.#end
    piece[start] = length
    piece[start + 1] = length >>> 8
    piece[start + 2] = length >>> 16
    piece[start + 3] = length >>> 24
    const to = start + HEADER_LENGTH
    if (length >= LONG_KEY) piece.set(bytes.subarray(0, length), to)
    else for (let i = 0; i < length; i++) piece[to + i] = bytes[i]!
    this.#end = (to + length + ALIGNMENT - 1) & -ALIGNMENT
    return ((this.#pieces.length - 1) << POSITION_BITS) | (start >>> ALIGNMENT_BITS)
  }

  lengthAt(place: number): number {
    return lengthIn(this.#pieceOf(place), startOf(place))
  }

  textAt(place: number): string {
    const piece = this.#pieceOf(place)
    const start = startOf(place)
    return latin1Slice.call(piece, start + HEADER_LENGTH, start + HEADER_LENGTH + lengthIn(piece, start))
  }

  /** Writes the bytes of a key. */
  copyTo(target: Uint8Array, start: number, place: number): void {
    const piece = this.#pieceOf(place)
    const from = startOf(place) + HEADER_LENGTH
    const length = lengthIn(piece, startOf(place))
    for (let i = 0; i < length; i++) target[start + i] = piece[from + i]!
  }

  /** Negative, zero or positive as the key at a place is below, at or above `key`; `shared` says how far they are alike. */
  compare(place: number, key: HashedKey): number {
    const piece = this.#pieceOf(place)
    const from = startOf(place) + HEADER_LENGTH
    const own = lengthIn(piece, startOf(place))
    const wanted = key.bytes
    const length = Math.min(own, key.length)
    let i = 0
    while (i < length && piece[from + i] === wanted[i]) i += 1
    this.shared = i
    return i < length ? piece[from + i]! - wanted[i]! : own - key.length
  }

  /** As `compare`, of a key that is text. */
  compareText(place: number, key: string): number {
    const piece = this.#pieceOf(place)
    const from = startOf(place) + HEADER_LENGTH
    const own = lengthIn(piece, startOf(place))
    const length = Math.min(own, key.length)
    for (let i = 0; i < length; i++) {
      const difference = piece[from + i]! - key.charCodeAt(i)
      if (difference !== 0) return difference
    }
    return own - key.length
  }

  /** How many bytes the keys at two places begin with alike. */
  sharedBy(place: number, other: number): number {
    const piece = this.#pieceOf(place)
    const otherPiece = this.#pieceOf(other)
    const from = startOf(place) + HEADER_LENGTH
    const otherFrom = startOf(other) + HEADER_LENGTH
    const length = Math.min(this.lengthAt(place), this.lengthAt(other))
    let i = 0
    while (i < length && piece[from + i] === otherPiece[otherFrom + i]) i += 1
    return i
  }

  /** Four bytes of the key at a place, from one of them on, as `markOf` has them. */
  markAt(place: number, from: number): number {
    const piece = this.#pieceOf(place)
    const start = startOf(place) + HEADER_LENGTH
    return markOf(piece, start + from, start + lengthIn(piece, startOf(place)))
  }

  #pieceOf(place: number): Buffer {
    return this.#pieces[place >>> POSITION_BITS]!
  }

  /** The last piece, if there is so much room in it, or another one. */
  #pieceFor(byteLength: number): Buffer {
    const last = this.#pieces.at(-1)
    if (last !== undefined && this.#end + byteLength <= last.length) return last
    const usual = Math.min(LARGEST_PIECE, SMALLEST_PIECE * 2 ** this.#pieces.length)
    // A key that is larger than a piece has one of its own.
    const piece = Buffer.allocUnsafeSlow(Math.max(usual, byteLength))
    this.#pieces.push(piece)
    this.#end = 0
    return piece
  }
}

/** Where a key begins in its piece. */
function startOf(place: number): number {
  return (place & POSITION_MASK) << ALIGNMENT_BITS
}

function lengthIn(piece: Buffer, start: number): number {
  return piece[start]! | (piece[start + 1]! << 8) | (piece[start + 2]! << 16) | (piece[start + 3]! << 24)
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

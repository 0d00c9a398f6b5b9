/**
 * The entries of a memtable, one behind the other in large pieces of memory outside the JavaScript heap, each found by a
 * number. An object for each, a string for its key and a view of its value would be three times as much for the garbage
 * collector to move while a database is being filled, and that is when writers wait for it; and whoever compares keys
 * would wait for each string, wherever it lies.
 *
 * Nothing is ever changed or given back: an entry that was overwritten lies there until the memtable goes. So whoever
 * has a place, or a view, may keep it.
 *
 *   each entry: lsn (8), length of the value + 1, or 0 for a tombstone (4), length of the key (4), the key, the value;
 *   then up to the next multiple of eight
 */
import type { HashedKey } from '../../base/key-hash.js'

/** The first piece is small, as many databases are; each is twice as long as the one before, up to the largest. */
const SMALLEST_PIECE = 16 * 1024
const LARGEST_PIECE = 256 * 1024
const ALIGNMENT_BITS = 3
const ALIGNMENT: number = 2 ** ALIGNMENT_BITS
/** A place is the number of a piece, and behind it, in so many bits, that of an aligned position in it. */
const POSITION_BITS = 15
const POSITION_MASK: number = LARGEST_PIECE / ALIGNMENT - 1
const HIGH_HALF = 2 ** 32

/** The words of an entry, of four bytes each. */
const LSN = 0
const SIZE = 2
const KEY_LENGTH = 3
const HEADER_LENGTH = 16
/** From this length on a call is quicker than a loop. */
const LONG_KEY = 64

interface Piece {
  readonly bytes: Buffer
  readonly words: Uint32Array
}

export class EntryArena {
  readonly #pieces: Piece[] = []
  /** The piece that is being filled, and how far it is. */
  #last: Piece = { bytes: Buffer.alloc(0), words: new Uint32Array(0) }
  #end = 0
  /** The value of the entry that was looked at last. */
  bytes: Uint8Array = this.#last.bytes
  start = 0
  end = 0
  isTombstone = false
  /** How many bytes the keys that were compared last begin with alike. */
  shared = 0

  /** Copies an entry, a tombstone if it has no value, and answers its place. */
  add(key: HashedKey, value: Uint8Array | undefined, lsn: number): number {
    const { length: keyLength } = key
    const valueLength = value === undefined ? 0 : value.length
    const needed = HEADER_LENGTH + keyLength + valueLength
    if (this.#end + needed > this.#last.bytes.length) this.#addPiece(needed)
    const { bytes, words } = this.#last
    const start = this.#end
    const word = start >>> 2
    words[word + LSN] = lsn
    words[word + LSN + 1] = lsn / HIGH_HALF
    words[word + SIZE] = value === undefined ? 0 : valueLength + 1
    words[word + KEY_LENGTH] = keyLength
    const keyStart = start + HEADER_LENGTH
    if (keyLength >= LONG_KEY) bytes.set(key.bytes.subarray(0, keyLength), keyStart)
    else for (let i = 0; i < keyLength; i++) bytes[keyStart + i] = key.bytes[i]!
    if (value !== undefined) bytes.set(value, keyStart + keyLength)
    this.#end = (start + needed + ALIGNMENT - 1) & -ALIGNMENT
    return ((this.#pieces.length - 1) << POSITION_BITS) | (start >>> ALIGNMENT_BITS)
  }

  /** Looks at a value: where it lies stands in `bytes`, `start` and `end` until the next one is looked at. */
  look(place: number): void {
    const { bytes, words } = this.#pieceOf(place)
    const start = startOf(place)
    const size = words[(start >>> 2) + SIZE]!
    this.isTombstone = size === 0
    this.bytes = bytes
    this.start = start + HEADER_LENGTH + words[(start >>> 2) + KEY_LENGTH]!
    this.end = this.start + (size === 0 ? 0 : size - 1)
  }

  lsn(place: number): number {
    const { words } = this.#pieceOf(place)
    const word = startOf(place) >>> 2
    return words[word + LSN]! + words[word + LSN + 1]! * HIGH_HALF
  }

  isTombstoneAt(place: number): boolean {
    return this.#pieceOf(place).words[(startOf(place) >>> 2) + SIZE] === 0
  }

  keyLength(place: number): number {
    return this.#pieceOf(place).words[(startOf(place) >>> 2) + KEY_LENGTH]!
  }

  key(place: number): string {
    const start = startOf(place) + HEADER_LENGTH
    return latin1Slice.call(this.#pieceOf(place).bytes, start, start + this.keyLength(place))
  }

  /** Writes the bytes of a key. */
  copyKey(place: number, target: Uint8Array, start: number): void {
    const { bytes } = this.#pieceOf(place)
    const from = startOf(place) + HEADER_LENGTH
    const length = this.keyLength(place)
    for (let i = 0; i < length; i++) target[start + i] = bytes[from + i]!
  }

  /** Negative, zero or positive as the key at a place is below, at or above `key`. */
  compare(place: number, key: HashedKey): number {
    const { bytes, words } = this.#pieceOf(place)
    const start = startOf(place)
    const keyLength = words[(start >>> 2) + KEY_LENGTH]!
    const length = Math.min(keyLength, key.length)
    const from = start + HEADER_LENGTH
    const wanted = key.bytes
    let i = 0
    while (i < length && bytes[from + i] === wanted[i]) i += 1
    this.shared = i
    return i < length ? bytes[from + i]! - wanted[i]! : keyLength - key.length
  }

  /** How many bytes the keys at two places begin with alike. */
  sharedBy(place: number, other: number): number {
    const { bytes } = this.#pieceOf(place)
    const { bytes: otherBytes } = this.#pieceOf(other)
    const start = startOf(place) + HEADER_LENGTH
    const otherStart = startOf(other) + HEADER_LENGTH
    const length = Math.min(this.keyLength(place), this.keyLength(other))
    let i = 0
    while (i < length && bytes[start + i] === otherBytes[otherStart + i]) i += 1
    return i
  }

  /** As `compare`, of a key that is text. */
  compareText(place: number, key: string): number {
    const { bytes, words } = this.#pieceOf(place)
    const start = startOf(place)
    const keyLength = words[(start >>> 2) + KEY_LENGTH]!
    const length = Math.min(keyLength, key.length)
    const from = start + HEADER_LENGTH
    for (let i = 0; i < length; i++) {
      const difference = bytes[from + i]! - key.charCodeAt(i)
      if (difference !== 0) return difference
    }
    return keyLength - key.length
  }

  /** Four bytes of the key at a place, from one on, as `markOf` has them. */
  markAt(place: number, from: number): number {
    const { bytes, words } = this.#pieceOf(place)
    const start = startOf(place)
    const keyStart = start + HEADER_LENGTH
    return markOf(bytes, keyStart + from, keyStart + words[(start >>> 2) + KEY_LENGTH]!)
  }

  #pieceOf(place: number): Piece {
    return this.#pieces[place >>> POSITION_BITS]!
  }

  #addPiece(needed: number): void {
    const usual = Math.min(LARGEST_PIECE, SMALLEST_PIECE * 2 ** this.#pieces.length)
    // An entry that is larger than a piece has one of its own.
    const byteLength = (Math.max(usual, needed) + ALIGNMENT - 1) & -ALIGNMENT
    const bytes = Buffer.allocUnsafeSlow(byteLength)
    this.#last = { bytes, words: new Uint32Array(bytes.buffer, 0, byteLength / 4) }
    this.#pieces.push(this.#last)
    this.#end = 0
  }
}

/** Where an entry begins in its piece. */
function startOf(place: number): number {
  return (place & POSITION_MASK) << ALIGNMENT_BITS
}

const SIGN_BIT = -(2 ** 31)

/**
 * Four bytes as a number that sorts as they do; those at the end and behind it count as zero. With a sign: V8 has numbers of
 * 32 bits with one as they are, and others as objects.
 */
export function markOf(bytes: Uint8Array, start: number, end: number): number {
  let mark = 0
  if (start + 4 <= end) {
    mark = (bytes[start]! << 24) | (bytes[start + 1]! << 16) | (bytes[start + 2]! << 8) | bytes[start + 3]!
  } else {
    for (let i = 0; i < 4; i++) mark = (mark << 8) | (start + i < end ? bytes[start + i]! : 0)
  }
  return mark ^ SIGN_BIT
}

type Slice = (this: Uint8Array, start: number, end: number) => string
const { latin1Slice } = Buffer.prototype as unknown as { latin1Slice: Slice }

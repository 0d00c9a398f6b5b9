/**
 * The values of a memtable, one behind the other in large pieces of memory outside the JavaScript heap, each found by a
 * number. An object for each value, and a view of its bytes, would be three times as much for the garbage collector to
 * move while a database is being filled, and that is when writers wait for it.
 *
 * Nothing is ever changed or given back: a value that was overwritten lies there until the memtable goes. So whoever
 * has a place, or a view, may keep it.
 *
 *   each value: lsn (8), length + 1 or 0 for a tombstone (4), the bytes; then up to the next multiple of eight
 */

import { type BytesInView, copyBytes } from '../../base/bytes.js'

/** The first piece is small, as many databases are; each is twice as long as the one before, up to the largest. */
const SMALLEST_PIECE = 16 * 1024
const LARGEST_PIECE = 256 * 1024
const ALIGNMENT = 8
/** A place is the number of a piece times this, and the number of an aligned position in it. */
const PLACES_PER_PIECE: number = LARGEST_PIECE / ALIGNMENT
const HEADER_LENGTH = 12
const HIGH_HALF = 2 ** 32

interface Piece {
  readonly bytes: Buffer
  readonly words: Uint32Array
  readonly view: DataView
}

export class ValueArena {
  readonly #pieces: Piece[] = []
  /** The piece that is being filled, and how far it is. */
  #last: Piece = { bytes: Buffer.alloc(0), words: new Uint32Array(0), view: new DataView(new ArrayBuffer(0)) }
  #end = 0
  /** Of the value that was looked at last. */
  bytes: Uint8Array = this.#last.bytes
  start = 0
  end = 0
  isTombstone = false

  /** Copies a value, or notes that there is none, and answers its place. */
  add(value: Uint8Array | undefined, lsn: number): number {
    const at = this.#begin(value === undefined ? 0 : value.length, value === undefined, lsn)
    if (value !== undefined) this.#last.bytes.set(value, at + HEADER_LENGTH)
    return this.#placeOf(at)
  }

  /** The same of a value that lies somewhere. */
  copy(value: BytesInView, lsn: number): number {
    const at = this.#begin(value.end - value.start, false, lsn)
    copyBytes(this.#last.view, at + HEADER_LENGTH, value)
    return this.#placeOf(at)
  }

  /** Looks at a value: where it lies stands in `bytes`, `start` and `end` until the next one is looked at. */
  look(place: number): void {
    const { bytes, words } = this.#pieces[Math.floor(place / PLACES_PER_PIECE)]!
    const at = (place % PLACES_PER_PIECE) * ALIGNMENT
    const size = words[(at >>> 2) + 2]!
    this.isTombstone = size === 0
    this.bytes = bytes
    this.start = at + HEADER_LENGTH
    this.end = this.start + (size === 0 ? 0 : size - 1)
  }

  lsn(place: number): number {
    const { words } = this.#pieces[Math.floor(place / PLACES_PER_PIECE)]!
    const word = ((place % PLACES_PER_PIECE) * ALIGNMENT) >>> 2
    return words[word]! + words[word + 1]! * HIGH_HALF
  }

  isTombstoneAt(place: number): boolean {
    const { words } = this.#pieces[Math.floor(place / PLACES_PER_PIECE)]!
    return words[(((place % PLACES_PER_PIECE) * ALIGNMENT) >>> 2) + 2] === 0
  }

  /** Of what begins there in the last piece. */
  #placeOf(at: number): number {
    return (this.#pieces.length - 1) * PLACES_PER_PIECE + at / ALIGNMENT
  }

  /** Writes the header of a value, and says where in the last piece it is. */
  #begin(length: number, isTombstone: boolean, lsn: number): number {
    const needed = HEADER_LENGTH + length
    if (this.#end + needed > this.#last.bytes.length) this.#addPiece(needed)
    const { words } = this.#last
    const at = this.#end
    const word = at >>> 2
    words[word] = lsn
    words[word + 1] = lsn / HIGH_HALF
    words[word + 2] = isTombstone ? 0 : length + 1
    this.#end = (at + needed + ALIGNMENT - 1) & -ALIGNMENT
    return at
  }

  #addPiece(needed: number): void {
    const usual = Math.min(LARGEST_PIECE, SMALLEST_PIECE * 2 ** this.#pieces.length)
    // A value that is larger than a piece has one of its own.
    const byteLength = (Math.max(usual, needed) + ALIGNMENT - 1) & -ALIGNMENT
    const bytes = Buffer.allocUnsafeSlow(byteLength)
    this.#last = { bytes, words: new Uint32Array(bytes.buffer, 0, byteLength / 4), view: new DataView(bytes.buffer) }
    this.#pieces.push(this.#last)
    this.#end = 0
  }
}

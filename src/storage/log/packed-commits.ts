/**
 * Commits of one write each to one tree, as a bulk load makes them: they are encoded as the log has them when they are
 * made, one behind the other, and copied from there. An object for each, its key and its value takes longer than that.
 *
 * Nobody may add to it once it is queued.
 */
import { ByteWriter } from '../../base/byte-writer.js'
import { type BytesInView, partOf } from '../../base/bytes.js'
import { invariant } from '../../base/invariant.js'
import { type HashedKey, roomForKey } from '../../base/key-hash.js'
import type { Write } from '../tree/write.js'
import type { Commit } from './commit.js'
import { encodeSingle } from './log-format.js'

/** So many commits are in it at most, … */
export const PACK_COUNT_LIMIT = 250
/** … and no more once it is so long: a group of commits has to fit a frame of the log. */
const BYTE_LIMIT = 256 * 1024

/** There is room for so much at first. */
const LEAST_COUNT = 2
const LEAST_LENGTH = 512

/**
 * Of each commit, where it begins, where its key and its value begin and end, and the hashes of its key. Where a key is removed
 * its value begins at 0.
 */
const BEGIN = 0
const KEY = 1
const KEY_END = 2
const VALUE = 3
const VALUE_END = 4
const FIRST_HASH = 5
const SECOND_HASH = 6
const PLACES = 7
/** Where in a commit its origin is: behind its timestamp. */
const ORIGIN = 8

/** Where some bytes lie, filled anew for others. */
export interface MovableBytes extends BytesInView {
  view: DataView
  start: number
  end: number
}

export class PackedCommits {
  readonly tree: number
  readonly #writer: ByteWriter
  #places: Int32Array
  #count = 0
  /** The sequence number of the first of them, once they are queued. */
  firstLsn = 0
  #firstTimestamp = 0

  /** @param before There is room for as much as in this one. */
  constructor(tree: number, before?: PackedCommits) {
    this.tree = tree
    this.#writer = new ByteWriter(Math.max(LEAST_LENGTH, before?.byteLength ?? 0))
    this.#places = new Int32Array(Math.max(LEAST_COUNT, before?.count ?? 0) * PLACES)
  }

  get count(): number {
    return this.#count
  }

  /** Of all of them in the log. */
  get byteLength(): number {
    return this.#writer.length
  }

  get isFull(): boolean {
    return this.#count === PACK_COUNT_LIMIT || this.#writer.length >= BYTE_LIMIT
  }

  /** Adds a commit that puts a value under a key, or undefined to remove it; both are copied. */
  add(key: HashedKey, value: BytesInView | undefined, origin: number): void {
    invariant(this.firstLsn === 0, 'nothing is added to commits that are queued')
    const at = this.#count * PLACES
    if (at === this.#places.length) this.#grow()
    const places = this.#places
    const writer = this.#writer
    places[at + BEGIN] = writer.length
    const keyAt = encodeSingle(writer, origin, this.tree, key, value)
    places[at + KEY] = keyAt
    places[at + KEY_END] = keyAt + key.length
    places[at + VALUE] = value === undefined ? 0 : writer.length - (value.end - value.start)
    places[at + VALUE_END] = writer.length
    places[at + FIRST_HASH] = key.first
    places[at + SECOND_HASH] = key.second
    this.#count += 1
  }

  /** Gives each its timestamp: to the first this one, to each of the others one more than to the one before. */
  stamp(timestamp: number): void {
    this.#firstTimestamp = timestamp
    for (let i = 0; i < this.#count; i++) this.#writer.u64At(this.#places[i * PLACES + BEGIN]!, timestamp + i)
  }

  /** All of them as the log has them; valid until another one is added. */
  written(): Uint8Array {
    return this.#writer.written()
  }

  /** The key of one: an object that the next look for any key fills anew. */
  keyAt(index: number): HashedKey {
    const places = this.#places
    const at = index * PLACES
    const from = places[at + KEY]!
    const length = places[at + KEY_END]! - from
    const source = this.#writer.memory
    const key = roomForKey(length)
    const { bytes } = key
    for (let i = 0; i < length; i++) bytes[i] = source[from + i]!
    key.recall(length, places[at + FIRST_HASH]!, places[at + SECOND_HASH]!)
    return key
  }

  /** Whether one puts a value: where that lies is in `target` afterwards. */
  lookAt(index: number, target: MovableBytes): boolean {
    const at = index * PLACES
    target.view = this.#writer.memoryView
    target.start = this.#places[at + VALUE]!
    target.end = this.#places[at + VALUE_END]!
    return target.start > 0
  }

  /** One as an object, like others. Its value is a view: it stays, as nothing is added any more. */
  writeAt(index: number): Write {
    const start = this.#places[index * PLACES + VALUE]!
    const end = this.#places[index * PLACES + VALUE_END]!
    const value = start === 0 ? undefined : partOf(this.#writer.memory, start, end)
    return { tree: this.tree, key: this.keyAt(index).text, value }
  }

  /** They as they would be if they had not been put together, once they are queued. */
  unpacked(): Commit[] {
    return Array.from({ length: this.#count }, (_, i) => ({
      lsn: this.firstLsn + i,
      timestamp: this.#firstTimestamp + i,
      origin: this.#writer.memory[this.#places[i * PLACES + BEGIN]! + ORIGIN]!,
      writes: [this.writeAt(i)],
      onDurable: undefined,
    }))
  }

  #grow(): void {
    const places = new Int32Array(2 * this.#places.length)
    places.set(this.#places)
    this.#places = places
  }
}

/**
 * Commits of one write each to one tree, encoded as the log has them, one behind the other, and looked at where they lie. An
 * object for each, its key and its value takes longer than that: see packed-commits.ts and framed-commits.ts, which say where.
 */
import type { ByteWriter } from '../../base/byte-writer.js'
import { type BytesInView, uint32At } from '../../base/bytes.js'
import { type HashedKey, roomForKey } from '../../base/key-hash.js'
import type { Write } from '../tree/write.js'
import type { Commit } from './commit.js'
import { encodeSingle } from './log-format.js'

/** There is room for so many at first. */
const LEAST_COUNT = 2

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

export abstract class EncodedCommits {
  protected readonly writer: ByteWriter
  #tree: number
  #places: Int32Array
  #count = 0
  /** The sequence number of the first of them, once they are queued; each of the others has the next one. */
  firstLsn = 0

  /** @param roomFor So many are expected. */
  constructor(tree: number, writer: ByteWriter, roomFor: number) {
    this.#tree = tree
    this.writer = writer
    this.#places = new Int32Array(Math.max(LEAST_COUNT, roomFor) * PLACES)
  }

  get tree(): number {
    return this.#tree
  }

  get count(): number {
    return this.#count
  }

  /** Encodes one behind the others, all of it or nothing, and says where it begins: there its timestamp goes. */
  protected append(key: HashedKey, value: BytesInView | undefined, origin: number): number {
    const at = this.#count * PLACES
    if (at === this.#places.length) this.#grow()
    const places = this.#places
    const { writer } = this
    const begin = writer.length
    const keyAt = encodeSingle(writer, origin, this.#tree, key, value)
    places[at + BEGIN] = begin
    places[at + KEY] = keyAt
    places[at + KEY_END] = keyAt + key.length
    places[at + VALUE] = value === undefined ? 0 : writer.length - (value.end - value.start)
    places[at + VALUE_END] = writer.length
    places[at + FIRST_HASH] = key.first
    places[at + SECOND_HASH] = key.second
    this.#count += 1
    return begin
  }

  protected stampAt(begin: number, timestamp: number): void {
    this.writer.u64At(begin, timestamp)
  }

  protected beginOf(index: number): number {
    return this.#places[index * PLACES + BEGIN]!
  }

  /** Empties it, for commits to a tree. */
  protected renew(tree: number): void {
    this.#tree = tree
    this.#count = 0
    this.firstLsn = 0
  }

  /** Whether one may be to a key, by its hashes. */
  mayHave({ first, second }: HashedKey): boolean {
    const places = this.#places
    const end = this.#count * PLACES
    for (let at = 0; at < end; at += PLACES) {
      if (places[at + FIRST_HASH] === first && places[at + SECOND_HASH] === second) return true
    }
    return false
  }

  /** The key of one: an object that the next look for any key fills anew. */
  keyAt(index: number): HashedKey {
    const places = this.#places
    const at = index * PLACES
    const from = places[at + KEY]!
    const length = places[at + KEY_END]! - from
    const source = this.writer.memory
    const key = roomForKey(length)
    const { bytes } = key
    for (let i = 0; i < length; i++) bytes[i] = source[from + i]!
    key.recall(length, places[at + FIRST_HASH]!, places[at + SECOND_HASH]!)
    return key
  }

  /** Whether one puts a value: where that lies is in `target` afterwards. */
  lookAt(index: number, target: MovableBytes): boolean {
    const at = index * PLACES
    target.view = this.writer.memoryView
    target.start = this.#places[at + VALUE]!
    target.end = this.#places[at + VALUE_END]!
    return target.start > 0
  }

  /** One as an object, like others. Its value stays as it is. */
  writeAt(index: number): Write {
    const start = this.#places[index * PLACES + VALUE]!
    const end = this.#places[index * PLACES + VALUE_END]!
    const value = start === 0 ? undefined : this.keptBytes(start, end)
    return { tree: this.#tree, key: this.keyAt(index).text, value }
  }

  /** Bytes of the memory that stay as they are. */
  protected abstract keptBytes(start: number, end: number): Uint8Array

  /** They as they would be if they had not been put together, once they are queued. */
  unpacked(): Commit[] {
    const { memory } = this.writer
    return Array.from({ length: this.#count }, (_, i) => {
      const begin = this.beginOf(i)
      const timestamp = uint32At(memory, begin) + uint32At(memory, begin + 4) * 0x1_0000_0000
      const origin = memory[begin + ORIGIN]!
      return { lsn: this.firstLsn + i, timestamp, origin, writes: [this.writeAt(i)], onDurable: undefined }
    })
  }

  #grow(): void {
    const places = new Int32Array(2 * this.#places.length)
    places.set(this.#places)
    this.#places = places
  }
}

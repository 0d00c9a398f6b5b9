/**
 * Commits as a bulk load makes them: encoded when they are made, in memory of their own, which the group of commits that
 * they become a part of copies.
 *
 * Nobody may add to it once it is queued.
 */
import { ByteWriter } from '../../base/byte-writer.js'
import { type BytesInView, partOf } from '../../base/bytes.js'
import { invariant } from '../../base/invariant.js'
import type { HashedKey } from '../../base/key-hash.js'
import { EncodedCommits } from './encoded-commits.js'

/** So many commits are in it at most, … */
export const PACK_COUNT_LIMIT = 250
/** … and no more once it is so long: a group of commits has to fit a frame of the log. */
const BYTE_LIMIT = 256 * 1024

/** There is room for so much at first. */
const LEAST_LENGTH = 512

export class PackedCommits extends EncodedCommits {
  /** @param before There is room for as much as in this one. */
  constructor(tree: number, before?: PackedCommits) {
    super(tree, new ByteWriter(Math.max(LEAST_LENGTH, before?.byteLength ?? 0)), before?.count ?? 0)
  }

  /** Of all of them in the log. */
  get byteLength(): number {
    return this.writer.length
  }

  get isFull(): boolean {
    return this.count === PACK_COUNT_LIMIT || this.writer.length >= BYTE_LIMIT
  }

  /** Adds a commit that puts a value under a key, or undefined to remove it; both are copied. */
  add(key: HashedKey, value: BytesInView | undefined, origin: number): void {
    invariant(this.firstLsn === 0, 'nothing is added to commits that are queued')
    this.append(key, value, origin)
  }

  /** Gives each its timestamp: to the first this one, to each of the others one more than to the one before. */
  stamp(timestamp: number): void {
    for (let i = 0; i < this.count; i++) this.stampAt(this.beginOf(i), timestamp + i)
  }

  /** All of them as the log has them; valid until another one is added. */
  written(): Uint8Array {
    return this.writer.written()
  }

  /** A view: nothing is added any more. */
  protected keptBytes(start: number, end: number): Uint8Array {
    return partOf(this.writer.memory, start, end)
  }
}

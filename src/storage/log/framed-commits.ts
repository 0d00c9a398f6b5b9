/**
 * Commits that are encoded where they are written from: in the frame of their group, as the first ones in it. A writer who
 * waits for each of his commits makes them so, one at a time.
 *
 * Its memory is that of the group, which uses it again for others: what somebody keeps is copied. Nothing is added once
 * somebody has looked at one as an object, as he will not look again.
 */
import type { ByteWriter } from '../../base/byte-writer.js'
import { type BytesInView, partOf } from '../../base/bytes.js'
import type { HashedKey } from '../../base/key-hash.js'
import type { Write } from '../tree/write.js'
import { EncodedCommits } from './encoded-commits.js'

/** Mostly there is one. */
const USUAL_COUNT = 4

export class FramedCommits extends EncodedCommits {
  #wasLookedAt = false

  /** @param frame Where its group is encoded. */
  constructor(frame: ByteWriter) {
    super(0, frame, USUAL_COUNT)
  }

  /** Empties it, for commits to a tree. */
  begin(tree: number): void {
    this.renew(tree)
    this.#wasLookedAt = false
  }

  /** Whether a commit to a tree can be added, if nothing else was added to the frame meanwhile. */
  takes(tree: number): boolean {
    return this.tree === tree && !this.#wasLookedAt
  }

  /** Adds a commit, the next one of all, that puts a value under a key, or undefined to remove it; both are copied. */
  add(key: HashedKey, value: BytesInView | undefined, origin: number, lsn: number, timestamp: number): void {
    const begin = this.append(key, value, origin)
    this.stampAt(begin, timestamp)
    if (this.count === 1) this.firstLsn = lsn
  }

  override writeAt(index: number): Write {
    this.#wasLookedAt = true
    return super.writeAt(index)
  }

  protected keptBytes(start: number, end: number): Uint8Array {
    return new Uint8Array(partOf(this.writer.memory, start, end))
  }
}

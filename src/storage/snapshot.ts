/**
 * A moment of a storage: what was published when it was taken, for as long as it is held. Memory is shared with the live
 * trees until those change, and sorted files never change; so taking one costs nothing, and writers do not notice.
 *
 * What it holds on to are the sorted files of that moment, on the disk, and what of the memtables has changed since.
 */
import type { HashedKey } from '../base/key-hash.js'
import { SnapshotReleasedError } from '../errors.js'
import type { PartitionLease } from './partition/partition-store.js'
import type { ReadAs } from './sorted-file/entry-cache.js'
import type { ByteView, Direction, KeyBounds } from './tree/cursor.js'
import type { MemtableSnapshot } from './tree/memtable.js'
import type { RangeCursor } from './tree/range-cursor.js'
import { peekEntry, type ReadableTrees, readEntry, readRange, type Sources, warmEntries } from './view.js'

export class StorageSnapshot implements ReadableTrees {
  #sources: Sources | undefined
  readonly #release: () => void

  constructor(memtables: readonly MemtableSnapshot[], lease: PartitionLease, onRelease: () => void) {
    this.#sources = { memtables, partitions: lease.map }
    this.#release = () => {
      for (const memtable of memtables) memtable.release()
      lease.release()
      onRelease()
    }
  }

  peek(tree: number, key: HashedKey, as?: ReadAs): ByteView | undefined {
    return peekEntry(this.#held(), tree, key, as)
  }

  warm(tree: number, keys: readonly HashedKey[], count: number): void {
    warmEntries(this.#held(), tree, keys, count)
  }

  get(tree: number, key: string): Uint8Array | undefined {
    return readEntry(this.#held(), tree, key)
  }

  range(tree: number, bounds: KeyBounds, direction: Direction = 'ascending', tombstoneLimit?: number): RangeCursor {
    return readRange(this.#held(), tree, bounds, direction, tombstoneLimit)
  }

  /** What it reads from, for whoever holds it. */
  get sources(): Sources {
    return this.#held()
  }

  get isReleased(): boolean {
    return this.#sources === undefined
  }

  /** Lets files and memory go. Doing it again changes nothing. */
  release(): void {
    if (this.#sources === undefined) return
    this.#sources = undefined
    this.#release()
  }

  #held(): Sources {
    if (this.#sources === undefined) throw new SnapshotReleasedError()
    return this.#sources
  }
}

/** Every option there is. Units come last in a name; defaults are in the comments. */
import type { Clock } from './base/clock.js'

/** How to open a database. */
export interface OpenOptions {
  /**
   * When a write is acknowledged.
   *
   * - `always`: after it is synced; it survives a power cut. Writers that wait at the same time share one sync.
   * - `batch`: when the system has it; it survives the end of the process. A sync follows within `fsyncIntervalMs`, so
   *   a power cut loses at most that much, and never a part of a write.
   * - `never`: when the system has it; it is synced when the system likes, at `flush()` and at `close()`.
   *
   * Whatever is chosen, a power cut leaves a prefix of what was written: no holes.
   *
   * @default 'always'
   */
  readonly fsync?: 'always' | 'batch' | 'never' | undefined

  /** The longest time between two syncs under `fsync: 'batch'`. @default 100 */
  readonly fsyncIntervalMs?: number | undefined

  /**
   * How the blocks of sorted files are compressed from now on; older ones stay readable. `zstd` is twice as fast as
   * `deflate` and makes smaller files, and needs Node 22.15: an older one neither writes nor reads them.
   *
   * @default 'none'
   */
  readonly compression?: 'none' | 'deflate' | 'zstd' | undefined

  /**
   * How many bytes of sorted files are kept in memory, 0 for none. It is taken as it is needed. Not more than the memory
   * that the process may use.
   *
   * @default a 64th of the memory that the process may use, at least 64 MB and at most 512 MB
   */
  readonly cacheBytes?: number | undefined

  /**
   * A checkpoint moves what is in memory into sorted files once it takes this many bytes. There may be twice as much,
   * so not more than half of the memory that the process may use; at least 256.
   *
   * @default 67_108_864
   */
  readonly memtableBytes?: number | undefined

  /** A partition whose sorted file would get larger is split: 256 bytes to 4 GiB. @default 67_108_864 */
  readonly partitionBytes?: number | undefined

  /**
   * Once the database has written this many bytes to sorted files since it was opened, with those that are to be written next,
   * a worker thread writes what is more than 128 KB, and goes when there is nothing to write for ten seconds. Until then, with
   * `Infinity`, and where no worker can be started, it happens in this thread, in slices of about a millisecond.
   *
   * @default 16_777_216
   */
  readonly threadFromBytes?: number | undefined

  /** Where "now" comes from: time to live depends on it. @default the system's clock */
  readonly clock?: Clock | undefined
}

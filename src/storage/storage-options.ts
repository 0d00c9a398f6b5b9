/** The sizes the storage works with. Tests make them tiny, so that a few writes reach every path. */
import type { Compression } from './codec/block-codec.js'
import type { Durability } from './log/commit-queue.js'

export interface StorageOptions {
  readonly durability: Durability
  readonly compression: Compression
  /** Blocks kept in memory, in bytes. */
  readonly cacheByteLimit: number
  /** A block has at most this many bytes of entries, unless it is that of one large item. */
  readonly blockByteLength: number
  /** A partition whose base would get larger is split. */
  readonly partitionByteLimit: number
  /** A checkpoint begins when this much is in memory only; writers wait at twice as much. */
  readonly memtableByteLimit: number
  readonly memtableEntryLimit: number
  /** A base shorter than this is written again whenever something changes: it takes no longer than a file above it. */
  readonly smallBaseByteLength: number
  /** Of more deltas than this some are merged. */
  readonly deltaLimit: number
  /** What a partition has in memory stays there at a checkpoint when it is less than this. */
  readonly carryByteLimit: number
  /** A checkpoint begins when recovery would have to read this much log. */
  readonly logByteLimit: number
  /** A segment of the log is ended once it has this many bytes. */
  readonly segmentByteLimit: number
  /** When nothing was written for so long, files are merged that need not be; never, if it is infinite. */
  readonly idleMs: number
  /** Sorted files that are open at the same time. */
  readonly openFileLimit: number
  /** Background work lets others run after this many bytes. */
  readonly sliceByteLength: number
  /** Who has written so much to sorted files gets a thread that writes them, where there are threads. */
  readonly threadFromByteLength: number
}

const MEGABYTE = 1024 * 1024

export const DEFAULT_STORAGE_OPTIONS: StorageOptions = {
  durability: { kind: 'synced' },
  compression: 'none',
  cacheByteLimit: 64 * MEGABYTE,
  blockByteLength: 8192,
  partitionByteLimit: 64 * MEGABYTE,
  memtableByteLimit: 64 * MEGABYTE,
  memtableEntryLimit: 400_000,
  smallBaseByteLength: 4 * MEGABYTE,
  deltaLimit: 4,
  carryByteLimit: MEGABYTE / 4,
  logByteLimit: 64 * MEGABYTE,
  segmentByteLimit: 16 * MEGABYTE,
  idleMs: 10_000,
  openFileLimit: 512,
  sliceByteLength: 128 * 1024,
  threadFromByteLength: 16 * MEGABYTE,
}

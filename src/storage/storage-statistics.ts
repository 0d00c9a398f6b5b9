/**
 * What there is in a storage and what it has done, in figures. They are put together from what is in memory, the records of
 * files included, so nothing is read from the disk; what files have in common is not known from their records, and so some
 * figures are estimates.
 */
import type { Activity } from './activity.js'
import type { EndedSegments } from './log/ended-segments.js'
import type { LogWriter } from './log/log-writer.js'
import { filesOf, type Partition } from './partition/partition.js'
import type { PartitionStore } from './partition/partition-store.js'
import type { CacheStatistics } from './sorted-file/block-cache.js'
import type { Memtable } from './tree/memtable.js'
import type { SortedTree } from './tree/sorted-tree.js'

/** As many entries of a tree are counted one by one; of more, their number is estimated. */
const COUNTED_ENTRIES = 10_000

/** What there is of one tree. */
export interface TreeStatistics {
  readonly partitionCount: number
  readonly fileCount: number
  readonly deltaCount: number
  readonly fileByteLength: number
  /** Keys and values in its files, without compression; what is overwritten counts again. */
  readonly rawByteLength: number
  /** Keys and values that are not overwritten or removed: an estimate. */
  readonly liveByteLength: number
  /** In its files, tombstones included. */
  readonly fileEntryCount: number
  readonly tombstoneCount: number
  /** Keys that have a value. */
  readonly keyCount: number
  /**
   * Whether that is the number, or an estimate: mostly too high, as what is overwritten may count again; too low where keys
   * were removed that were not there.
   */
  readonly isExact: boolean
}

/** What there is of all trees together, and what was done since the opening. */
export interface StorageStatistics {
  readonly openMs: number
  readonly files: { readonly count: number; readonly byteLength: number }
  readonly retiredFiles: { readonly count: number; readonly byteLength: number }
  readonly log: { readonly count: number; readonly byteLength: number }
  readonly openFileCount: number
  /** Keys and values that are not overwritten or removed: an estimate. */
  readonly liveByteLength: number
  readonly memtableByteLength: number
  readonly memtableEntryCount: number
  readonly blockCache: CacheStatistics
  readonly committedByteLength: number
  readonly writtenLogByteLength: number
  readonly writtenFileByteLength: number
  readonly checkpointCount: number
  readonly checkpointMs: number
  readonly deltaMergeCount: number
  readonly partitionMergeCount: number
  readonly foldCount: number
  readonly mergeMs: number
  readonly longestSliceMs: number
  /** Whether there is a thread that writes sorted files, … */
  readonly hasThread: boolean
  /** … and what such a thread wrote. */
  readonly threadWrittenFileByteLength: number
  readonly snapshotCount: number
  readonly oldestSnapshotMs: number | undefined
}

/** What the figures of a storage are put together from. */
export interface StatisticsSources {
  readonly activity: Activity
  readonly partitions: PartitionStore
  readonly memtables: readonly Memtable[]
  readonly log: LogWriter
  readonly segments: EndedSegments
  readonly openFileCount: number
  readonly blockCache: CacheStatistics
  readonly hasThread: boolean
  /** How many are held, and when the oldest of them was taken. */
  readonly snapshots: { readonly count: number; readonly oldestAt: number | undefined }
}

export function treeStatistics(
  tree: number,
  partitions: readonly Partition[],
  memtables: readonly Memtable[],
): TreeStatistics {
  const files = partitions.flatMap(({ record }) => filesOf(record))
  const fileEntryCount = sum(files, ({ entryCount }) => entryCount)
  const tombstoneCount = sum(files, ({ tombstoneCount }) => tombstoneCount)
  const deltaCount = sum(partitions, ({ record }) => record.deltas.length)
  const inMemory = memtables.map(({ trees }) => trees.get(tree)).filter((sorted) => sorted !== undefined)
  return {
    partitionCount: partitions.length,
    fileCount: files.length,
    deltaCount,
    fileByteLength: sum(files, ({ byteLength }) => byteLength),
    rawByteLength: sum(files, ({ rawByteLength }) => rawByteLength),
    liveByteLength:
      Math.round(sum(files, (file) => file.rawByteLength * shareOfLive(file))) +
      sum(inMemory, ({ byteLength }) => byteLength),
    fileEntryCount,
    tombstoneCount,
    ...countKeys({ entryCount: fileEntryCount, tombstoneCount, deltaCount }, inMemory),
  }
}

export function storageStatistics({
  activity,
  partitions,
  memtables,
  log,
  segments,
  openFileCount,
  blockCache,
  hasThread,
  snapshots,
}: StatisticsSources): StorageStatistics {
  const now = activity.now()
  const files = [...partitions.map.all()].flatMap(({ record }) => filesOf(record))
  const rawByteLength = sum(files, (file) => file.rawByteLength * shareOfLive(file))
  const { count, byteLength } = log.files
  const { count: snapshotCount, oldestAt } = snapshots
  return {
    openMs: now - activity.openedAt,
    files: { count: files.length, byteLength: sum(files, (file) => file.byteLength) },
    retiredFiles: partitions.retired,
    log: { count: count + segments.count, byteLength: byteLength + segments.byteLength },
    openFileCount,
    liveByteLength: rawByteLength + sum(memtables, (memtable) => memtable.rawByteLength),
    memtableByteLength: sum(memtables, (memtable) => memtable.byteLength),
    memtableEntryCount: sum(memtables, (memtable) => memtable.entryCount),
    blockCache,
    committedByteLength: activity.committedByteLength,
    writtenLogByteLength: log.writtenByteLength,
    writtenFileByteLength: activity.fileByteLength,
    checkpointCount: activity.checkpointCount,
    checkpointMs: activity.checkpointMs,
    deltaMergeCount: activity.deltaMergeCount,
    partitionMergeCount: activity.partitionMergeCount,
    foldCount: activity.foldCount,
    mergeMs: activity.mergeMs,
    longestSliceMs: activity.longestSliceMs,
    hasThread,
    threadWrittenFileByteLength: activity.threadFileByteLength,
    snapshotCount,
    oldestSnapshotMs: oldestAt === undefined ? undefined : now - oldestAt,
  }
}

/** How many keys of a tree have a value: exactly, where nothing lies above anything else. */
function countKeys(
  files: { readonly entryCount: number; readonly tombstoneCount: number; readonly deltaCount: number },
  inMemory: readonly SortedTree[],
): { keyCount: number; isExact: boolean } {
  const [only] = inMemory
  if (only === undefined && files.deltaCount === 0) return { keyCount: files.entryCount, isExact: true }
  const size = sum(inMemory, (sorted) => sorted.size)
  const tombstones = size > COUNTED_ENTRIES ? 0 : sum(inMemory, (sorted) => sorted.countTombstones())
  const isAlone = files.entryCount === 0 && inMemory.length === 1 && size <= COUNTED_ENTRIES
  if (isAlone) return { keyCount: size - tombstones, isExact: true }
  // A tombstone is an entry, and so is what it removes.
  const keyCount = files.entryCount + size - 2 * (files.tombstoneCount + tombstones)
  return { keyCount: Math.max(0, keyCount), isExact: false }
}

/** The part of a file's entries that are values: what they overrule in older files is not known. */
function shareOfLive({ entryCount, tombstoneCount }: { entryCount: number; tombstoneCount: number }): number {
  return entryCount === 0 ? 0 : (entryCount - tombstoneCount) / entryCount
}

function sum<T>(list: readonly T[], numberOf: (element: T) => number): number {
  return list.reduce((total, element) => total + numberOf(element), 0)
}

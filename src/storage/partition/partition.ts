/**
 * A partition: a contiguous range of one tree's keys, with a directory of its own. Its entries are in a _base_ file and,
 * above it, in _delta_ files, which hold what was written since: later deltas overrule earlier ones, and all of them the
 * base.
 */
import type { HashedKey } from '../../base/key-hash.js'
import { fileName } from '../disk/file-name.js'
import type { PartitionRecord } from '../manifest/manifest-format.js'
import type { EntryCache } from '../sorted-file/entry-cache.js'
import { type SortedFileContext, SortedFileReader } from '../sorted-file/sorted-file-reader.js'
import type { Finding, FoundValue } from '../tree/cursor.js'

export interface Partition {
  readonly record: PartitionRecord
  /** No two have the same, nor one that was changed and what it was before. */
  readonly serial: number
  /** Newest first: deltas, then the base, if there is one. */
  readonly files: readonly SortedFileReader[]
  /** Where copies of its entries may be. */
  readonly entries: EntryCache
}

let lastSerial = 0

/** A partition with readers for its files; those of `known` are used again. */
export function openPartition(
  record: PartitionRecord,
  root: string,
  context: SortedFileContext,
  known: readonly SortedFileReader[] = [],
): Partition {
  const { tree, id: partition } = record
  const files = filesOf(record).map((file) => {
    const path = fileName.sortedFile(root, tree, partition, file.id)
    return (
      known.find((reader) => reader.path === path) ?? new SortedFileReader(path, file, { tree, partition }, context)
    )
  })
  return { record, serial: ++lastSerial, files, entries: context.cache.entries }
}

/** Looks for a key in its files. Where its value is stands in `target` afterwards; it is there until the next call of any reader. */
export function findInFiles({ files }: Partition, key: HashedKey, target: FoundValue): Finding {
  for (const file of files) {
    const finding = file.find(key, target)
    if (finding !== 'absent') return finding
  }
  return 'absent'
}

/** The files that a partition is made of, newest first. */
export function filesOf({ base, deltas }: PartitionRecord): PartitionRecord['deltas'] {
  return base === undefined ? deltas : [...deltas, base]
}

/**
 * Whether the only partition of a tree may as well not be there: it has no files, as the tree was dropped or emptied, and it
 * keeps recovery from nothing that the log, from `firstLsn` on, has of the tree.
 */
export function saysNothing(partition: PartitionRecord, firstLsn: number): boolean {
  return !(filesOf(partition).length > 0 || partition.flushedLsn >= firstLsn)
}

/** Keys and values of all its files, without compression: what is overwritten counts again. */
export function rawByteLengthOf(record: PartitionRecord): number {
  return filesOf(record).reduce((sum, { rawByteLength }) => sum + rawByteLength, 0)
}

/**
 * A partition: a contiguous range of one tree's keys, with a directory of its own. Its entries are in a _base_ file and,
 * above it, in _delta_ files, which hold what was written since: later deltas overrule earlier ones, and all of them the
 * base.
 */
import { fileName } from '../disk/file-name.js'
import type { PartitionRecord } from '../manifest/manifest-format.js'
import { type SortedFileContext, SortedFileReader } from '../sorted-file/sorted-file-reader.js'

export interface Partition {
  readonly record: PartitionRecord
  /** Newest first: deltas, then the base, if there is one. */
  readonly files: readonly SortedFileReader[]
}

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
  return { record, files }
}

/** The files that a partition is made of, newest first. */
export function filesOf({ base, deltas }: PartitionRecord): PartitionRecord['deltas'] {
  return base === undefined ? deltas : [...deltas, base]
}

/** Keys and values of all its files, without compression: what is overwritten counts again. */
export function rawByteLengthOf(record: PartitionRecord): number {
  return filesOf(record).reduce((sum, { rawByteLength }) => sum + rawByteLength, 0)
}

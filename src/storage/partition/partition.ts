/** A partition: a contiguous range of one tree's keys with a directory, and at most one sorted file, of its own. */
import type { PartitionRecord } from '../manifest/manifest-format.js'
import type { SortedFileReader } from '../sorted-file/sorted-file-reader.js'

export interface Partition {
  readonly record: PartitionRecord
  /** Undefined when everything in it has been removed. */
  readonly file: SortedFileReader | undefined
}

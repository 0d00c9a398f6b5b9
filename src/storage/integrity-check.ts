/**
 * Reads everything there is and reports every contradiction; repairs nothing. It sees files, not items: whether indexes
 * agree with their tables is checked by the engine.
 */
import { CorruptionError, DynafileError } from '../errors.js'
import type { Partition } from './partition/partition.js'
import type { SortedFileReader } from './sorted-file/sorted-file-reader.js'
import type { Storage } from './storage.js'

/** The first contradiction in each damaged sorted file. */
export function checkIntegrity(storage: Storage): DynafileError[] {
  return [...integritySteps(storage)].filter((problem) => problem !== undefined)
}

/** The same in steps, most of which find nothing: others may have their turn between them. */
export function* integritySteps(storage: Storage): Generator<DynafileError | undefined> {
  for (const partition of [...storage.partitions.all()]) {
    for (const file of partition.files) {
      try {
        yield* file.verification()
        checkBounds(storage, partition, file)
      } catch (failure) {
        if (!(failure instanceof DynafileError)) throw failure
        // A checkpoint may have replaced the file between two steps, having read, and so checked, all of it.
        if (storage.partitions.of(partition.record.tree).some(({ files }) => files.includes(file))) yield failure
      }
    }
  }
}

/** All keys of a partition's files are the partition's own. */
function checkBounds(storage: Storage, { record }: Partition, file: SortedFileReader): void {
  const { tree, lower } = record
  const siblings = storage.partitions.of(tree)
  const upper = siblings[siblings.findIndex((other) => other.record === record) + 1]?.record.lower
  if (file.lowestKey < lower) throw new CorruptionError(file.path, 0, 'it has a key below its partition')
  if (upper !== undefined && file.highestKey >= upper) {
    throw new CorruptionError(file.path, 0, 'it has a key above its partition')
  }
}

/**
 * Reads everything there is and reports every contradiction; repairs nothing. It sees files, not items: whether indexes
 * agree with their tables is checked by the engine.
 */
import { CorruptionError, DynafileError } from '../errors.js'
import type { Partition } from './partition/partition.js'
import type { Storage } from './storage.js'

/** Yields a problem for each damaged sorted file: the first contradiction in it. */
export function* checkIntegrity(storage: Storage): Generator<DynafileError> {
  for (const partition of storage.partitions.all()) {
    if (partition.file === undefined) continue
    try {
      partition.file.verify()
      checkBounds(storage, partition)
    } catch (failure) {
      if (!(failure instanceof DynafileError)) throw failure
      yield failure
    }
  }
}

/** All keys of a partition's file are the partition's own. */
function checkBounds(storage: Storage, { record, file }: Partition): void {
  const { tree, lower } = record
  const siblings = storage.partitions.of(tree)
  const upper = siblings[siblings.findIndex((other) => other.record === record) + 1]?.record.lower
  const lowest = file!.ascending('')
  if (lowest.next() && lowest.compareTo(lower) < 0) {
    throw new CorruptionError(file!.path, 0, 'it has a key below its partition')
  }
  const highest = file!.descending(undefined)
  if (upper !== undefined && highest.next() && highest.compareTo(upper) >= 0) {
    throw new CorruptionError(file!.path, 0, 'it has a key above its partition')
  }
}

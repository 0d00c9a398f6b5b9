/**
 * Reads everything there is and reports every contradiction; repairs nothing. It looks at the files of one moment, and holds
 * them until it is done: what replaces them meanwhile is not its matter. It sees files, not items: whether indexes agree with
 * their tables is checked by the engine.
 */
import { CorruptionError, DynafileError } from '../errors.js'
import type { SortedFileReader } from './sorted-file/sorted-file-reader.js'
import type { Storage } from './storage.js'
import type { KeyBounds } from './tree/cursor.js'

/** The first contradiction in each damaged sorted file. */
export function checkIntegrity(storage: Storage): DynafileError[] {
  return [...integritySteps(storage)].filter((problem) => problem !== undefined)
}

/**
 * The same in steps, most of which find nothing: others may have their turn between them.
 *
 * @throws {DatabaseClosedError} When the database was closed meanwhile.
 */
export function* integritySteps(storage: Storage): Generator<DynafileError | undefined> {
  const snapshot = storage.snapshot()
  try {
    const { partitions } = snapshot.sources
    for (const { record, files } of partitions.all()) {
      const upper = partitions.upperOf(record.tree, partitions.indexOf(record.tree, record.lower))
      for (const file of files) {
        for (const problem of fileSteps(file, { lower: record.lower, upper })) {
          yield problem
          // Files that were closed must not be opened again.
          storage.checkOpen()
        }
      }
    }
  } finally {
    snapshot.release()
  }
}

function* fileSteps(file: SortedFileReader, bounds: KeyBounds): Generator<DynafileError | undefined> {
  try {
    yield* file.verification()
    checkBounds(file, bounds)
  } catch (failure) {
    if (!(failure instanceof DynafileError)) throw failure
    yield failure
  }
}

/** All keys of a partition's files are the partition's own. */
function checkBounds(file: SortedFileReader, { lower, upper }: KeyBounds): void {
  if (file.lowestKey < lower) throw new CorruptionError(file.path, 0, 'it has a key below its partition')
  if (upper !== undefined && file.highestKey >= upper) {
    throw new CorruptionError(file.path, 0, 'it has a key above its partition')
  }
}

/**
 * Reads everything there is and reports every contradiction; repairs nothing. It looks at the files of one moment, and holds
 * them until it is done: what replaces them meanwhile is not its matter. It sees files, not items: whether indexes agree with
 * their tables is checked by the engine.
 *
 * Each file is looked for by its name, as the next opening will: one that is open can be read after somebody has removed or
 * replaced it, and nobody would know before it is closed.
 */
import { CorruptionError, DynafileError } from '../errors.js'
import { fileName } from './disk/file-name.js'
import { readFile } from './disk/file-system.js'
import { decodeFormat } from './format-file.js'
import { LogTail } from './log/log-tail.js'
import { Manifest } from './manifest/manifest.js'
import type { StorageSnapshot } from './snapshot.js'
import { BlockCache } from './sorted-file/block-cache.js'
import { OpenFiles } from './sorted-file/open-files.js'
import { type SortedFileContext, SortedFileReader } from './sorted-file/sorted-file-reader.js'
import type { CheckedFiles, Storage } from './storage.js'
import type { KeyBounds } from './tree/cursor.js'

/** Commits of the log that are verified in one turn. */
const COMMITS_PER_STEP = 1000

/** The first contradiction in each damaged file. */
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
    for (const problem of stepsOf(storage.checkedFiles, snapshot)) {
      yield problem
      // What belongs to others by now must not be looked at.
      storage.checkOpen()
    }
  } finally {
    snapshot.release()
  }
}

function* stepsOf(checked: CheckedFiles, { sources }: StorageSnapshot): Generator<DynafileError | undefined> {
  yield formatProblem(checked)
  yield manifestProblem(checked)
  yield* logSteps(checked)
  const { environment, readers } = checked
  const context = { ...readers, openFiles: new OpenFiles(environment.files, 1), cache: new BlockCache(0, 0) }
  const { partitions } = sources
  for (const { record, files } of partitions.all()) {
    const upper = partitions.upperOf(record.tree, partitions.indexOf(record.tree, record.lower))
    for (const file of files) yield* fileSteps(file, { lower: record.lower, upper }, context)
  }
}

function formatProblem({ environment, root }: CheckedFiles): DynafileError | undefined {
  const { files, checksum } = environment
  const path = fileName.format(root)
  return problemOf(() => {
    if (files.kind(path) !== 'file') throw new CorruptionError(path, 0, 'the file is missing')
    decodeFormat(readFile(files, path), path, root, checksum)
  })
}

function manifestProblem({ environment, root, manifest }: CheckedFiles): DynafileError | undefined {
  return problemOf(() => {
    const found = Manifest.read(environment, root, manifest.state.databaseId)
    const path = fileName.manifest(root, manifest.number)
    if (found?.number !== manifest.number) throw new CorruptionError(path, 0, 'the file is missing')
    // It may have one more, which is being written.
    if (found.editCount >= manifest.editCount) return
    throw new CorruptionError(path, found.byteLength, `edit ${found.editCount + 1} is damaged or missing`)
  })
}

/** What the next opening would read of the log. */
function* logSteps({ environment, root, manifest, log }: CheckedFiles): Generator<DynafileError | undefined> {
  for (;;) {
    const { firstLsn } = manifest.state
    try {
      let count = 0
      for (const _commit of new LogTail(environment, root).between(firstLsn, log.durableLsn)) {
        if (++count % COMMITS_PER_STEP === 0) yield undefined
      }
      return
    } catch (failure) {
      // After a checkpoint some of the log is needed no more: it may be gone, or go while it is looked for.
      const isGoing = (failure as NodeJS.ErrnoException).code === 'ENOENT'
      if (isGoing || manifest.state.firstLsn !== firstLsn) continue
      if (!(failure instanceof DynafileError)) throw failure
      yield failure
      return
    }
  }
}

function* fileSteps(
  { path, record, owner }: SortedFileReader,
  bounds: KeyBounds,
  context: SortedFileContext,
): Generator<DynafileError | undefined> {
  const file = new SortedFileReader(path, record, owner, context)
  try {
    yield* file.verification()
    checkBounds(file, bounds)
  } catch (failure) {
    if (!(failure instanceof DynafileError)) throw failure
    yield failure
  } finally {
    file.close()
  }
}

function problemOf(check: () => void): DynafileError | undefined {
  try {
    check()
    return undefined
  } catch (failure) {
    if (failure instanceof DynafileError) return failure
    throw failure
  }
}

/** All keys of a partition's files are the partition's own. */
function checkBounds(file: SortedFileReader, { lower, upper }: KeyBounds): void {
  if (file.lowestKey < lower) throw new CorruptionError(file.path, 0, 'it has a key below its partition')
  if (upper !== undefined && file.highestKey >= upper) {
    throw new CorruptionError(file.path, 0, 'it has a key above its partition')
  }
}

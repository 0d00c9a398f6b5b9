/**
 * Writes what there is of a partition, or a part of it, into new files, for that partition or for the several that its
 * keys are shared out to.
 */

import type { Activity } from '../activity.js'
import { fileName } from '../disk/file-name.js'
import { reasonOf } from '../disk/owned-folder.js'
import type { Environment } from '../environment.js'
import type { SortedFileReader } from '../sorted-file/sorted-file-reader.js'
import type { StorageOptions } from '../storage-options.js'
import { ALL_KEYS, type KeyBounds } from '../tree/cursor.js'
import { EntryPacker } from '../tree/packed-entries.js'
import type { SortedTree } from '../tree/sorted-tree.js'
import { ThreadLostError, type WriterThread } from '../writer-thread/writer-thread.js'
import type { PartitionStore } from './partition-store.js'
import { type PieceName, type PiecePlan, type PieceSettings, type WrittenPiece, writePieces } from './piece-writer.js'
import { sourceCursor } from './write-source.js'

export interface WriterContext {
  readonly environment: Environment
  readonly options: StorageOptions
  readonly store: PartitionStore
  readonly activity: Activity
  /** Throws when writing has failed meanwhile, or when the folder is somebody else's by now. */
  readonly checkWritable: () => void
  /** Whether the folder is still this process's. */
  readonly isOurs: () => boolean
  /** Undefined where there is none that finds the files. */
  readonly thread: WriterThread | undefined
  /** Not for what is written at the end. */
  readonly mayStartThread: () => boolean
}

/** What is written. Where a key stands more than once, the newest entry counts. */
export interface WriteSource {
  /** What is in memory, newer than any file. */
  readonly entries?: SortedTree
  /** Newest first, where they have the same keys. */
  readonly files: readonly SortedFileReader[]
  /** All keys, if there are none. */
  readonly bounds?: KeyBounds
}

export interface WritePlan extends PiecePlan {
  /** The partition that the first file is for; undefined for a new one. */
  readonly partition: number | undefined
  /** About how many bytes of keys and values are read. */
  readonly byteEstimate: number
}

/**
 * Writes all entries of `source`; no file when it has none. If that fails, what was begun is removed. It is done in a thread
 * of its own once so much was written that starting one pays.
 */
export async function writePartition(
  context: WriterContext,
  source: WriteSource,
  plan: WritePlan,
): Promise<readonly WrittenPiece[]> {
  const { activity } = context
  const names = new PieceNames(context, plan)
  try {
    const ofThread = await writeInThread(context, source, plan, names)
    const pieces = ofThread ?? (await writeHere(context, source, plan, names))
    context.checkWritable()
    const byteLength = pieces.reduce((sum, { file }) => sum + file.byteLength, 0)
    activity.fileByteLength += byteLength
    if (ofThread !== undefined) activity.threadFileByteLength += byteLength
    return pieces
  } catch (failure) {
    names.discard()
    throw reasonOf({ root: context.store.root, isOurs: context.isOurs }, failure)
  }
}

/** In slices. */
function writeHere(
  context: WriterContext,
  source: WriteSource,
  plan: WritePlan,
  names: PieceNames,
): Promise<readonly WrittenPiece[]> {
  const { environment, activity } = context
  const { entries, files, bounds = ALL_KEYS } = source
  const cursor = sourceCursor(entries?.cursor(bounds, 'ascending'), files, bounds)
  const waitFor = async <T>(waiting: Promise<T>): Promise<T> => {
    const result = await activity.waitFor(waiting)
    context.checkWritable()
    return result
  }
  return writePieces(environment, settingsOf(context), cursor, plan, {
    namePiece: (isFirst) => waitFor(names.next(isFirst)),
    supply: () => undefined,
    pause: () => waitFor(environment.scheduler.pause()),
    waitFor,
  })
}

/** Undefined when it has to be done here. */
async function writeInThread(
  context: WriterContext,
  source: WriteSource,
  plan: WritePlan,
  names: PieceNames,
): Promise<readonly WrittenPiece[] | undefined> {
  const { activity, thread } = context
  if (thread === undefined || !isForThread(context, thread, plan)) return undefined
  const { entries, files, bounds = ALL_KEYS } = source
  const settings = settingsOf(context)
  const descriptions = files.map(({ path, record, owner }) => ({ path, record, owner }))
  const task = { settings, plan, hasEntries: entries !== undefined, files: descriptions, bounds }
  const writing = thread.write(task, {
    namePiece: (isFirst) => names.next(isFirst),
    packer: entries && new EntryPacker(entries.cursor(bounds, 'ascending'), plan.lowestLsn),
    check: context.checkWritable,
    slice: (run) => activity.slice(run),
  })
  try {
    return await activity.waitFor(writing)
  } catch (failure) {
    if (!(failure instanceof ThreadLostError)) throw failure
    names.discard()
    context.checkWritable()
    return undefined
  }
}

/** A thread is started for those who write much, and used for what takes more than a slice. */
function isForThread(
  { options, activity, mayStartThread }: WriterContext,
  thread: WriterThread,
  { byteEstimate }: WritePlan,
): boolean {
  const { sliceByteLength, threadFromByteLength } = options
  if (!thread.isUsable || byteEstimate < Math.min(sliceByteLength, threadFromByteLength)) return false
  return thread.isRunning || (mayStartThread() && activity.fileByteLength + byteEstimate >= threadFromByteLength)
}

function settingsOf({ options, store }: WriterContext): PieceSettings {
  const { blockByteLength, compression, sliceByteLength } = options
  return { root: store.root, databaseId: store.readers.databaseId, blockByteLength, compression, sliceByteLength }
}

/** The files that are written by one plan. */
class PieceNames {
  readonly #context: WriterContext
  readonly #plan: WritePlan
  #given: PieceName[] = []

  constructor(context: WriterContext, plan: WritePlan) {
    this.#context = context
    this.#plan = plan
  }

  /** The name of the next one, in a directory that is there, durably. */
  async next(isFirst: boolean): Promise<PieceName> {
    const { store } = this.#context
    const partition = (isFirst ? this.#plan.partition : undefined) ?? store.nextId()
    const name = { partition, file: store.nextId() }
    this.#given.push(name)
    await store.ensureDirectory(this.#plan.tree, partition)
    return name
  }

  /**
   * Removes them, finished or not, as far as that is possible: what remains the next opening removes. Not in a folder that
   * is another process's by now: that one may have given the same names.
   */
  discard(): void {
    const { environment, store, isOurs } = this.#context
    if (!isOurs()) return
    for (const { partition, file } of this.#given) {
      const path = fileName.sortedFile(store.root, this.#plan.tree, partition, file)
      for (const name of [path, fileName.temporary(path)]) {
        try {
          environment.files.remove(name)
        } catch {
          // The manifest does not name it.
        }
      }
    }
    this.#given = []
  }
}

/**
 * Writes what there is of a partition, or a part of it, into new files, for that partition or for the several that its
 * keys are shared out to.
 */
import type { Activity } from '../activity.js'
import type { Environment } from '../environment.js'
import type { SortedFileReader } from '../sorted-file/sorted-file-reader.js'
import type { StorageOptions } from '../storage-options.js'
import { ALL_KEYS, type EntryCursor, type KeyBounds } from '../tree/cursor.js'
import { MergeCursor } from '../tree/merge.js'
import type { SortedTree } from '../tree/sorted-tree.js'
import type { PartitionStore } from './partition-store.js'
import {
  discardPieces,
  type PieceHost,
  type PiecePlan,
  type PieceSettings,
  type WrittenPiece,
  writePieces,
} from './piece-writer.js'

export interface WriterContext {
  readonly environment: Environment
  readonly options: StorageOptions
  readonly store: PartitionStore
  readonly activity: Activity
  /** Throws when writing has failed meanwhile, or when the folder is somebody else's by now. */
  readonly checkWritable: () => void
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
}

/** Writes all entries of `source`; no file when it has none. If that fails, what was begun is removed. */
export async function writePartition(
  context: WriterContext,
  source: WriteSource,
  plan: WritePlan,
): Promise<readonly WrittenPiece[]> {
  const { environment, store, activity } = context
  const pieces = await writePieces(environment, settingsOf(context), cursorOf(source), plan, hostHere(context, plan))
  try {
    context.checkWritable()
  } catch (failure) {
    const names = pieces.map(({ partition, file }) => ({ partition, file: file.id }))
    discardPieces(environment, store.root, plan.tree, names)
    throw failure
  }
  activity.fileByteLength += pieces.reduce((sum, { file }) => sum + file.byteLength, 0)
  return pieces
}

function cursorOf({ entries, files, bounds = ALL_KEYS }: WriteSource): EntryCursor {
  const ofFiles = files.map((file) => file.cursor(bounds, 'ascending', 'past the cache'))
  const sources = entries === undefined ? ofFiles : [entries.cursor(bounds, 'ascending'), ...ofFiles]
  const [only] = sources
  return sources.length === 1 ? only! : new MergeCursor(sources, 'ascending')
}

function settingsOf({ options, store }: WriterContext): PieceSettings {
  const { blockByteLength, compression, sliceByteLength } = options
  return { root: store.root, databaseId: store.readers.databaseId, blockByteLength, compression, sliceByteLength }
}

/** The host of what is written in this thread, in slices. */
function hostHere(context: WriterContext, plan: WritePlan): PieceHost {
  const { environment, activity } = context
  return {
    namePiece: (isFirst) => activity.waitFor(namePiece(context, plan, isFirst)),
    supply: () => undefined,
    async pause() {
      await activity.waitFor(environment.scheduler.pause())
      context.checkWritable()
    },
    waitFor: (synced) => activity.waitFor(synced),
  }
}

async function namePiece({ store }: WriterContext, { tree, partition: first }: WritePlan, isFirst: boolean) {
  const partition = (isFirst ? first : undefined) ?? store.nextId()
  const file = store.nextId()
  await store.ensureDirectory(tree, partition)
  return { partition, file }
}

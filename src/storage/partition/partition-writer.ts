/**
 * Writes sorted entries into new files, for one partition or for the several that its keys are shared out to. Nothing
 * counts before the manifest says so.
 */
import type { Activity } from '../activity.js'
import { fileName } from '../disk/file-name.js'
import type { Environment } from '../environment.js'
import type { SortedFileRecord } from '../manifest/manifest-format.js'
import { SortedFileWriter } from '../sorted-file/sorted-file-writer.js'
import type { StorageOptions } from '../storage-options.js'
import type { EntryCursor } from '../tree/cursor.js'
import type { PartitionStore } from './partition-store.js'

export interface WriterContext {
  readonly environment: Environment
  readonly options: StorageOptions
  readonly store: PartitionStore
  readonly activity: Activity
  /** Throws when writing has failed meanwhile, or when the folder is somebody else's by now. */
  readonly checkWritable: () => void
}

export interface WritePlan {
  readonly tree: number
  /** The partition that the first file is for; undefined for a new one. */
  readonly partition: number | undefined
  /** Where the keys of the first partition begin. */
  readonly lower: string
  /** Tombstones are kept where something older may lie below them. */
  readonly keepsTombstones: boolean
  /** The next partition begins when one has so many bytes of keys and values. */
  readonly pieceByteLength: number
  readonly entryEstimate: number
  readonly lowestLsn: number
  readonly highestLsn: number
}

/** A file that was written, and the partition it is for. */
export interface WrittenPiece {
  readonly partition: number
  readonly lower: string
  readonly file: SortedFileRecord
}

interface PieceInProgress {
  readonly partition: number
  readonly lower: string
  readonly writer: SortedFileWriter
}

/** Writes all entries of `source`; none when it has none. If that fails, what was begun is removed. */
export async function writePieces(
  context: WriterContext,
  source: EntryCursor,
  plan: WritePlan,
): Promise<readonly WrittenPiece[]> {
  const { environment, options, activity } = context
  const pieces: WrittenPiece[] = []
  let current: PieceInProgress | undefined
  const finish = async ({ partition, lower, writer }: PieceInProgress) => {
    const file = await writer.finish((synced) => activity.waitFor(synced))
    activity.fileByteLength += file.byteLength
    pieces.push({ partition, lower, file })
    current = undefined
  }
  let sliceByteLength = 0
  try {
    while (source.next()) {
      if (source.isTombstone && !plan.keepsTombstones) continue
      if (current !== undefined && current.writer.rawByteLength >= plan.pieceByteLength) await finish(current)
      current ??= await beginPiece(context, plan, pieces.length === 0 ? undefined : source.key())
      current.writer.add(source)
      sliceByteLength += source.keyLength() + source.end - source.start
      if (sliceByteLength >= options.sliceByteLength) {
        sliceByteLength = 0
        await activity.waitFor(environment.scheduler.pause())
        context.checkWritable()
      }
    }
    if (current !== undefined) await finish(current)
    context.checkWritable()
  } catch (failure) {
    current?.writer.abandon()
    discardPieces(context, plan.tree, pieces)
    throw failure
  }
  return pieces
}

/** Removes files that will not count, as far as that is possible: what remains the next opening removes. */
export function discardPieces(
  { environment, store }: WriterContext,
  tree: number,
  pieces: readonly WrittenPiece[],
): void {
  for (const { partition, file } of pieces) {
    try {
      environment.files.remove(fileName.sortedFile(store.root, tree, partition, file.id))
    } catch {
      // It is not named by the manifest.
    }
  }
}

async function beginPiece(
  context: WriterContext,
  plan: WritePlan,
  lower: string | undefined,
): Promise<PieceInProgress> {
  const { environment, options, store, activity } = context
  const partition = (lower === undefined ? plan.partition : undefined) ?? store.nextId()
  const id = store.nextId()
  await activity.waitFor(store.ensureDirectory(plan.tree, partition))
  const { tree, lowestLsn, highestLsn, entryEstimate } = plan
  const identity = { databaseId: store.readers.databaseId, tree, partition, id, lowestLsn, highestLsn }
  const path = fileName.sortedFile(store.root, tree, partition, id)
  const writer = new SortedFileWriter(environment.files, path, identity, environment.checksum, {
    blockByteLength: options.blockByteLength,
    compression: options.compression,
    entryEstimate,
  })
  return { partition, lower: lower ?? plan.lower, writer }
}

/**
 * Writes sorted entries into new files: one, or several, each for a partition of its own. Nothing counts before the
 * manifest says so. It knows of no other state of the storage, so that it can run in any thread: what it needs to know
 * meanwhile it asks its host.
 */
import { fileName } from '../disk/file-name.js'
import type { Environment } from '../environment.js'
import type { SortedFileRecord } from '../manifest/manifest-format.js'
import { type SortedFileOptions, SortedFileWriter } from '../sorted-file/sorted-file-writer.js'
import type { EntryCursor } from '../tree/cursor.js'

/** The storage whose files they are, and how it writes them. */
export interface PieceSettings extends Omit<SortedFileOptions, 'entryEstimate'> {
  readonly root: string
  readonly databaseId: Uint8Array
  /** Others have their turn after this many bytes. */
  readonly sliceByteLength: number
}

export interface PiecePlan {
  readonly tree: number
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

/** What a new file is named by. Its directory is there, durably. */
export interface PieceName {
  readonly partition: number
  readonly file: number
}

/** A file that was written, and the partition it is for. */
export interface WrittenPiece {
  readonly partition: number
  readonly lower: string
  readonly file: SortedFileRecord
}

/** Those for whom it writes. */
export interface PieceHost {
  namePiece(isFirst: boolean): Promise<PieceName>
  /** What has to arrive before the source can go on, if anything has. */
  supply(): Promise<void> | undefined
  /** Lets others have their turn. Throws when it is of no use to go on. */
  pause(): Promise<void>
  /** Waits for a sync. */
  waitFor(synced: Promise<void>): Promise<void>
}

interface PieceInProgress {
  readonly partition: number
  readonly lower: string
  readonly writer: SortedFileWriter
}

/** Writes all entries of `source`; no file when it has none. If that fails, files that were named may be there. */
export async function writePieces(
  environment: Pick<Environment, 'files' | 'checksum'>,
  settings: PieceSettings,
  source: EntryCursor,
  plan: PiecePlan,
  host: PieceHost,
): Promise<readonly WrittenPiece[]> {
  const pieces: WrittenPiece[] = []
  let current: PieceInProgress | undefined
  const begin = async (lower: string | undefined): Promise<PieceInProgress> => {
    const { partition, file } = await host.namePiece(lower === undefined)
    return { partition, lower: lower ?? plan.lower, writer: newFile(environment, settings, plan, { partition, file }) }
  }
  const finish = async ({ partition, lower, writer }: PieceInProgress) => {
    pieces.push({ partition, lower, file: await writer.finish((synced) => host.waitFor(synced)) })
    current = undefined
  }
  let sliceByteLength = 0
  try {
    for (;;) {
      const supply = host.supply()
      if (supply !== undefined) await supply
      if (!source.next()) break
      if (!source.isTombstone || plan.keepsTombstones) {
        if (current !== undefined && current.writer.rawByteLength >= plan.pieceByteLength) await finish(current)
        current ??= await begin(pieces.length === 0 ? undefined : source.key())
        current.writer.add(source)
      }
      sliceByteLength += source.keyLength() + source.end - source.start
      if (sliceByteLength >= settings.sliceByteLength) {
        sliceByteLength = 0
        await host.pause()
      }
    }
    if (current !== undefined) await finish(current)
    return pieces
  } finally {
    current?.writer.abandon()
  }
}

function newFile(
  { files, checksum }: Pick<Environment, 'files' | 'checksum'>,
  { root, databaseId, blockByteLength, compression }: PieceSettings,
  { tree, lowestLsn, highestLsn, entryEstimate }: PiecePlan,
  { partition, file }: PieceName,
): SortedFileWriter {
  const path = fileName.sortedFile(root, tree, partition, file)
  const identity = { databaseId, tree, partition, id: file, lowestLsn, highestLsn }
  return new SortedFileWriter(files, path, identity, checksum, { blockByteLength, compression, entryEstimate })
}

/**
 * A part of one tree of a snapshot as plain data, from which another thread reads the same. Sorted files never change, so
 * they are opened there once more, by their paths; what is in memory is sent along, a piece after the other. Files and memory
 * are there for as long as the snapshot is held: whoever sends them holds it until the other thread has ended.
 */
import type { Environment } from './environment.js'
import type { PartitionRecord } from './manifest/manifest-format.js'
import { openPartition } from './partition/partition.js'
import { PartitionMap } from './partition/partition-map.js'
import { BlockCache, slotByteLength } from './sorted-file/block-cache.js'
import { OpenFiles } from './sorted-file/open-files.js'
import { DEFAULT_STORAGE_OPTIONS } from './storage-options.js'
import type { EntryCursor, KeyBounds } from './tree/cursor.js'
import { merged } from './tree/merge.js'
import { EntryPacker, type PackedCursor } from './tree/packed-entries.js'
import { fileCursor, memoryCursors, type Sources } from './view.js'

export interface PortableTree {
  readonly root: string
  /** In hexadecimal. */
  readonly databaseId: string
  readonly tree: number
  /** All of the tree: they tile the space of keys. A file is opened when something is read from it. */
  readonly partitions: readonly PartitionRecord[]
  readonly bounds: KeyBounds
  /** Whether there may be something of the part that is in no file. */
  readonly hasEntries: boolean
}

/** A walk over a part of a tree is of use once: what it read is not kept. */
const CACHE_BYTE_LIMIT = 4 * 1024 * 1024
const OPEN_FILE_LIMIT = 16

/** Describes a part of a tree. */
export function describeTree(
  { memtables, partitions }: Sources,
  { root, databaseId, tree, bounds }: Pick<PortableTree, 'root' | 'databaseId' | 'tree' | 'bounds'>,
): PortableTree {
  const hasEntries = memoryCursors(memtables, tree, bounds, 'ascending').length > 0
  return { root, databaseId, tree, bounds, partitions: partitions.of(tree).map(({ record }) => record), hasEntries }
}

/** Packs what of a part is in no file, with its tombstones. */
export function packEntriesOf({ memtables }: Sources, { tree, bounds }: PortableTree): EntryPacker {
  return new EntryPacker(merged(memoryCursors(memtables, tree, bounds, 'ascending'), 'ascending'))
}

/** A part of a tree, opened from its description. */
export interface OpenedTree {
  /** Walks all of it, tombstones included. Nothing changes it, so the walk may take many turns. */
  readonly cursor: EntryCursor
  close(): void
}

/**
 * @param entries What of it is in no file, as that arrives: while it is dry, the walk must not go on.
 * @throws {CorruptionError} When a file is damaged, as soon as that is met.
 */
export function openTree(
  { files, checksum }: Pick<Environment, 'files' | 'checksum'>,
  { root, databaseId, tree, partitions, bounds }: PortableTree,
  entries: PackedCursor | undefined,
): OpenedTree {
  const openFiles = new OpenFiles(files, OPEN_FILE_LIMIT)
  const cache = new BlockCache(CACHE_BYTE_LIMIT, slotByteLength(DEFAULT_STORAGE_OPTIONS.blockByteLength))
  const context = { files, checksum, openFiles, cache, databaseId: Buffer.from(databaseId, 'hex') }
  const map = PartitionMap.of(partitions.map((record) => openPartition(record, root, context)))
  try {
    const sources = [entries, fileCursor(map, tree, bounds, 'ascending')].filter((source) => source !== undefined)
    return { cursor: merged(sources, 'ascending'), close: () => openFiles.closeAll() }
  } catch (failure) {
    openFiles.closeAll()
    throw failure
  }
}

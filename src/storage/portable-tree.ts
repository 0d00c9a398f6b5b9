/**
 * A part of one tree of a snapshot as plain data, from which another thread reads the same. Sorted files never change, so
 * they are opened there once more, by their paths; what is in memory goes along as bytes. The files are there for as long
 * as the snapshot is held: whoever sends one holds it until the other thread has ended.
 */
import type { Environment } from './environment.js'
import type { PartitionRecord } from './manifest/manifest-format.js'
import { openPartition } from './partition/partition.js'
import { PartitionMap } from './partition/partition-map.js'
import { BlockCache, slotByteLength } from './sorted-file/block-cache.js'
import { OpenFiles } from './sorted-file/open-files.js'
import { DEFAULT_STORAGE_OPTIONS } from './storage-options.js'
import type { EntryCursor, KeyBounds } from './tree/cursor.js'
import { Memtable, type ReadableMemtable } from './tree/memtable.js'
import { MergeCursor } from './tree/merge.js'
import { EntryPacker, PackedCursor, type PackedEntries } from './tree/packed-entries.js'
import type { RangeCursor } from './tree/range-cursor.js'
import { readRange, type Sources } from './view.js'

export interface PortableTree {
  readonly root: string
  /** In hexadecimal. */
  readonly databaseId: string
  readonly tree: number
  /** All of the tree: they tile the space of keys. A file is opened when something is read from it. */
  readonly partitions: readonly PartitionRecord[]
  readonly bounds: KeyBounds
  /** What is in no file, with its tombstones. */
  readonly memory: readonly PackedEntries[]
}

/** A walk over a part of a tree is of use once: what it read is not kept. */
const CACHE_BYTE_LIMIT = 4 * 1024 * 1024
const OPEN_FILE_LIMIT = 16

/** Describes a part of a tree. What is in memory is packed in slices, and others have their turn between them. */
export async function describeTree(
  { memtables, partitions }: Sources,
  { root, databaseId, tree, bounds }: Pick<PortableTree, 'root' | 'databaseId' | 'tree' | 'bounds'>,
  pause: () => Promise<void>,
): Promise<PortableTree> {
  const memory = await packEntries(memoryCursor(memtables, tree, bounds), pause)
  return { root, databaseId, tree, bounds, partitions: partitions.of(tree).map(({ record }) => record), memory }
}

/** A part of a tree, opened from its description. */
export interface OpenedTree {
  /** Walks all of it. Nothing changes it, so the walk may take many turns. */
  readonly cursor: RangeCursor
  close(): void
}

/** @throws {CorruptionError} When a file is damaged, as soon as that is met. */
export function openTree(
  { files, checksum }: Pick<Environment, 'files' | 'checksum'>,
  { root, databaseId, tree, partitions, bounds, memory }: PortableTree,
): OpenedTree {
  const openFiles = new OpenFiles(files, OPEN_FILE_LIMIT)
  const cache = new BlockCache(CACHE_BYTE_LIMIT, slotByteLength(DEFAULT_STORAGE_OPTIONS.blockByteLength))
  const context = { files, checksum, openFiles, cache, databaseId: Buffer.from(databaseId, 'hex') }
  const map = PartitionMap.of(partitions.map((record) => openPartition(record, root, context)))
  const sources: Sources = { memtables: [unpackEntries(tree, memory)], partitions: map }
  try {
    return { cursor: readRange(sources, tree, bounds, 'ascending'), close: () => openFiles.closeAll() }
  } catch (failure) {
    openFiles.closeAll()
    throw failure
  }
}

function memoryCursor(memtables: readonly ReadableMemtable[], tree: number, bounds: KeyBounds): EntryCursor {
  const sorted = memtables.map(({ trees }) => trees.get(tree)).filter((known) => known !== undefined)
  return new MergeCursor(
    sorted.map((known) => known.cursor(bounds, 'ascending')),
    'ascending',
  )
}

async function packEntries(cursor: EntryCursor, pause: () => Promise<void>): Promise<PackedEntries[]> {
  const packer = new EntryPacker(cursor)
  const packed = [packer.next()]
  while (!packed.at(-1)!.isLast) {
    await pause()
    packed.push(packer.next())
  }
  return packed
}

function unpackEntries(tree: number, packed: readonly PackedEntries[]): Memtable {
  const memtable = new Memtable()
  const cursor = new PackedCursor()
  for (const piece of packed) cursor.add(piece)
  while (cursor.next()) {
    const value = cursor.isTombstone ? undefined : cursor.bytes.subarray(cursor.start, cursor.end)
    memtable.set(tree, cursor.key(), value, cursor.lsn())
  }
  return memtable
}

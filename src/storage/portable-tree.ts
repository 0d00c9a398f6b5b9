/**
 * A part of one tree of a snapshot as plain data, from which another thread reads the same. Sorted files never change, so
 * they are opened there once more, by their paths; what is in memory goes along as bytes. The files are there for as long
 * as the snapshot is held: whoever sends one holds it until the other thread has ended.
 */
import { ByteReader } from '../base/byte-reader.js'
import { ByteWriter } from '../base/byte-writer.js'
import type { Environment } from './environment.js'
import type { PartitionRecord } from './manifest/manifest-format.js'
import { openPartition } from './partition/partition.js'
import { PartitionMap } from './partition/partition-map.js'
import { BlockCache, slotByteLength } from './sorted-file/block-cache.js'
import { OpenFiles } from './sorted-file/open-files.js'
import { DEFAULT_STORAGE_OPTIONS } from './storage-options.js'
import type { EntryCursor, KeyBounds } from './tree/cursor.js'
import { Memtable } from './tree/memtable.js'
import { MergeCursor } from './tree/merge.js'
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
  /** What is in no file, with its tombstones, packed. */
  readonly memory: Uint8Array
}

/** A walk over a part of a tree is of use once: what it read is not kept. */
const CACHE_BYTE_LIMIT = 4 * 1024 * 1024
const OPEN_FILE_LIMIT = 16
/** Entries that are packed in one turn. */
const SLICE_LENGTH = 5000

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

function memoryCursor(memtables: readonly Memtable[], tree: number, bounds: KeyBounds): EntryCursor {
  const sorted = memtables.map(({ trees }) => trees.get(tree)).filter((known) => known !== undefined)
  return new MergeCursor(
    sorted.map((known) => known.cursor(bounds, 'ascending')),
    'ascending',
  )
}

/** For each entry the length of its key, the key, and the length of its value plus one, the value; 0 is a tombstone. */
async function packEntries(cursor: EntryCursor, pause: () => Promise<void>): Promise<Uint8Array> {
  const out = new ByteWriter()
  let count = 0
  while (cursor.next()) {
    const key = cursor.key()
    out.varint(key.length)
    out.byteString(key)
    if (cursor.isTombstone) out.varint(0)
    else {
      out.varint(cursor.end - cursor.start + 1)
      out.bytes(cursor.bytes.subarray(cursor.start, cursor.end))
    }
    count += 1
    if (count % SLICE_LENGTH === 0) await pause()
  }
  return out.copy()
}

function unpackEntries(tree: number, packed: Uint8Array): Memtable {
  const memtable = new Memtable()
  const reader = new ByteReader(packed)
  while (reader.remaining > 0) {
    const key = reader.byteString(reader.varint())
    const length = reader.varint()
    memtable.set(tree, key, length === 0 ? undefined : reader.bytes(length - 1), 0)
  }
  return memtable
}

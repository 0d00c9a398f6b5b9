/** The entries there are, read through all the places where they lie: memory, newest first, then sorted files. */
import { type HashedKey, hashKey } from '../base/key-hash.js'
import { findInFiles, type Partition } from './partition/partition.js'
import type { PartitionMap } from './partition/partition-map.js'
import type { ReadAs } from './sorted-file/entry-cache.js'
import type { ByteView, Direction, EntryCursor, Finding, FoundValue, KeyBounds } from './tree/cursor.js'
import type { ReadableMemtable } from './tree/memtable.js'
import { ChainCursor, merged } from './tree/merge.js'
import { RangeCursor } from './tree/range-cursor.js'

/** What can be read: a storage, a snapshot of one, or a follower of one. */
export interface ReadableTrees {
  /** The value under a key, wherever it lies: it is there until the next call of anything that reads. */
  peek(tree: number, key: HashedKey, as?: ReadAs): ByteView | undefined
  /** Tells that the first so many of these keys will be looked for, each as one of many, which is quicker then. */
  warm?(tree: number, keys: readonly HashedKey[], count: number): void
  /** The value under a key, as bytes that stay. */
  get(tree: number, key: string): Uint8Array | undefined
  /** Walks a range of entries. Use it within one turn: commits would change what it walks over. */
  range(tree: number, bounds: KeyBounds, direction?: Direction, tombstoneLimit?: number): RangeCursor
}

export interface Sources {
  /** Newest first. */
  readonly memtables: readonly ReadableMemtable[]
  readonly partitions: PartitionMap
}

const found: FoundValue = { bytes: Buffer.alloc(0), start: 0, end: 0 }

/** The value under a key, where it lies: it is there until the next call of this or of any reader. */
export function peekEntry(sources: Sources, tree: number, key: HashedKey, as?: ReadAs): ByteView | undefined {
  const finding = findInMemory(sources, tree, key)
  if (finding === 'absent') return peekInFiles(sources, tree, key, as)
  return finding === 'found' ? found : undefined
}

/** Tells that keys will be looked for. */
export function warmEntries({ partitions }: Sources, tree: number, keys: readonly HashedKey[], count: number): void {
  // All partitions share one cache.
  partitions.of(tree)[0]?.entries.warm(keys, count)
}

/** The same as bytes that stay: what is in memory never changes, what is in files is copied. */
export function readEntry(sources: Sources, tree: number, text: string): Uint8Array | undefined {
  const key = hashKey(text)
  const finding = findInMemory(sources, tree, key)
  if (finding === 'removed') return undefined
  if (finding === 'found') return found.bytes.subarray(found.start, found.end)
  const view = peekInFiles(sources, tree, key)
  return view && Buffer.from(view.bytes.subarray(view.start, view.end))
}

function findInMemory({ memtables }: Sources, tree: number, key: HashedKey): Finding {
  for (const memtable of memtables) {
    if (!memtable.mayHave(key)) continue
    const finding = memtable.find(tree, key, found)
    if (finding !== 'absent') return finding
  }
  return 'absent'
}

function peekInFiles({ partitions }: Sources, tree: number, key: HashedKey, as?: ReadAs): ByteView | undefined {
  const partition = partitions.find(tree, key)
  if (partition === undefined) return undefined
  const { serial, entries } = partition
  if (entries.find(serial, key, found)) return found
  if (findInFiles(partition, key, found) !== 'found') return undefined
  if (entries.isWanted(key, partitions.contentOf(tree), as)) {
    entries.keep(serial, key, found.bytes, found.start, found.end)
  }
  return found
}

export function readRange(
  { memtables, partitions }: Sources,
  tree: number,
  bounds: KeyBounds,
  direction: Direction,
  tombstoneLimit?: number,
): RangeCursor {
  const cursors = memoryCursors(memtables, tree, bounds, direction)
  const files = fileCursor(partitions, tree, bounds, direction)
  if (files !== undefined) cursors.push(files)
  return new RangeCursor(merged(cursors, direction), tombstoneLimit)
}

/** What the memtables have of a tree in a range: a cursor for each that has anything of the tree, newest first. */
export function memoryCursors(
  memtables: readonly ReadableMemtable[],
  tree: number,
  bounds: KeyBounds,
  direction: Direction,
): EntryCursor[] {
  const cursors: EntryCursor[] = []
  for (const memtable of memtables) {
    const sorted = memtable.trees.get(tree)
    if (sorted !== undefined && sorted.size > 0) cursors.push(sorted.cursor(bounds, direction))
  }
  return cursors
}

/** What the files of a tree have in a range; mostly it lies in one partition. */
export function fileCursor(
  partitions: PartitionMap,
  tree: number,
  bounds: KeyBounds,
  direction: Direction,
): EntryCursor | undefined {
  const all = partitions.of(tree)
  if (all.length === 0) return undefined
  const first = partitions.indexOf(tree, bounds.lower)
  const last = bounds.upper === undefined ? all.length - 1 : partitions.indexOf(tree, bounds.upper)
  if (first === last) return partitionCursor(all[first]!, bounds, direction)
  const inRange = all.slice(first, last + 1)
  return new ChainCursor(cursorsOf(direction === 'ascending' ? inRange : inRange.toReversed(), bounds, direction))
}

function* cursorsOf(
  partitions: readonly Partition[],
  bounds: KeyBounds,
  direction: Direction,
): Generator<EntryCursor, void> {
  for (const partition of partitions) yield partitionCursor(partition, bounds, direction)
}

function partitionCursor({ files }: Partition, bounds: KeyBounds, direction: Direction): EntryCursor {
  const cursors = files.map((file) => file.cursor(bounds, direction, 'through the cache'))
  return merged(cursors, direction)
}

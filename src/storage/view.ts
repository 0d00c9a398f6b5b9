/** The entries there are, read through all the places where they lie: memory, newest first, then sorted files. */
import type { Partition } from './partition/partition.js'
import type { PartitionMap } from './partition/partition-map.js'
import type { EntryCursor } from './tree/cursor.js'
import type { Memtable } from './tree/memtable.js'
import { ChainCursor, MergeCursor } from './tree/merge.js'
import { type KeyBounds, RangeCursor } from './tree/range-cursor.js'

export type Direction = 'ascending' | 'descending'

/** What can be read: a storage, or a follower of one. */
export interface ReadableTrees {
  get(tree: number, key: string): Uint8Array | undefined
  range(tree: number, bounds: KeyBounds, direction?: Direction, tombstoneLimit?: number): RangeCursor
}

export interface Sources {
  /** Newest first. */
  readonly memtables: readonly Memtable[]
  readonly partitions: PartitionMap
}

export function readEntry({ memtables, partitions }: Sources, tree: number, key: string): Uint8Array | undefined {
  for (const memtable of memtables) {
    const entry = memtable.get(tree, key)
    if (entry !== undefined) return entry.value
  }
  return partitions.find(tree, key)?.file?.get(key)?.value
}

export function readRange(
  { memtables, partitions }: Sources,
  tree: number,
  bounds: KeyBounds,
  direction: Direction,
  tombstoneLimit?: number,
): RangeCursor {
  const memory: EntryCursor[] = []
  for (const memtable of memtables) {
    const sorted = memtable.trees.get(tree)
    if (sorted === undefined || sorted.size === 0) continue
    memory.push(direction === 'ascending' ? sorted.ascending(bounds.lower) : sorted.descending(bounds.upper))
  }
  const files = new ChainCursor(fileCursors(partitions, tree, bounds, direction))
  const source = memory.length === 0 ? files : new MergeCursor([...memory, files], direction)
  return new RangeCursor(source, bounds, direction, tombstoneLimit)
}

function* fileCursors(
  partitions: PartitionMap,
  tree: number,
  { lower, upper }: KeyBounds,
  direction: Direction,
): Generator<EntryCursor> {
  const all: readonly Partition[] = partitions.of(tree)
  if (all.length === 0) return
  const first = partitions.indexOf(tree, lower)
  const last = upper === undefined ? all.length - 1 : partitions.indexOf(tree, upper)
  if (direction === 'ascending') {
    for (let i = first; i <= last; i++) {
      const file = all[i]!.file
      if (file !== undefined) yield file.ascending(lower)
    }
  } else {
    for (let i = last; i >= first; i--) {
      const file = all[i]!.file
      if (file !== undefined) yield file.descending(upper)
    }
  }
}

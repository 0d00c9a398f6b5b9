/**
 * Which partition owns a key: the partitions of each tree, in the order of their lower ends. A partition reaches up to
 * the next one's lower end, and the first one's is the empty string, so they tile the whole space of keys.
 *
 * A map never changes: what is done to it makes another one, so that whoever holds one, as a snapshot does, keeps it.
 */
import { invariant } from '../../base/invariant.js'
import type { HashedKey } from '../../base/key-hash.js'
import type { Content } from '../sorted-file/entry-cache.js'
import { KeyList } from '../sorted-file/key-search.js'
import { filesOf, type Partition } from './partition.js'

interface TreePartitions {
  readonly partitions: readonly Partition[]
  /** The lower end of each. */
  readonly lowers: KeyList
  readonly content: Content
}

const NONE: readonly Partition[] = []
const NO_CONTENT: Content = { entryCount: 0, byteLength: 0 }

export class PartitionMap {
  readonly #trees: ReadonlyMap<number, TreePartitions>

  private constructor(trees: ReadonlyMap<number, TreePartitions>) {
    this.#trees = trees
  }

  static of(partitions: readonly Partition[] = []): PartitionMap {
    const trees = new Map<number, Partition[]>()
    for (const partition of partitions) {
      const known = trees.get(partition.record.tree)
      if (known === undefined) trees.set(partition.record.tree, [partition])
      else known.push(partition)
    }
    return new PartitionMap(new Map([...trees].map(([tree, known]) => [tree, tiled(known)])))
  }

  /** The partitions of a tree, lowest first; none before its first checkpoint. */
  of(tree: number): readonly Partition[] {
    return this.#trees.get(tree)?.partitions ?? NONE
  }

  *all(): Generator<Partition> {
    for (const { partitions } of this.#trees.values()) yield* partitions
  }

  /** The position in `of(tree)` of the partition that owns a key; -1 when the tree has none. */
  indexOf(tree: number, key: string | HashedKey): number {
    return this.#trees.get(tree)?.lowers.lastAtOrBelow(key) ?? -1
  }

  find(tree: number, key: string | HashedKey): Partition | undefined {
    const known = this.#trees.get(tree)
    return known?.partitions[known.lowers.lastAtOrBelow(key)]
  }

  /** What all files of a tree have. */
  contentOf(tree: number): Content {
    return this.#trees.get(tree)?.content ?? NO_CONTENT
  }

  /** Where a partition ends; undefined for the last one of its tree. */
  upperOf(tree: number, index: number): string | undefined {
    return this.of(tree)[index + 1]?.record.lower
  }

  /** The same with some partitions in the place of others, or of the void in which a tree begins and ends. */
  replace(removed: readonly Partition[], added: readonly Partition[]): PartitionMap {
    const gone = new Set(removed)
    const changed = new Map<number, Partition[]>()
    for (const { record } of [...removed, ...added]) {
      if (!changed.has(record.tree))
        changed.set(
          record.tree,
          this.of(record.tree).filter((known) => !gone.has(known)),
        )
    }
    for (const partition of added) changed.get(partition.record.tree)!.push(partition)
    const trees = new Map(this.#trees)
    for (const [tree, partitions] of changed) {
      if (partitions.length === 0) trees.delete(tree)
      else trees.set(tree, tiled(partitions))
    }
    return new PartitionMap(trees)
  }
}

function tiled(unsorted: readonly Partition[]): TreePartitions {
  const partitions = unsorted.toSorted((a, b) => (a.record.lower < b.record.lower ? -1 : 1))
  const lowers = partitions.map(({ record }) => record.lower)
  invariant(lowers[0] === '', 'the first partition of a tree begins at the lowest key')
  for (let i = 1; i < lowers.length; i++) invariant(lowers[i - 1]! < lowers[i]!, 'partitions of a tree do not overlap')
  const files = partitions.flatMap(({ record }) => filesOf(record))
  return {
    partitions,
    lowers: new KeyList(lowers),
    content: {
      entryCount: files.reduce((sum, { entryCount }) => sum + entryCount, 0),
      byteLength: files.reduce((sum, { rawByteLength }) => sum + rawByteLength, 0),
    },
  }
}

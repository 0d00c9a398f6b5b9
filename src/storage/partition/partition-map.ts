/**
 * Which partition owns a key: the partitions of each tree, in the order of their lower ends. A partition reaches up to
 * the next one's lower end, and the first one's is the empty string, so they tile the whole space of keys.
 */
import { invariant } from '../../base/invariant.js'
import type { Partition } from './partition.js'

export class PartitionMap {
  readonly #trees = new Map<number, Partition[]>()

  constructor(partitions: readonly Partition[] = []) {
    for (const partition of partitions) {
      const known = this.#trees.get(partition.record.tree)
      if (known === undefined) this.#trees.set(partition.record.tree, [partition])
      else known.push(partition)
    }
    for (const known of this.#trees.values()) checkTiling(known.sort(byLower))
  }

  /** The partitions of a tree, lowest first; none before its first checkpoint. */
  of(tree: number): readonly Partition[] {
    return this.#trees.get(tree) ?? []
  }

  *all(): Generator<Partition> {
    for (const partitions of this.#trees.values()) yield* partitions
  }

  /** The position in `of(tree)` of the partition that owns a key; -1 when the tree has none. */
  indexOf(tree: number, key: string): number {
    const partitions = this.of(tree)
    let low = 0
    let high = partitions.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (partitions[middle]!.record.lower <= key) low = middle
      else high = middle - 1
    }
    return high < 0 ? -1 : low
  }

  find(tree: number, key: string): Partition | undefined {
    return this.of(tree)[this.indexOf(tree, key)]
  }

  /** Where a partition ends; undefined for the last one of its tree. */
  upperOf(tree: number, index: number): string | undefined {
    return this.of(tree)[index + 1]?.record.lower
  }

  /** Puts partitions in the place of another one, or of the void before a tree's first checkpoint. */
  replace(tree: number, old: Partition | undefined, added: readonly Partition[]): void {
    const kept = this.of(tree).filter((partition) => partition !== old)
    const next = [...kept, ...added].sort(byLower)
    checkTiling(next)
    this.#trees.set(tree, next)
  }
}

function byLower(a: Partition, b: Partition): number {
  return a.record.lower < b.record.lower ? -1 : 1
}

function checkTiling(partitions: readonly Partition[]): void {
  invariant(partitions[0]?.record.lower === '', 'the first partition of a tree begins at the lowest key')
  for (let i = 1; i < partitions.length; i++) {
    const isAbove = partitions[i - 1]!.record.lower < partitions[i]!.record.lower
    invariant(isAbove, 'partitions of a tree do not overlap')
  }
}

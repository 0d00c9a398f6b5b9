/** What is committed and not yet in a sorted file: one sorted tree for each tree of the database. */
import { type Entry, SortedTree } from './sorted-tree.js'

/** What an entry costs in memory beside its key and value: tree slot, objects, string headers. */
const ENTRY_OVERHEAD = 120

export class Memtable {
  readonly trees: Map<number, SortedTree> = new Map()
  #byteLength = 0
  #entryCount = 0

  /** An estimate of the memory it takes; an entry that is overwritten counts again. */
  get byteLength(): number {
    return this.#byteLength
  }

  get entryCount(): number {
    return this.#entryCount
  }

  get(tree: number, key: string): Entry | undefined {
    return this.trees.get(tree)?.get(key)
  }

  set(tree: number, key: string, entry: Entry): void {
    let sorted = this.trees.get(tree)
    if (sorted === undefined) {
      sorted = new SortedTree()
      this.trees.set(tree, sorted)
    }
    sorted.set(key, entry)
    this.#byteLength += ENTRY_OVERHEAD + key.length + (entry.value?.length ?? 0)
    this.#entryCount += 1
  }
}

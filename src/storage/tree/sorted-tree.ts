/**
 * Sorted entries in memory: sorted-btree behind our own names. Keys are byte strings, so `<` is the order of their
 * bytes; it is passed explicitly, because the library's own order knows about numbers and dates.
 */
import sortedBTree from 'sorted-btree'
import type { EntryCursor } from './cursor.js'

/** What stands under a key: a value, or undefined for "removed", and the commit that put it there. */
export interface Entry {
  readonly value: Uint8Array | undefined
  readonly lsn: number
}

// The library is CommonJS: its class stands one `default` deeper in Node than where a bundler resolved it.
type BTree = sortedBTree.default<string, Entry>
type BTreeClass = typeof sortedBTree.default
const BTree: BTreeClass = sortedBTree.default ?? (sortedBTree as unknown as BTreeClass)

const byBytes = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

export class SortedTree {
  readonly #tree: BTree = new BTree<string, Entry>(undefined, byBytes, 64)

  get size(): number {
    return this.#tree.size
  }

  get(key: string): Entry | undefined {
    return this.#tree.get(key)
  }

  set(key: string, entry: Entry): void {
    this.#tree.set(key, entry)
  }

  /** Walks upwards from the first key at or above `lower`. The tree must not change meanwhile. */
  ascending(lower: string): EntryCursor {
    return new TreeCursor(this.#tree.entries(lower))
  }

  /** Walks downwards from the last key below `upper`, or from the last of all. The tree must not change meanwhile. */
  descending(upper: string | undefined): EntryCursor {
    return new TreeCursor(this.#tree.entriesReversed(upper, undefined, true))
  }
}

class TreeCursor implements EntryCursor {
  readonly #entries: IterableIterator<[string, Entry]>
  #key = ''
  #entry: Entry | undefined

  constructor(entries: IterableIterator<[string, Entry]>) {
    this.#entries = entries
  }

  next(): boolean {
    const { done, value } = this.#entries.next()
    if (done === true) return false
    this.#key = value[0]
    this.#entry = value[1]
    return true
  }

  compareTo(key: string): number {
    return byBytes(this.#key, key)
  }

  key(): string {
    return this.#key
  }

  value(): Uint8Array | undefined {
    return this.#entry!.value
  }

  lsn(): number {
    return this.#entry!.lsn
  }
}

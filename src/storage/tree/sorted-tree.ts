/**
 * Sorted entries in memory: sorted-btree behind our own names. Keys are byte strings, so `<` is the order of their
 * bytes; it is passed explicitly, because the library's own order knows about numbers and dates.
 */
import sortedBTree from 'sorted-btree'
import type { Direction, EntryCursor, KeyBounds } from './cursor.js'

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
  readonly #tree: BTree

  constructor(tree: BTree = new BTree<string, Entry>(undefined, byBytes, 64)) {
    this.#tree = tree
  }

  get size(): number {
    return this.#tree.size
  }

  get(key: string): Entry | undefined {
    return this.#tree.get(key)
  }

  set(key: string, entry: Entry): void {
    this.#tree.set(key, entry)
  }

  /** Looks at every entry. */
  countTombstones(): number {
    let count = 0
    for (const { value } of this.#tree.values()) if (value === undefined) count += 1
    return count
  }

  keys(): IterableIterator<string> {
    return this.#tree.keys()
  }

  /** The same entries once more; from now on neither sees what is set in the other. Costs nothing: nodes are shared. */
  clone(): SortedTree {
    return new SortedTree(this.#tree.clone())
  }

  /** Walks a range. The tree must not change meanwhile. */
  cursor({ lower, upper }: KeyBounds, direction: Direction): EntryCursor {
    return direction === 'ascending'
      ? new TreeCursor(this.#tree.entries(lower), (key) => upper !== undefined && key >= upper)
      : new TreeCursor(this.#tree.entriesReversed(upper, undefined, true), (key) => key < lower)
  }
}

const NOTHING = new Uint8Array()

class TreeCursor implements EntryCursor {
  readonly #entries: IterableIterator<[string, Entry]>
  readonly #isBeyond: (key: string) => boolean
  #key = ''
  #entry: Entry | undefined
  readonly start = 0
  bytes: Uint8Array = NOTHING
  end = 0
  isTombstone = false

  constructor(entries: IterableIterator<[string, Entry]>, isBeyond: (key: string) => boolean) {
    this.#entries = entries
    this.#isBeyond = isBeyond
  }

  next(): boolean {
    const { done, value } = this.#entries.next()
    if (done === true || this.#isBeyond(value[0])) return false
    this.#key = value[0]
    this.#entry = value[1]
    this.isTombstone = value[1].value === undefined
    this.bytes = value[1].value ?? NOTHING
    this.end = this.bytes.length
    return true
  }

  compareTo(key: string): number {
    return byBytes(this.#key, key)
  }

  key(): string {
    return this.#key
  }

  lsn(): number {
    return this.#entry!.lsn
  }
}

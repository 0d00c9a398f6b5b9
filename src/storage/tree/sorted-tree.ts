/**
 * Sorted entries in memory: sorted-btree behind our own names. Keys are byte strings, so `<` is the order of their
 * bytes; it is passed explicitly, because the library's own order knows about numbers and dates. What it holds for each
 * key is a number, the place of the value in an arena.
 */
import sortedBTree from 'sorted-btree'
import type { Direction, EntryCursor, Finding, FoundValue, KeyBounds } from './cursor.js'
import { ValueArena } from './value-arena.js'

// The library is CommonJS: its class stands one `default` deeper in Node than where a bundler resolved it.
type BTree = sortedBTree.default<string, number>
type BTreeClass = typeof sortedBTree.default
const BTree: BTreeClass = sortedBTree.default ?? (sortedBTree as unknown as BTreeClass)

const byBytes = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

export class SortedTree {
  readonly #arena: ValueArena
  readonly #tree: BTree
  #setCount = 0
  #setByteLength = 0

  constructor(arena: ValueArena = new ValueArena(), tree: BTree = new BTree<string, number>(undefined, byBytes, 64)) {
    this.#arena = arena
    this.#tree = tree
  }

  get size(): number {
    return this.#tree.size
  }

  /** Of its keys and values: exact where nothing was overwritten, and an average's worth where it was. */
  get byteLength(): number {
    return this.#setCount === 0 ? 0 : Math.round((this.#setByteLength / this.#setCount) * this.#tree.size)
  }

  has(key: string): boolean {
    return this.#tree.get(key) !== undefined
  }

  /** Looks for a key. Where its value is, and stays, stands in `target` afterwards. */
  find(key: string, target: FoundValue): Finding {
    const place = this.#tree.get(key)
    if (place === undefined) return 'absent'
    const arena = this.#arena
    arena.look(place)
    if (arena.isTombstone) return 'removed'
    target.bytes = arena.bytes
    target.start = arena.start
    target.end = arena.end
    return 'found'
  }

  /** Puts a value under a key, or undefined for "removed"; `lsn` is that of the commit that does. */
  set(key: string, value: Uint8Array | undefined, lsn: number): void {
    this.#tree.set(key, this.#arena.add(value, lsn))
    this.#setCount += 1
    this.#setByteLength += key.length + (value === undefined ? 0 : value.length)
  }

  /** Looks at every entry. */
  countTombstones(): number {
    let count = 0
    for (const place of this.#tree.values()) if (this.#arena.isTombstoneAt(place)) count += 1
    return count
  }

  keys(): IterableIterator<string> {
    return this.#tree.keys()
  }

  /** The same entries once more; from now on neither sees what is set in the other. Costs nothing: nodes are shared. */
  clone(): SortedTree {
    return new SortedTree(this.#arena, this.#tree.clone())
  }

  /** Walks a range. The tree must not change meanwhile. */
  cursor({ lower, upper }: KeyBounds, direction: Direction): EntryCursor {
    return direction === 'ascending'
      ? new TreeCursor(this.#arena, this.#tree.entries(lower, []), (key) => upper !== undefined && key >= upper)
      : new TreeCursor(this.#arena, this.#tree.entriesReversed(upper, [], true), (key) => key < lower)
  }
}

const NOTHING = new Uint8Array()

class TreeCursor implements EntryCursor {
  readonly #arena: ValueArena
  readonly #entries: IterableIterator<[string, number]>
  readonly #isBeyond: (key: string) => boolean
  #key = ''
  #place = 0
  bytes: Uint8Array = NOTHING
  start = 0
  end = 0
  isTombstone = false

  constructor(arena: ValueArena, entries: IterableIterator<[string, number]>, isBeyond: (key: string) => boolean) {
    this.#arena = arena
    this.#entries = entries
    this.#isBeyond = isBeyond
  }

  next(): boolean {
    const { done, value } = this.#entries.next()
    if (done === true || this.#isBeyond(value[0])) return false
    const arena = this.#arena
    this.#key = value[0]
    this.#place = value[1]
    arena.look(this.#place)
    this.isTombstone = arena.isTombstone
    this.bytes = arena.bytes
    this.start = arena.start
    this.end = arena.end
    return true
  }

  compareTo(key: string): number {
    return byBytes(this.#key, key)
  }

  key(): string {
    return this.#key
  }

  keyLength(): number {
    return this.#key.length
  }

  copyKey(target: Uint8Array, start: number): void {
    latin1Write.call(target, this.#key, start, this.#key.length)
  }

  lsn(): number {
    return this.#arena.lsn(this.#place)
  }
}

type Write = (this: Uint8Array, text: string, start: number, length: number) => number
const { latin1Write } = Buffer.prototype as unknown as { latin1Write: Write }

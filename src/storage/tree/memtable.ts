/**
 * What is committed and not yet in a sorted file: one sorted tree for each tree of the database, and a filter that says
 * at once of most keys that they are not here.
 */
import type { BytesInView } from '../../base/bytes.js'
import { type HashedKey, hashKey } from '../../base/key-hash.js'
import type { Finding, FoundValue } from './cursor.js'
import { KeyArena } from './key-arena.js'
import { KeyFilter } from './key-filter.js'
import { type HeldMoment, Runs } from './runs.js'
import { SortedTree } from './sorted-tree.js'
import { ValueArena } from './value-arena.js'

/** What an entry costs in memory beside its key and value, about: 40 to 90 bytes, by how many others have its partition key. */
const ENTRY_OVERHEAD = 80

/** What readers ask, of a memtable or of a moment of one. */
export interface ReadableMemtable {
  readonly trees: ReadonlyMap<number, SortedTree>
  /** Whether the key may be in one of the trees. */
  mayHave(key: HashedKey): boolean
  /** Looks for a key. Where its value is, and stays, stands in `target` afterwards. */
  find(tree: number, key: HashedKey, target: FoundValue): Finding
}

export class Memtable implements ReadableMemtable {
  readonly trees: Map<number, SortedTree> = new Map()
  readonly #runs = new Runs(new KeyArena())
  readonly #values = new ValueArena()
  readonly #filter = new KeyFilter()
  #rawByteLength = 0
  #entryCount = 0

  /** An estimate of the memory it takes; an entry that is overwritten counts again. */
  get byteLength(): number {
    return this.#rawByteLength + ENTRY_OVERHEAD * this.#entryCount + this.#runs.copiedByteLength
  }

  /** Of its keys and values alone; an entry that is overwritten counts again. */
  get rawByteLength(): number {
    return this.#rawByteLength
  }

  get entryCount(): number {
    return this.#entryCount
  }

  mayHave(key: HashedKey): boolean {
    return this.#entryCount > 0 && this.#filter.mayHave(key)
  }

  has(tree: number, key: HashedKey): boolean {
    return this.trees.get(tree)?.has(key) === true
  }

  find(tree: number, key: HashedKey, target: FoundValue): Finding {
    return this.trees.get(tree)?.find(key, target) ?? 'absent'
  }

  /** Puts a value under a key, or undefined for "removed"; `lsn` is that of the commit that does. */
  set(tree: number, key: string, value: Uint8Array | undefined, lsn: number): void {
    const hashed = hashKey(key)
    this.#treeOf(tree).set(hashed, value, lsn)
    this.#added(hashed, value === undefined ? 0 : value.length)
  }

  /** The same of a key that is hashed, … */
  remove(tree: number, key: HashedKey, lsn: number): void {
    this.#treeOf(tree).set(key, undefined, lsn)
    this.#added(key, 0)
  }

  /** … and of a value that lies somewhere. */
  put(tree: number, key: HashedKey, value: BytesInView, lsn: number): void {
    this.#treeOf(tree).put(key, value, lsn)
    this.#added(key, value.end - value.start)
  }

  /** What is in it now, until it is released. */
  snapshot(): MemtableSnapshot {
    return new MemtableSnapshot(this.trees, this.#filter, this.#runs.hold())
  }

  #treeOf(tree: number): SortedTree {
    let sorted = this.trees.get(tree)
    if (sorted === undefined) {
      sorted = new SortedTree(this.#runs, this.#values)
      this.trees.set(tree, sorted)
    }
    return sorted
  }

  #added(key: HashedKey, valueLength: number): void {
    this.#rawByteLength += key.length + valueLength
    this.#entryCount += 1
    this.#filter.add(key)
  }
}

/** What was in a memtable at a moment; it does not see what is set later. */
export class MemtableSnapshot implements ReadableMemtable {
  readonly trees: ReadonlyMap<number, SortedTree>
  readonly #filter: KeyFilter
  readonly #moment: HeldMoment

  constructor(trees: ReadonlyMap<number, SortedTree>, filter: KeyFilter, moment: HeldMoment) {
    this.trees = new Map([...trees].map(([tree, sorted]) => [tree, sorted.snapshot(moment)]))
    // Shared: a key too many in it makes no difference.
    this.#filter = filter
    this.#moment = moment
  }

  mayHave(key: HashedKey): boolean {
    return this.trees.size > 0 && this.#filter.mayHave(key)
  }

  find(tree: number, key: HashedKey, target: FoundValue): Finding {
    return this.trees.get(tree)?.find(key, target) ?? 'absent'
  }

  /** It must not be read any more then. */
  release(): void {
    this.#moment.release()
  }
}

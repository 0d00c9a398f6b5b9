/**
 * What is committed and not yet in a sorted file: one sorted tree for each tree of the database, and a filter that says
 * at once of most keys that they are not here.
 */
import { type HashedKey, hashKey } from '../../base/key-hash.js'
import type { Finding, FoundValue } from './cursor.js'
import { KeyArena } from './key-arena.js'
import { KeyFilter } from './key-filter.js'
import { Runs } from './runs.js'
import { SortedTree } from './sorted-tree.js'
import { ValueArena } from './value-arena.js'

/** What an entry costs in memory beside its key and value: 40 bytes among others of its partition key, 90 alone. */
const ENTRY_OVERHEAD = 80

export class Memtable {
  readonly trees: Map<number, SortedTree>
  readonly #runs = new Runs(new KeyArena())
  readonly #values = new ValueArena()
  readonly #filter: KeyFilter
  #byteLength = 0
  #entryCount = 0

  constructor(trees: Map<number, SortedTree> = new Map(), filter: KeyFilter = new KeyFilter()) {
    this.trees = trees
    this.#filter = filter
  }

  /** An estimate of the memory it takes; an entry that is overwritten counts again. */
  get byteLength(): number {
    return this.#byteLength
  }

  /** Of its keys and values alone; an entry that is overwritten counts again. */
  get rawByteLength(): number {
    return this.#byteLength - ENTRY_OVERHEAD * this.#entryCount
  }

  get entryCount(): number {
    return this.#entryCount
  }

  /** Whether the key may be in one of the trees. */
  mayHave(key: HashedKey): boolean {
    return this.#entryCount > 0 && this.#filter.mayHave(key)
  }

  has(tree: number, key: HashedKey): boolean {
    return this.trees.get(tree)?.has(key) === true
  }

  /** Looks for a key. Where its value is, and stays, stands in `target` afterwards. */
  find(tree: number, key: HashedKey, target: FoundValue): Finding {
    return this.trees.get(tree)?.find(key, target) ?? 'absent'
  }

  /** Puts a value under a key, or undefined for "removed"; `lsn` is that of the commit that does. */
  set(tree: number, key: string, value: Uint8Array | undefined, lsn: number): void {
    let sorted = this.trees.get(tree)
    if (sorted === undefined) {
      sorted = new SortedTree(this.#runs, this.#values)
      this.trees.set(tree, sorted)
    }
    const hashed = hashKey(key)
    sorted.set(hashed, value, lsn)
    this.#byteLength += ENTRY_OVERHEAD + key.length + (value?.length ?? 0)
    this.#entryCount += 1
    this.#filter.add(hashed)
  }

  /** What is in it now, and stays: it does not see what is set later. */
  snapshot(): Memtable {
    const trees = new Map([...this.trees].map(([tree, sorted]) => [tree, sorted.clone()]))
    // The filter is shared: a key too many in it makes no difference.
    const copy = new Memtable(trees, this.#filter)
    copy.#entryCount = this.#entryCount
    return copy
  }
}

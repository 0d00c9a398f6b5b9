/**
 * Sorted entries in memory. Keys are byte strings, so `<` is the order of their bytes. What is held for each key is a
 * number, the place of its value in an arena.
 *
 * Going down a tree of strings compares with one of them, somewhere in memory, at each step: that would be most of what a
 * write costs. So the tree (sorted-btree) is one of numbers, the first four bytes of the keys, and the keys that begin
 * alike are in a bucket.
 */
import sortedBTree from 'sorted-btree'
import { type Bucket, One, type Owner, type Run } from './bucket.js'
import type { Direction, EntryCursor, Finding, FoundValue, KeyBounds } from './cursor.js'
import { ValueArena } from './value-arena.js'

// The library is CommonJS: its class stands one `default` deeper in Node than where a bundler resolved it.
type BTree = sortedBTree.default<number, Bucket>
type BTreeClass = typeof sortedBTree.default
const BTree: BTreeClass = sortedBTree.default ?? (sortedBTree as unknown as BTreeClass)

const byNumber = (a: number, b: number): number => a - b

/** The first four bytes of a key, in the order of the keys; what is not there counts as zero. */
function numberOf(key: string): number {
  const { length } = key
  if (length < 4) return numberOf(key + '\0\0\0\0'.slice(length))
  const bytes = (key.charCodeAt(0) << 24) | (key.charCodeAt(1) << 16) | (key.charCodeAt(2) << 8) | key.charCodeAt(3)
  // With a sign: V8 has numbers of 32 bits with one as they are, and others as objects.
  return bytes ^ LOWEST_NUMBER
}

const LOWEST_NUMBER = -(2 ** 31)
const HIGHEST_NUMBER = 2 ** 31 - 1

export class SortedTree {
  readonly #arena: ValueArena
  readonly #buckets: BTree
  /** Of the buckets that only this tree has. */
  #owner: Owner = {}
  #size: number
  #setCount = 0
  #setByteLength = 0

  constructor(
    arena: ValueArena = new ValueArena(),
    buckets: BTree = new BTree<number, Bucket>(undefined, byNumber, 64),
    size = 0,
  ) {
    this.#arena = arena
    this.#buckets = buckets
    this.#size = size
  }

  get size(): number {
    return this.#size
  }

  /** Of its keys and values: exact where nothing was overwritten, and an average's worth where it was. */
  get byteLength(): number {
    return this.#setCount === 0 ? 0 : Math.round((this.#setByteLength / this.#setCount) * this.#size)
  }

  has(key: string): boolean {
    return this.#placeOf(key) !== undefined
  }

  /** Looks for a key. Where its value is, and stays, stands in `target` afterwards. */
  find(key: string, target: FoundValue): Finding {
    const place = this.#placeOf(key)
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
    const place = this.#arena.add(value, lsn)
    const number = numberOf(key)
    const bucket = this.#buckets.get(number)
    if (bucket === undefined) {
      this.#buckets.set(number, new One(this.#owner, key, place))
      this.#size += 1
    } else {
      const before = bucket.size
      const own = bucket.owner === this.#owner ? bucket : bucket.copy(this.#owner)
      const changed = own.set(key, place)
      if (changed !== bucket) this.#buckets.set(number, changed)
      this.#size += changed.size - before
    }
    this.#setCount += 1
    this.#setByteLength += key.length + (value === undefined ? 0 : value.length)
  }

  /** Looks at every entry. */
  countTombstones(): number {
    let count = 0
    for (const run of this.#runs()) {
      for (let i = 0; i < run.size; i++) if (this.#arena.isTombstoneAt(run.placeAt(i))) count += 1
    }
    return count
  }

  *keys(): IterableIterator<string> {
    for (const run of this.#runs()) for (let i = 0; i < run.size; i++) yield run.keyAt(i)
  }

  /** The same entries once more; from now on neither sees what is set in the other. Costs nothing: all is shared. */
  clone(): SortedTree {
    this.#owner = {}
    return new SortedTree(this.#arena, this.#buckets.clone(), this.#size)
  }

  /** Walks a range. The tree must not change meanwhile. */
  cursor(bounds: KeyBounds, direction: Direction): EntryCursor {
    return new TreeCursor(this.#arena, this.#buckets, bounds, direction)
  }

  #placeOf(key: string): number | undefined {
    return this.#buckets.get(numberOf(key))?.placeOf(key)
  }

  *#runs(): Iterable<Run> {
    for (const bucket of this.#buckets.values()) for (let i = 0; i < bucket.runCount; i++) yield bucket.runAt(i)
  }
}

const NOTHING = new Uint8Array()

/** Walks from run to run, and in each as far as the range goes. */
class TreeCursor implements EntryCursor {
  readonly #arena: ValueArena
  readonly #buckets: BTree
  readonly #bounds: KeyBounds
  readonly #step: 1 | -1
  /** The bucket with its number: the library fills an array. */
  readonly #pair: [number, Bucket] | [] = []
  #runNumber = 0
  #run: Run | undefined
  #index = 0
  /** How many entries of the run are still to come. */
  #left = 0
  #isOver = false
  bytes: Uint8Array = NOTHING
  start = 0
  end = 0
  isTombstone = false

  constructor(arena: ValueArena, buckets: BTree, bounds: KeyBounds, direction: Direction) {
    this.#arena = arena
    this.#buckets = buckets
    this.#bounds = bounds
    this.#step = direction === 'ascending' ? 1 : -1
  }

  next(): boolean {
    while (this.#left === 0) if (!this.#enterNextRun()) return false
    this.#left -= 1
    this.#index += this.#step
    const arena = this.#arena
    arena.look(this.#run!.placeAt(this.#index))
    this.isTombstone = arena.isTombstone
    this.bytes = arena.bytes
    this.start = arena.start
    this.end = arena.end
    return true
  }

  compareTo(key: string): number {
    const own = this.key()
    return own < key ? -1 : own > key ? 1 : 0
  }

  key(): string {
    return this.#run!.keyAt(this.#index)
  }

  keyLength(): number {
    return this.key().length
  }

  copyKey(target: Uint8Array, start: number): void {
    const key = this.key()
    latin1Write.call(target, key, start, key.length)
  }

  lsn(): number {
    return this.#arena.lsn(this.#run!.placeAt(this.#index))
  }

  #enterNextRun(): boolean {
    if (this.#isOver) return false
    const { lower, upper } = this.#bounds
    const isAscending = this.#step === 1
    const run = this.#run === undefined ? this.#firstRun() : this.#nextRun()
    if (run === undefined) {
      this.#isOver = true
      return false
    }
    const { size } = run
    // Only the first run and the last one have keys that are not in the range.
    const from = run.keyAt(0) < lower ? run.indexOf(lower) : 0
    const to = upper !== undefined && run.keyAt(size - 1) >= upper ? run.indexOf(upper) : size
    this.#isOver = isAscending ? to < size : from > 0
    this.#left = Math.max(0, to - from)
    this.#index = isAscending ? from - 1 : to
    this.#run = run
    return true
  }

  #firstRun(): Run | undefined {
    const { lower, upper } = this.#bounds
    if (this.#step === 1) return this.#enterBucket(numberOf(lower), (bucket) => bucket.runOf(lower))
    const number = upper === undefined ? HIGHEST_NUMBER : numberOf(upper)
    return this.#enterBucket(number, (bucket) => (upper === undefined ? bucket.runCount - 1 : bucket.runOf(upper)))
  }

  #nextRun(): Run | undefined {
    const [number, bucket] = this.#pair as [number, Bucket]
    this.#runNumber += this.#step
    if (this.#runNumber >= 0 && this.#runNumber < bucket.runCount) return bucket.runAt(this.#runNumber)
    return this.#enterBucket(number + this.#step, ({ runCount }) => (this.#step === 1 ? 0 : runCount - 1))
  }

  /** The bucket with a number, or the next one that there is. */
  #enterBucket(number: number, runIn: (bucket: Bucket) => number): Run | undefined {
    const pair = this.#pair as [number, Bucket]
    const isThere =
      this.#step === 1
        ? this.#buckets.getPairOrNextHigher(number, pair)
        : this.#buckets.getPairOrNextLower(number, pair)
    if (isThere === undefined) return undefined
    this.#runNumber = runIn(pair[1])
    return pair[1].runAt(this.#runNumber)
  }
}

type Write = (this: Uint8Array, text: string, start: number, length: number) => number
const { latin1Write } = Buffer.prototype as unknown as { latin1Write: Write }

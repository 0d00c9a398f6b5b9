/**
 * Sorted entries in memory, outside the heap but for a tree of numbers. Keys are byte strings, in the order of their bytes.
 *
 * Going down a tree of keys compares with one of them, somewhere in memory, at each step: that would be most of what a
 * write costs. So the tree (sorted-btree) is one of numbers, the first four bytes of the keys, and the keys that begin
 * alike are in a bucket.
 */
import sortedBTree from 'sorted-btree'
import type { BytesInView } from '../../base/bytes.js'
import { type HashedKey, hashKey } from '../../base/key-hash.js'
import { SnapshotReleasedError } from '../../errors.js'
import { type Bucket, RunList } from './bucket.js'
import {
  type ByteView,
  compareBytes,
  type Direction,
  type EntryCursor,
  type Finding,
  type FoundValue,
  type KeyBounds,
} from './cursor.js'
import { KeyArena, markOf } from './key-arena.js'
import { type HeldMoment, Runs } from './runs.js'
import { ValueArena } from './value-arena.js'

// The library is CommonJS: its class stands one `default` deeper in Node than where a bundler resolved it.
type BTree = sortedBTree.default<number, Bucket>
type BTreeClass = typeof sortedBTree.default
const BTree: BTreeClass = sortedBTree.default ?? (sortedBTree as unknown as BTreeClass)

const byNumber = (a: number, b: number): number => a - b

/** By what keys are told apart first. */
function numberOf({ bytes, length }: HashedKey): number {
  return markOf(bytes, 0, length)
}

const HIGHEST_NUMBER = 2 ** 31 - 1

export class SortedTree {
  readonly #runs: Runs
  readonly #values: ValueArena
  readonly #buckets: BTree
  /** Of a tree that stays as it was then. */
  readonly #moment: HeldMoment | undefined
  #size: number
  #setCount = 0
  /** Where the last one was put or found: the next one often is of the same partition key. */
  #lastNumber: number | undefined
  #lastBucket: Bucket | undefined
  #setByteLength = 0

  constructor(
    runs: Runs = new Runs(new KeyArena()),
    values: ValueArena = new ValueArena(),
    buckets: BTree = new BTree<number, Bucket>(undefined, byNumber, 64),
    size = 0,
    moment?: HeldMoment,
  ) {
    this.#runs = runs
    this.#values = values
    this.#buckets = buckets
    this.#moment = moment
    this.#size = size
  }

  get size(): number {
    return this.#size
  }

  /** Of its keys and values: exact where nothing was overwritten, and an average's worth where it was. */
  get byteLength(): number {
    return this.#setCount === 0 ? 0 : Math.round((this.#setByteLength / this.#setCount) * this.#size)
  }

  has(key: HashedKey): boolean {
    return this.#valueOf(key) >= 0
  }

  /** Looks for a key. Where its value is, and stays, stands in `target` afterwards. */
  find(key: HashedKey, target: FoundValue): Finding {
    const place = this.#valueOf(key)
    if (place < 0) return 'absent'
    const values = this.#values
    values.look(place)
    if (values.isTombstone) return 'removed'
    target.bytes = values.bytes
    target.start = values.start
    target.end = values.end
    return 'found'
  }

  /** Puts a value under a key, or undefined for "removed"; `lsn` is that of the commit that does. */
  set(key: HashedKey, value: Uint8Array | undefined, lsn: number): void {
    this.#setPlace(key, this.#values.add(value, lsn))
    this.#setByteLength += key.length + (value === undefined ? 0 : value.length)
  }

  /** The same of a value that lies somewhere. */
  put(key: HashedKey, value: BytesInView, lsn: number): void {
    this.#setPlace(key, this.#values.copy(value, lsn))
    this.#setByteLength += key.length + value.end - value.start
  }

  #setPlace(key: HashedKey, place: number): void {
    const number = numberOf(key)
    const bucket = this.#bucketOf(number)
    const changed = bucket === undefined ? this.#runs.start(key, place) : this.#setIn(bucket, key, place)
    if (changed !== bucket) this.#buckets.set(number, changed)
    this.#lastBucket = changed
    if (bucket === undefined || !this.#runs.isFound) this.#size += 1
    this.#setCount += 1
  }

  /** Looks at every entry. */
  countTombstones(): number {
    let count = 0
    for (const [run, index] of this.#entries()) {
      if (this.#values.isTombstoneAt(this.#runs.valueAt(run, index))) count += 1
    }
    return count
  }

  *keys(): IterableIterator<string> {
    for (const [run, index] of this.#entries()) yield this.#runs.keys.textAt(this.#runs.keyAt(run, index))
  }

  /**
   * The entries that there are now, to be read until the moment is released. Taking it costs nothing, as all is shared; what
   * is changed while it is held is copied first.
   */
  snapshot(moment: HeldMoment): SortedTree {
    return new SortedTree(this.#runs, this.#values, this.#buckets.clone(), this.#size, moment)
  }

  /** Walks a range. The tree must not change meanwhile. */
  cursor(bounds: KeyBounds, direction: Direction): EntryCursor {
    return new TreeCursor(this.#runs, this.#values, this.#buckets, this.#moment, bounds, direction)
  }

  /** The place of the value under a key; -1 if it is not there. */
  #valueOf(key: HashedKey): number {
    const bucket = this.#bucketOf(numberOf(key))
    if (bucket === undefined) return -1
    return typeof bucket === 'number' ? this.#runs.find(bucket, key) : bucket.find(key)
  }

  #bucketOf(number: number): Bucket | undefined {
    if (number === this.#lastNumber) return this.#lastBucket
    this.#lastNumber = number
    this.#lastBucket = this.#buckets.get(number)
    return this.#lastBucket
  }

  /** What has come of the bucket. */
  #setIn(bucket: Bucket, key: HashedKey, place: number): Bucket {
    const runs = this.#runs
    if (typeof bucket !== 'number') {
      const own = bucket.own()
      own.set(key, place)
      return own
    }
    const own = runs.own(bucket)
    const run = runs.set(own, key, place)
    if (run >= 0) return run
    const several = new RunList(runs, [own])
    several.set(key, place)
    return several
  }

  *#entries(): Iterable<[run: number, index: number]> {
    const runs = this.#runs
    for (const bucket of this.#buckets.values()) {
      const count = typeof bucket === 'number' ? 1 : bucket.length
      for (let i = 0; i < count; i++) {
        const run = typeof bucket === 'number' ? bucket : bucket.at(i)
        const size = runs.sizeOf(run)
        for (let index = 0; index < size; index++) yield [run, index]
      }
    }
  }
}

const NOTHING = new Uint8Array()

/** Walks from run to run, and in each as far as the range goes. */
class TreeCursor implements EntryCursor {
  readonly #runs: Runs
  readonly #values: ValueArena
  readonly #buckets: BTree
  readonly #moment: HeldMoment | undefined
  readonly #bounds: KeyBounds
  readonly #step: 1 | -1
  /** The bucket with its number: the library fills an array. */
  readonly #pair: [number, Bucket] | [] = []
  #runNumber = 0
  #run: number | undefined
  #index = 0
  /** How many entries of the run are still to come. */
  #left = 0
  #isOver = false
  /** Where the key is. */
  #place = 0
  /** The key, once somebody has asked for it, … */
  #key: string | undefined
  /** … and where its bytes are. */
  readonly #view: FoundValue = { bytes: NOTHING, start: 0, end: 0 }
  bytes: Uint8Array = NOTHING
  start = 0
  end = 0
  isTombstone = false

  constructor(
    runs: Runs,
    values: ValueArena,
    buckets: BTree,
    moment: HeldMoment | undefined,
    bounds: KeyBounds,
    direction: Direction,
  ) {
    this.#runs = runs
    this.#values = values
    this.#buckets = buckets
    this.#moment = moment
    this.#bounds = bounds
    this.#step = direction === 'ascending' ? 1 : -1
  }

  next(): boolean {
    // Other entries may be there by now.
    if (this.#moment?.isReleased === true) throw new SnapshotReleasedError()
    while (this.#left === 0) if (!this.#enterNextRun()) return false
    this.#left -= 1
    this.#index += this.#step
    const runs = this.#runs
    const values = this.#values
    values.look(runs.valueAt(this.#run!, this.#index))
    this.#place = runs.keyAt(this.#run!, this.#index)
    this.#key = undefined
    this.isTombstone = values.isTombstone
    this.bytes = values.bytes
    this.start = values.start
    this.end = values.end
    return true
  }

  compareTo(key: ByteView): number {
    return compareBytes(this.keyView(), key)
  }

  keyView(): ByteView {
    this.#runs.keys.look(this.#place, this.#view)
    return this.#view
  }

  key(): string {
    this.#key ??= this.#runs.keys.textAt(this.#place)
    return this.#key
  }

  keyLength(): number {
    return this.#runs.keys.lengthAt(this.#place)
  }

  copyKey(target: Uint8Array, start: number): void {
    this.#runs.keys.copyTo(target, start, this.#place)
  }

  lsn(): number {
    return this.#values.lsn(this.#runs.valueAt(this.#run!, this.#index))
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
    const runs = this.#runs
    const size = runs.sizeOf(run)
    // Only the first run and the last one have keys that are not in the range.
    const from = this.#compareAt(run, 0, lower) < 0 ? runs.indexOf(run, hashKey(lower)) : 0
    const endsHere = upper !== undefined && this.#compareAt(run, size - 1, upper) >= 0
    const to = endsHere ? runs.indexOf(run, hashKey(upper)) : size
    this.#isOver = isAscending ? to < size : from > 0
    this.#left = Math.max(0, to - from)
    this.#index = isAscending ? from - 1 : to
    this.#run = run
    return true
  }

  #compareAt(run: number, index: number, key: string): number {
    return this.#runs.keys.compare(this.#runs.keyAt(run, index), hashKey(key))
  }

  #firstRun(): number | undefined {
    const { lower, upper } = this.#bounds
    const bound = this.#step === 1 ? lower : upper
    if (bound === undefined) return this.#enterBucket(HIGHEST_NUMBER, (list) => list.length - 1)
    return this.#enterBucket(numberOf(hashKey(bound)), (list) => list.numberOf(hashKey(bound)))
  }

  #nextRun(): number | undefined {
    const [number, bucket] = this.#pair as [number, Bucket]
    this.#runNumber += this.#step
    if (typeof bucket !== 'number' && this.#runNumber >= 0 && this.#runNumber < bucket.length) {
      return bucket.at(this.#runNumber)
    }
    return this.#enterBucket(number + this.#step, (list) => (this.#step === 1 ? 0 : list.length - 1))
  }

  /** The bucket with a number, or the next one that there is. */
  #enterBucket(number: number, runIn: (list: RunList) => number): number | undefined {
    const pair = this.#pair as [number, Bucket]
    const isThere =
      this.#step === 1
        ? this.#buckets.getPairOrNextHigher(number, pair)
        : this.#buckets.getPairOrNextLower(number, pair)
    if (isThere === undefined) return undefined
    const bucket = pair[1]
    this.#runNumber = typeof bucket === 'number' ? 0 : runIn(bucket)
    return typeof bucket === 'number' ? bucket : bucket.at(this.#runNumber)
  }
}

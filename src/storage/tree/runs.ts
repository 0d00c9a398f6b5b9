/**
 * Runs: entries in the order of their keys, up to some hundred, as numbers outside the heap. An entry of a run is where
 * its key and its value are and, in front of those, a mark: the four bytes of its key that follow what all keys of the run begin with. So a search
 * compares numbers that lie side by side, and looks at one key, mostly, where it would go to seven strings.
 *
 * A run is named by a number, where it begins. One that is full becomes a longer one, elsewhere, up to the longest; where
 * the shorter one was, others go.
 *
 * A run has an owner, a number, too. Who shares one with another owner copies it before it is changed.
 *
 *   each run: count of its entries, how many there is room for, its owner, how many bytes of its keys are skipped;
 *   then of each entry its mark, the place of its key and that of its value
 */
import type { HashedKey } from '../../base/key-hash.js'
import { type KeyArena, markOf } from './key-arena.js'

/** So many entries are moved aside for a new one at most: about as long as finding its place takes. */
export const RUN_LENGTH = 128
const SHORTEST_RUN = 2
const GROWTH = 4

/** The words of a run. */
const COUNT = 0
const ROOM = 1
const OWNER = 2
const SKIPPED = 3
const ENTRIES = 4
/** The words of an entry. */
const MARK = 0
const KEY = 1
const VALUE = 2
const ENTRY_LENGTH = 3

/** The first piece of memory is small, as many databases are. */
const SMALLEST_PIECE = 1024
const POSITION_BITS = 16
const LARGEST_PIECE: number = 2 ** POSITION_BITS
const POSITION_MASK: number = LARGEST_PIECE - 1

/** Where a search ended: at the key, or where it would stand. */
export class Runs {
  readonly keys: KeyArena
  readonly #pieces: Int32Array[] = []
  /** How much of the last piece is used. */
  #end: number = LARGEST_PIECE
  /** Where runs of a length were that are longer now. */
  readonly #free = new Map<number, number[]>()
  #owners = 0
  /** Whether the key that was searched for last is there. */
  isFound = false
  /** How many of the skipped bytes it begins with; -1 while nobody knows. */
  #shared = -1

  constructor(keys: KeyArena) {
    this.keys = keys
  }

  /** A number that nobody has yet. */
  newOwner(): number {
    this.#owners += 1
    return this.#owners
  }

  /** A run of one entry. */
  start(owner: number, key: HashedKey, value: number): number {
    const run = this.#allocate(SHORTEST_RUN, owner)
    const words = this.#wordsOf(run)
    const at = run & POSITION_MASK
    words[at + COUNT] = 1
    // What one key has in common with itself: nothing follows.
    words[at + SKIPPED] = key.length
    words[at + ENTRIES + MARK] = markOf(key.bytes, key.length, key.length)
    words[at + ENTRIES + KEY] = this.keys.add(key)
    words[at + ENTRIES + VALUE] = value
    return run
  }

  sizeOf(run: number): number {
    return this.#wordsOf(run)[(run & POSITION_MASK) + COUNT]!
  }

  ownerOf(run: number): number {
    return this.#wordsOf(run)[(run & POSITION_MASK) + OWNER]!
  }

  /** The place of a key. */
  keyAt(run: number, index: number): number {
    return this.#wordsOf(run)[(run & POSITION_MASK) + ENTRIES + ENTRY_LENGTH * index + KEY]!
  }

  /** The place of a value. */
  valueAt(run: number, index: number): number {
    return this.#wordsOf(run)[(run & POSITION_MASK) + ENTRIES + ENTRY_LENGTH * index + VALUE]!
  }

  /** The place of the value under a key; -1 if it is not there. */
  find(run: number, key: HashedKey): number {
    const index = this.#search(run, key)
    return this.isFound ? this.valueAt(run, index) : -1
  }

  /** How many keys are below `key`: where it stands, if it does; `isFound` says whether. */
  indexOf(run: number, key: HashedKey): number {
    const index = this.#search(run, key)
    return this.isFound ? index : this.#settled(run, key, index)
  }

  /**
   * Puts the place of a value under a key, and answers the run, which may be elsewhere then; -1, and nothing is done, if it would
   * be longer than the longest. `isFound` says whether the key was there.
   */
  set(run: number, key: HashedKey, value: number): number {
    const index = this.indexOf(run, key)
    const words = this.#wordsOf(run)
    const at = run & POSITION_MASK
    if (this.isFound) {
      words[at + ENTRIES + ENTRY_LENGTH * index + VALUE] = value
      return run
    }
    if (words[at + COUNT]! < words[at + ROOM]!) {
      this.#insert(run, index, key, value)
      return run
    }
    if (words[at + ROOM] === RUN_LENGTH) return -1
    const longer = this.#copy(run, GROWTH * words[at + ROOM]!, words[at + OWNER]!)
    this.#give(run)
    this.#insert(longer, index, key, value)
    return longer
  }

  /** Cuts a run in two at an index, and answers the second half. */
  split(run: number, index: number): number {
    const words = this.#wordsOf(run)
    const at = run & POSITION_MASK
    const count = words[at + COUNT]!
    const half = this.#allocate(words[at + ROOM]!, words[at + OWNER]!)
    const from = at + ENTRIES + ENTRY_LENGTH * index
    const halfWords = this.#wordsOf(half)
    const halfAt = half & POSITION_MASK
    halfWords.set(words.subarray(from, at + ENTRIES + ENTRY_LENGTH * count), halfAt + ENTRIES)
    halfWords[halfAt + COUNT] = count - index
    words[at + COUNT] = index
    this.#skipMost(run)
    this.#skipMost(half)
    return half
  }

  /** The same run, of another owner. */
  copyFor(run: number, owner: number): number {
    return this.#copy(run, this.#wordsOf(run)[(run & POSITION_MASK) + ROOM]!, owner)
  }

  /**
   * How many keys are below `key`, if that begins as they all do, which is found out only where marks are not enough: of most
   * keys that are not there, the marks say it.
   */
  #search(run: number, key: HashedKey): number {
    const words = this.#wordsOf(run)
    const at = run & POSITION_MASK
    const entries = at + ENTRIES
    const count = words[at + COUNT]!
    const skipped = words[at + SKIPPED]!
    const mark = markOf(key.bytes, skipped, key.length)
    this.isFound = false
    this.#shared = -1
    // What comes in ascending order is above all that is there.
    if (words[entries + ENTRY_LENGTH * (count - 1) + MARK]! < mark) return count
    let low = 0
    let high = count - 1
    while (low < high) {
      const middle = (low + high) >>> 1
      if (words[entries + ENTRY_LENGTH * middle + MARK]! < mark) low = middle + 1
      else high = middle
    }
    high = low
    while (high < count && words[entries + ENTRY_LENGTH * high + MARK] === mark) high += 1
    // Among keys with this mark, by their bytes.
    while (low < high) {
      const middle = (low + high) >>> 1
      const difference = this.keys.compare(words[entries + ENTRY_LENGTH * middle + KEY]!, key)
      this.#shared = this.keys.shared
      if (this.#shared < skipped) return difference < 0 ? count : 0
      if (difference === 0) {
        this.isFound = true
        return middle
      }
      if (difference < 0) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Where a key that is not there would stand: one that begins otherwise than all others is below or above them. */
  #settled(run: number, key: HashedKey, index: number): number {
    if (this.#shared >= 0) return index
    const words = this.#wordsOf(run)
    const at = run & POSITION_MASK
    const count = words[at + COUNT]!
    const neighbour = Math.min(index, count - 1)
    const difference = this.keys.compare(words[at + ENTRIES + ENTRY_LENGTH * neighbour + KEY]!, key)
    this.#shared = this.keys.shared
    if (this.#shared >= words[at + SKIPPED]!) return index
    return difference < 0 ? count : 0
  }

  #insert(run: number, index: number, key: HashedKey, value: number): void {
    const words = this.#wordsOf(run)
    const at = run & POSITION_MASK
    const count = words[at + COUNT]!
    if (this.#shared < words[at + SKIPPED]!) this.#skip(run, this.#shared)
    const from = at + ENTRIES + ENTRY_LENGTH * index
    for (let to = at + ENTRIES + ENTRY_LENGTH * count - 1; to >= from; to--) words[to + ENTRY_LENGTH] = words[to]!
    words[from + MARK] = markOf(key.bytes, words[at + SKIPPED]!, key.length)
    words[from + KEY] = this.keys.add(key)
    words[from + VALUE] = value
    words[at + COUNT] = count + 1
  }

  /** Skips as much as all keys begin with: what the first and the last do. */
  #skipMost(run: number): void {
    const first = this.keyAt(run, 0)
    const last = this.keyAt(run, this.sizeOf(run) - 1)
    this.#skip(run, this.keys.sharedBy(first, last))
  }

  #skip(run: number, skipped: number): void {
    const words = this.#wordsOf(run)
    const at = run & POSITION_MASK
    words[at + SKIPPED] = skipped
    const end = at + ENTRIES + ENTRY_LENGTH * words[at + COUNT]!
    for (let entry = at + ENTRIES; entry < end; entry += ENTRY_LENGTH) {
      words[entry + MARK] = this.keys.markAt(words[entry + KEY]!, skipped)
    }
  }

  #copy(run: number, room: number, owner: number): number {
    const copy = this.#allocate(room, owner)
    const words = this.#wordsOf(run)
    const at = run & POSITION_MASK
    const copied = this.#wordsOf(copy)
    const copiedAt = copy & POSITION_MASK
    copied[copiedAt + COUNT] = words[at + COUNT]!
    copied[copiedAt + SKIPPED] = words[at + SKIPPED]!
    const length = ENTRIES + ENTRY_LENGTH * words[at + COUNT]!
    for (let i = ENTRIES; i < length; i++) copied[copiedAt + i] = words[at + i]!
    return copy
  }

  #allocate(room: number, owner: number): number {
    const run = this.#free.get(room)?.pop() ?? this.#take(ENTRIES + ENTRY_LENGTH * room)
    const words = this.#wordsOf(run)
    const at = run & POSITION_MASK
    words[at + ROOM] = room
    words[at + OWNER] = owner
    return run
  }

  /** Where a run was that nobody has any more. */
  #give(run: number): void {
    const room = this.#wordsOf(run)[(run & POSITION_MASK) + ROOM]!
    const free = this.#free.get(room)
    if (free === undefined) this.#free.set(room, [run])
    else free.push(run)
  }

  #take(length: number): number {
    if (this.#end + length > (this.#pieces.at(-1)?.length ?? 0)) {
      this.#pieces.push(new Int32Array(Math.min(LARGEST_PIECE, SMALLEST_PIECE * 2 ** this.#pieces.length)))
      this.#end = 0
    }
    const run = ((this.#pieces.length - 1) << POSITION_BITS) | this.#end
    this.#end += length
    return run
  }

  #wordsOf(run: number): Int32Array {
    return this.#pieces[run >>> POSITION_BITS]!
  }
}

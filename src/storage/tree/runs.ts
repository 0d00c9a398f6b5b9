/**
 * Runs: up to some hundred entries in the order of their keys, as numbers outside the heap. Of an entry a run has where its
 * key and its value are and, in front of those, a mark: the four bytes that come in its key behind what all keys of the run
 * begin with. So a search compares numbers that lie side by side, and looks at one key, mostly, where it would have to go
 * to seven.
 *
 * A run is named by a number, where it begins. One that is full becomes a longer one, elsewhere, up to the longest; where
 * the shorter one was, others go.
 *
 * Somebody may hold a moment, that of a snapshot: what is to be changed and was there at that moment is copied first, and the
 * run that was copied stays until nobody holds a moment at which it was there. So runs have the number of the moment at
 * which they were made. Without that, each write behind a snapshot would leave a run behind for good.
 *
 *   each run: count of its entries, how many there is room for, when it was made, how many bytes of its keys are skipped;
 *   then of each entry its mark, the place of its key and that of its value
 */
import { invariant } from '../../base/invariant.js'
import type { HashedKey } from '../../base/key-hash.js'
import { type KeyArena, markOf } from './key-arena.js'

/** So many entries are moved aside for a new one at most: about as long as finding its place takes. */
export const RUN_LENGTH = 128
const SHORTEST_RUN = 2
const GROWTH = 4

/** The words of a run. */
const COUNT = 0
const ROOM = 1
const MADE_AT = 2
const SKIPPED = 3
const ENTRIES = 4
/** The words of an entry. */
const MARK = 0
const KEY = 1
const VALUE = 2
const ENTRY_LENGTH = 3

/** The first piece of memory is small, as many memtables are; each is twice as long as the one before. In words. */
const SMALLEST_PIECE = 128
const LARGEST_PIECE: number = 64 * 1024
/** A run's number is that of its piece, and behind it, in so many bits, the word in which it begins. */
const POSITION_BITS = 16
const POSITION_MASK: number = LARGEST_PIECE - 1
/** A number is one of 31 bits, so that it is never negative. */
const MOST_PIECES: number = 2 ** (31 - POSITION_BITS)

/** A moment that is held. Nothing that was there then may be looked at once it is released. */
export class HeldMoment {
  readonly number: number
  /** Runs that were copied since and were there then; the ones that older moments need, too, are not told apart yet. */
  readonly copied: number[] = []
  readonly #release: (moment: HeldMoment) => void
  #isReleased = false

  constructor(number: number, release: (moment: HeldMoment) => void) {
    this.number = number
    this.#release = release
  }

  get isReleased(): boolean {
    return this.#isReleased
  }

  release(): void {
    if (this.#isReleased) return
    this.#isReleased = true
    this.#release(this)
  }
}

export class Runs {
  readonly keys: KeyArena
  readonly #pieces: Int32Array[] = []
  /** How much of the last piece is used. */
  #end = 0
  /** By their room: where runs were that are longer now. */
  readonly #freed = new Map<number, number[]>()
  /** What is made now is of this moment. */
  #now = 1
  /** Oldest first. */
  readonly #held: HeldMoment[] = []
  /** The number of the last of them; 0 if there is none. */
  #newestHeld = 0
  #copiedByteLength = 0
  /** Whether the key that was searched for last is there. */
  isFound = false
  /** How many of the skipped bytes it begins with; -1 while nobody knows. */
  #shared = -1
  /** Where the key stands that was found last: who has looked for one mostly writes it next. */
  #foundRun = -1
  #foundIndex = 0

  constructor(keys: KeyArena) {
    this.keys = keys
  }

  /** Runs stay what they are now, for whoever holds this moment. */
  hold(): HeldMoment {
    const moment = new HeldMoment(this.#now, (released) => this.#letGo(released))
    this.#now += 1
    this.#held.push(moment)
    this.#newestHeld = moment.number
    return moment
  }

  get now(): number {
    return this.#now
  }

  /** Whether somebody holds a moment at which something was there that was made at another one. */
  isHeld(madeAt: number): boolean {
    return madeAt <= this.#newestHeld
  }

  /** What runs take that were copied and stay. */
  get copiedByteLength(): number {
    return this.#copiedByteLength
  }

  /** A run of one entry. */
  start(key: HashedKey, value: number): number {
    const run = this.#allocate(SHORTEST_RUN)
    const words = this.#wordsOf(run)
    const at = positionOf(run)
    words[at + COUNT] = 1
    // A key has all of itself in common with itself.
    words[at + SKIPPED] = key.length
    this.#write(words, entryOf(run, 0), key, value, key.length)
    return run
  }

  sizeOf(run: number): number {
    return this.#wordsOf(run)[positionOf(run) + COUNT]!
  }

  /** The run, if it may be changed; a copy of it, if it has to stay as it is. */
  own(run: number): number {
    if (!this.isHeld(this.#madeAt(run))) return run
    const copy = this.#copy(run, this.#roomOf(run))
    this.#held.at(-1)!.copied.push(run)
    this.#copiedByteLength += this.#byteLengthOf(run)
    return copy
  }

  /** The place of a key. */
  keyAt(run: number, index: number): number {
    return this.#wordsOf(run)[entryOf(run, index) + KEY]!
  }

  /** The place of a value. */
  valueAt(run: number, index: number): number {
    return this.#wordsOf(run)[entryOf(run, index) + VALUE]!
  }

  /** The place of the value under a key; -1 if it is not there. */
  find(run: number, key: HashedKey): number {
    const index = this.#search(run, key)
    if (!this.isFound) return -1
    this.#foundRun = run
    this.#foundIndex = index
    return this.valueAt(run, index)
  }

  /** How many keys are below `key`: where it stands, if it does; `isFound` says whether. */
  indexOf(run: number, key: HashedKey): number {
    const index = this.#search(run, key)
    return this.isFound ? index : this.#settled(run, key, index)
  }

  /**
   * Puts the place of a value under a key of a run that may be changed, and answers the run, which may be elsewhere then;
   * -1, and nothing is done, if there is no room for it. `isFound` says whether the key was there.
   */
  set(run: number, key: HashedKey, value: number): number {
    const words = this.#wordsOf(run)
    const at = positionOf(run)
    const index = this.#isStillAt(run, key) ? this.#foundIndex : this.indexOf(run, key)
    if (this.isFound) {
      words[entryOf(run, index) + VALUE] = value
      return run
    }
    if (words[at + COUNT]! < words[at + ROOM]!) {
      this.#insert(run, index, key, value)
      return run
    }
    if (words[at + ROOM] === RUN_LENGTH) return -1
    const longer = this.#copy(run, GROWTH * words[at + ROOM]!)
    this.#free(run)
    this.#insert(longer, index, key, value)
    return longer
  }

  /** Cuts a run that may be changed in two at an index, and answers the second half. */
  split(run: number, index: number): number {
    const words = this.#wordsOf(run)
    const at = positionOf(run)
    const count = words[at + COUNT]!
    const half = this.#allocate(words[at + ROOM]!)
    const halfWords = this.#wordsOf(half)
    halfWords.set(words.subarray(entryOf(run, index), entryOf(run, count)), entryOf(half, 0))
    halfWords[positionOf(half) + COUNT] = count - index
    words[at + COUNT] = index
    this.#skipMost(run)
    this.#skipMost(half)
    return half
  }

  /**
   * How many keys are below `key`, if that begins as they all do, which is found out only where their marks are the same:
   * of most keys that are not there, the marks say it.
   */
  #search(run: number, key: HashedKey): number {
    const words = this.#wordsOf(run)
    const at = positionOf(run)
    const entries = entryOf(run, 0)
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
    const at = positionOf(run)
    const count = words[at + COUNT]!
    const neighbour = Math.min(index, count - 1)
    const difference = this.keys.compare(words[entryOf(run, neighbour) + KEY]!, key)
    this.#shared = this.keys.shared
    if (this.#shared >= words[at + SKIPPED]!) return index
    return difference < 0 ? count : 0
  }

  /**
   * Whether a key stands where one was found last: whatever was done since, it stands nowhere else then. The run is asked
   * first only as looking at a key takes longer.
   */
  #isStillAt(run: number, key: HashedKey): boolean {
    const index = this.#foundIndex
    if (run !== this.#foundRun || index >= this.sizeOf(run)) return false
    this.isFound = this.keys.compare(this.keyAt(run, index), key) === 0
    return this.isFound
  }

  #insert(run: number, index: number, key: HashedKey, value: number): void {
    const words = this.#wordsOf(run)
    const at = positionOf(run)
    const count = words[at + COUNT]!
    if (this.#shared < words[at + SKIPPED]!) this.#skip(run, this.#shared)
    const entry = entryOf(run, index)
    for (let i = entryOf(run, count) - 1; i >= entry; i--) words[i + ENTRY_LENGTH] = words[i]!
    this.#write(words, entry, key, value, words[at + SKIPPED]!)
    words[at + COUNT] = count + 1
  }

  #write(words: Int32Array, entry: number, key: HashedKey, value: number, skipped: number): void {
    words[entry + MARK] = markOf(key.bytes, skipped, key.length)
    words[entry + KEY] = this.keys.add(key)
    words[entry + VALUE] = value
  }

  /** Skips as much as all keys begin with: what the first and the last do. */
  #skipMost(run: number): void {
    const first = this.keyAt(run, 0)
    const last = this.keyAt(run, this.sizeOf(run) - 1)
    this.#skip(run, this.keys.sharedBy(first, last))
  }

  #skip(run: number, skipped: number): void {
    const words = this.#wordsOf(run)
    words[positionOf(run) + SKIPPED] = skipped
    const end = entryOf(run, this.sizeOf(run))
    for (let entry = entryOf(run, 0); entry < end; entry += ENTRY_LENGTH) {
      words[entry + MARK] = this.keys.markAt(words[entry + KEY]!, skipped)
    }
  }

  #copy(run: number, room: number): number {
    const copy = this.#allocate(room)
    const from = this.#wordsOf(run)
    const to = this.#wordsOf(copy)
    const distance = positionOf(copy) - positionOf(run)
    to[positionOf(copy) + COUNT] = from[positionOf(run) + COUNT]!
    to[positionOf(copy) + SKIPPED] = from[positionOf(run) + SKIPPED]!
    const end = entryOf(run, this.sizeOf(run))
    for (let i = entryOf(run, 0); i < end; i++) to[i + distance] = from[i]!
    return copy
  }

  #allocate(room: number): number {
    const run = this.#freed.get(room)?.pop() ?? this.#take(ENTRIES + ENTRY_LENGTH * room)
    const words = this.#wordsOf(run)
    const at = positionOf(run)
    words[at + ROOM] = room
    words[at + MADE_AT] = this.#now
    return run
  }

  /** Of a run that nobody has any more, the memory is for others. */
  #free(run: number): void {
    const room = this.#roomOf(run)
    const freed = this.#freed.get(room)
    if (freed === undefined) this.#freed.set(room, [run])
    else freed.push(run)
  }

  #take(length: number): number {
    // Too short a rest of a piece is left.
    if (this.#end + length > (this.#pieces.at(-1)?.length ?? 0)) {
      invariant(this.#pieces.length < MOST_PIECES, 'a memtable has less than 8 GB of runs')
      const usual = Math.min(LARGEST_PIECE, SMALLEST_PIECE * 2 ** this.#pieces.length)
      // The first ones are shorter than the longest run: what is written behind a piece would be lost without a word.
      this.#pieces.push(new Int32Array(Math.max(usual, length)))
      this.#end = 0
    }
    const run = ((this.#pieces.length - 1) << POSITION_BITS) | this.#end
    this.#end += length
    return run
  }

  /** What was copied since a moment goes, or stays for the one before. */
  #letGo(moment: HeldMoment): void {
    const index = this.#held.indexOf(moment)
    this.#held.splice(index, 1)
    this.#newestHeld = this.#held.at(-1)?.number ?? 0
    const before = this.#held[index - 1]
    for (const run of moment.copied) {
      if (before !== undefined && this.#madeAt(run) <= before.number) before.copied.push(run)
      else {
        this.#copiedByteLength -= this.#byteLengthOf(run)
        this.#free(run)
      }
    }
  }

  #madeAt(run: number): number {
    return this.#wordsOf(run)[positionOf(run) + MADE_AT]!
  }

  #roomOf(run: number): number {
    return this.#wordsOf(run)[positionOf(run) + ROOM]!
  }

  #byteLengthOf(run: number): number {
    return 4 * (ENTRIES + ENTRY_LENGTH * this.#roomOf(run))
  }

  #wordsOf(run: number): Int32Array {
    return this.#pieces[run >>> POSITION_BITS]!
  }
}

/** Where a run begins in its piece. */
function positionOf(run: number): number {
  return run & POSITION_MASK
}

/** Where an entry of a run begins in its piece. */
function entryOf(run: number, index: number): number {
  return positionOf(run) + ENTRIES + ENTRY_LENGTH * index
}

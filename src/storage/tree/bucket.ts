/**
 * The entries of a sorted tree whose keys begin with the same four bytes: those of one partition key, as keys begin with
 * its hash. Mostly they are one run, which is named by a number; when that would be too long, several, in a list.
 */
import type { HashedKey } from '../../base/key-hash.js'
import type { Runs } from './runs.js'

export type Bucket = number | RunList

/** More entries than a run has room for. */
export class RunList {
  readonly #memory: Runs
  readonly #madeAt: number
  /** None is empty. */
  readonly #runs: number[]

  constructor(memory: Runs, runs: number[]) {
    this.#memory = memory
    this.#madeAt = memory.now
    this.#runs = runs
  }

  get length(): number {
    return this.#runs.length
  }

  at(index: number): number {
    return this.#runs[index]!
  }

  /** The list, if it may be changed; a copy of it, if it has to stay as it is. */
  own(): RunList {
    return this.#memory.isHeld(this.#madeAt) ? new RunList(this.#memory, this.#runs.slice()) : this
  }

  /** The place of the value under a key; -1 if it is not there. */
  find(key: HashedKey): number {
    return this.#memory.find(this.at(this.numberOf(key)), key)
  }

  /** Puts the place of a value under a key of a list that may be changed; the memory's `isFound` says whether the key was there. */
  set(key: HashedKey, value: number): void {
    const memory = this.#memory
    const number = this.numberOf(key)
    const run = memory.own(this.at(number))
    this.#runs[number] = run
    const changed = memory.set(run, key, value)
    if (changed >= 0) {
      this.#runs[number] = changed
      return
    }
    // What comes in ascending order leaves full runs behind.
    const size = memory.sizeOf(run)
    const isAtEnd = memory.indexOf(run, key) === size
    this.#runs.splice(number + 1, 0, isAtEnd ? memory.start(key, value) : memory.split(run, size >>> 1))
    if (!isAtEnd) this.set(key, value)
  }

  /** Which run a key is in, if it is there: the last one that begins at or below it. */
  numberOf(key: HashedKey): number {
    const runs = this.#runs
    let from = 1
    let to = runs.length
    while (from < to) {
      const middle = (from + to) >>> 1
      if (this.#memory.keys.compare(this.#memory.keyAt(runs[middle]!, 0), key) <= 0) from = middle + 1
      else to = middle
    }
    return from - 1
  }
}

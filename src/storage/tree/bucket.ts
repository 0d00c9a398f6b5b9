/**
 * The entries of a sorted tree whose keys begin with the same four bytes: those of one partition key, as keys begin with
 * its hash. Mostly they are one run, which is named by a number; when that would be too long, several, in a list.
 */
import type { HashedKey } from '../../base/key-hash.js'
import type { Runs } from './runs.js'

export type Bucket = number | RunList

/** More entries than a run has room for. It belongs to one tree; another one that shares it copies it first. */
export class RunList {
  readonly owner: number
  readonly #memory: Runs
  /** None is empty. */
  readonly #runs: number[]

  constructor(owner: number, memory: Runs, runs: number[]) {
    this.owner = owner
    this.#memory = memory
    this.#runs = runs
  }

  get length(): number {
    return this.#runs.length
  }

  at(index: number): number {
    return this.#runs[index]!
  }

  copyFor(owner: number): RunList {
    return new RunList(owner, this.#memory, this.#runs.slice())
  }

  /** The place of the value under a key; -1 if it is not there. */
  find(key: HashedKey): number {
    return this.#memory.find(this.at(this.numberOf(key)), key)
  }

  /** Puts the place of a value under a key; the memory's `isFound` says whether the key was there. */
  set(key: HashedKey, value: number): void {
    const memory = this.#memory
    const number = this.numberOf(key)
    const run = this.#ownRun(number)
    const changed = memory.set(run, key, value)
    if (changed >= 0) {
      this.#runs[number] = changed
      return
    }
    // What comes in ascending order leaves full runs behind.
    const size = memory.sizeOf(run)
    const isAtEnd = memory.indexOf(run, key) === size
    this.#runs.splice(number + 1, 0, isAtEnd ? memory.start(this.owner, key, value) : memory.split(run, size >>> 1))
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

  #ownRun(number: number): number {
    const run = this.at(number)
    if (this.#memory.ownerOf(run) === this.owner) return run
    const own = this.#memory.copyFor(run, this.owner)
    this.#runs[number] = own
    return own
  }
}

/**
 * The entries of a sorted tree whose keys begin with the same four bytes: those of one partition key, as keys begin with
 * its hash. Three shapes of the same, since there may be any number of them: one, few in one run, many in several runs. A
 * bucket that grows out of its shape becomes the next one.
 *
 * A bucket belongs to one tree, and only that one changes it; a tree that shares it with another one copies it first.
 */

/** Who may change a bucket: nothing but an identity. */
export type Owner = object

/** So many entries are moved aside for a new one at most: about as long as finding its place takes. */
const RUN_LENGTH = 128

/** Entries in order, found by their position. */
export interface Run {
  readonly size: number
  keyAt(index: number): string
  placeAt(index: number): number
  /** How many keys are below `key`: where it stands, if it does. */
  indexOf(key: string): number
}

export interface Bucket {
  readonly owner: Owner
  readonly size: number
  placeOf(key: string): number | undefined
  /** Puts a place under a key, and returns what has come of the bucket: itself, or the next shape. */
  set(key: string, place: number): Bucket
  copy(owner: Owner): Bucket
  readonly runCount: number
  runAt(index: number): Run
  /** The number of the run in which a key stands, if it does. */
  runOf(key: string): number
}

export class One implements Bucket, Run {
  readonly owner: Owner
  readonly #key: string
  #place: number

  constructor(owner: Owner, key: string, place: number) {
    this.owner = owner
    this.#key = key
    this.#place = place
  }

  get size(): number {
    return 1
  }

  placeOf(key: string): number | undefined {
    return key === this.#key ? this.#place : undefined
  }

  set(key: string, place: number): Bucket {
    if (key === this.#key) {
      this.#place = place
      return this
    }
    return new Few(this.owner, [this.#key], [this.#place]).set(key, place)
  }

  copy(owner: Owner): One {
    return new One(owner, this.#key, this.#place)
  }

  get runCount(): number {
    return 1
  }

  runAt(): Run {
    return this
  }

  runOf(): number {
    return 0
  }

  keyAt(): string {
    return this.#key
  }

  placeAt(): number {
    return this.#place
  }

  indexOf(key: string): number {
    return this.#key < key ? 1 : 0
  }
}

class Few implements Bucket, Run {
  readonly owner: Owner
  readonly #keys: string[]
  readonly #places: number[]

  constructor(owner: Owner, keys: string[], places: number[]) {
    this.owner = owner
    this.#keys = keys
    this.#places = places
  }

  get size(): number {
    return this.#keys.length
  }

  placeOf(key: string): number | undefined {
    const index = this.indexOf(key)
    return this.#keys[index] === key ? this.#places[index] : undefined
  }

  set(key: string, place: number): Bucket {
    if (this.add(key, place)) return this
    return new Many(this.owner, [this]).set(key, place)
  }

  /** The same as a run of many; false if it is full. */
  add(key: string, place: number): boolean {
    const keys = this.#keys
    const places = this.#places
    const index = this.indexOf(key)
    if (keys[index] === key) {
      places[index] = place
      return true
    }
    const { length } = keys
    if (length >= RUN_LENGTH) return false
    keys.push(key)
    places.push(place)
    // One by one, as `splice` would make a list of what it removes.
    for (let i = length; i > index; i--) {
      keys[i] = keys[i - 1]!
      places[i] = places[i - 1]!
    }
    keys[index] = key
    places[index] = place
    return true
  }

  /** Cut in two at an index; the second half is returned. */
  split(index: number): Few {
    return new Few(this.owner, this.#keys.splice(index), this.#places.splice(index))
  }

  copy(owner: Owner): Few {
    return new Few(owner, this.#keys.slice(), this.#places.slice())
  }

  get runCount(): number {
    return 1
  }

  runAt(): Run {
    return this
  }

  runOf(): number {
    return 0
  }

  keyAt(index: number): string {
    return this.#keys[index]!
  }

  placeAt(index: number): number {
    return this.#places[index]!
  }

  indexOf(key: string): number {
    const keys = this.#keys
    let from = 0
    let to = keys.length
    while (from < to) {
      const middle = (from + to) >>> 1
      if (keys[middle]! < key) from = middle + 1
      else to = middle
    }
    return from
  }
}

class Many implements Bucket {
  readonly owner: Owner
  /** None is empty. */
  readonly #runs: Few[]
  #size: number

  constructor(owner: Owner, runs: Few[], size: number = runs[0]!.size) {
    this.owner = owner
    this.#runs = runs
    this.#size = size
  }

  get size(): number {
    return this.#size
  }

  placeOf(key: string): number | undefined {
    return this.#runs[this.runOf(key)]!.placeOf(key)
  }

  set(key: string, place: number): Bucket {
    const number = this.runOf(key)
    const run = this.#ownRun(number)
    const before = run.size
    if (run.add(key, place)) this.#size += run.size - before
    else {
      // What comes in ascending order leaves full runs behind.
      const isAtEnd = run.indexOf(key) === before
      this.#runs.splice(number + 1, 0, isAtEnd ? new Few(this.owner, [key], [place]) : run.split(before >>> 1))
      if (!isAtEnd) return this.set(key, place)
      this.#size += 1
    }
    return this
  }

  copy(owner: Owner): Many {
    return new Many(owner, this.#runs.slice(), this.#size)
  }

  get runCount(): number {
    return this.#runs.length
  }

  runAt(index: number): Run {
    return this.#runs[index]!
  }

  /** The last run that begins at or below the key. */
  runOf(key: string): number {
    const runs = this.#runs
    let from = 1
    let to = runs.length
    while (from < to) {
      const middle = (from + to) >>> 1
      if (runs[middle]!.keyAt(0) <= key) from = middle + 1
      else to = middle
    }
    return from - 1
  }

  #ownRun(number: number): Few {
    const run = this.#runs[number]!
    if (run.owner === this.owner) return run
    const own = run.copy(this.owner)
    this.#runs[number] = own
    return own
  }
}

/**
 * Elements that come in portions and are wanted in order: each portion is sorted when it comes, and all of them are merged
 * while somebody takes them. So no step takes longer than sorting one portion, however many there are.
 *
 * With a limit only the first so many are wanted: now and then the rest is let go of, and what comes behind the last of
 * those that are kept is not taken any more. Equal elements stay in the order in which they came.
 */

/** More than twice the limit and this many are there before the rest goes: it would cost more than it saves. */
const SLACK = 1000

export interface Weighted {
  readonly weight: number
}

export class SortedRuns<T extends Weighted> {
  readonly #compare: (a: T, b: T) => number
  readonly #limit: number
  #runs: (readonly T[])[] = []
  #count = 0
  #weight = 0
  /** The last of those that were kept when the rest went. */
  #last: T | undefined

  constructor(compare: (a: T, b: T) => number, limit: number = Number.POSITIVE_INFINITY) {
    this.#compare = compare
    this.#limit = limit
  }

  get count(): number {
    return this.#count
  }

  /** Of all elements that are held. */
  get weight(): number {
    return this.#weight
  }

  /** Whether it holds so much more than is wanted that `keepFirst` pays. */
  get isFull(): boolean {
    return this.#count > 2 * this.#limit + SLACK
  }

  add(elements: readonly T[]): void {
    const last = this.#last
    const run = last === undefined ? [...elements] : elements.filter((element) => this.#compare(element, last) < 0)
    if (run.length === 0) return
    run.sort(this.#compare)
    this.#push(run.length > this.#limit ? run.slice(0, this.#limit) : run)
  }

  /** Lets go of all but the first ones. It is done when the generator has ended, which pauses for each. */
  *keepFirst(): Generator<T, void, undefined> {
    const kept: T[] = []
    for (const element of this.merged()) {
      kept.push(element)
      yield element
    }
    this.#runs = []
    this.#count = 0
    this.#weight = 0
    this.#push(kept)
    if (kept.length === this.#limit) this.#last = kept.at(-1)
  }

  /** All elements, or the first ones, in order. */
  *merged(): Generator<T, void, undefined> {
    const heap = new RunHeap(this.#runs, this.#compare)
    for (let taken = 0; taken < this.#limit; taken++) {
      const element = heap.take()
      if (element === undefined) return
      yield element
    }
  }

  #push(run: readonly T[]): void {
    this.#runs.push(run)
    this.#count += run.length
    for (const { weight } of run) this.#weight += weight
  }
}

interface RunPosition<T> {
  readonly run: readonly T[]
  /** Which run it is: of equal elements that of the earlier run comes first. */
  readonly number: number
  position: number
}

/** The runs as a binary heap: the one whose next element is first is at the top. */
class RunHeap<T> {
  readonly #compare: (a: T, b: T) => number
  readonly #heap: RunPosition<T>[]

  constructor(runs: readonly (readonly T[])[], compare: (a: T, b: T) => number) {
    this.#compare = compare
    this.#heap = runs.filter(({ length }) => length > 0).map((run, number) => ({ run, number, position: 0 }))
    for (let at = this.#heap.length >> 1; at-- > 0; ) this.#sink(at)
  }

  take(): T | undefined {
    const top = this.#heap[0]
    if (top === undefined) return undefined
    const element = top.run[top.position]!
    top.position += 1
    if (top.position === top.run.length) {
      const last = this.#heap.pop()!
      if (this.#heap.length > 0) this.#heap[0] = last
    }
    this.#sink(0)
    return element
  }

  #sink(from: number): void {
    const heap = this.#heap
    for (let at = from; ; ) {
      let first = at
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < heap.length && this.#isBefore(heap[child]!, heap[first]!)) first = child
      }
      if (first === at) return
      ;[heap[at], heap[first]] = [heap[first]!, heap[at]!]
      at = first
    }
  }

  #isBefore(a: RunPosition<T>, b: RunPosition<T>): boolean {
    const order = this.#compare(a.run[a.position]!, b.run[b.position]!)
    return order < 0 || (order === 0 && a.number < b.number)
  }
}

/**
 * What the storage has done since it was opened, in bytes and in time, and the longest time for which its work in the
 * background held up everybody else: from where it goes on to where it waits again. Waiting is not counted.
 */
import type { MonotonicClock } from '../base/clock.js'

export class Activity {
  readonly #clock: MonotonicClock
  readonly openedAt: number
  /** Keys and values that were committed. */
  committedByteLength = 0
  /** What was written to sorted files. */
  fileByteLength = 0
  /** Of that, what another thread wrote. */
  threadFileByteLength = 0
  checkpointCount = 0
  /** How long they took, with the others' turns in between. */
  checkpointMs = 0
  deltaMergeCount = 0
  partitionMergeCount = 0
  foldCount = 0
  mergeMs = 0
  #sliceBeganAt = 0
  #longestSliceMs = 0

  constructor(clock: MonotonicClock) {
    this.#clock = clock
    this.openedAt = clock.now()
  }

  get longestSliceMs(): number {
    return this.#longestSliceMs
  }

  now(): number {
    return this.#clock.now()
  }

  /** Runs a piece of work that lets others run by `waitFor`. One at a time. */
  async work<T>(run: () => Promise<T>): Promise<T> {
    this.#beginSlice()
    try {
      return await run()
    } finally {
      this.#endSlice()
    }
  }

  /** Within such a piece of work: waits, and others run. */
  async waitFor<T>(waiting: Promise<T>): Promise<T> {
    this.#endSlice()
    try {
      return await waiting
    } finally {
      this.#beginSlice()
    }
  }

  /** Runs a slice of work of its own. */
  slice<T>(run: () => T): T {
    const beganAt = this.now()
    const result = run()
    this.#longestSliceMs = Math.max(this.#longestSliceMs, this.now() - beganAt)
    return result
  }

  #beginSlice(): void {
    this.#sliceBeganAt = this.now()
  }

  #endSlice(): void {
    this.#longestSliceMs = Math.max(this.#longestSliceMs, this.now() - this.#sliceBeganAt)
  }
}

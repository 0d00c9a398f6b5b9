/**
 * How long the event loop was away: something that wants to run in every turn of it, and notes the longest time it did
 * not. Finer than the histogram of `perf_hooks`, which hangs on timers and so can't see what is below a millisecond.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'

export class PauseProbe {
  #isRunning = true
  #seenAt = process.hrtime.bigint()
  #longest = 0n

  constructor() {
    this.#watch()
  }

  /** The longest pause in milliseconds while something was done, and its end included. */
  async during(work: () => unknown): Promise<number> {
    await nextTurn()
    this.#longest = 0n
    await work()
    await nextTurn()
    this.#look()
    return Number(this.#longest) / 1e6
  }

  stop(): void {
    this.#isRunning = false
  }

  #watch = (): void => {
    this.#look()
    if (this.#isRunning) setImmediate(this.#watch)
  }

  #look(): void {
    const now = process.hrtime.bigint()
    if (now - this.#seenAt > this.#longest) this.#longest = now - this.#seenAt
    this.#seenAt = now
  }
}

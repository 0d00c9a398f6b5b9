/**
 * Decides, from a seed, what happens next: which of the pauses, timers and disk operations that are under way ends
 * first. So a run explores an order of events, and its seed repeats it.
 */
import type { Scheduler } from '../../src/base/scheduler.js'
import type { SeededRandom } from './random.js'

export class SimulatedScheduler implements Scheduler {
  readonly #random: SeededRandom
  #tasks: (() => void)[] = []

  constructor(random: SeededRandom) {
    this.#random = random
  }

  get isIdle(): boolean {
    return this.#tasks.length === 0
  }

  pause(): Promise<void> {
    return new Promise((resolve) => this.#tasks.push(resolve))
  }

  delay(_delayMs: number): Promise<void> {
    return this.pause()
  }

  after(_delayMs: number, task: () => void): { cancel(): void } {
    this.#tasks.push(task)
    return {
      cancel: () => {
        this.#tasks = this.#tasks.filter((other) => other !== task)
      },
    }
  }

  add(task: () => void): void {
    this.#tasks.push(task)
  }

  /** Lets one thing that is under way happen, and everything that follows from it at once. */
  async runOne(): Promise<void> {
    const [task] = this.#tasks.splice(this.#random.below(this.#tasks.length), 1)
    task?.()
    await settle()
  }

  /** Runs until nothing is under way, or `isDone` says so. */
  async runUntil(isDone: () => boolean): Promise<void> {
    await settle()
    while (!isDone() && !this.isIdle) await this.runOne()
  }

  /** Runs until a promise has an outcome, and returns or throws it. */
  async outcome<T>(promise: Promise<T>): Promise<T> {
    let isDone = false
    const watched = promise.finally(() => {
      isDone = true
    })
    watched.catch(() => {})
    await this.runUntil(() => isDone)
    if (!isDone) throw new Error('the simulation stands still: something waits for what never happens')
    return watched
  }
}

/** Lets all promise callbacks run that can. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

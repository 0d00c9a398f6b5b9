/**
 * When deferred work runs. The engine never calls a timer itself: a simulation hands in a scheduler that decides, from
 * a seed, what happens next, and so explores the orders in which things can happen.
 */
// Not the global ones, in whose places a test may have put its own.
import { clearTimeout, setTimeout } from 'node:timers'
import { nextTurn } from './turn.js'

export interface Scheduler {
  /** Lets everybody else run first: background work calls it between its slices. */
  pause(): Promise<void>

  /** Resolves after some milliseconds; somebody waits for it, so it keeps the process alive. */
  delay(delayMs: number): Promise<void>

  /** Calls `task` after some milliseconds, unless cancelled. A pending call does not keep the process alive. */
  after(delayMs: number, task: () => void): { cancel(): void }
}

export const systemScheduler: Scheduler = {
  pause: nextTurn,
  delay: (delayMs) => new Promise((resolve) => setTimeout(resolve, delayMs)),
  after(delayMs, task) {
    const timer = setTimeout(task, delayMs)
    timer.unref()
    return { cancel: () => clearTimeout(timer) }
  },
}

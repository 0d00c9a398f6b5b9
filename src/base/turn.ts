// Not the global one, in whose place a test may have put one of its own.
import { setImmediate } from 'node:timers'

/** Lets timers, sockets and signals have their turn between the parts of something long. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** Counts the turns of the event loop while something else runs: whoever shares a process with it gets as many. */
import { onTestFinished } from 'vitest'

/** Starts counting; what it returns says how many there were so far. */
export function countTurns(): () => number {
  let turns = 0
  let next: NodeJS.Immediate | undefined
  const count = () => {
    turns += 1
    next = setImmediate(count)
  }
  next = setImmediate(count)
  onTestFinished(() => clearImmediate(next))
  return () => turns
}

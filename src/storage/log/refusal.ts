/** What somebody is told whose write was not, or may not have been, stored because of a failure. */
import { DiskFullError, FencedError, WriteFailedError } from '../../errors.js'

export function refusal(cause: Error, outcome: 'unknown' | 'not written'): Error {
  if (cause instanceof FencedError) return cause
  const code = (cause as NodeJS.ErrnoException).code
  const isFull = code === 'ENOSPC' || code === 'EDQUOT'
  return isFull ? new DiskFullError(outcome, { cause }) : new WriteFailedError(outcome, { cause })
}

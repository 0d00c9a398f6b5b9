/** Why a write was not stored, or may not have been. */
import { DiskFullError, FencedError, WriteFailedError } from '../../errors.js'
import { isForWantOfSpace } from '../disk/passing-failure.js'

/** What somebody is told whose write failed of a cause. @param outcome Whether it may be stored nevertheless. */
export function refusal(cause: Error, outcome: 'unknown' | 'not written'): Error {
  if (cause instanceof FencedError) return cause
  return isForWantOfSpace(cause) ? new DiskFullError(outcome, { cause }) : new WriteFailedError(outcome, { cause })
}

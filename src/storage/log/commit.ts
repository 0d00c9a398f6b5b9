/** Commits: writes that count all or none, and how much of them can be written as one. */
import { ValidationException } from '../../errors.js'
import type { Write } from '../tree/write.js'
import { FRAME_BYTE_LIMIT } from './log-format.js'

/** A commit as those know it who are told of it. */
export interface Committed {
  readonly lsn: number
  /** Microseconds since 1970, more than any commit before. */
  readonly timestamp: number
}

/** One of many that are committed at once. */
export interface BulkTransaction {
  readonly writes: readonly Write[]
  readonly origin: number
  readonly onDurable?: (commit: Committed) => void
}

/** A commit on its way: what it writes, and who is told of it. */
export interface Commit extends Committed {
  readonly origin: number
  readonly writes: readonly Write[]
  onDurable: ((commit: Committed) => void) | undefined
}

/** A group with so much takes no more commits. */
export const GROUP_BYTE_LIMIT: number = 4 * 1024 * 1024
/** What belongs together has to fit a frame, whose end recovery would not believe in beyond 64 MB. */
export const COMMIT_BYTE_LIMIT: number = FRAME_BYTE_LIMIT - GROUP_BYTE_LIMIT
/** At most this is in the log of a write beside its key and its value. */
const WRITE_OVERHEAD = 48
/** So many writes of an item and its index entries are never too large. */
const FEW_WRITES = 64

/**
 * Throws when a commit can't be written as one; answers about how long it is, if that is much.
 *
 * @throws {ValidationException} TRANSACTION
 */
export function checkCommitFits(writes: readonly Write[]): number {
  // Only what makes many entries of an index can be so large.
  return checked(writes.length > FEW_WRITES ? loggedByteLength(writes) : 0)
}

/**
 * The same of several that are written as one; answers about how long they are.
 *
 * @throws {ValidationException} TRANSACTION
 */
export function checkTogetherFit(transactions: readonly BulkTransaction[]): number {
  return checked(transactions.reduce((sum, { writes }) => sum + loggedByteLength(writes), 0))
}

function checked(byteLength: number): number {
  if (byteLength <= COMMIT_BYTE_LIMIT) return byteLength
  const megabytes = Math.ceil(byteLength / 1024 / 1024)
  const reason = `with all index entries it has ${megabytes} MB, and at most ${COMMIT_BYTE_LIMIT / 1024 / 1024} can be written as one`
  throw new ValidationException('TRANSACTION', `Cannot commit: ${reason}; write less at a time`)
}

/** About as long as the writes are in the log; never less. */
function loggedByteLength(writes: readonly Write[]): number {
  let byteLength = WRITE_OVERHEAD
  for (const { key, value } of writes) byteLength += WRITE_OVERHEAD + key.length + (value?.length ?? 0)
  return byteLength
}

/** How much one transaction may do: DynamoDB's limits, and ours for tables that need not be portable. */
import { ValidationException } from '../../errors.js'

const ACTION_LIMIT = 100
const BYTE_LIMIT: number = 4 * 1024 * 1024
const OWN_ACTION_LIMIT = 10_000
const OWN_BYTE_LIMIT: number = 32 * 1024 * 1024

/** @throws {ValidationException} TRANSACTION */
export function checkActionCount(count: number, isPortable: boolean): void {
  const limit = isPortable ? ACTION_LIMIT : OWN_ACTION_LIMIT
  if (count <= limit) return
  const reason = `Member must have length less than or equal to ${limit}: a transaction has at most ${limit} actions`
  throw new ValidationException('TRANSACTION', `${reason}${hint(isPortable)}`)
}

/**
 * @param byteLength Of all items that are stored.
 * @throws {ValidationException} TRANSACTION
 */
export function checkByteLength(byteLength: number, isPortable: boolean): void {
  if (byteLength <= (isPortable ? BYTE_LIMIT : OWN_BYTE_LIMIT)) return
  throw new ValidationException('TRANSACTION', `Transaction items size exceeds the maximum allowed${hint(isPortable)}`)
}

function hint(isPortable: boolean): string {
  return isPortable ? '; tables with "portable: false" take larger ones' : ''
}

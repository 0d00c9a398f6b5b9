/** Capacity units, as DynamoDB counts them: writes by the kilobyte, reads by four. */

const WRITE_UNIT_BYTES = 1024
const READ_UNIT_BYTES = 4096

/** What a transaction pays for each unit of a table. */
export const TRANSACTION_FACTOR = 2

/** What a write costs that leaves so many bytes, or finds so many, whichever is more. */
export function writeUnits(byteLength: number): number {
  return Math.max(1, Math.ceil(byteLength / WRITE_UNIT_BYTES))
}

/** What it costs to read so many bytes; to find nothing costs as much as to find little. */
export function readUnits(byteLength: number, { isConsistent }: { readonly isConsistent: boolean }): number {
  return Math.max(1, Math.ceil(byteLength / READ_UNIT_BYTES)) * (isConsistent ? 1 : 0.5)
}

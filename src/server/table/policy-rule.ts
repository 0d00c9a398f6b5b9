/** Which policies a table may have. They are kept and handed out; nobody is refused anything by them. */
import { validationError } from '../aws-error.js'
import { POLICY_NO_JSON, POLICY_TOO_LONG } from './table-wording.js'

const BYTE_LIMIT = 20_480

/** @throws {AwsError} ValidationException */
export function checkPolicy(text: string): void {
  if (Buffer.byteLength(text) > BYTE_LIMIT) throw validationError(POLICY_TOO_LONG)
  if (!isJsonObject(text)) throw validationError(POLICY_NO_JSON)
}

function isJsonObject(text: string): boolean {
  try {
    const content: unknown = JSON.parse(text)
    return typeof content === 'object' && content !== null && !Array.isArray(content)
  } catch {
    return false
  }
}

/** A revision that is none of those before. */
export function nextRevision(before: string | undefined, nowMs: number): string {
  return String(Math.max(Math.floor(nowMs), Number(before ?? 0) + 1))
}

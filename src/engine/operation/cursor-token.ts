/**
 * Where a page ended, as text that a caller keeps and hands back: a version, a fingerprint of the request and the key
 * of the last entry looked at. A token goes with the table, the index, the range and the direction it came from; with
 * anything else it is refused, not misread. It can't reach outside of its range, so it needs no secret.
 */
import { ValidationException } from '../../errors.js'
import type { KeyRange } from '../../model/key/key-range.js'

const VERSION = 1
/** The longest keys, an index's and an item's with every byte a zero, make a token of 16,423 characters. */
const TOKEN_LIMIT = 20 * 1024

export interface CursorScope {
  readonly table: string
  readonly index: string | undefined
  readonly range: KeyRange
  readonly reverse: boolean
}

type Hash = (bytes: string) => string

export function encodeCursor(lastKey: string, scope: CursorScope, hash: Hash): string {
  const text = String.fromCharCode(VERSION) + fingerprint(scope, hash) + lastKey
  return Buffer.from(text, 'latin1').toString('base64url')
}

/** The key after which to go on. */
export function decodeCursor(token: unknown, scope: CursorScope, hash: Hash): string {
  if (typeof token !== 'string' || token.length > TOKEN_LIMIT || !/^[A-Za-z0-9_-]+$/.test(token)) {
    throw new ValidationException('CURSOR', 'Cannot go on: the cursor is not one that a page returned')
  }
  const text = Buffer.from(token, 'base64url').toString('latin1')
  if (text.charCodeAt(0) !== VERSION || text.slice(1, 9) !== fingerprint(scope, hash)) {
    throw new ValidationException('CURSOR', 'Cannot go on: the cursor comes from another query; use the same one')
  }
  const key = text.slice(9)
  const { lower, upper } = scope.range
  if (key < lower || (upper !== undefined && key >= upper)) {
    throw new ValidationException('CURSOR', 'Cannot go on: the cursor lies outside of the query')
  }
  return key
}

function fingerprint({ table, index, range, reverse }: CursorScope, hash: Hash): string {
  return hash([table, index ?? '', range.lower, range.upper ?? '', reverse ? 'down' : 'up'].join('\0\0\0'))
}

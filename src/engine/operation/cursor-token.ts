/**
 * Where a page ended, as text that a caller keeps and hands back: a version, a seal, a fingerprint of the read and the key of
 * the last entry looked at.
 *
 * A token goes with the table, the index, the key condition and the direction it came from, and with the database; with
 * anything else, be it another table of the same name, it is refused, not misread. It is sealed (HMAC-SHA-256 with the database's own id), so one that was changed
 * in any place is refused, too. It does not go with a filter or a selection: as with DynamoDB, the next page may have others.
 * It names a place among the keys, and so it stays good when the item that was there is removed, when partitions are split,
 * and when the database is opened again.
 */
import { createHmac } from 'node:crypto'
import type { Checksum } from '../../base/checksum.js'
import { ValidationException } from '../../errors.js'
import type { KeyRange } from '../../model/key/key-range.js'

const VERSION = 2
const SEAL_LENGTH = 16
const FINGERPRINT_LENGTH = 8
const KEY_OFFSET: number = 1 + SEAL_LENGTH + FINGERPRINT_LENGTH
/** The longest keys, an index's and an item's with every byte a zero, make a token of 16,444 characters. */
const TOKEN_LIMIT = 20 * 1024

export interface CursorScope {
  readonly table: string
  readonly index: string | undefined
  /** Where the entries are kept: another table, or index, of the same name has another one. */
  readonly tree: number
  readonly range: KeyRange
  readonly reverse: boolean
}

/** What makes tokens of one database: nobody else's seals are the same. */
export interface CursorMaker {
  readonly hash: (bytes: string) => string
  readonly seal: (bytes: string) => string
}

export function cursorMaker(databaseId: string, checksum: Checksum): CursorMaker {
  const secret = `dynafile cursor ${databaseId}`
  const seal = (bytes: string) =>
    createHmac('sha256', secret).update(bytes, 'latin1').digest().toString('latin1', 0, SEAL_LENGTH)
  const hash = (bytes: string) => {
    const output = Buffer.alloc(FINGERPRINT_LENGTH)
    output.writeBigUInt64BE(checksum(Buffer.from(bytes, 'latin1'), 0n))
    return output.toString('latin1')
  }
  return { hash, seal }
}

export function encodeCursor(lastKey: string, scope: CursorScope, maker: CursorMaker): string {
  const content = fingerprint(scope, maker) + lastKey
  return Buffer.from(String.fromCharCode(VERSION) + maker.seal(content) + content, 'latin1').toString('base64url')
}

/**
 * The key after which to go on.
 *
 * @throws {ValidationException} CURSOR
 */
export function decodeCursor(token: unknown, scope: CursorScope, maker: CursorMaker): string {
  if (typeof token !== 'string' || token.length > TOKEN_LIMIT || !/^[A-Za-z0-9_-]+$/.test(token)) {
    throw refusal('the cursor is not one that a page returned')
  }
  const text = Buffer.from(token, 'base64url').toString('latin1')
  const content = text.slice(1 + SEAL_LENGTH)
  const isWhole = text.length > KEY_OFFSET && text.charCodeAt(0) === VERSION
  // The last character of a token may have bits that mean nothing: they must not be others, either.
  const isOurs = isWhole && text.slice(1, 1 + SEAL_LENGTH) === maker.seal(content) && isCanonical(token, text)
  if (!isOurs) throw refusal('the cursor was changed, or it comes from another database')
  if (content.slice(0, FINGERPRINT_LENGTH) !== fingerprint(scope, maker)) {
    throw refusal('the cursor comes from another query; use the same one')
  }
  return text.slice(KEY_OFFSET)
}

function isCanonical(token: string, text: string): boolean {
  return Buffer.from(text, 'latin1').toString('base64url') === token
}

function fingerprint({ table, index, tree, range, reverse }: CursorScope, { hash }: CursorMaker): string {
  const parts = [table, index ?? '', String(tree), range.lower, range.upper ?? '', reverse ? 'down' : 'up']
  return hash(parts.map((part) => `${part.length}:${part}`).join())
}

function refusal(reason: string): ValidationException {
  return new ValidationException('CURSOR', `Cannot go on: ${reason}`)
}

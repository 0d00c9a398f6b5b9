/**
 * Where a page of a SELECT ended, as text that a client keeps and hands back: which of its reads comes next, and the key of
 * the last item looked at. A token goes with the statement and the parameters that it came from; with anything else, or
 * changed, it is refused, not misread. It can't reach what the statement itself does not, so it needs no secret.
 */
import { createHash } from 'node:crypto'
import { validationError } from '../aws-error.js'
import type { AttributeMap, AttributeValue } from '../value/attribute-value.js'
import { BAD_NEXT_TOKEN, OTHER_NEXT_TOKEN } from './wording.js'

const VERSION = 1
/** The longest token that a request may have; that of the longest keys, an index's and an item's, has a third of that. */
const TOKEN_LIMIT = 32_768
const DIGEST_BYTES = 12

export interface Position {
  /** The number of the read to go on with. */
  readonly read: number
  /** Behind which it goes on; from its beginning if undefined. */
  readonly startKey: AttributeMap | undefined
}

export function encodeNextToken({ read, startKey }: Position, origin: string): string {
  const key = startKey && Object.entries(startKey).map(([name, value]) => [name, ...typedText(value)])
  const text = JSON.stringify([VERSION, origin, read, key ?? null])
  return Buffer.from(digest(text) + text).toString('base64')
}

/** @throws {AwsError} ValidationException */
export function decodeNextToken(token: string, origin: string): Position {
  const bytes = Buffer.from(token.length > TOKEN_LIMIT ? '' : token, 'base64')
  const text = bytes.toString()
  const content = text.slice(DIGEST_BYTES * 2)
  const isOurs = content !== '' && text === digest(content) + content && bytes.toString('base64') === token
  if (!isOurs) throw validationError(BAD_NEXT_TOKEN)
  const [version, found, read, key] = parsed(content)
  if (version !== VERSION) throw validationError(BAD_NEXT_TOKEN)
  if (found !== origin) throw validationError(OTHER_NEXT_TOKEN)
  if (!Number.isSafeInteger(read) || (read as number) < 0) throw validationError(BAD_NEXT_TOKEN)
  return { read: read as number, startKey: key === null ? undefined : keyOf(key) }
}

/** Most likely we have written it, but the digest is no secret. */
function parsed(content: string): readonly unknown[] {
  try {
    const found: unknown = JSON.parse(content)
    if (Array.isArray(found)) return found
  } catch {
    // Then it is not ours.
  }
  throw validationError(BAD_NEXT_TOKEN)
}

function keyOf(parts: unknown): AttributeMap {
  if (!Array.isArray(parts)) throw validationError(BAD_NEXT_TOKEN)
  return Object.fromEntries(
    parts.map((part) => {
      if (!Array.isArray(part) || typeof part[0] !== 'string') throw validationError(BAD_NEXT_TOKEN)
      return [part[0], typedValue(part[1], part[2])]
    }),
  )
}

/** What a token is bound to. */
export function originOf(statement: string, parameters: readonly AttributeValue[]): string {
  const shown = JSON.stringify(parameters, (_, value) =>
    value instanceof Uint8Array ? ['B', Buffer.from(value).toString('base64')] : value,
  )
  return digest(`${statement}\0${shown}`)
}

function digest(text: string): string {
  return createHash('sha256')
    .update(text)
    .digest('hex')
    .slice(0, DIGEST_BYTES * 2)
}

/** Keys are made of strings, numbers and binary values. In base64 nothing in them has to be escaped. */
function typedText(value: AttributeValue): [type: string, text: string] {
  if (value.S !== undefined) return ['S', Buffer.from(value.S).toString('base64')]
  if (value.N !== undefined) return ['N', value.N]
  return ['B', Buffer.from(value.B!).toString('base64')]
}

function typedValue(type: unknown, text: unknown): AttributeValue {
  if (typeof text !== 'string') throw validationError(BAD_NEXT_TOKEN)
  switch (type) {
    case 'S':
      return { S: Buffer.from(text, 'base64').toString() }
    case 'N':
      return { N: text }
    case 'B':
      return { B: Buffer.from(text, 'base64') }
    default:
      throw validationError(BAD_NEXT_TOKEN)
  }
}

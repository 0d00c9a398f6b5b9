/**
 * `LastEvaluatedKey` as the text that a page of ours has for a cursor. DynamoDB takes any key as the start of any read; so that
 * a cursor goes with the read it came from and with no other, it has a fingerprint of that read, and a seal.
 */
import { createHash, createHmac } from 'node:crypto'
import { ValidationException } from '../../../src/errors.js'
import type { AttributeMap } from '../../../src/server/value/attribute-value.js'

interface Content {
  readonly read: string
  /** Binary values in base64, as on the wire. */
  readonly key: AttributeMap
}

const SEAL_BYTES = 16
/** Two keys of the longest, with every byte written as six characters. */
const TOKEN_LIMIT = 64 * 1024

export class WireCursors {
  readonly #secret: string

  /** @param secret What nobody else seals with: all clients of one database have the same. */
  constructor(secret: string) {
    this.#secret = secret
  }

  /** @param read What the cursor goes with, as anything that JSON can say. */
  encode(key: AttributeMap, read: unknown): string {
    const content = JSON.stringify({ read: fingerprint(read), key } satisfies Content, binaryAsObject)
    return Buffer.concat([this.#seal(content), Buffer.from(content)]).toString('base64url')
  }

  /** @throws {ValidationException} `CURSOR` */
  decode(token: unknown, read: unknown): AttributeMap {
    if (typeof token !== 'string' || token.length > TOKEN_LIMIT || !/^[A-Za-z0-9_-]+$/.test(token)) {
      throw refusal('the cursor is not one that a page returned')
    }
    const bytes = Buffer.from(token, 'base64url')
    const content = bytes.subarray(SEAL_BYTES).toString()
    // The last character of a token may have bits that mean nothing: they must not be others, either.
    const isWhole = bytes.toString('base64url') === token
    if (!isWhole || !bytes.subarray(0, SEAL_BYTES).equals(this.#seal(content))) {
      throw refusal('the cursor was changed, or it comes from another database')
    }
    const { read: from, key } = JSON.parse(content, objectAsBinary) as Content
    if (from !== fingerprint(read)) throw refusal('the cursor comes from another query; use the same one')
    return key
  }

  #seal(content: string): Buffer {
    return createHmac('sha256', this.#secret).update(content).digest().subarray(0, SEAL_BYTES)
  }
}

function fingerprint(read: unknown): string {
  return createHash('sha256').update(JSON.stringify(read, binaryAsObject)).digest('base64url').slice(0, 22)
}

/** Of a `Buffer`, the value that is passed is already what it makes of itself; what it was is in the holder. */
function binaryAsObject(this: unknown, name: string, value: unknown): unknown {
  const original = (this as Readonly<Record<string, unknown>>)[name]
  return original instanceof Uint8Array ? { base64: Buffer.from(original).toString('base64') } : value
}

/** Only the value of an attribute has this member as text: any other is an object. */
function objectAsBinary(name: string, value: unknown): unknown {
  const { base64 } = (typeof value === 'object' && value !== null ? value : {}) as { readonly base64?: unknown }
  return name === 'B' && typeof base64 === 'string' ? new Uint8Array(Buffer.from(base64, 'base64')) : value
}

function refusal(reason: string): ValidationException {
  return new ValidationException('CURSOR', `Cannot go on: ${reason}`)
}

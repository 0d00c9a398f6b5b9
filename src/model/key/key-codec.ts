/**
 * Keys as byte strings: JavaScript strings whose characters are bytes (0–255), so that `<` is byte order and byte order
 * is the order of the keys. The bytes are those of architecture/key-format.md.
 *
 * A key is made of parts. A part is a byte for its type and then bytes that sort as its values do: strings by their
 * UTF-8, numbers by value, binary by unsigned bytes. No part's bytes begin another part's of the same type, so parts can
 * be put one after the other and still sort part by part, and be told apart again.
 */

import { isUtf8 } from 'node:buffer'
import { types } from 'node:util'
import { isWellFormed } from '../../base/well-formed.js'
import { CorruptionError, ValidationException } from '../../errors.js'
import { checkNumber, isNumberValue } from '../item/decimal.js'
import type { NumberValue } from '../item/item.js'
import { valueSize } from '../item/item-size.js'
import {
  DECIMAL_ORDER_LIMIT,
  decodeDecimalOrder,
  encodeDecimalOrder,
  skipDecimalOrder,
  skipDecimalOrderIn,
  writeDecimalOrder,
} from './decimal-order.js'

/** The types an attribute of a key can have: string, number, binary. The letter is also the byte before such a part. */
export type KeyType = 'S' | 'N' | 'B'
/** The values an attribute of a key can have. */
export type KeyValue = string | NumberValue | Uint8Array

/** In front of the first part stands a hash of the partition key, of so many bytes. */
export const HASH_BYTE_LENGTH = 8

const TERMINATOR = '\0\0'
const TEXT_PART = 0x53
const NUMBER_PART = 0x4e
const BINARY_PART = 0x42

/** The type the value would have in a key, or `undefined` if it can't be in one. */
export function keyPartType(value: unknown): KeyType | undefined {
  if (typeof value === 'string') return 'S'
  if (isNumberValue(value)) return 'N'
  return types.isUint8Array(value) ? 'B' : undefined
}

/**
 * The value as a part of a key.
 *
 * @throws {ValidationException} VALUE_TEXT for a string with half a surrogate pair, NUMBER_… for a number that can't be
 *   stored: neither has bytes.
 */
export function encodeKeyPart(value: KeyValue): string {
  if (typeof value === 'string') return `S${escapedText(value)}${TERMINATOR}`
  if (isNumberValue(value)) return `N${encodeDecimalOrder(checkNumber(value))}`
  return `B${escaped(latin1Of(value))}${TERMINATOR}`
}

/**
 * Writes the value as a part of a key, and says where it ends; -1, and anything may be written, when there is no room
 * for it.
 *
 * @throws {ValidationException} As `encodeKeyPart` does.
 */
export function writeKeyPart(value: KeyValue, bytes: Uint8Array, start: number): number {
  const room = bytes.length - start
  if (typeof value === 'string') {
    const end = value.length + PLAIN_TEXT_OVERHEAD <= room ? writePlainText(value, bytes, start) : -1
    if (end >= 0) return end
  } else if (isNumberValue(value) && 1 + DECIMAL_ORDER_LIMIT <= room) {
    bytes[start] = NUMBER_PART
    return writeDecimalOrder(checkNumber(value), bytes, start + 1)
  }
  const part = encodeKeyPart(value)
  if (part.length > room) return -1
  latin1Write.call(bytes, part, start, part.length)
  return start + part.length
}

/** What a plain text takes beside its characters. */
const PLAIN_TEXT_OVERHEAD = 3

/** Writes text as `encodeKeyPart` has it, and says where it ends; -1 if it is not ASCII without a zero. */
export function writePlainText(text: string, bytes: Uint8Array, start: number): number {
  bytes[start] = TEXT_PART
  let at = start + 1
  let all = 0
  for (let i = 0; i < text.length; i++, at++) {
    const code = text.charCodeAt(i)
    bytes[at] = code
    all |= code | (code - 1)
  }
  bytes[at] = 0
  bytes[at + 1] = 0
  return all >>> 7 === 0 ? at + 2 : -1
}

/**
 * What the part of every string (or binary) that begins with this one begins with: the part without its end.
 *
 * @throws {ValidationException} VALUE_TEXT
 */
export function encodeStringPrefix(prefix: string | Uint8Array): string {
  return typeof prefix === 'string' ? `S${escapedText(prefix)}` : `B${escaped(latin1Of(prefix))}`
}

/**
 * The value whose part begins at `offset`, and where the part ends. A number has its narrowest form, whatever it was
 * encoded from.
 *
 * @throws {CorruptionError} When there is no part.
 */
export function decodeKeyPart(bytes: string, offset: number): { value: KeyValue; end: number } {
  if (bytes[offset] === 'N') return decodeDecimalOrder(bytes, offset + 1)
  const end = skipKeyPart(bytes, offset)
  let content = bytes.slice(offset + 1, end - TERMINATOR.length)
  if (content.includes('\0')) content = content.replaceAll('\0\xff', '\0')
  if (bytes[offset] === 'B') return { value: new Uint8Array(Buffer.from(content, 'latin1')), end }
  if (isAscii(content)) return { value: content, end }
  const utf8 = Buffer.from(content, 'latin1')
  if (!isUtf8(utf8)) throw new CorruptionError('key', offset, 'a string is not UTF-8')
  return { value: utf8.toString('utf8'), end }
}

/**
 * Where the part that begins at `offset` ends.
 *
 * @throws {CorruptionError} When there is no part.
 */
export function skipKeyPart(bytes: string, offset: number): number {
  const type = bytes[offset]
  if (type === 'N') return skipDecimalOrder(bytes, offset + 1)
  if (type !== 'S' && type !== 'B') throw new CorruptionError('key', offset, 'there is no part of a key')
  for (let zero = bytes.indexOf('\0', offset + 1); zero >= 0; zero = bytes.indexOf('\0', zero + 2)) {
    const next = bytes.charCodeAt(zero + 1)
    if (next === 0x00) return zero + 2
    if (next !== 0xff) break
  }
  throw new CorruptionError('key', offset, 'a part of a key does not end')
}

/**
 * As `skipKeyPart`, of bytes that end at `end`.
 *
 * @throws {CorruptionError} When there is no part.
 */
export function skipKeyPartIn(bytes: Uint8Array, offset: number, end: number): number {
  const type = offset < end ? bytes[offset] : undefined
  if (type === NUMBER_PART) return skipDecimalOrderIn(bytes, offset + 1, end)
  if (type !== TEXT_PART && type !== BINARY_PART) throw new CorruptionError('key', offset, 'there is no part of a key')
  for (let at = offset + 1; at + 1 < end; at++) {
    if (bytes[at] !== 0x00) continue
    const next = bytes[at + 1]
    if (next === 0x00) return at + 2
    if (next !== 0xff) break
    at++
  }
  throw new CorruptionError('key', offset, 'a part of a key does not end')
}

/**
 * The smallest byte string that is greater than every one that begins with `prefix`; `undefined` when there is none,
 * because the prefix is empty or all its bytes are 0xff.
 */
export function prefixUpperBound(prefix: string): string | undefined {
  let length = prefix.length
  while (length > 0 && prefix.charCodeAt(length - 1) === 0xff) length--
  if (length === 0) return undefined
  return prefix.slice(0, length - 1) + String.fromCharCode(prefix.charCodeAt(length - 1) + 1)
}

/** Bytes of the value as the limits on keys count them: UTF-8 of a string, bytes of a binary. */
export function byteLengthOfKeyPart(value: KeyValue): number {
  return valueSize(value)
}

function escapedText(text: string): string {
  let ascii = true
  for (let index = 0; index < text.length && ascii; index++) {
    const code = text.charCodeAt(index)
    ascii = code > 0 && code < 0x80
  }
  // Most keys are ASCII without a zero: their UTF-8 is themselves.
  if (ascii) return text
  if (!isWellFormed(text)) {
    throw new ValidationException(
      'VALUE_TEXT',
      'Cannot use the key: it has half a surrogate pair in it, which is not text',
    )
  }
  return escaped(Buffer.from(text, 'utf8').toString('latin1'))
}

function escaped(bytes: string): string {
  return bytes.includes('\0') ? bytes.replaceAll('\0', '\0\xff') : bytes
}

function latin1Of(bytes: Uint8Array): string {
  // What is really in it, whatever it says of itself.
  return latin1Slice.call(bytes)
}

type Write = (this: Uint8Array, text: string, start: number, length: number) => number
type Slice = (this: Uint8Array) => string
const { latin1Write, latin1Slice } = Buffer.prototype as unknown as { latin1Write: Write; latin1Slice: Slice }

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 0x7f) return false
  return true
}

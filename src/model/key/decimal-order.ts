/**
 * Numbers as bytes whose order is the order of the numbers (architecture/key-format.md): a sign, an exponent, and the
 * digits in pairs, ended so that no number's bytes begin another's. Negative numbers have all that complemented.
 *
 * Bytes are characters 0–255 of a string, as everywhere in `key/`.
 */
import { CorruptionError } from '../../errors.js'
import { NUMBER_DIGIT_LIMIT, NUMBER_EXPONENT_MINIMUM, numberFromParts, numberParts } from '../item/decimal.js'
import type { NumberValue } from '../item/item.js'

const NEGATIVE = 0x01
const ZERO = 0x02
const POSITIVE = 0x03

/** What a number takes at most: sign, exponent, pairs of digits and the end. */
export const DECIMAL_ORDER_LIMIT: number = 3 + NUMBER_DIGIT_LIMIT / 2

/** The number as bytes that sort. It must be one that can be stored: `checkNumber` has the say. */
export function encodeDecimalOrder(value: NumberValue): string {
  return latin1Slice.call(scratch, 0, writeDecimalOrder(value, scratch, 0))
}

const scratch = new Uint8Array(DECIMAL_ORDER_LIMIT)

/** Writes it, and says where it ends. */
export function writeDecimalOrder(value: NumberValue, bytes: Uint8Array, start: number): number {
  const { sign, exponent, digits } = numberParts(value)
  if (sign === 0) {
    bytes[start] = ZERO
    return start + 1
  }
  // A complement is what is left to 0xff, so the same loop serves both signs.
  const flip = sign < 0 ? 0xff : 0x00
  bytes[start] = sign < 0 ? NEGATIVE : POSITIVE
  bytes[start + 1] = (exponent - NUMBER_EXPONENT_MINIMUM) ^ flip
  let at = start + 2
  for (let index = 0; index < digits.length; index += 2, at++) {
    const tens = digits.charCodeAt(index) - 48
    const ones = index + 1 < digits.length ? digits.charCodeAt(index + 1) - 48 : 0
    bytes[at] = (tens * 10 + ones + 1) ^ flip
  }
  bytes[at] = flip
  return at + 1
}

/**
 * The number whose bytes begin at `offset`, in its narrowest form, and where they end.
 *
 * @throws {CorruptionError} When there is none.
 */
export function decodeDecimalOrder(bytes: string, offset: number): { value: NumberValue; end: number } {
  const end = skipDecimalOrder(bytes, offset)
  const signByte = bytes.charCodeAt(offset)
  if (signByte === ZERO) return { value: 0, end }
  const flip = signByte === NEGATIVE ? 0xff : 0x00
  const exponent = (bytes.charCodeAt(offset + 1) ^ flip) + NUMBER_EXPONENT_MINIMUM
  let digits = ''
  for (let index = offset + 2; index < end - 1; index++) {
    const pair = (bytes.charCodeAt(index) ^ flip) - 1
    if (pair > 99 || pair < 0) throw new CorruptionError('key', index, 'a number has a pair of digits above 99')
    digits += pair < 10 ? `0${pair}` : pair
  }
  if (digits.endsWith('0')) digits = digits.slice(0, -1)
  if (digits === '' || digits.length > NUMBER_DIGIT_LIMIT || digits.startsWith('0') || digits.endsWith('0')) {
    throw new CorruptionError('key', offset, 'a number has digits that no number is written with')
  }
  return { value: numberFromParts({ sign: flip === 0 ? 1 : -1, exponent, digits }), end }
}

/**
 * Where the number that begins at `offset` ends.
 *
 * @throws {CorruptionError} When there is none.
 */
export function skipDecimalOrder(bytes: string, offset: number): number {
  const signByte = bytes.charCodeAt(offset)
  if (signByte === ZERO) return offset + 1
  if (signByte !== NEGATIVE && signByte !== POSITIVE) throw new CorruptionError('key', offset, 'a number has no sign')
  const end = bytes.indexOf(signByte === NEGATIVE ? '\xff' : '\0', offset + 2)
  if (end < 0) throw new CorruptionError('key', offset, 'a number does not end')
  return end + 1
}

/**
 * As `skipDecimalOrder`, of bytes that end at `end`.
 *
 * @throws {CorruptionError} When there is none.
 */
export function skipDecimalOrderIn(bytes: Uint8Array, offset: number, end: number): number {
  const signByte = offset < end ? bytes[offset] : undefined
  if (signByte === ZERO) return offset + 1
  if (signByte !== NEGATIVE && signByte !== POSITIVE) throw new CorruptionError('key', offset, 'a number has no sign')
  const last = signByte === NEGATIVE ? 0xff : 0x00
  for (let at = offset + 2; at < end; at++) if (bytes[at] === last) return at + 1
  throw new CorruptionError('key', offset, 'a number does not end')
}

type Slice = (this: Uint8Array, start: number, end: number) => string
const { latin1Slice } = Buffer.prototype as unknown as { latin1Slice: Slice }

/**
 * The tags and numbers of an item as bytes, as architecture/item-format.md has them: what the encoder and
 * the decoder must agree on.
 */
import { ITEM_BYTE_LIMIT } from './item.js'

/** Names are written out. */
export const ITEM_VERSION_NAMED = 1
/** Names are written out, or have a number in a dictionary. */
export const ITEM_VERSION_NUMBERED = 2
/** In the place of a number: names that have none follow. */
export const NO_SHAPE_NUMBER = 0

export const TAG_NULL = 0x00
export const TAG_FALSE = 0x01
export const TAG_TRUE = 0x02
/** A safe integer as a zigzag varint. */
export const TAG_INTEGER = 0x03
/** Eight bytes, least significant first. */
export const TAG_DOUBLE = 0x04
/** A bigint in the range of safe integers, as a zigzag varint. */
export const TAG_BIGINT = 0x05
/** A larger bigint, as text: digits and an exponent. */
export const TAG_BIGINT_TEXT = 0x06
/** A Decimal, as text: digits and an exponent. */
export const TAG_DECIMAL = 0x07
/** A string whose characters are all below 256, one byte each. */
export const TAG_LATIN1 = 0x08
export const TAG_UTF8 = 0x09
export const TAG_BINARY = 0x0a
export const TAG_LIST = 0x0b
export const TAG_MAP = 0x0c
export const TAG_STRING_SET = 0x0d
export const TAG_NUMBER_SET = 0x0e
export const TAG_BINARY_SET = 0x0f
/** From here on the tag is the value: 0x40 is 0, 0x7f is 63. */
export const TAG_SMALL_INTEGER = 0x40
/** From here on the tag is the length of a latin-1 string: 0x80 is the empty one, 0xff has 127 characters. */
export const TAG_SHORT_LATIN1 = 0x80

/** Encoded bytes, names included, times this are never less than the bytes DynamoDB counts: a small integer in a list has 1 of ours, 3 of theirs. */
export const COUNTED_BYTES_PER_ENCODED_BYTE = 3
/** The encoding of an item that is not too big is never longer: a double of one digit has 9 bytes of ours, 2 of theirs. */
export const ENCODED_BYTE_LIMIT: number = 5 * ITEM_BYTE_LIMIT + 64

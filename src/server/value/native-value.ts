/**
 * From DynamoDB's form of values to the one that the engine stores. It is where values from outside are checked: what comes
 * out is a value that an item can hold, apart from the size of the whole.
 *
 * Every request goes through here, so the usual (one member, a string or a number) comes first.
 */
import { ValidationException } from '../../errors.js'
import { Decimal, numberFromText } from '../../model/item/decimal.js'
import { ITEM_DEPTH_LIMIT, type Item, type NumberValue } from '../../model/item/item.js'
import { NAME_BYTE_LIMIT } from '../../model/item/item-encoder.js'
import { validationError } from '../aws-error.js'
import {
  DUPLICATE_NUMBERS,
  duplicateBinaries,
  duplicateStrings,
  EMPTY_BINARY_SET,
  EMPTY_NAME,
  EMPTY_NUMBER,
  EMPTY_NUMBER_SET,
  EMPTY_STRING_SET,
  EMPTY_VALUE,
  FALSE_NULL,
  NAME_TOO_LONG,
  NOT_TEXT,
  notANumber,
  SEVERAL_TYPES,
  TOO_DEEP,
  UNSAFE_NAME,
} from '../wording.js'
import type { AttributeMap, AttributeValue } from './attribute-value.js'

/** @throws {AwsError} ValidationException, when no item can hold one of the values. */
export function nativeItem(map: AttributeMap): Item {
  return nativeMap(map, 0)
}

/**
 * @param depth In how many lists and maps it is.
 * @throws {AwsError} ValidationException, when no item can hold it.
 */
export function nativeValue(value: AttributeValue, depth = 0): unknown {
  const types = Object.keys(value)
  const type = types.length === 1 ? types[0] : onlyType(value, types)
  switch (type) {
    case 'S':
      return nativeText(value.S!)
    case 'N':
      return nativeNumber(value.N!)
    case 'BOOL':
      return value.BOOL
    case 'M':
      return nativeMap(value.M!, enter(depth))
    case 'L':
      return nativeList(value.L!, enter(depth))
    case 'B':
      return value.B
    case 'NULL':
      if (value.NULL !== true) throw validationError(FALSE_NULL)
      return null
    case 'SS':
      return stringSet(value.SS!)
    case 'NS':
      return numberSet(value.NS!)
    case 'BS':
      return binarySet(value.BS!)
    default:
      throw validationError(EMPTY_VALUE)
  }
}

function nativeMap(map: AttributeMap, depth: number): Item {
  const item: Item = {}
  for (const name of Object.keys(map)) {
    checkName(name)
    item[name] = nativeValue(map[name]!, depth)
  }
  return item
}

/** @throws {AwsError} ValidationException, when no attribute can be called so. */
export function checkName(name: string): void {
  // It would change the prototype of what it is written to.
  if (name === '__proto__') throw validationError(UNSAFE_NAME)
  if (name === '') throw validationError(EMPTY_NAME)
  if (name.length > NAME_BYTE_LIMIT / 3 && Buffer.byteLength(name) > NAME_BYTE_LIMIT) {
    throw validationError(NAME_TOO_LONG)
  }
}

function nativeList(list: readonly AttributeValue[], depth: number): unknown[] {
  const values = new Array<unknown>(list.length)
  for (let index = 0; index < list.length; index++) values[index] = nativeValue(list[index]!, depth)
  return values
}

function enter(depth: number): number {
  if (depth + 1 >= ITEM_DEPTH_LIMIT) throw validationError(TOO_DEEP)
  return depth + 1
}

/** Members that are there without a value are not there. */
function onlyType(value: AttributeValue, types: readonly string[]): string | undefined {
  const given = types.filter((type) => value[type as keyof AttributeValue] !== undefined)
  if (given.length > 1) throw validationError(SEVERAL_TYPES)
  return given[0]
}

/** Up to this length a loop is quicker than asking. */
const SHORT_LENGTH = 64

function nativeText(text: string): string {
  if (text.length <= SHORT_LENGTH && isAscii(text)) return text
  if (!(text as string & { isWellFormed(): boolean }).isWellFormed()) throw validationError(NOT_TEXT)
  return text
}

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 0x7f) return false
  return true
}

function nativeNumber(text: string): NumberValue {
  try {
    return numberFromText(text)
  } catch (failure) {
    if (!(failure instanceof ValidationException)) throw failure
    if (failure.code !== 'NUMBER_SYNTAX') throw validationError(failure.message)
    throw validationError(text === '' ? EMPTY_NUMBER : notANumber(text))
  }
}

function stringSet(texts: readonly string[]): ReadonlySet<string> {
  if (texts.length === 0) throw validationError(EMPTY_STRING_SET)
  const set = new Set<string>()
  for (const text of texts) set.add(nativeText(text))
  if (set.size < texts.length) throw validationError(duplicateStrings(texts))
  return set
}

function numberSet(texts: readonly string[]): ReadonlySet<NumberValue> {
  if (texts.length === 0) throw validationError(EMPTY_NUMBER_SET)
  const numbers = texts.map(nativeNumber)
  // Numbers have their narrowest form, so those that are equal are the same; only a Decimal is an object.
  const distinct = new Set(numbers.map((number) => (Decimal.is(number) ? number.toString() : number)))
  if (distinct.size < numbers.length) throw validationError(DUPLICATE_NUMBERS)
  return new Set(numbers)
}

function binarySet(binaries: readonly Uint8Array[]): ReadonlySet<Uint8Array> {
  if (binaries.length === 0) throw validationError(EMPTY_BINARY_SET)
  const texts = binaries.map((bytes) =>
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64'),
  )
  if (new Set(texts).size < texts.length) throw validationError(duplicateBinaries(texts))
  return new Set(binaries)
}

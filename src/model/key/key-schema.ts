/**
 * Which attributes are the key of a table or an index, and what they may hold: the partition key alone, or with a sort
 * key. Keys are taken out of items and checked here; past this point their types are trusted.
 *
 * A type can be unknown until the first item is written: that write fixes it (`typesLearned`).
 * The sentences are AWS's.
 */
import { isWellFormed } from '../../base/well-formed.js'
import { ValidationException } from '../../errors.js'
import { checkNumber, isNumberValue } from '../item/decimal.js'
import type { Item } from '../item/item.js'
import { isPlainObject } from '../item/plain-object.js'
import { isSet, ownBytes } from '../item/realm.js'
import { byteLengthOfKeyPart, type KeyType, type KeyValue, keyPartType } from './key-codec.js'

export type { KeyType, KeyValue } from './key-codec.js'

/** An attribute of a key. Its type is undefined until the first write fixes it. */
export interface KeyAttribute {
  readonly name: string
  readonly type: KeyType | undefined
}

export interface KeySchema {
  readonly partition: KeyAttribute
  readonly sort: KeyAttribute | undefined
}

/** The key of one item. `sort` is there exactly when the schema has a sort key. */
export interface KeyValues {
  readonly partition: KeyValue
  readonly sort: KeyValue | undefined
}

/** Which of the two an attribute is: their limits differ. */
export type KeyRole = 'partition' | 'sort'

/** The longest keys may be, in bytes of UTF-8. Numbers are never too long. */
export const KEY_BYTE_LIMITS: Readonly<Record<KeyRole, number>> = { partition: 2048, sort: 1024 }

const KEY_MISMATCH = 'The provided key element does not match the schema'

/**
 * The key of an item that is to be written.
 *
 * @throws {ValidationException} KEY_MISSING, KEY_TYPE, KEY_EMPTY, KEY_TOO_LONG, VALUE_TEXT or NUMBER_…
 */
export function keyOf({ partition, sort }: KeySchema, item: Item): KeyValues {
  return {
    partition: attributeOfItem(partition, 'partition', item),
    sort: sort === undefined ? undefined : attributeOfItem(sort, 'sort', item),
  }
}

/**
 * The key that a caller names an item by: it has the attributes of the key and no others.
 *
 * @throws {ValidationException} As `keyOf` does, and KEY_UNKNOWN_ATTRIBUTE.
 */
export function checkKey(schema: KeySchema, key: unknown): KeyValues {
  if (!isPlainObject(key)) throw new ValidationException('KEY_TYPE', `${KEY_MISMATCH}: a key is a plain object`)
  const { partition, sort } = schema
  const values = {
    partition: attributeOfKey(partition, 'partition', key),
    sort: sort === undefined ? undefined : attributeOfKey(sort, 'sort', key),
  }
  for (const name in key) {
    if (name === partition.name || name === sort?.name || !Object.hasOwn(key, name)) continue
    throw new ValidationException(
      'KEY_UNKNOWN_ATTRIBUTE',
      `${KEY_MISMATCH}: "${name}" is not part of the key, which is made of ${keyNames(schema)}`,
    )
  }
  return values
}

/**
 * The value, if it can be this attribute of a key; `-0` comes back as `0`, and bytes of another realm as ours.
 *
 * @throws {ValidationException} KEY_TYPE, KEY_EMPTY, KEY_TOO_LONG, VALUE_TEXT or NUMBER_…
 */
export function checkKeyValue(attribute: KeyAttribute, role: KeyRole, value: unknown): KeyValue {
  // Most keys are short text without anything special in it, and that is quickly seen.
  if (typeof value === 'string' && attribute.type === 'S' && isShortAscii(value)) return value
  return checkAnyKeyValue(attribute, role, value)
}

/** Up to this length text is looked through here: longer text may be too long, too. */
const SHORT_LENGTH = 256

function isShortAscii(text: string): boolean {
  const { length } = text
  if (length === 0 || length > SHORT_LENGTH) return false
  for (let i = 0; i < length; i++) if (text.charCodeAt(i) > 0x7f) return false
  return true
}

function checkAnyKeyValue(attribute: KeyAttribute, role: KeyRole, value: unknown): KeyValue {
  const type = keyPartType(value)
  if (type === undefined || (attribute.type !== undefined && attribute.type !== type)) {
    throw new ValidationException(
      'KEY_TYPE',
      `One or more parameter values were invalid: ${typeMismatch(attribute, value)}`,
    )
  }
  if (isNumberValue(value)) return checkNumber(value)
  const keyValue = typeof value === 'string' ? value : ownBytes(value as Uint8Array)
  if (keyValue.length === 0) {
    throw new ValidationException(
      'KEY_EMPTY',
      'One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty ' +
        `${type === 'S' ? 'string' : 'binary'} value. Key: ${attribute.name}`,
    )
  }
  const limit = KEY_BYTE_LIMITS[role]
  // UTF-8 has a byte at least for each unit of UTF-16, so what is much too long is not even measured.
  if (keyValue.length > limit || byteLengthOfKeyPart(keyValue) > limit) {
    throw new ValidationException(
      'KEY_TOO_LONG',
      role === 'partition'
        ? `One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of${limit} bytes`
        : `One or more parameter values were invalid: Aggregated size of all range keys has exceeded the size limit of ${limit} bytes`,
    )
  }
  if (typeof keyValue === 'string' && !isWellFormed(keyValue)) {
    throw new ValidationException(
      'VALUE_TEXT',
      `Cannot use the key: "${attribute.name}" has half a surrogate pair in it, which is not text`,
    )
  }
  return keyValue
}

/**
 * Checks a key once more that was valid when types were still unknown.
 *
 * @throws {ValidationException} KEY_TYPE
 */
export function checkKeyTypes(schema: KeySchema, { partition, sort }: KeyValues): void {
  if (keyPartType(partition) !== (schema.partition.type ?? keyPartType(partition))) {
    checkKeyValue(schema.partition, 'partition', partition)
  }
  if (schema.sort !== undefined && keyPartType(sort) !== (schema.sort.type ?? keyPartType(sort))) {
    checkKeyValue(schema.sort, 'sort', sort)
  }
}

/** Whether there is nothing to learn from a key about the types of the schema. */
export function areTypesKnown({ partition, sort }: KeySchema): boolean {
  return partition.type !== undefined && (sort === undefined || sort.type !== undefined)
}

/** The schema with types that were unknown fixed to those of these values; the same object when all were known. */
export function typesLearned(schema: KeySchema, values: KeyValues): KeySchema {
  const partition = learned(schema.partition, values.partition)
  const sort = schema.sort === undefined ? undefined : learned(schema.sort, values.sort)
  return partition === schema.partition && sort === schema.sort ? schema : { partition, sort }
}

function learned(attribute: KeyAttribute, value: KeyValue | undefined): KeyAttribute {
  const type = attribute.type ?? keyPartType(value)
  return type === attribute.type ? attribute : { name: attribute.name, type }
}

function attributeOfItem(attribute: KeyAttribute, role: KeyRole, item: Item): KeyValue {
  const value = Object.hasOwn(item, attribute.name) ? item[attribute.name] : undefined
  if (value === undefined) {
    throw new ValidationException(
      'KEY_MISSING',
      `One or more parameter values were invalid: Missing the key ${attribute.name} in the item`,
    )
  }
  return checkKeyValue(attribute, role, value)
}

/** As in an item, but AWS has one sentence for every key that names no item. */
function attributeOfKey(attribute: KeyAttribute, role: KeyRole, key: Item): KeyValue {
  const value = Object.hasOwn(key, attribute.name) ? key[attribute.name] : undefined
  if (value === undefined) {
    throw new ValidationException('KEY_MISSING', `${KEY_MISMATCH}: "${attribute.name}" is missing`)
  }
  if (typeof value !== 'string' || attribute.type !== 'S') {
    const type = keyPartType(value)
    if (type === undefined || (attribute.type !== undefined && attribute.type !== type)) {
      throw new ValidationException('KEY_TYPE', `${KEY_MISMATCH}: ${typeMismatch(attribute, value)}`)
    }
  }
  return checkKeyValue(attribute, role, value)
}

function typeMismatch(attribute: KeyAttribute, value: unknown): string {
  const expected = attribute.type ?? 'S, N or B'
  return `Type mismatch for key ${attribute.name} expected: ${expected} actual: ${typeName(value)}`
}

/** DynamoDB's name for the type of a value, or JavaScript's where it has none. */
export function typeName(value: unknown): string {
  const keyType = keyPartType(value)
  if (keyType !== undefined) return keyType
  if (value === null) return 'NULL'
  if (typeof value === 'boolean') return 'BOOL'
  if (typeof value !== 'object') return typeof value
  if (Array.isArray(value)) return 'L'
  if (isSet(value)) {
    const [element] = value
    return `${keyPartType(element) ?? ''}S`
  }
  return isPlainObject(value) ? 'M' : Object.prototype.toString.call(value).slice(8, -1)
}

function keyNames({ partition, sort }: KeySchema): string {
  return sort === undefined ? `"${partition.name}"` : `"${partition.name}" and "${sort.name}"`
}

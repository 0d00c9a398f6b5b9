/**
 * The names and values that an expression's placeholders stand for: whether they are well formed, whether each is used,
 * and whether the values are ones that an item can hold.
 *
 * The names of placeholders begin with `#` or `:`, so no property that objects have anyway is ever taken for one.
 */
import { isWellFormed } from '../../../base/well-formed.js'
import { ValidationException } from '../../../errors.js'
import { checkNumber, isNumberValue } from '../../item/decimal.js'
import { encodeItem } from '../../item/item-codec.js'
import { valueSize } from '../../item/item-size.js'
import { isPlainObject } from '../../item/plain-object.js'
import {
  emptyPlaceholders,
  type PlaceholderMap,
  placeholdersTooBig,
  unusedPlaceholders,
  wrongPlaceholder,
  wrongPlaceholderName,
  wrongPlaceholderValue,
} from './wording.js'

export type Names = Readonly<Record<string, string>>
export type Values = Readonly<Record<string, unknown>>

/** The longest a placeholder may be, in bytes, with its sign. */
export const PLACEHOLDER_BYTE_LIMIT = 255
/** How large all names and values of an expression may be. */
export const PLACEHOLDERS_BYTE_LIMIT: number = 2 * 1024 * 1024

const NAME = /^#[A-Za-z0-9_]+$/
const VALUE = /^:[A-Za-z0-9_]+$/

/** @throws {ValidationException} `EXPRESSION_PLACEHOLDER`, `EXPRESSION_TOO_LONG` or `ATTRIBUTE_NAME` */
export function checkNames(names: unknown): void {
  const map = checkKeys('ExpressionAttributeNames', names, NAME)
  let byteLength = 0
  for (const key of Object.keys(map)) {
    const name = map[key]
    if (typeof name !== 'string' || name === '') throw wrongPlaceholderName(key)
    byteLength += key.length + Buffer.byteLength(name)
  }
  if (byteLength > PLACEHOLDERS_BYTE_LIMIT) throw placeholdersTooBig(byteLength)
}

/** @throws {ValidationException} `EXPRESSION_PLACEHOLDER`, or what is wrong with a value. */
export function checkValues(values: unknown): void {
  const map = checkKeys('ExpressionAttributeValues', values, VALUE)
  for (const key of Object.keys(map)) checkValue(key, map[key])
}

function checkKeys(which: PlaceholderMap, map: unknown, pattern: RegExp): Readonly<Record<string, unknown>> {
  if (!isPlainObject(map)) throw wrongPlaceholder(which, 'it takes an object')
  const keys = Object.keys(map)
  if (keys.length === 0) throw emptyPlaceholders(which)
  for (const key of keys) {
    if (key === '') throw wrongPlaceholder(which, 'The expression attribute map contains an empty key;')
    if (key.length > PLACEHOLDER_BYTE_LIMIT) {
      const reason = `The expression attribute map contains a key that is too long; key size: ${Buffer.byteLength(key)}`
      throw wrongPlaceholder(which, reason)
    }
    if (!pattern.test(key)) throw wrongPlaceholder(which, `Syntax error; key: "${key}"`)
  }
  return map
}

/** @throws {ValidationException} When no item can hold the value. */
export function checkValue(key: string, value: unknown): void {
  if (typeof value === 'boolean' || value === null) return
  if (typeof value === 'string' && isWellFormed(value)) return
  try {
    if (isNumberValue(value)) checkNumber(value)
    else encodeItem({ [key]: value })
  } catch (cause) {
    throw cause instanceof ValidationException ? wrongPlaceholderValue(key, cause) : cause
  }
}

/** @throws {ValidationException} `EXPRESSION_TOO_LONG` */
export function checkTotalSize(values: readonly unknown[]): void {
  let byteLength = 0
  for (const value of values) byteLength += typeof value === 'number' ? 8 : valueSize(value)
  if (byteLength > PLACEHOLDERS_BYTE_LIMIT) throw placeholdersTooBig(byteLength)
}

/** @throws {ValidationException} `EXPRESSION_PLACEHOLDER` when something was defined that nothing refers to. */
export function checkUnused(
  which: PlaceholderMap,
  map: Readonly<Record<string, unknown>> | undefined,
  isUsed: (key: string) => boolean,
): void {
  if (map === undefined) return
  const unused = Object.keys(map).filter((key) => !isUsed(key))
  if (unused.length > 0) throw unusedPlaceholders(which, unused)
}

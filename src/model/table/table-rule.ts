/**
 * What makes a definition valid: DynamoDB's rules for names, keys and the number of indexes.
 *
 * `checkTableDefinition` hands back a frozen copy that holds only what was checked. Its indexes have no prototype, so
 * that no name finds anything that nobody defined.
 */
import { ValidationException } from '../../errors.js'
import { isPlainObject } from '../item/plain-object.js'
import type { KeyAttributes, TableDefinition } from './table-definition.js'

/** The shortest and the longest name of a table or an index, in characters. */
export const NAME_LENGTH_MINIMUM = 3
export const NAME_LENGTH_LIMIT = 255
/** The longest name of an attribute in a key, in bytes of UTF-8. */
export const KEY_NAME_BYTE_LIMIT = 255
/** How many indexes a table may have. */
export const INDEX_COUNT_LIMIT = 20

/** @throws {ValidationException} `TABLE_NAME` or `TABLE_DEFINITION`. */
export function checkTableDefinition(definition: unknown): TableDefinition {
  if (!isPlainObject(definition))
    throw new ValidationException('TABLE_DEFINITION', 'Cannot define a table: it is no object')
  const name = checkTableName(definition['name'])
  const key = checkKey(name, 'its key', definition['key'])
  const indexes = checkIndexes(name, definition['indexes'])
  const { ttl } = definition
  if (ttl === undefined) return Object.freeze({ name, key, indexes })
  return Object.freeze({ name, key, indexes, ttl: checkAttribute(name, 'its ttl', ttl) })
}

/** @throws {ValidationException} `TABLE_NAME` when no table can be called so. */
export function checkTableName(name: unknown): string {
  if (isName(name)) return name
  throw new ValidationException('TABLE_NAME', `Cannot call a table ${shown(name)}: ${NAME_RULE}`)
}

const NAME_RULE = `a name is ${NAME_LENGTH_MINIMUM} to ${NAME_LENGTH_LIMIT} characters out of a-z, A-Z, 0-9, "_", "-" and "."`

function isName(name: unknown): name is string {
  if (typeof name !== 'string' || name.length < NAME_LENGTH_MINIMUM || name.length > NAME_LENGTH_LIMIT) return false
  return /^[A-Za-z0-9_.-]+$/.test(name)
}

function checkIndexes(table: string, indexes: unknown): TableDefinition['indexes'] {
  const checked = Object.create(null) as Record<string, KeyAttributes>
  if (indexes === undefined) return Object.freeze(checked)
  if (!isPlainObject(indexes)) throw refusal(table, 'its indexes are an object: a name and a key for each')
  const names = Object.keys(indexes)
  if (names.length > INDEX_COUNT_LIMIT) {
    throw refusal(table, `it has ${names.length} indexes, at most ${INDEX_COUNT_LIMIT} are allowed`)
  }
  for (const name of names) {
    if (!isName(name) || name === '__proto__')
      throw refusal(table, `no index can be called ${shown(name)}: ${NAME_RULE}`)
    checked[name] = checkKey(table, `the key of its index "${name}"`, indexes[name])
  }
  return Object.freeze(checked)
}

function checkKey(table: string, what: string, key: unknown): KeyAttributes {
  if (!Array.isArray(key) || key.length < 1 || key.length > 2) {
    throw refusal(table, `${what} is a list of one or two attribute names: ['partition'] or ['partition', 'sort']`)
  }
  const [partition, sort] = [...(key as unknown[])].map((attribute) => checkAttribute(table, what, attribute)) as [
    string,
    string?,
  ]
  if (sort === undefined) return Object.freeze([partition] as const)
  if (partition === sort) throw refusal(table, `${what} names the attribute ${shown(sort)} twice`)
  return Object.freeze([partition, sort] as const)
}

function checkAttribute(table: string, what: string, attribute: unknown): string {
  if (typeof attribute !== 'string' || attribute === '' || attribute === '__proto__') {
    throw refusal(table, `${what} names ${shown(attribute)}, which can't be the name of an attribute`)
  }
  if (Buffer.byteLength(attribute) <= KEY_NAME_BYTE_LIMIT) return attribute
  throw refusal(table, `${what} names ${shown(attribute)}, which is longer than ${KEY_NAME_BYTE_LIMIT} bytes`)
}

function shown(value: unknown): string {
  if (typeof value !== 'string')
    return value === null || value === undefined ? String(value) : `a value of type ${typeof value}`
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)
}

function refusal(table: string, reason: string): ValidationException {
  return new ValidationException('TABLE_DEFINITION', `Cannot define the table "${table}": ${reason}`)
}

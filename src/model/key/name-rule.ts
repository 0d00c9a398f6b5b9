/**
 * What tables, indexes and the attributes of keys can be called, and how a definition is refused that has other names.
 *
 * A refusal shows the name it is about, but never more than the first of it: it may be anything that somebody passed.
 */
import { ValidationException } from '../../errors.js'

/** The shortest and the longest name of a table or an index, in characters. */
export const NAME_LENGTH_MINIMUM = 3
export const NAME_LENGTH_LIMIT = 255
/** The longest name of an attribute in a key, in bytes of UTF-8. */
export const KEY_NAME_BYTE_LIMIT = 255

const SHOWN_LENGTH = 60

export const NAME_RULE: string = `a name is ${NAME_LENGTH_MINIMUM} to ${NAME_LENGTH_LIMIT} characters out of a-z, A-Z, 0-9, "_", "-" and "."`

/** Why no attribute and no index is called `__proto__`. A table may be: its name is in no item and in no definition. */
export const UNSAFE_NAME_RULE: string = "which JavaScript objects can't carry safely"

/** Whether a table or an index can be called so. */
export function isName(name: unknown): name is string {
  if (typeof name !== 'string' || name.length < NAME_LENGTH_MINIMUM || name.length > NAME_LENGTH_LIMIT) return false
  return /^[A-Za-z0-9_.-]+$/.test(name)
}

/**
 * The name of an attribute in a definition. `what` says where it stands: `its key`.
 *
 * @throws {ValidationException} `TABLE_DEFINITION` when no attribute of a key can be called so.
 */
export function checkAttributeName(table: string, what: string, attribute: unknown): string {
  if (attribute === '__proto__') {
    throw definitionRefusal(table, `${what} names ${shownName(attribute)}, ${UNSAFE_NAME_RULE}`)
  }
  if (typeof attribute !== 'string' || attribute === '') {
    throw definitionRefusal(table, `${what} names ${shownName(attribute)}, which can't be the name of an attribute`)
  }
  if (Buffer.byteLength(attribute) <= KEY_NAME_BYTE_LIMIT) return attribute
  throw definitionRefusal(
    table,
    `${what} names ${shownName(attribute)}, which is longer than ${KEY_NAME_BYTE_LIMIT} bytes`,
  )
}

/** A name, or whatever stands in its place, for a message. */
export function shownName(value: unknown): string {
  if (typeof value !== 'string')
    return value === null || value === undefined ? String(value) : `a value of type ${typeof value}`
  return JSON.stringify(value.length > SHOWN_LENGTH ? `${value.slice(0, SHOWN_LENGTH)}…` : value)
}

export function definitionRefusal(table: string, reason: string): ValidationException {
  return new ValidationException('TABLE_DEFINITION', `Cannot define the table "${table}": ${reason}`)
}

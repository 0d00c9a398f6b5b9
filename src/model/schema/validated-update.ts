/**
 * What a schema makes of an item that was updated.
 *
 * What is stored is what the schema has made of it before: defaults are filled in, a password may have been hashed. The
 * schema is asked about the whole item, as only it knows which attributes go together; but only what the update has changed
 * becomes what it makes of it. What the update leaves as it was stays as it was, down to single attributes of maps and
 * elements of lists.
 */
import { SchemaValidationException } from '../../errors.js'
import { Decimal } from '../item/decimal.js'
import { equalValues } from '../item/equality.js'
import type { Item } from '../item/item.js'
import { isPlainObject } from '../item/plain-object.js'

/**
 * The item that is to be stored.
 *
 * @param readStored What was there before, another copy each time: a schema may change what it is given.
 * @throws {SchemaValidationException} With the validator's issues.
 */
export function validatedUpdate(
  validate: (item: Item) => Item,
  updated: Item,
  readStored: () => Item | undefined,
): Item {
  const stored = readStored()
  if (stored === undefined) return validate(updated)
  // Looked at before the schema sees it.
  const left = leftIn(updated, stored)
  try {
    return withLeft(validate(updated), readStored(), left) as Item
  } catch (failure) {
    throw failure instanceof SchemaValidationException ? explained(failure, validate, readStored()!) : failure
  }
}

/** What an update has left as it was in a map or a list: by name or index, the whole of a value or some of what is in it. */
interface Left {
  readonly parts: ReadonlyMap<string, 'all' | Left>
  /** Of a list: one that the schema has shortened has other elements in these places. */
  readonly length: number | undefined
}

/** It goes no deeper than what is stored. */
function leftIn(updated: Item | unknown[], stored: Item | unknown[]): Left {
  const parts = new Map<string, 'all' | Left>()
  for (const name of Object.keys(stored)) {
    if (!Object.hasOwn(updated, name)) continue
    const part = leftOf((updated as Item)[name], (stored as Item)[name])
    if (part !== undefined) parts.set(name, part)
  }
  return { parts, length: Array.isArray(updated) ? updated.length : undefined }
}

function leftOf(updated: unknown, stored: unknown): 'all' | Left | undefined {
  if (Object.is(updated, stored)) return 'all'
  const areLists = Array.isArray(updated) && Array.isArray(stored)
  if (areLists || (isPlainObject(updated) && isPlainObject(stored))) {
    const left = leftIn(updated, stored)
    const count = Object.keys(updated).length
    const isAll = count === Object.keys(stored).length && count === left.parts.size
    return isAll && [...left.parts.values()].every((part) => part === 'all') ? 'all' : left
  }
  const isValue = Decimal.is(updated) || updated instanceof Set || updated instanceof Uint8Array
  return isValue && equalValues(updated, stored) ? 'all' : undefined
}

/** What the schema has made of a value, with what was left of the stored one in its places. */
function withLeft(validated: unknown, stored: unknown, { parts, length }: Left): unknown {
  const isMap = length === undefined && isPlainObject(validated)
  if (!isMap && !(Array.isArray(validated) && validated.length === length)) return validated
  const whole = (Array.isArray(validated) ? [...validated] : { ...validated }) as Item
  for (const [name, part] of parts) {
    const own = (stored as Item)[name]
    if (part === 'all') whole[name] = own!
    else if (Object.hasOwn(whole, name)) whole[name] = withLeft(whole[name], own, part) as Item[string]
  }
  return whole
}

/** A schema that does not accept what it has made itself can't be asked about an update. */
function explained(
  failure: SchemaValidationException,
  validate: (item: Item) => Item,
  stored: Item,
): SchemaValidationException {
  try {
    validate(stored)
    return failure
  } catch (own) {
    return own instanceof SchemaValidationException ? failure.ofStored() : failure
  }
}

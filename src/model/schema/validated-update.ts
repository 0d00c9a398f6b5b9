/**
 * What a schema makes of an item that was updated.
 *
 * What is stored is what the schema has made of it before, and an update asks it about the whole item once more. Mostly that
 * changes nothing but what the update has changed, and what depends on it. But a transform may build on its own result: a
 * password that was hashed would be hashed again by every count of a visit. Such a part of the item, which the update leaves
 * alone and which would become something else each time, stays as it is.
 */
import { isDeepStrictEqual } from 'node:util'
import { SchemaValidationException } from '../../errors.js'
import type { Item } from '../item/item.js'
import { isPlainObject } from '../item/plain-object.js'

/**
 * The item that is to be stored, of attributes that were read once: one that is computed may answer differently the next time.
 *
 * @param readStored What was there before, another copy each time: a schema may change what it is given.
 * @throws {SchemaValidationException} With the validator's issues.
 */
export function validatedUpdate(
  validate: (item: Item) => Item,
  updated: Item,
  readStored: () => Item | undefined,
): Item {
  const item = validatedOnce(validate, updated, readStored)
  return isPlainObject(item) ? { ...item } : item
}

function validatedOnce(validate: (item: Item) => Item, updated: Item, readStored: () => Item | undefined): Item {
  const stored = readStored()
  if (stored === undefined) return validate(updated)
  // Looked at before the schema sees it.
  const left = leftAlone(updated, stored)
  let validated: Item
  try {
    validated = validate(updated)
  } catch (failure) {
    throw failure instanceof SchemaValidationException ? explained(failure, validate, readStored()!) : failure
  }
  const own = readStored()!
  if (!hasChanged(validated, own, left)) return validated
  return withoutMore(validated, own, left, () => validate(readStored()!), validate)
}

/** The parts of a map that an update leaves as they were, by name; of a map in it, that map's. */
type Left = ReadonlyMap<string, Left | undefined>

/** It goes no deeper than what is stored. A list counts as a whole: a schema may put its elements in another order. */
function leftAlone(updated: Item, stored: Item): Left {
  const left = new Map<string, Left | undefined>()
  for (const name of Object.keys(stored)) {
    if (!Object.hasOwn(updated, name)) continue
    const [now, before] = [updated[name], stored[name]]
    if (isPlainObject(now) && isPlainObject(before)) left.set(name, leftAlone(now, before))
    else if (isDeepStrictEqual(now, before)) left.set(name, undefined)
  }
  return left
}

/** Whether the schema makes something else of what was left alone. What it takes out is its own. */
function hasChanged(validated: unknown, stored: Item, left: Left): boolean {
  if (!isPlainObject(validated)) return false
  for (const [name, part] of left) {
    if (!Object.hasOwn(validated, name)) continue
    const isOther = part === undefined && !isDeepStrictEqual(validated[name], stored[name])
    if (isOther || (part !== undefined && hasChanged(validated[name], stored[name] as Item, part))) return true
  }
  return false
}

/** What the schema has made, but for what it makes more of each time. */
function withoutMore(
  validated: Item,
  stored: Item,
  left: Left,
  validateStored: () => Item,
  validate: (item: Item) => Item,
): Item {
  const once = attempted(validateStored)
  // What it makes of an item without the update can't be told.
  if (once === undefined) return validated
  const twice = attempted(() => validate(validateStored()))
  // A clock goes on by itself: that is no building on one's own result.
  const later = attempted(validateStored)
  const grows = (path: readonly string[]) => {
    const first = at(once, path)
    return isDeepStrictEqual(at(later, path), first) && !isDeepStrictEqual(at(twice, path), first)
  }
  const settled = (made: Item, before: Item, parts: Left, path: readonly string[]): Item => {
    const whole = { ...made }
    for (const [name, part] of parts) {
      if (!Object.hasOwn(made, name)) continue
      const [value, place] = [made[name], [...path, name]]
      if (part !== undefined && isPlainObject(value)) {
        whole[name] = settled(value, before[name] as Item, part, place)
      } else if (part === undefined && isDeepStrictEqual(value, at(once, place)) && grows(place)) {
        whole[name] = before[name]!
      }
    }
    return whole
  }
  return settled(validated, stored, left, [])
}

/** What is at a path of maps; undefined where there is nothing. */
function at(item: unknown, path: readonly string[]): unknown {
  let value = item
  for (const name of path) value = isPlainObject(value) && Object.hasOwn(value, name) ? value[name] : undefined
  return value
}

function attempted<T>(run: () => T): T | undefined {
  try {
    return run()
  } catch (failure) {
    if (failure instanceof SchemaValidationException) return undefined
    throw failure
  }
}

/** A schema that does not accept what it has made itself can't be asked about an update. */
function explained(
  failure: SchemaValidationException,
  validate: (item: Item) => Item,
  stored: Item,
): SchemaValidationException {
  return attempted(() => validate(stored)) === undefined ? failure.ofStored() : failure
}

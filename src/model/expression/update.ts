/**
 * What an update makes of an item: `set`, `add`, `remove` and `append`, each for some top-level attributes.
 *
 * A pure function: the old item stays as it is (and the new one shares values with it and with the update: whoever
 * stores it checks and copies them by encoding), and every part reads the old item, so their order does not matter (and
 * an attribute may be in one of them only). Key attributes can't change. An item that is not there yet starts as its key.
 */
import { ValidationException } from '../../errors.js'
import { copyValue } from '../item/copy.js'
import { addNumbers, isNumberValue } from '../item/decimal.js'
import type { Item } from '../item/item.js'
import { isPlainObject } from '../item/plain-object.js'
import { didYouMean } from './did-you-mean.js'

export interface ItemUpdate {
  /** Attributes to write, whatever was there. */
  readonly set?: Readonly<Record<string, unknown>>
  /** Numbers to add; a missing attribute counts as 0. */
  readonly add?: Readonly<Record<string, unknown>>
  /** Attributes to take away; one that is not there is no error. */
  readonly remove?: readonly string[]
  /** Lists whose elements are put at the end; a missing attribute counts as an empty list. */
  readonly append?: Readonly<Record<string, unknown>>
}

const NO_ATTRIBUTES: Item = Object.freeze({})
const NO_NAMES: readonly string[] = Object.freeze([])
const SECTIONS = ['set', 'add', 'remove', 'append'] as const

/**
 * The item after the update. What it holds beyond key and update is checked by whoever writes it.
 *
 * ```ts
 * applyUpdate({ id: 'a', n: 1 }, { id: 'a' }, { add: { n: 2 }, set: { s: 'x' } }, ['id']) // { id: 'a', n: 3, s: 'x' }
 * ```
 *
 * @throws {ValidationException} `UPDATE_SYNTAX`, `UPDATE_TYPE`, `KEY_NOT_UPDATABLE`, `ATTRIBUTE_NAME` or
 * `VALUE_UNDEFINED`, and what `addNumbers` throws when a sum does not fit.
 */
export function applyUpdate(
  item: Item | undefined,
  key: Item,
  update: ItemUpdate,
  keyAttributeNames: readonly string[],
): Item {
  const { set, add, remove, append } = checkUpdate(update, keyAttributeNames)
  const old: Item = item ?? keyOf(key, keyAttributeNames)
  const result: Item = { ...old }
  for (const name of Object.keys(set)) result[name] = set[name]
  for (const name of Object.keys(add)) result[name] = sum(name, own(old, name), add[name])
  for (const name of Object.keys(append)) result[name] = joined(name, own(old, name), append[name])
  for (const name of remove) delete result[name]
  return result
}

/** The attributes that an update changes, and those of them that it writes. */
export function changedAttributes({ set = {}, add = {}, remove = [], append = {} }: ItemUpdate): {
  readonly changed: readonly string[]
  readonly written: readonly string[]
} {
  const written = [...Object.keys(set), ...Object.keys(add), ...Object.keys(append)]
  return { changed: [...written, ...remove], written }
}

interface CheckedUpdate {
  readonly set: Item
  readonly add: Item
  readonly remove: readonly string[]
  readonly append: Item
}

/**
 * The update with every part there, if it is one; it needs no item for that.
 *
 * @throws {ValidationException} As `applyUpdate`, for what is wrong whatever the item holds.
 */
export function checkUpdate(update: unknown, keyAttributeNames: readonly string[]): CheckedUpdate {
  if (!isPlainObject(update)) throw syntax('an update is an object with set, add, remove or append')
  for (const name of Object.keys(update)) {
    if (SECTIONS.includes(name as (typeof SECTIONS)[number])) continue
    const hint = didYouMean(name, SECTIONS) ?? 'it takes set, add, remove and append'
    throw syntax(`there is no "${name}"; ${hint}`)
  }
  const remove = update['remove'] === undefined ? NO_NAMES : update['remove']
  if (!Array.isArray(remove)) throw syntax('"remove" takes a list of attribute names')
  const checked: CheckedUpdate = {
    set: section(update, 'set'),
    add: section(update, 'add'),
    remove: remove === NO_NAMES ? NO_NAMES : [...(remove as unknown[])].map(checkName),
    append: section(update, 'append'),
  }
  checkOverlap(checked, keyAttributeNames)
  for (const name of Object.keys(checked.set)) {
    if (checked.set[name] !== undefined) continue
    const message = `Cannot set the attribute "${name}": its value is undefined; use "remove" to take an attribute away`
    throw new ValidationException('VALUE_UNDEFINED', message)
  }
  for (const name of Object.keys(checked.add)) {
    if (!isNumberValue(checked.add[name])) throw type(name, 'only numbers can be added')
  }
  for (const name of Object.keys(checked.append)) {
    if (!Array.isArray(checked.append[name])) throw type(name, 'only a list can be appended')
  }
  return checked
}

function section(update: Item, name: 'set' | 'add' | 'append'): Item {
  const attributes = update[name]
  if (attributes === undefined) return NO_ATTRIBUTES
  if (!isPlainObject(attributes)) throw syntax(`"${name}" takes an object of attributes`)
  for (const attribute of Object.keys(attributes)) checkName(attribute)
  return attributes
}

function checkName(name: unknown): string {
  if (typeof name !== 'string') throw syntax('"remove" takes a list of attribute names')
  if (name !== '' && name !== '__proto__') return name
  const message = `Cannot update: ${JSON.stringify(name)} can't be the name of an attribute`
  throw new ValidationException('ATTRIBUTE_NAME', message)
}

function checkOverlap({ set, add, remove, append }: CheckedUpdate, keyAttributeNames: readonly string[]): void {
  const names = Object.keys(set)
  // Most updates have one section.
  if (add !== NO_ATTRIBUTES) names.push(...Object.keys(add))
  names.push(...remove)
  if (append !== NO_ATTRIBUTES) names.push(...Object.keys(append))
  for (const name of names) {
    if (!keyAttributeNames.includes(name)) continue
    const message = `Cannot update attribute ${name}. This attribute is part of the key`
    throw new ValidationException('KEY_NOT_UPDATABLE', message)
  }
  if (names.length < 2) return
  const seen = new Set<string>()
  for (const name of names) {
    if (seen.has(name)) throw syntax(`the attribute "${name}" is in it twice`)
    seen.add(name)
  }
}

/** An item that is nothing but its key. */
export function keyOf(key: Item, keyAttributeNames: readonly string[]): Item {
  return Object.fromEntries(keyAttributeNames.map((name) => [name, copyValue(own(key, name))]))
}

function sum(name: string, old: unknown, added: unknown): unknown {
  const start = old ?? 0
  if (old === null || !isNumberValue(start)) throw type(name, 'it holds no number to add to')
  return isNumberValue(added) ? addNumbers(start, added) : start
}

function joined(name: string, old: unknown, added: unknown): unknown {
  if (old !== undefined && !Array.isArray(old)) throw type(name, 'it holds no list to append to')
  return [...((old as readonly unknown[] | undefined) ?? []), ...(added as readonly unknown[])]
}

function own(item: Item, name: string): unknown {
  return Object.hasOwn(item, name) ? item[name] : undefined
}

function syntax(reason: string): ValidationException {
  return new ValidationException('UPDATE_SYNTAX', `Cannot read the update: ${reason}`)
}

function type(name: string, reason: string): ValidationException {
  return new ValidationException('UPDATE_TYPE', `Cannot update the attribute "${name}": ${reason}`)
}

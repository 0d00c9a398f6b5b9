/**
 * Updates that put single values in the place of others, as counters and states of things do: most updates are such. What is
 * stored of the rest of the item need not be looked at for them, nor written anew.
 *
 * They are recognised here and done on the stored bytes. Every other update, and one that is wrong whatever the item holds, is
 * for `applyUpdate`, which does the same to any item and says what is wrong.
 */
import type { BytesInView } from '../../base/bytes.js'
import { addNumbers, isNumberValue } from '../item/decimal.js'
import type { Item, NumberValue } from '../item/item.js'
import type { EncodedItem, ItemCodec } from '../item/item-codec.js'
import { isPlainObject } from '../item/plain-object.js'

/** With more than so many, decoding the item once is quicker. */
const NAME_LIMIT = 8

/** The names of attributes, and what is to stand there; from `addedFrom` on, what is to be added to what stands there. */
export interface Replacement {
  readonly names: readonly string[]
  readonly values: readonly unknown[]
  readonly addedFrom: number
}

/**
 * The update, if it is no more than this. Its values run no code of the caller's later; whoever does it in another way reads
 * it again.
 */
export function replacementOf(update: unknown, keyAttributeNames: readonly string[]): Replacement | undefined {
  if (!isPlainObject(update)) return undefined
  for (const section of Object.keys(update)) if (section !== 'set' && section !== 'add') return undefined
  const { set, add, remove, append } = update
  if (remove !== undefined || append !== undefined) return undefined
  const names: string[] = []
  const values: unknown[] = []
  if (set !== undefined && !collect(set, isSingle, keyAttributeNames, names, values)) return undefined
  const addedFrom = names.length
  if (add !== undefined && !collect(add, isNativeNumber, keyAttributeNames, names, values)) return undefined
  return names.length === 0 ? undefined : { names, values, addedFrom }
}

/**
 * The stored item with these values in it, encoded for now; undefined when it has to be decoded for that.
 *
 * @throws {ValidationException} When a value can't be stored.
 */
export function replaceIn(
  codec: ItemCodec,
  stored: EncodedItem,
  { names, values, addedFrom }: Replacement,
): BytesInView | undefined {
  if (addedFrom === names.length) return codec.replace(stored, names, values)
  const sums = values.slice(0, addedFrom)
  for (let i = addedFrom; i < names.length; i++) {
    const old = codec.attribute(stored.bytes, names[i]!, stored.start, stored.end)
    if (!isNumberValue(old)) return undefined
    sums.push(addNumbers(old, values[i] as NumberValue))
  }
  return codec.replace(stored, names, sums)
}

/** Adds what there is in a section; false if something in it is not for here. */
function collect(
  section: unknown,
  isFor: (value: unknown) => boolean,
  keyAttributeNames: readonly string[],
  names: string[],
  values: unknown[],
): boolean {
  if (!isPlainObject(section)) return false
  const added = Object.keys(section)
  if (names.length + added.length > NAME_LIMIT) return false
  for (const name of added) {
    const value = (section as Item)[name]
    if (!isFor(value) || name === '' || name === '__proto__') return false
    if (keyAttributeNames.includes(name) || names.includes(name)) return false
    names.push(name)
    values.push(value)
  }
  return true
}

function isSingle(value: unknown): boolean {
  return value === null || typeof value === 'string' || typeof value === 'boolean' || isNativeNumber(value)
}

function isNativeNumber(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'bigint'
}

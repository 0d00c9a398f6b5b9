/** Keeping only some attributes of an item: the `select` of a read. Values are shared with the item, not copied. */
import { ValidationException } from '../../errors.js'
import type { Item } from '../item/item.js'

export interface Projection {
  /** The attributes that are kept, so that an engine may decode only these; `undefined`: all. */
  readonly attributes: readonly string[] | undefined

  /** An item with the selected attributes it has; without a selection, the item itself. */
  project(item: Item): Item
}

const EVERYTHING: Projection = { attributes: undefined, project: (item) => item }

/** @throws {ValidationException} `OPTION` when it is no list of attribute names, or an empty one. */
export function compileProjection(select: readonly string[] | undefined): Projection {
  if (select === undefined) return EVERYTHING
  const isNames = Array.isArray(select) && select.every((name: unknown) => typeof name === 'string' && name !== '')
  if (!isNames) throw new ValidationException('OPTION', 'Cannot use "select": it takes a list of attribute names')
  if (select.length === 0) {
    throw new ValidationException('OPTION', 'Cannot use "select": it is empty; leave it out to get whole items')
  }
  // No item has an attribute of this name, and writing to it would change the result's prototype.
  const attributes = [...new Set(select)].filter((name) => name !== '__proto__')
  return {
    attributes,
    project(item) {
      const result: Item = {}
      for (const name of attributes) if (Object.hasOwn(item, name)) result[name] = item[name]
      return result
    },
  }
}

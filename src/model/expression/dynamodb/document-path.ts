/**
 * Paths into an item whose placeholders are resolved: names of attributes as strings, indexes of lists as numbers.
 *
 * A name finds only what a map itself holds and an index only an element of a list, so `constructor` and `length` are
 * attributes like any other, and usually missing.
 */
import type { Item } from '../../item/item.js'
import { isMap } from '../attribute-path.js'

export type DocumentPath = readonly (string | number)[]

/** How many steps a path may have. */
export const PATH_DEPTH_LIMIT = 32
/** The largest index that can be written. */
export const INDEX_LIMIT = 2_147_483_647

/** What is there; undefined when nothing is. */
export function readPath(item: Item, path: DocumentPath): unknown {
  let value: unknown = item
  for (const step of path) {
    value = readStep(value, step)
    if (value === undefined) return undefined
  }
  return value
}

export function readStep(container: unknown, step: string | number): unknown {
  if (typeof step === 'number') return Array.isArray(container) ? container[step] : undefined
  return isMap(container) && Object.hasOwn(container, step) ? container[step] : undefined
}

/** As DynamoDB shows paths: `[a, [0], b]`. */
export function pathText(path: DocumentPath): string {
  return `[${path.map((step) => (typeof step === 'number' ? `[${step}]` : step)).join(', ')}]`
}

export function isSamePath(one: DocumentPath, other: DocumentPath): boolean {
  return one.length === other.length && one.every((step, index) => step === other[index])
}

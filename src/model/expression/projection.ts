/**
 * Keeping only some of an item: the `select` of a read, as a list of attributes or as one of DynamoDB's projection
 * expressions. Values are shared with the item, not copied.
 */
import { ValidationException } from '../../errors.js'
import type { Item } from '../item/item.js'
import { bindProjection } from './dynamodb/bound-expression.js'
import { type ExpressionSource, isExpressionSource } from './dynamodb/expression-source.js'

/** What is selected: attributes by their names, or paths in an expression, which may be compiled already. */
export type Selection = readonly string[] | ExpressionSource | CompiledProjection

export interface Projection {
  /** The attributes that are kept, so that an engine may decode only these; `undefined`: all. */
  readonly attributes: readonly string[] | undefined

  /** Whether it keeps only a part of some attribute, so that it takes more than reading these. */
  readonly isNested: boolean

  /** An item with the selected attributes it has; without a selection, the item itself. */
  project(item: Item): Item
}

/** One that somebody compiled already, and hands over in the place of a selection as it was written. */
export class CompiledProjection implements Projection {
  readonly attributes: readonly string[] | undefined
  readonly isNested: boolean
  readonly project: (item: Item) => Item

  constructor({ attributes, isNested, project }: Projection) {
    this.attributes = attributes
    this.isNested = isNested
    this.project = project
  }
}

/** All of an item. */
export const EVERYTHING: CompiledProjection = new CompiledProjection({
  attributes: undefined,
  isNested: false,
  project: (item) => item,
})

/** @throws {ValidationException} `OPTION` when it is no list of attribute names, or an empty one; `EXPRESSION_…`. */
export function compileProjection(select: Selection | undefined): Projection {
  if (select === undefined) return EVERYTHING
  if (select instanceof CompiledProjection) return select
  if (isExpressionSource(select)) return bindProjection(select).compiled
  const isNames = Array.isArray(select) && select.every((name: unknown) => typeof name === 'string' && name !== '')
  if (!isNames) throw new ValidationException('OPTION', 'Cannot use "select": it takes a list of attribute names')
  if (select.length === 0) {
    throw new ValidationException('OPTION', 'Cannot use "select": it is empty; leave it out to get whole items')
  }
  // No item has an attribute of this name, and writing to it would change the result's prototype.
  const attributes = [...new Set(select)].filter((name) => name !== '__proto__')
  return {
    attributes,
    isNested: false,
    project(item) {
      const result: Item = {}
      for (const name of attributes) if (Object.hasOwn(item, name)) result[name] = item[name]
      return result
    },
  }
}

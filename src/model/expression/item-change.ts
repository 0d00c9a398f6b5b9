/**
 * An update, in whichever notation, as what it makes of an item and what of it can be told afterwards.
 */
import { copyValue } from '../item/copy.js'
import type { Item } from '../item/item.js'
import { type Bound, bindUpdate } from './dynamodb/bound-expression.js'
import { type DocumentPath, readPath } from './dynamodb/document-path.js'
import { isExpressionSource } from './dynamodb/expression-source.js'
import { type FragmentEntry, fragmentOf } from './dynamodb/fragment.js'
import { checkKeyUntouched, type Update } from './dynamodb/update.js'
import { applyUpdate, changedAttributes, type ItemUpdate, keyOf } from './update.js'

/** It belongs to one request: what it has done last is what it tells of. */
export abstract class ItemChange {
  /** The item after the update; one that is not there starts as its key. The old one stays as it is. */
  abstract apply(old: Item | undefined, key: Item): Item
  /** Of the item as it was, what the update has changed; undefined when there was nothing. */
  abstract updatedOld(old: Item | undefined): Item | undefined
  /** Of the item as it was stored, what the update has written; undefined when it has only removed. */
  abstract updatedNew(stored: Item): Item | undefined
}

/**
 * @throws {ValidationException} `EXPRESSION_…` or `KEY_NOT_UPDATABLE`, when an expression can't be used whatever the item
 * holds. What is wrong with an object is said when it is applied.
 */
export function compileItemChange(update: unknown, keyAttributeNames: readonly string[]): ItemChange {
  if (update instanceof ItemChange) return update
  if (isExpressionSource(update)) return new ExpressionChange(bindUpdate(update), keyAttributeNames)
  return new ObjectChange(update as ItemUpdate, keyAttributeNames)
}

class ObjectChange extends ItemChange {
  readonly #update: ItemUpdate
  readonly #keyAttributeNames: readonly string[]

  constructor(update: ItemUpdate, keyAttributeNames: readonly string[]) {
    super()
    this.#update = update
    this.#keyAttributeNames = keyAttributeNames
  }

  override apply(old: Item | undefined, key: Item): Item {
    return applyUpdate(old, key, this.#update, this.#keyAttributeNames)
  }

  override updatedOld(old: Item | undefined): Item | undefined {
    return old && picked(old, changedAttributes(this.#update).changed)
  }

  override updatedNew(stored: Item): Item | undefined {
    return picked(stored, changedAttributes(this.#update).written)
  }
}

/** One of DynamoDB's update expressions with its values. */
export class ExpressionChange extends ItemChange {
  readonly #bound: Bound<Update>
  readonly #keyAttributeNames: readonly string[]
  #written: readonly FragmentEntry[] = []

  /** @throws {ValidationException} `KEY_NOT_UPDATABLE` */
  constructor(bound: Bound<Update>, keyAttributeNames: readonly string[]) {
    super()
    this.#bound = bound
    this.#keyAttributeNames = keyAttributeNames
    checkKeyUntouched(this.#bound.compiled, keyAttributeNames)
  }

  override apply(old: Item | undefined, key: Item): Item {
    const { compiled, values } = this.#bound
    const { item, written } = compiled.apply(old ?? keyOf(key, this.#keyAttributeNames), values)
    this.#written = written
    return item
  }

  override updatedOld(old: Item | undefined): Item | undefined {
    return old && fragment(this.#bound.compiled.paths.map((path) => [path, readPath(old, path)]))
  }

  override updatedNew(stored: Item): Item | undefined {
    // Elements of lists may have moved; everything else is shown as it is stored.
    const valueAt = (path: DocumentPath, value: unknown) =>
      path.some((step) => typeof step === 'number') ? copyValue(value) : readPath(stored, path)
    return fragment(this.#written.map(([path, value]) => [path, valueAt(path, value)]))
  }
}

function picked(item: Item, names: readonly string[]): Item | undefined {
  return fragment(names.map((name) => [[name], Object.hasOwn(item, name) ? item[name] : undefined]))
}

export function fragment(entries: readonly FragmentEntry[]): Item | undefined {
  const item = fragmentOf(entries)
  return Object.keys(item).length === 0 ? undefined : item
}

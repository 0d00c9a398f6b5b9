/**
 * An item being changed at some paths. The item there was stays as it is: whatever is changed is copied before, once, and
 * the rest is shared.
 *
 * Indexes of lists are those before the change: elements are removed, and new ones put at the end, when all the others
 * are done.
 */
import { ValidationException } from '../../../errors.js'
import type { Item } from '../../item/item.js'
import { isMap } from '../attribute-path.js'
import { type DocumentPath, readStep } from './document-path.js'
import { pathNotInItem } from './wording.js'

interface ListChange {
  readonly removed: Set<number>
  readonly appended: Map<number, unknown>
}

type Container = Item | unknown[]

export class ItemEdit {
  readonly #item: Item
  /** Maps and lists that were made here. */
  readonly #own = new Set<Container>()
  readonly #lists = new Map<unknown[], ListChange>()

  constructor(item: Item) {
    this.#item = { ...item }
    this.#own.add(this.#item)
  }

  /**
   * An index behind the end of a list puts the value at its end.
   *
   * @throws {ValidationException} `UPDATE_PATH` when there is no map or list to put it in; `ATTRIBUTE_NAME`.
   */
  set(path: DocumentPath, value: unknown): void {
    const container = this.#containerOf(path)
    const step = path.at(-1)!
    if (typeof step === 'string') setAttribute(container as Item, step, value)
    else if (step < (container as unknown[]).length) (container as unknown[])[step] = value
    else this.#changeOf(container as unknown[]).appended.set(step, value)
  }

  /**
   * Removing what is not there is no error.
   *
   * @throws {ValidationException} `UPDATE_PATH` when there is no map or list to remove it from.
   */
  remove(path: DocumentPath): void {
    const container = this.#containerOf(path)
    const step = path.at(-1)!
    if (typeof step === 'string') delete (container as Item)[step]
    else if (step < (container as unknown[]).length) this.#changeOf(container as unknown[]).removed.add(step)
  }

  /** The changed item. Nothing can be changed any more. */
  finish(): Item {
    for (const [list, { removed, appended }] of this.#lists) {
      const kept = removed.size === 0 ? [...list] : list.filter((_, index) => !removed.has(index))
      const indexes = [...appended.keys()].sort((a, b) => a - b)
      list.length = 0
      for (const element of kept) list.push(element)
      for (const index of indexes) list.push(appended.get(index))
    }
    return this.#item
  }

  /** The map or list that the last step of a path leads out of, ready to be changed. */
  #containerOf(path: DocumentPath): Container {
    let container: Container = this.#item
    for (const step of path.slice(0, -1)) {
      const inner = readStep(container, step)
      if (!Array.isArray(inner) && !isMap(inner)) throw pathNotInItem()
      container = this.#own.has(inner) ? inner : this.#copyInto(container, step, inner)
    }
    const isList = Array.isArray(container)
    if (isList !== (typeof path.at(-1) === 'number')) throw pathNotInItem()
    return container
  }

  #copyInto(container: Container, step: string | number, inner: Container): Container {
    const copy: Container = Array.isArray(inner) ? [...inner] : { ...inner }
    if (typeof step === 'number') (container as unknown[])[step] = copy
    else setAttribute(container as Item, step, copy)
    this.#own.add(copy)
    return copy
  }

  #changeOf(list: unknown[]): ListChange {
    let change = this.#lists.get(list)
    if (change === undefined) {
      change = { removed: new Set(), appended: new Map() }
      this.#lists.set(list, change)
    }
    return change
  }
}

function setAttribute(map: Item, name: string, value: unknown): void {
  if (name === '__proto__') {
    throw new ValidationException('ATTRIBUTE_NAME', 'Cannot update: "__proto__" can\'t be the name of an attribute')
  }
  map[name] = value
}

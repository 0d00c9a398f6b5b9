/**
 * Results in the order of any attributes. Where the read itself has that order, as a query has that of its sort key, it is
 * that read, in one direction or the other. Otherwise everything is read and sorted in memory, a page at a time; with a
 * limit no more is kept than that many. What is kept has a bound: more is refused, with what to do about it.
 *
 * Why nothing is put on the disk: architecture/decision/0025-sorting-in-bounded-memory.md.
 */
import type { BackendReader } from './backend.js'
import { SortedRuns, type Weighted } from './base/sorted-runs.js'
import { nextTurn } from './base/turn.js'
import { ValidationException } from './errors.js'
import { compileProjection, EVERYTHING, type Projection } from './model/expression/projection.js'
import { compareAnyValues } from './model/expression/value-order.js'
import type { Item } from './model/item/item.js'
import { itemSize } from './model/item/item-size.js'
import { checkPlan, type Opener, type Order, PlannedResults, type ReadPlan } from './read-plan.js'
import type { Explanation, Results } from './results.js'
import type { Page } from './types.js'

const DEFAULT_SORT_BYTES = 64 * 1024 * 1024
/** What an item takes in memory beside its names and values. */
const ITEM_OVERHEAD = 128
/** Items that are merged in one turn, and that a page has. */
const SLICE_LENGTH = 1000

interface SortedItem extends Weighted {
  readonly item: Item
}

export class OrderedResults<T> extends PlannedResults<T> implements Results<T> {
  readonly #reader: BackendReader

  constructor(reader: BackendReader, plan: ReadPlan, open: Opener) {
    super(plan, open)
    this.#reader = reader
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    const free = this.#readInOrder()
    if (free !== undefined) yield* free
    else for await (const page of this.#sorted(this.plan.limit)) yield* page.items
  }

  async page(): Promise<Page<T>> {
    const free = this.#readInOrder()
    if (free !== undefined) return free.page()
    const all = { items: [] as T[], cursor: undefined, count: 0, scanned: 0 }
    for await (const { items, count, scanned } of this.#sorted(this.plan.limit)) {
      for (const item of items) all.items.push(item)
      all.count += count
      all.scanned += scanned
    }
    return all
  }

  async *pages(): AsyncGenerator<Page<T>, void, undefined> {
    yield* this.#readInOrder()?.pages() ?? this.#sorted(this.plan.limit)
  }

  async toArray(): Promise<T[]> {
    const free = this.#readInOrder()
    return free === undefined ? (await this.page()).items : free.toArray()
  }

  async first(): Promise<T | undefined> {
    const free = this.#readInOrder()
    if (free !== undefined) return free.first()
    for await (const page of this.#sorted(1)) if (page.items.length > 0) return page.items[0]
    return undefined
  }

  /** In whatever order: they are as many. */
  async count(): Promise<number> {
    checkPlan(this.plan)
    const { limit, workers } = this.plan
    if (workers === undefined) return this.open({ ...this.plan, orders: [] }).count()
    const count = await this.open({ ...this.plan, orders: [], limit: undefined }).count()
    return Math.min(count, limit ?? count)
  }

  async explain(): Promise<Explanation> {
    const free = this.#readInOrder()
    if (free !== undefined) return free.explain()
    checkPlan(this.plan)
    const { limit } = this.plan
    const explanation = await this.open({ ...this.plan, orders: [], limit: undefined }).explain()
    const { itemsReturned } = explanation
    return { ...explanation, itemsReturned: Math.min(itemsReturned, limit ?? itemsReturned), isSorted: true }
  }

  /** The same as a read alone, if its items come in the order that is wanted. */
  #readInOrder(): Results<T> | undefined {
    const { request, orders } = this.plan
    if (request.where === undefined) return undefined
    const { sortKey } = this.#reader.outline(request.table, request.index)
    const direction = orders[0]!.direction
    const isTheirs = orders.every((order, i) => order.attribute === sortKey[i] && order.direction === direction)
    if (!isTheirs) return undefined
    return this.open({ ...this.plan, orders: [], request: { ...request, reverse: direction === 'descending' } })
  }

  /** Pages of the first items in order. What was looked at for all of them is told with the first. */
  async *#sorted(limit: number | undefined): AsyncGenerator<Page<T>, void, undefined> {
    const { plan, view } = this.#readingPlan()
    const runs = new SortedRuns(comparisonBy(this.plan.orders), limit)
    let scanned = 0
    for await (const page of this.open<Item>(plan).pages()) {
      scanned += page.scanned
      runs.add(page.items.map((item) => ({ item, weight: itemSize(item) + ITEM_OVERHEAD })))
      await this.#keepWithinBounds(runs, limit)
    }
    let items: T[] = []
    for (const { item } of runs.merged()) {
      items.push(view.project(item) as T)
      if (items.length < SLICE_LENGTH) continue
      yield { items, cursor: undefined, count: items.length, scanned }
      items = []
      scanned = 0
      await nextTurn()
      this.plan.signal?.throwIfAborted()
    }
    if (items.length > 0 || scanned > 0) yield { items, cursor: undefined, count: items.length, scanned }
  }

  async #keepWithinBounds(runs: SortedRuns<SortedItem>, limit: number | undefined): Promise<void> {
    const sortBytes = this.plan.sortBytes ?? DEFAULT_SORT_BYTES
    if (limit !== undefined && (runs.isFull || runs.weight > 2 * sortBytes)) {
      let merged = 0
      for (const _ of runs.keepFirst()) {
        merged += 1
        if (merged % SLICE_LENGTH === 0) await nextTurn()
      }
    } else if (limit !== undefined) return
    if (runs.weight <= sortBytes) return
    const { attribute } = this.plan.orders[0]!
    throw new ValidationException(
      'SORT_TOO_BIG',
      `Cannot sort by ${JSON.stringify(attribute)}: ${runs.count} items are more than ${sortBytes} bytes. An index with ` +
        'it as its sort key has them in order; "limit" keeps only the first ones, "select" only what is needed of each; ' +
        'the option "sortBytes" allows more',
    )
  }

  /** A read of everything that may be among the first, with what it is sorted by, and how to see what was asked for. */
  #readingPlan(): { readonly plan: ReadPlan; readonly view: Projection } {
    checkPlan(this.plan)
    const { request, orders, cursor } = this.plan
    if (cursor !== undefined) {
      const reason = 'a cursor is a place in the order of the keys, and they are read in another one; use "limit" alone'
      throw new ValidationException('OPTION', `Cannot sort by ${JSON.stringify(orders[0]!.attribute)}: ${reason}`)
    }
    const plan = { ...this.plan, orders: [], limit: undefined }
    const { select = this.#reader.outline(request.table, request.index).shown } = request
    if (select === undefined) return { plan, view: EVERYTHING }
    const view = compileProjection(select)
    const names = [...new Set([...(view.attributes ?? []), ...orders.map(({ attribute }) => attribute)])]
    const isShown = !view.isNested && names.length === view.attributes?.length
    if (isShown) return { plan, view: EVERYTHING }
    return { plan: { ...plan, request: { ...request, select: names } }, view }
  }
}

/** Items that lack the attribute come last, in either direction. */
function comparisonBy(orders: readonly Order[]): (a: SortedItem, b: SortedItem) => number {
  return (a, b) => {
    for (const { attribute, direction } of orders) {
      const left = attributeOf(a.item, attribute)
      const right = attributeOf(b.item, attribute)
      if (left === undefined || right === undefined) {
        if (left !== right) return left === undefined ? 1 : -1
        continue
      }
      const order = compareAnyValues(left, right)
      if (order !== 0) return direction === 'ascending' ? order : -order
    }
    return 0
  }
}

function attributeOf(item: Item, attribute: string): unknown {
  return Object.hasOwn(item, attribute) ? item[attribute] : undefined
}

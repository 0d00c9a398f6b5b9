/**
 * What a query or a scan gives: nothing is read until it is asked for, and then as much as is asked for. Each way of
 * asking starts from the beginning, and shows one moment from its first page to its last, whatever is written meanwhile.
 */

import type { BackendReader, BackendSnapshot, PageRequest, PageResponse, ReadRequest } from './backend.js'
import { nextTurn } from './base/turn.js'
import type { AttributeName, Selected } from './model/item/attributes.js'
import { checkPlan, type Opener, PlannedResults, type ReadPlan } from './read-plan.js'
import type { Direction, Filter, Page } from './types.js'

export interface Results<T> extends AsyncIterable<T> {
  /**
   * The same without the items that do not pass the filter, beside the filters there are.
   *
   * These four calls read nothing and change nothing: each gives other results. In whatever order they are called, first
   * the filters are applied, then the order, then the limit.
   *
   * @example
   * const open = orders.scan().where({ status: 'open' })
   * const dearest = await open.orderBy('total', 'descending').limit(10).toArray()
   * const count = await open.where('total > 100').count()
   */
  where(filter: Filter<T>): Results<T>
  /**
   * The same in the order of an attribute; called again, among equals in the order of another one. Items without it come
   * last. Values of different types are in the order binary, numbers, text, booleans, null, and then everything else;
   * equals are in the order in which they are read.
   *
   * By the sort key of what is queried it costs nothing. By anything else everything is read before there is a first item,
   * and kept within `sortBytes` of memory; with a limit only so many are kept.
   *
   * @throws {ValidationException} `SORT_TOO_BIG`, as a rejection, when there is more than that.
   */
  orderBy(attribute: AttributeName<T>, direction?: Direction): Results<T>
  /** The same up to so many items, in the place of another limit. */
  limit(count: number): Results<T>
  /** Only these attributes of each item: what filters and orders need is still there for them. */
  select<const P extends AttributeName<T>>(...attributes: readonly P[]): Results<Selected<T, P>>

  /** One page: up to `limit` items, or as many as fit one page, and a cursor if there may be more. */
  page(): Promise<Page<T>>
  /** All pages, one after the other. */
  pages(): AsyncIterable<Page<T>>
  /** All items, up to `limit`. */
  toArray(): Promise<T[]>
  /** One item is read, if there is no filter, and no order that takes sorting. */
  first(): Promise<T | undefined>
  /** How many there are, up to `limit`. Without a filter no item is decoded for it. */
  count(): Promise<number>
  /**
   * What reading it costs, here and on Amazon DynamoDB: it reads everything once and gives nothing of it.
   *
   * @example
   * const { operation, itemsRead, itemsReturned, readUnits } = await orders.scan({ filter: 'total > 100' }).explain()
   */
  explain(): Promise<Explanation>
}

/** How a query or a scan finds its items. */
export interface Explanation {
  /** A query reads a part of one partition key; a scan reads everything there is. */
  readonly operation: 'Query' | 'Scan'
  readonly table: string
  readonly index: string | undefined
  /** How many partitions of the storage it looks into. */
  readonly partitions: number
  /** How many items were looked at, … */
  readonly itemsRead: number
  /** … and how many of them passed the filter. */
  readonly itemsReturned: number
  /** Of all that were looked at, before filter and projection, counted as DynamoDB counts. */
  readonly bytesRead: number
  /**
   * What DynamoDB would charge, in pages of 1 MB: one for each 4 KB with `consistent: true`, half of it otherwise.
   */
  readonly readUnits: number
  /** Whether the items are sorted in memory before the first one is there. */
  readonly isSorted: boolean
}

export class LazyResults<T> extends PlannedResults<T> implements Results<T> {
  readonly #reader: BackendReader
  readonly #request: ReadRequest
  readonly #options: ReadPlan

  constructor(reader: BackendReader, plan: ReadPlan, open: Opener) {
    super(plan, open)
    this.#reader = reader
    this.#request = plan.request
    this.#options = plan
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    const { limit, signal } = this.#options
    for await (const page of this.#pages(ITEMS, limit)) {
      for (const item of page.items) {
        // Of a page that is there already, too: who gives up wants no more.
        signal?.throwIfAborted()
        yield item
      }
    }
  }

  async page(): Promise<Page<T>> {
    const { limit } = this.#options
    if (limit === undefined)
      return (await this.#read(undefined, PAGE, limit, this.#options.cursor)) as unknown as Page<T>
    // With a filter a page of the engine may have fewer than were asked for: go on until there are as many.
    const items: T[] = []
    let scanned = 0
    for await (const page of this.pages()) {
      items.push(...page.items)
      scanned += page.scanned
      if (items.length >= limit || page.cursor === undefined) {
        return { items, cursor: page.cursor, count: items.length, scanned }
      }
    }
    return { items, cursor: undefined, count: items.length, scanned }
  }

  pages(): AsyncGenerator<Page<T>, void, undefined> {
    return this.#pages(PAGES, this.#options.limit)
  }

  async toArray(): Promise<T[]> {
    const { limit, cursor } = this.#options
    const first = await this.#read(undefined, ITEMS, limit, cursor)
    const items = first.items as T[]
    // Most results are one page: its list is the answer.
    if (first.cursor === undefined) return items
    const left = limit === undefined ? undefined : limit - first.count
    for await (const page of this.#pages(ITEMS, left, first.cursor, first.snapshot)) {
      for (const item of page.items) items.push(item)
    }
    return items
  }

  async first(): Promise<T | undefined> {
    for await (const page of this.#pages(ITEMS, 1)) if (page.items.length > 0) return page.items[0]
    return undefined
  }

  async count(): Promise<number> {
    let count = 0
    for await (const page of this.#pages(COUNT, this.#options.limit)) count += page.count
    return count
  }

  async explain(): Promise<Explanation> {
    const { table, index, where } = this.#request
    let [itemsRead, itemsReturned, bytesRead, partitions] = [0, 0, 0, 0]
    for await (const page of this.#pages(EXPLANATION, this.#options.limit)) {
      itemsRead += page.scanned
      itemsReturned += page.count
      bytesRead += page.measure?.byteLength ?? 0
      // Of the whole range, whatever page it is.
      partitions ||= page.measure?.partitions ?? 0
    }
    const units =
      Math.floor(bytesRead / PAGE_BYTES) * (PAGE_BYTES / UNIT_BYTES) + Math.ceil((bytesRead % PAGE_BYTES) / UNIT_BYTES)
    const readUnits = this.#options.consistent === true ? units : units / 2
    const operation = where === undefined ? 'Scan' : 'Query'
    return { operation, table, index, partitions, itemsRead, itemsReturned, bytesRead, readUnits, isSorted: false }
  }

  /** Pages until there is nothing more or the limit is reached, which counts over all of them. */
  async *#pages(
    kind: PageKind,
    wanted: number | undefined,
    from: string | undefined = this.#options.cursor,
    snapshot?: BackendSnapshot,
  ): AsyncGenerator<Page<T> & Pick<PageResponse, 'measure'>, void, undefined> {
    let limit = wanted
    let cursor = from
    let held = snapshot
    try {
      for (;;) {
        const page = await this.#read(held, kind, limit, cursor)
        held ??= page.snapshot
        const { items, count, scanned, measure } = page
        cursor = page.cursor
        yield { items: items as T[], cursor, count, scanned, ...(measure !== undefined && { measure }) }
        if (limit !== undefined) limit -= count
        if (cursor === undefined || limit === 0) return
        // A long read lets timers, sockets and signals have their turn between its pages.
        await nextTurn()
      }
    } finally {
      held?.release()
    }
  }

  #read(
    held: BackendReader | undefined,
    { countOnly, holds, endsAtLimit, measures = false }: PageKind,
    limit: number | undefined,
    cursor: string | undefined,
  ): Promise<PageResponse> {
    checkPlan(this.#options)
    this.#options.signal?.throwIfAborted()
    const reader = held ?? this.#reader
    return reader.read(this.#request, {
      limit,
      cursor,
      countOnly,
      holds: holds && held === undefined,
      endsAtLimit,
      measures,
    })
  }
}

/** DynamoDB's pages, and what it charges for. */
const PAGE_BYTES = 1024 * 1024
const UNIT_BYTES = 4096

/** What is asked of a page. */
type PageKind = Pick<PageRequest, 'countOnly' | 'holds' | 'endsAtLimit' | 'measures'>

/** One page alone. */
const PAGE: PageKind = { countOnly: false, holds: false, endsAtLimit: false }
/** One page of several, whose cursor somebody sees. */
const PAGES: PageKind = { countOnly: false, holds: true, endsAtLimit: false }
const ITEMS: PageKind = { countOnly: false, holds: true, endsAtLimit: true }
const COUNT: PageKind = { countOnly: true, holds: true, endsAtLimit: true }
const EXPLANATION: PageKind = { ...COUNT, measures: true }

/**
 * What a query or a scan gives: nothing is read until it is asked for, and then as much as is asked for. Each way of
 * asking starts from the beginning, and shows one moment from its first page to its last, whatever is written meanwhile.
 */
import type { BackendReader, BackendSnapshot, PageResponse, ReadRequest } from './backend.js'
import type { Item } from './model/item/item.js'
import type { Page } from './types.js'

export interface Results<T> extends AsyncIterable<T> {
  /** One page: up to `limit` items, or as many as fit one page, and a cursor if there may be more. */
  page(): Promise<Page<T>>
  /** All pages, one after the other. */
  pages(): AsyncIterable<Page<T>>
  /** All items, up to `limit`. */
  toArray(): Promise<T[]>
  first(): Promise<T | undefined>
  /** How many there are, up to `limit`. Without a filter no item is decoded for it. */
  count(): Promise<number>
}

export class LazyResults<T> implements Results<T> {
  readonly #backend: BackendReader
  readonly #request: ReadRequest
  readonly #signal: AbortSignal | undefined

  constructor(backend: BackendReader, request: ReadRequest, signal: AbortSignal | undefined) {
    this.#backend = backend
    this.#request = request
    this.#signal = signal
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for await (const page of this.#pagesOf({ ...this.#request, endsAtLimit: true })) yield* page.items
  }

  async page(): Promise<Page<T>> {
    const { limit } = this.#request
    if (limit === undefined) return (await this.#read(undefined, this.#request)) as unknown as Page<T>
    // With a filter a page of the engine may have fewer than were asked for: go on until there are as many.
    const items: T[] = []
    let scanned = 0
    for await (const page of this.#pagesOf(this.#request)) {
      items.push(...page.items)
      scanned += page.scanned
      if (items.length >= limit || page.cursor === undefined) {
        return { items, cursor: page.cursor, count: items.length, scanned }
      }
    }
    return { items, cursor: undefined, count: items.length, scanned }
  }

  pages(): AsyncGenerator<Page<T>, void, undefined> {
    return this.#pagesOf(this.#request)
  }

  async toArray(): Promise<T[]> {
    const request = { ...this.#request, holds: true, endsAtLimit: true }
    const { items, cursor, count, snapshot } = await this.#read(undefined, request)
    // Most results are one page: its list is the answer.
    if (cursor === undefined) return items as T[]
    const limit = request.limit === undefined ? undefined : request.limit - count
    for await (const page of this.#pagesOf({ ...request, limit, cursor }, snapshot)) {
      for (const item of page.items) items.push(item as Item)
    }
    return items as T[]
  }

  async first(): Promise<T | undefined> {
    for await (const page of this.#pagesOf({ ...this.#request, limit: 1, endsAtLimit: true })) {
      if (page.items.length > 0) return page.items[0]
    }
    return undefined
  }

  async count(): Promise<number> {
    let count = 0
    const request = { ...this.#request, countOnly: true, endsAtLimit: true }
    for await (const page of this.#pagesOf(request)) count += page.count
    return count
  }

  /** Pages until there is nothing more or the limit is reached, which counts over all of them. */
  async *#pagesOf(request: ReadRequest, snapshot?: BackendSnapshot): AsyncGenerator<Page<T>, void, undefined> {
    let { limit, cursor } = request
    let held = snapshot
    try {
      for (;;) {
        const { snapshot, ...page } = await this.#read(held, { ...request, limit, cursor, holds: held === undefined })
        held ??= snapshot
        yield page as unknown as Page<T>
        cursor = page.cursor
        if (limit !== undefined) limit -= page.count
        if (cursor === undefined || limit === 0) return
        // A long read lets timers, sockets and signals have their turn between its pages.
        await new Promise((resolve) => setImmediate(resolve))
      }
    } finally {
      held?.release()
    }
  }

  #read(reader: BackendReader | undefined, request: ReadRequest): Promise<PageResponse> {
    this.#signal?.throwIfAborted()
    return (reader ?? this.#backend).read(request)
  }
}

/** A table of an open database: typed, and nothing but a handle. Each method forwards one request to the backend. */
import type { Backend, ReadRequest } from './backend.js'
import { type BatchWriter, GatheringBatchWriter } from './batch-writer.js'
import { ValidationException } from './errors.js'
import type { Item } from './model/item/item.js'
import { type StandardSchemaV1, validateItem } from './model/schema/item-schema.js'
import { LazyResults, type Results } from './results.js'
import type {
  Change,
  Key,
  KeyCondition,
  KeySpec,
  PutOptions,
  QueryOptions,
  ReadOptions,
  ScanOptions,
  Update,
  UpdateOptions,
} from './types.js'

/** What can be queried and scanned: a table, or an index of it. */
export interface Queryable<T, K extends KeySpec> {
  /**
   * The items of one partition, in the order of their sort keys.
   *
   * @example
   * for await (const order of orders.query({ customer: 'ada', placedAt: { beginsWith: '2026-' } })) console.log(order)
   */
  query<const P extends keyof T & string = keyof T & string>(
    where: KeyCondition<T, K>,
    options?: QueryOptions<T, P>,
  ): Results<Pick<T, P>>

  /** All items, or those of one segment, in no order that means anything. */
  scan<const P extends keyof T & string = keyof T & string>(options?: ScanOptions<T, P>): Results<Pick<T, P>>
}

export interface BatchGet<T> {
  /** In the order of the keys; undefined where there is no item. */
  readonly items: (T | undefined)[]
  /** Keys that could not be looked up: none on this engine. */
  readonly unprocessed: readonly unknown[]
}

export interface Table<In, T, K extends KeySpec, IX extends Record<string, KeySpec>> extends Queryable<T, K> {
  readonly name: string

  /**
   * Stores an item, in the place of the one with the same key.
   *
   * @throws {ConditionalCheckFailedException} When the condition is false; nothing was written.
   * @throws {ValidationException} When the item can't be stored; `code` says why.
   */
  put(item: In, options?: PutOptions<T>): Promise<T | undefined>

  get<const P extends keyof T & string = keyof T & string>(
    key: Key<T, K>,
    options?: ReadOptions<T, P>,
  ): Promise<Pick<T, P> | undefined>

  /** Changes attributes of an item in one step and resolves with all of it; one that is not there is made. */
  update(key: Key<T, K>, update: Update<T, K>, options: UpdateOptions<T> & { return: 'old' }): Promise<T | undefined>
  update(key: Key<T, K>, update: Update<T, K>, options?: UpdateOptions<T>): Promise<T>

  /** Removes an item and resolves with it; one that is not there is no error. */
  delete(key: Key<T, K>, options?: PutOptions<T>): Promise<T | undefined>

  /** Many items by their keys. */
  batchGet<const P extends keyof T & string = keyof T & string>(
    keys: readonly Key<T, K>[],
    options?: ReadOptions<T, P>,
  ): Promise<BatchGet<Pick<T, P>>>

  /**
   * Many writes at once. Given a function, what it puts is stored when it has ended, and nothing of it if it throws.
   *
   * @example
   * await orders.batch((w) => { for (const order of many) w.put(order) })
   */
  batch(): BatchWriter<In, T, K>
  batch<R>(fill: (writer: BatchWriter<In, T, K>) => R | Promise<R>): Promise<R>

  index<N extends keyof IX & string>(name: N): Queryable<T, IX[N]>

  /** Calls back after every committed change of an item. Dispose what it returns to end it. */
  on(event: 'change', listener: (change: Change<T>) => void): Disposable
}

const NO_OPTIONS = {}

export class BackendTable<In, T, K extends KeySpec, IX extends Record<string, KeySpec>> implements Table<In, T, K, IX> {
  readonly name: string
  readonly #backend: Backend
  readonly #validate: ((item: Item) => Item) | undefined

  constructor(backend: Backend, name: string, schema: StandardSchemaV1<unknown, unknown> | undefined) {
    this.name = name
    this.#backend = backend
    this.#validate = schema && ((item) => validateItem(schema, name, item) as Item)
  }

  // None of these is async, which saves a promise each: the backend's is the answer.

  put(item: In, options: PutOptions<T> = NO_OPTIONS): Promise<T | undefined> {
    if (options.signal?.aborted === true) return Promise.reject(options.signal.reason)
    return this.#backend.put({
      table: this.name,
      item: item as Item,
      condition: options.if,
      validate: this.#validate,
      returnOld: options.return === 'old',
    }) as Promise<T | undefined>
  }

  get<const P extends keyof T & string = keyof T & string>(
    key: Key<T, K>,
    options: ReadOptions<T, P> = NO_OPTIONS,
  ): Promise<Pick<T, P> | undefined> {
    if (options.signal?.aborted === true) return Promise.reject(options.signal.reason)
    const request = { table: this.name, key: key as Item, select: options.select }
    return this.#backend.get(request) as Promise<Pick<T, P> | undefined>
  }

  update(key: Key<T, K>, update: Update<T, K>, options: UpdateOptions<T> & { return: 'old' }): Promise<T | undefined>
  update(key: Key<T, K>, update: Update<T, K>, options?: UpdateOptions<T>): Promise<T>
  update(key: Key<T, K>, update: Update<T, K>, options: UpdateOptions<T> = NO_OPTIONS): Promise<T | undefined> {
    if (options.signal?.aborted === true) return Promise.reject(options.signal.reason)
    return this.#backend.update({
      table: this.name,
      key: key as Item,
      update,
      condition: options.if,
      validate: this.#validate,
      returnOld: options.return === 'old',
    }) as Promise<T | undefined>
  }

  delete(key: Key<T, K>, options: PutOptions<T> = NO_OPTIONS): Promise<T | undefined> {
    if (options.signal?.aborted === true) return Promise.reject(options.signal.reason)
    const request = { table: this.name, key: key as Item, condition: options.if, returnOld: options.return === 'old' }
    return this.#backend.delete(request) as Promise<T | undefined>
  }

  async batchGet<const P extends keyof T & string = keyof T & string>(
    keys: readonly Key<T, K>[],
    options: ReadOptions<T, P> = {},
  ): Promise<BatchGet<Pick<T, P>>> {
    options.signal?.throwIfAborted()
    const requests = keys.map((key) => ({ table: this.name, key: key as Item, select: options.select }))
    const items = (await this.#backend.batchGet(requests)) as (Pick<T, P> | undefined)[]
    return { items, unprocessed: [] }
  }

  batch(): BatchWriter<In, T, K>
  batch<R>(fill: (writer: BatchWriter<In, T, K>) => R | Promise<R>): Promise<R>
  batch<R>(fill?: (writer: BatchWriter<In, T, K>) => R | Promise<R>): BatchWriter<In, T, K> | Promise<R> {
    const prepare = this.#validate ?? ((item: Item) => item)
    const writer = new GatheringBatchWriter<In, T, K>(this.#backend, this.name, prepare)
    return fill === undefined ? writer : fillAndFlush(writer, fill)
  }

  query<const P extends keyof T & string = keyof T & string>(
    where: KeyCondition<T, K>,
    options: QueryOptions<T, P> = {},
  ): Results<Pick<T, P>> {
    return this.#read(where as Item, undefined, options)
  }

  scan<const P extends keyof T & string = keyof T & string>(options: ScanOptions<T, P> = {}): Results<Pick<T, P>> {
    return this.#read(undefined, undefined, options)
  }

  index<N extends keyof IX & string>(name: N): Queryable<T, IX[N]> {
    return {
      query: (where, options = {}) => this.#read(where as Item, name, options),
      scan: (options = {}) => this.#read(undefined, name, options),
    }
  }

  on(event: 'change', listener: (change: Change<T>) => void): Disposable {
    if (event !== 'change') {
      throw new ValidationException('OPTION', `Cannot listen to "${String(event)}": the one event is "change"`)
    }
    const end = this.#backend.listen(this.name, listener as unknown as (change: Change<Item>) => void)
    return { [Symbol.dispose]: end }
  }

  #read<P extends keyof T & string>(
    where: Item | undefined,
    index: string | undefined,
    options: ScanOptions<T, P>,
  ): Results<Pick<T, P>> {
    const { filter, select, segment, totalSegments } = options
    const reverse = options.reverse === true
    const request: ReadRequest = { table: this.name, index, where, filter, select, reverse, segment, totalSegments }
    return new LazyResults(this.#backend, request, options)
  }
}

async function fillAndFlush<In, T, K extends KeySpec, R>(
  writer: GatheringBatchWriter<In, T, K>,
  fill: (writer: BatchWriter<In, T, K>) => R | Promise<R>,
): Promise<R> {
  try {
    const result = await fill(writer)
    await writer.flush()
    return result
  } finally {
    writer.discard()
  }
}

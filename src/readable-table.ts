/**
 * What can be read of a table: the reading half of a table of an open database, and all there is of one in a snapshot.
 */

import type { BackendReader, ReadRequest } from './backend.js'
import { LazyDistinctKeys } from './distinct-keys.js'
import { ValidationException } from './errors.js'
import type { IndexSpec } from './index-spec.js'
import { taken } from './model/expression/taken.js'
import type { AttributeName, Selected, Unselecting } from './model/item/attributes.js'
import type { Item } from './model/item/item.js'
import { shownName } from './model/key/name-rule.js'
import { openResults } from './open-results.js'
import { checkOptionNames, optionProblem } from './option-names.js'
import { keyCondition } from './read-plan.js'
import type { Results } from './results.js'
import { type AnyIndex, LazyKeyCounts, type TableIndex } from './table-index.js'
import type { AnyKeyCondition, Key, KeySpec, QueryOptions, ReadOptions, ScanOptions } from './types.js'

/** What can be queried and scanned: a table, or an index of it. */
export interface Queryable<T, K extends KeySpec> {
  /**
   * The items of one partition, in the order of their sort keys.
   *
   * @example
   * for await (const order of orders.query({ customer: 'ada', placedAt: { beginsWith: '2026-' } })) console.log(order)
   * for await (const order of orders.query(ddb`customer = ${'ada'} AND placedAt < ${'2027'}`)) console.log(order)
   */
  query(where: AnyKeyCondition<T, K>, options?: Unselecting<QueryOptions<T>>): Results<T>
  query<const P extends AttributeName<T>>(
    where: AnyKeyCondition<T, K>,
    options?: QueryOptions<T, P>,
  ): Results<Selected<T, P>>

  /** All items, or those of one segment, in no order that means anything. */
  scan(options?: Unselecting<ScanOptions<T>>): Results<T>
  scan<const P extends AttributeName<T>>(options?: ScanOptions<T, P>): Results<Selected<T, P>>
}

export interface BatchGet<T> {
  /** In the order of the keys; undefined where there is no item. */
  readonly items: (T | undefined)[]
  /** Keys that could not be looked up: none on this engine. */
  readonly unprocessed: readonly unknown[]
}

export interface ReadableTable<T, K extends KeySpec, IX extends Record<string, IndexSpec>> extends Queryable<T, K> {
  readonly name: string

  get(key: Key<T, K>, options?: Unselecting<ReadOptions<T>>): Promise<T | undefined>
  get<const P extends AttributeName<T>>(
    key: Key<T, K>,
    options?: ReadOptions<T, P>,
  ): Promise<Selected<T, P> | undefined>

  /** Many items by their keys. */
  batchGet(keys: readonly Key<T, K>[], options?: Unselecting<ReadOptions<T>>): Promise<BatchGet<T>>
  batchGet<const P extends AttributeName<T>>(
    keys: readonly Key<T, K>[],
    options?: ReadOptions<T, P>,
  ): Promise<BatchGet<Selected<T, P>>>

  /** An index by its name. That there is one is found out by the first read. */
  index<N extends keyof IX & string>(name: N): TableIndex<T, K, IX[N]>
}

const NO_OPTIONS = {}

export class BackendReadableTable<T, K extends KeySpec, IX extends Record<string, IndexSpec>>
  implements ReadableTable<T, K, IX>
{
  readonly name: string
  readonly #reader: BackendReader

  constructor(reader: BackendReader, name: string) {
    this.name = name
    this.#reader = reader
  }

  // Not async, and so one promise less: the backend's is the answer.
  // biome-ignore lint/suspicious/noExplicitAny: the interface has the types
  get(key: Key<T, K>, options: ReadOptions<T> = NO_OPTIONS): Promise<any> {
    const problem = options === NO_OPTIONS ? undefined : optionProblem('get', options)
    if (problem !== undefined) return Promise.reject(problem)
    if (options.signal?.aborted === true) return Promise.reject(options.signal.reason)
    const request = { table: this.name, key: key as Item, select: options.select }
    return this.#reader.get(request)
  }

  // biome-ignore lint/suspicious/noExplicitAny: the interface has the types
  async batchGet(keys: readonly Key<T, K>[], options: ReadOptions<T> = {}): Promise<BatchGet<any>> {
    checkOptionNames('batchGet', options)
    checkKeys(keys)
    options.signal?.throwIfAborted()
    // Of a list with gaps, too: what is not there is no key.
    const requests = Array.from(keys, (key) => ({ table: this.name, key: key as Item, select: options.select }))
    return { items: await this.#reader.batchGet(requests), unprocessed: [] }
  }

  // biome-ignore lint/suspicious/noExplicitAny: the interface has the types
  query(where: AnyKeyCondition<T, K>, options: QueryOptions<T> = {}): Results<any> {
    return this.#read(keyCondition(where), undefined, options)
  }

  // biome-ignore lint/suspicious/noExplicitAny: the interface has the types
  scan(options: ScanOptions<T> = {}): Results<any> {
    return this.#read(undefined, undefined, options)
  }

  index<N extends keyof IX & string>(name: N): TableIndex<T, K, IX[N]> {
    // biome-ignore lint/suspicious/noExplicitAny: the interface has the types
    const index: AnyIndex<any> = {
      name,
      query: (where: unknown, options: ScanOptions<T> = {}) => this.#read(keyCondition(where), name, options),
      scan: (options: ScanOptions<T> = {}) => this.#read(undefined, name, options),
      counts: (options = {}) => {
        checkOptionNames('count', options)
        return new LazyKeyCounts(this.#reader, this.name, name, options.signal)
      },
      distinct: (options = {}) => {
        checkOptionNames('read the keys', options)
        return new LazyDistinctKeys(this.#reader, this.name, name, options.signal)
      },
      ready: () => this.#reader.indexReady(this.name, name),
    }
    // What the compiler knows of the index narrows what it takes and gives.
    return index as unknown as TableIndex<T, K, IX[N]>
  }

  // biome-ignore lint/suspicious/noExplicitAny: the interface has the types
  #read(where: Item | undefined, index: string | undefined, options: ScanOptions<T>): Results<any> {
    checkOptionNames(where === undefined ? 'scan' : 'query', options)
    const { segment, totalSegments, limit, cursor, consistent, sortBytes, workers, signal } = options
    const request: ReadRequest = {
      table: this.name,
      index,
      where,
      filter: taken(options.filter),
      select: taken(options.select),
      reverse: options.reverse === true,
      segment,
      totalSegments,
    }
    return openResults(this.#reader, { request, orders: [], limit, cursor, consistent, sortBytes, workers, signal })
  }
}

function checkKeys(keys: unknown): void {
  if (Array.isArray(keys)) return
  throw new ValidationException('KEY_TYPE', `Cannot batchGet: its keys are a list, not ${shownName(keys)}`)
}

/** An index of a table, to be read: what `table.index(name)` gives. */

import type { BackendReader, BackendSnapshot } from './backend.js'
import { nextTurn } from './base/turn.js'
import type { DistinctKeys } from './distinct-keys.js'
import type { Filterable, IndexCondition, IsUnknown, PartitionKey, Selectable } from './index-spec.js'
import type { Selected, Unselecting } from './model/item/attributes.js'
import type { Queryable } from './readable-table.js'
import type { Results } from './results.js'
import type { DdbExpression, ExpressionSource, KeySpec, QueryOptions, ScanOptions } from './types.js'

/** One partition of an index, and how many items it has. */
export interface KeyCount<Key> {
  readonly key: Key
  readonly count: number
}

/** The partitions of an index with their counts, in no order that means anything. Nothing is read until it is asked for. */
export interface KeyCounts<Key> extends AsyncIterable<KeyCount<Key>> {
  /** All of them. There may be as many as there are items. */
  toArray(): Promise<KeyCount<Key>[]>
}

/** What any index has. */
interface IndexBasics<T, S> {
  readonly name: string

  /**
   * The values there are in the partition key, and how many items have each: the tags of an index of tags, with how often
   * they are used. Where there is no time to live, only the index is read for it.
   *
   * @example
   * for await (const { key, count } of notes.index('byTag').counts()) console.log(key.tags, count)
   */
  counts(options?: { readonly signal?: AbortSignal | undefined }): KeyCounts<PartitionKey<T, S>>

  /**
   * The values there are in the partition key, each once. It skips from one to the next: it costs what their number
   * costs, and not that of the items behind them.
   *
   * @example
   * for await (const { tags } of notes.index('byTag').distinct()) console.log(tags)
   */
  distinct(options?: { readonly signal?: AbortSignal | undefined }): DistinctKeys<PartitionKey<T, S>>

  /**
   * Resolves when the index is complete. One that was added to a table with items is not at once; reads wait for it, too.
   *
   * @throws {IndexBuildFailedError} When it is to be unique, and two items have one key.
   */
  ready(): Promise<void>
}

/** An index of which nothing is known to the compiler. */
// biome-ignore lint/suspicious/noExplicitAny: nothing is known about its key
export interface AnyIndex<T> extends Queryable<T, any>, IndexBasics<T, any> {}

/** An index of a table with items `T` and the key `K`, as `S` in its definition. */
export interface KnownIndex<T, K extends KeySpec, S> extends IndexBasics<T, S> {
  /**
   * The items of one partition, in the order of the index's sort key. Of an attribute with many values, the items that
   * have a value, any of several (`{ any: [] }`) or all of several (`{ all: [] }`), each once.
   *
   * @example
   * notes.index('byTag').query({ tags: { all: ['urgent', 'home'] }, dueAt: { lt: '2026-12' } })
   *
   * @throws {ValidationException} As a rejection: `INDEX_PROJECTION` when it selects or filters by what the index does not
   *   project, `KEY_…` when the condition is none.
   */
  query(
    where: IndexCondition<T, S> | DdbExpression | ExpressionSource,
    options?: Unselecting<QueryOptions<Filterable<T, K, S>>>,
  ): Results<Filterable<T, K, S>>
  query<const P extends Selectable<T, K, S>>(
    where: IndexCondition<T, S> | DdbExpression | ExpressionSource,
    options?: Omit<QueryOptions<Filterable<T, K, S>>, 'select'> & { readonly select?: readonly P[] },
  ): Results<Selected<T, P>>

  /** All entries, or those of one segment, in no order that means anything. Of many values, an item comes once for each. */
  scan(options?: Unselecting<ScanOptions<Filterable<T, K, S>>>): Results<Filterable<T, K, S>>
  scan<const P extends Selectable<T, K, S>>(
    options?: Omit<ScanOptions<Filterable<T, K, S>>, 'select'> & { readonly select?: readonly P[] },
  ): Results<Selected<T, P>>
}

export type TableIndex<T, K extends KeySpec, S> = IsUnknown<S> extends true ? AnyIndex<T> : KnownIndex<T, K, S>

/** The counts of an index, a page at a time, all of one moment. */
export class LazyKeyCounts<Key> implements KeyCounts<Key> {
  readonly #reader: BackendReader
  readonly #table: string
  readonly #index: string
  readonly #signal: AbortSignal | undefined

  constructor(reader: BackendReader, table: string, index: string, signal: AbortSignal | undefined) {
    this.#reader = reader
    this.#table = table
    this.#index = index
    this.#signal = signal
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<KeyCount<Key>, void, undefined> {
    let held: BackendSnapshot | undefined
    let after: string | undefined
    /** Of the partition that the last page ended in: it may go on in the next one. */
    let open: { readonly id: string; readonly key: Key; count: number } | undefined
    try {
      do {
        this.#signal?.throwIfAborted()
        const request = { table: this.#table, index: this.#index, after, holds: held === undefined }
        const page = await (held ?? this.#reader).countKeys(request)
        held ??= page.snapshot
        for (const { id, key, count } of page.counts) {
          if (open?.id === id) open.count += count
          else {
            if (open !== undefined) yield { key: open.key, count: open.count }
            open = { id, key: key as Key, count }
          }
        }
        after = page.next
        // A long read lets timers, sockets and signals have their turn between its pages.
        if (after !== undefined) await nextTurn()
      } while (after !== undefined)
      if (open !== undefined) yield { key: open.key, count: open.count }
    } finally {
      held?.release()
    }
  }

  async toArray(): Promise<KeyCount<Key>[]> {
    const all: KeyCount<Key>[] = []
    for await (const count of this) all.push(count)
    return all
  }
}

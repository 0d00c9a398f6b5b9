/**
 * Many independent writes with few waits. They gather in memory and are stored by `flush()`, many in one commit.
 *
 * A writer can't tell whether the block it was declared in ended well or threw, so its disposal never stores anything:
 * what was not flushed is not written, and if that is a surprise, it says so. The callback form of `table.batch` knows,
 * and flushes at the end. Why: architecture/decision/0002-batch-writer.md.
 */
import type { Backend, BatchOperation } from './backend.js'
import { UnflushedBatchError, UnprocessedItemsError } from './errors.js'
import { copyItem } from './model/item/copy.js'
import type { Item } from './model/item/item.js'
import type { Key, KeySpec } from './types.js'

export interface BatchWriter<In, T, K extends KeySpec> extends AsyncDisposable {
  /** @throws {ValidationException} At once, when the item can't be stored; the batch goes on without it. */
  put(item: In): this
  /** @throws {ValidationException} At once, when it is not a key of the table. */
  delete(key: Key<T, K>): this
  /**
   * Stores everything that has gathered.
   *
   * @throws {UnprocessedItemsError} With the writes that could not be stored, each as `{ put }` or `{ delete }`.
   */
  flush(): Promise<void>
  /** How many writes have gathered and are not flushed. */
  readonly size: number
}

/** What has gathered is stored in parts of this many, so that a large batch does not hold the event loop. */
const PART_LENGTH = 1000

export class GatheringBatchWriter<In, T, K extends KeySpec> implements BatchWriter<In, T, K> {
  readonly #backend: Backend
  readonly #table: string
  readonly #prepare: (item: Item) => Item
  #operations: BatchOperation[] = []

  constructor(backend: Backend, table: string, prepare: (item: Item) => Item) {
    this.#backend = backend
    this.#table = table
    this.#prepare = prepare
  }

  get size(): number {
    return this.#operations.length
  }

  put(item: In): this {
    const prepared = this.#prepare(item as Item)
    // Refused now, where the caller can see which one it was, and copied: what he does to it later is his.
    this.#backend.checkItem(this.#table, prepared)
    this.#operations.push({ put: copyItem(prepared) })
    return this
  }

  delete(key: Key<T, K>): this {
    this.#backend.checkKey(this.#table, key as Item)
    this.#operations.push({ delete: copyItem(key as Item) })
    return this
  }

  async flush(): Promise<void> {
    const operations = this.#operations
    this.#operations = []
    const unprocessed: BatchOperation[] = []
    let cause: Error | undefined
    for (let from = 0; from < operations.length; from += PART_LENGTH) {
      const part = operations.slice(from, from + PART_LENGTH)
      for (const failed of await this.#backend.batchWrite({ table: this.#table, operations: part })) {
        unprocessed.push(failed.operation)
        cause ??= failed.cause
      }
    }
    if (unprocessed.length > 0) throw new UnprocessedItemsError(unprocessed, { cause })
  }

  /** Forgets what was not flushed. */
  discard(): void {
    this.#operations = []
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const count = this.#operations.length
    this.discard()
    if (count > 0) throw new UnflushedBatchError(count)
  }
}

/**
 * Many independent writes with few waits. They gather in memory and are stored by `flush()`, many in one commit.
 *
 * A writer can't tell whether the block it was declared in ended well or threw, so its disposal never stores anything:
 * what was not flushed is not written, and if that is a surprise, it says so. The callback form of `table.batch` knows,
 * and flushes at the end. Why: architecture/decision/0002-batch-writer.md.
 */
import type { Backend, BatchOperation, PreparedWrite } from './backend.js'
import { UnflushedBatchError, UnprocessedItemsError } from './errors.js'
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
  readonly #validate: (item: Item) => Item
  #writes: PreparedWrite[] = []

  constructor(backend: Backend, table: string, validate: (item: Item) => Item) {
    this.#backend = backend
    this.#table = table
    this.#validate = validate
  }

  get size(): number {
    return this.#writes.length
  }

  put(item: In): this {
    // Refused now, where the caller can see which one it was, and encoded: what he does to it later is his.
    this.#writes.push(this.#backend.prepare(this.#table, { put: this.#validate(item as Item) }))
    return this
  }

  delete(key: Key<T, K>): this {
    this.#writes.push(this.#backend.prepare(this.#table, { delete: key as Item }))
    return this
  }

  async flush(): Promise<void> {
    const writes = this.#writes
    this.#writes = []
    const unprocessed: BatchOperation[] = []
    let cause: Error | undefined
    for (let from = 0; from < writes.length; from += PART_LENGTH) {
      const part = writes.slice(from, from + PART_LENGTH)
      for (const failed of await this.#backend.batchWrite(this.#table, part)) {
        unprocessed.push(failed.operation)
        cause ??= failed.cause
      }
    }
    if (unprocessed.length > 0) throw new UnprocessedItemsError(unprocessed, { cause })
  }

  /** Forgets what was not flushed. */
  discard(): void {
    this.#writes = []
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const count = this.#writes.length
    this.discard()
    if (count > 0) throw new UnflushedBatchError(count)
  }
}

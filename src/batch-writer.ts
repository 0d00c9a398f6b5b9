/**
 * Many independent writes with few waits. They gather in memory and are stored by `flush()`, many in one commit.
 *
 * A writer can't tell whether the block it was declared in ended well or threw, so its disposal never stores anything:
 * what was not flushed is not written, and if that is a surprise, it says so. The callback form of `table.batch` knows,
 * and flushes at the end. Why: architecture/decision/0002-batch-writer.md.
 */
import type { Backend, BatchOperation, PreparedWrite, Unprocessed } from './backend.js'
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
   * @throws {UnprocessedItemsError} With the writes that could not be stored, each as `{ put }` or `{ delete }`, also those
   *   behind which the table was dropped. Why the first of them was not is its cause.
   */
  flush(): Promise<void>
  /** How many writes have gathered and are not flushed. */
  readonly size: number
}

/** What has gathered is stored in parts of this many, and others run in between: a large batch does not hold them up. */
const PART_LENGTH = 250
/** So many parts may be under way: those that follow each other closely share a sync. */
const PARTS_UNDER_WAY = 16

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
    const outcomes: Promise<Unprocessed[]>[] = []
    for (let from = 0; from < writes.length; from += PART_LENGTH) {
      // Others have waited already while a large batch was filled.
      if (writes.length > PART_LENGTH) await nextTurn()
      await outcomes.at(-PARTS_UNDER_WAY)
      const outcome = this.#backend.batchWrite(this.#table, writes.slice(from, from + PART_LENGTH))
      // Reported below, with all of them.
      outcome.catch(() => {})
      outcomes.push(outcome)
    }
    const failed = (await Promise.all(outcomes)).flat()
    if (failed.length === 0) return
    const operations = failed.map(({ operation }): BatchOperation => operation)
    throw new UnprocessedItemsError(operations, { cause: failed[0]!.cause })
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

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

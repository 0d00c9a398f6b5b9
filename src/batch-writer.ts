/**
 * Many independent writes with few waits. They gather in memory and are stored by `flush()`, many in one commit.
 *
 * A writer can't tell whether the block it was declared in ended well or threw, so its disposal never stores anything:
 * what was not flushed is not written, and if that is a surprise, it says so. The callback form of `table.batch` knows,
 * and flushes at the end. Why: architecture/decision/0002-batch-writer.md.
 */
import type { Backend, BatchOperation, Unprocessed } from './backend.js'
import { nextTurn } from './base/turn.js'
import { UnflushedBatchError, UnprocessedItemsError, ValidationException } from './errors.js'
import type { Item } from './model/item/item.js'
import { PreparedWrites, partsOf } from './prepared-writes.js'
import type { Key, KeySpec } from './types.js'

export interface BatchWriter<In, T, K extends KeySpec> extends AsyncDisposable {
  /**
   * @throws {ValidationException} At once, when the item can't be stored; the batch goes on without it. `BATCH` when the
   *   function that it was handed to has ended.
   */
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
  readonly #writes: PreparedWrites
  #hasEnded = false

  constructor(backend: Backend, table: string, validate: (item: Item) => Item) {
    this.#backend = backend
    this.#table = table
    this.#writes = new PreparedWrites(backend, table)
    this.#validate = validate
  }

  get size(): number {
    return this.#writes.size
  }

  put(item: In): this {
    this.#checkOpen()
    // Refused now, where the caller can see which one it was, and encoded: what he does to it later is his.
    this.#writes.add({ put: this.#validate(item as Item) })
    return this
  }

  delete(key: Key<T, K>): this {
    this.#checkOpen()
    this.#writes.add({ delete: key as Item })
    return this
  }

  async flush(): Promise<void> {
    const parts = [...partsOf(this.#writes.take(), PART_LENGTH)]
    const outcomes: Promise<Unprocessed[]>[] = []
    for (const part of parts) {
      // Others have waited already while a large batch was filled.
      if (parts.length > 1) await nextTurn()
      await outcomes.at(-PARTS_UNDER_WAY)
      const outcome = this.#backend.batchWrite(this.#table, part)
      // Reported below, with all of them.
      outcome.catch(() => {})
      outcomes.push(outcome)
    }
    const failed = (await Promise.all(outcomes)).flat()
    if (failed.length === 0) return
    const operations = failed.map(({ operation }): BatchOperation => operation)
    throw new UnprocessedItemsError(operations, { cause: failed[0]!.cause })
  }

  /** Takes no more: what its function begins the function has to wait for, as nobody flushes what comes later. */
  end(): void {
    this.#hasEnded = true
  }

  /** Forgets what was not flushed. */
  discard(): void {
    this.#writes.take()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const count = this.size
    this.discard()
    if (count > 0) throw new UnflushedBatchError(count)
  }

  #checkOpen(): void {
    if (!this.#hasEnded) return
    const reason = 'its function has ended, and nobody would store it; wait in the function for what it begins'
    throw new ValidationException('BATCH', `Cannot add to the batch: ${reason}`)
  }
}

/** A table of an open database: typed, and nothing but a handle. Each method forwards one request to the backend. */
import type { Backend } from './backend.js'
import { type BatchWriter, GatheringBatchWriter } from './batch-writer.js'
import { ValidationException } from './errors.js'
import type { IndexSpec } from './index-spec.js'
import type { Item } from './model/item/item.js'
import { itemValidator, type StandardSchemaV1 } from './model/schema/item-schema.js'
import { optionProblem } from './option-names.js'
import { BackendReadableTable, type ReadableTable } from './readable-table.js'
import type { AnyUpdate, Change, DeleteOptions, Key, KeySpec, PutOptions, UpdateOptions } from './types.js'

export interface Table<In, T, K extends KeySpec, IX extends Record<string, IndexSpec>> extends ReadableTable<T, K, IX> {
  /**
   * Stores an item, in the place of the one with the same key.
   *
   * @throws {ConditionalCheckFailedException} When the condition is false; nothing was written.
   * @throws {ValidationException} When the item can't be stored; `code` says why.
   */
  put(item: In, options?: PutOptions<T>): Promise<T | undefined>

  /**
   * Changes attributes of an item in one step and resolves with all of it; one that is not there is made.
   *
   * @example
   * await users.update({ id: 'u1' }, { set: { name: 'Ada' }, add: { visits: 1 } })
   * await users.update({ id: 'u1' }, ddb`SET address.city = ${'Oslo'} REMOVE tags[0]`, { return: 'updatedNew' })
   *
   * @throws {ConditionalCheckFailedException} When the condition is false; nothing was written.
   * @throws {ValidationException} When it can't be done, whatever the item holds or for this one; `code` says why.
   */
  update(key: Key<T, K>, update: AnyUpdate<T, K>, options: UpdateOptions<T> & { return: 'old' }): Promise<T | undefined>
  update(
    key: Key<T, K>,
    update: AnyUpdate<T, K>,
    options: UpdateOptions<T> & { return: 'updatedOld' | 'updatedNew' },
  ): Promise<Partial<T> | undefined>
  update(key: Key<T, K>, update: AnyUpdate<T, K>, options: UpdateOptions<T> & { return: 'none' }): Promise<undefined>
  update(key: Key<T, K>, update: AnyUpdate<T, K>, options?: UpdateOptions<T> & { return?: 'new' }): Promise<T>
  update(key: Key<T, K>, update: AnyUpdate<T, K>, options: UpdateOptions<T>): Promise<Partial<T> | undefined>

  /** Removes an item and resolves with it; one that is not there is no error. */
  delete(key: Key<T, K>, options: DeleteOptions<T> & { return: 'none' }): Promise<undefined>
  delete(key: Key<T, K>, options?: DeleteOptions<T>): Promise<T | undefined>

  /**
   * Many writes at once. Given a function, what it puts is stored when it has ended, and nothing of it if it throws.
   *
   * @example
   * await orders.batch((w) => { for (const order of many) w.put(order) })
   */
  batch(): BatchWriter<In, T, K>
  batch<R>(fill: (writer: BatchWriter<In, T, K>) => R | Promise<R>): Promise<R>

  /** Calls back after every committed change of an item. Dispose what it returns to end it. */
  on(event: 'change', listener: (change: Change<T>) => void): Disposable
}

const NO_OPTIONS = {}

export class BackendTable<In, T, K extends KeySpec, IX extends Record<string, IndexSpec>>
  extends BackendReadableTable<T, K, IX>
  implements Table<In, T, K, IX>
{
  readonly #backend: Backend
  readonly #validate: ((item: Item) => Item) | undefined

  constructor(backend: Backend, name: string, schema: StandardSchemaV1<unknown, unknown> | undefined) {
    super(backend, name)
    this.#backend = backend
    this.#validate = itemValidator(schema, name)
  }

  // None of these is async, which saves a promise each: the backend's is the answer.

  put(item: In, options: PutOptions<T> = NO_OPTIONS): Promise<T | undefined> {
    const problem = options === NO_OPTIONS ? undefined : optionProblem('put', options)
    if (problem !== undefined) return Promise.reject(problem)
    if (options.signal?.aborted === true) return Promise.reject(options.signal.reason)
    return this.#backend.put({
      table: this.name,
      item: item as Item,
      condition: options.if,
      validate: this.#validate,
      returnOld: options.return === 'old',
    }) as Promise<T | undefined>
  }

  update(key: Key<T, K>, update: AnyUpdate<T, K>, options: UpdateOptions<T> & { return: 'old' }): Promise<T | undefined>
  update(
    key: Key<T, K>,
    update: AnyUpdate<T, K>,
    options: UpdateOptions<T> & { return: 'updatedOld' | 'updatedNew' },
  ): Promise<Partial<T> | undefined>
  update(key: Key<T, K>, update: AnyUpdate<T, K>, options: UpdateOptions<T> & { return: 'none' }): Promise<undefined>
  update(key: Key<T, K>, update: AnyUpdate<T, K>, options?: UpdateOptions<T> & { return?: 'new' }): Promise<T>
  update(key: Key<T, K>, update: AnyUpdate<T, K>, options: UpdateOptions<T>): Promise<Partial<T> | undefined>
  update(
    key: Key<T, K>,
    update: AnyUpdate<T, K>,
    options: UpdateOptions<T> = NO_OPTIONS,
    // biome-ignore lint/suspicious/noExplicitAny: what the overloads say
  ): Promise<any> {
    const problem = options === NO_OPTIONS ? undefined : optionProblem('update', options)
    if (problem !== undefined) return Promise.reject(problem)
    if (options.signal?.aborted === true) return Promise.reject(options.signal.reason)
    return this.#backend.update({
      table: this.name,
      key: key as Item,
      update,
      condition: options.if,
      validate: this.#validate,
      returns: options.return,
    })
  }

  delete(key: Key<T, K>, options: DeleteOptions<T> & { return: 'none' }): Promise<undefined>
  delete(key: Key<T, K>, options?: DeleteOptions<T>): Promise<T | undefined>
  // biome-ignore lint/suspicious/noExplicitAny: what the overloads say
  delete(key: Key<T, K>, options: DeleteOptions<T> = NO_OPTIONS): Promise<any> {
    const problem = options === NO_OPTIONS ? undefined : optionProblem('delete', options)
    if (problem !== undefined) return Promise.reject(problem)
    if (options.signal?.aborted === true) return Promise.reject(options.signal.reason)
    return this.#backend.delete({
      table: this.name,
      key: key as Item,
      condition: options.if,
      returnOld: options.return === 'old',
      returns: options.return === 'none' ? 'none' : 'old',
    })
  }

  batch(): BatchWriter<In, T, K>
  batch<R>(fill: (writer: BatchWriter<In, T, K>) => R | Promise<R>): Promise<R>
  batch<R>(fill?: (writer: BatchWriter<In, T, K>) => R | Promise<R>): BatchWriter<In, T, K> | Promise<R> {
    const prepare = this.#validate ?? ((item: Item) => item)
    const writer = new GatheringBatchWriter<In, T, K>(this.#backend, this.name, prepare)
    return fill === undefined ? writer : fillAndFlush(writer, fill)
  }

  on(event: 'change', listener: (change: Change<T>) => void): Disposable {
    if (event !== 'change') {
      throw new ValidationException('OPTION', `Cannot listen to "${String(event)}": the one event is "change"`)
    }
    if (typeof listener !== 'function') {
      throw new ValidationException(
        'OPTION',
        `Cannot listen: the listener is a function, not of type ${typeof listener}`,
      )
    }
    const end = this.#backend.listen(this.name, listener as unknown as (change: Change<Item>) => void)
    return { [Symbol.dispose]: end }
  }
}

async function fillAndFlush<In, T, K extends KeySpec, R>(
  writer: GatheringBatchWriter<In, T, K>,
  fill: (writer: BatchWriter<In, T, K>) => R | Promise<R>,
): Promise<R> {
  if (typeof fill !== 'function') {
    throw new ValidationException('BATCH', 'Cannot run the batch: it takes a function of the writer')
  }
  try {
    const result = await fill(writer)
    writer.end()
    await writer.flush()
    return result
  } finally {
    writer.end()
    writer.discard()
  }
}

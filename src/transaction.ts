/**
 * Transactions: what a function does with `tx` happens all at once, or not at all. The methods of `tx` gather; when the
 * function has ended, everything is checked and written in one step. If it throws, nothing was done.
 */

import { AsyncLocalStorage } from 'node:async_hooks'
import { types } from 'node:util'
import type { Backend, BackendTransaction } from './backend.js'
import { unlessAborted } from './base/unless-aborted.js'
import { TransactionCanceledException, ValidationException } from './errors.js'
import type { IndexSpec } from './index-spec.js'
import type { Filter } from './model/expression/compile-filter.js'
import { taken } from './model/expression/taken.js'
import type { AttributeName, Selected, Unselecting } from './model/item/attributes.js'
import type { Item } from './model/item/item.js'
import { itemValidator } from './model/schema/item-schema.js'
import { checkOptionNames } from './option-names.js'
import { keyCondition } from './read-plan.js'
import type { TableDef } from './table-definition.js'
import type { AnyKeyCondition, AnyUpdate, Key, KeySpec, QueryOptions, ReadOptions } from './types.js'

export interface TransactionWriteOptions<T> {
  /** Written only if the item that is there fulfils this; if one does not, nothing of the transaction is written. */
  readonly if?: Filter<T>
  /** Whether the reason of a condition that failed tells what stands there instead. */
  readonly return?: 'old' | undefined
}

type TransactionQueryOptions<T, P extends AttributeName<T>> = Omit<
  QueryOptions<T, P>,
  'cursor' | 'sortBytes' | 'signal'
> & {
  /** The index to query. @default the table itself */
  readonly index?: string | undefined
}

/**
 * What a transaction can do. Each item may be written or checked once. Reads show one moment, and what the transaction
 * has written itself; that what they show is still so is checked at the end, the gaps between the items of a query
 * included.
 */
export interface Tx {
  put<In, T, K extends KeySpec, IX extends Record<string, IndexSpec>>(
    table: TableDef<In, T, K, IX>,
    item: In,
    options?: TransactionWriteOptions<T>,
  ): this
  update<In, T, K extends KeySpec, IX extends Record<string, IndexSpec>>(
    table: TableDef<In, T, K, IX>,
    key: Key<T, K>,
    update: AnyUpdate<T, K>,
    options?: TransactionWriteOptions<T>,
  ): this
  delete<In, T, K extends KeySpec, IX extends Record<string, IndexSpec>>(
    table: TableDef<In, T, K, IX>,
    key: Key<T, K>,
    options?: TransactionWriteOptions<T>,
  ): this
  /** The transaction happens only if this item fulfils the condition; it is not written. */
  check<In, T, K extends KeySpec, IX extends Record<string, IndexSpec>>(
    table: TableDef<In, T, K, IX>,
    key: Key<T, K>,
    condition: Filter<T>,
    options?: Pick<TransactionWriteOptions<T>, 'return'>,
  ): this
  get<In, T, K extends KeySpec, IX extends Record<string, IndexSpec>>(
    table: TableDef<In, T, K, IX>,
    key: Key<T, K>,
    options?: { readonly select?: never },
  ): Promise<T | undefined>
  get<In, T, K extends KeySpec, IX extends Record<string, IndexSpec>, const P extends AttributeName<T>>(
    table: TableDef<In, T, K, IX>,
    key: Key<T, K>,
    options?: Pick<ReadOptions<T, P>, 'select'>,
  ): Promise<Selected<T, P> | undefined>
  /** All items of a query, up to its limit. */
  query<In, T, K extends KeySpec, IX extends Record<string, IndexSpec>>(
    table: TableDef<In, T, K, IX>,
    where: AnyKeyCondition<T, K> | Readonly<Record<string, unknown>>,
    options?: Unselecting<TransactionQueryOptions<T, AttributeName<T>>>,
  ): Promise<T[]>
  query<In, T, K extends KeySpec, IX extends Record<string, IndexSpec>, const P extends AttributeName<T>>(
    table: TableDef<In, T, K, IX>,
    where: AnyKeyCondition<T, K> | Readonly<Record<string, unknown>>,
    options?: TransactionQueryOptions<T, P>,
  ): Promise<Selected<T, P>[]>
}

export interface TransactOptions {
  /**
   * Names the transaction, in up to 36 characters: for ten minutes, whoever comes again with the same token gets what the
   * first one returned, and the function is not called. After a crash, too. Of several that run at the same time each may
   * call its function; one is stored, and all return what it did.
   */
  readonly token?: string | undefined
  /** How often the function is called once more when what it had read was changed meanwhile. @default 0 */
  readonly retries?: number | undefined
  /** Gives it up as long as it is not being committed: nothing is written, whatever its function still does. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Databases whose transactions the present code is a part of. To know that of code behind an `await` costs every promise of
 * the process something, in the Nodes before 24; so it is asked only where there is such code, and while it runs.
 */
const running = new AsyncLocalStorage<ReadonlySet<Backend>>()
let runningCount = 0
/** The same for the part of a function before it first waits. */
let entered: ReadonlySet<Backend> | undefined

async function within<R>(databases: ReadonlySet<Backend>, run: (tx: Tx) => R | Promise<R>, tx: Tx): Promise<R> {
  const enter = (): R | Promise<R> => {
    const outer = entered
    entered = databases
    try {
      return run(tx)
    } finally {
      entered = outer
    }
  }
  if (!types.isAsyncFunction(run)) return enter()
  runningCount += 1
  try {
    return await running.run(databases, enter)
  } finally {
    runningCount -= 1
    if (runningCount === 0) running.disable()
  }
}

/** Begins, runs and ends a transaction. */
export async function transact<R>(
  backend: Backend,
  run: (tx: Tx) => R | Promise<R>,
  options: TransactOptions = {},
): Promise<R> {
  checkOptionNames('transact', options)
  const { retries = 0, signal, token } = options
  if (typeof run !== 'function') throw refused('it takes a function of "tx"')
  if (!Number.isInteger(retries) || retries < 0) throw refused('"retries" is a whole number from 0')
  const around = entered ?? running.getStore() ?? new Set<Backend>()
  if (around.has(backend)) throw refused('another one of this database is under way here; do both in one')
  for (let left = retries; ; left--) {
    signal?.throwIfAborted()
    const databases = new Set([...around, backend])
    const transaction = backend.begin()
    try {
      const known = token === undefined ? undefined : await transaction.answered(token)
      if (known !== undefined) return known.answer as R
      const tx = new RunningTransaction(backend, transaction)
      let answer: R
      try {
        const running = within(databases, run, tx)
        answer = await (signal === undefined ? running : unlessAborted(running, signal, () => signal.reason))
      } finally {
        tx.isEnded = true
      }
      signal?.throwIfAborted()
      return (await transaction.commit(answer, token)) as R
    } catch (failure) {
      if (left === 0 || !isConflict(failure)) throw failure
    } finally {
      transaction.end()
      // What it has left behind, a timer or a connection, is no part of it any more.
      databases.delete(backend)
    }
  }
}

/** Whether it could succeed the next time: nothing but what was read stood against it. */
function isConflict(failure: unknown): boolean {
  if (!(failure instanceof TransactionCanceledException)) return false
  return failure.reasons.every(({ code }) => code === 'None' || code === 'TransactionConflict')
}

interface AnyWriteOptions {
  readonly if?: unknown
  readonly return?: 'old' | undefined
}

// biome-ignore lint/suspicious/noExplicitAny: the interface has the types
type AnyTable = TableDef<any, any, any, any>

const NO_OPTIONS: AnyWriteOptions = {}

/** Of what the same calls of a table take. Nothing is read in pages, and what is gathered has no signal of its own. */
const GET = ['select', 'consistent']
const QUERY = [...GET, 'index', 'filter', 'limit', 'reverse']
const WRITE = ['if', 'return']
const CHECK = ['return']

class RunningTransaction implements Tx {
  isEnded = false
  readonly #defined = new Set<AnyTable>()
  readonly #backend: Backend
  readonly #transaction: BackendTransaction

  constructor(backend: Backend, transaction: BackendTransaction) {
    this.#backend = backend
    this.#transaction = transaction
  }

  put(table: AnyTable, item: unknown, options: AnyWriteOptions = NO_OPTIONS): this {
    checkOptionNames('put', options, WRITE)
    this.#use(table).put({
      table: table.name,
      item: item as Item,
      condition: options.if,
      validate: itemValidator(table.schema, table.name),
      returnOld: options.return === 'old',
    })
    return this
  }

  update(table: AnyTable, key: unknown, update: unknown, options: AnyWriteOptions = NO_OPTIONS): this {
    checkOptionNames('update', options, WRITE)
    this.#use(table).update({
      table: table.name,
      key: key as Item,
      update,
      condition: options.if,
      validate: itemValidator(table.schema, table.name),
      returns: options.return === 'old' ? 'old' : 'none',
    })
    return this
  }

  delete(table: AnyTable, key: unknown, options: AnyWriteOptions = NO_OPTIONS): this {
    checkOptionNames('delete', options, WRITE)
    const returnOld = options.return === 'old'
    this.#use(table).delete({ table: table.name, key: key as Item, condition: options.if, returnOld })
    return this
  }

  check(table: AnyTable, key: unknown, condition: unknown, options: AnyWriteOptions = NO_OPTIONS): this {
    checkOptionNames('check', options, CHECK)
    if (condition === undefined) throw refused('"check" takes a condition')
    const returnOld = options.return === 'old'
    this.#use(table).check({ table: table.name, key: key as Item, condition, returnOld })
    return this
  }

  // biome-ignore lint/suspicious/noExplicitAny: the interface has the types
  async get(table: AnyTable, key: unknown, options: Pick<ReadOptions<any>, 'select'> = {}): Promise<any> {
    checkOptionNames('get', options, GET)
    return this.#use(table).get({ table: table.name, key: key as Item, select: options.select })
  }

  // biome-ignore lint/suspicious/noExplicitAny: the interface has the types
  async query(table: AnyTable, where: unknown, options: TransactionQueryOptions<any, any> = {}): Promise<any[]> {
    checkOptionNames('query', options, QUERY)
    const transaction = this.#use(table)
    const { index, filter, select, limit, reverse = false } = options
    const request = {
      table: table.name,
      index,
      where: keyCondition(where),
      filter: taken(filter),
      select: taken(select),
      reverse,
    }
    return transaction.query({ ...request, segment: undefined, totalSegments: undefined }, limit)
  }

  #use(table: AnyTable): BackendTransaction {
    if (this.isEnded) throw refused('it has ended; what its function begins it has to wait for')
    // The compiler knows; whoever has none may have a table's name, or what db.table() answers.
    if (typeof (table as Partial<AnyTable> | null | undefined)?.definition !== 'object') {
      throw refused('its calls take a table as table(name, { … }) defines it')
    }
    if (!this.#defined.has(table)) this.#backend.defineTable(table.definition)
    this.#defined.add(table)
    return this.#transaction
  }
}

function refused(reason: string): ValidationException {
  return new ValidationException('TRANSACTION', `Cannot run the transaction: ${reason}`)
}

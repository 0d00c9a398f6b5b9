/**
 * What a scan with `workers` gives: the same items and counts as without, in another order and sooner. Each way of asking
 * starts workers of its own, and shows one moment. Its pages have no cursor; one page alone is read in this thread.
 */
import type { BackendReader, ScanPage } from './backend.js'
import { ValidationException } from './errors.js'
import { filtersOf } from './model/expression/conjunction.js'
import { checkPlan, type Opener, PlannedResults, type ReadPlan } from './read-plan.js'
import type { Explanation, Results } from './results.js'
import type { Page } from './types.js'

const WORKER_LIMIT = 16

export class ParallelResults<T> extends PlannedResults<T> implements Results<T> {
  readonly #reader: BackendReader
  readonly #inThisThread: Results<T>

  constructor(reader: BackendReader, plan: ReadPlan, open: Opener, inThisThread: Results<T>) {
    super(plan, open)
    this.#reader = reader
    this.#inThisThread = inThisThread
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for await (const { items } of this.#scan()) yield* items as T[]
  }

  async page(): Promise<Page<T>> {
    checkOptions(this.plan)
    return this.#inThisThread.page()
  }

  async *pages(): AsyncGenerator<Page<T>, void, undefined> {
    for await (const { items, count, scanned } of this.#scan()) {
      yield { items: items as T[], cursor: undefined, count, scanned }
    }
  }

  async toArray(): Promise<T[]> {
    const all: T[] = []
    for await (const { items } of this.#scan()) for (const item of items) all.push(item as T)
    return all
  }

  async first(): Promise<T | undefined> {
    for await (const { items } of this.#scan()) if (items.length > 0) return items[0] as T
    return undefined
  }

  async count(): Promise<number> {
    let sum = 0
    for await (const { count } of this.#scan({ countOnly: true })) sum += count
    return sum
  }

  explain(): Promise<Explanation> {
    return this.#inThisThread.explain()
  }

  #scan({ countOnly }: { readonly countOnly: boolean } = { countOnly: false }): AsyncIterable<ScanPage> {
    const workers = checkOptions(this.plan)
    const { table, filter, select } = this.plan.request
    return this.#reader.scan({ table, filter, select, workers, countOnly, signal: this.plan.signal })
  }
}

/** How many workers there shall be, if everything else goes with them. */
function checkOptions(plan: ReadPlan): number {
  const { request, workers, limit, cursor } = plan
  if (!(Number.isInteger(workers) && workers! >= 1 && workers! <= WORKER_LIMIT)) {
    throw refusal(`it is a whole number from 1 to ${WORKER_LIMIT}, not ${String(workers)}`)
  }
  const { where, index, segment, totalSegments, reverse, filter } = request
  if (where !== undefined) throw refusal('it is for scans, and this is a query')
  if (index !== undefined) throw refusal('it is for scans of tables, and this is one of an index')
  const others = { segment, totalSegments, cursor, limit, reverse: reverse || undefined }
  for (const [name, value] of Object.entries(others)) {
    if (value !== undefined) throw refusal(`workers scan the whole table, so leave out "${name}"`)
  }
  if (filtersOf(filter).some((each) => typeof each === 'function')) {
    throw refusal('a function can’t be sent to another thread; write the filter as a string or as an object')
  }
  checkPlan(plan)
  return workers!
}

function refusal(reason: string): ValidationException {
  return new ValidationException('OPTION', `Cannot use "workers": ${reason}`)
}

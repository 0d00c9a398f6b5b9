/**
 * A moment of the embedded database. Items and tables are those of then, even of a table that was dropped since; indexes
 * are those of now, and one that was not complete when the snapshot was taken can't be read through it, as it would not
 * have every item.
 *
 * One that nobody can reach any more is released by the garbage collector's word. Whoever took it himself is told: what
 * it held on to was held for too long. Of one that an iterator had for its pages nobody has to know.
 */
import type {
  CountPage,
  CountRequest,
  DistinctPage,
  DistinctRequest,
  GetRequest,
  PageRequest,
  PageResponse,
  ReadOutline,
  ReadRequest,
  ScanPage,
  ScanRequest,
} from '../backend.js'
import { SnapshotReleasedError, ValidationException } from '../errors.js'
import type { Item } from '../model/item/item.js'
import type { TableDefinition } from '../model/table/table-definition.js'
import type { StorageSnapshot } from '../storage/snapshot.js'
import type { ReadableTrees } from '../storage/view.js'
import { checkSameKeys, findIndex } from './catalog/catalog.js'
import type { EngineContext } from './context.js'
import { countedBatchGet, countedGet, countedPage } from './counted-reading.js'
import { buildFailure } from './maintenance/backfill-index.js'
import { countKeys } from './operation/count-keys.js'
import { distinctKeys } from './operation/distinct-keys.js'
import { type HeldMoment, outlineOf } from './operation/read-page.js'
import type { SnapshotReminder } from './snapshot-reminder.js'

interface Holding {
  readonly trees: StorageSnapshot
  readonly reminder: SnapshotReminder | undefined
}

const forgotten = new FinalizationRegistry<Holding>(({ trees, reminder }) => {
  // Its database was closed, and nothing was held.
  if (trees.isReleased) return
  reminder?.reportForgotten()
  try {
    trees.release()
  } catch {
    // A file that can't be removed now goes when the database is opened again, and nobody is there to be told.
  }
})

export class LocalSnapshot implements HeldMoment {
  readonly #context: EngineContext
  readonly #trees: StorageSnapshot
  readonly #reminder: SnapshotReminder | undefined
  /** The trees of the indexes that were complete. */
  readonly #complete: ReadonlySet<number>

  /** @param reminder Of one that somebody took himself. */
  constructor(context: EngineContext, reminder?: SnapshotReminder) {
    const takenAt = context.clock.now()
    // What had not expired then does not expire any more.
    this.#context = { ...context, catalog: context.catalog.moment(), clock: { now: () => takenAt } }
    this.#trees = context.storage.snapshot()
    this.#reminder = reminder
    const indexes = this.#context.catalog.tables().flatMap((table) => table.indexes)
    this.#complete = new Set(indexes.filter(({ status }) => status === 'ACTIVE').map(({ tree }) => tree))
    forgotten.register(this, { trees: this.#trees, reminder }, this)
  }

  /** What was there then. */
  get trees(): ReadableTrees {
    return this.#trees
  }

  checkTable(wanted: TableDefinition | string): void {
    if (this.#trees.isReleased) throw new SnapshotReleasedError()
    const table = this.#context.catalog.get(typeof wanted === 'string' ? wanted : wanted.name)
    if (typeof wanted !== 'string') checkSameKeys(table, wanted)
  }

  async get(request: GetRequest): Promise<Item | undefined> {
    return countedGet(this.#context, request, this.#trees)
  }

  async batchGet(requests: readonly GetRequest[]): Promise<(Item | undefined)[]> {
    return countedBatchGet(this.#context, requests, this.#trees)
  }

  async read(request: ReadRequest, page: PageRequest): Promise<PageResponse> {
    if (request.index !== undefined) this.#checkIndex(request.table, request.index)
    return countedPage(this.#context, request, page, { trees: this.#trees })
  }

  async countKeys(request: CountRequest): Promise<CountPage> {
    this.#checkIndex(request.table, request.index)
    return countKeys(this.#context, request, { trees: this.#trees })
  }

  async distinctKeys(request: DistinctRequest): Promise<DistinctPage> {
    this.#checkIndex(request.table, request.index)
    return distinctKeys(this.#context, request, { trees: this.#trees })
  }

  outline(table: string, index: string | undefined): ReadOutline {
    return outlineOf(this.#context, table, index)
  }

  async indexReady(table: string, index: string): Promise<void> {
    this.#checkIndex(table, index)
  }

  #checkIndex(table: string, name: string): void {
    const state = this.#context.catalog.get(table)
    const index = findIndex(state, name)
    if (this.#complete.has(index.tree)) return
    if (index.status === 'FAILED') throw buildFailure(state, index)
    const reason = 'it was not complete when the snapshot was taken; take another one'
    throw new ValidationException('INDEX_UNKNOWN', `Cannot read the index "${name}" of "${table}": ${reason}`)
  }

  scan(request: ScanRequest): AsyncGenerator<ScanPage, void, undefined> {
    return this.#context.scans.start(this.#context, request, { trees: this.#trees, release: () => {} })
  }

  release(): void {
    forgotten.unregister(this)
    this.#reminder?.cancel()
    this.#trees.release()
  }
}

/** The embedded engine: dispatches each request to its operation. */

import type {
  Backend,
  BackendSnapshot,
  BackendTransaction,
  BatchOperation,
  CountPage,
  CountRequest,
  DeleteRequest,
  DetailedTableDescription,
  DistinctPage,
  DistinctRequest,
  GetRequest,
  KnownTable,
  PageRequest,
  PageResponse,
  PreparedWrite,
  PutRequest,
  ReadOutline,
  ReadRequest,
  ScanPage,
  ScanRequest,
  TableChange,
  TableDescription,
  TableSettings,
  Unprocessed,
  UpdateRequest,
  VerifyProgress,
  VerifyReport,
} from '../backend.js'
import type { Checksum } from '../base/checksum.js'
import type { Clock, MonotonicClock } from '../base/clock.js'
import type { Scheduler } from '../base/scheduler.js'
import { DiskFullError, IndexBuildFailedError, TooManyFilesError } from '../errors.js'
import type { Item } from '../model/item/item.js'
import { ItemCodec } from '../model/item/item-codec.js'
import { KeyEncoder } from '../model/key/key-bytes.js'
import type { TableDefinition } from '../model/table/table-definition.js'
import type { Stats } from '../stats.js'
import type { Storage } from '../storage/storage.js'
import { CATALOG_TREE, Catalog, findIndex } from './catalog/catalog.js'
import type { IndexState, TableState } from './catalog/table-state.js'
import { collectStats } from './collect-stats.js'
import { NO_CHANGE } from './commit/origin.js'
import { tellOfUnpublished } from './commit/tell-listeners.js'
import type { EngineContext } from './context.js'
import { countedBatchGet, countedGet, countedPage } from './counted-reading.js'
import { describeTable, describeTableInDetail } from './describe-table.js'
import { type Listener, Listeners } from './feed/listeners.js'
import { ItemCache } from './item-cache.js'
import { LocalSnapshot } from './local-snapshot.js'
import { backfillIndex } from './maintenance/backfill-index.js'
import { reclaimTree } from './maintenance/reclaim-tree.js'
import { verify } from './maintenance/verify.js'
import { batchWriteItem, prepareWrite } from './operation/batch-write-item.js'
import { countKeys } from './operation/count-keys.js'
import { cursorMaker } from './operation/cursor-token.js'
import { deleteItem } from './operation/delete-item.js'
import { distinctKeys } from './operation/distinct-keys.js'
import { putItem } from './operation/put-item.js'
import { outlineOf, type PageSource, whenBuilt } from './operation/read-page.js'
import { updateItem } from './operation/update-item.js'
import { operationMeters } from './operation-meter.js'
import { ParallelScans } from './scan/parallel-scans.js'
import { SnapshotReminder } from './snapshot-reminder.js'
import { KeptAnswers } from './transaction/kept-answers.js'
import { LocalTransaction } from './transaction/local-transaction.js'

/** After so long it is tried again whether there is space on a disk that was full. */
const RETRY_MS = 1000

export interface LocalBackendOptions {
  readonly clock: Clock
  readonly monotonicClock: MonotonicClock
  readonly scheduler: Scheduler
  readonly checksum: Checksum
  /** How many bytes of decoded items are kept. */
  readonly itemCacheByteLimit: number
  /** Items that are looked at in one turn while an index is built; tests make it tiny. @default 500 */
  readonly backfillSliceLength?: number
  /** Whether other threads of this process find the files of the storage. @default false */
  readonly hasFiles?: boolean
}

export class LocalBackend implements Backend {
  readonly #context: EngineContext
  readonly #options: LocalBackendOptions
  readonly #reminders = new Set<SnapshotReminder>()
  readonly #source: PageSource
  readonly #answers: KeptAnswers

  constructor(storage: Storage, options: LocalBackendOptions) {
    const { clock, monotonicClock, checksum, itemCacheByteLimit } = options
    const { hasFiles = false, backfillSliceLength = 500 } = options
    this.#options = options
    const catalog = Catalog.load(storage)
    const items = new ItemCache(itemCacheByteLimit)
    const keys = new KeyEncoder((bytes) => checksum(bytes, 0n))
    this.#context = {
      storage,
      catalog,
      clock,
      monotonicClock,
      listeners: new Listeners(),
      keys,
      cursors: cursorMaker(storage.databaseId, checksum),
      codec: new ItemCodec(catalog.shapes),
      items,
      meters: operationMeters(monotonicClock),
      scans: new ParallelScans({ hasFiles }),
      backfillSliceLength,
    }
    this.#answers = new KeptAnswers(this.#context)
    this.#source = { trees: storage, hold: () => new LocalSnapshot(this.#context) }
    storage.onPublish((tree, key) => {
      if (tree === CATALOG_TREE) catalog.published(key.text)
      else if (!items.isEmpty) items.delete(tree, key)
    })
    this.#resumeMaintenance()
  }

  defineTable(definition: TableDefinition): void {
    const { storage, catalog, clock } = this.#context
    storage.checkOpen()
    // Where nothing can be written, on a full disk, what is there can still be read.
    if (catalog.isDefined(definition)) return
    storage.checkWritable()
    const { writes, added } = catalog.define(definition, clock.now())
    // A failure stops all writing, so the first write to the table reports it.
    storage.commit(writes).catch(() => {})
    for (const index of added) this.#build(catalog.get(definition.name), index)
  }

  dropIndex(tableName: string, name: string): Promise<void> {
    try {
      const { storage, catalog } = this.#context
      const table = catalog.get(tableName)
      storage.checkFreeing(catalog.dropByteLength(table))
      const { writes, index } = catalog.dropIndex(table, name)
      const dropped = storage.commitFreeing(writes)
      // Whoever builds it writes nothing any more, since it is dropped.
      return dropped.then(() => this.#reclaim(index.tree).catch(unlessItWaits))
    } catch (failure) {
      return Promise.reject(failure)
    }
  }

  createTable(definition: TableDefinition, settings: TableSettings = {}): Promise<void> {
    try {
      const { storage, catalog, clock } = this.#context
      storage.checkWritable()
      return storage.commit(catalog.create(definition, ownSettings(settings), clock.now())).then(nothing)
    } catch (failure) {
      return Promise.reject(failure)
    }
  }

  changeTable(name: string, change: TableChange): Promise<void> {
    try {
      const { storage, catalog, clock } = this.#context
      const table = catalog.get(name)
      const settings = change.settings && ownSettings(change.settings)
      const onlyDrops = change.droppedIndex !== undefined && change.definition === undefined
      if (onlyDrops) storage.checkFreeing(catalog.dropByteLength(table, settings))
      else storage.checkWritable()
      const own = settings === undefined ? change : { ...change, settings }
      const { writes, added, dropped } = catalog.change(table, own, clock.now())
      const changed = onlyDrops ? storage.commitFreeing(writes) : storage.commit(writes)
      for (const index of added) this.#build(table, index)
      return changed.then(() => {
        if (dropped !== undefined) this.#reclaimLater(dropped.tree)
      })
    } catch (failure) {
      return Promise.reject(failure)
    }
  }

  dropTable(name: string): Promise<void> {
    try {
      const { storage, catalog, listeners } = this.#context
      const table = catalog.get(name)
      storage.checkFreeing(catalog.dropByteLength(table))
      const { writes, trees } = catalog.dropTable(table)
      const dropped = storage.commitFreeing(writes, NO_CHANGE, () => listeners.end(table.tree))
      return dropped.then(() => {
        for (const tree of trees) this.#reclaimLater(tree)
      })
    } catch (failure) {
      return Promise.reject(failure)
    }
  }

  tableNames(): string[] {
    return this.#context.catalog.tables().map(({ name }) => name)
  }

  describeTable(name: string): DetailedTableDescription {
    this.#context.storage.checkOpen()
    return describeTableInDetail(this.#context, this.#context.catalog.get(name))
  }

  describeTables(): TableDescription[] {
    this.#context.storage.checkOpen()
    return this.#context.catalog.tables().map((table) => describeTable(this.#context, table))
  }

  findTable(name: string): KnownTable | undefined {
    return this.#context.catalog.find(name)
  }

  prepare(table: string, operation: BatchOperation, last?: () => PreparedWrite | undefined): PreparedWrite {
    return prepareWrite(this.#context, table, operation, last)
  }

  // A request that is not valid is a rejected promise, not something thrown at the call. Not by `async`, which would
  // wrap one promise into another.

  put(request: PutRequest): Promise<Item | undefined> {
    try {
      return this.#context.meters.put.count(() => putItem(this.#context, request))
    } catch (failure) {
      return Promise.reject(failure)
    }
  }

  async get(request: GetRequest): Promise<Item | undefined> {
    return countedGet(this.#context, request)
  }

  update(request: UpdateRequest): Promise<Item | undefined> {
    try {
      return this.#context.meters.update.count(() => updateItem(this.#context, request))
    } catch (failure) {
      return Promise.reject(failure)
    }
  }

  delete(request: DeleteRequest): Promise<Item | undefined> {
    try {
      return this.#context.meters.delete.count(() => deleteItem(this.#context, request))
    } catch (failure) {
      return Promise.reject(failure)
    }
  }

  async read(request: ReadRequest, page: PageRequest): Promise<PageResponse> {
    return countedPage(this.#context, request, page, this.#source)
  }

  countKeys(request: CountRequest): Promise<CountPage> {
    return countKeys(this.#context, request, this.#source)
  }

  distinctKeys(request: DistinctRequest): Promise<DistinctPage> {
    return distinctKeys(this.#context, request, this.#source)
  }

  outline(table: string, index: string | undefined): ReadOutline {
    return outlineOf(this.#context, table, index)
  }

  async indexReady(tableName: string, name: string): Promise<void> {
    const table = this.#context.catalog.get(tableName)
    await whenBuilt(table, findIndex(table, name))
  }

  scan(request: ScanRequest): AsyncGenerator<ScanPage, void, undefined> {
    const trees = this.#context.storage.snapshot()
    const context = { ...this.#context, catalog: this.#context.catalog.moment() }
    return this.#context.scans.start(context, request, { trees, release: () => trees.release() })
  }

  async batchGet(requests: readonly GetRequest[]): Promise<(Item | undefined)[]> {
    return countedBatchGet(this.#context, requests)
  }

  async batchWrite(table: string, writes: readonly PreparedWrite[]): Promise<Unprocessed[]> {
    return this.#context.meters.batchWrite.count(() => batchWriteItem(this.#context, table, writes))
  }

  begin(): BackendTransaction {
    this.#context.storage.checkOpen()
    return new LocalTransaction(this.#context, this.#answers)
  }

  listen(table: string, listener: Listener): () => void {
    const { catalog, listeners, storage } = this.#context
    const state = catalog.get(table)
    if (!listeners.has(state.tree)) tellOfUnpublished(this.#context, state)
    return listeners.add(state.tree, listener, storage.publishedLsn)
  }

  snapshot(): BackendSnapshot {
    this.#context.storage.checkOpen()
    const { monotonicClock, scheduler } = this.#options
    const reminder = new SnapshotReminder(monotonicClock, scheduler, () => this.#reminders.delete(reminder))
    this.#reminders.add(reminder)
    return new LocalSnapshot(this.#context, reminder)
  }

  stats(): Stats {
    return collectStats(this.#context)
  }

  checkOpen(): void {
    this.#context.storage.checkOpen()
  }

  async flush(): Promise<void> {
    return this.#context.storage.flush()
  }

  checkpoint(): Promise<void> {
    return this.#context.storage.checkpoint()
  }

  compact(): Promise<void> {
    return this.#context.storage.compact()
  }

  verify(onProgress?: (progress: VerifyProgress) => void): Promise<VerifyReport> {
    return verify(this.#context, onProgress)
  }

  async close(): Promise<void> {
    for (const reminder of this.#reminders) reminder.cancel()
    await this.#context.scans.close()
    await this.#context.storage.close()
  }

  /** What was interrupted, and what failed: the items may be others by now. */
  #resumeMaintenance(): void {
    const { catalog, storage } = this.#context
    for (const tree of catalog.dropped) this.#reclaimLater(tree)
    for (const table of catalog.tables()) {
      for (const index of table.indexes) {
        // A failure stops all writing, so whoever builds it is told.
        if (index.status === 'FAILED') storage.commit(catalog.restartIndex(table, index)).catch(() => {})
        if (index.status === 'BUILDING') this.#build(table, index)
      }
    }
  }

  #build(table: TableState, index: IndexState): void {
    index.built = backfillIndex(this.#context, table, index)
    // Reported to whoever reads the index; otherwise the next opening tries again.
    index.built.catch((failure) => {
      if (failure instanceof IndexBuildFailedError) {
        process.emitWarning(failure.message, { type: 'DynafileWarning', code: failure.code })
        this.#reclaimLater(index.tree)
      } else if (isPassing(failure) && !index.isDropped) this.#later(() => this.#build(table, index))
    })
  }

  /** If it is interrupted, the next opening goes on. */
  #reclaim(tree: number): Promise<void> {
    const reclaimed = reclaimTree(this.#context, tree)
    reclaimed.catch((failure) => {
      if (isPassing(failure)) this.#later(() => this.#reclaimLater(tree))
    })
    return reclaimed
  }

  /** Nobody waits for it. */
  #reclaimLater(tree: number): void {
    this.#reclaim(tree).catch(() => {})
  }

  /** Tries again what there was no space for: as soon as there is some, it goes on by itself. */
  #later(task: () => void): void {
    if (this.#context.storage.failure === undefined) this.#options.scheduler.after(RETRY_MS, task)
  }
}

/** What the caller does to his own afterwards changes nothing; and what JSON can't say is not kept for a while only. */
function ownSettings(settings: TableSettings): TableSettings {
  return JSON.parse(JSON.stringify(settings)) as TableSettings
}

function nothing(): void {}

/** What was dropped is gone; that its space goes later, when the disk takes the note of that, is no failure of it. */
function unlessItWaits(failure: unknown): void {
  if (!isPassing(failure)) throw failure
}

function isPassing(failure: unknown): boolean {
  return failure instanceof DiskFullError || failure instanceof TooManyFilesError
}

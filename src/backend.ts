/**
 * The upper waist: what a database can do, one method for each operation, without the types a `Table` adds. The
 * embedded engine is one implementation; items are plain objects, and filters and updates are still as they were written,
 * so that an implementation for a remote engine can translate them.
 */
import type { DynafileError } from './errors.js'
import type { Selection } from './model/expression/projection.js'
import type { IndexProjection } from './model/index/index-definition.js'
import type { KeyedIndex } from './model/index/index-key.js'
import type { Item } from './model/item/item.js'
import type { KeyType } from './model/key/key-codec.js'
import type { KeySchema } from './model/key/key-schema.js'
import type { TableDefinition } from './model/table/table-definition.js'
import type { Stats } from './stats.js'
import type { Change } from './types.js'

export interface WriteRequest {
  readonly table: string
  readonly condition: unknown
  /** What the item has to pass before it is stored; returns what is stored. */
  readonly validate?: ((item: Item) => Item) | undefined
  readonly returnOld?: boolean
  /** To be filled in once the write is done, for who has to know what it has changed. */
  readonly images?: ItemImages | undefined
}

/** An item before and after a write; undefined where it was not there, or was over. Made empty, filled in by the backend. */
export interface ItemImages {
  before: Item | undefined
  after: Item | undefined
}

export interface PutRequest extends WriteRequest {
  readonly item: Item
}

export interface KeyRequest {
  readonly table: string
  readonly key: Item
}

export interface GetRequest extends KeyRequest {
  readonly select: Selection | undefined
}

/** `returnOld` is about a condition that is false; without it, that depends on what the update returns. */
export interface UpdateRequest extends WriteRequest, KeyRequest {
  readonly update: unknown
  /** What to resolve with. @default 'new' */
  readonly returns?: ReturnedItem | undefined
}

/** Nothing, the item before or after an update, or what the update changed of it, before or after. */
export type ReturnedItem = 'none' | 'old' | 'new' | 'updatedOld' | 'updatedNew'

/** `returnOld` is about a condition that is false. */
export interface DeleteRequest extends WriteRequest, KeyRequest {
  /** What to resolve with; nothing need not be looked for. @default 'old' */
  readonly returns?: 'none' | 'old'
}

/** Of a transaction: that an item is as the condition says. */
export interface CheckRequest extends WriteRequest, KeyRequest {}

/** A query or a scan: the same for all its pages. */
export interface ReadRequest {
  readonly table: string
  readonly index: string | undefined
  /** A key condition for a query, as an object or as an expression; undefined for a scan. */
  readonly where: Item | undefined
  readonly filter: unknown
  readonly select: Selection | undefined
  readonly reverse: boolean
  readonly segment: number | undefined
  readonly totalSegments: number | undefined
}

/** Which page of it. */
export interface PageRequest {
  /** At most this many items. */
  readonly limit: number | undefined
  /** Where the page before it ended. */
  readonly cursor: string | undefined
  /** Only the counts matter: no items in the page. */
  readonly countOnly: boolean
  /** Whether the pages after this one shall be read from the moment this one shows. */
  readonly holds: boolean
  /** Nobody asks for what is behind `limit`: a page that reaches it needs no cursor. */
  readonly endsAtLimit: boolean
  /** Whether the page tells what it has read. @default false */
  readonly measures?: boolean
  /** In the place of a cursor: the key behind which the page begins, of the table and of the index that is read. */
  readonly startKey?: Item | undefined
  /** How much the page may look at before it ends, whatever passes the filter. */
  readonly allowance?: ReadAllowance | undefined
}

/** DynamoDB's bounds of a page: the item that uses up the last of one is still in the page. */
export interface ReadAllowance {
  readonly itemCount: number
  /**
   * Counted as DynamoDB counts, before filter and projection. Items whose time is over count, too, though nobody sees
   * them: looking at them takes time.
   */
  readonly byteLength: number
  /** Whether what passes the filter is fetched from the table, and counts once more, as a whole. */
  readonly fetches: boolean
}

/** What a page has read, in DynamoDB's terms. */
export interface ReadMeasure {
  /** Of all items that were looked at, before filter and projection, counted as DynamoDB counts. */
  readonly byteLength: number
  /** How much of an allowance is used up: that, what was fetched, and items whose time is over. */
  readonly spentByteLength?: number
  /** In how many partitions of the storage the read may look for more than this page. */
  readonly partitions: number
}

export interface PageResponse {
  readonly items: Item[]
  readonly cursor: string | undefined
  readonly count: number
  readonly scanned: number
  /** The moment that this page shows, if it was asked for and there is more: whoever has it must release it. */
  readonly snapshot: BackendSnapshot | undefined
  /** If the page was asked to tell. */
  readonly measure?: ReadMeasure
  /** The key of the last item that was looked at, as `startKey` takes it, if the allowance was used up. */
  readonly lastKey?: Item | undefined
}

/** How many items each partition of an index has, a page at a time. */
export interface CountRequest {
  readonly table: string
  readonly index: string
  /** Where the page before it ended. */
  readonly after: string | undefined
  /** Whether the pages after this one shall be read from the moment this one shows. */
  readonly holds: boolean
}

export interface CountPage {
  /** One for each partition. The last one may go on in the next page, under the same `id`. */
  readonly counts: readonly { readonly id: string; readonly key: Item; readonly count: number }[]
  /** Where to go on; undefined at the end. */
  readonly next: string | undefined
  /** As in a `PageResponse`. */
  readonly snapshot: BackendSnapshot | undefined
}

/** The partition keys there are in an index, each once, a page at a time. */
export interface DistinctRequest {
  readonly table: string
  readonly index: string
  /** Where the page before it ended. */
  readonly after: string | undefined
  /** At most this many keys. */
  readonly limit: number | undefined
  /** Whether the pages after this one shall be read from the moment this one shows. */
  readonly holds: boolean
}

export interface DistinctPage {
  readonly keys: readonly Item[]
  /** Where to go on; undefined at the end. */
  readonly next: string | undefined
  /** As in a `PageResponse`. */
  readonly snapshot: BackendSnapshot | undefined
}

/** What a read of a table, or of an index, gives, whatever it asks for. */
export interface ReadOutline {
  /** The attributes by which a query gives its items in order. */
  readonly sortKey: readonly string[]
  /** The attributes that a read shows when it selects none; undefined for all. */
  readonly shown: readonly string[] | undefined
}

/** A scan of a whole table by several workers at once. */
export interface ScanRequest {
  readonly table: string
  readonly filter: unknown
  readonly select: Selection | undefined
  readonly workers: number
  /** Only the counts matter: no items in the pages. */
  readonly countOnly: boolean
  readonly signal: AbortSignal | undefined
}

export type ScanPage = Pick<PageResponse, 'items' | 'count' | 'scanned'>

export type BatchOperation = { readonly put: Item } | { readonly delete: Item }

/** A write that was checked and encoded: what becomes of its item changes nothing. What is in it is the backend's. */
export interface PreparedWrite {
  /** How many writes it is: some backends put several together. */
  readonly count: number
}

/** A write of a batch that was not stored, and why. */
export interface Unprocessed {
  readonly operation: BatchOperation
  readonly cause: Error
}

export interface IndexDescription {
  readonly name: string
  /** All attributes of its key, those of the partition key first. */
  readonly key: readonly string[]
  /** `S`, `N` or `B` for each of them; undefined until it is declared or the first entry was made. */
  readonly keyTypes: readonly (KeyType | undefined)[]
  readonly partition: readonly string[]
  readonly sort: readonly string[]
  readonly local: boolean
  readonly unique: boolean
  /** The attribute that has an entry for each of its elements. */
  readonly multi: string | undefined
  /** Whether it has a copy of each item. */
  readonly covering: boolean
  readonly projection: IndexProjection
  /**
   * - `BUILDING`: not all items are in it yet; reads wait.
   * - `ACTIVE`: it is complete.
   * - `FAILED`: it is to be unique, and two items have one key: reads say which. The next opening builds it again.
   */
  readonly status: 'BUILDING' | 'ACTIVE' | 'FAILED'
  readonly fileBytes: number
  /** How many entries it has: an estimate, as of a table. */
  readonly itemCount: number
  readonly byteLength: number
}

/** What is kept with a table for another door than this one, which alone knows what it means: JSON, by names of its own. */
export type TableSettings = Readonly<Record<string, unknown>>

export interface TableDescription {
  readonly name: string
  /** Of this table and no other, even of the same name: a UUID. */
  readonly id: string
  readonly key: readonly string[]
  /** `S`, `N` or `B` for each key attribute; undefined until it is declared or the first item was stored. */
  readonly keyTypes: readonly (KeyType | undefined)[]
  readonly indexes: readonly IndexDescription[]
  readonly ttl: string | undefined
  readonly createdAt: number
  readonly partitions: number
  readonly fileBytes: number
}

/** More of one table; what is counted is an estimate where counting would mean looking at everything. */
export interface DetailedTableDescription extends TableDescription {
  readonly settings: TableSettings
  readonly itemCount: number
  /** Keys and items, as they are stored. */
  readonly byteLength: number
}

/** What becomes of a table, in one commit. What is left out stays as it is. */
export interface TableChange {
  /** Its indexes are added, and the types that it declares. */
  readonly definition?: TableDefinition
  readonly droppedIndex?: string
  readonly ttl?: { readonly attribute: string | undefined }
  /** In place of all that there were. */
  readonly settings?: TableSettings
}

/** What requests have to know of a table: as it is now, not a copy. */
export interface KnownTable {
  readonly name: string
  readonly key: KeySchema
  readonly ttl: string | undefined
  readonly indexes: readonly KnownIndex[]
  readonly settings: TableSettings
}

export interface KnownIndex extends KeyedIndex {
  readonly status: IndexDescription['status']
}

export interface VerifyProgress {
  readonly table: string
  /** Items and index entries compared so far, of all tables. */
  readonly done: number
}

export interface VerifyReport {
  readonly tables: number
  readonly items: number
  readonly indexEntries: number
  readonly problems: readonly (DynafileError | Error)[]
}

/** What can be read. */
export interface BackendReader {
  get(request: GetRequest): Promise<Item | undefined>
  read(request: ReadRequest, page: PageRequest): Promise<PageResponse>
  batchGet(requests: readonly GetRequest[]): Promise<(Item | undefined)[]>
  countKeys(request: CountRequest): Promise<CountPage>
  distinctKeys(request: DistinctRequest): Promise<DistinctPage>
  /** @throws {ValidationException} INDEX_UNKNOWN */
  outline(table: string, index: string | undefined): ReadOutline
  /**
   * Resolves when an index is complete.
   *
   * @throws {IndexBuildFailedError} When it is to be unique and can't be.
   */
  indexReady(table: string, index: string): Promise<void>
  /** The pages of a scan, in no order that means anything, of what is there now. Returning from it ends the workers. */
  scan(request: ScanRequest): AsyncGenerator<ScanPage, void, undefined>
}

/** A moment of the database, for as long as it is held. */
export interface BackendSnapshot extends BackendReader {
  /**
   * By its name, or by its definition.
   *
   * @throws {ResourceNotFoundException} When there was no such table.
   * @throws {ValidationException} When it has another key than the definition.
   */
  checkTable(table: TableDefinition | string): void
  release(): void
}

/**
 * Writes and reads that happen together or not at all. Writes are gathered and checked as far as they can be alone; reads
 * show one moment and the transaction's own writes.
 */
export interface BackendTransaction {
  put(request: PutRequest): void
  update(request: UpdateRequest): void
  delete(request: DeleteRequest): void
  check(request: CheckRequest): void
  get(request: GetRequest): Promise<Item | undefined>
  /** All items, up to a limit. */
  query(request: ReadRequest, limit: number | undefined): Promise<Item[]>
  /** What an earlier transaction with the token answered, once nothing can take that back. */
  answered(token: string): Promise<{ readonly answer: unknown } | undefined>
  /**
   * Writes all of it; with a token, the answer is kept for who comes again with it.
   *
   * @returns The answer: an earlier one, if there is one for the token, and then nothing was written.
   * @throws {TransactionCanceledException} When nothing was written, with a reason for each call.
   */
  commit(answer: unknown, token?: string): Promise<unknown>
  /** Lets go of what it holds, committed or not. */
  end(): void
}

export interface Backend extends BackendReader {
  /** Creates a table, or checks that the one of that name is as defined. */
  defineTable(definition: TableDefinition): void
  /**
   * Creates a table that is not there, and resolves when it is as safe as any commit; it can be used before that.
   *
   * @throws {ValidationException} `TABLE_DEFINITION` when there is a table of that name.
   */
  createTable(definition: TableDefinition, settings?: TableSettings): Promise<void>
  /**
   * Changes a table, and resolves when that is as safe as any commit. What takes longer goes on in the background: an
   * index is built, and one that was dropped is emptied.
   *
   * @throws {ResourceNotFoundException} When there is no such table.
   * @throws {ValidationException} When it can't be changed so; nothing was.
   */
  changeTable(name: string, change: TableChange): Promise<void>
  /**
   * Forgets a table with all that is in it. From the call on it is not there, and another one may be made under its name;
   * the promise resolves when that is as safe as any commit. Its space goes back in the background. Snapshots, and
   * iterations that have begun, show it to their end.
   *
   * @throws {ResourceNotFoundException} When there is no such table.
   */
  dropTable(name: string): Promise<void>

  /** In order. */
  tableNames(): string[]
  /** @throws {ResourceNotFoundException} When there is no such table. */
  describeTable(name: string): DetailedTableDescription
  describeTables(): TableDescription[]
  /** The table of that name, if there is one. To ask costs next to nothing. */
  findTable(name: string): KnownTable | undefined
  /** Takes an index from a table and resolves when nothing of it is left, or what is left waits for space on a full disk. */
  dropIndex(table: string, index: string): Promise<void>

  /**
   * @param last Says what was prepared for the same table last and is to be written together with it, if anything is: then it
   *   may become a part of that, which is answered. It is asked when no code of the caller's runs any more.
   * @throws {ValidationException} When an item, or a key, is not one that the table can have.
   */
  prepare(table: string, operation: BatchOperation, last?: () => PreparedWrite | undefined): PreparedWrite

  put(request: PutRequest): Promise<Item | undefined>
  /** Resolves with what is asked for, undefined when there is nothing of it. */
  update(request: UpdateRequest): Promise<Item | undefined>
  delete(request: DeleteRequest): Promise<Item | undefined>
  /** Each write is stored, or comes back with the reason, also where the table was dropped since it was prepared. */
  batchWrite(table: string, writes: readonly PreparedWrite[]): Promise<Unprocessed[]>

  begin(): BackendTransaction

  /**
   * Calls back after each commit that changes an item of the table, in the order of commits, until the table is dropped.
   *
   * @throws {ResourceNotFoundException} When there is no such table.
   */
  listen(table: string, listener: (change: Change<Item>) => void): () => void

  /** What is there now; nothing that is written later changes it. Forgotten without a release, it is reported. */
  snapshot(): BackendSnapshot

  stats(): Stats

  /**
   * For who answers without asking it for anything else.
   *
   * @throws {DatabaseClosedError} When it is closed.
   */
  checkOpen(): void

  flush(): Promise<void>
  checkpoint(): Promise<void>
  compact(): Promise<void>
  verify(onProgress?: (progress: VerifyProgress) => void): Promise<VerifyReport>
  close(): Promise<void>
}

/**
 * The upper waist: what a database can do, one method for each operation, without the types a `Table` adds. The
 * embedded engine is one implementation; items are plain objects, and filters and updates are still as they were written,
 * so that an implementation for a remote engine can translate them.
 */
import type { DynafileError } from './errors.js'
import type { Selection } from './model/expression/projection.js'
import type { Item } from './model/item/item.js'
import type { TableDefinition } from './model/table/table-definition.js'
import type { Stats } from './stats.js'
import type { Change } from './types.js'

export interface WriteRequest {
  readonly table: string
  readonly condition: unknown
  /** What the item has to pass before it is stored; returns what is stored. */
  readonly validate?: ((item: Item) => Item) | undefined
  readonly returnOld?: boolean
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

export interface UpdateRequest extends Omit<WriteRequest, 'returnOld'>, KeyRequest {
  readonly update: unknown
  /** What to resolve with. @default 'new' */
  readonly returns?: ReturnedItem | undefined
}

/** Nothing, the item before or after an update, or what the update changed of it, before or after. */
export type ReturnedItem = 'none' | 'old' | 'new' | 'updatedOld' | 'updatedNew'

export interface DeleteRequest extends WriteRequest, KeyRequest {}

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
}

export interface PageResponse {
  readonly items: Item[]
  readonly cursor: string | undefined
  readonly count: number
  readonly scanned: number
  /** The moment that this page shows, if it was asked for and there is more: whoever has it must release it. */
  readonly snapshot: BackendSnapshot | undefined
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
export type PreparedWrite = object

/** A write of a batch that was not stored, and why. */
export interface Unprocessed {
  readonly operation: BatchOperation
  readonly cause: Error
}

export interface IndexDescription {
  readonly name: string
  readonly key: readonly string[]
  readonly status: 'BUILDING' | 'ACTIVE'
  readonly fileBytes: number
}

export interface TableDescription {
  readonly name: string
  readonly key: readonly string[]
  /** `S`, `N` or `B` for each key attribute; undefined until the first item was stored. */
  readonly keyTypes: readonly (string | undefined)[]
  readonly indexes: readonly IndexDescription[]
  readonly ttl: string | undefined
  readonly createdAt: number
  readonly partitions: number
  readonly fileBytes: number
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

export interface Backend extends BackendReader {
  /** Creates a table, or checks that the one of that name is as defined. */
  defineTable(definition: TableDefinition): void
  describeTables(): TableDescription[]

  /** @throws {ValidationException} When an item, or a key, is not one that the table can have. */
  prepare(table: string, operation: BatchOperation): PreparedWrite

  put(request: PutRequest): Promise<Item | undefined>
  /** Resolves with what is asked for, undefined when there is nothing of it. */
  update(request: UpdateRequest): Promise<Item | undefined>
  delete(request: DeleteRequest): Promise<Item | undefined>
  batchWrite(table: string, writes: readonly PreparedWrite[]): Promise<Unprocessed[]>

  /** Calls back after each commit that changes an item of the table, in the order of commits. */
  listen(table: string, listener: (change: Change<Item>) => void): () => void

  /** What is there now; nothing that is written later changes it. Forgotten without a release, it is reported. */
  snapshot(): BackendSnapshot

  stats(): Stats

  flush(): Promise<void>
  checkpoint(): Promise<void>
  compact(): Promise<void>
  verify(onProgress?: (progress: VerifyProgress) => void): Promise<VerifyReport>
  close(): Promise<void>
}

/**
 * Opening a database and holding it: the one file that wires the parts together.
 */
import { realpathSync } from 'node:fs'
import { resolve, sep } from 'node:path'
import type { Backend, TableDescription, VerifyProgress, VerifyReport } from './backend.js'
import { loadChecksum } from './base/checksum.js'
import { type Clock, systemClock, systemMonotonicClock } from './base/clock.js'
import { OthersTurn } from './base/others-turn.js'
import { systemRandom } from './base/random.js'
import { systemScheduler } from './base/scheduler.js'
import { LocalBackend } from './engine/local-backend.js'
import { DatabaseClosedError, ResourceNotFoundException, ValidationException } from './errors.js'
import type { IndexSpec } from './index-spec.js'
import { shownName } from './model/key/name-rule.js'
import { checkOptionNames } from './option-names.js'
import type { OpenOptions } from './options.js'
import type { Door } from './server/door.js'
import { type AwsConfig, type AwsConfigOptions, awsConfig } from './server/request-handler.js'
import { type AwsPlugin, awsPlugin } from './server/sdk-plugin.js'
import type { ServeOptions, Server } from './server/served-database.js'
import { settingsFrom } from './settings.js'
import { OpenSnapshot, type Snapshot } from './snapshot.js'
import type { Stats } from './stats.js'
import type { FileSystem } from './storage/disk/file-system.js'
import { MemoryFileSystem } from './storage/disk/memory-file-system.js'
import { NodeFileSystem } from './storage/disk/node-file-system.js'
import { acquireProcessLock } from './storage/disk/process-lock.js'
import type { Environment } from './storage/environment.js'
import { openingFailure, prepareFolder } from './storage/folder.js'
import { type FolderClaim, Storage } from './storage/storage.js'
import type { StorageOptions } from './storage/storage-options.js'
import { BackendTable, type Table } from './table.js'
import { askedTable, type TableDef } from './table-definition.js'
import { type TransactOptions, type Tx, transact } from './transaction.js'
import type { KeySpec } from './types.js'

/** An item of a table that is used without a definition. */
// biome-ignore lint/suspicious/noExplicitAny: nothing is known about it
type AnyItem = Record<string, any>

export interface Database extends AsyncDisposable {
  /** The folder, or `memory:`. */
  readonly path: string

  /**
   * A table, made if it is not there, with what its definition adds. By its name alone: the table that is there.
   *
   * @throws {ValidationException} When the table that is there has another key.
   * @throws {ResourceNotFoundException} When there is no table of that name.
   */
  table<In, T, K extends KeySpec, IX extends Record<string, IndexSpec>>(
    def: TableDef<In, T, K, IX>,
  ): Table<In, T, K, IX>
  // biome-ignore lint/suspicious/noExplicitAny: nothing is known about its keys
  table(name: string): Table<AnyItem, AnyItem, any, Record<string, any>>

  /** The tables there are, by name. */
  tables(): TableDescription[]

  /**
   * Runs a function whose reads and writes happen together or not at all, over as many tables as it likes, as if nothing
   * else were going on. It resolves with what the function returns, once all of it is as safe as `fsync` says. The function
   * is called once; what it throws ends the transaction, and nothing was written.
   *
   * @example
   * await db.transact(async (tx) => {
   *   const from = await tx.get(Accounts, { id: 'ada' })
   *   if (from === undefined || from.balance < 10) throw new Error('not enough')
   *   tx.update(Accounts, { id: 'ada' }, { add: { balance: -10 } })
   *   tx.update(Accounts, { id: 'bob' }, { add: { balance: 10 } })
   * })
   *
   * @throws {TransactionCanceledException} When a condition is false, or what it read was changed meanwhile (see
   *   `retries`): `reasons` has one for each call, in their order.
   * @throws {ValidationException} TRANSACTION when an item is in it twice, when it is too large, or begun in another one.
   */
  transact<R>(run: (tx: Tx) => R | Promise<R>, options?: TransactOptions): Promise<R>

  /**
   * Drops an index of a table, whatever it is in the middle of. From the call on nobody reads or keeps it; the promise
   * resolves when its entries are gone, and after a crash in between the next opening goes on. Their space goes back when
   * files are merged: by itself, or with `compact()`. A definition that still has the index makes it anew.
   *
   * @example
   * await db.dropIndex('orders', 'byStatus')
   *
   * @throws {ResourceNotFoundException} When there is no such table.
   * @throws {ValidationException} `INDEX_UNKNOWN` when it has no such index.
   */
  dropIndex(table: string, index: string): Promise<void>

  /**
   * Drops a table with everything in it. From the call on it is not there: handles of it are refused, its listeners hear
   * of nothing more, and another one may be made under its name. The promise resolves when it is as safe as any commit;
   * its space goes back in the background, also after a crash. Snapshots, and iterations that have begun, show the table
   * to their end. A definition makes it anew, with nothing in it.
   *
   * @example
   * await db.dropTable('orders')
   *
   * @throws {ResourceNotFoundException} When there is no such table.
   */
  dropTable(table: string): Promise<void>

  /**
   * What is there now, to be read for as long as it is held, whatever is written meanwhile. Release it when it is read.
   *
   * @throws {DatabaseClosedError} When the database is closed.
   */
  snapshot(): Snapshot

  /**
   * How much there is, what it costs and how long things take: sizes, amplification, caches, latencies. It reads nothing
   * from the disk.
   *
   * @example
   * const { operations, disk } = db.stats()
   * console.log(operations.get.p99Us, disk.spaceAmplification)
   */
  stats(): Stats

  /**
   * Serves the database over HTTP in DynamoDB's protocol: any AWS SDK, in any language, can talk to it. Closing the server
   * leaves the database open; closing the database ends the server.
   *
   * @example
   * const server = await db.serve({ port: 8000 })
   * console.log(server.url) // the SDKs' endpoint
   * await server.close()
   *
   * @throws {ValidationException} `OPTION`, when an option has a value it does not take: nothing was seeded.
   * @throws {Error} When the port is taken, as `node:net` says it.
   */
  serve(options?: ServeOptions): Promise<Server>

  /**
   * The configuration of an AWS SDK client (v3, of DynamoDB or DynamoDB Streams) that talks to this database: in this
   * process, without a port. Every library that is built on such a client works on it.
   *
   * @example
   * const client = new DynamoDBClient(db.awsConfig())
   *
   * @throws {ValidationException} `OPTION`
   */
  awsConfig(options?: AwsConfigOptions): AwsConfig

  /**
   * The same for a client that is there already, bare or a document client, and faster: its commands are taken before they
   * are serialised and signed.
   *
   * @example
   * client.middlewareStack.use(db.awsPlugin())
   */
  awsPlugin(): AwsPlugin

  /**
   * Answers a request in DynamoDB's protocol, so that any server that knows `Request` and `Response` can have the database
   * behind one of its routes. It looks at no credentials: whom to let in is that server's business.
   */
  fetch(request: Request): Promise<Response>

  /** Makes everything acknowledged until now durable, whatever `fsync` was chosen. */
  flush(): Promise<void>

  /** Moves what is in memory into sorted files now; it happens by itself when there is enough. */
  checkpoint(): Promise<void>

  /**
   * Merges all files, so that reading looks into as few as possible. It happens by itself when nothing is written for
   * some seconds; it is for after a bulk load. It writes everything that was changed since the last time once more.
   */
  compact(): Promise<void>

  /** Reads everything and compares it with everything else. Repairs nothing. */
  verify(options?: { onProgress?: ((progress: VerifyProgress) => void) | undefined }): Promise<VerifyReport>

  /** Makes everything durable and lets the folder go. */
  close(): Promise<void>
}

/**
 * Opens the database in a folder, made if it is not there. `memory:` opens one that is forgotten when it is closed.
 *
 * @example
 * const db = await open('./data')
 * try {
 *   const orders = db.table(Orders)
 * } finally {
 *   await db.close()
 * }
 *
 * @throws {DatabaseLockedError} When another process, or this one, has it open.
 * @throws {NotADatabaseError} When the folder holds something else.
 * @throws {CorruptionError} When something that was durable is damaged; nothing was changed.
 */
export async function open(path: string, options: OpenOptions = {}): Promise<Database> {
  const { backend, clock, release } = await openBackend(path, options)
  return new OpenDatabase(path, backend, clock, release)
}

/** The engine of a database, without what makes it one to work with. */
export interface OpenedBackend {
  readonly backend: Backend
  readonly clock: Clock
  /** Lets others have the folder, once the backend is closed. */
  readonly release: () => Promise<void>
}

/** What `open` opens. */
export async function openBackend(path: string, options: OpenOptions = {}): Promise<OpenedBackend> {
  const { storageOptions, itemCacheByteLimit } = settingsFrom(options)
  const clock = options.clock ?? systemClock
  const checksum = await loadChecksum()
  const given = { clock, monotonicClock: systemMonotonicClock, scheduler: systemScheduler, checksum }
  const environmentOn = (files: FileSystem): Environment => ({ ...given, files, random: systemRandom })
  const { storage, release } =
    path === 'memory:'
      ? openInMemory(environmentOn(new MemoryFileSystem()), storageOptions)
      : await openFolder({ ...environmentOn(new NodeFileSystem()), hasThreads: true }, path, storageOptions)
  try {
    const hasFiles = path !== 'memory:'
    const backend = new LocalBackend(storage, { ...given, itemCacheByteLimit, hasFiles })
    return { backend, clock, release }
  } catch (failure) {
    // What failed first is what the caller has to know.
    await storage.close().catch(() => {})
    await release()
    throw failure
  }
}

interface OpenedStorage {
  readonly storage: Storage
  /** Lets others have the folder. */
  readonly release: () => Promise<void>
}

function openInMemory(environment: Environment, options: StorageOptions): OpenedStorage {
  const claim: FolderClaim = { epoch: 1, isHeld: () => true }
  const root = '/memory'
  prepareFolder(environment.files, root)
  return { storage: Storage.open(environment, root, claim, options), release: async () => {} }
}

async function openFolder(environment: Environment, path: string, options: StorageOptions): Promise<OpenedStorage> {
  if (typeof path !== 'string' || path === '' || path.includes('\0')) {
    throw new ValidationException('OPTION', 'Cannot open a database: the path has to be that of a folder')
  }
  if (/^[a-z][a-z0-9+.-]+:/i.test(path)) {
    throw new ValidationException('OPTION', `Cannot open "${path}": only folders and "memory:" are known`)
  }
  const wanted = resolve(path).split(sep).join('/')
  prepareFolder(environment.files, wanted)
  // Several names may lead to the folder; the lock has to be the same for all of them.
  const root = realpathSync(wanted).split(sep).join('/')
  const lock = await acquireProcessLock(root).catch((failure: unknown) => {
    throw openingFailure(root, failure)
  })
  try {
    return { storage: Storage.open(environment, root, lock, options), release: () => lock.release() }
  } catch (failure) {
    await lock.release()
    throw failure
  }
}

/** Of whatever library or realm it is. */
function checkRequest(request: Request | undefined | null): void {
  if (typeof request?.url === 'string' && typeof request.headers?.get === 'function') return
  throw new ValidationException('OPTION', `Cannot fetch: it takes a Request, not ${shownName(request)}`)
}

/** A database over any backend. */
export class OpenDatabase implements Database {
  readonly path: string
  readonly #backend: Backend
  readonly #clock: Clock
  readonly #release: () => Promise<void>
  readonly #servers = new Set<Server>()
  #door: Promise<Door> | undefined
  readonly #othersTurn = new OthersTurn(systemScheduler)
  #closing: Promise<void> | undefined

  constructor(path: string, backend: Backend, clock: Clock, release: () => Promise<void>) {
    this.path = path
    this.#backend = backend
    this.#clock = clock
    this.#release = release
  }

  table<In, T, K extends KeySpec, IX extends Record<string, IndexSpec>>(
    def: TableDef<In, T, K, IX>,
  ): Table<In, T, K, IX>
  // biome-ignore lint/suspicious/noExplicitAny: nothing is known about its keys
  table(name: string): Table<AnyItem, AnyItem, any, Record<string, any>>
  table(def: TableDef<unknown, unknown, KeySpec, Record<string, IndexSpec>> | string): unknown {
    const { name, definition, schema } = askedTable(def)
    if (definition !== undefined) this.#backend.defineTable(definition)
    else if (this.#backend.findTable(name) === undefined) {
      throw new ResourceNotFoundException(name, this.#backend.tableNames())
    }
    return new BackendTable(this.#backend, name, schema)
  }

  tables(): TableDescription[] {
    return this.#backend.describeTables()
  }

  dropIndex(table: string, index: string): Promise<void> {
    return this.#backend.dropIndex(table, index)
  }

  dropTable(table: string): Promise<void> {
    return this.#backend.dropTable(table)
  }

  transact<R>(run: (tx: Tx) => R | Promise<R>, options?: TransactOptions): Promise<R> {
    return transact(this.#backend, run, options)
  }

  snapshot(): Snapshot {
    return new OpenSnapshot(this.#backend.snapshot())
  }

  stats(): Stats {
    return this.#backend.stats()
  }

  async serve(options?: ServeOptions): Promise<Server> {
    const door = await this.#openDoor()
    const server = await door.serve(options)
    this.#servers.add(server)
    if (this.#closing === undefined) return server
    await server.close()
    throw new DatabaseClosedError()
  }

  awsConfig(options?: AwsConfigOptions): AwsConfig {
    return awsConfig(() => this.#openDoorInTurn().then(({ protocol }) => protocol), options)
  }

  awsPlugin(): AwsPlugin {
    return awsPlugin(
      () => this.#openDoor(),
      () => this.#othersDue(),
    )
  }

  async fetch(request: Request): Promise<Response> {
    checkRequest(request)
    const door = await this.#openDoorInTurn()
    return door.fetch(request)
  }

  flush(): Promise<void> {
    return this.#backend.flush()
  }

  checkpoint(): Promise<void> {
    return this.#backend.checkpoint()
  }

  compact(): Promise<void> {
    return this.#backend.compact()
  }

  async verify(options: { onProgress?: ((progress: VerifyProgress) => void) | undefined } = {}): Promise<VerifyReport> {
    checkOptionNames('verify', options)
    const { onProgress } = options
    return this.#backend.verify(onProgress)
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Most databases are never asked in DynamoDB's protocol: they don't load what speaks it. */
  #openDoor(): Promise<Door> {
    this.#door ??= import('./server/door.js').then(({ doorOf }) => doorOf(this.#backend, { clock: this.#clock }))
    return this.#door
  }

  /** The door, once others had their turn. */
  #openDoorInTurn(): Promise<Door> {
    return this.#othersDue()?.then(() => this.#openDoor()) ?? this.#openDoor()
  }

  /**
   * What a request in this process has to wait for. All of them ask, and most of them wait for nothing else: a loop of them
   * would let nobody else run.
   */
  #othersDue(): Promise<void> | undefined {
    return this.#othersTurn.due(systemMonotonicClock.now())
  }

  async #close(): Promise<void> {
    try {
      await Promise.all([...this.#servers].map((server) => server.close()))
      await this.#backend.close()
    } finally {
      await this.#release()
    }
  }
}

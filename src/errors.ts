/**
 * Every error this package throws, grouped by the moment it can happen.
 *
 * `name` follows AWS where AWS has a name (`ConditionalCheckFailedException`, `ValidationException`, …), so code
 * written for the SDK's `catch` blocks runs unchanged. `code` is stable and finer: branch on it, never on `message`.
 * docs/reference/errors.md lists them all. A message says what could not be done, why, and what to do.
 */

export abstract class DynafileError extends Error {
  abstract readonly code: string

  override get name(): string {
    return this.constructor.name
  }
}

// ── A request that can't be carried out as written ────────────────────────────────────────────────────────────────

/** What exactly is wrong with a request. Each code has its own heading in docs/reference/errors.md. */
export type ValidationCode =
  | 'KEY_MISSING'
  | 'KEY_EMPTY'
  | 'KEY_TYPE'
  | 'KEY_TOO_LONG'
  | 'KEY_UNKNOWN_ATTRIBUTE'
  | 'KEY_NOT_UPDATABLE'
  | 'KEY_CONDITION'
  | 'ITEM_TYPE'
  | 'ITEM_TOO_BIG'
  | 'ITEM_TOO_DEEP'
  | 'ATTRIBUTE_NAME'
  | 'VALUE_UNDEFINED'
  | 'VALUE_FUNCTION'
  | 'VALUE_SYMBOL'
  | 'VALUE_CYCLE'
  | 'VALUE_CLASS'
  | 'VALUE_TEXT'
  | 'NUMBER_NOT_FINITE'
  | 'NUMBER_SYNTAX'
  | 'NUMBER_RANGE'
  | 'NUMBER_DIGITS'
  | 'SET_EMPTY'
  | 'SET_MIXED'
  | 'SET_DUPLICATE'
  | 'FILTER_SYNTAX'
  | 'FILTER_TOO_LONG'
  | 'FILTER_TOO_COMPLEX'
  | 'FILTER_PATTERN'
  | 'FILTER_SUBNET'
  | 'FILTER_EVALUATION'
  | 'FILTER_TYPE'
  | 'EXPRESSION_SYNTAX'
  | 'EXPRESSION_TOO_LONG'
  | 'EXPRESSION_TOO_COMPLEX'
  | 'EXPRESSION_PLACEHOLDER'
  | 'EXPRESSION_PATH'
  | 'EXPRESSION_TYPE'
  | 'EXPRESSION_UNTRANSLATABLE'
  | 'UPDATE_SYNTAX'
  | 'UPDATE_TYPE'
  | 'UPDATE_PATH'
  | 'SCHEMA'
  | 'TABLE_NAME'
  | 'TABLE_DEFINITION'
  | 'INDEX_UNKNOWN'
  | 'INDEX_ELEMENTS'
  | 'INDEX_PROJECTION'
  | 'CURSOR'
  | 'OPTION'
  | 'SORT_TOO_BIG'
  | 'BATCH'
  | 'TRANSACTION'

/** The request is not valid. Nothing was read or written. */
export class ValidationException extends DynafileError {
  readonly code: ValidationCode

  constructor(code: ValidationCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** An item that the table's schema does not accept; `issues` are the validator's own. */
export class SchemaValidationException extends ValidationException {
  readonly issues: readonly { readonly message: string; readonly path: string }[]
  readonly #table: string

  constructor(table: string, issues: SchemaValidationException['issues'], why = '') {
    const list = issues.map((issue) => (issue.path === '' ? issue.message : `${issue.path}: ${issue.message}`))
    super('SCHEMA', `Cannot write to "${table}": the item does not match its schema: ${list.join('; ')}${why}`)
    this.issues = issues
    this.#table = table
  }

  /** The same of an update, where what is stored does not match the schema either. */
  ofStored(): SchemaValidationException {
    const why =
      '. What is stored does not match it either, whatever the update changes: an update needs a schema that accepts what it has made of an item itself'
    return new SchemaValidationException(this.#table, this.issues, why)
  }

  // AWS knows one name for every request that is not valid.
  override get name(): string {
    return 'ValidationException'
  }
}

/** The condition of a write was false. Nothing was written; `item` is what stands there instead, if it was asked for. */
export class ConditionalCheckFailedException extends DynafileError {
  readonly code = 'CONDITION_FAILED'
  readonly item: Record<string, unknown> | undefined

  constructor(item?: Record<string, unknown>) {
    super('The conditional request failed')
    this.item = item
  }
}

/**
 * Another item has the key already that the item would have in a unique index. Nothing was written. `key` is the one in
 * the index, `holder` the key of the item that has it: both are the caller's own.
 *
 * @example
 * try {
 *   await users.put({ id: 'u2', email: 'ada@example.org' })
 * } catch (failure) {
 *   if (!(failure instanceof UniqueIndexException)) throw failure
 *   console.log(failure.index, failure.holder) // 'byEmail', { id: 'u1' }
 * }
 */
export class UniqueIndexException extends DynafileError {
  readonly code = 'UNIQUE_CONFLICT'
  readonly table: string
  readonly index: string
  readonly key: Record<string, unknown>
  readonly holder: Record<string, unknown>

  constructor(table: string, index: string, key: Record<string, unknown>, holder: Record<string, unknown>) {
    const names = Object.keys(key).join(', ')
    super(
      `Cannot store the item in "${table}": its index "${index}" is unique, and another item has the same ${names}; ` +
        'its key is in "holder"',
    )
    this.table = table
    this.index = index
    this.key = key
    this.holder = holder
  }
}

/**
 * A unique index could not be built, as two items have the same `key` in it: those with the keys `holders`. Nothing reads
 * it or keeps it until it is built again: change one of them, and open the database again or drop the index and define it.
 */
export class IndexBuildFailedError extends DynafileError {
  readonly code = 'INDEX_BUILD_FAILED'
  readonly table: string
  readonly index: string
  readonly key: Record<string, unknown>
  readonly holders: readonly Record<string, unknown>[]

  constructor(table: string, index: string, key: Record<string, unknown>, holders: readonly Record<string, unknown>[]) {
    const names = Object.keys(key).join(', ')
    super(
      `Cannot build the unique index "${index}" of table "${table}": two items have the same ${names}; their keys are ` +
        'in "holders". Change one of them, then open the database again',
    )
    this.table = table
    this.index = index
    this.key = key
    this.holders = holders
  }
}

/** Why an action of a transaction did not happen, or `None` when it was for another one. The names are DynamoDB's. */
export type CancellationCode =
  | 'None'
  | 'ConditionalCheckFailed'
  /** What it was about was changed by somebody else after the transaction had read it. */
  | 'TransactionConflict'
  /** It can't be stored as it is. */
  | 'ValidationError'
  /** Another item has the key in a unique index. */
  | 'DuplicateItem'

export interface CancellationReason {
  readonly code: CancellationCode
  /** Left out for `None`. */
  readonly message?: string
  /** What stands there instead, if the action asked for the old item. */
  readonly item?: Record<string, unknown>
  /** The error that the same action would have met alone, if there is more to know. */
  readonly cause?: Error
}

/**
 * A transaction did not happen: nothing of it was written. `reasons` has one entry for each call of the transaction's
 * methods, in their order.
 */
export class TransactionCanceledException extends DynafileError {
  readonly code = 'TRANSACTION_CANCELED'
  readonly reasons: readonly CancellationReason[]

  constructor(reasons: readonly CancellationReason[]) {
    const codes = reasons.map(({ code }) => code).join(', ')
    super(`Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`)
    this.reasons = reasons
  }
}

/** There is no table of that name. */
export class ResourceNotFoundException extends DynafileError {
  readonly code = 'TABLE_NOT_FOUND'

  /** @param known The tables there are; or that this one was there, and is not what it was. @default none */
  constructor(table: string, known: readonly string[] | 'dropped' = []) {
    super(`Cannot find the table "${table}": ${hintFor(known)}`)
  }
}

function hintFor(known: readonly string[] | 'dropped'): string {
  if (known === 'dropped') return 'it was dropped meanwhile; one of this name that is there now is another'
  return known.length === 0 ? 'the database has no tables yet' : `there are: ${known.join(', ')}`
}

/** Some writes of a batch were not stored; `unprocessed` holds them, ready to be tried again. */
export class UnprocessedItemsError extends DynafileError {
  readonly code = 'UNPROCESSED_ITEMS'
  readonly unprocessed: readonly unknown[]

  constructor(unprocessed: readonly unknown[], options?: ErrorOptions) {
    super(`Cannot store ${unprocessed.length} writes of the batch: they are in "unprocessed"`, options)
    this.unprocessed = unprocessed
  }
}

/** A batch writer was disposed with writes that nobody flushed; `count` of them were not stored. */
export class UnflushedBatchError extends DynafileError {
  readonly code = 'BATCH_NOT_FLUSHED'
  readonly count: number

  constructor(count: number) {
    super(`Cannot end the batch: ${count} writes were never flushed and are not stored; call "await flush()" first`)
    this.count = count
  }
}

// ── While opening ─────────────────────────────────────────────────────────────────────────────────────────────────

/** The folder holds something else, or a database that was never finished being created elsewhere. */
export class NotADatabaseError extends DynafileError {
  readonly code = 'NOT_A_DATABASE'
  readonly path: string

  constructor(path: string, reason: string, options?: ErrorOptions) {
    super(`Cannot open "${path}": ${reason}`, options)
    this.path = path
  }
}

/** The folder was written by a newer version of this package. */
export class NewerFormatError extends DynafileError {
  readonly code = 'NEWER_FORMAT'

  constructor(path: string, found: number, known: number) {
    super(`Cannot open "${path}": its format is ${found}, this version reads up to ${known}; upgrade dynafile`)
  }
}

/** The folder, or its disk, can't be written to. */
export class ReadOnlyFolderError extends DynafileError {
  readonly code = 'READ_ONLY'

  constructor(path: string, options?: ErrorOptions) {
    super(
      `Cannot open "${path}": it can't be written to; check its owner, its mode and how its disk is mounted`,
      options,
    )
  }
}

/** Another process (or another `open` in this one) has the folder open for writing. */
export class DatabaseLockedError extends DynafileError {
  readonly code = 'DATABASE_LOCKED'
  readonly pid: number
  readonly host: string

  constructor(path: string, holder: { pid: number; host: string; startedAt: string }) {
    const who =
      holder.pid === process.pid ? `this process (pid ${holder.pid})` : `process ${holder.pid} on ${holder.host}`
    super(`Cannot open "${path}": ${who} has had it open since ${holder.startedAt}; close it there first`)
    this.pid = holder.pid
    this.host = holder.host
  }
}

/** The system failed while the folder was being opened. What is stored was not changed. */
export class OpenFailedError extends DynafileError {
  readonly code = 'OPEN_FAILED'

  constructor(path: string, options: ErrorOptions) {
    super(`Cannot open "${path}": ${reasonOf(options.cause)}`, options)
  }
}

// ── While reading stored bytes ────────────────────────────────────────────────────────────────────────────────────

/** Stored bytes contradict their checksum, their format or each other. Nothing was repaired, nothing was guessed. */
export class CorruptionError extends DynafileError {
  readonly code = 'CORRUPTION'
  readonly file: string
  readonly byteOffset: number

  constructor(file: string, byteOffset: number, reason: string, options?: ErrorOptions) {
    super(`Cannot read "${file}" at byte ${byteOffset}: ${reason}`, options)
    this.file = file
    this.byteOffset = byteOffset
  }
}

/** A file is compressed in a way that this runtime can't undo. It is not damaged: a newer runtime reads it. */
export class CodecMissingError extends DynafileError {
  readonly code = 'CODEC_MISSING'
  readonly file: string

  constructor(file: string, codec: string, since: string) {
    super(
      `Cannot read "${file}": it is compressed with ${codec}, which ${process.version} lacks; use ${since} or newer`,
    )
    this.file = file
  }
}

/** The disk could not be read. The data may be intact: nothing was concluded from it. */
export class ReadFailedError extends DynafileError {
  readonly code = 'READ_FAILED'

  constructor(file: string, options: ErrorOptions) {
    super(`Cannot read "${file}": ${reasonOf(options.cause)}`, options)
  }
}

/** Whether stored bytes could not be read, for whatever reason: what is written beside them is not concerned. */
export function isUnreadable(failure: unknown): boolean {
  return (
    failure instanceof CorruptionError || failure instanceof ReadFailedError || failure instanceof CodecMissingError
  )
}

/** Who follows a database was too slow: the changes it would have seen next are no longer in the log. */
export class FellBehindError extends DynafileError {
  readonly code = 'FELL_BEHIND'

  constructor(path: string) {
    super(`Cannot follow "${path}" any more: changes were removed from its log before they were read; start again`)
  }
}

// ── While writing ─────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * A write or a sync failed, so what reached the disk is unknown. `outcome` says what became of this request: `unknown`
 * (it may be there after reopening) or `not written`. Later writes are refused; reads go on from what is durable.
 */
export class WriteFailedError extends DynafileError {
  readonly code: string = 'WRITE_FAILED'
  readonly outcome: 'unknown' | 'not written'

  constructor(outcome: 'unknown' | 'not written', options: ErrorOptions, message?: string) {
    super(
      message !== undefined
        ? message
        : outcome === 'unknown'
          ? `Cannot tell whether this write is stored: ${reasonOf(options.cause)}; reopen the database and look`
          : `Cannot write: an earlier write failed (${reasonOf(options.cause)}); reopen the database to write again`,
      options,
    )
    this.outcome = outcome
  }
}

/**
 * The disk is full. Nothing stored is lost, and reading goes on. When it was noticed while files were rewritten, writing
 * goes on by itself once there is space, and so it does when less was left than the log keeps for dropping tables and
 * indexes. When the log itself could not be written, reopen the database.
 */
export class DiskFullError extends WriteFailedError {
  override readonly code = 'DISK_FULL'
}

/** What is thrown while files can't be rewritten for want of space: as soon as there is some, writing goes on. */
export function diskFullForNow(cause: Error): DiskFullError {
  const message = `Cannot write: the disk is full (${cause.message}); free some space and try again`
  return new DiskFullError('not written', { cause }, message)
}

/** The process has as many files open as it may. Nothing stored is lost, and writing goes on by itself once some are closed. */
export class TooManyFilesError extends WriteFailedError {
  override readonly code = 'TOO_MANY_FILES'
}

/** What is thrown while files can't be rewritten because none can be opened. */
export function tooManyFilesForNow(cause: Error): TooManyFilesError {
  const message = `Cannot write: too many files are open (${reasonOf(cause)}); close some, or raise the limit (ulimit -n), and try again`
  return new TooManyFilesError('not written', { cause }, message)
}

/** Another process took the folder over: this one must not write any more. */
export class FencedError extends DynafileError {
  readonly code = 'FENCED'

  constructor(path: string) {
    super(
      `Cannot write to "${path}": another process has taken it over, or it was moved or is out of reach; reopen the database. Whether this write was stored is unknown`,
    )
  }
}

/** The database was closed. */
export class DatabaseClosedError extends DynafileError {
  readonly code = 'DATABASE_CLOSED'

  constructor() {
    super('Cannot use the database: it is closed')
  }
}

/** A snapshot was used after its release, or after the database was closed. */
export class SnapshotReleasedError extends DynafileError {
  readonly code = 'SNAPSHOT_RELEASED'

  constructor() {
    super('Cannot read on: the database was closed meanwhile, or the snapshot was released; begin again')
  }
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}

/**
 * Opens a folder for the length of one command. Only commands that were told how to make a table may make a database:
 * a mistyped path must not leave an empty one behind.
 */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { TableDescription } from '../backend.js'
import { type Database, open } from '../database.js'
import { NotADatabaseError } from '../errors.js'
import type { OpenOptions } from '../options.js'
import { opening } from '../storage/folder.js'
import type { Page } from '../types.js'
import type { CommandContext } from './command-context.js'

export interface FolderOptions {
  /** Whether a database is made where there is none. @default false */
  readonly create?: boolean
  /** @default 'always' */
  readonly fsync?: NonNullable<OpenOptions['fsync']>
}

/**
 * Runs `work` with the database in the folder and closes it afterwards, whatever happens; on an interruption at once.
 *
 * @throws {NotADatabaseError} When there is no database and none may be made.
 */
export async function withDatabase<R>(
  { signal }: Pick<CommandContext, 'signal'>,
  folder: string,
  work: (database: Database) => Promise<R>,
  { create = false, fsync = 'always' }: FolderOptions = {},
): Promise<R> {
  if (!create) checkFolder(folder)
  signal.throwIfAborted()
  const database = await open(folder, { fsync })
  try {
    return await unlessAborted(signal, work(database))
  } finally {
    await database.close()
  }
}

/**
 * @throws {NotADatabaseError} When the folder holds no database.
 * @throws {ReadOnlyFolderError} When the system does not let us look.
 */
export function checkFolder(folder: string): void {
  // Not `existsSync`, which takes a folder that may not be looked into for an empty one.
  const found = opening(folder, () => statSync(join(folder, 'FORMAT'), { throwIfNoEntry: false }))
  if (found !== undefined) return
  throw new NotADatabaseError(folder, 'there is no database; "put" and "import" make one when they are given --key')
}

/** @throws {ResourceNotFoundException} When there is no table of that name. */
export function describeTable(database: Database, name: string): TableDescription {
  // Getting the table throws the error that names the others.
  const table = database.table(name)
  return database.tables().find((description) => description.name === table.name)!
}

/** The pages, with a pause after each in which an interruption is noticed and progress is shown. */
export async function* withPauses<T>(
  pages: AsyncIterable<Page<T>>,
  signal: AbortSignal,
): AsyncGenerator<Page<T>, void, undefined> {
  for await (const page of pages) {
    yield page
    await setImmediate()
    signal.throwIfAborted()
  }
}

/** What the work gives, or the signal's reason as soon as it aborts; the work may go on unheard. */
export function unlessAborted<R>(signal: AbortSignal, work: Promise<R>): Promise<R> {
  return new Promise<R>((resolve, reject) => {
    const onAbort = () => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}

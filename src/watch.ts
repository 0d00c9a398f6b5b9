/**
 * Watching a folder from outside: the changes that whichever process has it open commits, without disturbing it. Within
 * the process that has it open, `table.on('change')` is the way.
 */
import { realpathSync } from 'node:fs'
import { sep } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { loadChecksum } from './base/checksum.js'
import { ChangeFeed } from './engine/feed/follow.js'
import { NotADatabaseError } from './errors.js'
import type { Item } from './model/item/item.js'
import { NodeFileSystem } from './storage/disk/node-file-system.js'
import { openingFailure } from './storage/folder.js'
import { Follower } from './storage/follower.js'
import type { Change } from './types.js'

/** How often it looks, in milliseconds. */
const POLL_INTERVAL_MS = 100

export interface WatchOptions {
  /** Only changes of this table, until it is dropped; it may be made later. @default all */
  readonly table?: string
  /** Ends it. */
  readonly signal?: AbortSignal
}

/**
 * Changes from now on, in the order of commits, until the signal ends it. They appear once they are durable: at once
 * with `fsync: 'always'`, after the next sync otherwise.
 *
 * @throws {NotADatabaseError} When there is no database in the folder.
 * @throws {ReadOnlyFolderError} When the system does not let us look.
 * @throws {FellBehindError} When changes were made faster than they were read.
 */
export function watchFolder(path: string, options: WatchOptions = {}): AsyncGenerator<Change<Item>, void, undefined> {
  return watchTables(path, options, () => {})
}

/** As `watchFolder`; the names of the tables that are there when it begins are told to `onBegin`. */
export async function* watchTables(
  path: string,
  { table, signal }: WatchOptions,
  onBegin: (tables: readonly string[]) => void,
): AsyncGenerator<Change<Item>, void, undefined> {
  const checksum = await loadChecksum()
  const follower = Follower.open({ files: new NodeFileSystem(), checksum }, realFolder(path))
  try {
    const feed = new ChangeFeed(follower, table)
    onBegin(feed.tableNames)
    while (signal?.aborted !== true) {
      yield* feed.next()
      if (feed.isOver) return
      try {
        await setTimeout(POLL_INTERVAL_MS, undefined, signal === undefined ? {} : { signal })
      } catch {
        return
      }
    }
  } finally {
    follower.close()
  }
}

function realFolder(path: string): string {
  try {
    return realpathSync(path).split(sep).join('/')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw openingFailure(path, cause)
    throw new NotADatabaseError(path, 'there is no such folder', { cause })
  }
}

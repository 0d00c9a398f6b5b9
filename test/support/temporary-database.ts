/**
 * A database in a temporary folder that looks after itself: at the end of the test everything in it is verified, on the
 * open database and once more after opening it again, it is closed, and the folder is removed. Nobody has to remember.
 */
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { type Clock, type Database, type OpenOptions, open } from '../../src/index.js'

export interface TemporaryDatabase {
  /** The folder. */
  readonly path: string
  /** The database that is open now. */
  readonly db: Database
  /** Closes it and opens it again, with these options on top of the ones before. */
  reopen(options?: OpenOptions): Promise<Database>
}

export interface TemporaryDatabaseOptions {
  /** In a way of its own. */
  readonly openIt?: (folder: string, options: OpenOptions) => Promise<Database>
  /** Whether the folder is looked at once more after closing. @default true */
  readonly opensAgain?: boolean
}

/** Opens one, within a test. */
export async function temporaryDatabase(
  options: OpenOptions = {},
  { openIt = open, opensAgain = true }: TemporaryDatabaseOptions = {},
): Promise<TemporaryDatabase> {
  const folder = path.join(temporaryFolder(), 'db')
  let used = options
  let db = await openIt(folder, used)
  onTestFinished(async () => {
    await expectSound(db)
    await db.close()
    if (opensAgain) await expectSoundFolder(folder, used)
  })
  return {
    path: folder,
    get db() {
      return db
    },
    async reopen(changed = {}) {
      await db.close()
      used = { ...used, ...changed }
      db = await openIt(folder, used)
      return db
    },
  }
}

/** An empty folder that is removed at the end of the test. */
export function temporaryFolder(): string {
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'dynafile-test-')))
  onTestFinished(() => fs.rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Opens a folder that nobody has open, and looks at everything in it. */
export async function expectSoundFolder(folder: string, options: OpenOptions = {}): Promise<void> {
  const db = await open(folder, options)
  try {
    await expectSound(db)
  } finally {
    await db.close()
  }
}

/** Whether blocks, items and indexes agree. A database that the test has closed is looked at after opening it again. */
export async function expectSound(db: Database): Promise<void> {
  const report = await db.verify().catch((failure: unknown) => {
    if ((failure as { code?: string }).code === 'DATABASE_CLOSED') return undefined
    throw failure
  })
  expect(report?.problems ?? []).toEqual([])
}

/** Every file below a folder, by its path in it, with its bytes: to see that nothing was changed. */
export function filesBelow(folder: string): Record<string, string> {
  const found: Record<string, string> = {}
  for (const entry of fs.readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name)
    if (entry.isFile()) found[path.relative(folder, file)] = fs.readFileSync(file, 'latin1')
  }
  return found
}

/** A clock that stands still until it is moved. */
export class MovableClock implements Clock {
  #now: number

  constructor(now = 1_800_000_000_000) {
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  advance(seconds: number): void {
    this.#now += seconds * 1000
  }

  /** Now as an item's time to live counts. */
  get seconds(): number {
    return this.#now / 1000
  }
}

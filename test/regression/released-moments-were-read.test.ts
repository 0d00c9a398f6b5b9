/** What was released while somebody still read it told of a snapshot that nobody had taken. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { type Database, DatabaseClosedError, open, table, type } from '../../src/index.js'

const Items = table('items', { schema: type<{ pk: string; sk: number; text: string }>(), key: ['pk', 'sk'] })
const folders: string[] = []

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

/** With files, so that other threads scan, and much in memory, which is packed for them in several turns. */
async function filled(): Promise<Database> {
  const folder = mkdtempSync(join(tmpdir(), 'dynafile-'))
  folders.push(folder)
  const db = await open(folder, { fsync: 'never' })
  for (const half of [0, 1]) {
    await db.table(Items).batch((batch) => {
      for (let sk = half; sk < 10_000; sk += 2) batch.put({ pk: 'a', sk, text: 'x'.repeat(200) })
    })
    if (half === 0) await db.checkpoint()
  }
  return db
}

async function turns(count: number): Promise<void> {
  for (let n = 0; n < count; n++) await new Promise((resolve) => setImmediate(resolve))
}

test.each([1, 2, 3, 5])('a scan that is stopped while it begins says why it was (%i turns)', async (count) => {
  const db = await filled()
  const stop = new AbortController()
  const scan = db.table(Items).scan({ workers: 2, signal: stop.signal }).count()
  scan.catch(() => {})
  await turns(count)
  stop.abort(new Error('no longer needed'))
  await expect(scan).rejects.toThrow('no longer needed')

  const another = db.table(Items).scan({ workers: 2 }).count()
  another.catch(() => {})
  await turns(count)
  await db.close()
  await expect(another).rejects.toThrow(DatabaseClosedError)
})

test('a query that a transaction does not wait for reads what it began to read', async () => {
  const db = await open('memory:')
  await db.table(Items).batch((batch) => {
    for (let sk = 0; sk < 3000; sk++) batch.put({ pk: 'a', sk, text: 'x'.repeat(500) })
  })
  let found: Promise<readonly unknown[]> | undefined
  await db.transact(async (tx) => {
    found = tx.query(Items, { pk: 'a' }, { filter: () => true })
    found.catch(() => {})
    tx.put(Items, { pk: 'a', sk: 0, text: 'changed' })
    // The moment is taken in the first turn, and the pages come in later ones.
    await turns(0)
  })
  const outcome = await found!.then(
    (items) => items.length,
    (failure: Error) => failure.name,
  )
  expect(outcome).toBe(3000)
  await db.close()
})

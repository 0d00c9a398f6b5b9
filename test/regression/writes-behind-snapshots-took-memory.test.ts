/** Each write behind a snapshot left a copy of up to a kilobyte and a half behind, for as long as the memtable was there. */
import { expect, test } from 'vitest'
import { type Database, open, table, type } from '../../src/index.js'
import { Memtable } from '../../src/storage/tree/memtable.js'

test('a memtable takes no more memory for snapshots that were released', () => {
  const memtable = new Memtable()
  const key = (n: number) => `same partition ${String(n % 500).padStart(5, '0')}`
  for (let n = 0; n < 500; n++) memtable.set(1, key(n), Buffer.alloc(10), n)
  const long = memtable.snapshot()
  const before = memtable.byteLength
  for (let n = 0; n < 2000; n++) {
    const snapshot = memtable.snapshot()
    memtable.set(1, key(n), Buffer.alloc(10), n)
    snapshot.release()
  }
  // What the long one needs is copied once.
  const perWrite = key(0).length + 10 + 80
  expect(memtable.byteLength - before - 2000 * perWrite).toBeLessThan(20_000)
  long.release()
  expect(memtable.byteLength - before).toBe(2000 * perWrite)
})

test('what a held snapshot makes a memtable copy counts as its memory', () => {
  const memtable = new Memtable()
  for (let n = 0; n < 128; n++) memtable.set(1, `same partition ${n}`, Buffer.alloc(10), n)
  const before = memtable.byteLength
  const snapshots = Array.from({ length: 100 }, (_, n) => {
    const snapshot = memtable.snapshot()
    memtable.set(1, 'same partition 5', undefined, 200 + n)
    return snapshot
  })
  expect(memtable.byteLength - before).toBeGreaterThan(100 * 128 * 12)
  for (const snapshot of snapshots) snapshot.release()
  expect(memtable.byteLength - before).toBeLessThan(100 * 128)
})

test('transactions that read and write again and again take no more memory than their writes', async () => {
  const Items = table('items', { schema: type<{ pk: string; sk: number; n: number }>(), key: ['pk', 'sk'] })
  const taken = async (write: (db: Database, sk: number, n: number) => Promise<unknown>) => {
    const db = await open('memory:')
    for (let n = 0; n < 1000; n++) await write(db, n % 200, n)
    const { memtableBytes } = db.stats().memory
    await db.close()
    return memtableBytes
  }
  const putAlone = await taken((db, sk, n) => db.table(Items).put({ pk: 'one', sk, n }))
  const inTransactions = await taken((db, sk, n) =>
    db.transact(async (tx) => {
      await tx.get(Items, { pk: 'one', sk })
      tx.put(Items, { pk: 'one', sk, n })
    }),
  )
  expect(inTransactions).toBe(putAlone)
})

/** What db.stats() tells is what there is: on the disk, in memory, and of what was done. */
import fs from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { type Database, table, type } from '../../src/index.js'
import { filesBelow, temporaryDatabase } from '../support/temporary-database.js'

interface Thing {
  id: string
  group: string
  text: string
}
const Things = table('things', { schema: type<Thing>(), key: ['id'], indexes: { byGroup: ['group', 'id'] } })

async function fill(db: Database, from: number, to: number, text = 'some words '.repeat(20)): Promise<void> {
  await db.table(Things).batch((writer) => {
    for (let n = from; n < to; n++) writer.put({ id: `i${n}`, group: `g${n % 7}`, text })
  })
}

const bytesOf = (folder: string, pattern: RegExp) =>
  Object.entries(filesBelow(folder))
    .filter(([name]) => pattern.test(name))
    .reduce((sum, [, content]) => sum + content.length, 0)

test('of a new database everything is zero, and nothing is divided by it', async () => {
  const { db } = await temporaryDatabase()
  const { tables, disk, memory, writing, background, snapshots, operations } = db.stats()
  expect(tables).toEqual([])
  expect(disk).toMatchObject({ files: 0, fileBytes: 0, openFiles: 0, logFiles: 1, spaceAmplification: undefined })
  expect(memory).toMatchObject({ memtableBytes: 0, memtableEntries: 0, blockCache: { bytes: 0, hitRate: undefined } })
  expect(writing).toMatchObject({ committedBytes: 0, fileWrittenBytes: 0, writeAmplification: undefined })
  expect(background).toMatchObject({ checkpoints: 0, deltaMerges: 0, partitionMerges: 0 })
  expect(snapshots).toEqual({ open: 0, oldestMs: undefined })
  expect(Object.keys(operations)).toHaveLength(8)
  expect(operations.get).toMatchObject({ count: 0, p99Us: undefined })
})

test('items are exact in memory, in files after a checkpoint, and else an estimate that says so', async () => {
  const { db, reopen } = await temporaryDatabase()
  await fill(db, 0, 500)
  await db.table(Things).delete({ id: 'i1' })
  const things = () => db.stats().tables[0]!
  expect(things()).toMatchObject({ name: 'things', items: 499, itemsAreExact: true, files: 0, fileBytes: 0 })
  await db.checkpoint()
  expect(things()).toMatchObject({ items: 499, itemsAreExact: true, partitions: 1, files: 1, deltas: 0, tombstones: 0 })
  expect(things().indexes).toMatchObject([{ name: 'byGroup', items: 499, itemsAreExact: true }])
  await fill(db, 450, 600)
  expect(things()).toMatchObject({ itemsAreExact: false })
  expect(things().items).toBeGreaterThanOrEqual(599)
  expect((await reopen()).stats().tables).toMatchObject([{ items: 599, itemsAreExact: true }])
})

test('bytes and files are those on the disk', async () => {
  const { db, path: folder } = await temporaryDatabase({ partitionBytes: 20_000 })
  for (let round = 0; round < 3; round++) {
    await fill(db, 0, 700)
    await db.checkpoint()
  }
  await db.table(Things).scan().count()
  const { disk, tables, writing, memory, background } = db.stats()
  const runs = Object.keys(filesBelow(folder)).filter((name) => name.endsWith('.run'))
  expect(disk.files).toBe(runs.length)
  expect(disk.fileBytes).toBe(bytesOf(folder, /\.run$/))
  expect(disk.logFiles).toBe(fs.readdirSync(path.join(folder, 'wal')).length)
  expect(disk.logBytes).toBe(bytesOf(folder, /\.log$/))
  expect(disk.openFiles).toBeGreaterThan(1)
  const [things] = tables
  const inTables = things!.fileBytes + things!.indexes[0]!.fileBytes
  expect(inTables).toBeLessThan(disk.fileBytes)
  expect(inTables).toBe(bytesOf(folder, /^t.[12].*run$/))
  expect(things!.partitions).toBeGreaterThan(5)
  expect(things!.rawBytes / 700).toBeGreaterThan(220)

  // Written three times, to the log and to files.
  expect(writing.committedBytes / things!.rawBytes).toBeGreaterThan(3)
  expect(writing.fileWrittenBytes).toBeGreaterThan(2.5 * disk.fileBytes)
  expect(writing.logWrittenBytes).toBeGreaterThan(writing.committedBytes)
  const written = writing.fileWrittenBytes + writing.logWrittenBytes
  expect(writing.writeAmplification).toBeCloseTo(written / writing.committedBytes)
  expect(disk.spaceAmplification).toBeGreaterThan(1)
  expect(memory).toMatchObject({ memtableBytes: 0, memtableEntries: 0 })
  expect(background.checkpoints).toBe(3)
  expect(background.checkpointMs).toBeGreaterThan(0)
  expect(background.longestPauseMs).toBeGreaterThan(0)
  expect(background.longestPauseMs).toBeLessThan(background.checkpointMs)
})

test('snapshots are counted, and the files that are kept for them', async () => {
  const { db } = await temporaryDatabase()
  await fill(db, 0, 100)
  await db.checkpoint()
  const snapshot = db.snapshot()
  const other = db.snapshot()
  await fill(db, 0, 100, 'other words')
  await db.checkpoint()
  await new Promise((resolve) => setTimeout(resolve, 5))
  const held = db.stats()
  expect(held.snapshots.open).toBe(2)
  expect(held.snapshots.oldestMs).toBeGreaterThan(4)
  expect(held.disk.retiredFiles).toBeGreaterThan(0)
  expect(held.disk.retiredFileBytes).toBeGreaterThan(20_000)
  snapshot.release()
  other.release()
  expect(db.stats()).toMatchObject({ snapshots: { open: 0 }, disk: { retiredFiles: 0, retiredFileBytes: 0 } })
})

test('operations are counted, the first of each is timed, and caches say how often they knew', async () => {
  const { db } = await temporaryDatabase()
  const things = db.table(Things)
  await fill(db, 0, 2500)
  await db.checkpoint()
  for (let n = 0; n < 40; n++) await things.get({ id: `i${n % 2}` })
  await things.put({ id: 'one', group: 'g', text: 'a' })
  await things.update({ id: 'one' }, { set: { text: 'b' } })
  await expect(things.update({ id: 'one' }, { set: { text: 'b' } }, { if: { text: 'c' } })).rejects.toThrow()
  await things.delete({ id: 'one' })
  await things.batchGet([{ id: 'i1' }, { id: 'i2' }])
  // Which blocks are read once depends on the hash of this database; these are read again and again.
  for (let n = 0; n < 20; n++) await things.query({ id: 'i1' }).toArray()
  await things.index('byGroup').scan().count()
  const snapshot = db.snapshot()
  await snapshot.table(Things).get({ id: 'i1' })
  snapshot.release()

  const { operations, memory } = db.stats()
  const counts = Object.fromEntries(Object.entries(operations).map(([name, { count }]) => [name, count]))
  // Entries are counted without their items, so one page has all of them.
  const indexPages = 1
  expect(counts).toEqual({
    ...{ get: 41, put: 1, update: 2, delete: 1, queryPage: 20, scanPage: indexPages, batchGet: 1, batchWrite: 10 },
  })
  for (const { p50Us, p95Us, p99Us, maxUs } of Object.values(operations)) {
    expect(p50Us).toBeGreaterThan(0)
    expect(p95Us).toBeGreaterThanOrEqual(p50Us!)
    expect(p99Us).toBeGreaterThanOrEqual(p95Us!)
    expect(maxUs).toBeGreaterThanOrEqual(p99Us!)
  }
  expect(memory.itemCache.hits).toBeGreaterThan(30)
  expect(memory.itemCache.hitRate).toBeGreaterThan(0.5)
  expect(memory.blockCache.bytes).toBeGreaterThan(0)
  expect(memory.blockCache.bytes).toBeLessThan(memory.blockCache.limitBytes)
  expect(memory.blockCache.hitRate).toBeGreaterThan(0.5)
})

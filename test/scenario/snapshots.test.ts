/** A moment of the database: it stays as it was, holds up nobody, and what it holds on to goes when it is released. */
import { readdirSync } from 'node:fs'
import { expect, onTestFinished, test, vi } from 'vitest'
import { type Database, type Snapshot, SnapshotReleasedError, table, type } from '../../src/index.js'
import { collectGarbage } from '../support/garbage.js'
import { MovableClock, temporaryDatabase } from '../support/temporary-database.js'

interface Thing {
  id: string
  sort: number
  group: string
  text: string
  expiresAt?: number
}

const Things = table('things', {
  schema: type<Thing>(),
  key: ['id', 'sort'],
  indexes: { byGroup: ['group', 'sort'], copies: { key: ['group', 'sort'], covering: true } },
})
const More = table('things', {
  schema: type<Thing>(),
  key: ['id', 'sort'],
  indexes: { byGroup: ['group', 'sort'], byText: ['text'] },
})
const Others = table('others', { schema: type<Thing>(), key: ['id'] })

const thing = (n: number, text: string): Thing => ({ id: `i${n % 50}`, sort: n, group: `g${n % 5}`, text })

async function fill(db: Database, text: string, count = 1000): Promise<void> {
  await db.table(Things).batch((writer) => {
    for (let n = 0; n < count; n++) writer.put(thing(n, text.repeat(20)))
  })
}

function warnings(): ReturnType<typeof vi.spyOn> {
  const spy = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  onTestFinished(() => spy.mockRestore())
  return spy
}

/** The sorted files of the table, their names alone: what is written to it again replaces and then removes them. */
function sortedFiles(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true }).map(String)
  return names.filter((name) => /^t.1.*run$/.test(name)).sort()
}

async function everything(snapshot: Snapshot): Promise<unknown> {
  const things = snapshot.table(Things)
  const key = { id: 'i7', sort: 7 }
  return {
    get: await things.get(key),
    selected: await things.get(key, { select: ['text'] }),
    gone: await things.get({ id: 'i8', sort: 8 }),
    batch: await things.batchGet([key, { id: 'nobody', sort: 0 }]),
    query: await things.query({ id: 'i7', sort: { gte: 100 } }, { reverse: true }).toArray(),
    scan: await things.scan().toArray(),
    half: await things.scan({ segment: 1, totalSegments: 2 }).count(),
    pages: await things.scan({ limit: 300 }).page(),
    index: await things.index('byGroup').query({ group: 'g3' }).toArray(),
    copies: await things.index('copies').query({ group: 'g3' }).toArray(),
    indexCount: await things.index('byGroup').scan().count(),
  }
}

/** Files are removed while others run: on a machine that has much to do, not at once. */
const SOON = { timeout: 20_000 }

test('it stays the same under puts, deletes, checkpoints, merges, new tables and new indexes', async () => {
  const { db } = await temporaryDatabase({ partitionBytes: 20_000, cacheBytes: 100_000 })
  await fill(db, 'a')
  await db.checkpoint()
  await db.table(Things).delete({ id: 'i8', sort: 8 })
  await fill(db, 'b', 100)
  const snapshot = db.snapshot()
  onTestFinished(() => snapshot.release())
  const before = await everything(snapshot)
  expect(before).toMatchObject({ get: { text: 'b'.repeat(20) }, indexCount: 1000 })

  for (let round = 0; round < 6; round++) {
    await fill(db, `c${round}`, 1000)
    await db.checkpoint()
    expect(await everything(snapshot)).toEqual(before)
  }
  db.table(Others)
  await db.table(Others).put(thing(1, 'other'))
  db.table(More)
  expect(
    await db
      .table(More)
      .index('byText')
      .query({ text: 'c5'.repeat(20) })
      .count(),
  ).toBe(1000)
  for (const { id, sort } of await db.table(Things).scan().toArray()) await db.table(Things).delete({ id, sort })
  await db.checkpoint()
  expect(await db.table(Things).scan().count()).toBe(0)
  expect(await everything(snapshot)).toEqual(before)

  expect(snapshot.table('things').name).toBe('things')
  expect(() => snapshot.table(Others)).toThrow(expect.objectContaining({ code: 'TABLE_NOT_FOUND' }))
  const late = snapshot.table(More).index('byText').query({ text: 'a' })
  await expect(late.toArray()).rejects.toMatchObject({
    code: 'INDEX_UNKNOWN',
    message: expect.stringContaining('was not complete'),
  })
})

test('an index that was being filled when the snapshot was taken can not be read, even when it is complete', async () => {
  const { db } = await temporaryDatabase()
  await fill(db, 'a')
  const more = db.table(More)
  const during = db.snapshot()
  expect(
    await more
      .index('byText')
      .query({ text: 'a'.repeat(20) })
      .count(),
  ).toBe(1000)
  const after = db.snapshot()
  const read = (snapshot: Snapshot) => snapshot.table(More).index('byText').scan().count()
  await expect(read(during)).rejects.toMatchObject({ code: 'INDEX_UNKNOWN' })
  expect(await read(after)).toBe(1000)
  during.release()
  after.release()
})

test('what had not expired does not expire', async () => {
  const clock = new MovableClock()
  const { db } = await temporaryDatabase({ clock })
  const Mortals = table('mortals', { schema: type<Thing>(), key: ['id'], ttl: 'expiresAt' })
  await db.table(Mortals).put({ ...thing(1, 'a'), expiresAt: clock.seconds + 10 })
  const snapshot = db.snapshot()
  clock.advance(20)
  expect(await db.table(Mortals).scan().count()).toBe(0)
  expect(await snapshot.table(Mortals).scan().count()).toBe(1)
  expect(await snapshot.table(Mortals).get({ id: 'i1' })).toBeDefined()
  snapshot.release()
})

test('it takes no longer where there is more, and writers do not wait for it', async () => {
  const { db } = await temporaryDatabase({ fsync: 'never' })
  await fill(db, 'a', 20_000)
  const snapshots = Array.from({ length: 1000 }, () => db.snapshot())
  // Copying what is in memory once would take longer than all of them.
  await fill(db, 'b', 1000)
  await db.checkpoint()
  for (const snapshot of snapshots) snapshot.release()
})

test('files that were replaced stay for it, and go with the last one that needs them', async () => {
  const { db, path } = await temporaryDatabase()
  await fill(db, 'a')
  await db.checkpoint()
  const files = sortedFiles(path)
  const [first, second] = [db.snapshot(), db.snapshot()]
  await fill(db, 'b')
  await db.checkpoint()
  const later = db.snapshot()
  expect(sortedFiles(path)).toEqual(expect.arrayContaining(files))
  first.release()
  first.release()
  expect(sortedFiles(path)).toEqual(expect.arrayContaining(files))
  second[Symbol.dispose]()
  await expect.poll(() => sortedFiles(path).filter((name) => files.includes(name)), SOON).toEqual([])
  expect(await later.table(Things).scan().count()).toBe(1000)
  await later[Symbol.asyncDispose]()
})

test('after its release, and after the database is closed, it says so', async () => {
  const { db, reopen } = await temporaryDatabase()
  await fill(db, 'a')
  const snapshots = [db.snapshot(), db.snapshot()]
  const tables = snapshots.map((snapshot) => snapshot.table(Things))
  const iterator = tables[1]!.scan()[Symbol.asyncIterator]()
  await iterator.next()
  snapshots[0]!.release()
  const warned = warnings()
  await reopen()
  for (const [i, snapshot] of snapshots.entries()) {
    expect(() => snapshot.table(Things)).toThrow(SnapshotReleasedError)
    const things = tables[i]!
    await expect(things.get({ id: 'i1', sort: 1 })).rejects.toMatchObject({ code: 'SNAPSHOT_RELEASED' })
    await expect(things.batchGet([{ id: 'i1', sort: 1 }])).rejects.toThrow(SnapshotReleasedError)
    await expect(things.query({ id: 'i1' }).toArray()).rejects.toThrow(SnapshotReleasedError)
    await expect(things.index('byGroup').scan().count()).rejects.toThrow(SnapshotReleasedError)
    snapshot.release()
  }
  expect(() => db.snapshot()).toThrow(expect.objectContaining({ code: 'DATABASE_CLOSED' }))
  expect(warned).not.toHaveBeenCalled()
})

test('a definition with another key is refused', async () => {
  const { db } = await temporaryDatabase()
  await fill(db, 'a', 1)
  const snapshot = db.snapshot()
  const Wrong = table('things', { schema: type<Thing>(), key: ['group'] })
  expect(() => snapshot.table(Wrong)).toThrow(expect.objectContaining({ code: 'TABLE_DEFINITION' }))
  snapshot.release()
})

test('one that is forgotten is released and reported once; one whose table is still read is not', async () => {
  const { db, path } = await temporaryDatabase()
  await fill(db, 'a')
  await db.checkpoint()
  const files = sortedFiles(path)
  const warned = warnings()
  const forget = () => void db.snapshot().table(Things)
  const keepTable = () => db.snapshot().table(Things)
  forget()
  const kept = { table: keepTable() }
  await fill(db, 'b')
  await db.checkpoint()
  await collectGarbage(() => warned.mock.calls.length > 0)
  await collectGarbage()
  expect(warned).toHaveBeenCalledTimes(1)
  expect(warned).toHaveBeenCalledWith(expect.stringMatching(/taken 0 s ago was never released/), {
    type: 'DynafileWarning',
    code: 'SNAPSHOT_FORGOTTEN',
  })
  expect(sortedFiles(path)).toEqual(expect.arrayContaining(files))
  expect((await kept.table.scan().toArray())[0]?.text).toBe('a'.repeat(20))

  Object.assign(kept, { table: undefined })
  await collectGarbage(() => warned.mock.calls.length > 1)
  expect(warned).toHaveBeenCalledTimes(2)
  await expect.poll(() => sortedFiles(path).filter((name) => files.includes(name)), SOON).toEqual([])
})

test('an iterator that is abandoned leaves nothing, and nobody is told', async () => {
  const { db, path } = await temporaryDatabase({ fsync: 'never' })
  const warned = warnings()
  const things = db.table(Things)
  // More than one page: only then does an iterator hold anything.
  const long = 'a'.repeat(100)
  const replaced = async () => {
    const before = sortedFiles(path)
    await fill(db, long)
    await db.checkpoint()
    return () => sortedFiles(path).filter((name) => before.includes(name))
  }
  await fill(db, long)
  await db.checkpoint()

  const controller = new AbortController()
  const ends: Record<string, () => void> = {
    broken: () => {},
    thrown: () => {
      throw new Error('enough')
    },
    aborted: () => controller.abort(new Error('enough')),
  }
  for (const [how, end] of Object.entries(ends)) {
    let held: (() => string[]) | undefined
    const walk = async () => {
      for await (const _ of things.scan({ signal: controller.signal }).pages()) {
        held = await replaced()
        expect(held(), how).not.toEqual([])
        end()
        if (how === 'broken') break
      }
    }
    if (how === 'broken') await walk()
    else await expect(walk()).rejects.toThrow('enough')
    await expect.poll(() => held?.(), { ...SOON, message: how }).toEqual([])
  }

  const forget = async () => {
    const items = things.scan()[Symbol.asyncIterator]()
    await items.next()
    const pages = things.scan().pages()[Symbol.asyncIterator]()
    await pages.next()
  }
  await forget()
  const held = await replaced()
  await collectGarbage(() => held().length === 0)
  await expect.poll(held, SOON).toEqual([])
  expect(warned).not.toHaveBeenCalled()
})

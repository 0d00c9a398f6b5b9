/**
 * What a review of transactions found: each of these stored something wrong, or told something that was not so.
 */
import { expect, test } from 'vitest'
import { TransactionCanceledException, table, type } from '../../src/index.js'
import { machine, openStorage, restarted } from '../support/storage-fixture.js'
import { MovableClock, temporaryDatabase } from '../support/temporary-database.js'

interface Thing {
  id: string
  mail?: string
  tags?: string[]
  until?: number
  n?: number
}
const Things = table('things', {
  schema: type<Thing>(),
  key: ['id'],
  ttl: 'until',
  indexes: { byMail: { key: ['mail'], unique: true }, byTag: { key: ['tags'], multi: 'tags' } },
})
const Plain = table('plain', { schema: type<{ id: string | number; n?: number }>(), key: ['id'] })

test('a unique key that is taken from an expired item stays taken when the same transaction writes that item', async () => {
  for (const change of ['delete', 'put', 'update'] as const) {
    const clock = new MovableClock()
    const { db } = await temporaryDatabase({ clock })
    await db.table(Things).put({ id: 'old', mail: 'm', until: clock.seconds + 1 })
    clock.advance(10)
    await db.transact((tx) => {
      tx.put(Things, { id: 'new', mail: 'm' })
      if (change === 'delete') tx.delete(Things, { id: 'old' })
      if (change === 'put') tx.put(Things, { id: 'old', mail: 'other' })
      if (change === 'update') tx.update(Things, { id: 'old' }, { set: { n: 1 } })
    })
    expect((await db.table(Things).index('byMail').query({ mail: 'm' }).toArray()).map(({ id }) => id)).toEqual(['new'])
    expect((await db.verify()).problems).toEqual([])
    await expect(db.table(Things).put({ id: 'third', mail: 'm' })).rejects.toMatchObject({ code: 'UNIQUE_CONFLICT' })
  }
})

test('an item that is over when it is written keeps its unique key from others in the same transaction', async () => {
  const clock = new MovableClock()
  const { db } = await temporaryDatabase({ clock })
  const both = db.transact((tx) => {
    tx.put(Things, { id: 'over', mail: 'm', until: clock.seconds - 10 }).put(Things, { id: 'new', mail: 'm' })
  })
  await expect(both).rejects.toThrow('[None, DuplicateItem]')
  expect((await db.verify()).problems).toEqual([])
})

test('what becomes of the objects that were handed in changes nothing', async () => {
  const { db } = await temporaryDatabase()
  const Binary = table('binary', { schema: type<{ id: Uint8Array; n: number }>(), key: ['id'] })
  const tags = ['a']
  const id = new Uint8Array([1])
  const set = { n: 1, tags: ['x'] }
  await db.transact((tx) => {
    tx.put(Things, { id: 'one', tags })
    tx.put(Binary, { id, n: 1 })
    tx.update(Things, { id: 'two' }, { set })
    tags.push('b')
    id[0] = 2
    set.n = 2
    set.tags.push('y')
  })
  expect(await db.table(Things).index('byTag').query({ tags: 'b' }).count()).toBe(0)
  expect(await db.table(Things).get({ id: 'two' })).toEqual({ id: 'two', n: 1, tags: ['x'] })
  expect(await db.table(Binary).get({ id: new Uint8Array([1]) })).toMatchObject({ n: 1 })
  expect((await db.verify()).problems).toEqual([])
  const circle: { self?: unknown } = {}
  circle.self = circle
  const round = db.transact((tx) => tx.update(Things, { id: 'two' }, { set: circle as never }))
  await expect(round).rejects.toMatchObject({ reasons: [{ code: 'ValidationError', cause: { code: 'VALUE_CYCLE' } }] })
})

test('keys of two types are refused, in one transaction and when the type was learned meanwhile', async () => {
  const { db } = await temporaryDatabase()
  const both = db.transact((tx) => tx.put(Plain, { id: 1 }).put(Plain, { id: 'a' }))
  await expect(both).rejects.toThrow('[None, ValidationError]')
  const late = db.transact(async (tx) => {
    tx.put(Plain, { id: 1 })
    await db.table(Plain).put({ id: 'a' })
  })
  await expect(late).rejects.toThrow('[ValidationError]')
  expect(await db.table(Plain).scan().count()).toBe(1)
})

test('a token that is used again after its time is kept for ten minutes again', async () => {
  const clock = new MovableClock()
  const { db } = await temporaryDatabase({ clock })
  let runs = 0
  const run = (token: string) =>
    db.transact(
      (tx) => {
        tx.update(Plain, { id: 'counter' }, { add: { n: 1 } })
        return ++runs
      },
      { token },
    )
  for (let n = 0; n < 10; n++) await run(`old ${n}`)
  await run('again')
  clock.advance(601)
  expect(await run('again')).toBe(12)
  for (let n = 0; n < 5; n++) await run(`new ${n}`)
  expect(await run('again')).toBe(12)
  expect(runs).toBe(17)
})

test('a token without actions keeps its answer, too', async () => {
  const { db } = await temporaryDatabase()
  let runs = 0
  const run = () => db.transact(() => ++runs, { token: 't' })
  expect([await run(), await run()]).toEqual([1, 1])
})

test('a listener sees all of a transaction', async () => {
  const { db } = await temporaryDatabase()
  const seen: unknown[] = []
  db.table(Plain).on('change', () => {
    seen.push(db.transact((tx) => tx.get(Things, { id: 'with it' })))
  })
  await db.transact((tx) => tx.put(Plain, { id: 'a' }).put(Things, { id: 'with it' }))
  expect(await Promise.all(seen)).toEqual([{ id: 'with it' }])
})

test('what expires after it was read counts as changed', async () => {
  const clock = new MovableClock()
  const { db } = await temporaryDatabase({ clock })
  await db.table(Things).put({ id: 'mortal', until: clock.seconds + 5 })
  const seen: unknown[] = []
  const body = db.transact(async (tx) => {
    seen.push(await tx.get(Things, { id: 'mortal' }, { select: ['id'] }))
    clock.advance(10)
    seen.push(await tx.get(Things, { id: 'mortal' }, { select: ['id'] }))
    tx.put(Plain, { id: 'a' })
  })
  await expect(body).rejects.toThrow(TransactionCanceledException)
  expect(seen).toEqual([{ id: 'mortal' }, { id: 'mortal' }])
})

test('what was over when it was read is over five years later, unless the clock was turned back', async () => {
  const clock = new MovableClock()
  const { db } = await temporaryDatabase({ clock })
  await db.table(Things).put({ id: 'old', until: clock.seconds - 1 })
  const readThen = (seconds: number) =>
    db.transact(async (tx) => {
      expect(await tx.get(Things, { id: 'old' })).toBe(undefined)
      clock.advance(seconds)
      tx.put(Plain, { id: 'a' })
    })
  await readThen(5 * 365 * 86_400)
  expect(await db.table(Plain).get({ id: 'a' })).toEqual({ id: 'a' })
  await expect(readThen(-6 * 365 * 86_400)).rejects.toThrow(TransactionCanceledException)
})

test('what an async function leaves behind is in no transaction any more', async () => {
  const { db } = await temporaryDatabase()
  let later: Promise<unknown> | undefined
  let go = () => {}
  const gone = new Promise<void>((resolve) => {
    go = resolve
  })
  await db.transact(async () => {
    later = gone.then(() => db.transact(() => 'fine'))
  })
  let end = () => {}
  const other = db.transact(async () => new Promise<void>((resolve) => (end = resolve)))
  go()
  expect(await later).toBe('fine')
  end()
  await other
})

test('a key that is none is told so', async () => {
  const { db } = await temporaryDatabase()
  for (const key of [undefined, null, 7]) {
    await expect(db.transact((tx) => tx.delete(Things, key as never))).rejects.toMatchObject({
      name: 'ValidationException',
    })
  }
})

test('what one frame of the log can not hold is refused, and what two can is not put into one', async () => {
  const where = machine()
  const storage = openStorage(where, { memtableByteLimit: 2 ** 30, logByteLimit: 2 ** 30, segmentByteLimit: 2 ** 30 })
  const megabytes = (key: string, count: number) => ({ tree: 1, key, value: Buffer.alloc(count * 2 ** 20, key) })
  const together = (...writes: ReturnType<typeof megabytes>[]) =>
    storage.commitTogether(writes.map((write) => ({ writes: [write], origin: 0 })))
  expect(() => together(megabytes('a', 31), megabytes('b', 30))).toThrow(/62 MB/)
  const entries = Array.from({ length: 65 }, (_, n) => megabytes(`c${n}`, 1))
  expect(() => storage.commit(entries)).toThrow(/MB/)
  const both = [together(megabytes('d', 20), megabytes('e', 20)), together(megabytes('f', 30))]
  await where.scheduler.outcome(Promise.all(both))
  const again = openStorage(restarted(where, 'kill'))
  expect(['a', 'b', 'c0', 'd', 'e', 'f'].map((key) => again.get(1, key)?.length)).toEqual([
    ...[undefined, undefined, undefined],
    ...[20, 20, 30].map((count) => count * 2 ** 20),
  ])
})

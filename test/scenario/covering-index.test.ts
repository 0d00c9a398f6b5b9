/**
 * A covering index has copies of its items. Whatever happens to an item, the copy is what the item is: for the next read,
 * for one that goes on, in a snapshot and in a transaction, after a build beside writes and after opening again. What is
 * damaged is said to be. That `verify` compares the copies is shown by test/unit/engine/verify.test.ts.
 */
import { describe, expect, test, vi } from 'vitest'
import { open, type Table, table, type, type Update } from '../../src/index.js'
import { Storage } from '../../src/storage/storage.js'
import { expectSound, MovableClock, temporaryDatabase } from '../support/temporary-database.js'

interface Order {
  customer: string
  id: number
  status?: string
  total?: number
  note?: string
  until?: number
}
const key = ['customer', 'id'] as const
const schema = type<Order>()
const indexes = { byStatus: { key: ['status', 'total'], covering: true } } as const
const Orders = table('orders', { schema, key, indexes, ttl: 'until' })
const Mortal = table('orders', { schema, key, ttl: 'until' })

const order = (id: number, more: Partial<Order> = {}): Order => ({
  ...{ customer: `c${id % 3}`, id, status: `s${id % 2}`, total: id % 5, note: `note ${id}` },
  ...more,
})
/** All that an index has, by their ids, as plain as the table has them. */
const copies = async (orders: Pick<Table<Order, Order, typeof key, typeof indexes>, 'index'>) =>
  (await orders.index('byStatus').scan().toArray()).sort((a, b) => a.id - b.id)

describe('a copy is what the item is', () => {
  const here = { customer: 'c1', id: 1 }
  const first = order(1)
  test.each<[what: string, update: Update<Order, typeof key>, after: Order | undefined]>([
    ['an attribute that is not of the key changes', { set: { note: 'new' } }, { ...first, note: 'new' }],
    ['one goes', { remove: ['note'] }, { ...here, status: 's1', total: 1 }],
    ['one comes', { set: { until: 4_000_000_000 } }, { ...first, until: 4_000_000_000 }],
    ['the key in the index changes', { set: { total: 99 } }, { ...first, total: 99 }],
    ['an attribute of that key goes', { remove: ['status'] }, undefined],
    ['nothing changes', { set: { note: 'note 1' } }, first],
  ])('after an update in which %s', async (_what, update, after) => {
    const { db } = await temporaryDatabase()
    const orders = db.table(Orders)
    await orders.put(first)
    await orders.update(here, update)
    expect(await copies(orders)).toEqual(after === undefined ? [] : [after])
    await db.checkpoint()
    await orders.update(here, { set: { note: 'once more' } })
    expect(await copies(orders)).toEqual(after === undefined ? [] : [{ ...after, note: 'once more' }])
  })

  test('after puts, deletes, batches and transactions, and after opening again', async () => {
    const database = await temporaryDatabase()
    const orders = database.db.table(Orders)
    await orders.batch((writer) => {
      for (let id = 0; id < 20; id++) writer.put(order(id))
    })
    await orders.put(order(3, { note: 'put' }))
    // Each of them finds the one before it.
    await orders.batch((writer) => {
      writer.put(order(4, { note: 'first' }))
      writer.put(order(4, { note: 'second' }))
      writer.delete({ customer: 'c2', id: 5 })
      writer.put(order(5, { note: 'again' }))
      writer.delete({ customer: 'c0', id: 6 })
    })
    await database.db.transact((tx) => {
      tx.put(Orders, order(7, { note: 'transaction' }))
      tx.update(Orders, { customer: 'c2', id: 8 }, { set: { note: 'transaction' } })
      tx.delete(Orders, { customer: 'c0', id: 9 })
    })
    void orders.put(order(10, { note: 'queued' }))
    await orders.update({ customer: 'c1', id: 10 }, { add: { total: 10 } })
    const expected = (await orders.scan().toArray()).sort((a, b) => a.id - b.id)
    expect(expected).toHaveLength(18)
    expect(expected.map(({ note }) => note)).toEqual(expect.arrayContaining(['put', 'second', 'again', 'queued']))
    expect(await copies(orders)).toEqual(expected)
    const db = await database.reopen()
    expect(await copies(db.table(Orders))).toEqual(expected)
    expect(db.tables()[0]!.indexes).toMatchObject([{ name: 'byStatus', covering: true, unique: false }])
    await db.checkpoint()
    await db.compact()
    expect(await copies(db.table(Orders))).toEqual(expected)
  })

  test('an item that is put as it is writes nothing to the index', async () => {
    const { db } = await temporaryDatabase()
    const orders = db.table(Orders)
    await orders.put(order(1))
    const commit = vi.spyOn(Storage.prototype, 'commit')
    await orders.put(order(1))
    await orders.put(order(1, { note: 'another one' }))
    expect(commit.mock.calls.map(([writes]) => writes.length)).toEqual([1, 2])
    commit.mockRestore()
  })
})

test('nothing is looked up in the table', async () => {
  const { db } = await temporaryDatabase()
  const orders = db.table(Orders)
  await orders.batch((writer) => {
    for (let id = 0; id < 200; id++) writer.put(order(id, id % 7 === 0 ? { until: 1 } : {}))
  })
  await db.checkpoint()
  const [peek, get, range] = (['peek', 'get', 'range'] as const).map((name) => vi.spyOn(Storage.prototype, name))
  const index = orders.index('byStatus')
  const where = { status: 's1' }
  const found = await index.query(where, { reverse: true, filter: ({ note }) => note !== 'note 3' }).toArray()
  expect(found.map(({ total }) => total!)).toEqual(found.map(({ total }) => total!).sort((a, b) => b - a))
  expect(found).not.toContainEqual(order(3))
  expect(await index.query(where, { select: ['note'], limit: 3 }).toArray()).toHaveLength(3)
  expect(await index.query(where, { filter: 'total > 2' }).count()).toBeGreaterThan(10)
  await index.counts().toArray()
  await index.distinct().toArray()
  await index.query(where).explain()
  expect([peek!.mock.calls, get!.mock.calls]).toEqual([[], []])
  expect(new Set(range!.mock.calls.map(([tree]) => tree)).size).toBe(1)
  vi.restoreAllMocks()
})

test('a projection says what is seen of the copies; a local index has the rest as well', async () => {
  const { db } = await temporaryDatabase()
  const local = { key: ['customer', 'total'], local: true, covering: true, projection: 'KEYS_ONLY' } as const
  const some = { key: ['status'], covering: true, projection: ['total'] } as const
  const orders = db.table(table('orders', { schema, key, indexes: { local, some } }))
  await orders.put(order(1))
  const keys = { customer: 'c1', id: 1, total: 1 }
  expect(await orders.index('local').query({ customer: 'c1' }).toArray()).toEqual([keys])
  const noted = await orders
    .index('local')
    .query({ customer: 'c1' }, { select: ['note'] })
    .toArray()
  expect(noted).toEqual([{ note: 'note 1' }])
  expect(await orders.index('some').query({ status: 's1' }).toArray()).toEqual([{ ...keys, status: 's1' }])
  const unseen = orders.index('some').query({ status: 's1' }, { select: ['note' as 'total'] })
  await expect(unseen.toArray()).rejects.toMatchObject({ code: 'INDEX_PROJECTION' })
})

test('items that are large are read, counted and listed in pages', async () => {
  const { db } = await temporaryDatabase({ fsync: 'never' })
  const orders = db.table(Orders)
  const text = 'x'.repeat(300_000)
  for (let id = 0; id < 12; id++) void orders.put(order(id, { note: `${id} ${text}` }))
  await db.flush()
  const index = orders.index('byStatus')
  const pages: number[] = []
  for await (const { items } of index.scan().pages()) pages.push(items.length)
  expect(pages.length).toBeGreaterThan(2)
  expect(pages.reduce((sum, length) => sum + length, 0)).toBe(12)
  expect(await index.scan().count()).toBe(12)
  const counts = await index.counts().toArray()
  expect(counts.map(({ key: { status }, count }) => `${status} ${count}`).sort()).toEqual(['s0 6', 's1 6'])
  expect((await index.distinct().toArray()).map(({ status }) => status).sort()).toEqual(['s0', 's1'])
  // And copied in commits of about a megabyte, however many there are.
  const commit = vi.spyOn(Storage.prototype, 'commit')
  const later = db.table(table('orders', { schema, key, indexes: { late: { key: ['id'], covering: true } } }))
  expect(await later.index('late').query({ id: 3 }).first()).toEqual(order(3, { note: `3 ${text}` }))
  const lengths = commit.mock.calls.map(([writes]) => writes.reduce((sum, { value }) => sum + (value?.length ?? 0), 0))
  expect(Math.max(...lengths)).toBeGreaterThan(1_000_000)
  expect(Math.max(...lengths)).toBeLessThan(2_000_000)
  commit.mockRestore()
})

test('an item whose time is over is not seen, and a transaction that has seen it says so', async () => {
  const clock = new MovableClock()
  const { db } = await temporaryDatabase({ clock })
  const orders = db.table(Orders)
  await orders.put(order(1, { until: clock.seconds + 10 }))
  const read = db.transact(
    async (tx) => {
      const found = await tx.query(Orders, { status: 's1' }, { index: 'byStatus' })
      clock.advance(20)
      tx.put(Orders, order(2))
      return found.length
    },
    { retries: 0 },
  )
  await expect(read).rejects.toMatchObject({ name: 'TransactionCanceledException' })
  expect(await orders.index('byStatus').query({ status: 's1' }).toArray()).toEqual([])
  // As soon as it is written again it is there again, with its copy.
  await orders.update({ customer: 'c1', id: 1 }, { set: { status: 's1', total: 3 } })
  expect(await copies(orders)).toEqual([{ customer: 'c1', id: 1, status: 's1', total: 3 }])
})

test('a transaction sees that what it read was changed, though the key in the index was not', async () => {
  const { db } = await temporaryDatabase()
  const orders = db.table(Orders)
  await orders.put(order(1))
  const reading = db.transact(
    async (tx) => {
      const [found] = await tx.query(Orders, { status: 's1' }, { index: 'byStatus' })
      await orders.update({ customer: 'c1', id: 1 }, { set: { note: 'meanwhile' } })
      tx.put(Orders, order(2, { note: found!.note! }))
    },
    { retries: 0 },
  )
  await expect(reading).rejects.toMatchObject({ name: 'TransactionCanceledException' })
})

test('a snapshot, and a query that has begun, see the copies of their moment', async () => {
  const { db } = await temporaryDatabase()
  const orders = db.table(Orders)
  const before = Array.from({ length: 50 }, (_, id) => order(id))
  await orders.batch((writer) => {
    for (const each of before) writer.put(each)
  })
  const snapshot = db.snapshot()
  const found: Order[] = []
  for await (const { items } of orders.index('byStatus').scan({ limit: 50 }).pages()) {
    found.push(...items)
    for (let id = 0; id < 50; id++) void orders.update({ customer: `c${id % 3}`, id }, { set: { note: 'changed' } })
    await db.checkpoint()
  }
  expect(found.sort((a, b) => a.id - b.id)).toEqual(before)
  expect(await copies(snapshot.table(Orders))).toEqual(before)
  expect((await copies(orders)).every(({ note }) => note === 'changed')).toBe(true)
  snapshot.release()
})

describe('an index that comes later', () => {
  test('has copies of the items as they are when it is there, whatever was written meanwhile', async () => {
    const { db } = await temporaryDatabase()
    const plain = db.table(Mortal)
    const COUNT = 3000
    await plain.batch((writer) => {
      for (let id = 0; id < COUNT; id++) writer.put(order(id))
    })
    // Queued, and not published, when the index is defined.
    const writes: Promise<unknown>[] = []
    for (let id = 0; id < COUNT; id += 50) writes.push(plain.put(order(id, { note: 'queued' })))
    const orders = db.table(Orders)
    let isReady = false
    const ready = orders
      .index('byStatus')
      .ready()
      .then(() => {
        isReady = true
      })
    let round = 0
    for (; !isReady; round++) {
      for (let id = round % 7; id < COUNT; id += 7) {
        const where = { customer: `c${id % 3}`, id }
        if (id % 5 === 0) writes.push(orders.update(where, { set: { note: `round ${round}` } }))
        else if (id % 5 === 1) writes.push(orders.put(order(id, { note: `put in ${round}` })))
        else if (id % 5 === 2) writes.push(orders.delete(where))
      }
      await new Promise((resolve) => setImmediate(resolve))
    }
    await ready
    // The last of them may be queued only, and are seen by the second of two reads.
    await Promise.all(writes)
    expect(round).toBeGreaterThan(2)
    expect(await copies(orders)).toEqual((await orders.scan().toArray()).sort((a, b) => a.id - b.id))
    await expectSound(db)
  })
})

describe('damage', () => {
  /** A database with one item, whose entry gets another value. */
  async function damagedBy(change: (value: Buffer) => Buffer) {
    const db = await open('memory:')
    const orders = db.table(Orders)
    await orders.put(order(1, { until: 4_000_000_000 }))
    await orders.put(order(3))
    const real = Storage.prototype.range
    const spy = vi.spyOn(Storage.prototype, 'range').mockImplementation(function (this: Storage, ...args) {
      const cursor = real.apply(this, args)
      if (args[0] !== 2) return cursor
      const whole = () => change(Buffer.from(cursor.value()))
      // As the cursor, with other bytes under every key.
      return new Proxy(cursor, {
        get(target, name) {
          if (name === 'bytes') return whole()
          if (name === 'start') return 0
          if (name === 'end') return whole().length
          const value = Reflect.get(target, name, target) as unknown
          return typeof value === 'function' ? value.bind(target) : value
        },
      })
    })
    return { orders, done: () => spy.mockRestore() }
  }

  test.each<[what: string, change: (value: Buffer) => Buffer, reason: string]>([
    ['no copy', (value) => value.subarray(0, 8), 'an entry has no copy of its item'],
    ['half a hash', (value) => value.subarray(0, 3), 'an entry has no copy of its item'],
    ['nothing', () => Buffer.alloc(0), 'an entry has no copy of its item'],
    ['half a copy', (value) => value.subarray(0, 20), 'the copy of an item can not be decoded'],
    ['garbage', (value) => Buffer.from(value).fill(0xee, 8), 'the copy of an item can not be decoded'],
  ])('an entry with %s is told of by its index', async (_what, change, reason) => {
    const { orders, done } = await damagedBy(change)
    const index = orders.index('byStatus')
    const message = `Cannot read "index orders.byStatus" at byte 0: ${reason}`
    const failure = { code: 'CORRUPTION', message }
    await expect(index.query({ status: 's1' }).toArray()).rejects.toMatchObject(failure)
    await expect(index.scan({ reverse: true, filter: 'exists(note)' }).toArray()).rejects.toMatchObject(failure)
    await expect(index.counts().toArray()).rejects.toMatchObject(failure)
    await expect(index.distinct().toArray()).rejects.toMatchObject(failure)
    done()
  })
})

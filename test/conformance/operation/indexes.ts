/** Indexes: in step with the items whatever happens to them, and complete also when they come late. */
import { describe, expect, test } from 'vitest'
import { table, type } from '../../../src/index.js'
import { expectSound } from '../../support/temporary-database.js'
import { type Driver, rounds } from '../contract.js'

interface Order {
  customer: string
  id: number
  status?: string
  total?: number
}
const key = ['customer', 'id'] as const
const Plain = table('orders', { schema: type<Order>(), key })
const indexedOrders = (covering: boolean) =>
  table('orders', {
    schema: type<Order>(),
    key,
    indexes: { byStatus: { key: ['status', 'total'], covering }, byTotal: { key: ['total'], covering } },
  })

export function indexes(driver: Driver): void {
  describe('that look items up', () => indexesLike(driver, indexedOrders(false)))
  describe('that have copies of items', () => indexesLike(driver, indexedOrders(true)))
}

function indexesLike(driver: Driver, Indexed: ReturnType<typeof indexedOrders>): void {
  test('entries move, come and go with the item', async () => {
    const { db } = await driver.open()
    const orders = db.table(Indexed)
    const at = async (status: string) =>
      (await orders.index('byStatus').query({ status }).toArray()).map(({ total }) => total)
    const order = { customer: 'ada', id: 1 }
    await orders.put({ ...order, status: 'open', total: 5 })
    await orders.update(order, { set: { status: 'paid' } })
    expect([await at('open'), await at('paid')]).toEqual([[], [5]])
    await orders.update(order, { add: { total: 10 } })
    expect(await at('paid')).toEqual([15])
    await orders.update(order, { remove: ['total'] })
    expect(await at('paid')).toEqual([])
    await orders.put({ ...order, status: 'open', total: 7 })
    await orders.put({ ...order, status: 'sent', total: 7 })
    expect([await at('open'), await at('sent')]).toEqual([[], [7]])
    await orders.delete(order)
    expect(await orders.index('byStatus').scan().count()).toBe(0)
    expect((await db.verify()).indexEntries).toBe(0)
  })

  test('an item that was read, changed and put leaves no old entry', async () => {
    const { db } = await driver.open()
    const orders = db.table(Indexed)
    await orders.put({ customer: 'ada', id: 1, status: 'open', total: 5 })
    const order = (await orders.get({ customer: 'ada', id: 1 }))!
    order.status = 'paid'
    await orders.put(order)
    expect(await orders.index('byStatus').query({ status: 'open' }).count()).toBe(0)
    expect(await orders.index('byStatus').query({ status: 'paid' }).toArray()).toEqual([order])
  })

  test('a hundred items with equal index keys are a hundred entries, in the order of their own keys', async () => {
    const { db } = await driver.open()
    const orders = db.table(Indexed)
    await orders.batch((w) => {
      for (let id = 99; id >= 0; id--) w.put({ customer: `c${id % 3}`, id, status: 'open', total: 1 })
    })
    const found = await orders.index('byStatus').query({ status: 'open', total: 1 }).toArray()
    expect(found).toHaveLength(100)
    const sorted = found.toSorted((a, b) => a.customer.localeCompare(b.customer) || a.id - b.id)
    expect(found).toEqual(sorted)
    await orders.delete({ customer: 'c0', id: 0 })
    expect(await orders.index('byStatus').query({ status: 'open' }).count()).toBe(99)
  })

  test('items without the attributes are not in the index; with wrong ones they are refused', async () => {
    const { db } = await driver.open()
    const orders = db.table(Indexed)
    await orders.put({ customer: 'ada', id: 1 })
    await orders.put({ customer: 'ada', id: 2, status: 'open' })
    await orders.put({ customer: 'ada', id: 3, total: 5 })
    await orders.put({ customer: 'ada', id: 4, status: 'open', total: 5 })
    expect(await orders.index('byStatus').scan().count()).toBe(1)
    expect(await orders.index('byTotal').scan().count()).toBe(2)
    for (const [wrong, code] of [
      [{ status: '', total: 1 }, 'KEY_EMPTY'],
      [{ status: 5, total: 1 }, 'KEY_TYPE'],
      [{ status: 'open', total: '5' }, 'KEY_TYPE'],
      [{ status: null, total: 5 }, 'KEY_TYPE'],
      [{ status: 'x'.repeat(2049), total: 5 }, 'KEY_TOO_LONG'],
    ] as const) {
      const item = { customer: 'ada', id: 4, ...wrong } as unknown as Order
      await expect(orders.put(item)).rejects.toMatchObject({ code })
      const set = wrong as unknown as { status: string }
      await expect(orders.update({ customer: 'ada', id: 4 }, { set })).rejects.toMatchObject({ code })
    }
    expect(await orders.get({ customer: 'ada', id: 4 })).toEqual({ customer: 'ada', id: 4, status: 'open', total: 5 })
    expect(() => orders.index('byNothing' as 'byTotal').scan()).not.toThrow()
    await expect(
      orders
        .index('byNothing' as 'byTotal')
        .scan()
        .page(),
    ).rejects.toMatchObject({ code: 'INDEX_UNKNOWN' })
  })

  describe('an index that comes later', () => {
    const COUNT = rounds(driver, 2600)
    const filled = async () => {
      const database = await driver.open({ fsync: 'never' })
      const orders = database.db.table(Plain)
      await orders.batch((w) => {
        for (let id = 0; id < COUNT; id++)
          w.put({ customer: `c${id % 7}`, id, total: id, ...(id % 2 === 0 ? { status: 'old' } : {}) })
      })
      return database
    }

    test('finds the old items, from its first query on', async () => {
      const { db } = await filled()
      const orders = db.table(Indexed)
      expect(db.tables()[0]!.indexes.map(({ status }) => status)).toEqual(['BUILDING', 'BUILDING'])
      expect(await orders.index('byTotal').scan().count()).toBe(COUNT)
      expect(await orders.index('byStatus').query({ status: 'old' }).count()).toBe(COUNT / 2)
      expect(db.tables()[0]!.indexes.map(({ status }) => status)).toEqual(['ACTIVE', 'ACTIVE'])
    })

    test('sees what is written while it is built', async () => {
      const { db } = await filled()
      const orders = db.table(Indexed)
      const writes: Promise<unknown>[] = []
      for (let id = 0; id < COUNT; id += 13) {
        const what = id % 3
        const written: Promise<unknown> =
          what === 0
            ? orders.delete({ customer: `c${id % 7}`, id })
            : what === 1
              ? orders.update({ customer: `c${id % 7}`, id }, { set: { status: 'new' } })
              : orders.put({ customer: 'c-new', id, status: 'new', total: 1 })
        if (id % 5 === 0) await written
        else writes.push(written)
      }
      await Promise.all(writes)
      const numbers = Array.from({ length: Math.ceil(COUNT / 13) }, (_, i) => i * 13)
      const changed = numbers.filter((id) => id % 3 !== 0).length
      expect(await orders.index('byStatus').query({ status: 'new' }).count()).toBe(changed)
      await expectSound(db)
    })

    test('is finished after the database was closed in the middle', async () => {
      const database = await filled()
      database.db.table(Indexed)
      await new Promise((resolve) => setImmediate(resolve))
      const db = await database.reopen()
      expect(await db.table(Indexed).index('byTotal').scan().count()).toBe(COUNT)
    })
  })
}

/** Chains of calls on results: where, orderBy, limit, select; and the distinct keys of an index. */
import { describe, expect, test } from 'vitest'
import { type Results, table, type, type ValidationException } from '../../../src/index.js'
import { MovableClock } from '../../support/temporary-database.js'
import { countTurns } from '../../support/turns.js'
import { type Driver, needing, rounds } from '../contract.js'

interface Order {
  customer: string
  placedAt: string
  status: string
  total?: number
  note?: unknown
  expiresAt?: number
}
const Orders = table('orders', {
  schema: type<Order>(),
  key: ['customer', 'placedAt'],
  indexes: {
    byStatus: ['status', 'total'],
    keysOnly: { key: ['status'], projection: 'KEYS_ONLY' },
    localTotal: { key: ['customer', 'total'], local: true, projection: 'KEYS_ONLY' },
  },
  ttl: 'expiresAt',
})
const Things = table('things', {
  schema: type<{ id: string; group: string }>(),
  key: ['id'],
  indexes: { byGroup: ['group'] },
})
const CUSTOMERS = ['ada', 'bob', 'cyd']

export function fluentQuery(driver: Driver): void {
  /** So many orders; of each three one has no total. */
  async function filled(count = 60, options = {}) {
    const { db } = await driver.open(options)
    const orders = db.table(Orders)
    const all = Array.from({ length: count }, (_, i): Order => {
      const order = { customer: CUSTOMERS[i % 3]!, placedAt: String(i).padStart(6, '0'), status: `s${i % 4}` }
      return i % 3 === 2 ? order : { ...order, total: (i * 37) % 50 }
    })
    await orders.batch((writer) => {
      for (const order of all) writer.put(order)
    })
    return { db, orders, all }
  }

  const places = (orders: readonly Partial<Order>[]) => orders.map(({ placedAt }) => placedAt)

  describe('where', () => {
    test('adds filters of any notation, and all of them have to hold', async () => {
      const { orders, all } = await filled()
      const found = orders
        .scan({ filter: { status: 's1' } })
        .where('total > 10')
        .where({ total: { lt: 40 } })
        .where({ expression: 'customer <> :ada', values: { ':ada': 'ada' } })
      const expected = all.filter(
        ({ status, total = 0, customer }) => status === 's1' && total > 10 && total < 40 && customer !== 'ada',
      )
      expect(places(await found.toArray()).sort()).toEqual(places(expected).sort())
      expect(expected.length).toBeGreaterThan(1)
      expect(await found.count()).toBe(expected.length)
    })

    needing(driver, 'functions')('adds functions to others', async () => {
      const { orders, all } = await filled()
      const found = orders.scan({ filter: 'total > 10' }).where((order) => order.customer !== 'ada')
      const expected = all.filter(({ total = 0, customer }) => total > 10 && customer !== 'ada')
      expect(places(await found.toArray()).sort()).toEqual(places(expected).sort())
    })

    test('is read by workers like one filter', async () => {
      const { orders, all } = await filled()
      const scan = orders.scan({ workers: 1 }).where('total > 10').where({ status: 's1' })
      const expected = all.filter(({ status, total = 0 }) => status === 's1' && total > 10)
      expect(await scan.count()).toBe(expected.length)
      expect(places(await scan.orderBy('placedAt').toArray())).toEqual(places(expected))
      await expect(scan.where(() => true).count()).rejects.toMatchObject({ code: 'OPTION' })
    })

    test('finds a mistake in any of them', async () => {
      const { orders } = await filled(3)
      await expect(orders.scan().where({ total: 1 }).where('total >').toArray()).rejects.toMatchObject({
        code: 'FILTER_SYNTAX',
      })
      let many: Results<Order> = orders.scan()
      for (let i = 0; i < 32; i++) many = many.where({ status: 's1' })
      expect(await many.count()).toBe(1)
      expect(() => many.where({ status: 's1' })).toThrow('more than 32')
    })
  })

  describe('every call makes other results', () => {
    test('so that two queries can begin alike', async () => {
      const { orders, all } = await filled()
      const first = orders.scan().where('total >= 0')
      const dear = first.where('total > 30')
      const sorted = first.orderBy('placedAt')
      const few = sorted.limit(2)
      const slim = sorted.select('placedAt')
      const withTotal = all.filter(({ total }) => total !== undefined)
      expect(await few.toArray()).toEqual(withTotal.slice(0, 2))
      expect(await sorted.toArray()).toEqual(withTotal)
      expect(await slim.toArray()).toEqual(withTotal.map(({ placedAt }) => ({ placedAt })))
      expect(await first.count()).toBe(withTotal.length)
      expect(await dear.count()).toBe(withTotal.filter(({ total }) => total! > 30).length)
      // Again: nothing was used up.
      expect(await few.limit(3).toArray()).toEqual(withTotal.slice(0, 3))
      expect(await few.toArray()).toEqual(withTotal.slice(0, 2))
    })

    test('in whatever order they are called', async () => {
      const { orders } = await filled()
      const one = orders.scan().where('total > 5').orderBy('total').limit(4)
      const other = orders.scan().limit(4).orderBy('total').where('total > 5')
      expect(await one.toArray()).toEqual(await other.toArray())
      expect(await one.count()).toBe(4)
    })
  })

  describe('orderBy', () => {
    const byTotal = (a: Order, b: Order) =>
      (a.total ?? Number.POSITIVE_INFINITY) - (b.total ?? Number.POSITIVE_INFINITY)

    test('sorts by any attribute; what lacks it comes last in both directions', async () => {
      const { orders, all } = await filled()
      const inKeyOrder = orders.query({ customer: 'ada' })
      const read = await inKeyOrder.toArray()
      expect(await inKeyOrder.orderBy('total').toArray()).toEqual(read.toSorted(byTotal))
      const scanned = await orders.scan().toArray()
      expect(await orders.scan().orderBy('total', 'ascending').toArray()).toEqual(scanned.toSorted(byTotal))
      const down = (a: Order, b: Order) => (b.total ?? -1) - (a.total ?? -1)
      expect(await orders.scan().orderBy('total', 'descending').toArray()).toEqual(scanned.toSorted(down))
      expect((await orders.scan().orderBy('total', 'descending').first())?.total).toBe(
        Math.max(...all.map(({ total = 0 }) => total)),
      )
      expect((await orders.scan().orderBy('total').toArray()).at(-1)).not.toHaveProperty('total')
    })

    test('twice, sorts equals by the second attribute', async () => {
      const { orders, all } = await filled()
      const sorted = await orders.scan().orderBy('status', 'descending').orderBy('placedAt').orderBy('status').toArray()
      const expected = all.toSorted(
        (a, b) => b.status.localeCompare(a.status) || Number(a.placedAt) - Number(b.placedAt),
      )
      expect(sorted).toEqual(expected)
    })

    test('by the sort key costs nothing: no more is read than is wanted, in either direction', async () => {
      const { orders, all } = await filled()
      const ada = all.filter(({ customer }) => customer === 'ada')
      for (const reverse of [false, true]) {
        const query = orders.query({ customer: 'ada' }, { reverse })
        expect(await query.orderBy('placedAt').toArray()).toEqual(ada)
        expect(await query.orderBy('placedAt', 'descending').toArray()).toEqual(ada.toReversed())
        const { items, scanned, cursor } = await query.orderBy('placedAt', 'descending').limit(3).page()
        expect(items).toEqual(ada.toReversed().slice(0, 3))
        expect(scanned).toBe(3)
        expect(cursor).toBeTypeOf('string')
      }
      const byIndex = orders.index('byStatus').query({ status: 's0' }).orderBy('total', 'descending')
      expect(await byIndex.explain()).toMatchObject({ isSorted: false })
      const totals = (await byIndex.toArray()).map(({ total }) => total!)
      expect(totals).toEqual(totals.toSorted((a, b) => b - a))
      expect((await byIndex.limit(1).page()).scanned).toBe(1)
    })

    test('of anything else tells that it reads everything', async () => {
      const { orders } = await filled()
      const sorted = orders.scan().orderBy('total').limit(2)
      expect(await sorted.explain()).toMatchObject({ itemsRead: 60, itemsReturned: 2, isSorted: true })
      expect(await sorted.page()).toMatchObject({ count: 2, scanned: 60, cursor: undefined })
      // A scan has no order, not even that of the sort key.
      expect(await orders.scan().orderBy('placedAt').explain()).toMatchObject({ isSorted: true })
      let scanned = 0
      for await (const page of orders.scan().orderBy('total').pages()) scanned += page.scanned
      expect(scanned).toBe(60)
    })

    test('sees what is not selected, and shows what is', async () => {
      const { orders } = await filled()
      const expected = (await orders.scan().orderBy('total').toArray()).map(({ placedAt }) => ({ placedAt }))
      expect(
        await orders
          .scan({ select: ['placedAt'] })
          .orderBy('total' as never)
          .toArray(),
      ).toEqual(expected)
      expect(await orders.scan().orderBy('total').select('placedAt').toArray()).toEqual(expected)
      const expression = { expression: 'placedAt' } as unknown as readonly 'placedAt'[]
      expect(
        await orders
          .scan({ select: expression })
          .orderBy('total' as never)
          .toArray(),
      ).toEqual(expected)
    })

    test('through an index sorts by what the index shows, and a local one by everything', async () => {
      const { orders } = await filled()
      const keys = orders.index('keysOnly').query({ status: 's1' })
      const items = await keys.orderBy('placedAt', 'descending').toArray()
      expect(places(items)).toEqual(places(items).sort().reverse())
      expect(Object.keys(items[0]!).sort()).toEqual(['customer', 'placedAt', 'status'])
      await expect(keys.orderBy('total' as never).toArray()).rejects.toMatchObject({ code: 'INDEX_PROJECTION' })
      const local = orders
        .index('localTotal')
        .query({ customer: 'ada' })
        .orderBy('status' as never)
      const sorted = (await local.toArray()) as Order[]
      expect(sorted[0]).not.toHaveProperty('status')
      const statuses = (await orders.query({ customer: 'ada' }).toArray()).map(({ status }) => status)
      const statusAt = new Map((await orders.query({ customer: 'ada' }).toArray()).map((o) => [o.placedAt, o.status]))
      expect(places(sorted).map((place) => statusAt.get(place!))).toEqual(statuses.sort())
    })

    needing(driver, 'moments')('shows one moment, and works in snapshots', async () => {
      const { db, orders, all } = await filled(2500)
      const sorted = orders.scan().orderBy('placedAt', 'descending')
      using snapshot = db.snapshot()
      const seen: Order[] = []
      for await (const order of sorted) {
        if (seen.push(order) === 1)
          await orders.batch((writer) => {
            for (const { customer, placedAt } of all) writer.delete({ customer, placedAt })
          })
      }
      expect(seen).toEqual(all.toReversed())
      expect(await sorted.count()).toBe(0)
      expect(await snapshot.table(Orders).scan().orderBy('placedAt').limit(5).toArray()).toEqual(all.slice(0, 5))
    })

    test('keeps within its memory, or refuses and says what to do', async () => {
      const { orders, all } = await filled(2000)
      const tight = orders.scan({ sortBytes: 20_000 }).orderBy('placedAt')
      const refusal = (await tight.toArray().catch((error) => error)) as ValidationException
      expect(refusal).toMatchObject({ code: 'SORT_TOO_BIG' })
      expect(refusal.message).toMatch(
        /"placedAt": \d+ items are more than 20000 bytes\. An index .*"limit".*"select".*"sortBytes"/s,
      )
      // The same with a limit: only so many are kept.
      expect(await tight.limit(20).toArray()).toEqual(all.slice(0, 20))
      expect(await tight.first()).toEqual(all[0])
      expect(await tight.count()).toBe(2000)
      await expect(tight.limit(1000).toArray()).rejects.toMatchObject({ code: 'SORT_TOO_BIG' })
      for (const sortBytes of [0, -1, 1.5, Number.NaN, '1' as unknown as number]) {
        await expect(orders.scan({ sortBytes }).orderBy('total').toArray()).rejects.toMatchObject({ code: 'OPTION' })
      }
    })

    test('lets everybody else have their turn', async () => {
      const count = rounds(driver, 20_000)
      const { orders } = await filled(count)
      const turns = countTurns()
      expect(await orders.scan().orderBy('total').orderBy('placedAt').toArray()).toHaveLength(count)
      // Two pages and more are read, and twenty thousand items merged a thousand at a time.
      expect(turns()).toBeGreaterThan(rounds(driver, 20))
    })

    test('refuses what makes no sense, at the call', async () => {
      const { orders } = await filled(3)
      const results = orders.scan()
      const refused = { code: 'OPTION' }
      const calls: (() => unknown)[] = [
        () => results.orderBy(undefined as never),
        () => results.orderBy('' as never),
        () => results.orderBy(5 as never),
        () => results.orderBy('total', 'up' as never),
        () => results.limit(0),
        () => results.limit(-1),
        () => results.limit(1.5),
        () => results.limit('5' as never),
        () => results.where(undefined as never),
      ]
      for (const call of calls) expect(call).toThrow(expect.objectContaining(refused))
      const { cursor } = await orders.query({ customer: 'ada' }, { limit: 1 }).page()
      const behind = orders.query({ customer: 'ada' }, { cursor: cursor ?? 'none' })
      await expect(behind.orderBy('total').toArray()).rejects.toMatchObject(refused)
      await expect(results.select().toArray()).rejects.toMatchObject(refused)
      expect(await results.orderBy('__proto__' as never).count()).toBe(3)
      expect(await results.orderBy('constructor' as never).toArray()).toEqual(await results.toArray())
    })

    test('ends when its signal says so', async () => {
      const { orders } = await filled()
      const stop = new AbortController()
      const sorted = orders.scan({ signal: stop.signal }).orderBy('total')
      expect(await sorted.count()).toBe(60)
      stop.abort()
      await expect(sorted.toArray()).rejects.toMatchObject({ name: 'AbortError' })
    })
  })

  test('first reads one item, and count decodes none', async () => {
    const { db, orders } = await filled()
    await orders.query({ customer: 'ada' }).first()
    const { scanned } = await orders.query({ customer: 'ada' }).limit(1).page()
    expect(scanned).toBe(1)
    expect(await orders.query({ customer: 'ada' }).limit(5).count()).toBe(5)
    expect(db.stats().operations.queryPage.count).toBeGreaterThan(0)
  })

  describe('distinct', () => {
    const statuses = ['s0', 's1', 's2', 's3']

    test('gives each partition key once', async () => {
      const { db, orders } = await filled(400)
      const distinct = orders.index('byStatus').distinct()
      const found = await distinct.toArray()
      expect(found.map(({ status }) => status).sort()).toEqual(statuses)
      expect(await distinct.count()).toBe(4)
      expect(statuses).toContain((await distinct.first())?.status)
      const iterated: string[] = []
      for await (const { status } of distinct) iterated.push(status)
      expect(iterated).toEqual(found.map(({ status }) => status))
      await db.checkpoint()
      expect(await distinct.toArray()).toEqual(found)
    })

    test('finds thousands of keys, each of one item, and after most of them are removed', async () => {
      const { db } = await driver.open()
      const things = db.table(Things)
      const count = rounds(driver, 5000)
      await things.batch((writer) => {
        for (let i = 0; i < count; i++) writer.put({ id: String(i), group: `g${i}` })
      })
      const distinct = things.index('byGroup').distinct()
      const groups = async () => new Set((await distinct.toArray()).map(({ group }) => group))
      expect((await groups()).size).toBe(count)
      expect(await distinct.count()).toBe(count)
      await things.batch((writer) => {
        for (let i = 0; i < count; i++) if (i % 100 !== 0) writer.delete({ id: String(i) })
      })
      expect((await groups()).size).toBe(count / 100)
      expect(await distinct.count()).toBe(count / 100)
    })

    test('does not give what has expired', async () => {
      const clock = new MovableClock()
      const { orders } = await filled(4, { clock })
      for (let i = 0; i < 30; i++) {
        const order = { customer: 'eve', placedAt: String(i), status: 'gone', expiresAt: clock.seconds + 10 }
        await orders.put(i === 20 ? { ...order, expiresAt: clock.seconds + 100 } : order)
      }
      const distinct = orders.index('byStatus').distinct()
      const total = { total: 1 }
      await orders.put({ customer: 'eve', placedAt: '99', status: 'late', ...total, expiresAt: clock.seconds + 10 })
      expect(await orders.index('keysOnly').distinct().count()).toBe(6)
      clock.advance(50)
      const names = async () => (await orders.index('keysOnly').distinct().toArray()).map(({ status }) => status).sort()
      expect(await names()).toEqual(['gone', ...statuses])
      expect(await distinct.count()).toBeGreaterThan(0)
      clock.advance(100)
      expect(await names()).toEqual(statuses)
    })

    needing(driver, 'moments')('of a snapshot is what was there', async () => {
      const { db, orders, all } = await filled(40)
      using snapshot = db.snapshot()
      for (const { customer, placedAt } of all) await orders.delete({ customer, placedAt })
      expect(await orders.index('byStatus').distinct().toArray()).toEqual([])
      expect(await snapshot.table(Orders).index('byStatus').distinct().count()).toBe(4)
    })

    test('of an index that is not there is refused', async () => {
      const { orders } = await filled(3)
      await expect(
        orders
          .index('nope' as never)
          .distinct()
          .toArray(),
      ).rejects.toMatchObject({ code: 'INDEX_UNKNOWN' })
      const stopped = AbortSignal.abort()
      await expect(orders.index('byStatus').distinct({ signal: stopped }).first()).rejects.toMatchObject({
        name: 'AbortError',
      })
    })
  })
}

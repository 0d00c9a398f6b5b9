/** From its second on an item is not there: for every reader, every condition and every index, at once. */
import { describe, expect, test } from 'vitest'
import { Decimal, table, type } from '../../../src/index.js'
import { MovableClock } from '../../support/temporary-database.js'
import type { Driver } from '../contract.js'

interface Thing {
  id: string
  group: string
  n?: number
  until?: unknown
}
const Things = table('things', {
  schema: type<Thing>(),
  key: ['group', 'id'],
  indexes: { byId: ['id'], copiesById: { key: ['id'], covering: true } },
  ttl: 'until' as never,
})

export function timeToLive(driver: Driver): void {
  test('an expired item is invisible to everyone', async () => {
    const clock = new MovableClock()
    const database = await driver.open({ clock })
    const things = database.db.table(Things)
    const key = { group: 'g', id: 'a' }
    await things.put({ ...key, n: 1, until: clock.seconds + 60 })
    await things.put({ group: 'g', id: 'b', until: clock.seconds + 600 })
    clock.advance(59.999)
    expect(await things.get(key)).toBeDefined()
    expect(await things.query({ group: 'g' }).count()).toBe(2)
    clock.advance(0.001)

    const look = async () => {
      expect(await things.get(key)).toBe(undefined)
      expect((await things.batchGet([key, { group: 'g', id: 'b' }])).items.map((item) => item?.id)).toEqual([
        undefined,
        'b',
      ])
      expect((await things.query({ group: 'g' }).toArray()).map(({ id }) => id)).toEqual(['b'])
      expect(await things.query({ group: 'g' }).first()).toMatchObject({ id: 'b' })
      expect(await things.query({ group: 'g' }).count()).toBe(1)
      expect(await things.scan().count()).toBe(1)
      expect(await things.scan({ filter: 'exists(id)' }).count()).toBe(1)
      for (const name of ['byId', 'copiesById'] as const) {
        expect(await things.index(name).query({ id: 'a' }).toArray()).toEqual([])
        expect(await things.index(name).query({ id: 'b' }, { filter: 'exists(until)' }).count()).toBe(1)
        expect(await things.index(name).scan().count()).toBe(1)
        const counts = await things.index(name).counts().toArray()
        expect(counts).toEqual([{ key: { id: 'b' }, count: 1 }])
        expect(await things.index(name).distinct().toArray()).toEqual([{ id: 'b' }])
      }
      expect((await things.query({ group: 'g' }, { limit: 1 }).page()).items.map(({ id }) => id)).toEqual(['b'])
    }
    await look()
    await database.db.checkpoint()
    await look()
  })

  describe('for a write an expired item is not there', () => {
    const key = { group: 'g', id: 'a' }
    const expired = async () => {
      const clock = new MovableClock()
      const { db } = await driver.open({ clock })
      const things = db.table(Things)
      await things.put({ ...key, n: 41, until: clock.seconds })
      return things
    }

    test('put reports no old item', async () => {
      expect(await (await expired()).put({ ...key, n: 1 }, { return: 'old' })).toBe(undefined)
    })
    test('delete reports no old item', async () => {
      expect(await (await expired()).delete(key)).toBe(undefined)
    })
    test('update begins anew', async () => {
      const things = await expired()
      expect(await things.update(key, { add: { n: 1 } })).toEqual({ ...key, n: 1 })
      expect(await things.get(key)).toEqual({ ...key, n: 1 })
      expect(await things.index('byId').query({ id: 'a' }).count()).toBe(1)
    })
    test('conditions see nothing', async () => {
      const things = await expired()
      await expect(things.put({ ...key, n: 2 }, { if: { n: 41 } })).rejects.toMatchObject({ code: 'CONDITION_FAILED' })
      await expect(things.delete(key, { if: 'exists(n)' })).rejects.toMatchObject({ code: 'CONDITION_FAILED' })
      const update = things.update(key, { add: { n: 1 } }, { if: 'n == 41' })
      await expect(update).rejects.toMatchObject({ code: 'CONDITION_FAILED' })
      await things.put({ ...key, n: 3 }, { if: { id: { exists: false } } })
      expect(await things.get(key)).toEqual({ ...key, n: 3 })
    })
  })

  test('all numbers are times, but those of more than five years ago, and nothing else is one', async () => {
    const clock = new MovableClock()
    const { db } = await driver.open({ clock })
    const things = db.table(Things)
    const now = clock.seconds
    const fiveYears = 5 * 365 * 86_400
    const gone = [now, BigInt(now), Decimal.from(String(now)), now - 0.5, now - fiveYears]
    const stay = [
      ...[0, -1, 0n, 1e-100, now - fiveYears - 1],
      now + 1,
      now + 0.5,
      BigInt(now) + 1n,
      Decimal.from(`${now}.001`),
      1e20,
      String(now - 1),
      '0',
      null,
      true,
      [0],
      new Set([0]),
      {},
    ]
    for (const [n, until] of [...gone, ...stay].entries()) await things.put({ group: 'g', id: `${n}`, until })
    const found = (await things.scan().toArray()).map(({ id }) => Number(id)).sort((a, b) => a - b)
    expect(found).toEqual(stay.map((_, n) => gone.length + n))
  })

  test('an item lives as long as its time is put off', async () => {
    const clock = new MovableClock()
    const { db } = await driver.open({ clock })
    const things = db.table(Things)
    const key = { group: 'g', id: 'a' }
    await things.put({ ...key, until: clock.seconds + 3600 })
    for (let hour = 0; hour < 3; hour++) {
      clock.advance(3599)
      expect(await things.get(key)).toBeDefined()
      await things.update(key, { set: { until: clock.seconds + 3600 } })
    }
    await things.update(key, { remove: ['until'] })
    clock.advance(1e9)
    expect(await things.get(key)).toEqual(key)
  })

  test('a table gets a time to live later, and then it counts for what is there', async () => {
    const clock = new MovableClock()
    const { db } = await driver.open({ clock })
    const before = db.table(table('things', { schema: type<Thing>(), key: ['group', 'id'] }))
    await before.put({ group: 'g', id: 'a', until: clock.seconds - 1 })
    expect(await before.scan().count()).toBe(1)
    expect(await db.table(Things).scan().count()).toBe(0)
  })
}

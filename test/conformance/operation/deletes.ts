/** Deletes: what they answer, and that those which answer nothing, and so look for nothing, remove as much as the others. */
import { describe, expect, test } from 'vitest'
import { type Change, table, type } from '../../../src/index.js'
import { MovableClock } from '../../support/temporary-database.js'
import { type Driver, needing } from '../contract.js'

interface Thing {
  id: string
  n: number
  group?: string
  until?: number
}
const Things = table('things', { schema: type<Thing>(), key: ['id'], ttl: 'until' as never })
const Indexed = table('indexed', {
  schema: type<Thing>(),
  key: ['id'],
  indexes: { byGroup: { key: ['group'] }, byNumber: { key: ['n'], unique: true } },
})

export function deletes(driver: Driver): void {
  test('a delete resolves with the item that was there', async () => {
    const { db } = await driver.open()
    const things = db.table(Things)
    await things.put({ id: 'a', n: 1 })
    expect(await things.delete({ id: 'a' })).toEqual({ id: 'a', n: 1 })
    expect(await things.delete({ id: 'a' })).toBe(undefined)
    await things.put({ id: 'a', n: 2 })
    expect(await things.delete({ id: 'a' }, { return: 'old' })).toEqual({ id: 'a', n: 2 })
  })

  describe('that is to return nothing', () => {
    test('removes the item, wherever it lies, and stays so', async () => {
      const database = await driver.open()
      let things = database.db.table(Things)
      for (let n = 0; n < 30; n++) await things.put({ id: `${n}`, n })
      things = (await database.reopen()).table(Things)
      for (let n = 30; n < 40; n++) await things.put({ id: `${n}`, n })
      for (let n = 0; n < 40; n += 2) expect(await things.delete({ id: `${n}` }, { return: 'none' })).toBe(undefined)
      const look = async () => {
        expect(await things.get({ id: '0' })).toBe(undefined)
        expect(await things.get({ id: '1' })).toEqual({ id: '1', n: 1 })
        expect(await things.get({ id: '38' })).toBe(undefined)
        expect((await things.scan().toArray()).every(({ n }) => n % 2 === 1)).toBe(true)
        expect(await things.scan().count()).toBe(20)
      }
      await look()
      things = (await database.reopen()).table(Things)
      await look()
    })

    test('finds nothing wrong with an item that is not there', async () => {
      const database = await driver.open()
      const things = database.db.table(Things)
      expect(await things.delete({ id: 'nothing' }, { return: 'none' })).toBe(undefined)
      await things.put({ id: 'a', n: 1 })
      expect(await things.delete({ id: 'nothing' }, { return: 'none' })).toBe(undefined)
      expect(await things.scan().toArray()).toEqual([{ id: 'a', n: 1 }])
      expect(await (await database.reopen()).table(Things).scan().count()).toBe(1)
    })

    test('is done in the order in which it was asked for', async () => {
      const { db } = await driver.open()
      const things = db.table(Things)
      const writes = [
        things.put({ id: 'a', n: 1 }),
        things.delete({ id: 'a' }, { return: 'none' }),
        things.put({ id: 'b', n: 2 }),
        things.delete({ id: 'b' }, { return: 'none' }),
        things.put({ id: 'b', n: 3 }),
      ]
      await Promise.all(writes)
      expect(await things.scan().toArray()).toEqual([{ id: 'b', n: 3 }])
    })

    test('holds to its condition', async () => {
      const { db } = await driver.open()
      const things = db.table(Things)
      await things.put({ id: 'a', n: 1 })
      const refused = things.delete({ id: 'a' }, { if: { n: 2 }, return: 'none' })
      await expect(refused).rejects.toMatchObject({ name: 'ConditionalCheckFailedException', item: undefined })
      expect(await things.get({ id: 'a' })).toEqual({ id: 'a', n: 1 })
      expect(await things.delete({ id: 'a' }, { if: { n: 1 }, return: 'none' })).toBe(undefined)
      expect(await things.get({ id: 'a' })).toBe(undefined)
    })

    test('takes the entries of indexes along', async () => {
      const { db } = await driver.open()
      const things = db.table(Indexed)
      await things.put({ id: 'a', n: 1, group: 'g' })
      await things.put({ id: 'b', n: 2, group: 'g' })
      expect(await things.delete({ id: 'a' }, { return: 'none' })).toBe(undefined)
      await things.batch((writer) => writer.delete({ id: 'c' }))
      expect((await things.index('byGroup').query({ group: 'g' }).toArray()).map(({ id }) => id)).toEqual(['b'])
      await things.put({ id: 'c', n: 1, group: 'g' })
      expect(await things.index('byNumber').query({ n: 1 }).first()).toMatchObject({ id: 'c' })
    })

    test('refuses the keys that others refuse', async () => {
      const { db } = await driver.open()
      const things = db.table(Things)
      await things.put({ id: 'a', n: 1 })
      for (const key of [{}, { id: '' }, { id: 5 }, { id: 'a', n: 1 }, { id: 'x'.repeat(3000) }, null]) {
        const failure = await things.delete(key as never).catch((error: Error) => error)
        await expect(things.delete(key as never, { return: 'none' })).rejects.toEqual(failure)
      }
      expect(await things.get({ id: 'a' })).toEqual({ id: 'a', n: 1 })
    })

    test('removes what had expired for good', async () => {
      const clock = new MovableClock()
      const { db } = await driver.open({ clock })
      const things = db.table(Things)
      await things.put({ id: 'a', n: 1, until: clock.seconds + 60 })
      clock.advance(61)
      expect(await things.delete({ id: 'a' }, { return: 'none' })).toBe(undefined)
      clock.advance(-30)
      expect(await things.get({ id: 'a' })).toBe(undefined)
    })

    needing(driver, 'listeners')('tells listeners of the item that was there, and of none that was not', async () => {
      const { db } = await driver.open()
      const things = db.table(Things)
      await things.put({ id: 'a', n: 1 })
      const changes: Change<Thing>[] = []
      things.on('change', (change) => changes.push(change))
      await things.delete({ id: 'nothing' }, { return: 'none' })
      await things.delete({ id: 'a' }, { return: 'none' })
      await things.batch((writer) => writer.delete({ id: 'nothing' }))
      expect(changes).toMatchObject([{ type: 'delete', key: { id: 'a' }, old: { id: 'a', n: 1 }, new: undefined }])
    })
  })
}

/**
 * Updates of single values, which may be done on what is stored without decoding it: they do what any update does. The names
 * of items are known by number once eight items had them: the last of a dozen is such a one.
 */
import { expect, test } from 'vitest'
import { table, type } from '../../../src/index.js'
import { MovableClock } from '../../support/temporary-database.js'
import { type Driver, needing } from '../contract.js'

interface Thing {
  id: string
  n: number
  state: string
  until: number
}
const Things = table('things', { schema: type<Thing>(), key: ['id'], ttl: 'until' })
const Even = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value: unknown) => {
      const { n } = value as Thing
      return n % 2 === 0 ? { value: { ...(value as Thing), state: 'even' } } : { issues: [{ message: 'odd' }] }
    },
  },
} as const

export function updatesInPlace(driver: Driver): void {
  const opened = async (clock = new MovableClock()) => {
    const database = await driver.open({ clock })
    const things = database.db.table(Things)
    const until = clock.seconds + 100
    for (let n = 0; n < 12; n++) await things.put({ id: `${n}`, n, state: 'new', until })
    return { database, things, until, clock }
  }

  test('they change what they name and nothing else, also after it was opened again', async () => {
    const { database, things, until } = await opened()
    expect(await things.update({ id: '11' }, { set: { state: 'paid' } })).toEqual({
      id: '11',
      n: 11,
      state: 'paid',
      until,
    })
    expect(await things.update({ id: '11' }, { add: { n: 31 } }, { return: 'none' })).toBe(undefined)
    const again = (await database.reopen()).table(Things)
    expect(await again.update({ id: '11' }, { set: { state: '' }, add: { n: 1 } })).toEqual({
      id: '11',
      n: 43,
      state: '',
      until,
    })
    expect(await again.get({ id: '11' })).toEqual({ id: '11', n: 43, state: '', until })
    expect(await again.get({ id: '4' })).toEqual({ id: '4', n: 4, state: 'new', until })
    expect(await again.scan().count()).toBe(12)
  })

  test('each finds what those before it have queued', async () => {
    const { things } = await opened()
    await Promise.all(
      Array.from({ length: 50 }, () => things.update({ id: '11' }, { add: { n: 1 } }, { return: 'none' })),
    )
    expect(await things.get({ id: '11' })).toMatchObject({ n: 61 })
    const removed = things.delete({ id: '11' })
    const made = await things.update({ id: '11' }, { set: { state: 'anew' } })
    expect(await removed).toMatchObject({ n: 61 })
    expect(made).toEqual({ id: '11', state: 'anew' })
  })

  test('an item whose time is over is made anew from its key', async () => {
    const { things, clock } = await opened()
    clock.advance(101)
    expect(await things.update({ id: '11' }, { set: { state: 'anew' } })).toEqual({ id: '11', state: 'anew' })
    expect(await things.get({ id: '11' })).toEqual({ id: '11', state: 'anew' })
  })

  test('they hold to their condition', async () => {
    const { things } = await opened()
    const refused = things.update({ id: '11' }, { set: { state: 'paid' } }, { if: { state: 'sent' } })
    await expect(refused).rejects.toMatchObject({ name: 'ConditionalCheckFailedException' })
    expect(await things.get({ id: '11' })).toMatchObject({ state: 'new' })
    await things.update({ id: '11' }, { set: { state: 'paid' } }, { if: { state: 'new' } })
    expect(await things.get({ id: '11' })).toMatchObject({ state: 'paid' })
  })

  needing(driver, 'schemas of updates')('they keep to a schema', async () => {
    const { db } = await driver.open()
    const things = db.table(table('evens', { schema: Even as never, key: ['id'] as never })) as never as {
      put(item: object): Promise<unknown>
      get(key: object): Promise<unknown>
      update(key: object, update: object): Promise<unknown>
    }
    for (let n = 0; n < 12; n++) await things.put({ id: `${n}`, n: 2 * n, state: '', until: 0 })
    await expect(things.update({ id: '11' }, { set: { n: 7 } })).rejects.toMatchObject({ name: 'ValidationException' })
    expect(await things.update({ id: '11' }, { set: { n: 8, state: 'odd' } })).toMatchObject({ n: 8, state: 'even' })
    expect(await things.get({ id: '11' })).toMatchObject({ n: 8, state: 'even' })
  })

  test('what can’t be stored is refused by its name, and the item stays', async () => {
    const { things } = await opened()
    for (const value of [Number.NaN, '\ud800', 10n ** 40n + 1n]) {
      const refused = things.update({ id: '11' }, { set: { state: value as never } })
      await expect(refused).rejects.toMatchObject({ name: 'ValidationException' })
    }
    const added = things.update({ id: '11' }, { add: { state: 1 } as never })
    await expect(added).rejects.toMatchObject({ name: 'ValidationException' })
    expect(await things.get({ id: '11' })).toMatchObject({ n: 11, state: 'new' })
  })
}

/**
 * `update` copied the values to set before they were checked: a Date became an empty map and was stored as that, and a
 * value that contains itself ran out of stack instead of being refused.
 */
import { expect, test } from 'vitest'
import { table, type } from '../../src/index.js'
import { temporaryDatabase } from '../support/temporary-database.js'

interface Thing {
  id: string
  value?: unknown
  list?: unknown[]
}

class Money {
  amount = 5
}

test('update refuses the values that put refuses', async () => {
  const { db } = await temporaryDatabase()
  const things = db.table(table('things', { schema: type<Thing>(), key: ['id'] }))
  const cycle: unknown[] = []
  cycle.push(cycle)
  let deep: unknown = 1
  for (let depth = 0; depth < 100_000; depth++) deep = [deep]
  await things.put({ id: 'a' })
  const wrong: [unknown, string][] = [
    ...([new Date(0), new Map(), new Money(), /a/, new Float64Array(1)].map((value) => [value, 'VALUE_CLASS']) as [
      unknown,
      string,
    ][]),
    [cycle, 'VALUE_CYCLE'],
    [deep, 'ITEM_TOO_DEEP'],
  ]
  for (const [value, code] of wrong) {
    await expect(things.update({ id: 'a' }, { set: { value } })).rejects.toMatchObject({ code })
    await expect(things.update({ id: 'a' }, { append: { list: [value] } })).rejects.toMatchObject({ code })
  }
  expect(await things.get({ id: 'a' })).toEqual({ id: 'a' })
})

test('what the caller does to the values later is his', async () => {
  const { db } = await temporaryDatabase()
  const things = db.table(table('things', { schema: type<Thing>(), key: ['id'] }))
  const value = { bytes: Uint8Array.of(1), list: [1] }
  const updating = things.update({ id: 'a' }, { set: { value }, append: { list: [value] } })
  value.bytes[0] = 9
  value.list.push(9)
  const stored = { bytes: Uint8Array.of(1), list: [1] }
  expect(await updating).toEqual({ id: 'a', value: stored, list: [stored] })
})

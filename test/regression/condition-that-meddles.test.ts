/**
 * A condition that is a function gets an item of its own and can do anything: what it changed in the item was stored by
 * `update`; and what it wrote to the same item in the meantime left its index entry behind.
 */
import { expect, test } from 'vitest'
import { table, type } from '../../src/index.js'
import { temporaryDatabase } from '../support/temporary-database.js'

interface Thing {
  id: string
  n: number
  group?: string
}
const Things = table('things', { schema: type<Thing>(), key: ['id'], indexes: { byGroup: ['group'] } })

test('what a condition changes in the item it is asked about is not stored', async () => {
  const { db } = await temporaryDatabase()
  const things = db.table(Things)
  await things.put({ id: 'a', n: 1, group: 'x' })
  const meddle = (item: Thing) => {
    item.n = 100
    item.group = 'y'
    return true
  }
  expect(await things.update({ id: 'a' }, { add: { n: 1 } }, { if: meddle })).toEqual({ id: 'a', n: 2, group: 'x' })
  expect(await things.delete({ id: 'a' }, { if: meddle })).toEqual({ id: 'a', n: 2, group: 'x' })
})

test('a condition that writes to the item itself leaves no index entry behind', async () => {
  const { db } = await temporaryDatabase()
  const things = db.table(Things)
  await things.put({ id: 'a', n: 1, group: 'x' })
  const write = (group: string) => () => {
    things.put({ id: 'a', n: 50, group }).catch(() => {})
    return true
  }
  await Promise.allSettled([things.put({ id: 'a', n: 2, group: 'z' }, { if: write('from put') })])
  await Promise.allSettled([things.update({ id: 'a' }, { set: { group: 'u' } }, { if: write('from update') })])
  await Promise.allSettled([things.delete({ id: 'a' }, { if: write('from delete') })])
  expect((await db.verify()).problems).toEqual([])
})

/**
 * Building an index took in items whose attribute had different types, as the first entry did not fix the type. The
 * next write did, and from then on the entries of the other type were wrong for `verify`, and never removed.
 */
import { expect, test } from 'vitest'
import { table, type } from '../../src/index.js'
import { temporaryDatabase } from '../support/temporary-database.js'

interface Thing {
  id: string
  mark?: string | number
}

test('an index added to items of mixed types holds those of one type', async () => {
  const database = await temporaryDatabase()
  const plain = database.db.table(table('things', { schema: type<Thing>(), key: ['id'] }))
  for (let n = 0; n < 20; n++) await plain.put({ id: `${n}`, mark: n % 2 === 0 ? n : `text ${n}` })

  const indexed = table('things', { schema: type<Thing>(), key: ['id'], indexes: { byMark: ['mark'] } })
  const things = database.db.table(indexed)
  const found = await things.index('byMark').scan().toArray()
  const types = new Set(found.map(({ mark }) => typeof mark))
  expect(found).toHaveLength(10)
  expect(types.size).toBe(1)

  // Whichever type it was, it stays, also for writes and after opening again.
  const { id, mark } = found[0]!
  const other = typeof mark === 'string' ? 5 : 'text'
  await expect(things.put({ id: 'new', mark: other })).rejects.toMatchObject({ code: 'KEY_TYPE' })
  await things.update({ id }, { remove: ['mark'] })
  expect(await things.index('byMark').scan().count()).toBe(9)
  const again = (await database.reopen()).table(indexed)
  expect(await again.index('byMark').scan().count()).toBe(9)
  await expect(again.put({ id: 'new', mark: other })).rejects.toMatchObject({ code: 'KEY_TYPE' })
})

/** Where a commit has nothing to wait for, an index over many items was built without letting anything else run. */
import { expect, test } from 'vitest'
import { table, type } from '../../src/index.js'
import { temporaryDatabase } from '../support/temporary-database.js'

interface Thing {
  id: number
  group: number
}

test('timers and sockets have their turn while an index is built', async () => {
  const { db } = await temporaryDatabase({ fsync: 'never' })
  const before = db.table(table('things', { schema: type<Thing>(), key: ['id'] }))
  await before.batch((w) => {
    for (let id = 0; id < 5000; id++) w.put({ id, group: id % 3 })
  })
  const things = db.table(table('things', { schema: type<Thing>(), key: ['id'], indexes: { byGroup: ['group'] } }))
  let turns = 0
  let isBuilt = false
  const count = () => {
    turns += 1
    if (!isBuilt) setImmediate(count)
  }
  setImmediate(count)
  const page = await things.index('byGroup').query({ group: 0 }, { limit: 1 }).page()
  isBuilt = true
  expect(page.count).toBe(1)
  expect(turns).toBeGreaterThan(5)
})

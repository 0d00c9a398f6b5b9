/** A snapshot hid items once their table got a time to live, though it shows what was there when it was taken. */
import { expect, it } from 'vitest'
import { open, table, type } from '../../src/index.js'

interface Row {
  id: string
  gone: number
}

it('a snapshot knows nothing of a time to live that its table gets later', async () => {
  const db = await open('memory:')
  const rows = db.table(table('rows', { schema: type<Row>(), key: ['id'] }))
  const past = Math.floor(Date.now() / 1000) - 60
  await rows.put({ id: 'a', gone: past })
  const snapshot = db.snapshot()
  const Mortal = table('rows', { schema: type<Row>(), key: ['id'], ttl: 'gone' })
  expect(await db.table(Mortal).get({ id: 'a' })).toBeUndefined()
  expect(await snapshot.table('rows').get({ id: 'a' })).toEqual({ id: 'a', gone: past })
  snapshot.release()
  await db.close()
})

/**
 * Bytes that a caller handed in as a key were kept, not copied: changing the array after the call changed the key in
 * the change event, and in a batch the key that was deleted.
 */
import { expect, test } from 'vitest'
import { type Change, table, type } from '../../src/index.js'
import { temporaryDatabase } from '../support/temporary-database.js'

interface Thing {
  id: Uint8Array
}
const Things = table('things', { schema: type<Thing>(), key: ['id'] })

test('the key in a change event is that of the call, whatever becomes of the array', async () => {
  const { db } = await temporaryDatabase()
  const things = db.table(Things)
  const seen: Change<Thing>[] = []
  things.on('change', ({ key }) => void key.id?.fill(9))
  things.on('change', (change) => seen.push(change))
  const id = Uint8Array.of(1, 2)
  const put = things.put({ id })
  id.fill(7)
  await put
  expect(seen[0]?.key).toEqual({ id: Uint8Array.of(1, 2) })
  expect(seen[0]?.new).toEqual({ id: Uint8Array.of(1, 2) })
  expect(id).toEqual(Uint8Array.of(7, 7))
})

test('a batch deletes the key it was given, whatever becomes of the array', async () => {
  const { db } = await temporaryDatabase()
  const things = db.table(Things)
  await things.put({ id: Uint8Array.of(1) })
  await things.put({ id: Uint8Array.of(2) })
  await things.batch((writer) => {
    const id = Uint8Array.of(1)
    writer.delete({ id })
    id[0] = 2
  })
  expect(await things.scan().toArray()).toEqual([{ id: Uint8Array.of(2) }])
})

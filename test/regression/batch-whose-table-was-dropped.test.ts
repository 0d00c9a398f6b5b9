/** A batch whose table was dropped while it was being stored said that there is no such table, and not what was not stored. */
import { expect, test } from 'vitest'
import { ResourceNotFoundException, table, type, UnprocessedItemsError } from '../../src/index.js'
import { temporaryDatabase } from '../support/temporary-database.js'

const things = table('things', { schema: type<{ id: string; n: number }>(), key: ['id'] })
const COUNT = 1000

test.each([false, true])('each write is stored, or comes back; with another table of the name: %s', async (hasNext) => {
  const { db } = await temporaryDatabase()
  const writer = db.table(things).batch()
  for (let n = 0; n < COUNT; n++) writer.put({ id: `id-${n}`, n }).delete({ id: `gone-${n}` })
  const seen: string[] = []
  db.table(things).on('change', (change) => seen.push(String(change.key.id)))
  const flushed = writer.flush().then(
    () => expect.unreachable('it was stored in a table that is gone'),
    (refused: unknown) => refused as UnprocessedItemsError,
  )
  await new Promise((resolve) => setImmediate(resolve))
  await db.dropTable('things')
  if (hasNext) await db.table(things).put({ id: 'of the next one', n: 1 })

  const failure = await flushed
  expect(failure).toBeInstanceOf(UnprocessedItemsError)
  expect(failure.cause).toBeInstanceOf(ResourceNotFoundException)
  const unprocessed = failure.unprocessed as { put?: { id: string; n: number }; delete?: { id: string } }[]
  const refusedPuts = unprocessed.flatMap(({ put }) => (put === undefined ? [] : [put]))
  expect(seen.length).toBeGreaterThan(0)
  expect(refusedPuts.length).toBeGreaterThan(0)
  expect(refusedPuts[0]).toEqual({ id: expect.stringMatching(/^id-/), n: expect.any(Number) })
  const all = [...seen, ...refusedPuts.map(({ id }) => id)].sort()
  expect(all).toEqual(Array.from({ length: COUNT }, (_, n) => `id-${n}`).sort())
  const refusedDeletes = unprocessed.filter((operation) => operation.delete !== undefined)
  expect(refusedDeletes.length).toBe(refusedPuts.length)
  expect(writer.size).toBe(0)
  if (hasNext) expect(await db.table(things).scan().toArray()).toEqual([{ id: 'of the next one', n: 1 }])
})

/**
 * A batch writer checked items when they were put, but not their keys: a missing key attribute came back from `flush`,
 * where nobody could see which `put` it was.
 */
import { expect, test } from 'vitest'
import { open, table, type } from '../../src/index.js'

test('a batch writer refuses a wrong key at once, and goes on without it', async () => {
  const db = await open('memory:')
  const things = db.table(table('things', { schema: type<{ id: string; at: number }>(), key: ['id', 'at'] }))
  const writer = things.batch()
  expect(() => writer.put({ id: 'a' } as never)).toThrow(expect.objectContaining({ code: 'KEY_MISSING' }))
  expect(() => writer.put({ id: '', at: 1 })).toThrow(expect.objectContaining({ code: 'KEY_EMPTY' }))
  expect(() => writer.delete({ id: 'a' } as never)).toThrow(expect.objectContaining({ code: 'KEY_MISSING' }))
  writer.put({ id: 'a', at: 1 })
  await writer.flush()
  expect(await things.scan().count()).toBe(1)
  await db.close()
})

/**
 * Reading over many removed items, which are only marked as such until the next checkpoint, took as long as there were of
 * them, all in one turn of the event loop: a page counted only the items it found.
 */
import { expect, test } from 'vitest'
import { open, table, type } from '../../src/index.js'

test('a page ends among removed items, and the next one goes on behind them', async () => {
  const db = await open('memory:')
  const things = db.table(table('things', { schema: type<{ id: string; at: number }>(), key: ['id', 'at'] }))
  const count = 25_000
  await things.batch((writer) => {
    for (let at = 0; at <= count; at++) writer.put({ id: 'a', at })
  })
  await things.batch((writer) => {
    for (let at = 1; at < count; at++) writer.delete({ id: 'a', at })
  })
  const pages: number[] = []
  for await (const page of things.query({ id: 'a' }).pages()) pages.push(page.count)
  expect(pages).toEqual([1, 0, 1])
  for (const reverse of [false, true]) {
    const ends = await things.query({ id: 'a' }, { reverse }).toArray()
    expect(ends.map(({ at }) => at)).toEqual(reverse ? [count, 0] : [0, count])
  }
  expect(await things.query({ id: 'a' }, { limit: 2 }).page()).toMatchObject({ count: 2 })
  expect((await db.verify()).items).toBe(2)
  await db.close()
})

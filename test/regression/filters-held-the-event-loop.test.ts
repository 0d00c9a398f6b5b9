/** Filters of any size, on items of any size, let everybody else have their turn: what is looked at is bounded, or shared out. */
import { describe, expect, test } from 'vitest'
import { table, type } from '../../src/index.js'
import { predicateFromObject, WHERE_BYTE_LIMIT } from '../../src/model/expression/predicate-from-object.js'
import { temporaryDatabase } from '../support/temporary-database.js'
import { countTurns } from '../support/turns.js'

interface Text {
  id: string
  at: number
  text: string
}
const Texts = table('texts', {
  schema: type<Text>(),
  key: ['id', 'at'],
  indexes: { byAt: ['id', 'at'], copies: { key: ['id', 'at'], covering: true } },
})

/** Keeps the processor busy, as an expensive filter does. */
function work(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end; );
}

describe('an expensive filter', () => {
  const COUNT = 200

  async function filled() {
    const { db } = await temporaryDatabase()
    const texts = db.table(Texts)
    await texts.batch((writer) => {
      for (let at = 0; at < COUNT; at++) writer.put({ id: 'a', at, text: `text ${at}` })
    })
    const slow = ({ at }: Text) => {
      work(2)
      return at % 2 === 0
    }
    return { db, texts, slow }
  }

  test.each(['texts', 'byAt', 'copies'] as const)(
    'has its page of %s gathered in many turns, whole and of one moment',
    async (where) => {
      const { texts, slow } = await filled()
      const turns = countTurns()
      const source = where === 'texts' ? texts : texts.index(where)
      const reading = source.query({ id: 'a' }, { filter: slow }).page()
      // What is written after the first turn is not in the page.
      const writing = texts.update({ id: 'a', at: COUNT - 2 }, { set: { text: 'changed' } })
      const { items, count, scanned, cursor } = await reading
      await writing
      expect(turns()).toBeGreaterThan(10)
      expect({ count, scanned, cursor }).toEqual({ count: COUNT / 2, scanned: COUNT, cursor: undefined })
      expect(items.map(({ at }) => at)).toEqual(Array.from({ length: COUNT / 2 }, (_, i) => 2 * i))
      expect(items.at(-1)?.text).toBe(`text ${COUNT - 2}`)
    },
  )

  test('through an index, counted, with a limit, in a snapshot and in a transaction as well', async () => {
    const { db, texts, slow } = await filled()
    const turns = countTurns()
    expect(await texts.index('byAt').query({ id: 'a' }, { filter: slow }).count()).toBe(COUNT / 2)
    expect(turns()).toBeGreaterThan(10)
    const before = turns()
    expect(await texts.query({ id: 'a' }, { filter: slow, limit: 60, reverse: true }).toArray()).toHaveLength(60)
    expect(turns() - before).toBeGreaterThan(8)
    using snapshot = db.snapshot()
    const later = turns()
    const pages: number[] = []
    for await (const { count } of snapshot.table(Texts).scan({ filter: slow }).pages()) pages.push(count)
    expect(pages).toEqual([COUNT / 2])
    expect(turns() - later).toBeGreaterThan(10)
    const last = turns()
    const found = await db.transact((tx) => tx.query(Texts, { id: 'a' }, { filter: slow }))
    expect(found).toHaveLength(COUNT / 2)
    expect(turns() - last).toBeGreaterThan(10)
  })

  test('leaves nothing held when it fails, or when the database is closed under it', async () => {
    const { db, texts } = await filled()
    const failing = ({ at }: Text) => {
      work(2)
      if (at === COUNT - 10) throw new RangeError('enough')
      return true
    }
    await expect(texts.scan({ filter: failing }).page()).rejects.toThrow('enough')
    await expect(texts.scan({ filter: failing }).toArray()).rejects.toThrow('enough')
    expect(db.stats().snapshots.open).toBe(0)
    const reading = texts.scan({ filter: () => work(2) === undefined }).page()
    const refused = expect(reading).rejects.toMatchObject({ code: 'DATABASE_CLOSED' })
    await db.close()
    await refused
  })
})

describe('a filter', () => {
  test('with more than two megabytes of values is refused, wherever they are', () => {
    const half = 'x'.repeat(WHERE_BYTE_LIMIT / 2)
    const many = Object.fromEntries(Array.from({ length: 300_000 }, (_, i) => [`name-${i}`, i]))
    const filters: unknown[] = [
      { a: { eq: many } },
      { a: { contains: half }, b: { contains: half }, c: { contains: 'x' } },
      { a: { in: [half, half, 'x'] } },
      { a: { beginsWith: `${half}${half}x` } },
      { a: { eq: [half, half, new Set(['x'])] } },
      { a: { ne: new Uint8Array(WHERE_BYTE_LIMIT + 1) } },
      { a: Array.from({ length: WHERE_BYTE_LIMIT + 1 }, () => 1) },
      { or: Array.from({ length: 301 }, () => ({})) },
      { or: Array.from({ length: 151 }, () => ({ a: { contains: 'x' }, b: { contains: 'y' } })) },
    ]
    for (const filter of filters) {
      expect(() => predicateFromObject(filter as never)).toThrow(
        expect.objectContaining({ code: 'FILTER_TOO_COMPLEX' }),
      )
    }
    expect(predicateFromObject({ a: { contains: half }, b: { contains: half } } as never).matches({ a: 'x' })).toBe(
      false,
    )
  })

  test('with long texts that the platform searches slowly is done in time', { timeout: 30_000 }, async () => {
    const { db } = await temporaryDatabase()
    const texts = db.table(Texts)
    await texts.put({ id: 'a', at: 1, text: 'a'.repeat(400_000) })
    // Two hundred kilobytes of it take the platform seven seconds each, and these are as bad as ten of them.
    const part = `${'a'.repeat(100_000)}b${'a'.repeat(100_000)}`
    const filter = { or: Array.from({ length: 10 }, (_, i) => ({ text: { contains: part.slice(i) } })) }
    expect(await texts.scan({ filter }).count()).toBe(0)
  })
})

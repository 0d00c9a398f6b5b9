/**
 * A filter that was a function and read the database itself, while the page it was asked for was gathered, took away the
 * memory in which the item under its eyes lay: what passed was then decoded from another block. It ended with "its format
 * is 120"; had the other bytes been those of an item, it would have been a wrong one.
 */
import { expect, it } from 'vitest'
import { open, table, type } from '../../src/index.js'
import { SeededRandom } from '../support/random.js'

interface Row {
  id: string
  n: number
  kind: string
  text: string
}

const Rows = table('rows', {
  schema: type<Row>(),
  key: ['id', 'n'],
  indexes: { byKind: ['kind', 'n'], copies: { key: ['kind', 'n'], covering: true } },
})
const Others = table('others', { schema: type<{ id: string; text: string }>(), key: ['id'] })

it.each(['table', 'byKind', 'copies'] as const)('a filter of a query of %s may read', async (where) => {
  const db = await open('memory:', { fsync: 'never', cacheBytes: 100_000 })
  const rows = db.table(Rows)
  const others = db.table(Others)
  const expected = Array.from({ length: 300 }, (_, n) => ({ id: 'a', n, kind: 'k', text: `${n}${'x'.repeat(200)}` }))
  for (const row of expected) void rows.put(row)
  for (let n = 0; n < 4000; n++) void others.put({ id: `o${n}`, text: 'y'.repeat(500) })
  await db.flush()
  await db.compact()

  let next = 0
  const filter = () => {
    for (let i = 0; i < 20; i++) {
      next = (next + 37) % 4000
      void others.get({ id: `o${next}` })
    }
    return true
  }
  const queried =
    where === 'table' ? rows.query({ id: 'a' }, { filter }) : rows.index(where).query({ kind: 'k' }, { filter })
  expect(await queried.toArray()).toEqual(expected)
  const selecting = { filter, select: ['n', 'text'] } as const
  const selected =
    where === 'table' ? rows.query({ id: 'a' }, selecting) : rows.index(where).query({ kind: 'k' }, selecting)
  expect(await selected.toArray()).toEqual(expected.map(({ n, text }) => ({ n, text })))
  await db.close()
})

const Maps = table('maps', {
  schema: type<Row & { extra: object }>(),
  key: ['id', 'n'],
  indexes: { byKind: ['kind', 'n'], copies: { key: ['kind', 'n'], covering: true } },
})

/** Each item is read alone here, so that one read takes the memory that it lies in. */
it.each(['byKind', 'copies'] as const)('a value in a filter of %s may read', async (where) => {
  const db = await open('memory:', { fsync: 'never', cacheBytes: 4_000_000 })
  const rows = db.table(Maps)
  const idOf = (n: number) => `a${String(n).padStart(6, '0')}`
  const textOf = (n: number) => `${n}${'x'.repeat(200)}`
  await rows.batch((batch) => {
    for (let n = 0; n < 20_000; n++)
      batch.put({ id: idOf(n), n, kind: `k${n % 100}`, text: textOf(n), extra: { one: 1 } })
  })
  await db.compact()
  let next = 0
  let count = 0
  const value = {
    get one() {
      count += 1
      next = (next + 7919) % 20_000
      void rows.get({ id: idOf(next), n: next })
      return 1
    },
  }
  const filter = { expression: 'extra = :extra', values: { ':extra': value } }
  for (let k = 0; k < 100; k++) {
    const kind = `k${k}`
    const found = await rows
      .index(where)
      .query({ kind, n: { gte: k * 37 } }, { limit: 3, filter })
      .toArray()
    expect(found.map((row) => row.kind)).toEqual([kind, kind, kind])
    for (const row of found) expect(row.text).toBe(textOf(row.n))
  }
  // What a filter holds is taken at the call, and so before anything is looked at.
  expect(count).toBe(100)
  await db.close()
})

/**
 * What it was shown was wrong as well, now and then: text that was read of one block was believed of another, which had come to
 * lie where that one was. It took a filter that reads the block that the walk comes to next, so that it is in memory by then.
 */
it.each([
  [31, 25],
  [33, 27],
  [300, 26],
  [420, 24],
])('a filter that reads %i items, and one %i ahead, is shown what is stored', async (reads, ahead) => {
  const db = await open('memory:', { fsync: 'never', cacheBytes: 4_000_000 })
  const others = db.table(Others)
  const count = 60_000
  await others.batch((batch) => {
    for (let n = 0; n < count; n++) batch.put({ id: `o${n}`, text: `${n} ${'y'.repeat(250)}` })
  })
  await db.compact()
  const order = (await others.scan({ select: ['id'] }).toArray()).map(({ id }) => id)
  const random = new SeededRandom(1)
  let position = 0
  let wrong = 0
  const filter = ({ id, text }: { id: string; text: string }) => {
    if (id !== order[position] || !text.startsWith(`${id.slice(1)} `)) wrong += 1
    if (position % (reads > 100 ? 10 * ahead : ahead) === 0) {
      const base = random.below(count)
      for (let i = 0; i < reads; i++) void others.get({ id: order[(base + i * 61) % count]! })
      if (position + ahead < count) void others.get({ id: order[position + ahead]! })
    }
    position += 1
    return false
  }
  expect(await others.scan({ filter }).count()).toBe(0)
  expect({ position, wrong }).toEqual({ position: count, wrong: 0 })
  await db.close()
})

/**
 * What a query and its filters were given was read when its items were asked for, and again for each page: a caller who
 * used his object again meanwhile got the items of another condition, or was told that the cursor was another query's.
 */
import { expect, it } from 'vitest'
import { ddb, open, table, type } from '../../src/index.js'

interface Row {
  id: string
  n: number
  kind: string
  text: string
  tags: string[]
}

const Rows = table('rows', { schema: type<Row>(), key: ['id', 'n'], indexes: { byKind: ['kind', 'n'] } })

async function someRows() {
  const db = await open('memory:')
  const rows = db.table(Rows)
  const text = 'x'.repeat(300_000)
  for (let n = 0; n < 10; n++)
    for (const id of ['a', 'b']) await rows.put({ id, n, kind: `of ${id}`, text, tags: [id, `${n}`] })
  return { db, rows }
}

it('a query has the condition it was made with', async () => {
  const { db, rows } = await someRows()
  const where = { id: 'a', n: { between: [2, 4] as [number, number] } }
  const found = rows.query(where)
  const throughIndex = { kind: 'of a', n: { gte: 8 } }
  const indexed = rows.index('byKind').query(throughIndex)
  const raw = { expression: 'id = :id AND n < :n', values: { ':id': 'a', ':n': 2 } }
  const expressed = rows.query(raw)
  where.id = 'b'
  where.n.between[1] = 9
  throughIndex.n.gte = 0
  raw.values[':n'] = 9
  expect((await found.toArray()).map(({ id, n }) => id + n)).toEqual(['a2', 'a3', 'a4'])
  expect((await indexed.toArray()).map(({ id, n }) => id + n)).toEqual(['a8', 'a9'])
  expect((await expressed.toArray()).map(({ id, n }) => id + n)).toEqual(['a0', 'a1'])
  await db.close()
})

it('it goes on with it from page to page', async () => {
  const { db, rows } = await someRows()
  const where = { id: 'a' }
  const filter = { n: { in: [1, 5, 9] } }
  const found: string[] = []
  for await (const { id, n } of rows.query(where, { filter })) {
    found.push(id + n)
    where.id = 'b'
    filter.n.in.length = 0
  }
  expect(found).toEqual(['a1', 'a5', 'a9'])
  await db.close()
})

it('a filter, and what is selected, are those that were given', async () => {
  const { db, rows } = await someRows()
  const filter = { id: 'a', n: { gt: 7 } }
  const bytes = Uint8Array.of(1)
  const value = { list: ['a', '8'] }
  const select: ('id' | 'n')[] = ['id', 'n']
  const filtered = rows.scan({ filter, select })
  const chained = rows.scan().where(filter).select('id', 'n')
  const bound = rows.scan({ filter: ddb`tags = ${value.list} AND n <> ${bytes}`, select: ['id', 'n'] })
  filter.id = 'b'
  filter.n.gt = 0
  value.list[0] = 'b'
  select.pop()
  const expected = [
    { id: 'a', n: 8 },
    { id: 'a', n: 9 },
  ]
  expect(await filtered.toArray()).toEqual(expected)
  expect(await chained.toArray()).toEqual(expected)
  expect(await bound.toArray()).toEqual([{ id: 'a', n: 8 }])
  await db.close()
})

it('in a transaction, too', async () => {
  const { db } = await someRows()
  const found = await db.transact(async (tx) => {
    const where = { id: 'a' }
    const filter = { n: { in: [1, 5] } }
    const reading = tx.query(Rows, where, { filter })
    where.id = 'b'
    filter.n.in.pop()
    return reading
  })
  expect(found.map(({ id, n }) => id + n)).toEqual(['a1', 'a5'])
  await db.close()
})

it('what holds itself, or very much, is refused as before', async () => {
  const { db, rows } = await someRows()
  const circle: Record<string, unknown> = {}
  for (const name of ['a', 'b', 'c']) circle[name] = circle
  const deep = JSON.parse(`${'['.repeat(5000)}${']'.repeat(5000)}`)
  for (const value of [circle, deep]) {
    await expect(rows.query({ id: 'a', n: value } as never).toArray()).rejects.toMatchObject({
      name: 'ValidationException',
    })
    await expect(rows.scan({ filter: { tags: value } as never }).toArray()).rejects.toMatchObject({
      name: 'ValidationException',
    })
  }
  await db.close()
})

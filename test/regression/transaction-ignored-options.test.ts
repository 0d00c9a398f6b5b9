/**
 * What a call of a transaction does not know was taken for none: a cursor, so that who asked for pages got the same items
 * again, a signal, a segment. A limit of text was taken, one of a bigint ended in a TypeError, as did a table's name in the
 * place of its definition; and of a table that was dropped meanwhile it was said that the database has none.
 */
import { expect, test } from 'vitest'
import { type Database, open, table, type } from '../../src/index.js'

const Things = table('things', { schema: type<{ id: string; n: number }>(), key: ['id'], indexes: { byN: ['n'] } })
const Others = table('others', { schema: type<{ id: string }>(), key: ['id'] })
const key = { id: 'a' }

async function withThing(): Promise<Database> {
  const db = await open('memory:')
  await db.table(Things).put({ id: 'a', n: 1 })
  return db
}

test.each([
  [{ cursor: 'x' }, 'there is no option "cursor"; there are select, consistent, index, filter, limit, reverse'],
  [{ signal: AbortSignal.abort() }, 'there is no option "signal"'],
  [{ segment: 0 }, 'there is no option "segment"'],
  [{ sortBytes: 1 }, 'there is no option "sortBytes"'],
  [{ reverse: 'yes' }, '"reverse" is true or false, not "yes"'],
  ...['5', true, [5], null, 5n, 0, -1, 1.5, Number.NaN].map(
    (limit) => [{ limit }, '"limit" has to be a whole number'] as const,
  ),
] as readonly (readonly [object, string])[])('a query of a transaction refuses %o', async (options, message) => {
  const db = await withThing()
  const querying = db.transact((tx) => tx.query(Things, key, options as never))
  await expect(querying).rejects.toMatchObject({ code: 'OPTION', message: expect.stringContaining(message) })
  await db.close()
})

test('what it does take it heeds', async () => {
  const db = await withThing()
  for (let n = 2; n < 6; n++) await db.table(Things).put({ id: String(n), n: 2 })
  const options = { index: 'byN', filter: { id: { ne: '3' } }, limit: 2, reverse: true } as const
  const found = await db.transact((tx) => tx.query(Things, { n: 2 }, { ...options, select: ['id'] }))
  expect(found).toEqual([{ id: '5' }, { id: '4' }])
  expect(await db.transact((tx) => tx.get(Things, key, { select: ['n'] }))).toEqual({ n: 1 })
  await db.close()
})

test('its other calls refuse what they would not heed', async () => {
  const db = await withThing()
  const wrong = { signal: AbortSignal.abort() } as never
  const refused = { code: 'OPTION', message: expect.stringContaining('there is no option "signal"') }
  await expect(db.transact((tx) => tx.get(Things, key, wrong))).rejects.toMatchObject(refused)
  await expect(db.transact((tx) => void tx.put(Things, { id: 'b', n: 1 }, wrong))).rejects.toMatchObject(refused)
  await expect(db.transact((tx) => void tx.update(Things, key, { set: { n: 2 } }, wrong))).rejects.toMatchObject(
    refused,
  )
  await expect(db.transact((tx) => void tx.delete(Things, key, wrong))).rejects.toMatchObject(refused)
  await expect(db.transact((tx) => void tx.check(Things, key, { n: 1 }, wrong))).rejects.toMatchObject(refused)
  const conditional = { if: { n: 1 } } as never
  await expect(db.transact((tx) => void tx.check(Things, key, { n: 1 }, conditional))).rejects.toMatchObject({
    code: 'OPTION',
  })
  expect(await db.table(Things).scan().toArray()).toEqual([{ id: 'a', n: 1 }])
  await db.close()
})

test.each(['things', undefined, null, 5, {}])('%o is no definition of a table', async (given) => {
  const wrong = given as unknown as typeof Things
  const db = await withThing()
  const refused = {
    code: 'TRANSACTION',
    message: expect.stringContaining('take a table as table(name, { … }) defines it'),
  }
  await expect(db.transact((tx) => void tx.put(wrong, { id: 'a', n: 1 }))).rejects.toMatchObject(refused)
  await expect(db.transact((tx) => void tx.check(wrong, key, { n: 1 }))).rejects.toMatchObject(refused)
  await expect(db.transact((tx) => tx.get(wrong, key))).rejects.toMatchObject(refused)
  await expect(db.transact((tx) => tx.query(wrong, key))).rejects.toMatchObject(refused)
  await db.close()
})

test('nor is what db.table() answers', async () => {
  const db = await withThing()
  const handle = db.table(Things) as unknown as typeof Things
  await expect(db.transact((tx) => tx.get(handle, key))).rejects.toMatchObject({ code: 'TRANSACTION' })
  await db.close()
})

test('a table that was dropped meanwhile is said to be so', async () => {
  const db = await withThing()
  db.table(Others)
  const refused = { code: 'TABLE_NOT_FOUND', message: /^Cannot find the table "things": it was dropped meanwhile/ }
  for (const isDefinedAgain of [false, true]) {
    db.table(Things)
    const dropping = db.transact(async (tx) => {
      tx.put(Things, { id: 'b', n: 1 })
      await db.dropTable('things')
      if (isDefinedAgain) db.table(Things)
    })
    await expect(dropping).rejects.toMatchObject({ ...refused, message: expect.stringMatching(refused.message) })
  }
  await db.close()
})

test('a token is text', async () => {
  const db = await withThing()
  const transacting = db.transact((tx) => void tx.delete(Things, key), { token: '\ud800' })
  await expect(transacting).rejects.toMatchObject({
    code: 'TRANSACTION',
    message: expect.stringContaining('half a surrogate'),
  })
  expect(await db.table(Things).get(key)).toEqual({ id: 'a', n: 1 })
  await db.close()
})

/**
 * Where no compiler looks, a misspelled member of a definition (`index`, `tll`) was none, and what was no definition, no table,
 * no list of keys and no request was a `TypeError` without a code. A schema that is none was said to be a write that failed.
 */
import { expect, test } from 'vitest'
import { table, type } from '../../src/index.js'
import { temporaryDatabase } from '../support/temporary-database.js'

// biome-ignore lint/suspicious/noExplicitAny: what the types refuse
type Any = any
const define: Any = table
const schema = type<Any>()
const THERE_ARE = 'there are schema, key, indexes, ttl, portable'

test.each([
  [null, 'it takes an object with schema, key, indexes, ttl, portable, not null'],
  [undefined, 'it takes an object with schema, key, indexes, ttl, portable, not undefined'],
  ['id', 'it takes an object with schema, key, indexes, ttl, portable, not "id"'],
  [{ schema: null, key: ['id'] }, 'its schema is no Standard Schema'],
  [{ schema: 5, key: ['id'] }, 'its schema is no Standard Schema'],
  [{ schema, key: ['id'], index: { byN: ['n'] } }, `it has "index", which is no option; ${THERE_ARE}`],
  [{ schema, key: ['id'], tll: 'at' }, `it has "tll", which is no option; ${THERE_ARE}`],
  [{ schema, key: ['id'], portabel: false }, `it has "portabel", which is no option; ${THERE_ARE}`],
  [{ schema, keys: ['id'] }, `it has "keys", which is no option; ${THERE_ARE}`],
])('the definition %o is refused', (definition, message) => {
  const refused = {
    code: 'TABLE_DEFINITION',
    message: expect.stringContaining(`Cannot define the table "tab": ${message}`),
  }
  expect(() => define('tab', definition)).toThrow(expect.objectContaining(refused))
})

test('a definition may be without a schema, or have members that are undefined', async () => {
  const { db } = await temporaryDatabase()
  const things: Any = db.table(define('tab', { key: ['id'], index: undefined, ttl: undefined }))
  await things.put({ id: 'a' })
  expect(await things.get({ id: 'a' })).toEqual({ id: 'a' })
})

test('of a definition without a name that can be shown the name is refused', () => {
  expect(() => define(Symbol('tab'), null)).toThrow(expect.objectContaining({ code: 'TABLE_NAME' }))
})

test.each([
  [5, 'a value of type number'],
  [undefined, 'undefined'],
  [null, 'null'],
  [Symbol('tab'), 'a value of type symbol'],
  [{}, 'a value of type object'],
  [{ name: 'tab', key: ['id'] }, 'a value of type object'],
])('a table is not asked for by %o', async (asked, shown) => {
  const { db } = await temporaryDatabase()
  const message = `Cannot use a table: it takes the name of one, or what table(name, { schema, key }) has made of one, not ${shown}`
  const refused = expect.objectContaining({ code: 'TABLE_DEFINITION', message })
  expect(() => db.table(asked as Any)).toThrow(refused)
  using snapshot = db.snapshot()
  expect(() => snapshot.table(asked as Any)).toThrow(refused)
})

test('many items are asked for by a list of keys', async () => {
  const { db } = await temporaryDatabase()
  const things: Any = db.table(define('tab', { schema, key: ['id'] }))
  await things.put({ id: 'a' })
  using snapshot = db.snapshot()
  for (const keys of [null, undefined, 5, 'a', { id: 'a' }, new Set([{ id: 'a' }])]) {
    const refused = { code: 'KEY_TYPE', message: expect.stringContaining('Cannot batchGet: its keys are a list, not ') }
    await expect(things.batchGet(keys)).rejects.toMatchObject(refused)
    await expect((snapshot.table('tab') as Any).batchGet(keys)).rejects.toMatchObject(refused)
  }
  // biome-ignore lint/suspicious/noSparseArray: a gap is no key
  await expect(things.batchGet([{ id: 'a' }, , { id: 'a' }])).rejects.toMatchObject({ code: 'KEY_TYPE' })
  expect((await things.batchGet([{ id: 'a' }])).items).toEqual([{ id: 'a' }])
})

test('what is fetched is a request', async () => {
  const { db } = await temporaryDatabase()
  for (const [request, shown] of [
    [undefined, 'undefined'],
    [null, 'null'],
    ['http://localhost/', '"http://localhost/"'],
    [{}, 'a value of type object'],
    [{ url: 'http://localhost/' }, 'a value of type object'],
  ]) {
    const refused = { code: 'OPTION', message: `Cannot fetch: it takes a Request, not ${shown}` }
    await expect(db.fetch(request as Any)).rejects.toMatchObject(refused)
  }
  expect((await db.fetch(new Request('http://localhost/'))).status).toBe(200)
})

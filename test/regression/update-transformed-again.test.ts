/**
 * An update asked the schema about the whole item and stored what came back: what the schema had made of other attributes before
 * went through it once more. A password was hashed again by every count of a visit.
 */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { type Database, Decimal, ddb, open, type StandardSchemaV1, table } from '../../src/index.js'

let db: Database
beforeEach(async () => {
  db = await open('memory:')
})
afterEach(() => db.close())

const hashed = z.string().transform((text) => `hash(${text})`)
const Users = table('users', {
  key: ['id'],
  schema: z.object({
    id: z.string(),
    password: hashed,
    visits: z.number().default(0),
    email: z.string().trim().optional(),
    login: z.object({ pin: hashed, tries: z.number() }).optional(),
    keys: z.array(hashed).optional(),
    exact: z.any().optional(),
  }),
})

test('an update does not build once more on what it does not change', async () => {
  const users = db.table(Users)
  const exact = [new Set([1, 2]), new Uint8Array([1]), Decimal.from('1.10'), { deep: [1, { deeper: true }] }]
  await users.put({ id: 'a', password: 'secret', login: { pin: '1', tries: 0 }, keys: ['k'], exact })
  await users.update({ id: 'a' }, { add: { visits: 1 }, set: { email: ' a@b.c ' } })
  await users.update({ id: 'a' }, ddb`SET login.tries = ${1}`)
  await users.update({ id: 'a' }, { append: { keys: ['l'] } })
  await db.transact(async (tx) => tx.update(Users, { id: 'a' }, { add: { visits: 1 } }))
  expect(await users.get({ id: 'a' })).toEqual({
    id: 'a',
    password: 'hash(secret)',
    visits: 2,
    email: 'a@b.c',
    login: { pin: 'hash(1)', tries: 1 },
    // A list that was changed is what the schema makes of it.
    keys: ['hash(hash(k))', 'hash(l)'],
    exact,
  })
})

test('what an update changes is what the schema makes of it', async () => {
  const users = db.table(Users)
  await users.put({ id: 'a', password: 'secret', exact: 1 })
  await users.update({ id: 'a' }, { set: { password: 'other', exact: 1n } })
  expect(await users.get({ id: 'a' })).toEqual({ id: 'a', password: 'hash(other)', visits: 0, exact: 1n })
  await users.update({ id: 'b' }, { set: { password: 'new' } })
  expect(await users.get({ id: 'b' })).toEqual({ id: 'b', password: 'hash(new)', visits: 0 })
})

test('a list that the schema makes shorter, and a value that it makes something else, are what it makes of them', async () => {
  const schema = z.object({
    id: z.string(),
    few: z.array(z.number()).transform((list) => list.filter((n) => n > 1)),
    list: z
      .any()
      .transform((value) => (Array.isArray(value) && value.length > 1 ? { first: value[0] as number } : value)),
  })
  const items = db.table(table('items', { key: ['id'], schema }))
  await items.put({ id: 'a', few: [2, 3], list: [7] })
  await items.update({ id: 'a' }, { append: { few: [0], list: [8] } })
  expect(await items.get({ id: 'a' })).toEqual({ id: 'a', few: [2, 3], list: { first: 7 } })
})

const keyed = { key: ['id'] } as const

test('what depends on what was changed is what the schema makes of it', async () => {
  const schema = z
    .object({ id: z.string(), status: z.string(), max: z.number(), v: z.number(), gsi: z.string().optional() })
    .transform((item) => ({ ...item, gsi: `S#${item.status}`, v: Math.min(item.v, item.max) }))
  const items = db.table(table('items', { ...keyed, schema, indexes: { byGsi: ['gsi'] } }))
  await items.put({ id: 'a', status: 'open', max: 10, v: 8 })
  await items.update({ id: 'a' }, { set: { status: 'closed', max: 5 } })
  const closed = { id: 'a', status: 'closed', max: 5, v: 5, gsi: 'S#closed' }
  expect(await items.index('byGsi').query({ gsi: 'S#closed' }).toArray()).toEqual([closed])
  expect(await items.index('byGsi').query({ gsi: 'S#open' }).toArray()).toEqual([])
})

test('lists that a schema sorts keep all of their elements', async () => {
  const sorted = z.array(z.number()).transform((list) => list.toSorted((a, b) => a - b))
  const items = db.table(table('items', { ...keyed, schema: z.object({ id: z.string(), tags: sorted }) }))
  await items.put({ id: 'a', tags: [3, 1] })
  await items.update({ id: 'a' }, { append: { tags: [2] } })
  expect((await items.get({ id: 'a' }))?.tags).toEqual([1, 2, 3])
})

test('a clock of a schema goes on', async () => {
  let now = 1
  let calls = 0
  // The time goes on between any two calls, or at none of them.
  const schema = z.object({ id: z.string(), n: z.number() }).transform((item) => ({ ...item, at: now, calls: ++calls }))
  const items = db.table(table('items', { ...keyed, schema }))
  await items.put({ id: 'a', n: 1 })
  now = 2
  await items.update({ id: 'a' }, { add: { n: 1 } })
  const item = await items.get({ id: 'a' })
  expect(item).toMatchObject({ at: 2, n: 2 })
  expect(item!.calls).toBeGreaterThan(1)
})

test('another kind of item has nothing of the former kind', async () => {
  const schema = z.discriminatedUnion('kind', [
    z.object({ id: z.string(), kind: z.literal('a'), a: z.number(), v: z.any() }),
    z.object({ id: z.string(), kind: z.literal('b'), b: z.number(), v: z.coerce.number() }),
  ])
  const items = db.table(table('items', { ...keyed, schema }))
  await items.put({ id: 'x', kind: 'a', a: 1, v: '7' })
  await items.update({ id: 'x' }, { set: { kind: 'b', b: 2 } })
  expect(await items.get({ id: 'x' })).toEqual({ id: 'x', kind: 'b', b: 2, v: 7 })
})

test('a schema that strips, or changes what it is given, changes nothing else', async () => {
  const wide = db.table(table('items', { ...keyed, schema: z.looseObject({ id: z.string() }) }))
  await wide.put({ id: 'a', more: [1], list: [1], n: 1 })
  type Narrow = { id: string; list: number[]; n: number }
  const meddling: StandardSchemaV1<Narrow, Narrow> = {
    '~standard': {
      version: 1,
      vendor: 'test',
      validate: (value) => {
        const { id, list, n } = value as Narrow
        list.push(2)
        return { value: { id, list, n } }
      },
    },
  }
  const narrow = db.table(table('items', { ...keyed, schema: meddling }))
  await narrow.update({ id: 'a' }, { add: { n: 1 } })
  expect(await wide.get({ id: 'a' })).toEqual({ id: 'a', list: [1], n: 2 })
})

test('a schema that does not accept what it has made says so', async () => {
  const schema = z.object({ id: z.string(), at: z.iso.datetime().transform((text) => Date.parse(text)), n: z.number() })
  const logs = db.table(table('logs', { key: ['id'], schema }))
  await logs.put({ id: 'a', at: '2026-11-21T09:30:00Z', n: 1 })
  const failure = await logs.update({ id: 'a' }, { add: { n: 1 } }).catch((error: unknown) => error)
  expect(failure).toMatchObject({ name: 'ValidationException', code: 'SCHEMA', issues: [{ path: 'at' }] })
  expect(String(failure)).toContain('an update needs a schema that accepts what it has made of an item itself')
  const wrong = await db
    .table(Users)
    .update({ id: 'x' }, { set: { visits: 'many' as never } })
    .catch(String)
  expect(wrong).not.toContain('an update needs')
})

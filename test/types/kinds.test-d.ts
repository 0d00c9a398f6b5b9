/**
 * Tables with items of several kinds, and of attributes that nobody wrote down: what must compile, and what must not. Nothing
 * here runs, as in table.test-d.ts.
 */
import { z } from 'zod'
import { type Database, type Item, type Key, type Table, table, type } from '../../src/index.js'
import { expectType } from './expect-type.js'

interface Deposit {
  account: string
  at: string
  kind: 'deposit'
  amount: number
  from?: string
}
interface Note {
  account: string
  at: string
  kind: 'note'
  text: string
  tags?: Set<string>
}
type Entry = Deposit | Note

const Entries = table('entries', {
  schema: type<Entry>(),
  key: ['account', 'at'],
  indexes: {
    byText: ['text', 'at'],
    byAmount: { key: ['kind', 'amount'], projection: ['from'] },
    byTag: { key: ['tags'], multi: 'tags' },
  },
  ttl: 'amount',
})
const Shapes = table('shapes', {
  schema: z.discriminatedUnion('kind', [
    z.object({ id: z.string(), kind: z.literal('circle'), radius: z.number() }),
    z.object({ id: z.string(), kind: z.literal('text'), text: z.string() }),
  ]),
  key: ['id'],
})
const Open = table('open', {
  schema: type<{ id: string; at: number; [name: string]: unknown }>(),
  key: ['id', 'at'],
  indexes: { byAt: ['at'] },
})
const Loose = table('loose', { schema: z.looseObject({ id: z.string() }), key: ['id'] })
const Mixed = table('mixed', { schema: type<Record<string, unknown> & { id: string }>(), key: ['id'] })

export async function kinds(db: Database): Promise<void> {
  const entries = db.table(Entries)
  const key = { account: 'a', at: '1' }
  expectType<Entry>()({} as Item<typeof Entries>)
  expectType<Entry | undefined>()(await entries.get(key))
  const entry = await entries.get(key)
  if (entry?.kind === 'deposit') expectType<number>()(entry.amount)
  if (entry?.kind === 'note') expectType<string>()(entry.text)
  for await (const each of entries.query({ account: 'a', at: { beginsWith: '2026' } })) expectType<Entry>()(each)
  expectType<Entry[]>()(await entries.scan({ filter: { text: { beginsWith: 'a' }, amount: { gt: 1 } } }).toArray())
  expectType<Entry[]>()(await entries.scan().where({ kind: 'note' }).orderBy('amount').toArray())
  expectType<(Entry | undefined)[]>()((await entries.batchGet([key])).items)
  expectType<Entry[]>()(
    await entries
      .index('byText')
      .query({ text: 'a', at: { gt: '1' } })
      .toArray(),
  )
  expectType<Entry[]>()(
    await entries
      .index('byTag')
      .query({ tags: { any: ['a'] } })
      .toArray(),
  )
  expectType<Entry[]>()(await db.transact((tx) => tx.query(Entries, { account: 'a' })))
  expectType<Entry | undefined>()(await db.transact((tx) => tx.get(Entries, key)))
  expectType<Entry | undefined>()(await db.snapshot().table(Entries).get(key))
  expectType<Pick<Deposit, 'kind' | 'amount'> | Pick<Note, 'kind'> | undefined>()(
    await entries.get(key, { select: ['kind', 'amount'] }),
  )
  await entries.put({ ...key, kind: 'note', text: 'b' })
  await entries.update(key, { set: { text: 'b', amount: 1 }, add: { amount: 2 }, remove: ['from', 'tags', 'text'] })
  // @ts-expect-error a note has no amount
  await entries.put({ ...key, kind: 'note', text: 'b', amount: 1 })
  // @ts-expect-error no kind has it
  await entries.get(key, { select: ['other'] })
  // @ts-expect-error no kind has a number there
  await entries.update(key, { set: { text: 1 } })
  // @ts-expect-error every kind has it, always
  await entries.update(key, { remove: ['kind'] })
  // @ts-expect-error not every kind has it
  table('x', { schema: type<Entry>(), key: ['account', 'text'] })

  const shape = await db.table(Shapes).get({ id: 'a' })
  if (shape?.kind === 'circle') expectType<number>()(shape.radius)
}

export async function anyAttributes(db: Database): Promise<void> {
  const open = db.table(Open)
  const key = { id: 'a', at: 1 }
  expectType<{ id: string; at: number; [name: string]: unknown } | undefined>()(await open.get(key))
  await open.put({ ...key, more: [1] })
  await open.update(key, { set: { more: 2 }, remove: ['other'] })
  expectType<number | undefined>()((await open.get(key, { select: ['at'] }))?.at)
  await open.scan({ filter: { more: { gt: 1 } } }).count()
  await open.index('byAt').query({ at: 1 }).toArray()
  // @ts-expect-error its key has two attributes
  await open.get({ id: 'a' })
  // @ts-expect-error an attribute that nobody wrote down may be anything, so it can't be the key
  table('x', { schema: type<{ id: string; [name: string]: unknown }>(), key: ['other'] })

  expectType<string | undefined>()((await db.table(Loose).get({ id: 'a' }))?.id)
  await db.table(Loose).put({ id: 'a', more: 1 })
  expectType<string | undefined>()((await db.table(Mixed).get({ id: 'a' }))?.id)

  // Where nothing is known, or all attributes are of one type, any of them may be the key.
  // biome-ignore lint/suspicious/noExplicitAny: nothing is known
  table('x', { schema: type<any>(), key: ['id', 'at'], indexes: { byOther: ['other'] }, ttl: 'end' })
  // biome-ignore lint/suspicious/noExplicitAny: nothing is known
  table('x', { schema: type<Record<string, any>>(), key: ['id'], indexes: { byOther: ['other'] } })
  table('x', { schema: type<Record<string, number>>(), key: ['id'], ttl: 'end' })
}

/** Code for any item of some shape, as repositories have. */
export async function generic<T extends { id: string; n: number }, P extends keyof T & string>(
  items: Table<T, T, readonly ['id'], Record<never, never>>,
  key: Key<T, readonly ['id']>,
  names: readonly P[],
): Promise<number> {
  let sum = (await items.get(key))?.n ?? 0
  for await (const item of items.scan()) sum += item.n
  for (const item of await items.query(key).toArray()) sum += item.n
  await items.scan({ select: ['id'] }).toArray()
  await items.scan().orderBy('n').select('id', 'n').toArray()
  const some: Pick<T, P> | undefined = await items.get(key, { select: names })
  const all: Pick<T, P>[] = await items.scan({ select: names }).toArray()
  return sum + all.length + (some === undefined ? 0 : 1)
}

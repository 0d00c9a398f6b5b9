/**
 * Bytes and sets that were made in another realm (a `vm` context, as under Jest, where `instanceof Uint8Array` is false) were
 * stored and found by `get`, but as operands of expressions and filters they were equal to nothing, a "MAP", or refused; as
 * the key of an update or a delete they were a `TypeError` without a code. A promise of such a listener was not looked after.
 */
import { setTimeout } from 'node:timers/promises'
import vm from 'node:vm'
import { expect, test, vi } from 'vitest'
import { type Database, ddb, type Table, table, type } from '../../src/index.js'
import { temporaryDatabase } from '../support/temporary-database.js'

// biome-ignore lint/suspicious/noExplicitAny: what is handed over is of any type
type Any = any
const Things: Any = table('things', {
  schema: type<Any>(),
  key: ['id', 'sort'],
  indexes: { byBytes: ['b', 'extra'], byMark: { key: ['marks'], multi: 'marks' }, once: { key: ['u'], unique: true } },
} as Any)

const context = vm.createContext({})
/** The value of some source in a realm of its own. */
const theirs = (source: string): Any => vm.runInContext(source, context)
const u8 = (...bytes: number[]): Any => theirs(`new Uint8Array([${bytes}])`)
const set = (...elements: unknown[]): Any => theirs(`new Set(${JSON.stringify(elements)})`)
const raw = (expression: string, values: Record<string, unknown>) => ({ expression, values })

const own = (...bytes: number[]) => Uint8Array.of(...bytes)
const key: Any = { id: own(1), sort: 's' }
const ITEM = {
  ...key,
  b: own(1, 2),
  extra: own(5),
  s: new Set(['a', 'b']),
  bs: new Set([own(1), own(2)]),
  l: [own(1, 2), new Set([1])],
  m: { b: own(7), s: new Set([1]) },
  text: 'abc',
  marks: [own(9), own(8)],
  u: own(3),
}

test('they are not what instanceof knows', () => {
  expect(u8(1) instanceof Uint8Array).toBe(false)
  expect(set(1) instanceof Set).toBe(false)
})

/** Filters and conditions that the item passes. */
const passed: [string, Any][] = [
  ['equality', { b: u8(1, 2) }],
  ['eq of a set', { s: { eq: set('b', 'a') } }],
  ['eq of a set of bytes', { bs: theirs('new Set([new Uint8Array([2]), new Uint8Array([1])])') }],
  ['eq of a list', { l: theirs('[new Uint8Array([1, 2]), new Set([1])]') }],
  ['eq of a map', { m: { eq: theirs('({ b: new Uint8Array([7]), s: new Set([1]) })') } }],
  ['a map', { m: theirs('({ b: new Uint8Array([7]) })') }],
  ['all of it', theirs('({ and: [{ b: { gte: new Uint8Array([1]) } }, { s: new Set(["a", "b"]) }] })')],
  ['in a list', { b: { in: [u8(9), u8(1, 2)] } }],
  ['in a set', { text: { in: set('x', 'abc') } }],
  ['in a set of bytes', { b: { in: theirs('new Set([new Uint8Array([1, 2])])') } }],
  ['lte', { b: { lte: u8(1, 2) } }],
  ['between', { b: { between: [u8(1), u8(2)] } }],
  ['beginsWith', { b: { beginsWith: u8(1) } }],
  ['contains of bytes', { b: { contains: u8(2) } }],
  ['contains of a list', { l: { contains: u8(1, 2) } }],
  ['contains of a set', { bs: { contains: u8(2) } }],
  ['a pattern', { text: { matches: theirs('/^A/i') } }],
  ['ddb =', ddb`b = ${u8(1, 2)} AND s = ${set('b', 'a')} AND l = ${theirs('[new Uint8Array([1, 2]), new Set([1])]')}`],
  ['ddb = the other way round', ddb`${u8(1, 2)} = b`],
  ['ddb IN', ddb`b IN (${u8(1)}, ${u8(1, 2)}) AND s IN (${set('a', 'b')})`],
  ['ddb <=', ddb`b <= ${u8(1, 2)} AND ${u8(1)} < b`],
  ['ddb BETWEEN', ddb`b BETWEEN ${u8(1)} AND ${u8(2)}`],
  ['ddb begins_with', ddb`begins_with(b, ${u8(1)})`],
  ['ddb contains', ddb`contains(b, ${u8(2)}) AND contains(l, ${u8(1, 2)}) AND contains(bs, ${u8(2)})`],
  ['ddb contains the other way round', ddb`contains(${set('abc')}, text)`],
  ['ddb size', ddb`size(b) = size(${u8(1, 2)}) AND size(s) = size(${set(1, 2)})`],
  ['raw', raw('b = :b AND s = :s', theirs('({ ":b": new Uint8Array([1, 2]), ":s": new Set(["a", "b"]) })'))],
  ['raw of another realm', theirs('({ expression: "m.b = :b", values: { ":b": new Uint8Array([7]) } })')],
]
/** Those that it does not pass. */
const failed: [string, Any][] = [
  ['ne', { b: { ne: u8(1, 2) } }],
  ['not in', { not: { b: { in: [u8(1, 2)] } } }],
  ['ddb <>', ddb`s <> ${set('a', 'b')}`],
  ['ddb of another set', ddb`s = ${set('a', 'c')}`],
  ['ddb type', ddb`attribute_type(b, ${'M'})`],
]

async function stored(): Promise<{ db: Database; things: Table<Any, Any, Any, Any> }> {
  const { db } = await temporaryDatabase()
  const things = db.table(Things) as Table<Any, Any, Any, Any>
  await things.put(ITEM)
  return { db, things }
}

/** Everywhere that a filter or a condition can stand: how many pass it, 1 or 0. */
const PLACES: [string, (things: Table<Any, Any, Any, Any>, db: Database, filter: Any) => Promise<number>][] = [
  ['scan', (things, _db, filter) => things.scan({ filter }).count()],
  ['parallel scan', (things, _db, filter) => things.scan({ filter, workers: 2 }).count()],
  ['where', (things, _db, filter) => things.scan().where(filter).where({ text: 'abc' }).count()],
  ['query', (things, _db, filter) => things.query({ id: u8(1) }, { filter }).count()],
  [
    'index',
    (things, _db, filter) =>
      things
        .index('byBytes')
        .query({ b: u8(1, 2) }, { filter })
        .count(),
  ],
  ['snapshot', (_things, db, filter) => usingSnapshot(db, filter)],
  ['put', (things, _db, filter) => held(things.put(ITEM, { if: filter }))],
  ['update', (things, _db, filter) => held(things.update({ id: u8(1), sort: 's' }, { set: { x: 1 } }, { if: filter }))],
  ['delete', (things, _db, filter) => held(things.delete({ id: u8(1), sort: 's' }, { if: filter }))],
  ['tx.put', (_things, db, filter) => held(db.transact((tx) => tx.put(Things, ITEM, { if: filter })))],
  ['tx.check', (_things, db, filter) => held(db.transact((tx) => tx.check(Things, key, filter)))],
  [
    'tx.query',
    async (_things, db, filter) =>
      (await db.transact((tx) => tx.query(Things, theirs('({ id: new Uint8Array([1]) })'), { filter }))).length,
  ],
]

async function usingSnapshot(db: Database, filter: Any): Promise<number> {
  using snapshot = db.snapshot()
  return await snapshot.table(Things).scan({ filter }).count()
}

function held(write: Promise<unknown>): Promise<number> {
  return write.then(
    () => 1,
    (failure: { code?: string }) => {
      if (failure.code === 'CONDITION_FAILED' || failure.code === 'TRANSACTION_CANCELED') return 0
      throw failure
    },
  )
}

test.each(PLACES)('filters and conditions mean the same in: %s', async (_place, count) => {
  const { db, things } = await stored()
  for (const [name, filter] of passed) {
    expect(await count(things, db, filter), name).toBe(1)
    if (!(await things.get(key))) await things.put(ITEM)
  }
  for (const [name, filter] of failed) expect(await count(things, db, filter), name).toBe(0)
})

/** Updates of `{ …ITEM }`, and what is there afterwards. */
const updates: [string, () => Any, Any][] = [
  ['set', () => ({ set: { b: u8(4), s: set('z'), n: theirs('({ l: [new Uint8Array([1])] })') } }), null],
  ['a set of another realm', () => theirs('({ set: { b: new Uint8Array([4]), s: new Set(["z"]) } })'), null],
  ['append', () => ({ append: { l: [u8(3)] } }), { l: [...ITEM.l, own(3)] }],
  ['append of another realm', () => theirs('({ append: { l: [new Uint8Array([3])] }, remove: ["s"] })'), null],
  ['SET', () => ddb`SET b = ${u8(4)}, m.s = ${set(5)}`, { b: own(4), m: { b: own(7), s: new Set([5]) } }],
  ['if_not_exists', () => ddb`SET x = if_not_exists(x, ${u8(4)})`, { x: own(4) }],
  ['list_append', () => ddb`SET l = list_append(l, ${theirs('[new Uint8Array([3])]')})`, { l: [...ITEM.l, own(3)] }],
  ['ADD', () => ddb`ADD s ${set('c')}, fresh ${set(1)}`, { s: new Set(['a', 'b', 'c']), fresh: new Set([1]) }],
  ['ADD of bytes', () => ddb`ADD bs ${theirs('new Set([new Uint8Array([2])])')}`, { bs: ITEM.bs }],
  ['DELETE', () => ddb`DELETE s ${set('a')}`, { s: new Set(['b']) }],
  ['DELETE of bytes', () => ddb`DELETE bs ${theirs('new Set([new Uint8Array([2])])')}`, { bs: new Set([own(1)]) }],
  ['raw', () => raw('ADD s :s', theirs('({ ":s": new Set(["c"]) })')), { s: new Set(['a', 'b', 'c']) }],
]

test.each(updates)('an update does what it does with ours: %s', async (_name, update, expected) => {
  const { things } = await stored()
  const answer = await things.update({ id: u8(1), sort: 's' }, update())
  const now = await things.get(key)
  expect(answer).toStrictEqual(now)
  expect(await things.scan().count()).toBe(1)
  expect(now).toStrictEqual(expected === null ? await theSameOfOurs(update()) : { ...ITEM, ...expected })
  const other = await stored()
  await other.db.transact((tx) => tx.update(Things, { id: u8(1), sort: 's' } as Any, update()))
  expect(await other.things.scan().toArray()).toStrictEqual([now])
})

/** The item after an update all of whose values are ours. */
async function theSameOfOurs(update: Any): Promise<Any> {
  const { things } = await stored()
  return await things.update(key, structuredClone(update))
}

test('keys are found and changed by any operation', async () => {
  const { db, things } = await stored()
  const their = (): Any => ({ id: u8(1), sort: 's' })
  expect(await things.get(their())).toEqual(ITEM)
  expect(await things.get(theirs('({ id: new Uint8Array([1]), sort: "s" })'))).toEqual(ITEM)
  expect((await things.batchGet(theirs('[{ id: new Uint8Array([1]), sort: "s" }]'))).items).toEqual([ITEM])
  expect(await db.transact((tx) => tx.get(Things, their()))).toEqual(ITEM)
  for (const where of [{ id: u8(1) }, ddb`id = ${u8(1)}`, { id: u8(1), sort: { eq: 's' } }]) {
    expect(await things.query(where as Any).toArray()).toEqual([ITEM])
  }
  const keys: unknown[] = []
  using _listening = things.on('change', (change) => keys.push(change.key))
  await things.update({ id: u8(2), sort: 's' }, { set: { a: 1 } })
  expect(await things.get({ id: own(2), sort: 's' })).toEqual({ id: own(2), sort: 's', a: 1 })
  expect(await things.delete({ id: u8(2), sort: 's' })).toEqual({ id: own(2), sort: 's', a: 1 })
  await db.transact((tx) => tx.put(Things, { ...their(), id: u8(3), s: set('a') }))
  expect(await things.get({ id: own(3), sort: 's' })).toEqual({ id: own(3), sort: 's', s: new Set(['a']) })
  await db.transact((tx) => tx.delete(Things, { ...their(), id: u8(3) }))
  await things.batch((w) => w.put({ id: u8(4), sort: 's', b: u8(1) }))
  await things.batch((w) => w.delete({ id: u8(4), sort: 's' }))
  await things.put({ id: u8(5), sort: 's' }, { if: ddb`attribute_not_exists(id)` })
  await things.delete({ id: u8(5), sort: 's' })
  await expect.poll(() => keys.length).toBe(8)
  expect(keys).toStrictEqual([2, 2, 3, 3, 4, 4, 5, 5].map((n) => ({ id: own(n), sort: 's' })))
  expect(await things.scan().count()).toBe(1)
})

test('indexes are asked for what they have', async () => {
  const { things } = await stored()
  const byBytes = things.index('byBytes') as Any
  const wheres = [
    { b: u8(1, 2) },
    { b: u8(1, 2), extra: u8(5) },
    { b: u8(1, 2), extra: { gte: u8(5) } },
    { b: u8(1, 2), extra: { between: theirs('[new Uint8Array([1]), new Uint8Array([9])]') } },
    { b: u8(1, 2), extra: { beginsWith: u8(5) } },
    theirs('({ b: new Uint8Array([1, 2]), extra: { lt: new Uint8Array([6]) } })'),
    ddb`b = ${u8(1, 2)} AND extra BETWEEN ${u8(1)} AND ${u8(9)}`,
    raw('b = :b AND begins_with(extra, :o)', { ':b': u8(1, 2), ':o': u8(5) }),
  ]
  for (const where of wheres) expect(await byBytes.query(where).count()).toBe(1)
  const byMark = things.index('byMark') as Any
  for (const marks of [u8(9), { any: [u8(1), u8(8)] }, { all: theirs('[new Uint8Array([9]), new Uint8Array([8])]') }]) {
    expect(await byMark.query({ marks }).count()).toBe(1)
  }
  await expect(things.put({ id: u8(7), sort: 's', u: u8(3) })).rejects.toMatchObject({ code: 'UNIQUE_CONFLICT' })
})

test('what is put and what an update is given stay what they are', async () => {
  const { things } = await stored()
  const filter = { b: u8(1, 2) }
  const results = things.scan({ filter })
  filter.b[0] = 9
  expect(await results.count()).toBe(1)
  const id = u8(6)
  const updated = things.update({ id, sort: 's' }, { set: { a: 1 } })
  id[0] = 7
  expect(await updated).toEqual({ id: own(6), sort: 's', a: 1 })
})

test.each([
  'new Date(0)',
  'new Map([["a", 1]])',
  'new (class Thing { a = 1 })()',
  'new Uint16Array(2)',
  'new ArrayBuffer(2)',
  'Promise.resolve(1)',
  'new Set([{}])',
])('what can not be put is no operand either: %s', async (source) => {
  const { things } = await stored()
  const refused = (promise: Promise<unknown>) => expect(promise).rejects.toMatchObject({ name: 'ValidationException' })
  await refused(things.put({ ...key, x: theirs(source) }))
  await refused(things.update(key, { set: { x: theirs(source) } }))
  await refused(things.update(key, { append: { l: [theirs(source)] } }))
  await refused(things.update(key, ddb`SET x = ${theirs(source)}`))
  await refused(things.scan({ filter: ddb`b = ${theirs(source)}` }).count())
  await refused(things.put(ITEM, { if: ddb`b IN (${theirs(source)})` }))
  await refused(things.delete({ id: theirs(source), sort: 's' }))
  await refused(things.get({ id: theirs(source), sort: 's' }))
  if (source.startsWith('new Set')) return
  await refused(things.scan({ filter: { x: { eq: theirs(source) } } }).count())
  await refused(things.scan({ filter: { x: { in: theirs(source) } } }).count())
})

test('a listener that fails later is heard of', async () => {
  const { things } = await stored()
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  try {
    using _listening = things.on('change', theirs('async () => { throw new Error("theirs") }'))
    await things.put(ITEM)
    await setTimeout(10)
    expect(warn).toHaveBeenCalledWith(expect.stringContaining('theirs'), 'DynafileListenerWarning')
  } finally {
    warn.mockRestore()
  }
})

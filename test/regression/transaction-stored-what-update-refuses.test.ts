/**
 * `tx.update` copied its values before anybody had looked at them, as if they were an item: a Date was stored as `{}`, a
 * typed array as a map of its elements, and a validator that makes texts of dates never saw one.
 */
import { expect, test } from 'vitest'
import { ddb, open, type StandardSchemaV1, table, type } from '../../src/index.js'

interface Thing {
  id: string
  at?: unknown
  list?: unknown[]
}

class Money {
  amount = 5
}

const Things = table('things', { schema: type<Thing>(), key: ['id'] })
const key = { id: 'a' }

const cycle: unknown[] = []
cycle.push(cycle)
const deep = (depth: number) => {
  let value: unknown = 1
  for (let i = 0; i < depth; i++) value = [value]
  return value
}

const WRONG: readonly (readonly [name: string, value: unknown, code: string])[] = [
  ...[
    new Date(0),
    new Map([['a', 1]]),
    new Money(),
    /a/,
    new Uint16Array([7]),
    new ArrayBuffer(4),
    Promise.resolve(),
  ].map((value) => [value.constructor.name, value, 'VALUE_CLASS'] as const),
  ['a boxed number', Object(5), 'VALUE_CLASS'],
  ['what pretends to be a set', new Proxy(new Set(['a']), {}), 'VALUE_CLASS'],
  ['what pretends to be bytes', new Proxy(Uint8Array.of(1), {}), 'VALUE_CLASS'],
  ['what inherits', Object.create({ a: 1 }), 'VALUE_CLASS'],
  ['a function', () => {}, 'VALUE_FUNCTION'],
  ['what contains itself', cycle, 'VALUE_CYCLE'],
  ['what is 50 deep', deep(50), 'ITEM_TOO_DEEP'],
  ['what is 100,000 deep', deep(100_000), 'ITEM_TOO_DEEP'],
]

/** Of the action's reason; of the transaction's own failure where a read had to know what the update makes of the item. */
const codeOf = (failure: { code?: string; reasons?: readonly { cause?: { code?: string } }[] }) =>
  failure.reasons?.[0]?.cause?.code ?? failure.code

test.each(WRONG)('%s is refused in every spelling of an update, with nothing stored', async (_name, value, code) => {
  const db = await open('memory:')
  const spellings: readonly unknown[] = [
    { set: { at: value } },
    { set: { at: { in: [value] } } },
    { append: { list: [value] } },
    ddb`SET at = ${value}`,
    { expression: 'SET #at = :at', names: { '#at': 'at' }, values: { ':at': value } },
  ]
  for (const update of spellings) {
    await expect(db.transact((tx) => void tx.update(Things, key, update as never)).catch(codeOf)).resolves.toBe(code)
    const reading = db.transact(async (tx) => {
      tx.update(Things, key, update as never)
      return tx.get(Things, key)
    })
    await expect(reading.catch(codeOf)).resolves.toBe(code)
  }
  expect(await db.table(Things).get(key)).toBeUndefined()
  await db.close()
})

test.each([new Map(), new Money(), new Date(0)])('%o is no update', async (update) => {
  const db = await open('memory:')
  const updated = [
    db.transact((tx) => void tx.update(Things, key, update as never)),
    db.table(Things).update(key, update as never),
  ]
  for (const refused of updated) expect(await refused.catch(codeOf)).toBe('UPDATE_SYNTAX')
  await db.close()
})

test('a validator sees what was given', async () => {
  const dates: StandardSchemaV1<{ id: string; at: Date }, { id: string; at: string }> = {
    '~standard': {
      version: 1,
      vendor: 'test',
      validate: (value) => {
        const { id, at } = value as { id: string; at: Date | string }
        return { value: { id, at: at instanceof Date ? at.toISOString() : at } }
      },
    },
  }
  const Dated = table('dated', { schema: dates, key: ['id'] })
  const db = await open('memory:')
  await db.transact((tx) => void tx.update(Dated, key, { set: { at: new Date(0) as never } }))
  expect(await db.table(Dated).get(key)).toEqual({ id: 'a', at: '1970-01-01T00:00:00.000Z' })
  await db.close()
})

test('what the caller does to the values later is his', async () => {
  const db = await open('memory:')
  const at = { bytes: Uint8Array.of(1), list: [1], set: new Set([Uint8Array.of(1)]) }
  const update = { set: { at } }
  await db.transact((tx) => {
    tx.update(Things, key, update)
    at.bytes[0] = 9
    at.list.push(9)
    for (const bytes of at.set) bytes[0] = 9
    update.set = { at: 'other' } as never
  })
  const stored = { bytes: Uint8Array.of(1), list: [1], set: new Set([Uint8Array.of(1)]) }
  expect(await db.table(Things).get(key)).toEqual({ id: 'a', at: stored })
  await db.close()
})

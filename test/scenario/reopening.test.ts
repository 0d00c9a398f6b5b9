/** What is stored is there after opening again, with whatever options, and all of it at once. */
import { describe, expect, test } from 'vitest'
import {
  DatabaseClosedError,
  Decimal,
  type OpenOptions,
  open,
  table,
  type,
  UnprocessedItemsError,
} from '../../src/index.js'
import { hasCompression } from '../../src/storage/codec/block-codec.js'
import { temporaryDatabase } from '../support/temporary-database.js'

interface Thing {
  id: string
  n?: number
  any?: unknown
}
const Things = table('things', { schema: type<Thing>(), key: ['id'], indexes: { byN: ['n'] }, ttl: 'n' })

test('everything is there: tables, keys, indexes, time to live and items', async () => {
  const database = await temporaryDatabase()
  const far = 9e12
  const any = [null, true, 1.5, 5n, Decimal.from('0.1'), 'ü', Uint8Array.of(0), new Set(['a']), { a: [{}] }]
  await database.db.table(Things).put({ id: 'a', n: far, any })
  await database.db.checkpoint()
  const before = database.db.tables()
  const db = await database.reopen()
  expect(db.tables()).toEqual(before)
  const things = db.table('things')
  expect(await things.get({ id: 'a' })).toEqual({ id: 'a', n: far, any })
  expect(await things.index('byN').query({ n: far }).first()).toEqual({ id: 'a', n: far, any })
  await expect(things.put({ id: 5 })).rejects.toMatchObject({ code: 'KEY_TYPE' })
})

describe('every kind of durability keeps everything over an orderly end', () => {
  const choices: OpenOptions[] = [
    {},
    { fsync: 'always' },
    { fsync: 'batch', fsyncIntervalMs: 1 },
    { fsync: 'batch' },
    { fsync: 'never' },
  ]
  test.each(choices)('%o', async (options) => {
    const database = await temporaryDatabase(options)
    const things = database.db.table(Things)
    for (let n = 0; n < 30; n++) await things.put({ id: `${n}` })
    await database.db.flush()
    await things.put({ id: 'after the flush' })
    expect(await (await database.reopen()).table(Things).scan().count()).toBe(31)
  })
})

test('options are read at each opening: compressed and not, in small parts and in large', async () => {
  const database = await temporaryDatabase({ partitionBytes: 2000, memtableBytes: 4000 })
  const expected: string[] = []
  for (const options of [
    { compression: 'deflate' },
    { partitionBytes: 1e6 },
    { compression: hasCompression('zstd') ? 'zstd' : 'none', cacheBytes: 1 },
    { compression: 'none', cacheBytes: 0 },
  ] as const) {
    const things = (await database.reopen(options)).table(Things)
    for (let n = 0; n < 100; n++) {
      const id = `${expected.length}`
      expected.push(id)
      await things.put({ id, any: 'some words '.repeat(5) })
    }
    await database.db.checkpoint()
  }
  const found = await database.db.table(Things).scan().toArray()
  expect(found.map(({ id }) => id).sort()).toEqual(expected.sort())
})

test('writes under way are acknowledged before the database is closed; later ones are refused', async () => {
  const database = await temporaryDatabase()
  const things = database.db.table(Things)
  const writes = Array.from({ length: 50 }, (_, n) => things.put({ id: `${n}` }))
  const closing = database.db.close()
  await Promise.all(writes)
  await closing
  await expect(things.put({ id: 'late' })).rejects.toThrow(DatabaseClosedError)
  await expect(things.get({ id: '1' })).rejects.toThrow(DatabaseClosedError)
  await expect(things.scan().toArray()).rejects.toThrow(DatabaseClosedError)
  await expect(things.batch((w) => void w.put({ id: 'late' }))).rejects.toThrow(UnprocessedItemsError)
  await database.db.close()
  expect(await (await database.reopen()).table(Things).scan().count()).toBe(50)
})

test('memory: is forgotten, and has nothing to do with another one', async () => {
  const one = await open('memory:')
  const two = await open('memory:')
  await one.table(Things).put({ id: 'a' })
  expect(two.tables()).toEqual([])
  expect(await one.table(Things).get({ id: 'a' })).toEqual({ id: 'a' })
  expect((await one.verify()).problems).toEqual([])
  await one.checkpoint()
  await one[Symbol.asyncDispose]()
  await two.close()
  const again = await open('memory:')
  expect(again.tables()).toEqual([])
  await again.close()
})

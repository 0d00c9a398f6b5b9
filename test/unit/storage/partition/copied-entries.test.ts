/** What is read of a database that is small beside its cache is copied at the first look, and found in its copy from then on. */
import { expect, test } from 'vitest'
import { hashKey } from '../../../../src/base/key-hash.js'
import type { Storage } from '../../../../src/storage/storage.js'
import { machine, openStorage, put } from '../../../support/storage-fixture.js'

const KEYS = Array.from({ length: 400 }, (_, n) => `key ${n}`)
const MEGABYTE = 1024 * 1024

async function fill(storage: Storage, { scheduler }: ReturnType<typeof machine>): Promise<void> {
  await scheduler.outcome(storage.commit(KEYS.map((key) => put(key, `value of ${key}`.padEnd(100, '.')))))
  await scheduler.outcome(storage.checkpoint())
}

async function filled(cacheByteLimit: number, where = machine()) {
  const storage = openStorage(where, { cacheByteLimit, carryByteLimit: 0 })
  await fill(storage, where)
  return { storage, where }
}

/** How many of these keys were found in their copies. */
function hits(storage: Storage, as?: 'one' | 'one of many', keys: readonly string[] = KEYS): number {
  const { entries } = storage.partitions.of(1)[0]!
  const before = entries.hits
  for (const key of keys) {
    const { bytes, start, end } = storage.peek(1, hashKey(key), as)!
    expect(Buffer.from(bytes.subarray(start, end)).toString('latin1')).toBe(`value of ${key}`.padEnd(100, '.'))
  }
  return entries.hits - before
}

test('everything is found in its copy when it is read for the second time', async () => {
  const { storage, where } = await filled(4 * MEGABYTE)
  expect([hits(storage, 'one'), hits(storage, 'one'), hits(storage)]).toEqual([0, KEYS.length, KEYS.length])

  // Where the files are others, the copies have to be, too.
  await fill(storage, where)
  expect([hits(storage, 'one'), hits(storage, 'one')]).toEqual([0, KEYS.length])
})

test('what is looked for to be changed is not copied at the first look', async () => {
  const { storage } = await filled(4 * MEGABYTE)
  // Few are taken for others that were asked for.
  expect(hits(storage) + hits(storage)).toBeLessThan(KEYS.length / 10)
  expect(hits(storage)).toBeGreaterThan(0)
})

test('nor is anything when not all there is has room, as it may be written over before it is read again', async () => {
  const { storage } = await filled(MEGABYTE / 4)
  const few = KEYS.slice(0, 50)
  expect([hits(storage, 'one', few), hits(storage, 'one', few)]).toEqual([0, 0])
})

test('what other trees have does not count, and what is removed no more', async () => {
  const { storage, where } = await filled(4 * MEGABYTE)
  const others = Array.from({ length: 1000 }, (_, n) => `other ${n}`.padEnd(400, '.'))
  const commit = (tree: number, value: Uint8Array | undefined) =>
    where.scheduler.outcome(storage.commit(others.map((key) => ({ tree, key, value }))))
  const few = KEYS.slice(0, 50)
  await commit(2, Buffer.from(''))
  await where.scheduler.outcome(storage.checkpoint())
  expect([hits(storage, 'one', few), hits(storage, 'one', few)]).toEqual([0, few.length])

  // In files of their own: the copies that there are stay good.
  await commit(1, Buffer.from(''))
  await where.scheduler.outcome(storage.checkpoint())
  const next = KEYS.slice(100, 150)
  expect(hits(storage, 'one', next) + hits(storage, 'one', next)).toBeLessThan(next.length / 10)

  await commit(1, undefined)
  await where.scheduler.outcome(storage.checkpoint())
  await where.scheduler.outcome(storage.compact())
  const last = KEYS.slice(200, 250)
  expect([hits(storage, 'one', last), hits(storage, 'one', last)]).toEqual([0, last.length])
})

test('it is known how much there is when a database is opened', async () => {
  const { storage, where } = await filled(4 * MEGABYTE)
  await where.scheduler.outcome(storage.close())
  const again = openStorage(where, { cacheByteLimit: 4 * MEGABYTE })
  expect([hits(again, 'one'), hits(again, 'one')]).toEqual([0, KEYS.length])
  await where.scheduler.outcome(again.close())
})

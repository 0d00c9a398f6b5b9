/**
 * When a second key of a block was looked for, the places of all entries in the block were remembered, also of those that
 * a newer file had overruled: then a get answered with what had been there before.
 */
import { expect, test } from 'vitest'
import { machine, openStorage, put } from '../support/storage-fixture.js'

test('what lies beside a key that is looked for is not taken for what is there now', async () => {
  const where = machine(1)
  const { scheduler } = where
  const storage = openStorage(where, {
    smallBaseByteLength: 0,
    carryByteLimit: 0,
    blockByteLength: 2000,
    partitionByteLimit: 1_000_000,
    idleMs: Number.POSITIVE_INFINITY,
    deltaLimit: 100,
  })
  for (const key of ['a', 'b', 'c', 'd', 'e']) await scheduler.outcome(storage.commit([put(key, `old ${key}`)]))
  await scheduler.outcome(storage.checkpoint())
  await scheduler.outcome(storage.commit([put('b', 'new b')]))
  await scheduler.outcome(storage.commit([{ tree: 1, key: 'd', value: undefined }]))
  await scheduler.outcome(storage.checkpoint())
  const get = (key: string) => {
    const value = storage.get(1, key)
    return value && Buffer.from(value).toString()
  }
  const all = () => ['a', 'c', 'b', 'd', 'e'].map(get)
  expect(all()).toEqual(['old a', 'old c', 'new b', undefined, 'old e'])
  expect(all()).toEqual(['old a', 'old c', 'new b', undefined, 'old e'])
})

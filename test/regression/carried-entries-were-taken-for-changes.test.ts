/**
 * A checkpoint commits again what stays in memory: the same values under the same keys. While that was queued, a transaction
 * that had read a range with one of these keys was cancelled, as if somebody had changed what it had read.
 */
import { expect, test } from 'vitest'
import { type OwnEntries, RecordedTrees } from '../../src/storage/recorded-trees.js'
import type { Storage } from '../../src/storage/storage.js'
import { ALL_KEYS } from '../../src/storage/tree/cursor.js'
import { type Machine, machine, openStorage } from '../support/storage-fixture.js'

const OWN: OwnEntries = { find: () => 'absent', snapshot: () => undefined }
const write = (key: string, value: string | undefined) => ({
  tree: 1,
  key,
  value: value === undefined ? value : Buffer.from(value),
})

async function withEntries(): Promise<{ where: Machine; storage: Storage; read: RecordedTrees }> {
  const where = machine()
  const storage = openStorage(where)
  await where.scheduler.outcome(storage.commit([write('a', '1'), write('c', '3')]))
  const read = new RecordedTrees(storage, OWN)
  const range = read.range(1, ALL_KEYS)
  while (range.next());
  return { where, storage, read }
}

test('what is committed again as it was is no change, queued or not', async () => {
  const { where, storage, read } = await withEntries()
  const again = storage.commit([write('a', '1'), write('b', undefined)])
  expect(read.isUnchanged(storage)).toBe(true)
  await where.scheduler.outcome(again)
  expect(read.isUnchanged(storage)).toBe(true)
})

test('what is changed and changed back is as it was', async () => {
  const { storage, read } = await withEntries()
  storage.commit([write('a', '2')])
  expect(read.isUnchanged(storage)).toBe(false)
  storage.commit([write('a', '1')])
  expect(read.isUnchanged(storage)).toBe(true)
})

test.each([
  ['another value', write('a', '2')],
  ['a removal', write('c', undefined)],
  ['an entry between others', write('b', '1')],
  ['an entry behind all others', write('d', '1')],
])('%s is a change, queued or not', async (_name, change) => {
  const { where, storage, read } = await withEntries()
  const changed = storage.commit([change])
  expect(read.isUnchanged(storage)).toBe(false)
  await where.scheduler.outcome(changed)
  expect(read.isUnchanged(storage)).toBe(false)
})

/**
 * `verify` walked over the partitions as they were at its beginning, and nobody kept their files for it: a table that was
 * dropped meanwhile made it fail, and a checkpoint made it report damage that was not there.
 */
import { describe, expect, test } from 'vitest'
import { DatabaseClosedError } from '../../src/errors.js'
import { integritySteps } from '../../src/storage/integrity-check.js'
import type { Storage } from '../../src/storage/storage.js'
import { type Machine, machine, openStorage, put } from '../support/storage-fixture.js'

const TREE = 2
const OPTIONS = {
  partitionByteLimit: 50_000,
  smallBaseByteLength: 0,
  memtableByteLimit: 1e6,
  idleMs: Number.POSITIVE_INFINITY,
}

const key = (n: number) => String(n).padStart(5, '0')

async function store(where: Machine, storage: Storage, from: number, to: number, value: string): Promise<void> {
  const commits: Promise<undefined>[] = []
  for (let n = from; n < to; n++) commits.push(storage.commit([put(key(n), value, TREE)]))
  await where.scheduler.outcome(Promise.all(commits))
}

/** With several partitions, each of more blocks than are verified in one step. */
async function filled(): Promise<{ where: Machine; storage: Storage }> {
  const where = machine()
  const storage = openStorage(where, OPTIONS)
  await store(where, storage, 0, 1000, 'x'.repeat(150))
  await where.scheduler.outcome(storage.checkpoint())
  expect(storage.partitions.of(TREE).length).toBeGreaterThan(2)
  for (const { files } of storage.partitions.of(TREE)) expect(files[0]!.blockCount).toBeGreaterThan(128)
  return { where, storage }
}

/** What happens to the files of the tree. */
const changes: Record<string, (where: Machine, storage: Storage) => Promise<unknown>> = {
  'the tree is dropped': (where, storage) => where.scheduler.outcome(storage.dropTree(TREE)),
  'a checkpoint writes a delta': async (where, storage) => {
    await store(where, storage, 0, 20, 'new')
    await where.scheduler.outcome(storage.checkpoint())
    expect(storage.partitions.of(TREE)[0]!.record.deltas).toHaveLength(1)
  },
  'everything is folded': async (where, storage) => {
    await store(where, storage, 0, 20, 'new')
    await where.scheduler.outcome(storage.compact())
  },
  'partitions are split': async (where, storage) => {
    await store(where, storage, 0, 1000, 'y'.repeat(300))
    await where.scheduler.outcome(storage.compact())
  },
}

describe.each(Object.keys(changes))('while it runs %s', (name) => {
  test('and it sees the files of its beginning, which go when it ends', async () => {
    const { where, storage } = await filled()
    let stepCount = 0
    for (const _ of integritySteps(storage)) stepCount += 1
    for (let before = 1; before <= stepCount; before++) {
      const { where, storage } = await filled()
      const steps = integritySteps(storage)
      for (let step = 0; step < before; step++) expect(steps.next()).toMatchObject({ done: false, value: undefined })
      await changes[name]!(where, storage)
      expect([...steps].filter((problem) => problem !== undefined)).toEqual([])
      expect(storage.totals()).toMatchObject({ snapshotCount: 0, retiredFiles: { count: 0 } })
      expect([...integritySteps(storage)].filter((problem) => problem !== undefined)).toEqual([])
      await where.scheduler.outcome(storage.close())
    }
    await where.scheduler.outcome(storage.close())
  })
})

test('whoever stops half-way keeps no files', async () => {
  const { where, storage } = await filled()
  for (const _ of integritySteps(storage)) break
  expect(storage.totals().snapshotCount).toBe(0)
  await where.scheduler.outcome(storage.close())
})

test('a database that is closed meanwhile says so, and no file is opened again', async () => {
  for (let count = 1; count <= 4; count++) {
    const { where, storage } = await filled()
    const steps = integritySteps(storage)
    for (let step = 0; step < count; step++) expect(steps.next().done).toBe(false)
    await where.scheduler.outcome(storage.close())
    expect(() => steps.next()).toThrow(DatabaseClosedError)
    expect(where.disk.openFileCount).toBe(0)
  }
})

test('the log may be written over behind a checkpoint while it is read', async () => {
  const where = machine()
  const storage = openStorage(where, {
    ...OPTIONS,
    segmentByteLimit: 200_000,
    logByteLimit: 1_000_000,
    partitionByteLimit: 1_000_000,
  })
  for (let n = 0; n < 8000; n += 100) await store(where, storage, n, n + 100, 'x'.repeat(20))
  const steps = integritySteps(storage)
  // FORMAT, the manifest, and a thousand commits.
  for (let step = 0; step < 3; step++) expect(steps.next()).toMatchObject({ done: false, value: undefined })
  // Until what is kept of it for followers has been written over, too.
  for (let round = 0; round < 4; round++) {
    await where.scheduler.outcome(storage.checkpoint())
    for (let n = 0; n < 8000; n += 100) await store(where, storage, n, n + 100, 'y'.repeat(20))
  }
  expect([...steps].filter((problem) => problem !== undefined)).toEqual([])
  await where.scheduler.outcome(storage.close())
  expect(where.disk.openFileCount).toBe(0)
})

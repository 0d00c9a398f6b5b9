/**
 * Of each tree that was dropped, and of each that was emptied, a partition without files stayed in every manifest until the
 * next opening, and its directory for ever.
 */
import { expect, test } from 'vitest'
import { Manifest } from '../../src/storage/manifest/manifest.js'
import type { Storage } from '../../src/storage/storage.js'
import type { StorageOptions } from '../../src/storage/storage-options.js'
import { changedFileSystem } from '../support/delegating-file-system.js'
import type { SimulatedDisk } from '../support/simulated-disk.js'
import {
  checksum,
  contents,
  type Machine,
  machine,
  openStorage,
  put,
  ROOT,
  restarted,
} from '../support/storage-fixture.js'

/** The tree that stays. */
const KEPT = 1
const OPTIONS: Partial<StorageOptions> = { idleMs: Number.POSITIVE_INFINITY, logByteLimit: 1e6, memtableByteLimit: 1e6 }
const TREES = [2, 3, 4, 5]

async function store(where: Machine, storage: Storage, trees: readonly number[], count = 20): Promise<void> {
  const commits: Promise<undefined>[] = []
  for (const tree of trees) {
    for (let n = 0; n < count; n++) commits.push(storage.commit([put(`${n}`, 'x'.repeat(99), tree)]))
  }
  await where.scheduler.outcome(Promise.all(commits))
}

async function drop(where: Machine, storage: Storage, trees: readonly number[]): Promise<void> {
  await where.scheduler.outcome(Promise.all(trees.map((tree) => storage.dropTree(tree))))
}

async function checkpoint(where: Machine, storage: Storage): Promise<void> {
  await where.scheduler.outcome(storage.checkpoint())
  await where.scheduler.runUntil(() => false)
}

/** The trees that the manifest on the disk has partitions of. */
function inManifest({ disk }: Machine, storage: Storage): number[] {
  const { state } = Manifest.read({ files: disk, checksum }, ROOT, storage.databaseId)!
  return [...new Set(state.partitions.map(({ tree }) => tree))].sort()
}

const inMap = (storage: Storage) => [...new Set([...storage.partitions.all()].map(({ record }) => record.tree))].sort()
const directories = ({ disk }: Machine) => disk.list(`${ROOT}/t`).map(Number)

test('once the log has nothing of a dropped tree, the manifest has nothing of it either', async () => {
  const where = machine()
  const storage = openStorage(where, OPTIONS)
  await store(where, storage, [KEPT, ...TREES])
  await checkpoint(where, storage)
  await store(where, storage, [KEPT])
  await drop(where, storage, TREES)
  // The log still has it: only the manifest says that it counts no more.
  expect(inMap(storage)).toEqual([KEPT, ...TREES])
  await checkpoint(where, storage)
  expect(inMap(storage)).toEqual([KEPT])
  expect(inManifest(where, storage)).toEqual([KEPT])
  await where.scheduler.outcome(storage.close())
})

test('and not before: nothing of it comes back, wherever the power goes out', async () => {
  for (let steps = 1; steps < 60; steps++) {
    const where = machine(steps)
    const storage = openStorage(where, OPTIONS)
    await store(where, storage, [KEPT, ...TREES], 5)
    await drop(where, storage, TREES)
    await store(where, storage, [KEPT], 5)
    where.disk.crashAfter(steps)
    void storage.checkpoint().catch(() => {})
    for (let turn = 0; turn < 200 && !where.disk.isCrashed; turn++) {
      if (where.scheduler.isIdle) await Promise.resolve()
      else await where.scheduler.runOne()
    }
    const after = restarted(where)
    const again = openStorage(after, OPTIONS)
    for (const tree of TREES) expect(contents(again, tree), `after ${steps} steps`).toEqual({})
    expect(Object.keys(contents(again, KEPT))).toHaveLength(5)
    await after.scheduler.outcome(again.close())
  }
})

test('a tree that was emptied is forgotten as well, and filled again', async () => {
  let where = machine()
  let storage = openStorage(where, OPTIONS)
  await store(where, storage, [KEPT, 2], 3)
  await checkpoint(where, storage)
  const removals = [0, 1, 2].map((n) => storage.commit([{ tree: 2, key: `${n}`, value: undefined }]))
  await where.scheduler.outcome(Promise.all(removals))
  await checkpoint(where, storage)
  expect(inMap(storage)).toEqual([KEPT])
  expect(directories(where)).toEqual([KEPT])
  await store(where, storage, [2], 3)
  await checkpoint(where, storage)
  expect(Object.keys(contents(storage, 2))).toHaveLength(3)
  where = restarted(where)
  storage = openStorage(where, OPTIONS)
  expect(Object.keys(contents(storage, 2))).toHaveLength(3)
  await where.scheduler.outcome(storage.close())
})

test('the directory of a tree goes with its last file', async () => {
  const where = machine()
  const storage = openStorage(where, OPTIONS)
  await store(where, storage, [KEPT, ...TREES])
  await checkpoint(where, storage)
  expect(directories(where)).toEqual([KEPT, ...TREES])
  const snapshot = storage.snapshot()
  await drop(where, storage, [2, 3])
  // Somebody reads what is in them.
  expect(directories(where)).toEqual([KEPT, ...TREES])
  snapshot.release()
  await where.scheduler.runUntil(() => false)
  expect(directories(where)).toEqual([KEPT, 4, 5])
  await drop(where, storage, [4, 5])
  expect(directories(where)).toEqual([KEPT])
  await where.scheduler.outcome(storage.close())
})

test('one that is made again has a durable name again', async () => {
  for (let seed = 1; seed <= 10; seed++) {
    let where = machine(seed)
    let storage = openStorage(where, OPTIONS)
    for (let round = 0; round < 3; round++) {
      await store(where, storage, [KEPT, 2])
      await checkpoint(where, storage)
      await drop(where, storage, [2])
    }
    await store(where, storage, [2], 7)
    await checkpoint(where, storage)
    where = restarted(where)
    storage = openStorage(where, OPTIONS)
    expect(Object.keys(contents(storage, 2))).toHaveLength(7)
    await where.scheduler.outcome(storage.close())
  }
})

test('one that could not be removed, the next opening removes', async () => {
  const where = machine()
  const files = changedFileSystem(where.disk, { removeDirectory: () => {} })
  const storage = openStorage({ ...where, disk: files as SimulatedDisk }, OPTIONS)
  await store(where, storage, [KEPT, ...TREES])
  await checkpoint(where, storage)
  await drop(where, storage, TREES)
  await where.scheduler.outcome(storage.close())
  expect(directories(where)).toEqual([KEPT, ...TREES])
  const after = restarted(where, 'kill')
  const again = openStorage(after, OPTIONS)
  await checkpoint(after, again)
  await after.scheduler.outcome(again.close())
  const last = restarted(after, 'kill')
  expect(inMap(openStorage(last, OPTIONS))).toEqual([KEPT])
  expect(directories(last)).toEqual([KEPT])
})

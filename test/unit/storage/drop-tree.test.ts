/** A tree is dropped as a whole: from files, from memory, from what the log still has of it, and from nobody's snapshot. */
import { describe, expect, test } from 'vitest'
import type { Storage } from '../../../src/storage/storage.js'
import type { StorageOptions } from '../../../src/storage/storage-options.js'
import { contents, filesOf, type Machine, machine, openStorage, put, restarted } from '../../support/storage-fixture.js'

/** The tree that is dropped, and one that says so. */
const TREE = 2
const MARK = 1
const OPTIONS: Partial<StorageOptions> = { idleMs: Number.POSITIVE_INFINITY, logByteLimit: 1e6, memtableByteLimit: 1e6 }
const COUNT = 120

async function fill(where: Machine, storage: Storage, from: number, to: number): Promise<void> {
  const commits: Promise<unknown>[] = []
  for (let n = from; n < to; n++) commits.push(storage.commit([put(String(n).padStart(4, '0'), 'x'.repeat(30), TREE)]))
  await where.scheduler.outcome(Promise.all(commits))
}

/** With entries in several partitions, and, if wanted, some above them in memory. */
async function filled(where: Machine, { files = COUNT, memory = 0 }, options: Partial<StorageOptions> = {}) {
  const storage = openStorage(where, { ...OPTIONS, ...options })
  await fill(where, storage, 0, files)
  if (files > 0) await where.scheduler.outcome(storage.checkpoint())
  await fill(where, storage, files, files + memory)
  return storage
}

async function drop(where: Machine, storage: Storage): Promise<void> {
  await where.scheduler.outcome(storage.commit([put('dropped', 'yes', MARK)]))
  await where.scheduler.outcome(storage.dropTree(TREE))
}

const filesOfTree = ({ disk }: Machine) => filesOf(disk).filter((path) => path.startsWith(`/db/t/${TREE}/`))

describe.each([
  ['files', { files: COUNT, memory: 0 }],
  ['memory', { files: 0, memory: COUNT }],
  ['both', { files: COUNT, memory: 40 }],
])('what lies in %s', (_, places) => {
  test('is gone at once, and after opening again', async () => {
    let where = machine()
    let storage = await filled(where, places)
    expect(Object.keys(contents(storage, TREE))).toHaveLength(places.files + places.memory)
    const { committedByteLength } = storage.totals()
    await drop(where, storage)
    // Not a tombstone was written: nothing but the mark was committed.
    expect(storage.totals().committedByteLength - committedByteLength).toBe('dropped'.length + 'yes'.length)
    expect(contents(storage, TREE)).toEqual({})
    expect(storage.statistics(TREE)).toMatchObject({ fileCount: 0, tombstoneCount: 0, keyCount: 0, fileByteLength: 0 })
    expect(filesOfTree(where)).toEqual([])

    where = restarted(where)
    storage = openStorage(where, OPTIONS)
    expect(contents(storage, TREE)).toEqual({})
    expect(contents(storage, MARK)).toEqual({ dropped: 'yes' })
    // And once the log is gone, nothing says any more that there was such a tree.
    await where.scheduler.outcome(storage.checkpoint())
    await where.scheduler.outcome(storage.close())
    where = restarted(where)
    storage = openStorage(where, OPTIONS)
    expect(storage.partitions.of(TREE)).toEqual([])
    expect(contents(storage, TREE)).toEqual({})
    await where.scheduler.outcome(storage.close())
  })

  test('stays for whoever holds a snapshot, and goes with it', async () => {
    const where = machine()
    const storage = await filled(where, places)
    const snapshot = storage.snapshot()
    const before = contents(snapshot, TREE)
    await drop(where, storage)
    expect(contents(snapshot, TREE)).toEqual(before)
    expect(contents(storage, TREE)).toEqual({})
    snapshot.release()
    await where.scheduler.outcome(storage.close())
    expect(filesOfTree(where)).toEqual([])
  })
})

test('a checkpoint that is under way is waited for, and leaves nothing', async () => {
  for (let seed = 1; seed <= 30; seed++) {
    const where = machine(seed)
    const storage = await filled(where, { files: 60, memory: 60 })
    const checkpoint = storage.checkpoint()
    const dropped = storage.commit([put('dropped', 'yes', MARK)]).then(() => storage.dropTree(TREE))
    await where.scheduler.outcome(Promise.all([checkpoint, dropped, storage.commit([put('other', 'x', MARK)])]))
    expect(contents(storage, TREE)).toEqual({})
    await where.scheduler.outcome(storage.checkpoint())
    await where.scheduler.outcome(storage.close())
    expect(filesOfTree(where)).toEqual([])
  }
})

test('a drop that waits for a checkpoint goes before what follows the checkpoint', async () => {
  const where = machine()
  const storage = openStorage(where, { ...OPTIONS, smallBaseByteLength: 100, partitionByteLimit: 100_000 })
  for (const change of ['old', 'new']) {
    const commits = Array.from({ length: change === 'old' ? 300 : 1 }, (_, n) =>
      storage.commit([TREE, MARK].map((tree) => put(String(n).padStart(4, '0'), change.padEnd(30), tree))),
    )
    await where.scheduler.outcome(Promise.all(commits))
    if (change === 'old') await where.scheduler.outcome(storage.checkpoint())
  }
  const compacted = storage.compact()
  await where.scheduler.outcome(Promise.all([storage.dropTree(TREE), compacted]))
  // Nothing of the dropped tree was folded: the other one has a file above its base, too.
  expect(storage.totals().foldCount).toBe(1)
})

test('a tree of which there is nothing, and one that was dropped, cost nothing', async () => {
  const where = machine()
  const storage = await filled(where, {})
  await drop(where, storage)
  const edits = where.disk.list('/db').length
  await where.scheduler.outcome(storage.dropTree(TREE))
  await where.scheduler.outcome(storage.dropTree(77))
  expect(where.disk.list('/db')).toHaveLength(edits)
  expect(storage.partitions.of(TREE)).toHaveLength(1)
  await where.scheduler.outcome(storage.close())
  await expect(storage.dropTree(TREE)).rejects.toMatchObject({ code: 'DATABASE_CLOSED' })
})

describe.each([
  ['synced', { kind: 'synced' }],
  ['left to the system', { kind: 'system' }],
] as const)('wherever the power goes out, commits being %s', (_, durability) => {
  test('the tree is whole, or it is known that it is dropped', async () => {
    let [whole, gone] = [0, 0]
    for (let steps = 1; steps < 80; steps++) {
      const where = machine(steps)
      const storage = await filled(where, { files: 40, memory: 20 }, { durability })
      await where.scheduler.outcome(storage.flush())
      const before = contents(storage, TREE)
      where.disk.crashAfter(steps)
      const dropping = drop(where, storage).catch(() => {})
      for (let turn = 0; turn < 300 && !where.disk.isCrashed; turn++) {
        if (where.scheduler.isIdle) await Promise.resolve()
        else await where.scheduler.runOne()
      }
      void dropping
      const after = restarted(where)
      const again = openStorage(after, OPTIONS)
      const found = contents(again, TREE)
      if (contents(again, MARK)['dropped'] === undefined) {
        whole += 1
        expect(found, `after ${steps} steps`).toEqual(before)
      } else {
        gone += 1
        // What had not come to it is done by the next opening.
        await after.scheduler.outcome(again.dropTree(TREE))
        expect(contents(again, TREE)).toEqual({})
      }
      await after.scheduler.outcome(again.close())
    }
    expect(whole).toBeGreaterThan(0)
    expect(gone).toBeGreaterThan(0)
  })
})

/**
 * Each tree that was dropped was a run of its own, and the next one began before a checkpoint could: while many were dropped,
 * what was written meanwhile stayed in memory, however much it was, and nothing was folded any more.
 */
import { expect, test } from 'vitest'
import type { OpenFile } from '../../src/storage/disk/file-system.js'
import type { Storage } from '../../src/storage/storage.js'
import type { StorageOptions } from '../../src/storage/storage-options.js'
import { changedFileSystem } from '../support/delegating-file-system.js'
import type { SimulatedDisk } from '../support/simulated-disk.js'
import { settle } from '../support/simulated-scheduler.js'
import { contents, type Machine, machine, openStorage, put } from '../support/storage-fixture.js'

/** The tree that stays. */
const KEPT = 1
const LIMIT = 4000
const OPTIONS: Partial<StorageOptions> = {
  memtableByteLimit: LIMIT,
  logByteLimit: 1e6,
  segmentByteLimit: 1e6,
  partitionByteLimit: 1e6,
  idleMs: Number.POSITIVE_INFINITY,
}

async function filled(where: Machine, trees: readonly number[], options: Partial<StorageOptions> = {}) {
  const storage = openStorage(where, { ...OPTIONS, ...options })
  await where.scheduler.outcome(Promise.all(trees.map((tree) => storage.commit([put('key', 'value', tree)]))))
  await where.scheduler.outcome(storage.checkpoint())
  return storage
}

const treesUpTo = (count: number) => Array.from({ length: count }, (_, i) => 2 + i)

/** Writes until it is told to end; answers with the most that was in memory. */
function writer(storage: Storage): { end(): Promise<number> } {
  let isEnded = false
  let most = 0
  const write = async () => {
    for (let n = 0; !isEnded; n++) {
      await Promise.all([1, 2, 3].map((k) => storage.commit([put(`${n}-${k}`, 'x'.repeat(100), KEPT)])))
      most = Math.max(most, storage.totals().memtableByteLength)
    }
    return most
  }
  const writing = write()
  return {
    end: () => {
      isEnded = true
      return writing
    },
  }
}

/** A machine whose edits of the manifest wait until they are let go. */
function withHeldEdits(where: Machine): { where: Machine; hold(): void; letGo(): void } {
  let held: (() => void)[] | undefined
  const files = changedFileSystem(where.disk, {
    open: (path, mode) => {
      const file = where.disk.open(path, mode)
      return new Proxy(file, {
        get: (_, name: keyof OpenFile) => {
          if (name === 'path') return path
          if (name !== 'syncLater') return (file[name] as (...given: unknown[]) => unknown).bind(file)
          return async (point: Parameters<OpenFile['syncLater']>[0]) => {
            if (point === 'manifest-edit') await new Promise<void>((resolve) => held?.push(resolve) ?? resolve())
            return file.syncLater(point)
          }
        },
      })
    },
  })
  return {
    where: { ...where, disk: files as SimulatedDisk },
    hold: () => {
      held = []
    },
    letGo: () => {
      for (const resolve of held ?? []) resolve()
      held = undefined
    },
  }
}

async function turns({ scheduler }: Machine, count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await (scheduler.isIdle ? settle() : scheduler.runOne())
}

test('many trees go in one run', async () => {
  const where = machine()
  const trees = treesUpTo(60)
  const storage = await filled(where, trees)
  const before = where.disk.counts.sync
  await where.scheduler.outcome(Promise.all(trees.map((tree) => storage.dropTree(tree))))
  expect(where.disk.counts.sync - before).toBeLessThan(5)
  for (const tree of trees) expect(contents(storage, tree)).toEqual({})
  await where.scheduler.outcome(storage.close())
})

test.each([1, 2, 3])('memory is bounded while one drop follows the other (%d at a time)', async (lanes) => {
  for (let seed = 1; seed <= 3; seed++) {
    const where = machine(seed)
    const trees = treesUpTo(90)
    const storage = await filled(where, trees)
    const dropping = Array.from({ length: lanes }, async (_, lane) => {
      for (const tree of trees) if (tree % lanes === lane) await storage.dropTree(tree)
    })
    const writing = writer(storage)
    const { checkpointCount } = storage.totals()
    await where.scheduler.outcome(Promise.all(dropping))
    expect(await where.scheduler.outcome(writing.end())).toBeLessThan(4 * LIMIT)
    expect(storage.totals().checkpointCount).toBeGreaterThan(checkpointCount)
    for (const tree of trees) expect(contents(storage, tree)).toEqual({})
    await where.scheduler.outcome(storage.close())
  }
})

test('writers wait for a drop as they do for a checkpoint', async () => {
  const { where, hold, letGo } = withHeldEdits(machine())
  const storage = await filled(where, [2])
  hold()
  const dropping = storage.dropTree(2)
  const writing = writer(storage)
  await turns(where, 2000)
  expect(storage.totals().memtableByteLength).toBeLessThan(2 * LIMIT)
  letGo()
  await where.scheduler.outcome(dropping)
  expect(await where.scheduler.outcome(writing.end())).toBeLessThan(3 * LIMIT)
  await where.scheduler.outcome(storage.close())
})

test('a time without writes that ends during a drop ends once more after it', async () => {
  const { where, hold, letGo } = withHeldEdits(machine())
  const storage = await filled(where, [2, KEPT], { idleMs: 10, smallBaseByteLength: 0 })
  await where.scheduler.outcome(
    Promise.all(Array.from({ length: 9 }, (_, n) => storage.commit([put(`${n}`, 'x'.repeat(99), KEPT)]))),
  )
  await where.scheduler.outcome(storage.checkpoint())
  await where.scheduler.outcome(storage.commit([put('1', 'new', KEPT)]))
  await where.scheduler.outcome(storage.checkpoint())
  expect(storage.statistics(KEPT).deltaCount).toBe(1)
  hold()
  const dropping = storage.dropTree(2)
  await turns(where, 100)
  letGo()
  await where.scheduler.outcome(dropping)
  await turns(where, 100)
  expect(storage.statistics(KEPT).deltaCount).toBe(0)
  await where.scheduler.outcome(storage.close())
})

test('a checkpoint that finds a full disk is no reason to drop nothing: there is space only afterwards', async () => {
  const { disk, ...others } = machine()
  let isFull = false
  const files = changedFileSystem(disk, {
    open: (path, mode) => {
      if (isFull && path.endsWith('.run.tmp')) throw Object.assign(new Error('no space'), { code: 'ENOSPC' })
      return disk.open(path, mode)
    },
  })
  const where = { ...others, disk: files as SimulatedDisk }
  const storage = await filled(where, [2])
  await where.scheduler.outcome(storage.commit([put('key', 'value', KEPT)]))
  isFull = true
  const checkpoint = storage.checkpoint()
  const dropping = storage.dropTree(2).then(() => {
    isFull = false
  })
  await expect(where.scheduler.outcome(checkpoint)).rejects.toMatchObject({ code: 'DISK_FULL' })
  await where.scheduler.outcome(dropping)
  expect(contents(storage, 2)).toEqual({})
  await where.scheduler.outcome(storage.checkpoint())
  expect(contents(storage)).toEqual({ key: 'value' })
  await where.scheduler.outcome(storage.close())
})

test('a closed database drops nothing', async () => {
  const where = machine()
  const storage = await filled(where, [2])
  const dropping = storage.dropTree(2)
  const outcome = expect(dropping).rejects.toMatchObject({ code: 'DATABASE_CLOSED' })
  await where.scheduler.outcome(storage.close())
  await turns(where, 10)
  await outcome
  await expect(storage.dropTree(2)).rejects.toMatchObject({ code: 'DATABASE_CLOSED' })
})

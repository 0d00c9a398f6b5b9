/**
 * A process that has no descriptor left for another file, as a server under load may be, goes on by itself once it has: while
 * files are to be written, and where the log goes on to its next segment. Until then writes are refused with what to do,
 * and nothing that was acknowledged is lost.
 */
import { expect, test } from 'vitest'
import { TooManyFilesError } from '../../src/errors.js'
import type { FileSystem } from '../../src/storage/disk/file-system.js'
import type { Storage } from '../../src/storage/storage.js'
import { changedFile, changedFileSystem } from '../support/delegating-file-system.js'
import type { SimulatedDisk } from '../support/simulated-disk.js'
import {
  contents,
  isWritable,
  type Machine,
  machine,
  openStorage,
  put,
  ROOT,
  restarted,
} from '../support/storage-fixture.js'

interface Limit {
  left: number
  /** As if the last one was taken by somebody else each time a file is to be read. */
  forReading?: 0
  readonly code: string
}

/** A disk on which so many more files can be open. */
function limitedDisk(disk: SimulatedDisk, limit: Limit): FileSystem {
  const take = (mode?: string) => {
    if (limit.left > 0 && mode !== 'read') {
      limit.left -= 1
      return
    }
    throw Object.assign(new Error(`${limit.code}: too many open files, open`), { code: limit.code, syscall: 'open' })
  }
  return changedFileSystem(disk, {
    open: (path, mode) => {
      take(limit.forReading === 0 ? mode : undefined)
      const file = disk.open(path, mode)
      const close = () => {
        limit.left += 1
        file.close()
      }
      return changedFile(file, { close })
    },
    createFile: (path, bytes, point, beforeNamed) => {
      take()
      limit.left += 1
      disk.createFile(path, bytes, point, beforeNamed)
    },
    // A directory is opened for that, and closed again.
    syncDirectoryLater: async (path, point) => {
      take()
      await disk.syncDirectoryLater(path, point).finally(() => {
        limit.left += 1
      })
    },
  })
}

interface Fixture {
  readonly where: Machine
  readonly limit: Limit
  readonly storage: Storage
  readonly expected: Record<string, string>
  store(key: string, tree?: number): Promise<void>
}

function fixture(seed: number, code: string, options: Parameters<typeof openStorage>[1] = {}): Fixture {
  const where = machine(seed)
  const limit: Limit = { left: Number.POSITIVE_INFINITY, code }
  const storage = openStorage({ ...where, disk: limitedDisk(where.disk, limit) as SimulatedDisk }, options)
  const expected: Record<string, string> = {}
  const store = async (key: string, tree = 1) => {
    await where.scheduler.outcome(storage.commit([put(key, `value of ${key}`, tree)]))
    if (tree === 1) expected[key] = `value of ${key}`
  }
  return { where, limit, storage, expected, store }
}

async function expectToGoOn({ where, limit, storage, expected, store }: Fixture): Promise<void> {
  expect(storage.failure).toBeUndefined()
  await where.scheduler.runOne()
  limit.left = Number.POSITIVE_INFINITY
  delete limit.forReading
  await where.scheduler.runUntil(() => isWritable(storage))
  await store('after')
  expect(contents(storage)).toEqual(expected)
  await where.scheduler.outcome(storage.flush())
  expect(contents(openStorage(restarted(where)))).toEqual(expected)
  await where.scheduler.outcome(storage.close())
  expect(contents(openStorage(restarted(where)))).toEqual(expected)
}

test.each([
  [0, 'EMFILE'],
  [1, 'ENFILE'],
])('while files are written, with %i left: %s', async (left, code) => {
  const started = fixture(left + 1, code, { smallBaseByteLength: 100, carryByteLimit: 0 })
  const { where, limit, storage, store } = started
  for (let i = 0; i < 40; i++) await store(`key ${i}`)
  await where.scheduler.outcome(storage.checkpoint())
  for (let i = 40; i < 60; i++) await store(`key ${i}`)
  for (let tree = 2; tree < 5; tree++) await store('another', tree)
  limit.left = left
  await expect(where.scheduler.outcome(storage.checkpoint())).rejects.toThrow(TooManyFilesError)
  expect(() => storage.commit([put('refused', 'x')])).toThrow(
    /^Cannot write: too many files are open \(E[MN]FILE.*\); close some, or raise the limit \(ulimit -n\), and try again$/,
  )
  await expectToGoOn(started)
})

test('files that can not be opened to be merged are passed over, and merged later', async () => {
  const first = fixture(3, 'EMFILE', { smallBaseByteLength: 100, carryByteLimit: 0 })
  for (let i = 0; i < 40; i++) await first.store(`key ${i}`)
  await first.where.scheduler.outcome(first.storage.close())
  const { where, limit, expected } = first
  const storage = openStorage(
    { ...where, disk: limitedDisk(where.disk, limit) as SimulatedDisk },
    { smallBaseByteLength: 100_000, carryByteLimit: 0 },
  )
  const store = async (key: string) => {
    await where.scheduler.outcome(storage.commit([put(key, key)]))
    expected[key] = key
  }
  for (let i = 20; i < 60; i++) await store(`key ${i}`)
  limit.forReading = 0
  await where.scheduler.outcome(storage.compact())
  await expectToGoOn({ where, limit, storage, expected, store })
})

test.each(['synced', 'system'] as const)('where the log goes on to its next segment (%s)', async (kind) => {
  // Those of a synced log are used again.
  const started = fixture(7, 'EMFILE', {
    ...{ segmentByteLimit: 2000, logByteLimit: 8000, memtableByteLimit: 1e6 },
    durability: { kind },
  })
  const { limit, storage, store, where } = started
  for (let i = 0; i < 200; i++) await store(`key ${i}`)
  await where.scheduler.outcome(storage.checkpoint())
  const segments = where.disk.list(`${ROOT}/wal`).length
  if (kind === 'synced') expect(segments).toBeGreaterThan(2)
  limit.left = 0
  let refused: unknown
  for (let i = 0; i < 300 && refused === undefined; i++) {
    await store(`last ${i}`).catch((failure: unknown) => {
      refused = failure
    })
  }
  expect(refused).toBeInstanceOf(TooManyFilesError)
  await expectToGoOn(started)
})

test.each(Array.from({ length: 30 }, (_, i) => i + 1))('at any time, more and less (SEED %i)', async (seed) => {
  const options = { segmentByteLimit: 3000, smallBaseByteLength: 100, carryByteLimit: seed % 2 === 0 ? 0 : 500 }
  const started = fixture(seed, 'EMFILE', options)
  const { where, limit, storage, store } = started
  const { random, scheduler } = where
  const waited = (failure: unknown) => {
    if (!(failure instanceof TooManyFilesError)) throw failure
  }
  let refusals = 0
  for (let step = 0; step < 150; step++) {
    if (random.chance(0.15)) limit.left = random.pick([0, 0, 1, 2, Number.POSITIVE_INFINITY])
    if (random.chance(0.1)) await scheduler.outcome(storage.checkpoint()).catch(waited)
    if (random.chance(0.2)) await scheduler.runOne()
    if (isWritable(storage)) await store(`key ${random.below(60)}`, 1 + random.below(3)).catch(waited)
    else refusals += 1
  }
  expect(refusals).toBeGreaterThan(0)
  await expectToGoOn(started)
})

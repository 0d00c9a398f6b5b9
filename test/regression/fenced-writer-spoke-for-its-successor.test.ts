/**
 * Somebody took the folder by force while its holder was paused. What the holder did when it went on was refused, but it
 * had overwritten the witness, and its checkpoint had removed files that its successor needed.
 */
import { expect, test } from 'vitest'
import { loadChecksum } from '../../src/base/checksum.js'
import { FencedError } from '../../src/errors.js'
import type { FileSystem } from '../../src/storage/disk/file-system.js'
import { Storage } from '../../src/storage/storage.js'
import { DEFAULT_STORAGE_OPTIONS } from '../../src/storage/storage-options.js'
import { changedFileSystem } from '../support/delegating-file-system.js'
import { contents, type Machine, machine, openStorage, put, ROOT, restarted } from '../support/storage-fixture.js'

const checksum = await loadChecksum()

interface Holder {
  readonly storage: Storage
  readonly claim: { isOurs: boolean }
  /** What its disk does differently. */
  readonly hooks: { syncDirectoryLater?: FileSystem['syncDirectoryLater'] }
}

/** A storage whose claim can be taken away. */
function openClaimed({ disk, random, scheduler }: Machine): Holder {
  const claim = { isOurs: true }
  const hooks: Holder['hooks'] = {}
  const files = changedFileSystem(disk, {
    syncDirectoryLater: (path, point) =>
      (hooks.syncDirectoryLater ?? ((p, at) => disk.syncDirectoryLater(p, at)))(path, point),
  })
  const environment = {
    files,
    clock: { now: () => 1_800_000_000_000 },
    monotonicClock: { now: () => 0 },
    random,
    scheduler,
    checksum,
  }
  const storage = Storage.open(environment, ROOT, { epoch: 1, isHeld: () => claim.isOurs }, DEFAULT_STORAGE_OPTIONS)
  return { storage, claim, hooks }
}

async function paused(): Promise<Machine & Holder> {
  const where = machine()
  const made = openStorage(where)
  await where.scheduler.outcome(made.commit([put('a', '1')]))
  await where.scheduler.outcome(made.checkpoint())
  await where.scheduler.outcome(made.close())
  return { ...where, ...openClaimed(where) }
}

test('what a writer does after it lost the folder does not make its successor look damaged', async () => {
  const { storage, claim, ...where } = await paused()
  openStorage(where)
  claim.isOurs = false
  await expect(where.scheduler.outcome(storage.commit([put('b', '2')]))).rejects.toThrow(FencedError)
  expect(contents(openStorage(restarted(where, 'kill')))).toEqual({ a: '1' })
})

test('a checkpoint of a writer that lost the folder removes nothing', async () => {
  const { storage, claim, hooks, ...where } = await paused()
  await where.scheduler.outcome(storage.commit([put('b', '2')]))
  let successor: Storage | undefined
  // Its process is stopped when the new sorted file is there and the old one still counts.
  hooks.syncDirectoryLater = async (path, point) => {
    await where.disk.syncDirectoryLater(path, point)
    if (point !== 'sorted-file-directory' || successor !== undefined) return
    successor = openStorage(where)
    claim.isOurs = false
  }
  await expect(where.scheduler.outcome(storage.checkpoint())).rejects.toThrow(FencedError)
  if (successor === undefined) throw new Error('nobody took the folder')
  expect(contents(successor)).toEqual({ a: '1', b: '2' })
  expect(contents(openStorage(restarted(where, 'kill')))).toEqual({ a: '1', b: '2' })
})

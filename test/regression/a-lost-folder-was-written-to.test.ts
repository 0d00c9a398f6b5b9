/**
 * Somebody took a folder by force, or moved it and made another database in its place, while its holder was idle or stopped.
 * When the holder went on it was refused, as it should be; but it writes before it looks, and by name. It wrote over a log
 * segment that its successor had made of one of its own, over the successor's witness and its manifest; it left a segment of
 * the log in a folder that was another database's; and a pause between its write and its look passed for none.
 */
import fs, { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { FencedError, open, table, type } from '../../src/index.js'
import { fileName } from '../../src/storage/disk/file-name.js'
import type { FileSystem } from '../../src/storage/disk/file-system.js'
import { prepareFolder } from '../../src/storage/folder.js'
import { Storage } from '../../src/storage/storage.js'
import { DEFAULT_STORAGE_OPTIONS, type StorageOptions } from '../../src/storage/storage-options.js'
import { changedFile, changedFileSystem } from '../support/delegating-file-system.js'
import { checksum, contents, type Machine, machine, put, ROOT, restarted } from '../support/storage-fixture.js'

afterEach(() => vi.restoreAllMocks())

let epoch = 0

/** A storage whose claim can be taken away, and whose clock can be set. */
function openClaimed(
  { disk, random, scheduler }: Machine,
  options: Partial<StorageOptions> = {},
  files: FileSystem = disk,
) {
  const claim = { isOurs: true, looks: [] as (string | undefined)[] }
  const clock = { at: 0 }
  const clocks = { clock: { now: () => 1_800_000_000_000 }, monotonicClock: { now: () => clock.at } }
  prepareFolder(files, ROOT)
  epoch += 1
  const isHeld = (look?: string) => {
    claim.looks.push(look)
    return claim.isOurs
  }
  const small = { ...DEFAULT_STORAGE_OPTIONS, blockByteLength: 200, partitionByteLimit: 1000, segmentByteLimit: 2000 }
  const environment = { files, random, scheduler, checksum, ...clocks }
  const storage = Storage.open(environment, ROOT, { epoch, isHeld }, { ...small, ...options })
  return { storage, claim, clock }
}

/** The log of before is needed by nobody once there was a checkpoint. */
const KEEPS_NO_LOG = { logByteLimit: 2000 }

test('a segment of another process is not written over: that one may have it open', async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const where = machine(seed)
    const { scheduler } = where
    const first = openClaimed(where, KEEPS_NO_LOG)
    await scheduler.outcome(first.storage.commit([put('first', 'x'.repeat(1500))]))
    // An opening writes the last one again, as nothing in the log says that it was durable.
    await scheduler.outcome(first.storage.commit([put('small', '1')]))
    const second = openClaimed(where, KEEPS_NO_LOG)
    first.claim.isOurs = false
    const expected: Record<string, string> = { first: 'x'.repeat(1500), small: '1' }
    const write = async (key: string, value: string) => {
      await scheduler.outcome(second.storage.commit([put(key, value)]))
      expected[key] = value
    }
    await write('second', '1')
    await scheduler.outcome(second.storage.checkpoint())
    // The next segment but one could be in the first one's file.
    await write('large', 'y'.repeat(1200))
    await scheduler.outcome(second.storage.checkpoint())
    for (let n = 0; n < 8 + (seed % 6); n++) await write(`k${n}`, 'z'.repeat(40 + ((seed * 7) % 60)))
    await expect(scheduler.outcome(first.storage.commit([put('late', 'w'.repeat(50))]))).rejects.toThrow(FencedError)
    const again = openClaimed(restarted(where, 'kill'))
    expect(contents(again.storage), `seed ${seed}`).toEqual(expected)
  }
})

test('a witness is of the one that holds the folder', async () => {
  const where = machine()
  const { scheduler, disk } = where
  const first = openClaimed(where)
  await scheduler.outcome(first.storage.commit([put('a', '1')]))
  const second = openClaimed(where)
  first.claim.isOurs = false
  await scheduler.outcome(second.storage.commit([put('b', '2')]))
  await scheduler.outcome(second.storage.commit([put('c', '3')]))
  await expect(scheduler.outcome(first.storage.commit([put('late', 'x')]))).rejects.toThrow(FencedError)
  // Its last frame is damaged, and nothing but the witness knows that it was durable.
  const path = fileName.log(ROOT, 2)
  const file = disk.open(path, 'write')
  const frames = Buffer.alloc(file.size())
  file.read(frames, 0)
  file.write(Buffer.alloc(100), frames.lastIndexOf('WLF1'))
  file.close()
  expect(() => openClaimed(restarted(where, 'kill'))).toThrow(/were durable and are missing|it was durable/)
})

test('a folder that was moved, and another database in its place', async () => {
  for (const act of ['checkpoint', 'compact', 'close', 'commit'] as const) {
    const where = machine()
    const { scheduler, disk } = where
    const first = openClaimed(where)
    for (let n = 0; n < 6; n++) {
      await scheduler.outcome(first.storage.commit([put(`first ${n}`, 'x'.repeat(900))]))
      if (n === 2) await scheduler.outcome(first.storage.checkpoint())
    }
    disk.rename(ROOT, '/moved')
    const second = openClaimed(where)
    first.claim.isOurs = false
    await scheduler.outcome(second.storage.commit([put('second', '1')]))
    const before = disk.list(fileName.logDirectory(ROOT))
    const acted = act === 'commit' ? first.storage.commit([put('late', 'x'.repeat(2500))]) : first.storage[act]()
    await (act === 'close'
      ? scheduler.outcome(acted).catch(() => {})
      : expect(scheduler.outcome(acted)).rejects.toThrow(FencedError))
    await scheduler.outcome(first.storage.close()).catch(() => {})
    expect(disk.list(fileName.logDirectory(ROOT)), act).toEqual(before)
    expect(contents(openClaimed(restarted(where, 'kill')).storage)).toEqual({ second: '1' })
  }
})

test('a manifest is not put in the place of one that another process has begun', async () => {
  const where = machine()
  const { scheduler, disk } = where
  const gate: { wait: Promise<void> | undefined; arrived: number } = { wait: undefined, arrived: 0 }
  const files = changedFileSystem(disk, {
    open: (path, mode) => {
      const file = disk.open(path, mode)
      if (!path.includes('MANIFEST')) return file
      return changedFile(file, {
        syncLater: async (point) => {
          await file.syncLater(point)
          gate.arrived += 1
          await gate.wait
        },
      })
    },
  })
  const first = openClaimed(where, {}, files)
  // The thousandth edit begins another manifest.
  for (let n = 0; gate.arrived < 999; n++) {
    await scheduler.outcome(first.storage.commit([put('a', String(n))]))
    await scheduler.outcome(first.storage.checkpoint())
  }
  let release = () => {}
  gate.wait = new Promise((resolve) => {
    release = resolve
  })
  await scheduler.outcome(first.storage.commit([put('a', 'last')]))
  const stopped = first.storage.checkpoint()
  const outcome = expect(stopped).rejects.toThrow(FencedError)
  while (gate.arrived < 1000) await (scheduler.isIdle ? new Promise(setImmediate) : scheduler.runOne())
  const second = openClaimed(where)
  first.claim.isOurs = false
  await scheduler.outcome(second.storage.commit([put('b', '1')]))
  await scheduler.outcome(second.storage.checkpoint())
  release()
  for (let turn = 0; turn < 50; turn++) await (scheduler.isIdle ? new Promise(setImmediate) : scheduler.runOne())
  await outcome
  await scheduler.outcome(second.storage.commit([put('b', '2')]))
  await scheduler.outcome(second.storage.checkpoint())
  await scheduler.outcome(second.storage.close())
  expect(contents(openClaimed(restarted(where, 'kill')).storage)).toEqual({ a: 'last', b: '2' })
})

test('nor in a folder that was lost while its bytes were made durable', async () => {
  const where = machine()
  const { scheduler, disk } = where
  const lost = { isNow: false }
  const files = changedFileSystem(disk, {
    createFile: (path, bytes, point, beforeNamed) =>
      disk.createFile(path, bytes, point, () => {
        if (path.endsWith('2')) lost.isNow = true
        beforeNamed?.()
      }),
  })
  const first = openClaimed(where, {}, files)
  Object.defineProperty(first.claim, 'isOurs', { get: () => !lost.isNow })
  const fill = async () => {
    for (let n = 0; n < 1100; n++) {
      await scheduler.outcome(first.storage.commit([put('a', String(n))]))
      await scheduler.outcome(first.storage.checkpoint())
    }
  }
  await expect(fill()).rejects.toThrow(FencedError)
  expect(disk.list(ROOT).filter((name) => name.startsWith('MANIFEST'))).toEqual(['MANIFEST-0000000001'])
})

test('segments that were kept to be written over are not removed from a folder that is another’s', async () => {
  const where = machine()
  const { scheduler, disk } = where
  const first = openClaimed(where, { logByteLimit: 8000 })
  for (let n = 0; n < 4; n++) await scheduler.outcome(first.storage.commit([put(`first ${n}`, 'x'.repeat(2000))]))
  await scheduler.outcome(first.storage.checkpoint())
  await scheduler.outcome(first.storage.commit([put('a', '1')]))
  const kept = disk.list(fileName.logDirectory(ROOT))
  expect(kept.length).toBeGreaterThan(2)
  // Between the last look and the end: a new segment's name is made durable.
  let names = 0
  const { syncDirectoryLater } = disk
  vi.spyOn(disk, 'syncDirectoryLater').mockImplementation(async (path, point) => {
    await syncDirectoryLater.call(disk, path, point)
    first.claim.isOurs = false
    names ||= disk.list(fileName.logDirectory(ROOT)).length
  })
  await scheduler.outcome(first.storage.close()).catch(() => {})
  expect(names).toBeGreaterThan(0)
  expect(disk.list(fileName.logDirectory(ROOT)).length).toBe(names)
})

test('whoever was stopped between a write and the look for the claim looks closely', async () => {
  const where = machine()
  const { scheduler } = where
  const { storage, claim, clock } = openClaimed(where)
  await scheduler.outcome(storage.commit([put('a', '1')]))
  claim.looks.length = 0
  const committed = storage.commit([put('a', '2')])
  clock.at += 1
  while (where.disk.counts.sync === 0 || scheduler.isIdle) await new Promise(setImmediate)
  clock.at += 1000
  await scheduler.outcome(committed)
  expect(claim.looks).toEqual([undefined])
})

test('a claim that can’t be looked at is none, and does not end the process', async () => {
  const path = mkdtempSync(join(tmpdir(), 'dynafile-unreachable-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  const items = table('items', { schema: type<{ id: string }>(), key: ['id'] })
  const db = await open(path)
  await db.table(items).put({ id: 'a' })
  const descriptors = fs.readdirSync('/proc/self/fd').length
  const { statSync, fstatSync } = fs
  const fails = (...given: unknown[]) => {
    if (String(given[0]).includes('EPOCH') || typeof given[0] === 'number') {
      throw Object.assign(new Error('EIO: i/o error, stat'), { code: 'EIO', syscall: 'stat' })
    }
    return statSync(...(given as Parameters<typeof statSync>))
  }
  vi.spyOn(fs, 'statSync').mockImplementation(fails as never)
  vi.spyOn(fs, 'fstatSync').mockImplementation(fails as never)
  await expect(db.table(items).put({ id: 'b' })).rejects.toThrow(FencedError)
  await db.close()
  vi.restoreAllMocks()
  expect(fs.fstatSync).toBe(fstatSync)
  expect(fs.readdirSync('/proc/self/fd').length).toBeLessThan(descriptors)
  const again = await open(path)
  expect(await again.table(items).get({ id: 'a' })).toEqual({ id: 'a' })
  await again.close()
})

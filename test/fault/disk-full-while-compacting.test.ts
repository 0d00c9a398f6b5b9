/**
 * The disk fills up while sorted files are written: writes are refused with a clear error, reads go on, and as soon as
 * there is space everything goes on by itself. Nothing that was acknowledged is lost, whichever write finds no space.
 */
import { expect, test } from 'vitest'
import { DiskFullError } from '../../src/errors.js'
import type { FileSystem } from '../../src/storage/disk/file-system.js'
import { changedFileSystem } from '../support/delegating-file-system.js'
import type { SimulatedDisk } from '../support/simulated-disk.js'
import { contents, isWritable, machine, openStorage, put, restarted } from '../support/storage-fixture.js'

function full(code: string): Error {
  return Object.assign(new Error(`${code}: no space left on device, write`), { code, syscall: 'write' })
}

/** A disk on which, while `isFull`, files of partitions can't be made longer after the first few writes to them. */
function limitedDisk(disk: SimulatedDisk, limit: { isFull: boolean; writesLeft: number; code: string }): FileSystem {
  return changedFileSystem(disk, {
    open: (path, mode) => {
      const file = disk.open(path, mode)
      if (!path.endsWith('.run.tmp')) return file
      return new Proxy(file, {
        get(target, name) {
          if (name === 'write') {
            return (bytes: Uint8Array, position: number) => {
              if (limit.isFull && limit.writesLeft-- <= 0) throw full(limit.code)
              target.write(bytes, position)
            }
          }
          const value: unknown = Reflect.get(target, name)
          return typeof value === 'function' ? value.bind(target) : value
        },
      })
    },
  })
}

test.each([
  [0, 'ENOSPC'],
  [1, 'EDQUOT'],
  [2, 'ENOSPC'],
  [3, 'ENOSPC'],
])('after %i more writes: %s', async (writesLeft, code) => {
  const where = machine(writesLeft + 1)
  const limit = { isFull: false, writesLeft, code }
  const files = limitedDisk(where.disk, limit)
  const storage = openStorage({ ...where, disk: files as SimulatedDisk }, { smallBaseByteLength: 100 })
  const expected: Record<string, string> = {}
  const store = async (key: string, tree = 1) => {
    await where.scheduler.outcome(storage.commit([put(key, `value of ${key}`, tree)]))
    if (tree === 1) expected[key] = `value of ${key}`
  }
  for (let i = 0; i < 40; i++) await store(`key ${i}`)
  await where.scheduler.outcome(storage.checkpoint())
  for (let i = 40; i < 60; i++) await store(`key ${i}`)
  for (let tree = 2; tree < 5; tree++) await store('another', tree)

  limit.isFull = true
  await expect(where.scheduler.outcome(storage.checkpoint())).rejects.toThrow(DiskFullError)
  expect(() => storage.commit([put('refused', 'x')])).toThrow(/disk is full.*free some space and try again/)
  expect(() => storage.checkWritable()).toThrow(DiskFullError)
  expect(storage.failure).toBeUndefined()
  expect(contents(storage)).toEqual(expected)

  // It is tried again, in vain, and once more when there is space.
  await where.scheduler.runOne()
  expect(contents(storage)).toEqual(expected)
  limit.isFull = false
  await where.scheduler.runUntil(() => isWritable(storage))
  await store('after')
  expect(contents(storage)).toEqual(expected)
  expect(contents(storage, 3)).toEqual({ another: 'value of another' })
  await where.scheduler.outcome(storage.close())
  expect(contents(openStorage(restarted(where)))).toEqual(expected)
})

test('closing while the disk is full leaves everything to the log', async () => {
  const where = machine()
  const limit = { isFull: true, writesLeft: 0, code: 'ENOSPC' }
  const storage = openStorage({ ...where, disk: limitedDisk(where.disk, limit) as SimulatedDisk })
  await where.scheduler.outcome(storage.commit([put('a', '1')]))
  await where.scheduler.outcome(storage.close())
  expect(contents(openStorage(restarted(where)))).toEqual({ a: '1' })
})

test('what was committed behind a checkpoint that found no space survives closing, once there is space', async () => {
  let met = 0
  for (let seed = 1; seed <= 60; seed++) {
    const where = machine(seed)
    const limit = { isFull: true, writesLeft: seed % 4, code: 'ENOSPC' }
    const options = { sliceByteLength: 30, smallBaseByteLength: 0, carryByteLimit: 0 }
    const storage = openStorage({ ...where, disk: limitedDisk(where.disk, limit) as SimulatedDisk }, options)
    const expected: Record<string, string> = {}
    const store = async (key: string) => {
      await where.scheduler.outcome(storage.commit([put(key, key), put(key, key, 2), put(key, key, 3)]))
      expected[key] = key
    }
    for (let i = 0; i < 10; i++) await store(`before ${i}`)
    const failed = storage.checkpoint().catch((failure: unknown) => failure)
    for (let i = seed % 7; i > 0; i--) await where.scheduler.runOne()
    await store('meanwhile').catch(() => {})
    if (!((await where.scheduler.outcome(failed)) instanceof DiskFullError)) continue
    if ('meanwhile' in expected) met += 1
    limit.isFull = false
    await where.scheduler.outcome(storage.close())
    const again = openStorage(restarted(where))
    for (const tree of [1, 2, 3]) expect(contents(again, tree), `seed ${seed}, tree ${tree}`).toEqual(expected)
  }
  expect(met).toBeGreaterThan(5)
})

test('once writing has failed for good, a checkpoint says that, and not that the disk was full before', async () => {
  const where = machine(5)
  const limit = { isFull: false, writesLeft: 0, code: 'ENOSPC' }
  const files = limitedDisk(where.disk, limit) as SimulatedDisk
  const storage = openStorage({ ...where, disk: files }, { durability: { kind: 'system' } })
  await where.scheduler.outcome(storage.commit([put('a', 'x')]))
  limit.isFull = true
  await expect(where.scheduler.outcome(storage.checkpoint())).rejects.toThrow(/disk is full/)
  const waiting = storage.commitFreeing([put('b', 'x')])
  where.disk.fault = { operation: 'sync', after: where.disk.counts.sync + 1, code: 'EIO', isPersistent: true }
  await where.scheduler.outcome(waiting)
  await expect(where.scheduler.outcome(storage.flush())).rejects.toThrow(/EIO/)
  for (const act of [() => storage.checkpoint(), () => storage.compact()]) {
    await expect(where.scheduler.outcome(act())).rejects.toThrow(/earlier write failed \(.*EIO/)
  }
})

/**
 * `dynafile watch` ended with an error, or told a wrong old item, when the writer replaced files between two of its
 * reads.
 */
import { expect, test } from 'vitest'
import { loadChecksum } from '../../src/base/checksum.js'
import { fileName } from '../../src/storage/disk/file-name.js'
import { type OpenFile, readFile } from '../../src/storage/disk/file-system.js'
import { Follower } from '../../src/storage/follower.js'
import { changedFileSystem } from '../support/delegating-file-system.js'
import { SimulatedScheduler, settle } from '../support/simulated-scheduler.js'
import { machine, openStorage, put, ROOT } from '../support/storage-fixture.js'

const checksum = await loadChecksum()

function allOf(follower: Follower): Record<string, string> {
  const found: Record<string, string> = {}
  const cursor = follower.range(1, { lower: '', upper: undefined })
  while (cursor.next()) found[cursor.key()] = Buffer.from(cursor.value()).toString()
  return found
}

/** What a poll says: each change with what was there before it. */
function changes(follower: Follower): string[] {
  const found: string[] = []
  follower.poll(({ lsn, writes }) => {
    for (const { tree, key, value } of writes) {
      const old = follower.get(tree, key)
      found.push(`${lsn} ${key}: ${old && Buffer.from(old).toString()} > ${value && Buffer.from(value).toString()}`)
    }
  })
  return found
}

/** A file that was read before it changed. */
function stale(path: string, bytes: Uint8Array): OpenFile {
  return {
    path,
    size: () => bytes.length,
    read: (target) => {
      target.set(bytes)
      return bytes.length
    },
    write: () => {},
    truncate: () => {},
    sync: () => {},
    syncLater: async () => {},
    close: () => {},
  }
}

test('a sorted file that goes after the manifest was read is looked for in the next manifest', async () => {
  const where = machine()
  const { disk, scheduler } = where
  const storage = openStorage(where)
  let manifest: Uint8Array | undefined
  const files = changedFileSystem(disk, {
    open: (path, mode) => {
      const old = path.includes('MANIFEST') ? manifest : undefined
      if (old === undefined) return disk.open(path, mode)
      manifest = undefined
      return stale(path, old)
    },
  })
  const follower = Follower.open({ files, checksum }, ROOT)
  await scheduler.outcome(storage.commit([put('a', '1')]))
  await scheduler.outcome(storage.checkpoint())
  const afterFirst = Buffer.from(readFile(disk, fileName.manifest(ROOT, 1)))
  await scheduler.outcome(storage.commit([put('b', '2')]))
  await scheduler.outcome(storage.checkpoint())
  manifest = afterFirst
  expect(changes(follower)).toEqual(['1 a: undefined > 1', '2 b: undefined > 2'])
  expect(allOf(follower)).toEqual({ a: '1', b: '2' })
  expect(changes(follower)).toEqual([])
})

test('a manifest or a segment of the log that goes after its name was read is no failure', async () => {
  const where = machine()
  const { disk, scheduler } = where
  const storage = openStorage(where)
  await scheduler.outcome(storage.commit([put('a', '1')]))
  for (const gone of ['MANIFEST', '.log']) {
    let isGone = true
    const files = changedFileSystem(disk, {
      open: (path, mode) => {
        if (!path.includes(gone) || !isGone) return disk.open(path, mode)
        isGone = false
        throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
      },
    })
    const follower = Follower.open({ files, checksum }, ROOT)
    expect(allOf(follower), gone).toEqual({ a: '1' })
    isGone = true
    await scheduler.outcome(storage.commit([put('a', '2')]))
    expect(changes(follower), gone).toEqual([`${storage.lastLsn} a: 1 > 2`])
    await scheduler.outcome(storage.commit([put('a', '1')]))
  }
})

test('a witness that is torn by reading it does not mix up what was there before a change', async () => {
  const where = machine()
  const { disk, scheduler } = where
  const pauses = new SimulatedScheduler(where.random)
  const storage = openStorage({ ...where, scheduler: pauses }, { sliceByteLength: 1 })
  let isTorn = false
  const files = changedFileSystem(disk, {
    open: (path, mode) => {
      if (!isTorn || path !== fileName.witness(ROOT)) return disk.open(path, mode)
      isTorn = false
      return stale(path, Buffer.alloc(64))
    },
  })
  const follower = Follower.open({ files, checksum }, ROOT)
  await scheduler.outcome(Promise.all([storage.commit([put('a', '1')]), storage.commit([put('b', '2', 2)])]))
  const checkpoint = storage.checkpoint()
  // Until the first tree is in a file that counts, and the second is not.
  const before = disk.counts.sync
  while (!Buffer.from(readFile(disk, fileName.manifest(ROOT, 1))).includes('added')) {
    await pauses.runOne()
    await scheduler.runOne()
  }
  expect(disk.counts.sync).toBeGreaterThan(before)
  isTorn = true
  const seen = changes(follower)
  expect([...seen, ...changes(follower)]).toEqual(['1 a: undefined > 1', '2 b: undefined > 2'])
  let isDone = false
  const done = checkpoint.then(() => {
    isDone = true
  })
  while (!isDone) {
    await pauses.runOne()
    await scheduler.runOne()
    await settle()
  }
  await done
})

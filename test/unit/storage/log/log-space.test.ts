/**
 * The space that the log takes ahead: how much it is, that it is given back, and that nothing depends on having it.
 */
import { describe, expect, test } from 'vitest'
import { loadChecksum } from '../../../../src/base/checksum.js'
import { DiskFullError, FencedError } from '../../../../src/errors.js'
import { fileName } from '../../../../src/storage/disk/file-name.js'
import { readFile } from '../../../../src/storage/disk/file-system.js'
import { Follower } from '../../../../src/storage/follower.js'
import type { Storage } from '../../../../src/storage/storage.js'
import {
  contents,
  isWritable,
  type Machine,
  machine,
  openStorage,
  put,
  ROOT,
  restarted,
} from '../../../support/storage-fixture.js'

const checksum = await loadChecksum()
const KILOBYTE = 1024
const LARGE = { segmentByteLimit: 16 * KILOBYTE * KILOBYTE }

describe('a segment', () => {
  test('has zeros behind its frames: 64 KB at first, then as much as it holds, up to 512 KB', async () => {
    const where = machine()
    const storage = openStorage(where, LARGE)
    await where.scheduler.outcome(storage.commit([put('a', '1')]))
    expect(Math.round(logByteLength(where) / KILOBYTE)).toBe(64)
    const lengths = new Set<number>()
    for (let i = 0; i < 300; i++) {
      await where.scheduler.outcome(storage.commit([put('b', 'x'.repeat(5000))]))
      lengths.add(Math.round(logByteLength(where) / KILOBYTE))
    }
    expect([...lengths]).toEqual([64, 128, 227, 425, 821, 1333, 1845])
  })

  test('gives them back when it ends early, and when the database is closed', async () => {
    const where = machine()
    const storage = openStorage(where, LARGE)
    await where.scheduler.outcome(storage.commit([put('a', '1')]))
    await where.scheduler.outcome(storage.checkpoint())
    expect(logByteLength(where)).toBeLessThan(300)
    await where.scheduler.outcome(storage.commit([put('b', '1')]))
    await where.scheduler.outcome(storage.close())
    const segments = where.disk
      .list(fileName.logDirectory(ROOT))
      .map((name) => `${fileName.logDirectory(ROOT)}/${name}`)
    for (const path of segments) expect(readFile(where.disk, path).length).toBeLessThan(300)
    expect(contents(openStorage(restarted(where)))).toEqual({ a: '1', b: '1' })
  })

  test('has no more than a reserve where nobody waits for syncs, and behind large frames', async () => {
    for (const options of [{ durability: { kind: 'system' } as const }, {}]) {
      const where = machine()
      const storage = openStorage(where, { ...LARGE, ...options })
      const size = options.durability === undefined ? 100_000 : 100
      await where.scheduler.outcome(storage.commit([put('a', 'x'.repeat(size))]))
      expect(logByteLength(where)).toBeGreaterThan(size + 32 * KILOBYTE)
      expect(logByteLength(where)).toBeLessThan(size + 64 * KILOBYTE + 300)
    }
  })

  test.each(['synced', 'system'] as const)('does with fewer on a full disk, down to a reserve: %s', async (kind) => {
    const where = machine()
    const storage = openStorage(where, { ...LARGE, durability: { kind } })
    const commit = (value: string) => where.scheduler.outcome(storage.commit([put('a', value)]))
    for (let i = 0; i < 12; i++) await commit('x'.repeat(5000))
    // Not enough for the zeros that are wanted next.
    where.disk.byteCapacity = where.disk.usedByteLength + 40 * KILOBYTE
    const frames = () => storage.totals().writtenLogByteLength
    const before = frames()
    let count = 0
    await expect(
      (async () => {
        for (; ; count++) await commit(`${count} ${'y'.repeat(5000)}`)
      })(),
    ).rejects.toMatchObject({ code: 'DISK_FULL', outcome: 'not written' })
    expect(storage.failure).toBeUndefined()
    expect(count).toBeGreaterThan(4)
    expect(frames()).toBeGreaterThan(before)
    expect(contents(storage)['a']).toMatch(new RegExp(`^${count - 1} `))

    // As soon as there is space, it goes on.
    where.disk.byteCapacity = Number.POSITIVE_INFINITY
    await where.scheduler.runUntil(() => isWritable(storage))
    await commit('z')
    expect(contents(openStorage(restarted(where, kind === 'synced' ? 'power cut' : 'kill')))).toEqual({ a: 'z' })
  })

  test('goes on when there is no space for the next one', async () => {
    let rotations = 0
    for (let seed = 1; seed <= 12; seed++) {
      const where = machine(seed)
      const storage = openStorage(where, { segmentByteLimit: 400_000, logByteLimit: 1e7 })
      const acknowledged: Record<string, string> = {}
      where.disk.byteCapacity = where.disk.usedByteLength + 396_000 + 1500 * seed
      const commit = async (key: string) => {
        const value = 'x'.repeat(500 + 20 * seed)
        await where.scheduler.outcome(storage.commit([put(key, value)]))
        acknowledged[key] = value
      }
      const failure = await (async () => {
        for (let i = 0; ; i++) await commit(`key ${i}`)
      })().catch((refused: unknown) => refused)
      expect(failure).toBeInstanceOf(DiskFullError)
      expect(storage.failure, `seed ${seed}`).toBeUndefined()
      where.disk.byteCapacity = Number.POSITIVE_INFINITY
      await where.scheduler.runUntil(() => isWritable(storage))
      await commit('afterwards')
      rotations += storage.totals().log.count - 1
      expect(contents(openStorage(restarted(where))), `seed ${seed}`).toEqual(acknowledged)
    }
    // Some of them found no space for a segment, and have it now.
    expect(rotations).toBeGreaterThan(3)
  })
})

describe('a segment that nobody needs any more', () => {
  test('is written over by a later one, and its old frames are nothing', async () => {
    const where = machine()
    const storage = await withSpares(where)
    const before = spares(where)
    expect(before.length).toBeGreaterThan(2)
    await fill(where, storage, 12)
    expect(where.disk.list(fileName.logDirectory(ROOT))).not.toContain(before[0])
    const expected = contents(storage)
    for (const how of ['kill', 'power cut'] as const) {
      Object.assign(where, restarted(where, how))
      expect(contents(openStorage(where))).toEqual(expected)
    }
  })

  test('goes when the database is closed', async () => {
    const where = machine()
    const storage = await withSpares(where)
    await where.scheduler.outcome(storage.close())
    expect(spares(where)).toEqual([])
  })

  test('takes no name from a file that somebody else has made meanwhile', async () => {
    const where = machine()
    const storage = await withSpares(where)
    const next = Number.parseInt(where.disk.list(fileName.logDirectory(ROOT)).at(-1)!, 10) + 1
    where.disk.open(fileName.log(ROOT, next), 'create').close()
    await expect(fill(where, storage, 12)).rejects.toThrow(FencedError)
    expect(readFile(where.disk, fileName.log(ROOT, next)).length).toBe(0)
  })

  test('is no obstacle for a follower', async () => {
    const where = machine()
    const storage = await withSpares(where)
    const follower = Follower.open({ files: where.disk, checksum }, ROOT)
    let expected = storage.lastLsn
    for (let round = 0; round < 10; round++) {
      await fill(where, storage, 4)
      follower.poll(({ lsn }) => expect(lsn).toBe(++expected))
      expect(expected).toBe(storage.lastLsn)
      if (round % 3 === 2) await where.scheduler.outcome(storage.checkpoint())
    }
    follower.close()
  })
})

/** A storage whose checkpoint has set segments free. */
async function withSpares(where: Machine): Promise<Storage> {
  const storage = openStorage(where, { segmentByteLimit: 2000, logByteLimit: 8000, memtableByteLimit: 1e6 })
  await fill(where, storage, 12)
  await where.scheduler.outcome(storage.checkpoint())
  return storage
}

async function fill(where: Machine, storage: Storage, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    await where.scheduler.outcome(storage.commit([put(`k${i % 7}`, 'x'.repeat(900))]))
  }
}

/** The segments before the last two: that one is written, and the one before it is kept for followers. */
function spares({ disk }: Machine): string[] {
  return disk.list(fileName.logDirectory(ROOT)).slice(0, -2)
}

function logByteLength({ disk }: Machine): number {
  return readFile(disk, fileName.log(ROOT, 1)).length
}

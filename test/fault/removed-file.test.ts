/**
 * Somebody removes a sorted file under a running database. What is in it can't be read any more, and whoever asks for it
 * is told which file it is; everything else goes on, and nothing else is lost.
 */
import { describe, expect, test } from 'vitest'
import { CorruptionError, WriteFailedError } from '../../src/errors.js'
import { fileName, logNumber, manifestNumber } from '../../src/storage/disk/file-name.js'
import { readFile } from '../../src/storage/disk/file-system.js'
import { checkIntegrity } from '../../src/storage/integrity-check.js'
import type { Storage } from '../../src/storage/storage.js'
import type { StorageOptions } from '../../src/storage/storage-options.js'
import { machine, openStorage, put, ROOT, restarted } from '../support/storage-fixture.js'

const key = (n: number) => `key-${String(n).padStart(4, '0')}`
const value = (storage: Storage, n: number) => Buffer.from(storage.get(1, key(n)) ?? '').toString()

test.each([
  ['open', 512],
  ['closed, as too many others are open', 1],
])('a sorted file that is removed while it is %s', async (_state, openFileLimit) => {
  const where = machine(1)
  const options = { openFileLimit, cacheByteLimit: 0 }
  const storage = openStorage(where, options)
  const done = <T>(promise: Promise<T>) => where.scheduler.outcome(promise)
  for (let n = 0; n < 60; n++) await done(storage.commit([put(key(n), `old ${n} `.repeat(10))]))
  await done(storage.checkpoint())
  const files = [...storage.partitions.of(1)].flatMap((partition) => partition.files)
  expect(files.length).toBeGreaterThan(3)
  const [victim] = files.slice(1)
  // Read once: each file is open now, or was closed in favour of the next.
  for (let n = 0; n < 60; n++) expect(value(storage, n)).toBe(`old ${n} `.repeat(10))
  const { lowestKey, highestKey } = victim!
  const lost = Array.from({ length: 60 }, (_, n) => n).filter((n) => lowestKey <= key(n) && key(n) <= highestKey)
  where.disk.remove(victim!.path)
  const [overwritten, untouched] = [lost[0]!, lost.at(-1)!]
  expect(overwritten).toBeLessThan(untouched)
  const named = expect.objectContaining({
    name: 'CorruptionError',
    file: victim!.path,
    message: expect.stringContaining('the file is missing'),
  })

  const isOpen = openFileLimit > 1
  if (!isOpen) expect(() => value(storage, untouched)).toThrow(named)
  // In the partition of the file that is gone, too, and more often than its deltas are merged.
  for (let round = 0; round < 12; round++) {
    for (const n of [overwritten, 0, 59, 100 + round]) await done(storage.commit([put(key(n), `new ${round}`)]))
    await done(storage.checkpoint())
    for (const n of [overwritten, 0, 59, 100 + round]) expect(value(storage, n)).toBe(`new ${round}`)
  }
  // A file that is open can be read to its end, and what was in it has been written to another one.
  expect(storage.failure).toBeUndefined()
  if (isOpen) expect(value(storage, untouched)).toBe(`old ${untouched} `.repeat(10))
  else expect(() => value(storage, untouched)).toThrow(named)
  await done(storage.close())

  const next = restarted(where)
  const again = openStorage(next, options)
  for (let n = 0; n < 60; n++) {
    if ([overwritten, 0, 59].includes(n)) expect(value(again, n)).toBe('new 11')
    else if (lost.includes(n) && !isOpen) expect(() => value(again, n)).toThrow(named)
    else expect(value(again, n)).toBe(`old ${n} `.repeat(10))
  }
  expect(checkIntegrity(again)).toEqual(isOpen ? [] : [expect.any(CorruptionError)])
  await next.scheduler.outcome(again.close())
})

describe('a file that is replaced or removed while it is open', () => {
  async function written(durability: StorageOptions['durability'] = { kind: 'synced' }) {
    const where = machine(1)
    let time = 0
    const storage = openStorage(where, { durability }, { now: () => time })
    const wait = (ms: number) => {
      time += ms
    }
    const done = <T>(promise: Promise<T>) => where.scheduler.outcome(promise)
    for (let n = 0; n < 30; n++) await done(storage.commit([put(key(n), `in a file ${n}`)]))
    await done(storage.checkpoint())
    for (let n = 30; n < 60; n++) await done(storage.commit([put(key(n), `in the log ${n}`)]))
    await done(storage.flush())
    expect(checkIntegrity(storage)).toEqual([])
    const number = Math.max(...where.disk.list(fileName.logDirectory(ROOT)).map((name) => logNumber(name) ?? 0))
    const [manifest] = where.disk.list(ROOT).filter((name) => manifestNumber(name) !== undefined)
    const [partition] = [...storage.partitions.of(1)]
    const paths = {
      format: fileName.format(ROOT),
      manifest: `${ROOT}/${manifest}`,
      log: fileName.log(ROOT, number),
      'sorted file': partition!.files[0]!.path,
    }
    return { where, storage, done, paths, wait }
  }

  const KINDS = ['format', 'manifest', 'log', 'sorted file'] as const

  test.each(KINDS)('verification says that it is gone: %s', async (kind) => {
    const { where, storage, paths } = await written()
    where.disk.remove(paths[kind])
    expect(checkIntegrity(storage)).toEqual([
      expect.objectContaining({ name: 'CorruptionError', file: kind === 'log' ? expect.any(String) : paths[kind] }),
    ])
  })

  test.each(KINDS)('and that it is another one: %s', async (kind) => {
    const { where, storage, paths } = await written()
    const bytes = Buffer.from(readFile(where.disk, paths[kind]))
    where.disk.remove(paths[kind])
    bytes.fill(7, bytes.length >> 1)
    where.disk.open(paths[kind], 'create').write(bytes, 0)
    const [problem, ...others] = checkIntegrity(storage)
    expect(problem).toMatchObject({ name: 'CorruptionError', file: paths[kind] })
    expect(others).toEqual([])
  })

  const WAYS = {
    'by a flush': (storage: Storage) => storage.flush(),
    'by a checkpoint': (storage: Storage) => storage.checkpoint(),
    'when it is closed': (storage: Storage) => storage.close(),
  }
  describe.each([{ kind: 'synced' }, { kind: 'system' }] as const)('with durability $kind', (durability) => {
    test.each(Object.entries(WAYS))('that the log is gone is noticed %s', async (_name, notice) => {
      const { where, storage, done, paths } = await written(durability)
      where.disk.remove(paths.log)
      await expect(done(notice(storage))).rejects.toThrow(paths.log)
    })

    test('and by a commit, a few milliseconds later', async () => {
      const { where, storage, done, paths, wait } = await written(durability)
      where.disk.remove(paths.log)
      wait(10)
      await expect(done(storage.commit([put(key(1), 'lost')]))).rejects.toMatchObject({
        name: 'WriteFailedError',
        outcome: 'unknown',
        message: expect.stringContaining(paths.log),
      })
      expect(() => storage.commit([put(key(2), 'refused')])).toThrow(WriteFailedError)
      // All of it can still be read, and saved.
      for (let n = 30; n < 60; n++) expect(value(storage, n)).toBe(`in the log ${n}`)
    })
  })

  test('nothing is built on a manifest that is gone', async () => {
    const { where, storage, done, paths } = await written()
    where.disk.remove(paths.manifest)
    await expect(done(storage.checkpoint())).rejects.toThrow(`"${paths.manifest}" at byte 0: the file is missing`)
    expect(() => storage.commit([put(key(2), 'refused')])).toThrow(WriteFailedError)
    for (let n = 0; n < 60; n++) expect(value(storage, n)).toBe(n < 30 ? `in a file ${n}` : `in the log ${n}`)
  })
})

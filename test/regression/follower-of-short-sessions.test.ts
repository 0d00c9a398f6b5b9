/**
 * A follower fell behind when the folder was opened, written to and closed twice between two of its looks: opening removed
 * the log that the session before had kept for it.
 */
import { expect, test } from 'vitest'
import { FellBehindError } from '../../src/errors.js'
import { fileName } from '../../src/storage/disk/file-name.js'
import { Follower } from '../../src/storage/follower.js'
import { checksum, type Machine, machine, openStorage, put, ROOT } from '../support/storage-fixture.js'

function changes(follower: Follower): string[] {
  const found: string[] = []
  follower.poll(({ writes }) => {
    for (const { key } of writes) found.push(key)
  })
  return found
}

async function session(where: Machine, keys: readonly string[], value = 'x'): Promise<void> {
  const storage = openStorage(where, { logByteLimit: 64_000, segmentByteLimit: 16_000 })
  for (const key of keys) await where.scheduler.outcome(storage.commit([put(key, value)]))
  await where.scheduler.outcome(storage.close())
}

const segments = ({ disk }: Machine) => disk.list(fileName.logDirectory(ROOT))

test('short sessions, one after the other, are followed', async () => {
  const where = machine()
  await session(where, ['a'])
  const follower = Follower.open({ files: where.disk, checksum }, ROOT)
  expect(changes(follower)).toEqual([])
  for (const name of ['b', 'c', 'd']) await session(where, [`${name}1`, `${name}2`])
  expect(changes(follower)).toEqual(['b1', 'b2', 'c1', 'c2', 'd1', 'd2'])
  follower.close()
})

test('no more of the log is kept than a session keeps', async () => {
  const where = machine()
  await session(where, ['a'])
  const follower = Follower.open({ files: where.disk, checksum }, ROOT)
  for (let n = 0; n < 20; n++) await session(where, [`k${n}`], 'x'.repeat(3000))
  expect(segments(where).length).toBeLessThan(8)
  expect(() => changes(follower)).toThrow(FellBehindError)
  follower.close()
})

test('of many short sessions, and of many checkpoints, few files are kept', async () => {
  const where = machine()
  for (let n = 0; n < 40; n++) await session(where, [`k${n}`])
  expect(segments(where).length).toBeLessThan(20)
  const storage = openStorage(where)
  for (let n = 0; n < 40; n++) {
    await where.scheduler.outcome(storage.commit([put(`k${n}`, 'y')]))
    await where.scheduler.outcome(storage.checkpoint())
  }
  expect(segments(where).length).toBeLessThan(20)
  await where.scheduler.outcome(storage.close())
})

test('a file that has kept the name of an older segment is not kept under it, nor is what is before it', async () => {
  const where = machine()
  for (const key of ['a', 'b', 'c', 'd']) await session(where, [key])
  const names = segments(where)
  const [oldest, older, renamed] = names as [string, string, string]
  const newest = names.at(-1)!
  const path = (name: string) => `${fileName.logDirectory(ROOT)}/${name}`
  expect(names.length).toBeGreaterThan(4)
  // As a power cut leaves it while an old segment's file becomes that of a new one.
  where.disk.remove(path(renamed))
  where.disk.link(path(newest), path(renamed))
  const storage = openStorage(where)
  // Who follows the log needs it without gaps.
  for (const name of [oldest, older, renamed]) expect(segments(where)).not.toContain(name)
  expect(segments(where)).toContain(names[3])
  await where.scheduler.outcome(storage.close())
})

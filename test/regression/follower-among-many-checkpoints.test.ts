/**
 * `watchFolder` ended with a CorruptionError on a folder in which nothing was damaged: while it opened the files of a manifest,
 * one after the other, the writer had removed some of them already, five times in a row. And it threw away the changes
 * that it had found in the same look.
 */
import { expect, test } from 'vitest'
import { CorruptionError } from '../../src/errors.js'
import { fileName } from '../../src/storage/disk/file-name.js'
import type { FileSystem } from '../../src/storage/disk/file-system.js'
import { Follower } from '../../src/storage/follower.js'
import { changedFile, changedFileSystem } from '../support/delegating-file-system.js'
import { checksum, type Machine, machine, openStorage, put, ROOT } from '../support/storage-fixture.js'

function changes(follower: Follower): string[] {
  const found: string[] = []
  follower.poll(({ writes }) => {
    for (const { tree, key, value } of writes) {
      const old = follower.get(tree, key)
      found.push(`${tree} ${key}: ${old && Buffer.from(old).toString()} > ${value && Buffer.from(value).toString()}`)
    }
  })
  return found
}

/** In which some sorted files are not there, and which notes those that are opened. */
function withoutFiles(
  { disk }: Machine,
  isGone: (path: string) => boolean,
): { files: FileSystem; opened: readonly string[] } {
  const opened: string[] = []
  const files = changedFileSystem(disk, {
    open: (path, mode) => {
      const isSorted = path.startsWith(`${fileName.trees(ROOT)}/`)
      if (isSorted && isGone(path)) throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
      if (isSorted) opened.push(path)
      return disk.open(path, mode)
    },
  })
  return { files, opened }
}

test('files that are gone before they were opened are waited for, and nothing that was told is lost', async () => {
  const where = machine()
  const { scheduler } = where
  const storage = openStorage(where)
  await scheduler.outcome(storage.commit([put('a', '1'), put('b', '1', 2)]))
  await scheduler.outcome(storage.checkpoint())
  let areGone = false
  const { files } = withoutFiles(where, () => areGone)
  const follower = Follower.open({ files, checksum }, ROOT)
  for (let n = 2; n < 6; n++) {
    await scheduler.outcome(storage.commit([put('a', String(n)), put('b', String(n), 2)]))
    await scheduler.outcome(storage.checkpoint())
    areGone = true
    expect(changes(follower)).toEqual([`1 a: ${n - 1} > ${n}`, `2 b: ${n - 1} > ${n}`])
    areGone = false
  }
  expect(changes(follower)).toEqual([])
  await scheduler.outcome(storage.commit([put('a', 'last')]))
  expect(changes(follower)).toEqual(['1 a: 5 > last'])
  follower.close()
})

test('a file that stays away is damage, which is told once all changes are', async () => {
  const where = machine()
  const { scheduler } = where
  const storage = openStorage(where)
  await scheduler.outcome(storage.commit([put('a', '1')]))
  let areGone = false
  const { files } = withoutFiles(where, () => areGone)
  const follower = Follower.open({ files, checksum }, ROOT)
  await scheduler.outcome(storage.checkpoint())
  areGone = true
  await scheduler.outcome(storage.commit([put('a', '2')]))
  expect(changes(follower)).toEqual(['1 a: 1 > 2'])
  await scheduler.outcome(storage.commit([put('a', '3')]))
  expect(changes(follower), 'the same manifest as before').toEqual(['1 a: 2 > 3'])
  expect(() => changes(follower)).toThrow(CorruptionError)
  follower.close()
})

test('files that were opened before are not opened again', async () => {
  const where = machine()
  const { scheduler } = where
  const storage = openStorage(where)
  const trees = [1, 2, 3, 4, 5]
  await scheduler.outcome(storage.commit(trees.map((tree) => put('a', 'x', tree))))
  await scheduler.outcome(storage.checkpoint())
  const { files, opened } = withoutFiles(where, () => false)
  const follower = Follower.open({ files, checksum }, ROOT)
  expect(opened).toHaveLength(5)
  for (let n = 0; n < 3; n++) {
    await scheduler.outcome(storage.commit([put('a', String(n), 2)]))
    await scheduler.outcome(storage.checkpoint())
    expect(changes(follower)).toHaveLength(1)
    expect(opened).toHaveLength(6 + n)
  }
  expect(new Set(opened).size).toBe(opened.length)
  follower.close()
})

/** In which sorted files may fail to open, and which counts those that are open. */
function counted({ disk }: Machine, failure: (path: string) => string | undefined) {
  const counts = { asked: 0, open: 0 }
  const files = changedFileSystem(disk, {
    open: (path, mode) => {
      if (!path.startsWith(`${fileName.trees(ROOT)}/`)) return disk.open(path, mode)
      counts.asked += 1
      const code = failure(path)
      if (code !== undefined) throw Object.assign(new Error('it can not be opened'), { code })
      counts.open += 1
      const file = disk.open(path, mode)
      const close = () => {
        counts.open -= 1
        file.close()
      }
      return changedFile(file, { close })
    },
  })
  return { files, counts }
}

test('a follower that could not be opened leaves no file open', async () => {
  const where = machine()
  const storage = openStorage(where)
  await where.scheduler.outcome(storage.commit([1, 2, 3].map((tree) => put('a', 'x', tree))))
  await where.scheduler.outcome(storage.checkpoint())
  const { files, counts } = counted(where, () => (counts.asked === 3 ? 'EMFILE' : undefined))
  expect(() => Follower.open({ files, checksum }, ROOT)).toThrow('it can not be opened')
  expect(counts).toEqual({ asked: 3, open: 0 })
})

test('however often files are gone, or replaced, few stay open', async () => {
  const where = machine()
  const { scheduler } = where
  const storage = openStorage(where)
  let areGone = false
  const isThird = (path: string) => path.startsWith(`${fileName.tree(ROOT, 3)}/`)
  const { files, counts } = counted(where, (path) => (areGone && isThird(path) ? 'ENOENT' : undefined))
  const write = async (value: string) => {
    await scheduler.outcome(storage.commit([1, 2, 3].map((tree) => put('a', value, tree))))
    await scheduler.outcome(storage.checkpoint())
  }
  await write('0')
  const follower = Follower.open({ files, checksum }, ROOT)
  for (let n = 1; n < 30; n++) {
    areGone = n % 10 < 7
    await write(String(n))
    expect(changes(follower), `round ${n}`).toHaveLength(3)
    expect(counts.open).toBeLessThanOrEqual(areGone ? 5 : 3)
  }
  follower.close()
  expect(counts.open).toBe(0)
})

test('a log that is gone while the files of another manifest are taken changes nothing that is shown', async () => {
  const where = machine()
  const { scheduler, disk } = where
  const storage = openStorage(where)
  await scheduler.outcome(storage.commit([put('a', '0')]))
  await scheduler.outcome(storage.checkpoint())
  let listed = Number.NEGATIVE_INFINITY
  const files = changedFileSystem(disk, {
    list: (path) => {
      if (path === fileName.logDirectory(ROOT)) listed += 1
      return disk.list(path)
    },
    open: (path, mode) => {
      // The first look is for what is told; what the files of the manifest lack is gone then.
      const isGone = listed > 1 && path.startsWith(`${fileName.logDirectory(ROOT)}/`)
      if (isGone) throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
      return disk.open(path, mode)
    },
  })
  const follower = Follower.open({ files, checksum }, ROOT)
  await scheduler.outcome(storage.commit([put('a', '1')]))
  await scheduler.outcome(storage.checkpoint())
  await scheduler.outcome(storage.commit([put('a', '2')]))
  listed = 0
  expect(changes(follower)).toEqual(['1 a: 0 > 1', '1 a: 1 > 2'])
  listed = Number.NEGATIVE_INFINITY
  await scheduler.outcome(storage.commit([put('a', '3')]))
  expect(changes(follower)).toEqual(['1 a: 2 > 3'])
  expect(changes(follower)).toEqual([])
  follower.close()
})

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

test('a follower that could not be opened leaves no file open', async () => {
  const where = machine()
  const { scheduler, disk } = where
  const storage = openStorage(where)
  await scheduler.outcome(storage.commit([1, 2, 3].map((tree) => put('a', 'x', tree))))
  await scheduler.outcome(storage.checkpoint())
  let [count, open] = [0, 0]
  const files = changedFileSystem(disk, {
    open: (path, mode) => {
      if (!path.startsWith(`${fileName.trees(ROOT)}/`)) return disk.open(path, mode)
      count += 1
      if (count === 3) throw Object.assign(new Error('too many open files'), { code: 'EMFILE' })
      open += 1
      const file = disk.open(path, mode)
      const close = () => {
        open -= 1
        file.close()
      }
      return changedFile(file, { close })
    },
  })
  expect(() => Follower.open({ files, checksum }, ROOT)).toThrow('too many open files')
  expect(count).toBe(3)
  expect(open).toBe(0)
})

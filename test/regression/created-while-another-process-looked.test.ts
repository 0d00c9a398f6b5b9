/** Two processes opened a new folder at once; the slower one was told that the file FORMAT had to be restored. */
import { expect, test } from 'vitest'
import { openFormat, prepareFolder } from '../../src/storage/folder.js'
import { changedFileSystem } from '../support/delegating-file-system.js'
import { checksum, machine, openStorage, ROOT } from '../support/storage-fixture.js'

test('a database that another process creates while we look is no damaged one', () => {
  const where = machine()
  let isCreated = false
  const files = changedFileSystem(where.disk, {
    kind: (path) => {
      const kind = where.disk.kind(path)
      // The other process is as fast as that.
      if (!isCreated && path === `${ROOT}/FORMAT`) {
        isCreated = true
        openStorage(where)
      }
      return kind
    },
  })
  prepareFolder(files, ROOT)
  expect(isCreated).toBe(true)
})

test('nor is one that it creates while ours is being written', () => {
  const where = machine()
  const { disk, random, scheduler } = where
  let created = ''
  const files = changedFileSystem(disk, {
    createFile: (path, bytes, point, beforeNamed) => {
      if (created === '') created = openStorage(where).databaseId
      disk.createFile(path, bytes, point, beforeNamed)
    },
  })
  prepareFolder(files, ROOT)
  const clocks = { clock: { now: () => 1 }, monotonicClock: { now: () => 0 } }
  const { databaseId } = openFormat({ files, random, scheduler, checksum, ...clocks }, ROOT)
  expect(Buffer.from(databaseId).toString('hex')).toBe(created.replaceAll('-', ''))
})

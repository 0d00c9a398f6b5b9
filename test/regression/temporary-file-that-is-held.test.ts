/**
 * Where somebody held a temporary file, as a scanner does on Windows with every new one, a database could not be opened: the
 * file was to be removed at once, though it counts for nobody.
 */
import { expect, test } from 'vitest'
import { changedFileSystem } from '../support/delegating-file-system.js'
import type { SimulatedDisk } from '../support/simulated-disk.js'
import { contents, machine, openStorage, put, ROOT } from '../support/storage-fixture.js'

test('a database is opened and written to, and what is left behind goes when it can', async () => {
  const where = machine()
  const { disk, scheduler } = where
  let held = 0
  const files = changedFileSystem(disk, {
    remove: (path) => {
      if (/\.tmp(\.\d+)?$/.test(path) && disk.kind(path) !== undefined) {
        held += 1
        throw Object.assign(new Error('EBUSY: resource busy or locked'), { code: 'EBUSY' })
      }
      disk.remove(path)
    },
  })
  const scanned = { ...where, disk: files as SimulatedDisk }
  const temporaries = () =>
    ['', '/wal'].flatMap((name) => disk.list(`${ROOT}${name}`)).filter((name) => /\.tmp/.test(name))

  for (const value of ['1', '2', '3']) {
    const storage = openStorage(scanned)
    await scheduler.outcome(storage.commit([put('key', value)]))
    expect(contents(storage)).toEqual({ key: value })
    await scheduler.outcome(storage.close())
  }
  expect(held).toBeGreaterThan(0)
  expect(temporaries().length).toBeGreaterThan(0)
  const storage = openStorage(where)
  expect(contents(storage)).toEqual({ key: '3' })
  expect(temporaries()).toEqual([])
  await scheduler.outcome(storage.close())
})

import { expect, test } from 'vitest'
import type { FileSystem } from '../../../../src/storage/disk/file-system.js'
import { MemoryFileSystem } from '../../../../src/storage/disk/memory-file-system.js'
import { OpenFiles } from '../../../../src/storage/sorted-file/open-files.js'
import { changedFile, changedFileSystem } from '../../../support/delegating-file-system.js'

/** A file system in which so many files may be open. */
function limited(count: number): { files: FileSystem; paths: string[]; open: () => number } {
  const memory = new MemoryFileSystem()
  memory.makeDirectory('/d')
  const paths = Array.from({ length: 20 }, (_, i) => `/d/${i}`)
  for (const path of paths) memory.open(path, 'create').close()
  let open = 0
  const files = changedFileSystem(memory, {
    open: (path, mode) => {
      if (open === count) throw Object.assign(new Error('too many open files'), { code: 'EMFILE' })
      open += 1
      const file = memory.open(path, mode)
      return changedFile(file, {
        close: () => {
          open -= 1
          file.close()
        },
      })
    },
  })
  return { files, paths, open: () => open }
}

test('of more than there may be the one that was not read for the longest is closed', () => {
  const { files, paths, open } = limited(20)
  const opened = new OpenFiles(files, 3)
  for (const path of paths) opened.get(path)
  expect(open()).toBe(3)
  opened.closeAll()
  expect(open()).toBe(0)
})

test('when the process may have no more, half of them are given back', () => {
  const { files, paths, open } = limited(8)
  const opened = new OpenFiles(files, 512)
  for (const path of paths.slice(0, 8)) opened.get(path)
  opened.get(paths[0]!)
  opened.get(paths[8]!)
  expect(open()).toBe(5)
  // The ones that were read last are there still.
  opened.get(paths[0]!)
  expect(open()).toBe(5)
  for (const path of paths) opened.get(path)
  expect(open()).toBeLessThanOrEqual(8)
})

test('where there is nothing to give back, or a name may be gone, it is a failure', () => {
  const none = limited(0)
  expect(() => new OpenFiles(none.files, 512).get(none.paths[0]!)).toThrow('too many open files')
  const { files, paths, open } = limited(4)
  const opened = new OpenFiles(files, Number.POSITIVE_INFINITY)
  for (const path of paths.slice(0, 4)) opened.get(path)
  expect(() => opened.get(paths[4]!)).toThrow('too many open files')
  expect(open()).toBe(4)
})

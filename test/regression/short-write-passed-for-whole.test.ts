/**
 * On a disk that is almost full a write may take a part of the bytes and report no error. write-file-atomic looks at
 * neither, and so renamed a manifest that was cut off over the place of the newest one: the next opening was refused. And
 * the names of its temporary files were not known as ours: what a kill left of one stayed for good.
 */
import fs, { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect, test, vi } from 'vitest'
import { isLeftOver, isOwnName } from '../../src/storage/disk/file-name.js'
import { NodeFileSystem } from '../../src/storage/disk/node-file-system.js'

const folder = mkdtempSync(join(tmpdir(), 'dynafile-short-'))
const path = join(folder, 'MANIFEST-0000000001')
afterEach(() => vi.restoreAllMocks())
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('a write that is taken in parts is written whole, and one that is not taken fails', () => {
  const files = new NodeFileSystem()
  const file = files.open(path, 'create')
  const { writeSync } = fs
  let takes = 3
  vi.spyOn(fs, 'writeSync').mockImplementation(((
    descriptor: number,
    bytes: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ) => (takes === 0 ? 0 : writeSync(descriptor, bytes, offset, Math.min(takes, length), position))) as never)
  file.write(Buffer.from('a frame of the log'), 4)
  takes = 0
  expect(() => file.write(Buffer.from('x'), 0)).toThrow(expect.objectContaining({ code: 'EIO' }))
  file.close()
  expect(readFileSync(path, 'latin1')).toBe('\0\0\0\0a frame of the log')
  rmSync(path)
})

test('a file that was written in part is none', () => {
  const files = new NodeFileSystem()
  files.createFile(path, Buffer.from('the old bytes'), 'manifest-snapshot')
  const next = join(folder, 'MANIFEST-0000000002')
  const names: string[] = []
  const writeSync = fs.writeSync
  vi.spyOn(fs, 'writeSync').mockImplementation(((descriptor: number, bytes: Uint8Array) => {
    names.push(...readdirSync(folder))
    return writeSync(descriptor, bytes, 0, 5, 0)
  }) as never)
  expect(() => files.createFile(next, Buffer.from('the new bytes'), 'manifest-snapshot')).toThrow(
    expect.objectContaining({ code: 'ENOSPC' }),
  )
  expect(readFileSync(path, 'utf8')).toBe('the old bytes')
  expect(readdirSync(folder)).toEqual(['MANIFEST-0000000001'])
  // What a kill at this moment would have left is known as ours, and removed by the next opening.
  const temporary = names.filter((name) => name !== 'MANIFEST-0000000001')
  expect(temporary.length).toBe(1)
  expect(temporary.every((name) => isOwnName(name) && isLeftOver(name))).toBe(true)
})

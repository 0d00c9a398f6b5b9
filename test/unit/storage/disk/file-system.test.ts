/** The three disks behave alike, so that what is shown on one holds on the others. */
import fs, { chmodSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { writeAtomicFile } from '../../../../src/storage/disk/atomic-file.js'
import { isLeftOver, isOwnName } from '../../../../src/storage/disk/file-name.js'
import { type FileSystem, readFile } from '../../../../src/storage/disk/file-system.js'
import { MemoryFileSystem } from '../../../../src/storage/disk/memory-file-system.js'
import { NodeFileSystem } from '../../../../src/storage/disk/node-file-system.js'
import { machine } from '../../../support/storage-fixture.js'

const folder = mkdtempSync(join(tmpdir(), 'dynafile-disk-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const DISKS: [string, () => { files: FileSystem; root: string }][] = [
  ["Node's", () => ({ files: new NodeFileSystem(), root: mkdtempSync(join(folder, 'x')) })],
  ["memory's", () => ({ files: withRoot(new MemoryFileSystem()), root: '/root' })],
  ['the simulated one', () => ({ files: withRoot(machine().disk), root: '/root' })],
]

describe.each(DISKS)('%s', (_name, make) => {
  test('files keep what is written to them, at any place', () => {
    const { files, root } = make()
    const file = files.open(`${root}/a`, 'create')
    file.write(Buffer.from('hello'), 0)
    file.write(Buffer.from('J'), 0)
    file.write(Buffer.from('!'), 7)
    file.sync('sorted-file')
    expect(file.size()).toBe(8)
    const target = Buffer.alloc(20)
    expect(file.read(target, 0)).toBe(8)
    expect(target.subarray(0, 8).toString('latin1')).toBe('Jello\0\0!')
    expect(file.read(target, 100)).toBe(0)
    file.close()
    expect(Buffer.from(readFile(files, `${root}/a`)).toString('latin1')).toBe('Jello\0\0!')
  })

  test('a file is cut off, and goes on from there', () => {
    const { files, root } = make()
    const file = files.open(`${root}/a`, 'create')
    file.write(Buffer.from('hello'), 0)
    file.truncate(2)
    expect(file.size()).toBe(2)
    file.write(Buffer.from('!'), 3)
    file.sync('sorted-file')
    file.close()
    expect(Buffer.from(readFile(files, `${root}/a`)).toString('latin1')).toBe('he\0!')
  })

  test('a file has a second name, and no name is taken from another file', () => {
    const { files, root } = make()
    const file = files.open(`${root}/a`, 'create')
    file.write(Buffer.from('hello'), 0)
    file.close()
    files.link(`${root}/a`, `${root}/b`)
    files.open(`${root}/c`, 'create').close()
    expect(() => files.link(`${root}/a`, `${root}/c`)).toThrow(expect.objectContaining({ code: 'EEXIST' }))
    expect(() => files.link(`${root}/missing`, `${root}/d`)).toThrow(expect.objectContaining({ code: 'ENOENT' }))
    files.remove(`${root}/a`)
    expect(files.list(root)).toEqual(['b', 'c'])
    expect(Buffer.from(readFile(files, `${root}/b`)).toString('latin1')).toBe('hello')
  })

  test('names are created once, listed in order, renamed and removed', () => {
    const { files, root } = make()
    files.open(`${root}/b`, 'create').close()
    expect(() => files.open(`${root}/b`, 'create')).toThrow(expect.objectContaining({ code: 'EEXIST' }))
    expect(() => files.open(`${root}/missing`, 'read')).toThrow(expect.objectContaining({ code: 'ENOENT' }))
    files.makeDirectory(`${root}/sub`)
    files.makeDirectory(`${root}/sub`)
    files.open(`${root}/a`, 'create').close()
    files.rename(`${root}/b`, `${root}/c`)
    expect(files.list(root)).toEqual(['a', 'c', 'sub'])
    expect([files.kind(`${root}/c`), files.kind(`${root}/sub`), files.kind(`${root}/b`)]).toEqual([
      'file',
      'directory',
      undefined,
    ])
    files.remove(`${root}/a`)
    files.remove(`${root}/a`)
    files.open(`${root}/sub/x`, 'create').close()
    files.removeDirectory(`${root}/sub`)
    expect(files.kind(`${root}/sub`)).toBe('directory')
    files.remove(`${root}/sub/x`)
    files.removeDirectory(`${root}/sub`)
    expect(files.list(root)).toEqual(['c'])
    expect(files.list(`${root}/nowhere`)).toEqual([])
    expect(() => files.makeDirectory(`${root}/c`)).toThrow(expect.objectContaining({ code: 'EEXIST' }))
  })

  test('an atomic file is there whole, and takes nobody’s place', () => {
    const { files, root } = make()
    const points = { file: 'manifest-snapshot', directory: 'manifest-directory' } as const
    writeAtomicFile(files, `${root}/m`, Buffer.from('one'), points)
    const again = () => writeAtomicFile(files, `${root}/m`, Buffer.from('two'), points)
    expect(again).toThrow(expect.objectContaining({ code: 'EEXIST' }))
    expect(Buffer.from(readFile(files, `${root}/m`)).toString()).toBe('one')
    const refuse = () => {
      throw new Error('not now')
    }
    expect(() => writeAtomicFile(files, `${root}/n`, Buffer.from('two'), points, refuse)).toThrow('not now')
    expect(files.list(root)).toEqual(['m'])
  })

  test('of two who create a file at the same moment one does, and neither has a part of the other’s', () => {
    const { files, root } = make()
    const other = () => files.createFile(`${root}/m`, Buffer.from('the other one'), 'manifest-snapshot')
    const one = () => files.createFile(`${root}/m`, Buffer.from('one'), 'manifest-snapshot', other)
    expect(one).toThrow(expect.objectContaining({ code: 'EEXIST' }))
    expect(Buffer.from(readFile(files, `${root}/m`)).toString()).toBe('the other one')
    expect(files.list(root)).toEqual(['m'])
  })

  test('an open file can be read after its name is gone', () => {
    const { files, root } = make()
    const file = files.open(`${root}/a`, 'create')
    file.write(Buffer.from('still here'), 0)
    files.remove(`${root}/a`)
    const target = Buffer.alloc(10)
    expect(file.read(target, 0)).toBe(10)
    file.close()
  })
})

describe("Node's disk", () => {
  test('does not follow a symbolic link, whatever is behind it', () => {
    const files = new NodeFileSystem()
    writeFileSync(join(folder, 'elsewhere'), 'secret')
    symlinkSync(join(folder, 'elsewhere'), join(folder, 'link'))
    expect(() => files.open(join(folder, 'link'), 'write')).toThrow(expect.objectContaining({ code: 'ELOOP' }))
    expect(() => files.open(join(folder, 'link'), 'create')).toThrow(expect.objectContaining({ code: 'EEXIST' }))
    expect(files.kind(join(folder, 'link'))).toBe('other')
  })

  test('creates a file, whether the temporary one can be removed or not', () => {
    const files = new NodeFileSystem()
    const busy = vi.spyOn(fs, 'rmSync').mockImplementation(() => {
      throw Object.assign(new Error('EBUSY: resource busy or locked'), { code: 'EBUSY' })
    })
    files.createFile(join(folder, 'MANIFEST-0000000007'), Buffer.from('x'), 'manifest-snapshot')
    busy.mockRestore()
    const names = files.list(folder).filter((name) => name.startsWith('MANIFEST'))
    expect(names.length).toBe(2)
    expect(names.map((name) => [isOwnName(name), isLeftOver(name)])).toEqual([
      [true, false],
      [true, true],
    ])
  })

  test('keeps files and folders to their owner', () => {
    const files = new NodeFileSystem()
    files.makeDirectory(join(folder, 'private'))
    files.open(join(folder, 'private/a'), 'create').close()
    files.createFile(join(folder, 'private/b'), Buffer.from('x'), 'format-file')
    expect(statSync(join(folder, 'private')).mode & 0o777).toBe(0o700)
    expect(statSync(join(folder, 'private/a')).mode & 0o777).toBe(0o600)
    expect(statSync(join(folder, 'private/b')).mode & 0o777).toBe(0o600)
    chmodSync(join(folder, 'private'), 0o700)
  })
})

function withRoot(files: FileSystem): FileSystem {
  files.makeDirectory('/root')
  return files
}

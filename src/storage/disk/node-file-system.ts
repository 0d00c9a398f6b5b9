/**
 * The disk, through `node:fs`. Files are private to their owner (0600, directories 0700) and symbolic links are never
 * followed, so nobody can make us write elsewhere.
 */
import fs, { constants } from 'node:fs'
import { rm } from 'node:fs/promises'
import writeFileAtomic from 'write-file-atomic'
import { systemRandom } from '../../base/random.js'
import { fileName } from './file-name.js'
import type { FileSystem, OpenFile, SyncPoint } from './file-system.js'
import { ignoringFailure } from './removals.js'

const FILE_MODE = 0o600
const DIRECTORY_MODE = 0o700
// Windows has neither the flag nor, without a privilege, the links.
const NO_FOLLOW = constants.O_NOFOLLOW ?? 0

const OPEN_FLAGS = {
  read: constants.O_RDONLY | NO_FOLLOW,
  write: constants.O_RDWR | NO_FOLLOW,
  create: constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | NO_FOLLOW,
}

/** Not there or not empty; or, on Windows, looked into by somebody: it stays, and does no harm. */
const NOT_REMOVED = ['ENOENT', 'ENOTEMPTY', 'EEXIST', 'EPERM', 'EBUSY', 'EACCES']

export class NodeFileSystem implements FileSystem {
  open(path: string, mode: 'read' | 'write' | 'create'): OpenFile {
    return new NodeFile(path, fs.openSync(path, OPEN_FLAGS[mode], FILE_MODE))
  }

  createFile(path: string, bytes: Uint8Array, _point: SyncPoint, beforeNamed?: () => void): void {
    const temporary = fileName.temporaryOfOurs(path, systemRandom)
    try {
      // It writes a temporary file of its own, syncs it and renames it; the directory is left to the caller.
      writeFileAtomic.sync(temporary, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), {
        mode: FILE_MODE,
      })
      // It does not look how much was written: a disk that is almost full takes a part, and reports no error.
      if (fs.statSync(temporary).size !== bytes.length) {
        throw Object.assign(new Error(`ENOSPC: only a part of ${path} could be written`), { code: 'ENOSPC' })
      }
      beforeNamed?.()
      fs.linkSync(temporary, path)
    } finally {
      // What has its name is there: that the other one stays is nobody's failure, and the next opening removes it.
      ignoringFailure(() => fs.rmSync(temporary, { force: true }))
    }
  }

  makeDirectory(path: string): void {
    try {
      fs.mkdirSync(path, { mode: DIRECTORY_MODE })
    } catch (failure) {
      if (codeOf(failure) !== 'EEXIST' || this.kind(path) !== 'directory') throw failure
    }
  }

  list(path: string): string[] {
    try {
      return fs.readdirSync(path).sort()
    } catch (failure) {
      if (codeOf(failure) === 'ENOENT') return []
      throw failure
    }
  }

  kind(path: string): 'file' | 'directory' | 'other' | undefined {
    const found = fs.lstatSync(path, { throwIfNoEntry: false })
    if (found === undefined) return undefined
    if (found.isFile()) return 'file'
    return found.isDirectory() ? 'directory' : 'other'
  }

  rename(from: string, to: string): void {
    fs.renameSync(from, to)
  }

  link(path: string, name: string): void {
    fs.linkSync(path, name)
  }

  remove(path: string): void {
    fs.rmSync(path, { force: true })
  }

  removeLater(path: string): Promise<void> {
    return rm(path, { force: true })
  }

  removeDirectory(path: string): void {
    try {
      fs.rmdirSync(path)
    } catch (failure) {
      if (!NOT_REMOVED.includes(codeOf(failure) ?? '')) throw failure
    }
  }

  syncDirectory(path: string, _point: SyncPoint): void {
    // Windows can't open a directory; its file system writes a journal of renames instead.
    if (process.platform === 'win32') return
    const directory = fs.openSync(path === '' ? '/' : path, 'r')
    try {
      fs.fsyncSync(directory)
    } finally {
      fs.closeSync(directory)
    }
  }

  async syncDirectoryLater(path: string, _point: SyncPoint): Promise<void> {
    if (process.platform === 'win32') return
    const directory = fs.openSync(path === '' ? '/' : path, 'r')
    try {
      await new Promise<void>((resolve, reject) => {
        fs.fsync(directory, (failure) => (failure ? reject(failure) : resolve()))
      })
    } finally {
      fs.closeSync(directory)
    }
  }
}

class NodeFile implements OpenFile {
  readonly path: string
  readonly #descriptor: number

  constructor(path: string, descriptor: number) {
    this.path = path
    this.#descriptor = descriptor
  }

  size(): number {
    return fs.fstatSync(this.#descriptor).size
  }

  read(target: Uint8Array, position: number, byteLength: number = target.length): number {
    let done = 0
    while (done < byteLength) {
      const count = fs.readSync(this.#descriptor, target, done, byteLength - done, position + done)
      if (count === 0) break
      done += count
    }
    return done
  }

  write(bytes: Uint8Array, position: number): void {
    let done = 0
    while (done < bytes.length) {
      const count = fs.writeSync(this.#descriptor, bytes, done, bytes.length - done, position + done)
      // A disk that takes nothing and reports no error would keep us here for ever.
      if (count === 0) throw Object.assign(new Error(`nothing was written to ${this.path}`), { code: 'EIO' })
      done += count
    }
  }

  truncate(byteLength: number): void {
    fs.ftruncateSync(this.#descriptor, byteLength)
  }

  sync(_point: SyncPoint): void {
    fs.fdatasyncSync(this.#descriptor)
  }

  syncLater(_point: SyncPoint): Promise<void> {
    return new Promise((resolve, reject) => {
      fs.fdatasync(this.#descriptor, (failure) => (failure ? reject(failure) : resolve()))
    })
  }

  close(): void {
    fs.closeSync(this.#descriptor)
  }
}

function codeOf(failure: unknown): string | undefined {
  return (failure as NodeJS.ErrnoException).code
}

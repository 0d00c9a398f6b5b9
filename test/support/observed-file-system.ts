/** A file system that counts what is asked of it, and fails when it is told to. */
import type { FileSystem, OpenFile, SyncPoint } from '../../src/storage/disk/file-system.js'

export interface Counts {
  reads: number
  readBytes: number
  writes: number
  writtenBytes: number
  syncs: number
}

export class ObservedFileSystem implements FileSystem {
  readonly #inner: FileSystem
  /** From now on every write and every sync fails with this code of the system. */
  failure: string | undefined
  counts: Counts = noCounts()

  constructor(inner: FileSystem) {
    this.#inner = inner
  }

  /** What was done since the last time this was asked. */
  take(): Counts {
    const counts = this.counts
    this.counts = noCounts()
    return counts
  }

  check(): void {
    if (this.failure === undefined) return
    throw Object.assign(new Error(`${this.failure}: the disk fails as it was told to`), { code: this.failure })
  }

  open(path: string, mode: 'read' | 'write' | 'create'): OpenFile {
    return new ObservedFile(this, this.#inner.open(path, mode))
  }

  createFile(path: string, bytes: Uint8Array, point: SyncPoint, beforeNamed?: () => void): void {
    this.check()
    this.counts.writes += 1
    this.counts.writtenBytes += bytes.length
    this.#inner.createFile(path, bytes, point, beforeNamed)
  }

  makeDirectory(path: string): void {
    this.#inner.makeDirectory(path)
  }

  list(path: string): string[] {
    return this.#inner.list(path)
  }

  kind(path: string): 'file' | 'directory' | 'other' | undefined {
    return this.#inner.kind(path)
  }

  rename(from: string, to: string): void {
    this.#inner.rename(from, to)
  }

  link(path: string, name: string): void {
    this.#inner.link(path, name)
  }

  remove(path: string): void {
    this.#inner.remove(path)
  }

  removeLater(path: string): Promise<void> {
    return this.#inner.removeLater(path)
  }

  removeDirectory(path: string): void {
    this.#inner.removeDirectory(path)
  }

  syncDirectory(path: string, point: SyncPoint): void {
    this.check()
    this.counts.syncs += 1
    this.#inner.syncDirectory(path, point)
  }

  async syncDirectoryLater(path: string, point: SyncPoint): Promise<void> {
    this.check()
    this.counts.syncs += 1
    await this.#inner.syncDirectoryLater(path, point)
  }
}

class ObservedFile implements OpenFile {
  readonly #files: ObservedFileSystem
  readonly #inner: OpenFile

  constructor(files: ObservedFileSystem, inner: OpenFile) {
    this.#files = files
    this.#inner = inner
  }

  get path(): string {
    return this.#inner.path
  }

  size(): number {
    return this.#inner.size()
  }

  read(target: Uint8Array, position: number, byteLength?: number): number {
    const found = this.#inner.read(target, position, byteLength)
    this.#files.counts.reads += 1
    this.#files.counts.readBytes += found
    return found
  }

  write(bytes: Uint8Array, position: number): void {
    this.#files.check()
    this.#files.counts.writes += 1
    this.#files.counts.writtenBytes += bytes.length
    this.#inner.write(bytes, position)
  }

  truncate(byteLength: number): void {
    this.#files.check()
    this.#inner.truncate(byteLength)
  }

  sync(point: SyncPoint): void {
    this.#files.check()
    this.#files.counts.syncs += 1
    this.#inner.sync(point)
  }

  async syncLater(point: SyncPoint): Promise<void> {
    this.#files.check()
    this.#files.counts.syncs += 1
    await this.#inner.syncLater(point)
  }

  close(): void {
    this.#inner.close()
  }
}

function noCounts(): Counts {
  return { reads: 0, readBytes: 0, writes: 0, writtenBytes: 0, syncs: 0 }
}

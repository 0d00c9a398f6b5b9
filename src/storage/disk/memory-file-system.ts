/** A disk in memory, for `open('memory:')`: the same engine, nothing kept. Every sync is done at once. */
import type { FileSystem, OpenFile, SyncPoint } from './file-system.js'

class MemoryFileContent {
  bytes: Buffer = Buffer.alloc(0)
  length = 0
}

type Node = MemoryFileContent | 'directory'

export class MemoryFileSystem implements FileSystem {
  readonly #nodes = new Map<string, Node>([['', 'directory']])

  open(path: string, mode: 'read' | 'write' | 'create'): OpenFile {
    let content = this.#nodes.get(path)
    if (mode === 'create') {
      if (content !== undefined) throw failure('EEXIST', path)
      if (this.#nodes.get(parentOf(path)) !== 'directory') throw failure('ENOENT', path)
      content = new MemoryFileContent()
      this.#nodes.set(path, content)
    }
    if (content === undefined) throw failure('ENOENT', path)
    if (content === 'directory') throw failure('EISDIR', path)
    return new MemoryFile(path, content)
  }

  createFile(path: string, bytes: Uint8Array, _point: SyncPoint, beforeNamed?: () => void): void {
    beforeNamed?.()
    this.open(path, 'create').write(bytes, 0)
  }

  makeDirectory(path: string): void {
    if (this.#nodes.get(path) === 'directory') return
    if (this.#nodes.has(path)) throw failure('EEXIST', path)
    this.#nodes.set(path, 'directory')
  }

  list(path: string): string[] {
    const prefix = path === '' ? '' : `${path}/`
    const names = [...this.#nodes.keys()].filter((name) => name.startsWith(prefix) && name.length > prefix.length)
    return names
      .map((name) => name.slice(prefix.length))
      .filter((name) => !name.includes('/'))
      .sort()
  }

  kind(path: string): 'file' | 'directory' | 'other' | undefined {
    const node = this.#nodes.get(path)
    if (node === undefined) return undefined
    return node === 'directory' ? 'directory' : 'file'
  }

  rename(from: string, to: string): void {
    const node = this.#nodes.get(from)
    if (node === undefined) throw failure('ENOENT', from)
    this.#nodes.delete(from)
    this.#nodes.set(to, node)
  }

  link(path: string, name: string): void {
    const node = this.#nodes.get(path)
    if (node === undefined) throw failure('ENOENT', path)
    if (this.#nodes.has(name)) throw failure('EEXIST', name)
    this.#nodes.set(name, node)
  }

  remove(path: string): void {
    this.#nodes.delete(path)
  }

  async removeLater(path: string): Promise<void> {
    this.remove(path)
  }

  removeDirectory(path: string): void {
    if (this.list(path).length === 0) this.#nodes.delete(path)
  }

  syncDirectory(): void {}

  async syncDirectoryLater(): Promise<void> {}
}

class MemoryFile implements OpenFile {
  readonly path: string
  readonly #content: MemoryFileContent

  constructor(path: string, content: MemoryFileContent) {
    this.path = path
    this.#content = content
  }

  size(): number {
    return this.#content.length
  }

  read(target: Uint8Array, position: number, byteLength: number = target.length): number {
    const { bytes, length } = this.#content
    const count = Math.max(0, Math.min(byteLength, length - position))
    target.set(bytes.subarray(position, position + count))
    return count
  }

  write(bytes: Uint8Array, position: number): void {
    const content = this.#content
    const end = position + bytes.length
    if (end > content.bytes.length) {
      const larger = Buffer.alloc(Math.max(end, content.bytes.length * 2))
      content.bytes.copy(larger, 0, 0, content.length)
      content.bytes = larger
    }
    content.bytes.set(bytes, position)
    content.length = Math.max(content.length, end)
  }

  truncate(byteLength: number): void {
    this.#content.bytes = Buffer.from(this.#content.bytes.subarray(0, byteLength))
    this.#content.length = byteLength
  }

  sync(): void {}

  syncLater(): Promise<void> {
    return Promise.resolve()
  }

  close(): void {}
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}

function failure(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code })
}

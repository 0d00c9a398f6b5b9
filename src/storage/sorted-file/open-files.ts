/**
 * Files that are open for reading, at most so many at a time: of more, the one that was not read for the longest is
 * closed, and opened again when it is needed.
 */
import { LRUCache } from 'lru-cache'
import type { FileSystem, OpenFile } from '../disk/file-system.js'

export class OpenFiles {
  readonly #files: FileSystem
  readonly #open: LRUCache<string, OpenFile>

  constructor(files: FileSystem, limit: number) {
    this.#files = files
    // Counted as sizes: a limit on the number would take memory for that many at once.
    this.#open = new LRUCache({ maxSize: limit, sizeCalculation: () => 1, dispose: (file) => file.close() })
  }

  get count(): number {
    return this.#open.size
  }

  get(path: string): OpenFile {
    const open = this.#open.get(path)
    if (open !== undefined) return open
    const file = this.#files.open(path, 'read')
    this.#open.set(path, file)
    return file
  }

  close(path: string): void {
    this.#open.delete(path)
  }

  closeAll(): void {
    this.#open.clear()
  }
}

/**
 * Files that are open for reading, at most so many at a time: of more, the one that was not read for the longest is
 * closed, and opened again when it is needed. When the process may have no more descriptors, half of them are given back:
 * others need some, too.
 */
import { LRUCache } from 'lru-cache'
import type { FileSystem, OpenFile } from '../disk/file-system.js'

export class OpenFiles {
  readonly #files: FileSystem
  readonly #limit: number
  readonly #open: LRUCache<string, OpenFile>

  /** @param limit If it is infinite, no file is closed before somebody says so: its name may be gone. */
  constructor(files: FileSystem, limit: number) {
    this.#files = files
    this.#limit = limit
    // Counted as sizes: a limit on the number would take memory for that many at once.
    const maxSize = Math.min(limit, Number.MAX_SAFE_INTEGER)
    this.#open = new LRUCache({ maxSize, sizeCalculation: () => 1, dispose: (file) => file.close() })
  }

  get count(): number {
    return this.#open.size
  }

  get(path: string): OpenFile {
    const open = this.#open.get(path)
    if (open !== undefined) return open
    const file = this.#openNow(path)
    this.#open.set(path, file)
    return file
  }

  #openNow(path: string): OpenFile {
    try {
      return this.#files.open(path, 'read')
    } catch (failure) {
      if (!isForWantOfDescriptors(failure) || this.#open.size === 0 || this.#limit === Number.POSITIVE_INFINITY) {
        throw failure
      }
    }
    for (let left = Math.ceil(this.#open.size / 2); left > 0; left--) this.#open.pop()
    return this.#files.open(path, 'read')
  }

  close(path: string): void {
    this.#open.delete(path)
  }

  closeAll(): void {
    this.#open.clear()
  }
}

/** Whether the process, or the system, may open no more files. */
function isForWantOfDescriptors(failure: unknown): boolean {
  const { code } = failure as NodeJS.ErrnoException
  return code === 'EMFILE' || code === 'ENFILE'
}

/**
 * Files that nobody needs any more. To remove a large one takes the system as long as to write it a second time, so it
 * is done while others run. What fails is not tried again: no manifest names these files, and the next opening removes
 * what it finds of them.
 */
import type { FileSystem } from './file-system.js'

export class Removals {
  readonly #files: FileSystem
  readonly #underWay = new Set<Promise<void>>()

  constructor(files: FileSystem) {
    this.#files = files
  }

  /** @param then Called when the file is gone. */
  remove(path: string, then: () => void = nothing): void {
    const removal = this.#files
      .removeLater(path)
      .then(then)
      .catch(nothing)
      .finally(() => this.#underWay.delete(removal))
    this.#underWay.add(removal)
  }

  /** Resolves when nothing is being removed. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay)
  }
}

/** Does what harms nobody if it can't be done. */
export function ignoringFailure(run: () => void): void {
  try {
    run()
  } catch {
    // Whoever calls says why that harms nobody.
  }
}

function nothing(): void {}

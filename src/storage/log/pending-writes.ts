/**
 * What is queued and not yet published, newest first by key: commits that follow are checked against it.
 *
 * A writer who waits for each commit has one or two writes here, and looking through them is cheaper than any index. One
 * is made when there are more, and kept until all of them are published.
 */
import type { Write } from '../tree/write.js'

const UNINDEXED_LIMIT = 16
/** Writes that are published are cut off when there are this many, and more of them than of others. */
const CUT_LIMIT = 1024

export class PendingWrites {
  /** In the order of commits; those before `#from` are published. */
  #writes: Write[] = []
  #from = 0
  /** By tree and key, the newest write. */
  #index: Map<number, Map<string, Write>> | undefined

  add(writes: readonly Write[]): void {
    for (const write of writes) {
      this.#writes.push(write)
      if (this.#index !== undefined) indexed(this.#index, write)
    }
    if (this.#index === undefined && this.#writes.length - this.#from > UNINDEXED_LIMIT) this.#makeIndex()
  }

  find(tree: number, key: string): Write | undefined {
    if (this.#index !== undefined) return this.#index.get(tree)?.get(key)
    for (let i = this.#writes.length - 1; i >= this.#from; i--) {
      const write = this.#writes[i]!
      if (write.key === key && write.tree === tree) return write
    }
    return undefined
  }

  /** Takes out the oldest ones. */
  remove(count: number): void {
    const until = this.#from + count
    if (until === this.#writes.length) {
      this.clear()
      return
    }
    if (this.#index !== undefined) {
      for (let i = this.#from; i < until; i++) {
        const write = this.#writes[i]!
        const keys = this.#index.get(write.tree)
        if (keys?.get(write.key) === write) keys.delete(write.key)
      }
    }
    this.#from = until
    if (until > CUT_LIMIT && until > this.#writes.length / 2) {
      this.#writes.splice(0, until)
      this.#from = 0
    }
  }

  clear(): void {
    this.#writes.length = 0
    this.#from = 0
    this.#index = undefined
  }

  #makeIndex(): void {
    this.#index = new Map()
    for (let i = this.#from; i < this.#writes.length; i++) indexed(this.#index, this.#writes[i]!)
  }
}

function indexed(index: Map<number, Map<string, Write>>, write: Write): void {
  const keys = index.get(write.tree)
  if (keys === undefined) index.set(write.tree, new Map([[write.key, write]]))
  else keys.set(write.key, write)
}

/**
 * What is queued and not yet published: commits that follow are checked against it.
 *
 * A writer who waits for each commit has one or two writes here, and looking through them is cheaper than any index. One
 * is made when there are more and somebody asks, and kept until all of them are published: a bulk load does not ask.
 */
import type { KeyBounds } from '../tree/cursor.js'
import type { Write } from '../tree/write.js'

const UNINDEXED_LIMIT = 16
/** Writes that are published are cut off when there are this many, and more of them than of others. */
const CUT_LIMIT = 1024

export class PendingWrites {
  /** In the order of commits; those before `#from` are published. */
  #writes: Write[] = []
  #from = 0
  /** By tree and key, the newest of the writes before `#indexedUntil`. */
  #index: Map<number, Map<string, Write>> | undefined
  #indexedUntil = 0

  add(writes: readonly Write[]): void {
    for (const write of writes) this.#writes.push(write)
  }

  /** The newest write to a key. */
  find(tree: number, key: string): Write | undefined {
    if (this.#writes.length - this.#from > UNINDEXED_LIMIT) return this.#upToDateIndex().get(tree)?.get(key)
    for (let i = this.#writes.length - 1; i >= this.#from; i--) {
      const write = this.#writes[i]!
      if (write.key === key && write.tree === tree) return write
    }
    return undefined
  }

  /** Whether there is a write to a key in the range. */
  hasIn(tree: number, { lower, upper }: KeyBounds): boolean {
    for (let i = this.#from; i < this.#writes.length; i++) {
      const write = this.#writes[i]!
      if (write.tree === tree && write.key >= lower && (upper === undefined || write.key < upper)) return true
    }
    return false
  }

  /** Takes out the oldest ones. */
  remove(count: number): void {
    const until = this.#from + count
    if (until === this.#writes.length) {
      this.clear()
      return
    }
    if (this.#index !== undefined) {
      for (let i = this.#from; i < Math.min(until, this.#indexedUntil); i++) {
        const write = this.#writes[i]!
        const keys = this.#index.get(write.tree)
        if (keys?.get(write.key) === write) keys.delete(write.key)
      }
    }
    this.#from = until
    this.#indexedUntil = Math.max(until, this.#indexedUntil)
    if (until > CUT_LIMIT && until > this.#writes.length / 2) this.#cut()
  }

  clear(): void {
    if (this.#writes.length > UNINDEXED_LIMIT) this.#writes = []
    // Setting the length would let the memory go.
    while (this.#writes.length > 0) this.#writes.pop()
    this.#from = 0
    this.#index = undefined
    this.#indexedUntil = 0
  }

  #cut(): void {
    this.#writes.splice(0, this.#from)
    this.#indexedUntil -= this.#from
    this.#from = 0
  }

  #upToDateIndex(): Map<number, Map<string, Write>> {
    this.#index ??= new Map()
    for (let i = Math.max(this.#from, this.#indexedUntil); i < this.#writes.length; i++) {
      const write = this.#writes[i]!
      const keys = this.#index.get(write.tree)
      if (keys === undefined) this.#index.set(write.tree, new Map([[write.key, write]]))
      else keys.set(write.key, write)
    }
    this.#indexedUntil = this.#writes.length
    return this.#index
  }
}

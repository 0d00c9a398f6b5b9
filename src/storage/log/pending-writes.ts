/**
 * What is queued and not yet published: commits that follow are checked against it.
 *
 * A writer who waits for each commit has one or two writes here, and looking through them is cheaper than any index. One
 * is made when there are more and somebody asks, and kept until all of them are published: a bulk load does not ask.
 */
import { type HashedKey, hashKey } from '../../base/key-hash.js'
import type { KeyBounds } from '../tree/cursor.js'
import type { Write } from '../tree/write.js'
import { EncodedCommits } from './encoded-commits.js'

const UNINDEXED_LIMIT = 16
/** Of so many that are encoded the hashes are looked through, before an object is made of each. */
const SEARCHED_LIMIT = 256
/** Writes that are published are cut off when there are this many, and more of them than of others. */
const CUT_LIMIT = 1024

export class PendingWrites {
  /**
   * In the order of commits; those before `#from` are published. In the place of each that was encoded with others stand
   * all of them, until somebody asks.
   */
  #writes: (Write | EncodedCommits)[] = []
  #hasEncoded = false
  #from = 0
  /** By tree and key, the newest of the writes before `#indexedUntil`. */
  #index: Map<number, Map<string, Write>> | undefined
  #indexedUntil = 0

  add(writes: readonly Write[]): void {
    for (const write of writes) this.#writes.push(write)
  }

  /** @param count So many of them, the last ones, were not here yet. */
  addEncoded(commits: EncodedCommits, count: number): void {
    for (let i = 0; i < count; i++) this.#writes.push(commits)
    this.#hasEncoded = true
  }

  /** The newest write to a key. */
  find(tree: number, key: HashedKey): Write | undefined {
    const count = this.#writes.length - this.#from
    if (count === 0 || (this.#hasEncoded && count <= SEARCHED_LIMIT && !this.#mayHave(tree, key))) return undefined
    const { text } = key
    const found = this.#findText(tree, text)
    // To make objects of others may have filled it anew.
    hashKey(text)
    return found
  }

  /** Whether one may be to the key, by the hashes of those that are encoded. */
  #mayHave(tree: number, key: HashedKey): boolean {
    const writes = this.#writes
    for (let i = this.#from; i < writes.length; ) {
      const write = writes[i]!
      if (write instanceof EncodedCommits) {
        if (write.tree === tree && write.mayHave(key)) return true
        i += write.count
      } else {
        if (write.tree === tree && write.key === key.text) return true
        i += 1
      }
    }
    return false
  }

  #findText(tree: number, key: string): Write | undefined {
    if (this.#writes.length - this.#from > UNINDEXED_LIMIT) return this.#upToDateIndex().get(tree)?.get(key)
    const writes = this.#unpacked()
    for (let i = writes.length - 1; i >= this.#from; i--) {
      const write = writes[i]!
      if (write.key === key && write.tree === tree) return write
    }
    return undefined
  }

  /** The keys in the range that there are writes to. */
  keysIn(tree: number, { lower, upper }: KeyBounds): ReadonlySet<string> {
    const keys = new Set<string>()
    const writes = this.#unpacked()
    for (let i = this.#from; i < writes.length; i++) {
      const write = writes[i]!
      if (write.tree === tree && write.key >= lower && (upper === undefined || write.key < upper)) keys.add(write.key)
    }
    return keys
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
        // Nothing is in the index that is no object.
        const write = this.#writes[i] as Write
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
    this.#hasEncoded = false
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
    const writes = this.#unpacked()
    for (let i = Math.max(this.#from, this.#indexedUntil); i < writes.length; i++) {
      const write = writes[i]!
      const keys = this.#index.get(write.tree)
      if (keys === undefined) this.#index.set(write.tree, new Map([[write.key, write]]))
      else keys.set(write.key, write)
    }
    this.#indexedUntil = writes.length
    return this.#index
  }

  /** All that is not published is there as an object of its own then. */
  #unpacked(): readonly Write[] {
    if (this.#hasEncoded) {
      for (let i = this.#from; i < this.#writes.length; i++) {
        const commits = this.#writes[i]!
        // They are published together, and so none of them is before this one.
        if (commits instanceof EncodedCommits) this.#unpack(commits, i)
      }
      this.#hasEncoded = false
    }
    return this.#writes as Write[]
  }

  #unpack(commits: EncodedCommits, from: number): void {
    for (let i = 0; i < commits.count; i++) this.#writes[from + i] = commits.writeAt(i)
  }
}

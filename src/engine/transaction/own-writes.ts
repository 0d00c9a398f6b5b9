/** What a transaction writes, for its own reads. */
import { hashKey } from '../../base/key-hash.js'
import type { OwnEntries } from '../../storage/recorded-trees.js'
import type { Finding, FoundValue } from '../../storage/tree/cursor.js'
import { Memtable } from '../../storage/tree/memtable.js'
import type { SortedTree } from '../../storage/tree/sorted-tree.js'
import type { Write } from '../../storage/tree/write.js'

/** Kept as they are until somebody reads: most transactions read before they write. */
export class OwnWrites implements OwnEntries {
  #unread: Write[] = []
  #memtable: Memtable | undefined

  set(tree: number, key: string, value: Uint8Array | undefined): void {
    this.#unread.push({ tree, key, value })
  }

  find(tree: number, key: string, target: FoundValue): Finding {
    return this.#readable()?.find(tree, hashKey(key), target) ?? 'absent'
  }

  snapshot(tree: number): SortedTree | undefined {
    const memtable = this.#readable()
    return memtable?.trees.has(tree) === true ? memtable.snapshot().trees.get(tree) : undefined
  }

  /** Undefined while there are none. */
  #readable(): Memtable | undefined {
    if (this.#unread.length === 0) return this.#memtable
    this.#memtable ??= new Memtable()
    for (const { tree, key, value } of this.#unread) this.#memtable.set(tree, key, value, 0)
    this.#unread = []
    return this.#memtable
  }
}

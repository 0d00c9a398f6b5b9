/** What a transaction writes, for its own reads. */
import { Memtable } from '../../storage/tree/memtable.js'
import type { Write } from '../../storage/tree/write.js'

/** Kept as they are until somebody reads; then they are what lies above all that is read. */
export class OwnWrites {
  #writes: Write[] = []
  #memtable: Memtable | undefined

  set(tree: number, key: string, value: Uint8Array | undefined): void {
    if (this.#memtable === undefined) this.#writes.push({ tree, key, value })
    else this.#memtable.set(tree, key, value, 0)
  }

  memtable(): Memtable {
    this.#memtable ??= new Memtable()
    for (const { tree, key, value } of this.#writes) this.#memtable.set(tree, key, value, 0)
    this.#writes = []
    return this.#memtable
  }
}

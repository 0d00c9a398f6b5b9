/** What another process commits, as changes of items: the same that its own listeners are told. */

import type { Item } from '../../model/item/item.js'
import { ItemCodec } from '../../model/item/item-codec.js'
import { keyOf } from '../../model/key/key-schema.js'
import type { Follower } from '../../storage/follower.js'
import type { LoggedTransaction } from '../../storage/log/log-tail.js'
import type { Change } from '../../types.js'
import { CATALOG_TREE, Catalog, tableNameOf } from '../catalog/catalog.js'
import type { TableState } from '../catalog/table-state.js'
import { keyItem } from '../commit/item-write.js'
import { typeOfOrigin } from '../commit/origin.js'
import { isExpiredItem } from '../commit/stored-item.js'

export class ChangeFeed {
  readonly #follower: Follower
  readonly #wanted: string | undefined
  readonly #catalog: Catalog
  readonly #codec: ItemCodec
  #tables: ReadonlyMap<number, TableState>
  #isOver = false

  /** The changes from now on, of one table or of all. */
  constructor(follower: Follower, table?: string) {
    this.#follower = follower
    this.#wanted = table
    this.#catalog = Catalog.load(follower)
    this.#codec = new ItemCodec(this.#catalog.shapes)
    this.#tables = byTree(this.#catalog)
  }

  /** Whether the one table that it follows was dropped: nothing comes any more. */
  get isOver(): boolean {
    return this.#isOver
  }

  /** The names of the tables there are. */
  get tableNames(): string[] {
    return [...this.#tables.values()].map(({ name }) => name)
  }

  /** The changes since the last call. */
  next(): Change<Item>[] {
    const changes: Change<Item>[] = []
    this.#follower.poll((transaction) => {
      // What comes then is of another table of the same name.
      if (this.#isOver) return
      this.#learn(transaction)
      changes.push(...this.#changesOf(transaction))
    })
    return changes
  }

  /** A table is created before its items are written, and a shape has its number before they are encoded. */
  #learn({ writes }: LoggedTransaction): void {
    const entries = writes.filter(({ tree }) => tree === CATALOG_TREE)
    for (const { key, value } of entries) {
      if (value !== undefined) this.#catalog.take(key, value)
      else {
        if (this.#wanted !== undefined && tableNameOf(key) === this.#wanted) this.#isOver = true
        this.#catalog.forget(key)
      }
    }
    if (entries.length > 0) this.#tables = byTree(this.#catalog)
  }

  *#changesOf({ lsn, timestamp, origin, writes }: LoggedTransaction): Generator<Change<Item>> {
    const type = typeOfOrigin(origin)
    if (type === undefined) return
    const codec = this.#codec
    const at = timestamp / 1000
    for (const { tree, key, value } of writes) {
      const table = this.#tables.get(tree)
      if (table === undefined || (this.#wanted !== undefined && table.name !== this.#wanted)) continue
      const oldBytes = this.#follower.get(tree, key)
      const old =
        oldBytes === undefined || isExpiredItem(codec, table, oldBytes, at) ? undefined : codec.decode(oldBytes)
      const next = value === undefined ? undefined : codec.decode(value)
      const item = next ?? old
      if (item === undefined) continue
      const names = keyItem(table, keyOf(table.key, item))
      yield { type, table: table.name, seq: String(lsn), key: names, old, new: next, at: Math.floor(at) }
    }
  }
}

function byTree(catalog: Catalog): Map<number, TableState> {
  return new Map(catalog.tables().map((table) => [table.tree, table]))
}

/**
 * The keys of unique indexes that the items of a transaction give up. What counts is the state after all of it: an item may
 * take the key of another one that gets a new key, or goes, in the same transaction, whichever of the two is written first.
 * So two items can exchange their keys, and a chain of items can move up by one.
 */

import { type IndexState, indexedAttributes } from '../catalog/table-state.js'
import type { ItemWrite } from '../commit/item-write.js'
import { entriesIfValid, type Releases } from '../commit/plan-index.js'
import { storedAttributes } from '../commit/stored-item.js'
import type { EngineContext } from '../context.js'

export class ReleasedEntries implements Releases {
  /** By tree and key of the entry: the key of the item that has it before the transaction, and not afterwards. */
  readonly #holders = new Map<string, string>()

  constructor(context: EngineContext, writes: Iterable<ItemWrite>) {
    for (const write of writes) this.#add(context, write)
  }

  has(index: IndexState, entryKey: string, primaryKey: string): boolean {
    return this.#holders.get(nameOf(index, entryKey)) === primaryKey
  }

  #add(context: EngineContext, { table, primaryKey, oldBytes, next }: ItemWrite): void {
    if (oldBytes === undefined) return
    const unique = table.indexes.filter(({ definition, status }) => definition.isUnique && status !== 'FAILED')
    if (unique.length === 0) return
    const names = indexedAttributes(table)
    const oldItem = storedAttributes(context.codec, oldBytes, names)
    const newItem = next && storedAttributes(context.codec, next.bytes, names)
    for (const index of unique) {
      // One that is not valid is refused when it is planned, and with it everything.
      const kept = newItem === undefined ? [] : entriesIfValid(context, index, newItem, primaryKey)
      const keptKeys = new Set(kept.map(({ key }) => key))
      for (const { key } of entriesIfValid(context, index, oldItem, primaryKey)) {
        if (!keptKeys.has(key)) this.#holders.set(nameOf(index, key), primaryKey)
      }
    }
  }
}

function nameOf({ tree }: IndexState, entryKey: string): string {
  return `${tree}/${entryKey}`
}

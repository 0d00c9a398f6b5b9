/** What another process commits, as changes of items: the same that its own listeners are told. */

import type { Item } from '../../model/item/item.js'
import { decodeItem } from '../../model/item/item-codec.js'
import { keyOf } from '../../model/key/key-schema.js'
import type { FollowedTransaction, Follower } from '../../storage/follower.js'
import type { Change, ChangeType } from '../../types.js'
import { CATALOG_TREE, Catalog } from '../catalog/catalog.js'
import type { TableState } from '../catalog/table-state.js'
import { isExpiredItem } from '../commit/stored-item.js'
import { keyItem, ORIGINS } from '../commit/write-item.js'

const TYPES = new Map(Object.entries(ORIGINS).map(([type, origin]) => [origin, type as ChangeType]))

/** The changes since the last call, of one table or of all. */
export function changesSince(follower: Follower, table?: string): Change<Item>[] {
  let tables = tablesByTree(follower)
  let isCatalogNew = false
  const changes: Change<Item>[] = []
  follower.poll((transaction) => {
    // A table is created before its items are written, and shown once its own commit is.
    if (isCatalogNew) tables = tablesByTree(follower)
    isCatalogNew = transaction.writes.some(({ tree }) => tree === CATALOG_TREE)
    changes.push(...changesOf(transaction, tables, follower, table))
  })
  return changes
}

function* changesOf(
  { lsn, timestamp, origin, writes }: FollowedTransaction,
  tables: ReadonlyMap<number, TableState>,
  follower: Follower,
  wanted: string | undefined,
): Generator<Change<Item>> {
  const type = TYPES.get(origin)
  if (type === undefined) return
  const at = timestamp / 1000
  for (const { tree, key, value } of writes) {
    const table = tables.get(tree)
    if (table === undefined || (wanted !== undefined && table.name !== wanted)) continue
    const oldBytes = follower.get(tree, key)
    const old = oldBytes === undefined || isExpiredItem(table, oldBytes, at) ? undefined : decodeItem(oldBytes)
    const next = value === undefined ? undefined : decodeItem(value)
    const item = next ?? old
    if (item === undefined) continue
    const names = keyItem(table, keyOf(table.key, item))
    yield { type, table: table.name, seq: String(lsn), key: names, old, new: next, at: Math.floor(at) }
  }
}

function tablesByTree(follower: Follower): Map<number, TableState> {
  return new Map(
    Catalog.load(follower)
      .tables()
      .map((table) => [table.tree, table]),
  )
}

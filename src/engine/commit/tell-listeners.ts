/**
 * What listeners of a table are told of the changes of its items, once they are committed: what was there before, and what
 * there is now. Who has no listeners pays for nothing of this.
 */
import { copyItem } from '../../model/item/copy.js'
import type { Item } from '../../model/item/item.js'
import type { Committed } from '../../storage/log/commit.js'
import type { ChangeType } from '../../types.js'
import type { TableState } from '../catalog/table-state.js'
import type { EngineContext } from '../context.js'
import { type ItemWrite, keyItem } from './item-write.js'
import { typeOfOrigin } from './origin.js'
import { isExpiredItem, keyAttributes } from './stored-item.js'

/** A change as listeners are told of it. */
interface ItemChange {
  readonly type: ChangeType
  readonly table: TableState
  readonly key: Item
  readonly oldBytes: Uint8Array | undefined
  readonly newBytes: Uint8Array | undefined
}

/** What tells the table's listeners of a change once it is committed; undefined when it has none. */
export function notifierOf(context: EngineContext, write: ItemWrite): ((commit: Committed) => void) | undefined {
  const { type, table, key, primaryKey, next } = write
  if (!context.listeners.has(table.tree)) return undefined
  // The caller may change the bytes in its key before the commit is there.
  const ownKey = copyItem(keyItem(table, key))
  // They may have come when it was known already that nobody asks what was there.
  const oldBytes = write.oldBytes ?? context.storage.head(table.tree, primaryKey)
  const change = { type, table, key: ownKey, oldBytes, newBytes: next?.bytes }
  return (commit) => notify(context, change, commit)
}

/**
 * Has the first listener of a table told of what was queued before it came: where it reads, it does not see that yet, and
 * who queued it did not know of anybody to tell.
 */
export function tellOfUnpublished(context: EngineContext, table: TableState): void {
  const { storage } = context
  const before = new Map<string, Uint8Array | undefined>()
  for (const commit of storage.unpublished()) {
    const type = typeOfOrigin(commit.origin)
    if (type === undefined) continue
    const isTold = commit.onDurable !== undefined
    const changes: ItemChange[] = []
    for (const { tree, key: primaryKey, value } of commit.writes) {
      if (tree !== table.tree) continue
      const isKnown = isTold || before.has(primaryKey)
      const oldBytes = isKnown ? before.get(primaryKey) : storage.get(tree, primaryKey)
      before.set(primaryKey, value)
      const bytes = value ?? oldBytes
      if (isTold || bytes === undefined) continue
      changes.push({ type, table, key: keyAttributes(context.codec, table, bytes), oldBytes, newBytes: value })
    }
    if (changes.length === 0) continue
    commit.onDurable = (committed) => {
      for (const change of changes) notify(context, change, committed)
    }
  }
}

function notify({ listeners, codec }: EngineContext, change: ItemChange, { lsn, timestamp }: Committed): void {
  const { type, table, key, oldBytes, newBytes } = change
  const now = timestamp / 1000
  const hasOld = oldBytes !== undefined && !isExpiredItem(codec, table, oldBytes, now)
  // Removing what had expired before changes nothing that anybody could see.
  if (!hasOld && newBytes === undefined) return
  listeners.notify(table, lsn, () => ({
    type,
    table: table.name,
    seq: String(lsn),
    key: copyItem(key),
    old: hasOld ? codec.decode(oldBytes) : undefined,
    new: newBytes && codec.decode(newBytes),
    at: Math.floor(now),
  }))
}

/**
 * The one place where a change of an item becomes a commit: the item, its index entries and, the first time, what was
 * learned about key types and the names of its shape, all in one frame of the log. Index entries are derived from the
 * item that is stored, never from what a caller believes to be there.
 */
import { ValidationException } from '../../errors.js'
import { indexDelta } from '../../model/index/index-delta.js'
import { copyItem } from '../../model/item/copy.js'
import type { Item } from '../../model/item/item.js'
import { type KeyValues, keyOf, typesLearned } from '../../model/key/key-schema.js'
import type { Committed } from '../../storage/log/commit-queue.js'
import type { Write } from '../../storage/tree/write.js'
import type { ChangeType } from '../../types.js'
import { type IndexState, keyNames, type TableState } from '../catalog/table-state.js'
import type { EngineContext } from '../context.js'
import { isExpiredItem } from './stored-item.js'

/** The kinds of changes as the log keeps them. */
export const ORIGINS: Readonly<Record<ChangeType, number>> = { put: 1, update: 2, delete: 3, expire: 4 }

/** Whatever is no change of an item. */
export const NO_CHANGE = 0

/** An item on its way in, checked and encoded. */
export interface NewItem {
  readonly item: Item
  readonly bytes: Uint8Array
}

export interface ItemWrite {
  readonly type: ChangeType
  readonly table: TableState
  readonly key: KeyValues
  readonly primaryKey: string
  /** What is stored now; only looked at when `needsOldItem` says so. */
  readonly oldBytes: Uint8Array | undefined
  /** Undefined to remove the item. */
  readonly next: NewItem | undefined
}

/** Whether a write has to look at the item that is there, if only for the sake of indexes and listeners. */
export function needsOldItem({ listeners }: EngineContext, table: TableState): boolean {
  return table.indexes.length > 0 || listeners.has(table.name)
}

export function encodeNewItem({ codec }: EngineContext, item: Item): NewItem {
  return { item, bytes: codec.encode(item) }
}

/**
 * Commits a change and resolves once it is acknowledged. Everything is checked before anything is queued.
 *
 * @throws {ValidationException} When an attribute that is an index's key can't be one.
 */
export function writeItem(context: EngineContext, write: ItemWrite): Promise<number> {
  const { storage, catalog, listeners } = context
  const { type, table, key } = write
  const writes = planWrite(context, write)
  if (catalog.shapes.unkept.length > 0) writes.push(...newShapes(context))
  if (!listeners.has(table.name)) return storage.commit(writes, ORIGINS[type])
  // The caller may change the bytes in its key before the commit is there.
  const ownKey = copyItem(keyItem(table, key))
  return storage.commit(writes, ORIGINS[type], (commit) => notify(context, write, ownKey, commit))
}

/**
 * What a change of an item writes: the item, its index entries and what it teaches about key types. It has to be
 * committed in the same turn.
 */
export function planWrite(context: EngineContext, write: ItemWrite): Write[] {
  const { catalog } = context
  const { table, key, primaryKey, oldBytes, next } = write
  const writes: Write[] = [{ tree: table.tree, key: primaryKey, value: next?.bytes }]
  const schema = next === undefined ? table.key : typesLearned(table.key, key)
  if (schema === table.key && table.indexes.length === 0) return writes

  const learned: (() => void)[] = []
  if (schema !== table.key) learned.push(() => (table.key = schema))
  const oldItem = oldBytes === undefined ? undefined : context.codec.decode(oldBytes)
  for (const index of table.indexes) {
    const oldEntry = oldItem && entryIfValid(context, index, oldItem, primaryKey)
    const indexKey = next && indexKeyOf(index, next.item)
    const newEntry = indexKey && context.keys.indexEntry(indexKey, primaryKey)
    const { removed, added } = indexDelta(oldEntry?.key, newEntry?.key)
    if (removed !== undefined) writes.push({ tree: index.tree, key: removed, value: undefined })
    if (added !== undefined) writes.push(entryWrite(index, newEntry!))
    if (indexKey !== undefined) {
      const indexSchema = typesLearned(index.key, indexKey)
      if (indexSchema !== index.key) learned.push(() => (index.key = indexSchema))
    }
  }
  if (learned.length > 0) {
    for (const learn of learned) learn()
    writes.push(catalog.record(table))
  }
  return writes
}

/**
 * What has to be committed with the next items, or before them: the names of shapes that they may have by number. It goes
 * along until it is queued; if that commit fails, all that are behind it do.
 */
export function newShapes({ catalog, storage }: EngineContext): Write[] {
  return catalog.newShapes().filter(({ tree, key }) => storage.queued(tree, key) === undefined)
}

/** The key an item has in an index; undefined when it lacks one of its attributes and so is not in it. */
export function indexKeyOf(index: IndexState, item: Item): KeyValues | undefined {
  for (const name of keyNames(index.key)) if (!Object.hasOwn(item, name)) return undefined
  return keyOf(index.key, item)
}

/** An entry of an index: its key, and the hash of the item's partition key, which with the rest of it finds the item. */
export interface IndexEntry {
  readonly key: string
  readonly value: string
}

/** The entry of a stored item. One that was stored before there was the index may have no valid key for it. */
export function entryIfValid(
  { keys }: Pick<EngineContext, 'keys'>,
  index: IndexState,
  item: Item,
  primaryKey: string,
): IndexEntry | undefined {
  try {
    const indexKey = indexKeyOf(index, item)
    return indexKey && keys.indexEntry(indexKey, primaryKey)
  } catch (failure) {
    if (failure instanceof ValidationException) return undefined
    throw failure
  }
}

export function entryWrite(index: IndexState, entry: IndexEntry): Write {
  return { tree: index.tree, key: entry.key, value: Buffer.from(entry.value, 'latin1') }
}

function notify({ listeners, codec }: EngineContext, write: ItemWrite, key: Item, { lsn, timestamp }: Committed): void {
  const { type, table, oldBytes, next } = write
  const now = timestamp / 1000
  const hasOld = oldBytes !== undefined && !isExpiredItem(codec, table, oldBytes, now)
  // Removing what had expired before changes nothing that anybody could see.
  if (!hasOld && next === undefined) return
  listeners.notify(table.name, () => ({
    type,
    table: table.name,
    seq: String(lsn),
    key: copyItem(key),
    old: hasOld ? codec.decode(oldBytes) : undefined,
    new: next && codec.decode(next.bytes),
    at: Math.floor(now),
  }))
}

export function keyItem({ key: { partition, sort } }: TableState, values: KeyValues): Item {
  const item: Item = { [partition.name]: values.partition }
  if (sort !== undefined) item[sort.name] = values.sort
  return item
}

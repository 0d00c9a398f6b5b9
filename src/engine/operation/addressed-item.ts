/** The item that a write names by its key, as the next commit will find it, and what the write asks of it. */
import type { KeyRequest, WriteRequest } from '../../backend.js'
import { hashKey } from '../../base/key-hash.js'
import type { Predicate } from '../../model/expression/predicate.js'
import type { Item } from '../../model/item/item.js'
import type { PlacedKey } from '../../model/key/key-bytes.js'
import type { KeyValues } from '../../model/key/key-schema.js'
import type { TableState } from '../catalog/table-state.js'
import { ownKey } from '../commit/item-write.js'
import { liveItem } from '../commit/stored-item.js'
import { needsOldItem } from '../commit/write-item.js'
import type { EngineContext } from '../context.js'
import { compileCondition, watchForWrites } from './condition-check.js'

export interface AddressedItem {
  readonly table: TableState
  readonly key: KeyValues
  readonly primaryKey: string
  readonly condition: Predicate | undefined
  /** Whether there is one, and be its time over. */
  readonly isStored: boolean
  /** The item, unless its time is over. A condition may change what it is given. */
  readonly old: Item | undefined
  /** As it is stored, where somebody may have to look at it once more: else undefined. */
  readonly oldBytes: Uint8Array | undefined
  /** Throws when code of the caller's has written to the item since it was read. */
  readonly checkUnwritten: () => void
}

/** Where an item is, as a write names it. */
export interface Address {
  readonly table: TableState
  readonly key: PlacedKey
}

/** The key is read once, which may run code of the caller's; whose bytes may be others later. */
export function addressOf({ storage, catalog, keys }: EngineContext, request: KeyRequest): Address {
  storage.checkWritable()
  const table = catalog.get(request.table)
  const key = keys.placeOfKey(table.key, request.key)
  if (typeof key.partition !== 'object' && typeof key.sort !== 'object') return { table, key }
  const own = ownKey(key)
  return { table, key: { ...own, primaryKey: keys.primaryKey(own) } }
}

/** @param keepsBytes Whether the item will be decoded once more: then its bytes are copied, which costs half as much. */
export function addressItem(
  context: EngineContext,
  { table, key }: Address,
  request: Pick<WriteRequest, 'condition'>,
  keepsBytes: boolean,
): AddressedItem {
  const { storage, codec, clock } = context
  const { primaryKey } = key
  const condition = compileCondition(request.condition, context)
  const checkUnwritten = watchForWrites(context, table, primaryKey)
  if (keepsBytes || condition !== undefined || needsOldItem(context, table)) {
    const oldBytes = storage.head(table.tree, primaryKey)
    const old = liveItem(codec, table, oldBytes, clock.now())
    return { table, key, primaryKey, condition, isStored: oldBytes !== undefined, old, oldBytes, checkUnwritten }
  }
  const stored = storage.peekHead(table.tree, hashKey(primaryKey))
  const old = stored && liveItem(codec, table, stored.bytes, clock.now(), stored.start, stored.end)
  const isStored = stored !== undefined
  return { table, key, primaryKey, condition, isStored, old, oldBytes: undefined, checkUnwritten }
}

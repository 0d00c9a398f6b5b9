/** A change of an item on its way to being a commit: checked and encoded. */
import { ValidationException } from '../../errors.js'
import { updateTooBig } from '../../model/expression/dynamodb/wording.js'
import { copyValue } from '../../model/item/copy.js'
import type { Item } from '../../model/item/item.js'
import { type KeyValues, keyOf } from '../../model/key/key-schema.js'
import type { ChangeType } from '../../types.js'
import { keyNames, type TableState } from '../catalog/table-state.js'
import type { EngineContext } from '../context.js'
import { encodedAttributes } from './stored-item.js'

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

/** @throws {ValidationException} ITEM_TOO_BIG, and whatever can't be stored. */
export function encodeNewItem({ codec }: EngineContext, item: Item): NewItem {
  return { item, bytes: codec.encode(item) }
}

/** The same of an item that was updated. */
export function encodeUpdatedItem(context: EngineContext, item: Item): NewItem {
  return encodingUpdate(() => encodeNewItem(context, item))
}

/** The same of one that a validator has made: whatever it has put in, the key stays what it was. */
export function encodeValidatedItem(
  context: EngineContext,
  { table, key, primaryKey }: Pick<ItemWrite, 'table' | 'key' | 'primaryKey'>,
  item: Item,
): NewItem {
  const next = encodeUpdatedItem(context, item)
  const found = encodedAttributes(context.codec, next, keyNames(table.key))
  if (context.keys.primaryKey(keyOf(table.key, found)) === primaryKey) return next
  return encodeUpdatedItem(context, { ...item, ...keyItem(table, key) })
}

/** Encodes what comes of an update: what has become too big is told apart from what was put. */
export function encodingUpdate<T>(encode: () => T): T {
  try {
    return encode()
  } catch (failure) {
    const isTooBig = failure instanceof ValidationException && failure.code === 'ITEM_TOO_BIG'
    throw isTooBig ? updateTooBig({ cause: failure }) : failure
  }
}

/** A copy of a key: one of bytes is the caller's to change. */
export function ownKey({ partition, sort }: KeyValues): KeyValues {
  return { partition: copyValue(partition), sort: copyValue(sort) }
}

/** The key of an item, by the names of its attributes. */
export function keyItem({ key: { partition, sort } }: TableState, values: KeyValues): Item {
  const item: Item = { [partition.name]: values.partition }
  if (sort !== undefined) item[sort.name] = values.sort
  return item
}

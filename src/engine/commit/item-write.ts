/** A change of an item on its way to being a commit: checked and encoded. */
import { ValidationException } from '../../errors.js'
import { updateTooBig } from '../../model/expression/dynamodb/wording.js'
import type { Item } from '../../model/item/item.js'
import type { KeyValues } from '../../model/key/key-schema.js'
import type { ChangeType } from '../../types.js'
import type { TableState } from '../catalog/table-state.js'
import type { EngineContext } from '../context.js'

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

/** Encodes what comes of an update: what has become too big is told apart from what was put. */
export function encodingUpdate<T>(encode: () => T): T {
  try {
    return encode()
  } catch (failure) {
    const isTooBig = failure instanceof ValidationException && failure.code === 'ITEM_TOO_BIG'
    throw isTooBig ? updateTooBig({ cause: failure }) : failure
  }
}

/** The key of an item, by the names of its attributes. */
export function keyItem({ key: { partition, sort } }: TableState, values: KeyValues): Item {
  const item: Item = { [partition.name]: values.partition }
  if (sort !== undefined) item[sort.name] = values.sort
  return item
}

/** An item as it is stored: bytes, decoded when somebody looks. */

import type { Item } from '../../model/item/item.js'
import type { ItemCodec } from '../../model/item/item-codec.js'
import { isExpired } from '../../model/ttl/expiry.js'
import type { TableState } from '../catalog/table-state.js'
import type { NewItem } from './item-write.js'

/** Whether a stored item's time is over: it is still on the disk, but nobody sees it any more. */
export function isExpiredItem(
  codec: ItemCodec,
  table: Pick<TableState, 'ttl' | 'createdAt'>,
  bytes: Uint8Array,
  nowMs: number,
  start = 0,
  end: number = bytes.length,
): boolean {
  if (table.ttl === undefined) return false
  return isExpired(codec.attribute(bytes, table.ttl, start, end), nowMs / 1000, table)
}

/** The item in some stored bytes, if there are any and its time is not over. */
export function liveItem(
  codec: ItemCodec,
  table: TableState,
  bytes: Uint8Array | undefined,
  nowMs: number,
  start = 0,
  end: number | undefined = bytes?.length,
): Item | undefined {
  if (bytes === undefined || isExpiredItem(codec, table, bytes, nowMs, start, end)) return undefined
  return codec.decode(bytes, start, end)
}

/** Reading this many attributes one by one costs less than decoding the item. */
const SINGLE_ATTRIBUTE_LIMIT = 3

/** Of a stored item, at least these attributes. */
export function storedAttributes(codec: ItemCodec, bytes: Uint8Array, names: readonly string[]): Item {
  if (names.length > SINGLE_ATTRIBUTE_LIMIT) return codec.decode(bytes)
  const item: Item = {}
  for (const name of names) {
    const value = codec.attribute(bytes, name)
    if (value !== undefined) item[name] = value
  }
  return item
}

/**
 * At least these attributes of an item that was encoded, as they will be stored. Values that are objects are the caller's: they
 * may have changed since, or answer differently the next time they are read.
 */
export function encodedAttributes(codec: ItemCodec, { item, bytes }: NewItem, names: readonly string[]): Item {
  for (const name of names) if (typeof item[name] === 'object') return storedAttributes(codec, bytes, names)
  return item
}

/** The key of a stored item, by the names of its attributes. */
export function keyAttributes(codec: ItemCodec, { key }: TableState, bytes: Uint8Array): Item {
  const { partition, sort } = key
  const item: Item = { [partition.name]: codec.attribute(bytes, partition.name) }
  if (sort !== undefined) item[sort.name] = codec.attribute(bytes, sort.name)
  return item
}

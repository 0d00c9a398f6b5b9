/** An item as it is stored: bytes, decoded when somebody looks. */

import type { Item } from '../../model/item/item.js'
import type { ItemCodec } from '../../model/item/item-codec.js'
import { isExpired } from '../../model/ttl/expiry.js'
import type { TableState } from '../catalog/table-state.js'

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

/** The key of a stored item, by the names of its attributes. */
export function keyAttributes(codec: ItemCodec, { key }: TableState, bytes: Uint8Array): Item {
  const { partition, sort } = key
  const item: Item = { [partition.name]: codec.attribute(bytes, partition.name) }
  if (sort !== undefined) item[sort.name] = codec.attribute(bytes, sort.name)
  return item
}

/**
 * How many items each partition of an index has: the values there are, and how often each. All entries of one value stand
 * together, so counting takes no memory, whatever the number of values; a page ends anywhere, even within one.
 */

import type { CountPage, CountRequest } from '../../backend.js'
import { endOfParts } from '../../model/index/index-entry.js'
import type { Item } from '../../model/item/item.js'
import { decodeKeyPart, HASH_BYTE_LENGTH } from '../../model/key/key-codec.js'
import { findIndex } from '../catalog/catalog.js'
import type { IndexState, TableState } from '../catalog/table-state.js'
import { isExpiredItem } from '../commit/stored-item.js'
import type { EngineContext } from '../context.js'
import { decodingCopies, itemsBehind } from './covered-item.js'
import { PAGE_BYTE_LIMIT, type PageSource, whenBuilt } from './read-page.js'

/** Entries looked at in one turn, and fewer where the item behind each has to be looked at. */
const ENTRY_LIMIT = 10_000
const ITEM_LIMIT = 1000

/** Resolves with the counts of some entries; waits for an index that is being built. */
export async function countKeys(context: EngineContext, request: CountRequest, source: PageSource): Promise<CountPage> {
  const table = context.catalog.get(request.table)
  const index = findIndex(table, request.index)
  await whenBuilt(table, index)
  return countPage(context, request, source, table, index)
}

interface PartitionCount {
  /** What the entries of the partition begin with. */
  readonly id: string
  readonly key: Item
  count: number
}

function countPage(
  { clock, codec }: EngineContext,
  { after, holds }: CountRequest,
  { trees, hold }: PageSource,
  table: TableState,
  index: IndexState,
): CountPage {
  // The lowest byte string above a key is the key and a zero byte.
  const bounds = { lower: after === undefined ? '' : `${after}\0`, upper: undefined }
  const cursor = trees.range(index.tree, bounds, 'ascending', ENTRY_LIMIT)
  const limit = table.ttl === undefined ? ENTRY_LIMIT : ITEM_LIMIT
  const now = clock.now()
  const counts: PartitionCount[] = []
  const itemAt = itemsBehind(trees, table, index, cursor)
  /** Of copies that it comes by. */
  let byteLength = 0
  let next: string | undefined
  for (let looked = 1; ; looked++) {
    if (!cursor.next()) {
      next = cursor.pausedAt
      break
    }
    const key = cursor.key()
    if (!isExpiredEntry()) {
      const current = counts.at(-1)
      if (current !== undefined && key.startsWith(current.id)) current.count += 1
      else counts.push({ ...partitionAt(index, key), count: 1 })
    }
    if (index.definition.isCovering) byteLength += cursor.end - cursor.start
    if (looked < limit && byteLength < PAGE_BYTE_LIMIT) continue
    next = key
    break
  }
  const snapshot = next !== undefined && holds && hold !== undefined ? hold() : undefined
  return { counts, next, snapshot }

  function isExpiredEntry(): boolean {
    if (table.ttl === undefined) return false
    const { bytes, start, end } = itemAt()
    return decodingCopies(table, index, () => isExpiredItem(codec, table, bytes, now, start, end))
  }
}

/** The partition of an index that an entry belongs to: what its entries begin with, and its key. */
export function partitionAt({ key: { partition } }: IndexState, entryKey: string): Omit<PartitionCount, 'count'> {
  const item: Item = {}
  let offset = HASH_BYTE_LENGTH
  for (const { name } of partition) {
    const { value, end } = decodeKeyPart(entryKey, offset)
    item[name] = value
    offset = end
  }
  return { id: entryKey.slice(0, endOfParts(entryKey, HASH_BYTE_LENGTH, partition.length)), key: item }
}

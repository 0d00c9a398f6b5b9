/** One item by its key. */

import type { GetRequest } from '../../backend.js'
import type { HashedKey } from '../../base/key-hash.js'
import { compileProjection } from '../../model/expression/projection.js'
import { copyItem } from '../../model/item/copy.js'
import type { Item } from '../../model/item/item.js'
import { isExpired } from '../../model/ttl/expiry.js'
import type { ReadableTrees } from '../../storage/view.js'
import type { TableState } from '../catalog/table-state.js'
import type { EngineContext } from '../context.js'

/** Reads from `trees`: those of the database as it is now, or of a snapshot. */
export function getItem(
  context: EngineContext,
  request: GetRequest,
  trees: ReadableTrees = context.storage,
): Item | undefined {
  const table = context.catalog.get(request.table)
  const projection = request.select === undefined ? undefined : compileProjection(request.select)
  const key = context.keys.searchKey(table.key, request.key)
  const item = trees === context.storage ? currentItem(context, table, key) : storedItem(context, trees, table, key)
  if (item === undefined) return undefined
  if (table.ttl !== undefined && isExpired(item[table.ttl], context.clock.now() / 1000, table)) return undefined
  return projection === undefined ? item : projection.project(item)
}

/** The item as it is now, from the cache of items if it is there. */
function currentItem({ storage, items, codec }: EngineContext, { tree }: TableState, key: HashedKey): Item | undefined {
  const cached = items.get(tree, key)
  if (cached !== undefined) {
    storage.checkOpen()
    return copyItem(cached)
  }
  const found = storage.peek(tree, key, 'one')
  if (found === undefined) return undefined
  const item = codec.decode(found.bytes, found.start, found.end)
  if (!items.isWanted(key)) return item
  items.set(tree, key, item, found.end - found.start)
  return copyItem(item)
}

function storedItem(
  { codec }: EngineContext,
  trees: ReadableTrees,
  { tree }: TableState,
  key: HashedKey,
): Item | undefined {
  const found = trees.peek(tree, key, 'one')
  return found && codec.decode(found.bytes, found.start, found.end)
}

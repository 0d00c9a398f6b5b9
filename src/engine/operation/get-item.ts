/** One item by its key. */
import type { GetRequest } from '../../backend.js'
import { compileProjection } from '../../model/expression/projection.js'
import type { Item } from '../../model/item/item.js'
import { primaryKeyBytes } from '../../model/key/key-bytes.js'
import { checkKey } from '../../model/key/key-schema.js'
import { liveItem } from '../commit/stored-item.js'
import type { EngineContext } from '../context.js'

export function getItem({ storage, catalog, clock, hash }: EngineContext, request: GetRequest): Item | undefined {
  const table = catalog.get(request.table)
  const key = checkKey(table.key, request.key)
  const item = liveItem(table, storage.get(table.tree, primaryKeyBytes(hash, key)), clock.now())
  return item && compileProjection(request.select).project(item)
}

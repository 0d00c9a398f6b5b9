/** Removes an item. One that is not there is no error. */
import type { DeleteRequest } from '../../backend.js'
import type { Item } from '../../model/item/item.js'
import { isLone, isStillLone, writeLent } from '../commit/lone-write.js'
import { writeItem } from '../commit/write-item.js'
import type { EngineContext } from '../context.js'
import { addressItem, addressOf } from './addressed-item.js'
import { conditionFailed, conditionHolds } from './condition-check.js'

/** Resolves with the item that was there, unless nobody asks for it. */
export function deleteItem(context: EngineContext, request: DeleteRequest): Promise<Item | undefined> {
  const { storage, codec } = context
  const { images } = request
  const isAsked = request.condition !== undefined || images !== undefined || request.returns !== 'none'
  const deleted = isAsked ? undefined : deleteUnseen(context, request)
  if (deleted !== undefined) return deleted
  const address = addressOf(context, request)
  const { table, key, primaryKey, condition, isStored, old, oldBytes, checkUnwritten } = addressItem(
    context,
    address,
    request,
    images !== undefined,
  )
  if (!conditionHolds(condition, old)) return conditionFailed(context, request.returnOld === true ? old : undefined)
  checkUnwritten()
  if (!isStored) return (storage.settled() ?? Promise.resolve()).then(nothing)
  const committed = writeItem(context, { type: 'delete', table, key, primaryKey, oldBytes, next: undefined })
  return committed.then(() => {
    if (request.returns === 'none' && images === undefined) return undefined
    // A predicate may have changed what it was given.
    const before = condition === undefined ? old : old && codec.decode(oldBytes!)
    if (images !== undefined) images.before = before
    return request.returns === 'none' ? undefined : before
  })
}

/** Removes what may be there or not, where that it is removed is all that has to be known; undefined where it is not. */
function deleteUnseen(context: EngineContext, request: DeleteRequest): Promise<undefined> | undefined {
  const { storage, catalog, clock, keys } = context
  storage.checkWritable()
  const table = catalog.get(request.table)
  if (!isLone(context, table)) return undefined
  const now = clock.now()
  const key = keys.searchKey(table.key, request.key)
  return isStillLone(context, table) ? writeLent(context, 'delete', table, key, undefined, now) : undefined
}

function nothing(): undefined {
  return undefined
}

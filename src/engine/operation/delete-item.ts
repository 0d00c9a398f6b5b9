/** Removes an item. One that is not there is no error. */
import type { DeleteRequest } from '../../backend.js'
import type { Item } from '../../model/item/item.js'
import { isExpiredItem, liveItem } from '../commit/stored-item.js'
import { writeItem } from '../commit/write-item.js'
import type { EngineContext } from '../context.js'
import { addressItem } from './addressed-item.js'
import { conditionFailed, conditionHolds } from './condition-check.js'

/** Resolves with the item that was there. */
export function deleteItem(context: EngineContext, request: DeleteRequest): Promise<Item | undefined> {
  const { storage, clock, codec } = context
  const { table, key, primaryKey, condition, oldBytes, checkUnwritten } = addressItem(context, request)
  if (condition !== undefined) {
    const old = liveItem(codec, table, oldBytes, clock.now())
    if (!conditionHolds(condition, old)) return conditionFailed(context, request.returnOld === true ? old : undefined)
  }
  checkUnwritten()
  if (oldBytes === undefined) return (storage.settled() ?? Promise.resolve()).then(nothing)
  const isVisible = !isExpiredItem(codec, table, oldBytes, clock.now())
  const committed = writeItem(context, { type: 'delete', table, key, primaryKey, oldBytes, next: undefined })
  return committed.then(() => {
    const before = isVisible ? codec.decode(oldBytes) : undefined
    if (request.images !== undefined) request.images.before = before
    return before
  })
}

function nothing(): undefined {
  return undefined
}

/** Stores an item, in the place of the one with the same key. */
import type { PutRequest } from '../../backend.js'
import { bytesOf } from '../../base/bytes.js'
import { hashKey } from '../../base/key-hash.js'
import type { Item } from '../../model/item/item.js'
import { isPlainObject } from '../../model/item/plain-object.js'
import { keyNames } from '../catalog/table-state.js'
import { encodeNewItem, type NewItem } from '../commit/item-write.js'
import { isLone, isStillLone, writeLent } from '../commit/lone-write.js'
import { encodedAttributes, liveItem } from '../commit/stored-item.js'
import { needsOldItem, writeItem } from '../commit/write-item.js'
import type { EngineContext } from '../context.js'
import { compileCondition, conditionFailed, conditionHolds, passesHead, watchForWrites } from './condition-check.js'

export function putItem(context: EngineContext, request: PutRequest): Promise<Item | undefined> {
  const { storage, catalog, clock, keys, codec } = context
  storage.checkWritable()
  const table = catalog.get(request.table)
  const validated = request.validate === undefined ? request.item : request.validate(request.item)
  // Read once: an attribute that is computed may answer differently the next time. Encoding refuses what is no object.
  const item = isPlainObject(validated) ? { ...validated } : validated
  const condition = compileCondition(request.condition, context)
  const { images } = request
  const isAsked = request.returnOld === true || images !== undefined
  let next: NewItem
  if (!isAsked && condition?.isForeign !== true && isLone(context, table)) {
    const now = clock.now()
    const value = codec.encodeForNow(item)
    const plainKey = keys.plainKeyOfItem(table.key, item)
    // Getters in the item may have added a listener or an index.
    if (plainKey !== undefined && isStillLone(context, table)) {
      const isRight = condition === undefined || passesHead(context, table, condition, plainKey, now)
      return isRight ? writeLent(context, 'put', table, plainKey, value, now) : conditionFailed(context, undefined)
    }
    next = { item, bytes: new Uint8Array(bytesOf(value)) }
  } else next = encodeNewItem(context, item)
  const key = keys.placeOfItem(table.key, encodedAttributes(codec, next, keyNames(table.key)))
  const { primaryKey } = key

  if (!isAsked && !needsOldItem(context, table)) {
    // Nobody asks for the old item but the condition, and that mostly for one or two attributes.
    const checkUnwritten = condition?.isForeign === true ? watchForWrites(context, table, primaryKey) : undefined
    const isRight = condition === undefined || passesHead(context, table, condition, hashKey(primaryKey), clock.now())
    if (!isRight) return conditionFailed(context, undefined)
    checkUnwritten?.()
    const write = { type: 'put', table, key, primaryKey, oldBytes: undefined, next } as const
    return writeItem(context, write)
  }
  const checkUnwritten = watchForWrites(context, table, primaryKey)
  const oldBytes = storage.head(table.tree, primaryKey)
  const isLooked = condition !== undefined || isAsked
  const old = isLooked ? liveItem(codec, table, oldBytes, clock.now()) : undefined
  if (!conditionHolds(condition, old)) return conditionFailed(context, request.returnOld === true ? old : undefined)
  checkUnwritten()
  const write = { type: 'put', table, key, primaryKey, oldBytes, next } as const
  return writeItem(context, write).then(() => {
    // A predicate may have changed what it was given.
    const before = isAsked && old ? codec.decode(oldBytes!) : undefined
    if (images !== undefined) {
      images.before = before
      images.after = codec.decode(next.bytes)
    }
    return request.returnOld === true ? before : undefined
  })
}

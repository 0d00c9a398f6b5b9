/** Reads an item, changes some of its attributes and stores it, as one step: nothing can come between. */
import type { ReturnedItem, UpdateRequest } from '../../backend.js'
import { bytesOf } from '../../base/bytes.js'
import { ValidationException } from '../../errors.js'
import { compileItemChange } from '../../model/expression/item-change.js'
import { replaceIn, replacementOf } from '../../model/expression/replacement.js'
import type { Item } from '../../model/item/item.js'
import { validatedUpdate } from '../../model/schema/validated-update.js'
import { keyNames } from '../catalog/table-state.js'
import { encodeUpdatedItem, encodeValidatedItem, encodingUpdate, keyItem } from '../commit/item-write.js'
import { isLone, isStillLone, writeLent } from '../commit/lone-write.js'
import { isExpiredItem } from '../commit/stored-item.js'
import { writeItem } from '../commit/write-item.js'
import type { EngineContext } from '../context.js'
import { addressItem, addressOf } from './addressed-item.js'
import { conditionFailed, conditionHolds } from './condition-check.js'

/** Resolves with the item as it is afterwards, or with what else is asked for. One that is not there is made from its key. */
export function updateItem(context: EngineContext, request: UpdateRequest): Promise<Item | undefined> {
  const { codec } = context
  const { images } = request
  const returns = checkReturns(request.returns)
  const replaced = replaceValues(context, request, returns)
  if (replaced !== undefined) return replaced
  const address = addressOf(context, request)
  const showsOld = request.returnOld ?? returns === 'old'
  const { validate } = request
  const isOldAsked = returns === 'old' || returns === 'updatedOld' || images !== undefined
  const addressed = addressItem(context, address, request, isOldAsked || validate !== undefined)
  const { table, key, primaryKey, condition, oldBytes, checkUnwritten } = addressed
  const change = compileItemChange(request.update, keyNames(table.key))
  const asked = addressed.old
  if (!conditionHolds(condition, asked)) return conditionFailed(context, showsOld ? asked : undefined)

  // A predicate may have changed what it was given.
  const old = condition === undefined ? asked : asked && codec.decode(oldBytes!)
  const updated = change.apply(old, keyItem(table, key))
  const readStored = () => old && codec.decode(oldBytes!)
  const next =
    validate === undefined
      ? encodeUpdatedItem(context, updated)
      : encodeValidatedItem(context, { table, key, primaryKey }, validatedUpdate(validate, updated, readStored))
  const answer = returns === 'new' && validate === undefined && isOnlyOurs(updated, old) ? updated : undefined
  checkUnwritten()
  return writeItem(context, { type: 'update', table, key, primaryKey, oldBytes, next }).then(() => {
    if (images !== undefined) {
      images.before = old && codec.decode(oldBytes!)
      images.after = codec.decode(next.bytes)
    }
    if (returns === 'new') return answer ?? codec.decode(next.bytes)
    if (returns === 'none') return undefined
    if (returns === 'updatedNew') return change.updatedNew(codec.decode(next.bytes))
    const before = old && codec.decode(oldBytes!)
    return returns === 'old' ? before : change.updatedOld(before)
  })
}

/**
 * Puts values into the stored item where that is all there is to do, and nobody asks about the rest; undefined when it is not.
 * None of the caller's code runs once the item was looked at.
 */
function replaceValues(
  context: EngineContext,
  request: UpdateRequest,
  returns: ReturnedItem,
): Promise<Item | undefined> | undefined {
  const { storage, catalog, codec, clock, keys } = context
  const isSimple = returns === 'new' || returns === 'none'
  if (!isSimple || request.condition !== undefined || request.validate !== undefined || request.images !== undefined) {
    return undefined
  }
  storage.checkWritable()
  const table = catalog.get(request.table)
  if (!isLone(context, table)) return undefined
  const replacement = replacementOf(request.update, keyNames(table.key))
  if (replacement === undefined) return undefined
  const now = clock.now()
  const key = keys.searchKey(table.key, request.key)
  // Reading the update and the key may have run code that added a listener or an index.
  if (!isStillLone(context, table)) return undefined
  const stored = storage.peekHead(table.tree, key)
  if (stored === undefined || isExpiredItem(codec, table, stored.bytes, now, stored.start, stored.end)) return undefined
  const value = encodingUpdate(() => replaceIn(codec, stored, replacement))
  if (value === undefined) return undefined
  const updated = returns === 'new' ? codec.decode(bytesOf(value)) : undefined
  const written = writeLent(context, 'update', table, key, value, now)
  return updated === undefined ? written : written.then(() => updated)
}

/** Whether nobody else has anything of the item that can be changed, and it comes back from storage just as it is. */
function isOnlyOurs(item: Item, old: Item = NOTHING): boolean {
  for (const name of Object.keys(item)) {
    const value = item[name]
    // What was there before was decoded for us.
    if (typeof value === 'object' ? value !== null && value !== old[name] : Object.is(value, -0)) return false
  }
  return true
}

const NOTHING: Item = Object.freeze({})

function checkReturns(wanted: ReturnedItem = 'new'): ReturnedItem {
  if (RETURNED.includes(wanted)) return wanted
  const message = `Cannot return ${JSON.stringify(wanted)} from an update: it is one of ${RETURNED.join(', ')}`
  throw new ValidationException('OPTION', message)
}

const RETURNED: readonly ReturnedItem[] = ['new', 'old', 'none', 'updatedOld', 'updatedNew']

/** Reads an item, changes some of its attributes and stores it, as one step: nothing can come between. */
import type { ReturnedItem, UpdateRequest } from '../../backend.js'
import { ValidationException } from '../../errors.js'
import { compileItemChange } from '../../model/expression/item-change.js'
import type { Item } from '../../model/item/item.js'
import { keyOf } from '../../model/key/key-schema.js'
import { keyNames } from '../catalog/table-state.js'
import { liveItem } from '../commit/stored-item.js'
import { encodeUpdatedItem, keyItem, writeItem } from '../commit/write-item.js'
import type { EngineContext } from '../context.js'
import { addressItem } from './addressed-item.js'
import { conditionFailed, conditionHolds } from './condition-check.js'

/** Resolves with the item as it is afterwards, or with what else is asked for. One that is not there is made from its key. */
export function updateItem(context: EngineContext, request: UpdateRequest): Promise<Item | undefined> {
  const { clock, keys, codec } = context
  const returns = checkReturns(request.returns)
  const { table, key, primaryKey, condition, oldBytes, checkUnwritten } = addressItem(context, request)
  const change = compileItemChange(request.update, keyNames(table.key))
  const now = clock.now()
  const asked = liveItem(codec, table, oldBytes, now)
  const showsOld = request.returnOld ?? returns === 'old'
  if (!conditionHolds(condition, asked)) return conditionFailed(context, showsOld ? asked : undefined)

  // A predicate may have changed what it was given.
  const old = condition === undefined ? asked : liveItem(codec, table, oldBytes, now)
  const updated = change.apply(old, keyItem(table, key))
  const item = request.validate === undefined ? updated : request.validate(updated)
  // A validator may put other values in: the key must stay what it was.
  const itemKey = keyOf(table.key, item)
  const next = encodeUpdatedItem(
    context,
    keys.primaryKey(itemKey) === primaryKey ? item : { ...item, ...keyItem(table, key) },
  )
  checkUnwritten()
  return writeItem(context, { type: 'update', table, key, primaryKey, oldBytes, next }).then(() => {
    const { images } = request
    if (images !== undefined) {
      images.before = old && codec.decode(oldBytes!)
      images.after = codec.decode(next.bytes)
    }
    if (returns === 'new') return codec.decode(next.bytes)
    if (returns === 'none') return undefined
    if (returns === 'updatedNew') return change.updatedNew(codec.decode(next.bytes))
    const before = old && codec.decode(oldBytes!)
    return returns === 'old' ? before : change.updatedOld(before)
  })
}

function checkReturns(wanted: ReturnedItem = 'new'): ReturnedItem {
  if (RETURNED.includes(wanted)) return wanted
  const message = `Cannot return ${JSON.stringify(wanted)} from an update: it is one of ${RETURNED.join(', ')}`
  throw new ValidationException('OPTION', message)
}

const RETURNED: readonly ReturnedItem[] = ['new', 'old', 'none', 'updatedOld', 'updatedNew']

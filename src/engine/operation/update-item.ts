/** Reads an item, changes some of its attributes and stores it, as one step: nothing can come between. */
import type { UpdateRequest } from '../../backend.js'
import { applyUpdate, type ItemUpdate } from '../../model/expression/update.js'
import type { Item } from '../../model/item/item.js'
import { keyOf } from '../../model/key/key-schema.js'
import { keyNames } from '../catalog/table-state.js'
import { liveItem } from '../commit/stored-item.js'
import { encodeNewItem, keyItem, writeItem } from '../commit/write-item.js'
import type { EngineContext } from '../context.js'
import { addressItem } from './addressed-item.js'
import { conditionFailed, conditionHolds } from './condition-check.js'

/** Resolves with the item as it is afterwards, or as it was. An item that is not there is made from its key. */
export function updateItem(context: EngineContext, request: UpdateRequest): Promise<Item | undefined> {
  const { clock, keys, codec } = context
  const { table, key, primaryKey, condition, oldBytes, checkUnwritten } = addressItem(context, request)
  const now = clock.now()
  const asked = liveItem(codec, table, oldBytes, now)
  if (!conditionHolds(condition, asked)) return conditionFailed(context, request.returnOld === true ? asked : undefined)

  // A predicate may have changed what it was given.
  const old = condition === undefined ? asked : liveItem(codec, table, oldBytes, now)
  const updated = applyUpdate(old, keyItem(table, key), request.update as ItemUpdate, keyNames(table.key))
  const item = request.validate === undefined ? updated : request.validate(updated)
  // A validator may put other values in: the key must stay what it was.
  const itemKey = keyOf(table.key, item)
  const next = encodeNewItem(
    context,
    keys.primaryKey(itemKey) === primaryKey ? item : { ...item, ...keyItem(table, key) },
  )
  checkUnwritten()
  return writeItem(context, { type: 'update', table, key, primaryKey, oldBytes, next }).then(() => {
    if (request.returnOld !== true) return codec.decode(next.bytes)
    return old && codec.decode(oldBytes!)
  })
}

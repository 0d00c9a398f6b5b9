/**
 * A change of an item that is the change of one entry and nothing else, as most are where a table has no indexes and no
 * listeners. It goes from the caller's hands to the log in one turn, so nothing is made for it on the way: its key and its
 * bytes are lent, from where they were encoded, and copied once.
 */
import type { BytesInView } from '../../base/bytes.js'
import type { HashedKey } from '../../base/key-hash.js'
import { areTypesKnown } from '../../model/key/key-schema.js'
import type { ChangeType } from '../../types.js'
import type { TableState } from '../catalog/table-state.js'
import type { EngineContext } from '../context.js'
import { ORIGINS } from './origin.js'
import { needsOldItem } from './write-item.js'

/** Whether changes of a table's items are the same whatever is there: they change one entry each, and teach nothing. */
export function isLone(context: EngineContext, table: TableState): boolean {
  return areTypesKnown(table.key) && !needsOldItem(context, table)
}

/**
 * The same once none of the caller's code runs any more, which may have changed what there is, and once the item is encoded,
 * which may have a shape that has to be committed with it.
 */
export function isStillLone(context: EngineContext, table: TableState): boolean {
  return !table.isDropped && context.catalog.shapes.unkept.length === 0 && isLone(context, table)
}

/**
 * Commits such a change and resolves once it is acknowledged; others may get the same promise. Between what was lent and this
 * nothing of the caller's may run.
 *
 * @param nowMs The clock's time, which was read before: a clock may be the caller's.
 */
export function writeLent(
  { storage }: EngineContext,
  type: ChangeType,
  { tree }: TableState,
  key: HashedKey,
  value: BytesInView | undefined,
  nowMs: number,
): Promise<undefined> {
  return storage.commitLent(tree, key, value, ORIGINS[type], nowMs)
}

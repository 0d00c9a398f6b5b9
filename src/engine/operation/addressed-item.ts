/** The item that a write names by its key, as the next commit will find it, and what the write asks of it. */
import type { KeyRequest, WriteRequest } from '../../backend.js'
import type { Predicate } from '../../model/expression/predicate.js'
import { checkKey, type KeyValues } from '../../model/key/key-schema.js'
import type { TableState } from '../catalog/table-state.js'
import type { EngineContext } from '../context.js'
import { compileCondition, watchForWrites } from './condition-check.js'

export interface AddressedItem {
  readonly table: TableState
  readonly key: KeyValues
  readonly primaryKey: string
  readonly condition: Predicate | undefined
  readonly oldBytes: Uint8Array | undefined
  /** Throws when code of the caller's has written to the item since it was read. */
  readonly checkUnwritten: () => void
}

export function addressItem(
  context: EngineContext,
  request: KeyRequest & Pick<WriteRequest, 'condition'>,
): AddressedItem {
  const { storage, catalog, keys } = context
  storage.checkWritable()
  const table = catalog.get(request.table)
  const key = checkKey(table.key, request.key)
  const primaryKey = keys.primaryKey(key)
  const condition = compileCondition(request.condition, context)
  const checkUnwritten = watchForWrites(context, table, primaryKey)
  const oldBytes = storage.head(table.tree, primaryKey)
  return { table, key, primaryKey, condition, oldBytes, checkUnwritten }
}

/** The operations that are performed, by their names: one line each. */
import { deleteItem } from './operation/delete-item.js'
import { getItem } from './operation/get-item.js'
import { putItem } from './operation/put-item.js'
import { query } from './operation/query.js'
import { scan } from './operation/scan.js'
import { updateItem } from './operation/update-item.js'
import type { Operation } from './service-context.js'

export const OPERATIONS: ReadonlyMap<string, Operation> = new Map<string, Operation>([
  ['DeleteItem', deleteItem],
  ['GetItem', getItem],
  ['PutItem', putItem],
  ['Query', query],
  ['Scan', scan],
  ['UpdateItem', updateItem],
])

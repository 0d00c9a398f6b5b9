/** The operations that are performed, by their names: one line each. */
import { getItem } from './operation/get-item.js'
import { putItem } from './operation/put-item.js'
import { query } from './operation/query.js'
import type { Operation } from './service-context.js'

export const OPERATIONS: ReadonlyMap<string, Operation> = new Map<string, Operation>([
  ['GetItem', getItem],
  ['PutItem', putItem],
  ['Query', query],
])

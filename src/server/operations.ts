/** The operations that are performed, by their names: one line each. */
import { batchExecuteStatement } from './operation/batch-execute-statement.js'
import { batchGetItem } from './operation/batch-get-item.js'
import { batchWriteItem } from './operation/batch-write-item.js'
import { deleteItem } from './operation/delete-item.js'
import { executeStatement } from './operation/execute-statement.js'
import { executeTransaction } from './operation/execute-transaction.js'
import { getItem } from './operation/get-item.js'
import { putItem } from './operation/put-item.js'
import { query } from './operation/query.js'
import { scan } from './operation/scan.js'
import { transactGetItems } from './operation/transact-get-items.js'
import { transactWriteItems } from './operation/transact-write-items.js'
import { updateItem } from './operation/update-item.js'
import type { Operation } from './service-context.js'

export const OPERATIONS: ReadonlyMap<string, Operation> = new Map<string, Operation>([
  ['BatchExecuteStatement', batchExecuteStatement],
  ['BatchGetItem', batchGetItem],
  ['BatchWriteItem', batchWriteItem],
  ['DeleteItem', deleteItem],
  ['ExecuteStatement', executeStatement],
  ['ExecuteTransaction', executeTransaction],
  ['GetItem', getItem],
  ['PutItem', putItem],
  ['Query', query],
  ['Scan', scan],
  ['TransactGetItems', transactGetItems],
  ['TransactWriteItems', transactWriteItems],
  ['UpdateItem', updateItem],
])

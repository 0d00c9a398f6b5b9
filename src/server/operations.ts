/** The operations that are performed, by their names: one line each. */
import { createTable } from './operation/create-table.js'
import { deleteTable } from './operation/delete-table.js'
import { describeTable } from './operation/describe-table.js'
import { getItem } from './operation/get-item.js'
import { listTables } from './operation/list-tables.js'
import { putItem } from './operation/put-item.js'
import { query } from './operation/query.js'
import type { Operation } from './service-context.js'

export const OPERATIONS: ReadonlyMap<string, Operation> = new Map<string, Operation>([
  ['GetItem', getItem],
  ['PutItem', putItem],
  ['Query', query],

  ['CreateTable', createTable],
  ['DescribeTable', describeTable],
  ['DeleteTable', deleteTable],
  ['ListTables', listTables],
])

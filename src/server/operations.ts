/** The operations that are performed, by their names: one line each. */

import { describeEndpoints, describeLimits } from './operation/account.js'
import { batchExecuteStatement } from './operation/batch-execute-statement.js'
import { batchGetItem } from './operation/batch-get-item.js'
import { batchWriteItem } from './operation/batch-write-item.js'
import {
  describeContributorInsights,
  listContributorInsights,
  updateContributorInsights,
} from './operation/contributor-insights.js'
import { createTable } from './operation/create-table.js'
import { deleteItem } from './operation/delete-item.js'
import { deleteTable } from './operation/delete-table.js'
import { describeTable } from './operation/describe-table.js'
import { describeTimeToLive } from './operation/describe-time-to-live.js'
import { executeStatement } from './operation/execute-statement.js'
import { executeTransaction } from './operation/execute-transaction.js'
import { getItem } from './operation/get-item.js'
import {
  describeReplicaAutoScaling,
  listGlobalTables,
  missingGlobalTable,
  refuseGlobalTable,
  updateReplicaAutoScaling,
} from './operation/global-table.js'
import {
  describeKinesisDestination,
  disableKinesisDestination,
  enableKinesisDestination,
  updateKinesisDestination,
} from './operation/kinesis-destination.js'
import { listTables } from './operation/list-tables.js'
import { listTagsOfResource } from './operation/list-tags-of-resource.js'
import { putItem } from './operation/put-item.js'
import { query } from './operation/query.js'
import { deleteResourcePolicy, getResourcePolicy, putResourcePolicy } from './operation/resource-policy.js'
import { scan } from './operation/scan.js'
import { tagResource } from './operation/tag-resource.js'
import { transactGetItems } from './operation/transact-get-items.js'
import { transactWriteItems } from './operation/transact-write-items.js'
import { untagResource } from './operation/untag-resource.js'
import { updateItem } from './operation/update-item.js'
import { updateTable } from './operation/update-table.js'
import { updateTimeToLive } from './operation/update-time-to-live.js'
import { LOG_OPERATIONS } from './operation/with-a-change-log.js'
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

  ['CreateTable', createTable],
  ['DescribeTable', describeTable],
  ['UpdateTable', updateTable],
  ['DeleteTable', deleteTable],
  ['ListTables', listTables],
  ['UpdateTimeToLive', updateTimeToLive],
  ['DescribeTimeToLive', describeTimeToLive],
  ['TagResource', tagResource],
  ['UntagResource', untagResource],
  ['ListTagsOfResource', listTagsOfResource],
  ['PutResourcePolicy', putResourcePolicy],
  ['GetResourcePolicy', getResourcePolicy],
  ['DeleteResourcePolicy', deleteResourcePolicy],
  ['DescribeContributorInsights', describeContributorInsights],
  ['UpdateContributorInsights', updateContributorInsights],
  ['ListContributorInsights', listContributorInsights],
  ['DescribeKinesisStreamingDestination', describeKinesisDestination],
  ['EnableKinesisStreamingDestination', enableKinesisDestination],
  ['DisableKinesisStreamingDestination', disableKinesisDestination],
  ['UpdateKinesisStreamingDestination', updateKinesisDestination],
  ['DescribeTableReplicaAutoScaling', describeReplicaAutoScaling],
  ['UpdateTableReplicaAutoScaling', updateReplicaAutoScaling],
  ['CreateGlobalTable', refuseGlobalTable],
  ['UpdateGlobalTable', refuseGlobalTable],
  ['DescribeGlobalTable', missingGlobalTable],
  ['DescribeGlobalTableSettings', missingGlobalTable],
  ['UpdateGlobalTableSettings', missingGlobalTable],
  ['ListGlobalTables', listGlobalTables],
  ['DescribeLimits', describeLimits],
  ['DescribeEndpoints', describeEndpoints],

  ...LOG_OPERATIONS,
])

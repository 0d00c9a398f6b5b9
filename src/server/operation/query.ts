/** The items of one partition of a table or an index, a page at a time. */
import type { KnownIndex, KnownTable } from '../../backend.js'
import { keyConditionAsObject } from '../../model/expression/dynamodb/key-condition.js'
import { validationError } from '../aws-error.js'
import { type CapacityMode, ConsumedUnits, isCounted } from '../capacity/consumed-capacity.js'
import { readUnits } from '../capacity/units.js'
import { evaluatePage } from '../page/evaluate-page.js'
import type { Members } from '../performer.js'
import { bindExpressions, checkParameters, type ParameterNames } from '../request/expression-parameters.js'
import { findIndex, findTable } from '../request/table-of-request.js'
import type { ServiceContext } from '../service-context.js'
import type { AttributeMap } from '../value/attribute-value.js'
import { nativeItem } from '../value/native-value.js'
import { sdkItem } from '../value/sdk-value.js'
import { CONSISTENT_GLOBAL_READ, NO_KEY_CONDITION } from '../wording.js'

export interface QueryInput extends Members {
  readonly TableName: string
  readonly IndexName?: string
  readonly Select?: 'ALL_ATTRIBUTES' | 'ALL_PROJECTED_ATTRIBUTES' | 'SPECIFIC_ATTRIBUTES' | 'COUNT'
  readonly Limit?: number
  readonly ConsistentRead?: boolean
  readonly ScanIndexForward?: boolean
  readonly ExclusiveStartKey?: AttributeMap
  readonly ReturnConsumedCapacity?: CapacityMode
}

const PARAMETERS: ParameterNames = {
  expressions: ['ProjectionExpression', 'FilterExpression', 'KeyConditionExpression'],
  others: ['AttributesToGet', 'QueryFilter', 'ConditionalOperator', 'KeyConditions'],
}

export async function query(context: ServiceContext, members: Members): Promise<Members> {
  const input = members as QueryInput
  checkParameters(input, PARAMETERS)
  const startKey = input.ExclusiveStartKey && nativeItem(input.ExclusiveStartKey)
  const { projection, filter, keyCondition } = bindExpressions(input, PARAMETERS)
  if (keyCondition === undefined) throw validationError(NO_KEY_CONDITION)
  const table = findTable(context, input.TableName)
  const index = input.IndexName === undefined ? undefined : findIndex(table, input.IndexName)
  if (index !== undefined && !index.definition.isLocal && input.ConsistentRead === true) {
    throw validationError(CONSISTENT_GLOBAL_READ)
  }
  const where = keyConditionAsObject(keyCondition.compiled, keyCondition.values, keyNames(table, index))
  const isCount = input.Select === 'COUNT'
  const page = await evaluatePage(
    context.backend,
    {
      table: table.name,
      index: index?.name,
      where,
      filter,
      select: projection,
      reverse: input.ScanIndexForward === false,
      segment: undefined,
      totalSegments: undefined,
    },
    { limit: input.Limit, startKey, countOnly: isCount },
  )
  const answer = {
    ...(!isCount && { Items: page.items.map(sdkItem) }),
    Count: page.count,
    ScannedCount: page.scannedCount,
    ...(page.lastKey !== undefined && { LastEvaluatedKey: sdkItem(page.lastKey) }),
  }
  const mode = input.ReturnConsumedCapacity
  if (!isCounted(mode)) return answer
  const consumed = new ConsumedUnits(input.TableName, table)
  const units = readUnits(page.byteLength, { isConsistent: input.ConsistentRead === true })
  if (index === undefined) consumed.addTable(units)
  else consumed.addIndex(index.name, units)
  return { ...answer, ConsumedCapacity: consumed.report(mode) }
}

function keyNames(table: KnownTable, index: KnownIndex | undefined) {
  if (index !== undefined) return index.definition
  const { partition, sort } = table.key
  return { partition: [partition.name], sort: sort === undefined ? [] : [sort.name] }
}

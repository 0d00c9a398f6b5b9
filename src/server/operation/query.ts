/** The items of one partition of a table or an index, a page at a time. */
import type { CompiledPredicate } from '../../model/expression/predicate.js'
import { validationError } from '../aws-error.js'
import { projectionFromNames } from '../legacy/attributes-to-get.js'
import { type ConditionMap, checkConditionalOperator, predicateFromConditions } from '../legacy/conditions.js'
import type { Members } from '../performer.js'
import {
  checkConditionCount,
  checkPartitionConditions,
  conditionsOfExpression,
  conditionsOfMap,
  whereOf,
} from '../query/key-conditions.js'
import type { PageBudget } from '../query/page-budget.js'
import { type ReadInput, readAnswer } from '../query/read-answer.js'
import { attributesOf, type ReadKey, readKey } from '../query/read-key.js'
import { checkProjected, checkSelect } from '../query/selection.js'
import { checkStartInside, checkStartPartition, checkStartRest, startKeyFrom } from '../query/start-key.js'
import { bindExpressions, checkParameters, type ParameterNames } from '../request/expression-parameters.js'
import { checkKeyPaths } from '../request/key-paths.js'
import { findReadIndex, findTable } from '../request/table-of-request.js'
import type { ServiceContext } from '../service-context.js'
import { keyInFilter, NO_KEY_CONDITION } from '../wording.js'

interface QueryInput extends ReadInput {
  readonly ScanIndexForward?: boolean
  readonly KeyConditions?: ConditionMap
  readonly QueryFilter?: ConditionMap
}

const PARAMETERS: ParameterNames = {
  expressions: ['ProjectionExpression', 'FilterExpression', 'KeyConditionExpression'],
  others: ['AttributesToGet', 'QueryFilter', 'ConditionalOperator', 'KeyConditions'],
}

/** @param budget Of who reads more than this for one page. */
export async function query(context: ServiceContext, members: Members, budget?: PageBudget): Promise<Members> {
  const input = members as QueryInput
  const hasIndex = input.IndexName !== undefined
  checkParameters(input, PARAMETERS)
  checkConditionalOperator(input, 'QueryFilter')
  const queryFilter = predicateFromConditions(input.QueryFilter, input.ConditionalOperator)
  const names = projectionFromNames(input.AttributesToGet)
  const startKey = startKeyFrom(input.ExclusiveStartKey)
  const legacyConditions = input.KeyConditions && conditionsOfMap(input.KeyConditions)
  const { filter, keyCondition, projection = names, nested } = bindExpressions(input, PARAMETERS)
  const conditions = keyCondition === undefined ? legacyConditions : conditionsOfExpression(keyCondition)
  if (conditions === undefined) throw validationError(NO_KEY_CONDITION)
  checkConditionCount(conditions, { hasIndex })
  checkSelect(input)

  const table = findTable(context, input.TableName)
  const index = findReadIndex(table, input)
  const key = readKey(table, index)
  if (startKey !== undefined) checkStartPartition(startKey, table, key)
  checkPartitionConditions(conditions, key)
  if (startKey !== undefined) checkStartRest(startKey, table, key)
  const where = whereOf(conditions, key)
  if (startKey !== undefined) checkStartInside(startKey, conditions, key)
  checkFilter(filter, key, 'Filter Expression')
  checkFilter(queryFilter, key, 'QueryFilter')
  checkProjected(input.Select, index)
  checkKeyPaths(table, nested)

  const request = {
    where,
    filter: filter ?? queryFilter,
    reverse: input.ScanIndexForward === false,
    segment: undefined,
    totalSegments: undefined,
  }
  return readAnswer(context, input, { table, index, startKey, projection, request, budget })
}

/** A query says what it wants of the key in its key conditions. */
function checkFilter(filter: CompiledPredicate | undefined, key: ReadKey, what: string): void {
  const attribute = attributesOf(key).find(({ name }) => filter?.attributes?.includes(name))
  if (attribute !== undefined) throw validationError(keyInFilter(what, attribute.name))
}

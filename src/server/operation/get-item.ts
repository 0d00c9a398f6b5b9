/** One item by its key. */
import { itemSize } from '../../model/item/item-size.js'
import { type CapacityMode, ConsumedUnits, isCounted } from '../capacity/consumed-capacity.js'
import { readUnits } from '../capacity/units.js'
import { projectionFromNames } from '../legacy/attributes-to-get.js'
import type { Members } from '../performer.js'
import type { PageBudget } from '../query/page-budget.js'
import { bindExpressions, checkParameters, type ParameterNames } from '../request/expression-parameters.js'
import { checkKey } from '../request/key-of-request.js'
import { checkKeyPaths } from '../request/key-paths.js'
import { findTable } from '../request/table-of-request.js'
import type { ServiceContext } from '../service-context.js'
import type { AttributeMap } from '../value/attribute-value.js'
import { nativeItem } from '../value/native-value.js'
import { sdkItem } from '../value/sdk-value.js'

export interface GetItemInput extends Members {
  readonly TableName: string
  readonly Key: AttributeMap
  readonly ConsistentRead?: boolean
  readonly AttributesToGet?: readonly string[]
  readonly ReturnConsumedCapacity?: CapacityMode
}

const PARAMETERS: ParameterNames = { expressions: ['ProjectionExpression'], others: ['AttributesToGet'] }

/** @param budget Of who reads more than this for one page. */
export async function getItem(context: ServiceContext, members: Members, budget?: PageBudget): Promise<Members> {
  const input = members as GetItemInput
  checkParameters(input, PARAMETERS)
  const key = nativeItem(input.Key)
  const names = projectionFromNames(input.AttributesToGet)
  const { projection = names, nested } = bindExpressions(input, PARAMETERS)
  const table = findTable(context, input.TableName)
  checkKey(table, key)
  checkKeyPaths(table, nested)

  const item = await context.backend.get({ table: table.name, key, select: undefined })
  if (item !== undefined) budget?.spend(itemSize(item))
  const shown = item === undefined || projection === undefined ? item : projection.project(item)
  const answer = shown === undefined ? {} : { Item: sdkItem(shown) }
  const mode = input.ReturnConsumedCapacity
  if (!isCounted(mode)) return answer
  const consumed = new ConsumedUnits(input.TableName, table)
  const isConsistent = input.ConsistentRead === true
  consumed.addTable(readUnits(item === undefined ? 0 : itemSize(item), { isConsistent }))
  return { ...answer, ConsumedCapacity: consumed.report(mode) }
}

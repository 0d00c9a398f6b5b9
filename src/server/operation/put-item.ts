/** Stores an item, in the place of the one with the same key. */
import type { ItemImages } from '../../backend.js'
import { validationError } from '../aws-error.js'
import { type CapacityMode, ConsumedUnits, isCounted } from '../capacity/consumed-capacity.js'
import type { Members } from '../performer.js'
import { bindExpressions, checkParameters, type ParameterNames } from '../request/expression-parameters.js'
import { findTable } from '../request/table-of-request.js'
import type { ServiceContext } from '../service-context.js'
import type { AttributeMap } from '../value/attribute-value.js'
import { nativeItem } from '../value/native-value.js'
import { sdkItem } from '../value/sdk-value.js'
import { RETURNS_OLD_OR_NONE } from '../wording.js'

export interface PutItemInput extends Members {
  readonly TableName: string
  readonly Item: AttributeMap
  readonly ReturnValues?: string
  readonly ReturnValuesOnConditionCheckFailure?: 'ALL_OLD' | 'NONE'
  readonly ReturnConsumedCapacity?: CapacityMode
}

const PARAMETERS: ParameterNames = { expressions: ['ConditionExpression'], others: ['Expected'] }

export async function putItem(context: ServiceContext, members: Members): Promise<Members> {
  const input = members as PutItemInput
  checkParameters(input, PARAMETERS)
  const item = nativeItem(input.Item)
  const { ReturnValues: returns = 'NONE', ReturnConsumedCapacity: mode } = input
  if (returns !== 'NONE' && returns !== 'ALL_OLD') throw validationError(RETURNS_OLD_OR_NONE)
  const { condition } = bindExpressions(input, PARAMETERS)
  const table = findTable(context, input.TableName)

  const isMeasured = isCounted(mode) || returns === 'ALL_OLD'
  const images: ItemImages | undefined = isMeasured ? { before: undefined, after: undefined } : undefined
  const returnOld = input.ReturnValuesOnConditionCheckFailure === 'ALL_OLD'
  await context.backend.put({ table: table.name, item, condition, returnOld, images })
  if (images === undefined) return {}
  const { before, after } = images
  const answer = returns === 'ALL_OLD' && before !== undefined ? { Attributes: sdkItem(before) } : {}
  if (!isCounted(mode)) return answer
  const consumed = new ConsumedUnits(input.TableName, table)
  consumed.addWrite(before, after)
  return { ...answer, ConsumedCapacity: consumed.report(mode) }
}

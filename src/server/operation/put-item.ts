/** Stores an item, in the place of the one with the same key. */
import { checkConditionalOperator } from '../legacy/conditions.js'
import type { Members } from '../performer.js'
import { bindExpressions, checkParameters, type ParameterNames } from '../request/expression-parameters.js'
import { itemRule } from '../request/item-rule.js'
import { checkKeyPaths } from '../request/key-paths.js'
import { findTable } from '../request/table-of-request.js'
import {
  checkReturnValues,
  expectedCondition,
  imagesFor,
  returnsOldOnFailure,
  type WriteInput,
  writeReport,
} from '../request/write-parameters.js'
import type { ServiceContext } from '../service-context.js'
import type { AttributeMap } from '../value/attribute-value.js'
import { nativeItem } from '../value/native-value.js'
import { sdkItem } from '../value/sdk-value.js'
import { ITEM_TOO_BIG } from '../wording.js'

interface PutItemInput extends WriteInput {
  readonly Item: AttributeMap
}

const PARAMETERS: ParameterNames = {
  expressions: ['ConditionExpression'],
  others: ['Expected', 'ConditionalOperator'],
}

export async function putItem(context: ServiceContext, members: Members): Promise<Members> {
  const input = members as PutItemInput
  checkParameters(input, PARAMETERS)
  checkConditionalOperator(input, 'Expected')
  const item = nativeItem(input.Item)
  checkReturnValues(input)
  const expected = expectedCondition(input)
  const { condition = expected, nested } = bindExpressions(input, PARAMETERS)
  const table = findTable(context, input.TableName)
  checkKeyPaths(table, nested)

  const returnsOld = input.ReturnValues === 'ALL_OLD'
  const images = imagesFor(input, returnsOld)
  await context.backend.put({
    table: table.name,
    item,
    condition,
    validate: itemRule(table, ITEM_TOO_BIG),
    returnOld: returnsOldOnFailure(input),
    images,
  })
  const old = returnsOld ? images!.before : undefined
  return {
    ...(old !== undefined && { Attributes: sdkItem(old) }),
    ...writeReport(context, input, table, images, item[table.key.partition.name]),
  }
}

/** Removes an item. One that is not there is no error. */
import { checkConditionalOperator } from '../legacy/conditions.js'
import type { Members } from '../performer.js'
import { bindExpressions, checkParameters, type ParameterNames } from '../request/expression-parameters.js'
import { checkKey } from '../request/key-of-request.js'
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

interface DeleteItemInput extends WriteInput {
  readonly Key: AttributeMap
}

const PARAMETERS: ParameterNames = {
  expressions: ['ConditionExpression'],
  others: ['Expected', 'ConditionalOperator'],
}

export async function deleteItem(context: ServiceContext, members: Members): Promise<Members> {
  const input = members as DeleteItemInput
  checkParameters(input, PARAMETERS)
  checkConditionalOperator(input, 'Expected')
  const key = nativeItem(input.Key)
  checkReturnValues(input)
  const expected = expectedCondition(input)
  const { condition = expected, nested } = bindExpressions(input, PARAMETERS)
  const table = findTable(context, input.TableName)
  checkKey(table, key)
  checkKeyPaths(table, nested)

  const images = imagesFor(input, false)
  const old = await context.backend.delete({
    table: table.name,
    key,
    condition,
    returnOld: returnsOldOnFailure(input),
    images,
    returns: input.ReturnValues === 'ALL_OLD' ? 'old' : 'none',
  })
  return {
    ...(input.ReturnValues === 'ALL_OLD' && old !== undefined && { Attributes: sdkItem(old) }),
    ...writeReport(context, input, table, images, key[table.key.partition.name]),
  }
}

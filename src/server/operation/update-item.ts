/** Changes some attributes of an item; one that is not there is made from its key. */
import type { KnownTable, ReturnedItem } from '../../backend.js'
import type { Bound } from '../../model/expression/dynamodb/bound-expression.js'
import type { Update } from '../../model/expression/dynamodb/update.js'
import { UPDATE_TOO_BIG } from '../../model/expression/dynamodb/wording.js'
import { ExpressionChange, type ItemChange } from '../../model/expression/item-change.js'
import {
  type AttributeUpdate,
  type AttributeUpdateMap,
  AttributeUpdatesChange,
  attributeUpdates,
} from '../legacy/attribute-updates.js'
import { checkConditionalOperator } from '../legacy/conditions.js'
import type { Members } from '../performer.js'
import { attributesOf, tableKey } from '../query/read-key.js'
import { bindExpressions, checkParameters, type ParameterNames } from '../request/expression-parameters.js'
import { itemRule } from '../request/item-rule.js'
import { checkKey } from '../request/key-of-request.js'
import { checkKeyPaths } from '../request/key-paths.js'
import { findTable } from '../request/table-of-request.js'
import {
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

interface UpdateItemInput extends WriteInput {
  readonly Key: AttributeMap
  readonly AttributeUpdates?: AttributeUpdateMap
}

const PARAMETERS: ParameterNames = {
  expressions: ['UpdateExpression', 'ConditionExpression'],
  others: ['AttributeUpdates', 'Expected', 'ConditionalOperator'],
}

const RETURNED: Readonly<Record<NonNullable<WriteInput['ReturnValues']>, ReturnedItem>> = {
  NONE: 'none',
  ALL_OLD: 'old',
  ALL_NEW: 'new',
  UPDATED_OLD: 'updatedOld',
  UPDATED_NEW: 'updatedNew',
}

export async function updateItem(context: ServiceContext, members: Members): Promise<Members> {
  const input = members as UpdateItemInput
  checkParameters(input, PARAMETERS)
  checkConditionalOperator(input, 'Expected')
  const key = nativeItem(input.Key)
  const updates = attributeUpdates(input.AttributeUpdates ?? {})
  const expected = expectedCondition(input)
  const { condition = expected, update, nested } = bindExpressions(input, PARAMETERS)
  const table = findTable(context, input.TableName)
  checkKey(table, key)
  const change = changeOf(table, update, updates)
  checkKeyPaths(table, nested)

  const images = imagesFor(input, false)
  const attributes = await context.backend.update({
    table: table.name,
    key,
    update: change,
    condition,
    validate: itemRule(table, UPDATE_TOO_BIG, update?.compiled.copied),
    returns: RETURNED[input.ReturnValues ?? 'NONE'],
    returnOld: returnsOldOnFailure(input),
    images,
  })
  return {
    ...(attributes !== undefined && { Attributes: sdkItem(attributes) }),
    ...writeReport(context, input, table, images, key[table.key.partition.name]),
  }
}

/** Without any update, an item that is not there is made from its key all the same. */
export function changeOf(
  table: KnownTable,
  update: Bound<Update> | undefined,
  updates: readonly AttributeUpdate[] = [],
): ItemChange {
  const names = attributesOf(tableKey(table)).map(({ name }) => name)
  return update === undefined ? new AttributeUpdatesChange(updates, names) : new ExpressionChange(update, names)
}

/** What PutItem, UpdateItem and DeleteItem have in common: their conditions, and what they tell of what they did. */
import type { ItemImages, KnownTable } from '../../backend.js'
import type { CompiledPredicate } from '../../model/expression/predicate.js'
import { validationError } from '../aws-error.js'
import { type CapacityMode, ConsumedUnits, isCounted } from '../capacity/consumed-capacity.js'
import { itemCollectionMetrics } from '../capacity/item-collection.js'
import { type ExpectedMap, predicateFromExpected } from '../legacy/conditions.js'
import type { Members } from '../performer.js'
import type { ServiceContext } from '../service-context.js'
import { RETURNS_OLD_OR_NONE } from '../wording.js'

export interface WriteInput extends Members {
  readonly TableName: string
  readonly ReturnValues?: 'NONE' | 'ALL_OLD' | 'ALL_NEW' | 'UPDATED_OLD' | 'UPDATED_NEW'
  readonly ReturnValuesOnConditionCheckFailure?: 'ALL_OLD' | 'NONE'
  readonly ReturnConsumedCapacity?: CapacityMode
  readonly ReturnItemCollectionMetrics?: 'SIZE' | 'NONE'
  readonly Expected?: ExpectedMap
  readonly ConditionalOperator?: 'AND' | 'OR'
}

/** The condition in its older form. */
export function expectedCondition(input: WriteInput): CompiledPredicate | undefined {
  return predicateFromExpected(input.Expected, input.ConditionalOperator)
}

/**
 * Of a write that replaces or removes an item.
 *
 * @throws {AwsError} ValidationException
 */
export function checkReturnValues({ ReturnValues: returns = 'NONE' }: WriteInput): void {
  if (returns !== 'NONE' && returns !== 'ALL_OLD') throw validationError(RETURNS_OLD_OR_NONE)
}

export function returnsOldOnFailure(input: WriteInput): boolean {
  return input.ReturnValuesOnConditionCheckFailure === 'ALL_OLD'
}

/** To be filled in by the backend, if anybody asks for what is in them. */
export function imagesFor(input: WriteInput, isAsked: boolean): ItemImages | undefined {
  const { ReturnConsumedCapacity: mode } = input
  return isAsked || isCounted(mode) ? { before: undefined, after: undefined } : undefined
}

/** What stands beside the attributes in the answer. */
export function writeReport(
  context: ServiceContext,
  input: WriteInput,
  table: KnownTable,
  images: ItemImages | undefined,
  partitionKey: unknown,
): Members {
  const { ReturnConsumedCapacity: mode, ReturnItemCollectionMetrics: metrics } = input
  const report: Record<string, unknown> = {}
  if (isCounted(mode)) {
    const consumed = new ConsumedUnits(input.TableName, table)
    consumed.addWrite(images!.before, images!.after)
    report['ConsumedCapacity'] = consumed.report(mode)
  }
  if (metrics === 'SIZE') {
    const collection = itemCollectionMetrics(context, table, partitionKey)
    if (collection !== undefined) report['ItemCollectionMetrics'] = collection
  }
  return report
}

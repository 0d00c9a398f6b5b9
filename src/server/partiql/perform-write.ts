/** Performs an INSERT, an UPDATE or a DELETE alone. */
import { AwsError } from '../aws-error.js'
import type { CapacityMode } from '../capacity/consumed-capacity.js'
import { deleteItem } from '../operation/delete-item.js'
import { putItem } from '../operation/put-item.js'
import { updateItem } from '../operation/update-item.js'
import type { Members } from '../performer.js'
import type { Operation, ServiceContext } from '../service-context.js'
import type { AttributeMap } from '../value/attribute-value.js'
import { isConditionFailure, shortCode, statementFailure } from './statement-failure.js'
import { DUPLICATE_ITEM } from './wording.js'
import type { Action, WriteRequest } from './write-request.js'

const OPERATIONS: Readonly<Record<Exclude<Action, 'ConditionCheck'>, Operation>> = {
  Put: putItem,
  Update: updateItem,
  Delete: deleteItem,
}

export interface WriteOptions {
  readonly capacity: CapacityMode | undefined
  /** Whether to show the item that a condition refused. */
  readonly returnsOnFailure: string | undefined
}

export interface WriteResult {
  /** What RETURNING asks for, unless that is nothing. */
  readonly item: AttributeMap | undefined
  readonly consumed: Members | undefined
}

/** @throws {AwsError} */
export async function performWrite(
  context: ServiceContext,
  { action, members }: WriteRequest,
  { capacity, returnsOnFailure }: WriteOptions,
): Promise<WriteResult> {
  try {
    const answer = await OPERATIONS[action as keyof typeof OPERATIONS](context, {
      ...members,
      ...(capacity && { ReturnConsumedCapacity: capacity }),
      ...(returnsOnFailure && { ReturnValuesOnConditionCheckFailure: returnsOnFailure }),
    })
    const { Attributes, ConsumedCapacity } = answer as { Attributes?: AttributeMap; ConsumedCapacity?: Members }
    const isEmpty = Attributes === undefined || Object.keys(Attributes).length === 0
    return { item: isEmpty ? undefined : Attributes, consumed: ConsumedCapacity }
  } catch (cause) {
    const failure = statementFailure(cause)
    const isDuplicate =
      action === 'Put' && failure instanceof AwsError && isConditionFailure(shortCode(failure), failure.message)
    throw isDuplicate ? new AwsError('DuplicateItemException', DUPLICATE_ITEM) : failure
  }
}

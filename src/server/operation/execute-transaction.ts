/**
 * Up to 100 PartiQL statements that happen together or not at all: all of them read, or all of them write. `EXISTS` is a
 * condition among writes.
 */
import type { KnownTable } from '../../backend.js'
import { AwsError, validationError } from '../aws-error.js'
import type { CapacityMode } from '../capacity/consumed-capacity.js'
import { type BoundStatement, bindStatement, checkParameters } from '../partiql/bound-statement.js'
import { findKey } from '../partiql/item-key.js'
import { getMembers, shownRow } from '../partiql/select-page.js'
import { itemKeyOf, planSelect } from '../partiql/select-plan.js'
import { isConditionFailure, shortCode, statementFailure, withoutExpression } from '../partiql/statement-failure.js'
import { parseStatement } from '../partiql/statement-parser.js'
import {
  DUPLICATE_ITEM,
  EXISTS_NEEDS_CONDITION,
  INDEX_IN_TRANSACTION,
  inTransaction,
  MIXED_TRANSACTION,
  RETURNING_IN_TRANSACTION,
  readNeedsKey,
} from '../partiql/wording.js'
import { checkWrite, type WriteRequest, type WriteStatement, writeRequest } from '../partiql/write-request.js'
import type { Members } from '../performer.js'
import { findTable } from '../request/table-of-request.js'
import type { ServiceContext } from '../service-context.js'
import type { AttributeMap, AttributeValue } from '../value/attribute-value.js'
import { cancelled } from '../wording.js'
import { transactGetItems } from './transact-get-items.js'
import { transactWriteItems } from './transact-write-items.js'

interface TransactStatement {
  readonly Statement: string
  readonly Parameters?: readonly AttributeValue[]
  readonly ReturnValuesOnConditionCheckFailure?: string
}

interface ExecuteTransactionInput extends Members {
  readonly TransactStatements: readonly TransactStatement[]
  readonly ClientRequestToken?: string
  readonly ReturnConsumedCapacity?: CapacityMode
}

export async function executeTransaction(context: ServiceContext, members: Members): Promise<Members> {
  const input = members as ExecuteTransactionInput
  const statements = input.TransactStatements
  for (const { Parameters: parameters } of statements) checkParameters(parameters)
  const bound = statements.map(({ Statement: text, Parameters: parameters }, index) =>
    naming(index, () => bindStatement(parseStatement(text), parameters)),
  )
  const readCount = bound.filter(({ statement }) => statement.kind === 'select').length
  if (readCount > 0 && readCount < bound.length) throw validationError(MIXED_TRANSACTION)
  try {
    return readCount > 0 ? await read(context, bound, input) : await write(context, bound, input)
  } catch (cause) {
    throw statementFailure(cause)
  }
}

async function read(
  context: ServiceContext,
  bound: readonly BoundStatement[],
  { ReturnConsumedCapacity: capacity }: ExecuteTransactionInput,
): Promise<Members> {
  const plans = prepareAll(context, bound, ({ statement, values }) => {
    if (statement.kind !== 'select') throw validationError(MIXED_TRANSACTION)
    if (statement.index !== undefined) throw validationError(INDEX_IN_TRANSACTION)
    const plan = planSelect(context, { statement, values }, { checksKeyTypes: false })
    if (itemKeyOf(plan) === undefined) throw validationError(readNeedsKey('ExecuteTransaction'))
    return plan
  })
  const request = {
    TransactItems: plans.map((plan) => ({ Get: getMembers(plan) })),
    ...(capacity && { ReturnConsumedCapacity: capacity }),
  }
  const { Responses, ...others } = await transactGetItems(context, request)
  const found = Responses as readonly { readonly Item?: AttributeMap }[]
  const shown = found.map(({ Item }, index) => (Item === undefined ? {} : { Item: shownRow(plans[index]!, Item) }))
  return { Responses: shown, ...others }
}

async function write(
  context: ServiceContext,
  bound: readonly BoundStatement[],
  {
    TransactStatements: statements,
    ClientRequestToken: token,
    ReturnConsumedCapacity: capacity,
  }: ExecuteTransactionInput,
): Promise<Members> {
  const requests = prepareAll(context, bound, ({ statement, values }, table) => {
    if (statement.kind === 'select') throw validationError(MIXED_TRANSACTION)
    checkTransacted({ statement, values }, table)
    return writeRequest({ statement, values }, table, false)
  })
  const items = requests.map(({ action, members }, index) => {
    const returns = statements[index]!.ReturnValuesOnConditionCheckFailure
    return { [action]: { ...members, ...(returns && { ReturnValuesOnConditionCheckFailure: returns }) } }
  })
  try {
    const answer = await transactWriteItems(context, {
      TransactItems: items,
      ...(token !== undefined && { ClientRequestToken: token }),
      ...(capacity && { ReturnConsumedCapacity: capacity }),
    })
    return { Responses: [], ...answer }
  } catch (failure) {
    throw failure instanceof AwsError ? cancellationOf(failure, requests) : failure
  }
}

function checkTransacted({ statement, values }: BoundStatement<WriteStatement>, table: KnownTable): void {
  checkWrite(statement)
  if ((statement.kind === 'update' || statement.kind === 'delete') && statement.returning !== undefined) {
    throw validationError(RETURNING_IN_TRANSACTION)
  }
  if (statement.kind !== 'exists') return
  const { isWhole, rest } = findKey(statement.where, table.key, values)
  if (!isWhole || rest.length === 0) throw validationError(EXISTS_NEEDS_CONDITION)
}

/**
 * What DynamoDB has against a single statement ends everything, and its number is named; that there is no such table is a
 * reason among those of the others.
 */
function prepareAll<Prepared>(
  context: ServiceContext,
  bound: readonly BoundStatement[],
  prepare: (bound: BoundStatement, table: KnownTable) => Prepared,
): readonly Prepared[] {
  const failures = new Map<number, AwsError>()
  const prepared = bound.map((one, index) => {
    const table = naming(index, () =>
      findTableOr(context, one.statement.table, (failure) => failures.set(index, failure)),
    )
    return table && naming(index, () => prepare(one, table))
  })
  if (failures.size === 0) return prepared as readonly Prepared[]
  throw cancellation(
    bound.map((_, index) => {
      const failure = failures.get(index)
      return failure === undefined ? { Code: 'None' } : { Code: shortCode(failure), Message: failure.message }
    }),
  )
}

function findTableOr(
  context: ServiceContext,
  name: string,
  onMissing: (failure: AwsError) => void,
): KnownTable | undefined {
  try {
    return findTable(context, name)
  } catch (failure) {
    if (!(failure instanceof AwsError) || failure.name !== 'ResourceNotFoundException') throw failure
    onMissing(failure)
    return undefined
  }
}

function naming<Found>(index: number, act: () => Found): Found {
  try {
    return act()
  } catch (cause) {
    const failure = statementFailure(cause)
    if (!(failure instanceof AwsError) || failure.name !== 'ValidationException') throw failure
    throw new AwsError(failure.name, inTransaction(index, failure.message), failure.members, { cause: failure })
  }
}

interface Reason extends Members {
  readonly Code: string
  readonly Message?: string
}

/** The reasons of a transaction of writes in the words of their statements. */
function cancellationOf(failure: AwsError, requests: readonly WriteRequest[]): AwsError {
  if (failure.name !== 'TransactionCanceledException') return failure
  const reasons = failure.members['CancellationReasons'] as readonly Reason[]
  return cancellation(
    reasons.map((reason, index) => {
      const { Code, Message } = reason
      if (requests[index]!.action === 'Put' && isConditionFailure(Code, Message)) {
        return { ...reason, Code: 'DuplicateItem', Message: DUPLICATE_ITEM }
      }
      return Message === undefined ? reason : { ...reason, Message: withoutExpression(Message) }
    }),
  )
}

function cancellation(reasons: readonly Reason[]): AwsError {
  const message = cancelled(reasons.map(({ Code }) => Code))
  return new AwsError('TransactionCanceledException', message, { CancellationReasons: reasons })
}

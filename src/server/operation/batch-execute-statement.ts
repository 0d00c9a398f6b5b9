/** Up to 25 PartiQL statements, all of which read or all of which write, each with an answer of its own. */
import { AwsError, validationError } from '../aws-error.js'
import type { CapacityMode } from '../capacity/consumed-capacity.js'
import { type BoundStatement, bindStatement, checkParameters } from '../partiql/bound-statement.js'
import { sumByTable } from '../partiql/capacity-sum.js'
import { itemIdentity } from '../partiql/item-key.js'
import { performWrite } from '../partiql/perform-write.js'
import { selectPage } from '../partiql/select-page.js'
import { itemKeyOf, planSelect } from '../partiql/select-plan.js'
import type { Statement } from '../partiql/statement.js'
import { shortCode, statementFailure } from '../partiql/statement-failure.js'
import { parseStatement } from '../partiql/statement-parser.js'
import { EXISTS_ELSEWHERE, MIXED_BATCH, REPEATED_IN_BATCH, readNeedsKey } from '../partiql/wording.js'
import { checkWrite, writeRequest } from '../partiql/write-request.js'
import type { Members } from '../performer.js'
import { findTable } from '../request/table-of-request.js'
import type { ServiceContext } from '../service-context.js'
import type { AttributeMap, AttributeValue } from '../value/attribute-value.js'

interface BatchMember {
  readonly Statement: string
  readonly Parameters?: readonly AttributeValue[]
  readonly ConsistentRead?: boolean
}

interface BatchExecuteStatementInput extends Members {
  readonly Statements: readonly BatchMember[]
  readonly ReturnConsumedCapacity?: CapacityMode
}

/** What becomes of a member: of one that can't be performed, only why. */
type Prepared =
  | {
      readonly kind: 'ready'
      readonly table: string
      readonly identity: string
      readonly perform: () => Promise<{
        readonly item: AttributeMap | undefined
        readonly consumed: Members | undefined
      }>
    }
  | { readonly kind: 'refused'; readonly failure: AwsError }

export async function batchExecuteStatement(context: ServiceContext, members: Members): Promise<Members> {
  const { Statements: statements, ReturnConsumedCapacity: capacity } = members as BatchExecuteStatementInput
  const bound = statements.map((member) => attempt(() => bindMember(member)))
  checkKinds(bound)
  const prepared = bound.map((one, index) =>
    one instanceof AwsError ? refused(one) : prepare(context, one, statements[index]!, capacity),
  )
  checkRepeated(prepared)
  // They are about different items, so it does not matter which of them comes first.
  const answers = await Promise.all(prepared.map(answer))
  return {
    Responses: answers.map(({ response }) => response),
    ...(capacity && capacity !== 'NONE' && { ConsumedCapacity: sumByTable(answers.map(({ consumed }) => consumed)) }),
  }
}

function bindMember({ Statement: text, Parameters: parameters }: BatchMember): BoundStatement {
  checkParameters(parameters)
  return bindStatement(parseStatement(text), parameters)
}

/** What can't be read as a statement is of neither kind. */
function checkKinds(bound: readonly (BoundStatement | AwsError)[]): void {
  const kinds = bound.flatMap((one) => (one instanceof AwsError ? [] : [isRead(one.statement)]))
  if (kinds.includes(true) && kinds.includes(false)) throw validationError(MIXED_BATCH)
}

function isRead({ kind }: Statement): boolean {
  return kind === 'select'
}

function checkRepeated(prepared: readonly Prepared[]): void {
  const identities = prepared.flatMap((one) => (one.kind === 'ready' ? [one.identity] : []))
  if (new Set(identities).size < identities.length) throw validationError(REPEATED_IN_BATCH)
}

function prepare(
  context: ServiceContext,
  bound: BoundStatement,
  { ConsistentRead: isConsistent = false }: BatchMember,
  capacity: CapacityMode | undefined,
): Prepared {
  const found = attempt((): Prepared => {
    const { statement, values } = bound
    if (statement.kind === 'exists') throw validationError(EXISTS_ELSEWHERE)
    const table = findTable(context, statement.table)
    if (statement.kind === 'select') {
      const plan = planSelect(context, { statement, values })
      const key = itemKeyOf(plan)
      if (key === undefined) throw validationError(readNeedsKey('BatchExecuteStatement'))
      const perform = async () => {
        const start = { read: 0, startKey: undefined }
        const { rows, consumed } = await selectPage(context, plan, { limit: 1, isConsistent, capacity, start })
        return { item: rows[0], consumed }
      }
      return { kind: 'ready', table: statement.table, identity: itemIdentity(table.name, key, table.key), perform }
    }
    checkWrite(statement)
    const request = writeRequest({ statement, values }, table, true)
    const perform = () => performWrite(context, request, { capacity, returnsOnFailure: undefined })
    return {
      kind: 'ready',
      table: statement.table,
      identity: itemIdentity(table.name, request.key, table.key),
      perform,
    }
  })
  return found instanceof AwsError ? refused(found) : found
}

function refused(failure: AwsError): Prepared {
  return { kind: 'refused', failure }
}

/** The table is named where the statement has reached it. */
async function answer(
  prepared: Prepared,
): Promise<{ readonly response: Members; readonly consumed?: Members | undefined }> {
  if (prepared.kind === 'refused') return { response: errorMember(prepared.failure) }
  const { table, perform } = prepared
  try {
    const { item, consumed } = await perform()
    return { response: { TableName: table, ...(item && { Item: item }) }, consumed }
  } catch (cause) {
    const failure = statementFailure(cause)
    if (!(failure instanceof AwsError)) throw failure
    return { response: { ...errorMember(failure), TableName: table } }
  }
}

function errorMember(failure: AwsError): Members {
  return { Error: { Code: shortCode(failure), Message: failure.message } }
}

/** What is found, or what DynamoDB says against it. */
function attempt<Found>(act: () => Found): Found | AwsError {
  try {
    return act()
  } catch (cause) {
    const failure = statementFailure(cause)
    if (failure instanceof AwsError) return failure
    throw failure
  }
}

/** One PartiQL statement. */
import { validationError } from '../aws-error.js'
import type { CapacityMode } from '../capacity/consumed-capacity.js'
import { type BoundStatement, bindStatement, checkParameters } from '../partiql/bound-statement.js'
import { decodeNextToken, encodeNextToken, originOf, type Position } from '../partiql/next-token.js'
import { performWrite } from '../partiql/perform-write.js'
import { selectPage } from '../partiql/select-page.js'
import { planSelect } from '../partiql/select-plan.js'
import type { SelectStatement } from '../partiql/statement.js'
import { statementFailure } from '../partiql/statement-failure.js'
import { parseStatement } from '../partiql/statement-parser.js'
import { EXISTS_ELSEWHERE, OTHER_NEXT_TOKEN } from '../partiql/wording.js'
import { checkWrite, writeRequest } from '../partiql/write-request.js'
import type { Members } from '../performer.js'
import { findTable } from '../request/table-of-request.js'
import type { ServiceContext } from '../service-context.js'
import type { AttributeValue } from '../value/attribute-value.js'

interface ExecuteStatementInput extends Members {
  readonly Statement: string
  readonly Parameters?: readonly AttributeValue[]
  readonly ConsistentRead?: boolean
  readonly NextToken?: string
  readonly Limit?: number
  readonly ReturnConsumedCapacity?: CapacityMode
  readonly ReturnValuesOnConditionCheckFailure?: string
}

const BEGINNING: Position = { read: 0, startKey: undefined }

export async function executeStatement(context: ServiceContext, members: Members): Promise<Members> {
  const input = members as ExecuteStatementInput
  checkParameters(input.Parameters)
  const { statement, values } = bindStatement(parseStatement(input.Statement), input.Parameters)
  if (statement.kind === 'select') return await select(context, { statement, values }, input)
  if (statement.kind === 'exists') throw validationError(EXISTS_ELSEWHERE)
  if (input.NextToken !== undefined) throw validationError(OTHER_NEXT_TOKEN)
  checkWrite(statement)
  const table = findTable(context, statement.table)
  const request = writeRequest({ statement, values }, table, true)
  const { item, consumed } = await performWrite(context, request, {
    capacity: input.ReturnConsumedCapacity,
    returnsOnFailure: input.ReturnValuesOnConditionCheckFailure,
  })
  return { Items: item === undefined ? [] : [item], ...(consumed && { ConsumedCapacity: consumed }) }
}

async function select(
  context: ServiceContext,
  bound: BoundStatement<SelectStatement>,
  input: ExecuteStatementInput,
): Promise<Members> {
  const plan = planSelect(context, bound)
  const origin = () => originOf(input.Statement, input.Parameters ?? [])
  try {
    const { rows, next, consumed } = await selectPage(context, plan, {
      limit: input.Limit ?? Number.POSITIVE_INFINITY,
      isConsistent: input.ConsistentRead === true,
      capacity: input.ReturnConsumedCapacity,
      start: input.NextToken === undefined ? BEGINNING : decodeNextToken(input.NextToken, origin()),
    })
    return {
      Items: rows,
      ...(next && { NextToken: encodeNextToken(next, origin()) }),
      ...(next?.startKey && { LastEvaluatedKey: next.startKey }),
      ...(consumed && { ConsumedCapacity: consumed }),
    }
  } catch (failure) {
    throw statementFailure(failure)
  }
}

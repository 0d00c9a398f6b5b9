/** All items of a table or an index, or of one segment of it, a page at a time. */
import { ValidationException } from '../../errors.js'
import { validationError } from '../aws-error.js'
import { projectionFromNames } from '../legacy/attributes-to-get.js'
import { type ConditionMap, checkConditionalOperator, predicateFromConditions } from '../legacy/conditions.js'
import type { Members } from '../performer.js'
import { type ReadInput, readAnswer } from '../query/read-answer.js'
import { checkProjected, checkSelect } from '../query/selection.js'
import { checkScanStart, startKeyFrom } from '../query/start-key.js'
import { bindExpressions, checkParameters, type ParameterNames } from '../request/expression-parameters.js'
import { checkKeyPaths } from '../request/key-paths.js'
import { findReadIndex, findTable } from '../request/table-of-request.js'
import type { ServiceContext } from '../service-context.js'
import { SEGMENT_MISSING, segmentTooLarge, startKeyOfOtherSegment, TOTAL_SEGMENTS_MISSING } from '../wording.js'

interface ScanInput extends ReadInput {
  readonly ScanFilter?: ConditionMap
  readonly Segment?: number
  readonly TotalSegments?: number
}

const PARAMETERS: ParameterNames = {
  expressions: ['ProjectionExpression', 'FilterExpression'],
  others: ['AttributesToGet', 'ScanFilter', 'ConditionalOperator'],
}

export async function scan(context: ServiceContext, members: Members): Promise<Members> {
  const input = members as ScanInput
  checkParameters(input, PARAMETERS)
  checkConditionalOperator(input, 'ScanFilter')
  const scanFilter = predicateFromConditions(input.ScanFilter, input.ConditionalOperator)
  const names = projectionFromNames(input.AttributesToGet)
  const startKey = startKeyFrom(input.ExclusiveStartKey)
  const { Segment: segment, TotalSegments: totalSegments } = input
  checkSegment(segment, totalSegments)
  const { filter = scanFilter, projection = names, nested } = bindExpressions(input, PARAMETERS)
  checkSelect(input)

  const table = findTable(context, input.TableName)
  const index = findReadIndex(table, input)
  if (startKey !== undefined) checkScanStart(startKey, table, index, () => checkProjected(input.Select, index))
  else checkProjected(input.Select, index)
  checkKeyPaths(table, nested)

  const request = { where: undefined, filter, reverse: false, segment, totalSegments }
  try {
    return await readAnswer(context, input, { table, index, startKey, projection, request })
  } catch (failure) {
    // A key of a whole table is outside only of a segment.
    const isOutside = failure instanceof ValidationException && failure.code === 'CURSOR'
    throw isOutside ? validationError(startKeyOfOtherSegment(segment ?? 0, totalSegments ?? 1)) : failure
  }
}

function checkSegment(segment: number | undefined, totalSegments: number | undefined): void {
  if (segment === undefined && totalSegments === undefined) return
  if (segment === undefined) throw validationError(SEGMENT_MISSING)
  if (totalSegments === undefined) throw validationError(TOTAL_SEGMENTS_MISSING)
  if (segment >= totalSegments) throw validationError(segmentTooLarge(segment, totalSegments))
}

/**
 * What a query or a scan returns of its items: `Select`, with the attributes that are asked for by name.
 */
import type { KnownIndex } from '../../backend.js'
import { validationError } from '../aws-error.js'
import type { Members } from '../performer.js'
import {
  allAttributesNotProjected,
  namesNotAllowed,
  PROJECTED_WITHOUT_INDEX,
  SPECIFIC_WITHOUT_NAMES,
} from '../wording.js'

export type Select = 'ALL_ATTRIBUTES' | 'ALL_PROJECTED_ATTRIBUTES' | 'SPECIFIC_ATTRIBUTES' | 'COUNT'

/** @throws {AwsError} ValidationException, when the parameters do not go together. */
export function checkSelect(input: Members): void {
  const select = input['Select'] as Select | undefined
  if (select === undefined) return
  const parameter = ['AttributesToGet', 'ProjectionExpression'].find((name) => input[name] !== undefined)
  if (select === 'SPECIFIC_ATTRIBUTES') {
    if (parameter === undefined) throw validationError(SPECIFIC_WITHOUT_NAMES)
    return
  }
  if (parameter !== undefined) throw validationError(namesNotAllowed(parameter, select))
  if (select === 'ALL_PROJECTED_ATTRIBUTES' && input['IndexName'] === undefined) {
    throw validationError(PROJECTED_WITHOUT_INDEX)
  }
}

/** @throws {AwsError} ValidationException, when a global index does not have all that is asked for. */
export function checkProjected(select: unknown, index: KnownIndex | undefined): void {
  if (select !== 'ALL_ATTRIBUTES' || index === undefined) return
  const { isLocal, projection } = index.definition
  if (!isLocal && projection !== 'ALL') throw validationError(allAttributesNotProjected(index.name))
}

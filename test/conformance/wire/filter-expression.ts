/** Any filter or condition of a request, however it was written, as an expression of DynamoDB's. */
import { filtersOf } from '../../../src/model/expression/conjunction.js'
import type { RawExpression } from '../../../src/model/expression/dynamodb/expression-source.js'
import { translateFilter } from '../../../src/model/expression/translate/translate.js'
import type { RequestExpressions } from './request-expressions.js'

/** What no item fulfils. */
const NEVER: RawExpression = {
  expression: 'attribute_exists(#never) AND attribute_not_exists(#never)',
  names: { '#never': 'never' },
}

/**
 * Undefined for one that every item passes.
 *
 * @throws {ValidationException} `EXPRESSION_UNTRANSLATABLE` when DynamoDB has no words for it.
 */
export function filterText(
  filter: unknown,
  kind: 'ConditionExpression' | 'FilterExpression',
  expressions: RequestExpressions,
): string | undefined {
  if (filter === undefined) return undefined
  const parts = filtersOf(filter).map((part) => translateFilter(part, kind))
  const wanted = parts.filter((part) => typeof part !== 'boolean')
  if (parts.includes(false)) return expressions.add(NEVER)
  if (wanted.length <= 1) return wanted.length === 0 ? undefined : expressions.add(wanted[0]!)
  return wanted.map((part) => `(${expressions.add(part)})`).join(' AND ')
}

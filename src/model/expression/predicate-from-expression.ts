/**
 * DynamoDB's condition and filter expressions as predicates, whether they were written as a `ddb` template or in the raw
 * form `{ expression, names, values }`. The language is in dynamodb/.
 */
import { bindCondition } from './dynamodb/bound-expression.js'
import { type ExpressionSource, textOf } from './dynamodb/expression-source.js'
import type { Predicate } from './predicate.js'

/** @throws {ValidationException} `EXPRESSION_…`, or what is wrong with a value; the words are DynamoDB's. */
export function predicateFromExpression(
  kind: 'ConditionExpression' | 'FilterExpression',
  source: ExpressionSource,
): Predicate {
  const { compiled, values } = bindCondition(kind, source)
  const { test, attributes } = compiled
  return { source: textOf(source), attributes, matches: (item) => test(item, values) }
}

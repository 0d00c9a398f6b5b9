/**
 * The older form of filters and conditions: one comparison for each attribute, joined by `ConditionalOperator`.
 *
 * `QueryFilter` and `ScanFilter` are maps of them; `Expected` has an older form still, in which a value alone means that
 * the attribute has it, and `Exists: false` that there is none.
 */
import { CompiledPredicate } from '../../model/expression/predicate.js'
import { validationError } from '../aws-error.js'
import type { Members } from '../performer.js'
import type { AttributeValue } from '../value/attribute-value.js'
import { nativeValue } from '../value/native-value.js'
import {
  existsAndOperator,
  listWithoutOperator,
  OPERATOR_WITHOUT_CONDITIONS,
  operatorWithoutValue,
  TOO_FEW_CONDITIONS,
  valueAndList,
  valueMissing,
  valueNotAllowed,
} from '../wording.js'
import {
  type Comparison,
  type ComparisonOperator,
  type ConditionInput,
  comparisonFrom,
  comparisonHolds,
} from './comparison.js'

export type ConditionMap = Readonly<Record<string, ConditionInput>>

export interface ExpectedInput {
  readonly Value?: AttributeValue
  readonly Exists?: boolean
  readonly ComparisonOperator?: ComparisonOperator
  readonly AttributeValueList?: readonly AttributeValue[]
}

export type ExpectedMap = Readonly<Record<string, ExpectedInput>>

/**
 * Whether `ConditionalOperator` has anything to join.
 *
 * @param name The parameter whose conditions it joins.
 * @throws {AwsError} ValidationException
 */
export function checkConditionalOperator(input: Members, name: 'Expected' | 'QueryFilter' | 'ScanFilter'): void {
  if (input['ConditionalOperator'] === undefined) return
  const count = Object.keys((input[name] as Members | undefined) ?? {}).length
  if (count === 0) throw validationError(OPERATOR_WITHOUT_CONDITIONS)
  if (count === 1) throw validationError(TOO_FEW_CONDITIONS)
}

/** @throws {AwsError} ValidationException, when one of them is none. */
export function predicateFromConditions(
  conditions: ConditionMap | undefined,
  operator: unknown,
): CompiledPredicate | undefined {
  if (conditions === undefined) return undefined
  return joined(
    Object.keys(conditions).map((name) => [name, comparisonFrom(conditions[name]!)]),
    operator,
  )
}

/** @throws {AwsError} ValidationException, when one of them is none. */
export function predicateFromExpected(
  expected: ExpectedMap | undefined,
  operator: unknown,
): CompiledPredicate | undefined {
  if (expected === undefined) return undefined
  return joined(
    Object.keys(expected).map((name) => [name, expectedComparison(name, expected[name]!)]),
    operator,
  )
}

type NamedComparison = readonly [name: string, comparison: Comparison]

/** Without any conditions there is nothing to ask. */
function joined(comparisons: readonly NamedComparison[], operator: unknown): CompiledPredicate | undefined {
  if (comparisons.length === 0) return undefined
  const attributes = comparisons.map(([name]) => name)
  const holds = (item: Readonly<Record<string, unknown>>, [name, comparison]: NamedComparison) =>
    comparisonHolds(comparison, Object.hasOwn(item, name) ? item[name] : undefined)
  const matches =
    operator === 'OR'
      ? (item: Readonly<Record<string, unknown>>) => comparisons.some((each) => holds(item, each))
      : (item: Readonly<Record<string, unknown>>) => comparisons.every((each) => holds(item, each))
  return new CompiledPredicate({ source: attributes.join(', '), attributes, matches })
}

function expectedComparison(name: string, given: ExpectedInput): Comparison {
  const { Value: value, Exists: exists, ComparisonOperator: operator, AttributeValueList: list } = given
  if (list !== undefined && value !== undefined) throw validationError(valueAndList(name))
  if (operator !== undefined) {
    if (exists !== undefined) throw validationError(existsAndOperator(name))
    const isUnary = operator === 'NULL' || operator === 'NOT_NULL'
    if (!isUnary && list === undefined && value === undefined)
      throw validationError(operatorWithoutValue(operator, name))
    const values = list ?? (value === undefined ? [] : [value])
    return comparisonFrom({ ComparisonOperator: operator, AttributeValueList: values })
  }
  if (list !== undefined) throw validationError(listWithoutOperator(name))
  if (exists === false) {
    if (value !== undefined) throw validationError(valueNotAllowed(name))
    return { operator: 'NULL', operands: [] }
  }
  if (value === undefined) throw validationError(valueMissing(String(exists ?? null), name))
  return { operator: 'EQ', operands: [nativeValue(value)] }
}

/**
 * One comparison of the older parameters: an operator with its arguments. `Expected`, `QueryFilter`, `ScanFilter` and
 * `KeyConditions` are made of them.
 */

import { compareValues } from '../../model/expression/comparison.js'
import { typeOf } from '../../model/expression/dynamodb/attribute-type.js'
import { beginsWithValue, containsValue } from '../../model/expression/function.js'
import { ValueSet } from '../../model/expression/value-set.js'
import { equalValues } from '../../model/item/equality.js'
import { validationError } from '../aws-error.js'
import type { AttributeValue } from '../value/attribute-value.js'
import { nativeValue } from '../value/native-value.js'
import { LEGACY_BETWEEN_ORDER, MIXED_ARGUMENTS, wrongArgumentCount, wrongArgumentType } from '../wording.js'

export type ComparisonOperator =
  | 'EQ'
  | 'NE'
  | 'LE'
  | 'LT'
  | 'GE'
  | 'GT'
  | 'NOT_NULL'
  | 'NULL'
  | 'CONTAINS'
  | 'NOT_CONTAINS'
  | 'BEGINS_WITH'
  | 'IN'
  | 'BETWEEN'

export interface ConditionInput {
  readonly ComparisonOperator: ComparisonOperator
  readonly AttributeValueList?: readonly AttributeValue[]
}

export interface Comparison {
  readonly operator: ComparisonOperator
  /** As items have them. */
  readonly operands: readonly unknown[]
}

const SCALARS: ReadonlySet<string> = new Set(['S', 'N', 'B'])
const TEXTS: ReadonlySet<string> = new Set(['S', 'B'])
const ELEMENTS: ReadonlySet<string> = new Set(['S', 'N', 'B', 'BOOL', 'NULL'])

interface Rule {
  /** How many arguments it takes. */
  readonly least: number
  readonly most: number
  /** Of which types; without it, of any. */
  readonly types?: ReadonlySet<string>
  /** Whether an attribute, undefined if it is not there, is as the arguments say. */
  readonly holds: (value: unknown, operands: readonly unknown[]) => boolean
}

const ONE = { least: 1, most: 1 }
const NO = { least: 0, most: 0 }

const RULES: Readonly<Record<ComparisonOperator, Rule>> = {
  EQ: { ...ONE, holds: (value, [operand]) => isEqual(value, operand) },
  NE: { ...ONE, holds: (value, [operand]) => !isEqual(value, operand) },
  LE: { ...ONE, types: SCALARS, holds: (value, [operand]) => order(value, operand) <= 0 },
  LT: { ...ONE, types: SCALARS, holds: (value, [operand]) => order(value, operand) < 0 },
  GE: { ...ONE, types: SCALARS, holds: (value, [operand]) => order(value, operand) >= 0 },
  GT: { ...ONE, types: SCALARS, holds: (value, [operand]) => order(value, operand) > 0 },
  NOT_NULL: { ...NO, holds: (value) => value !== undefined },
  NULL: { ...NO, holds: (value) => value === undefined },
  CONTAINS: { ...ONE, types: ELEMENTS, holds: (value, [operand]) => containsValue(value, operand) },
  NOT_CONTAINS: { ...ONE, types: ELEMENTS, holds: (value, [operand]) => !containsValue(value, operand) },
  BEGINS_WITH: { ...ONE, types: TEXTS, holds: (value, [operand]) => beginsWithValue(value, operand) },
  IN: {
    least: 1,
    most: Number.POSITIVE_INFINITY,
    types: SCALARS,
    holds: (value, operands) => value !== undefined && membersOf(operands).has(value),
  },
  BETWEEN: {
    least: 2,
    most: 2,
    types: SCALARS,
    holds: (value, [low, high]) => order(value, low) >= 0 && order(value, high) <= 0,
  },
}

/** @throws {AwsError} ValidationException, when it is no comparison. */
export function comparisonFrom({ ComparisonOperator: operator, AttributeValueList = [] }: ConditionInput): Comparison {
  const operands = AttributeValueList.map((value) => nativeValue(value))
  const { least, most, types } = RULES[operator]
  if (operands.length < least || operands.length > most) throw validationError(wrongArgumentCount(operator))
  const [type, ...others] = operands.map(typeOf)
  if (others.some((other) => other !== type)) throw validationError(MIXED_ARGUMENTS)
  if (type !== undefined && types !== undefined && !types.has(type)) {
    throw validationError(wrongArgumentType(operator, type))
  }
  if (operator === 'BETWEEN' && order(operands[0], operands[1]) > 0) throw validationError(LEGACY_BETWEEN_ORDER)
  return { operator, operands }
}

/** @param value Undefined when there is no such attribute. */
export function comparisonHolds({ operator, operands }: Comparison, value: unknown): boolean {
  return RULES[operator].holds(value, operands)
}

/** Of which values are looked for in every item: the list may be long. */
const members = new WeakMap<readonly unknown[], ValueSet>()

function membersOf(operands: readonly unknown[]): ValueSet {
  let found = members.get(operands)
  if (found === undefined) members.set(operands, (found = new ValueSet(operands)))
  return found
}

function isEqual(value: unknown, operand: unknown): boolean {
  return value !== undefined && equalValues(value, operand)
}

/** What has no order is neither before nor behind: every comparison with NaN is false. */
function order(value: unknown, operand: unknown): number {
  return compareValues(value, operand) ?? Number.NaN
}

/**
 * What a query says about keys, in either form: a condition for each attribute, `KeyConditionExpression` or `KeyConditions`.
 * It is looked at in two rounds: alone, and against the key of what is read.
 */
import type { Bound } from '../../model/expression/dynamodb/bound-expression.js'
import {
  type KeyAttributeCondition,
  type KeyConditions as KeyConditionExpression,
  sortCondition,
} from '../../model/expression/dynamodb/key-condition.js'
import {
  CONDITION_COUNT,
  KEY_CONDITION_NOT_SUPPORTED,
  keyCondition,
  missedKey,
} from '../../model/expression/dynamodb/wording.js'
import type { Item } from '../../model/item/item.js'
import { keyPartType } from '../../model/key/key-codec.js'
import type { KeyAttribute } from '../../model/key/key-schema.js'
import { validationError } from '../aws-error.js'
import { type ComparisonOperator, comparisonFrom } from '../legacy/comparison.js'
import type { ConditionMap } from '../legacy/conditions.js'
import { CONDITION_TYPE_MISMATCH, NOT_INDEXABLE } from '../wording.js'
import type { ReadKey } from './read-key.js'

export interface KeyCondition {
  /** Undefined for a comparison that no index can serve. */
  readonly operator: KeyAttributeCondition['operator'] | undefined
  readonly operands: readonly unknown[]
}

/** By the names of the attributes. */
export type KeyConditions = ReadonlyMap<string, KeyCondition>

const OPERATORS: Readonly<Partial<Record<ComparisonOperator, KeyAttributeCondition['operator']>>> = {
  EQ: '=',
  LT: '<',
  LE: '<=',
  GT: '>',
  GE: '>=',
  BETWEEN: 'BETWEEN',
  BEGINS_WITH: 'begins_with',
}

/** A key of one attribute on each side has at most two conditions. */
const PLAIN_KEY_LIMIT = 2

/** @throws {ValidationException} When it is no condition that a query can have. */
export function conditionsOfExpression({ compiled, values }: Bound<KeyConditionExpression>): KeyConditions {
  const found = new Map<string, KeyCondition>()
  for (const [name, { operator, slots }] of compiled.conditions()) {
    found.set(name, { operator, operands: slots.map((slot) => values[slot]) })
  }
  return found
}

/** @throws {AwsError} ValidationException, when one of them is no condition at all. */
export function conditionsOfMap(conditions: ConditionMap): KeyConditions {
  const found = new Map<string, KeyCondition>()
  for (const name of Object.keys(conditions)) {
    const { operator, operands } = comparisonFrom(conditions[name]!)
    found.set(name, { operator: OPERATORS[operator], operands })
  }
  return found
}

/** @throws {ValidationException} When there are more or fewer than any key has attributes. */
export function checkConditionCount(conditions: KeyConditions, { hasIndex }: { readonly hasIndex: boolean }): void {
  const isTooMany = !hasIndex && conditions.size > PLAIN_KEY_LIMIT
  if (conditions.size === 0 || isTooMany) throw keyCondition(CONDITION_COUNT)
}

/** @throws {ValidationException} When one is missing for an attribute of the partition key. */
export function checkPartitionConditions(conditions: KeyConditions, { partition }: ReadKey): void {
  for (const { name } of partition) if (!conditions.has(name)) throw missedKey(name)
}

/**
 * The conditions as queries of the engine take them.
 *
 * @throws {AwsError} ValidationException, when the key can't be looked for by them.
 */
export function whereOf(conditions: KeyConditions, { partition, sort }: ReadKey): Item {
  if (conditions.size > Math.max(PLAIN_KEY_LIMIT, partition.length + sort.length)) throw keyCondition(CONDITION_COUNT)
  const key = [...partition, ...sort]
  const isKey = (name: string) => key.some((attribute) => attribute.name === name)
  const missed = sort.find(({ name }) => !conditions.has(name))
  for (const name of conditions.keys()) {
    if (isKey(name)) continue
    throw missed === undefined ? keyCondition(KEY_CONDITION_NOT_SUPPORTED) : missedKey(missed.name)
  }
  const where: [name: string, condition: unknown][] = []
  for (const attribute of key) {
    const condition = conditions.get(attribute.name)
    if (condition === undefined) continue
    const { operator, operands } = condition
    if (operator === undefined) throw validationError(NOT_INDEXABLE)
    checkOperands(attribute, operands)
    if (operator !== '=' && partition.includes(attribute)) throw keyCondition(KEY_CONDITION_NOT_SUPPORTED)
    where.push([attribute.name, sortCondition(operator, operands)])
  }
  return Object.fromEntries(where)
}

function checkOperands({ type }: KeyAttribute, operands: readonly unknown[]): void {
  for (const operand of operands) {
    const found = keyPartType(operand)
    if (found === undefined || (type !== undefined && type !== found)) throw validationError(CONDITION_TYPE_MISMATCH)
  }
}

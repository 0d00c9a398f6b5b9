/**
 * Key conditions: a condition that says which partition, and which part of it. What it says becomes the same form that
 * queries take anyway: a value for each key attribute, or one comparison.
 */
import type { Item } from '../../item/item.js'
import { compileCondition } from './condition.js'
import type { ConditionNode, OperandNode, ParsedCondition } from './expression.js'
import type { Requirements, Scope } from './scope.js'
import {
  CONDITION_COUNT,
  KEY_CONDITION_NOT_SUPPORTED,
  keyCondition,
  keyOperandFirst,
  missedKey,
  NESTED_ATTRIBUTE,
  NESTED_OPERATION,
  NO_KEY_ATTRIBUTE,
  ONE_CONDITION_PER_KEY,
  SEVERAL_ATTRIBUTES,
  wrongKeyOperator,
} from './wording.js'

export interface KeyConditions extends Requirements {
  /**
   * What has to hold of each attribute.
   *
   * @throws {ValidationException} `KEY_CONDITION` when a query can't use it.
   */
  readonly conditions: () => ReadonlyMap<string, KeyAttributeCondition>
}

export interface KeyAttributeCondition {
  readonly operator: '=' | '<' | '<=' | '>' | '>=' | 'BETWEEN' | 'begins_with'
  /** The numbers of its values. */
  readonly slots: readonly number[]
}

/** The names of the attributes of a key. */
export interface KeyAttributeNames {
  readonly partition: readonly string[]
  readonly sort: readonly string[]
}

/** @throws {ValidationException} `EXPRESSION_…` */
export function compileKeyCondition(parsed: ParsedCondition, scope: Scope): KeyConditions {
  // What is wrong with any condition is said before what is wrong with a key condition.
  const { test: _, ...requirements } = compileCondition(parsed, scope)
  let found: ReadonlyMap<string, KeyAttributeCondition> | undefined
  const conditions = () => {
    found ??= conditionsOf(parsed.condition, scope)
    return found
  }
  return { ...requirements, conditions }
}

/**
 * The condition as queries take it: `{ customer: 'ada', placedAt: { beginsWith: '2026' } }`.
 *
 * @throws {ValidationException} `KEY_CONDITION` or `KEY_MISSING`
 */
export function keyConditionAsObject(
  { conditions }: KeyConditions,
  values: readonly unknown[],
  { partition, sort }: KeyAttributeNames,
): Item {
  const found = conditions()
  if (found.size > Math.max(2, partition.length + sort.length)) throw keyCondition(CONDITION_COUNT)
  for (const name of partition) {
    const condition = found.get(name)
    if (condition === undefined) throw missedKey(name)
    if (condition.operator !== '=') throw keyCondition(KEY_CONDITION_NOT_SUPPORTED)
  }
  for (const name of found.keys()) {
    if (partition.includes(name) || sort.includes(name)) continue
    const missed = sort.find((other) => !found.has(other))
    throw missed === undefined ? keyCondition(KEY_CONDITION_NOT_SUPPORTED) : missedKey(missed)
  }
  const operandsOf = ({ slots }: KeyAttributeCondition) => slots.map((slot) => values[slot])
  return Object.fromEntries(
    [...found].map(([name, condition]) => [name, sortCondition(condition.operator, operandsOf(condition))]),
  )
}

/** One condition as queries take it: a value, or an object with an operator. */
export function sortCondition(
  operator: KeyAttributeCondition['operator'],
  [first, second]: readonly unknown[],
): unknown {
  switch (operator) {
    case '=':
      return first
    case '<':
      return { lt: first }
    case '<=':
      return { lte: first }
    case '>':
      return { gt: first }
    case '>=':
      return { gte: first }
    case 'BETWEEN':
      return { between: [first, second] }
    case 'begins_with':
      return { beginsWith: first }
  }
}

function conditionsOf(node: ConditionNode, scope: Scope): Map<string, KeyAttributeCondition> {
  const conditions = new Map<string, KeyAttributeCondition>()
  for (const part of partsOf(node)) {
    const { name, condition } = attributeCondition(part, scope)
    if (conditions.has(name)) throw keyCondition(ONE_CONDITION_PER_KEY)
    conditions.set(name, condition)
  }
  return conditions
}

/** It calls itself no deeper than the expression has operators. */
function partsOf(node: ConditionNode): ConditionNode[] {
  return node.kind === 'and' ? node.parts.flatMap(partsOf) : [node]
}

function attributeCondition(
  node: ConditionNode,
  scope: Scope,
): { readonly name: string; readonly condition: KeyAttributeCondition } {
  switch (node.kind) {
    case 'compare': {
      const { operator, left, right } = node
      if (operator === '<>') throw wrongKeyOperator(operator)
      const { name, slots, isFirst } = attributeAndValues([left, right], scope)
      return { name, condition: { operator: isFirst ? operator : FLIPPED[operator], slots } }
    }
    case 'between': {
      const { operand, low, high } = node
      if (operand.kind === 'value') throw keyOperandFirst('BETWEEN')
      const { name, slots } = attributeAndValues([operand, low, high], scope)
      return { name, condition: { operator: 'BETWEEN', slots } }
    }
    case 'call': {
      if (node.name !== 'begins_with') throw wrongKeyOperator(node.name)
      if (node.operands[0]?.kind === 'value') throw keyOperandFirst(node.name)
      const { name, slots } = attributeAndValues(node.operands, scope)
      return { name, condition: { operator: 'begins_with', slots } }
    }
    case 'in':
      throw wrongKeyOperator('IN')
    case 'or':
      throw wrongKeyOperator('OR')
    default:
      throw wrongKeyOperator('NOT')
  }
}

/** `:v < a` is `a > :v`. */
const FLIPPED = { '=': '=', '<': '>', '<=': '>=', '>': '<', '>=': '<=' } as const

function attributeAndValues(
  operands: readonly OperandNode[],
  scope: Scope,
): { readonly name: string; readonly slots: number[]; readonly isFirst: boolean } {
  let name: string | undefined
  let isFirst = false
  const slots: number[] = []
  for (const [index, operand] of operands.entries()) {
    if (operand.kind === 'call') throw keyCondition(NESTED_OPERATION)
    if (operand.kind === 'value') {
      slots.push(scope.slot(operand.name))
      continue
    }
    if (name !== undefined) throw keyCondition(SEVERAL_ATTRIBUTES)
    const path = scope.path(operand)
    if (path.length > 1) throw keyCondition(NESTED_ATTRIBUTE)
    name = path[0] as string
    isFirst = index === 0
  }
  if (name === undefined) throw keyCondition(NO_KEY_ATTRIBUTE)
  return { name, slots, isFirst }
}

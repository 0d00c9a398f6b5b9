/**
 * What a condition is put together from. In PartiQL a condition is a value as well, `attribute_exists(a) = true`; in DynamoDB's
 * expressions it is none. Such a comparison is written out: the condition holds and the other side is true, or it does not
 * and the other side is false. That names the condition twice; so each knows how much there is of it when it is written out.
 */
import type { CallNode, ConditionNode, OperandNode } from '../../model/expression/dynamodb/expression.js'
import type { OpenValues } from './open-values.js'

/** Of all of them the weight is how many operators and functions they have. */
export type Term = OperandTerm | ConditionTerm

export interface OperandTerm {
  readonly kind: 'operand'
  readonly node: OperandNode
  readonly weight: number
}

export interface ConditionTerm {
  readonly kind: 'condition'
  readonly node: ConditionNode
  readonly weight: number
}

/** Stands where a condition is refused anyway. */
export const NO_CONDITION_TERM: ConditionTerm = condition({ kind: 'call', name: 'attribute_exists', operands: [] }, 1)

export function operand(node: OperandNode): OperandTerm {
  return { kind: 'operand', node, weight: callCount(node) }
}

export function condition(node: ConditionNode, weight: number): ConditionTerm {
  return { kind: 'condition', node, weight }
}

export function callCondition(node: CallNode): ConditionTerm {
  return condition(node, callCount(node))
}

export function negated({ node, weight }: ConditionTerm): ConditionTerm {
  return condition({ kind: 'not', part: node }, weight + 1)
}

export function joined(kind: 'and' | 'or', left: ConditionTerm, right: ConditionTerm): ConditionTerm {
  const parts = left.node.kind === kind ? [...left.node.parts, right.node] : [left.node, right.node]
  return condition({ kind, parts }, left.weight + right.weight + 1)
}

/** That a condition is as true as something else. */
export function sameTruth(one: ConditionTerm, other: Term, values: OpenValues): ConditionTerm {
  if (other.kind === 'condition') return eitherWay(one, other, negated(other))
  const value = other.node.kind === 'value' ? values.known(other.node) : undefined
  if (value === undefined) return eitherWay(one, isTruth(other, true, values), isTruth(other, false, values))
  // What is no boolean is neither.
  if (value.BOOL === undefined) return joined('and', one, negated(one))
  return value.BOOL ? one : negated(one)
}

function eitherWay(one: ConditionTerm, isTrue: ConditionTerm, isFalse: ConditionTerm): ConditionTerm {
  return joined('or', joined('and', one, isTrue), joined('and', negated(one), isFalse))
}

function isTruth({ node: left, weight }: OperandTerm, truth: boolean, values: OpenValues): ConditionTerm {
  return condition({ kind: 'compare', operator: '=', left, right: values.literal({ BOOL: truth }) }, weight + 1)
}

function callCount(node: OperandNode): number {
  return node.kind === 'call' ? node.operands.reduce((count, inner) => count + callCount(inner), 1) : 0
}

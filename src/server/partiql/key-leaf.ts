/** Conditions that say what a single attribute is, or between what it lies: of a key, these can be looked up. */
import type { ConditionNode, OperandNode, ValueNode } from '../../model/expression/dynamodb/expression.js'

export interface KeyLeaf {
  readonly name: string
  readonly operator: '=' | '<' | '<=' | '>' | '>=' | 'BETWEEN' | 'IN' | 'begins_with'
  readonly values: readonly ValueNode[]
  readonly node: ConditionNode
}

/** `1 < a` is `a > 1`. */
const FLIPPED = { '=': '=', '<': '>', '<=': '>=', '>': '<', '>=': '<=' } as const

/** What a condition says of one attribute and values; undefined if it is of another kind. */
export function keyLeaf(node: ConditionNode): KeyLeaf | undefined {
  switch (node.kind) {
    case 'compare': {
      const { operator, left, right } = node
      if (operator === '<>') return undefined
      return leaf(left, operator, [right], node) ?? leaf(right, FLIPPED[operator], [left], node)
    }
    case 'between':
      return leaf(node.operand, 'BETWEEN', [node.low, node.high], node)
    case 'in':
      return leaf(node.operand, 'IN', node.list, node)
    case 'call':
      return node.name === 'begins_with'
        ? leaf(node.operands[0]!, 'begins_with', node.operands.slice(1), node)
        : undefined
    default:
      return undefined
  }
}

function leaf(
  attribute: OperandNode,
  operator: KeyLeaf['operator'],
  operands: readonly OperandNode[],
  node: ConditionNode,
): KeyLeaf | undefined {
  if (attribute.kind !== 'path' || attribute.steps.length > 1) return undefined
  const values = operands.filter((operand): operand is ValueNode => operand.kind === 'value')
  return values.length < operands.length ? undefined : { name: attribute.steps[0]!.text, operator, values, node }
}

/** What has to hold together, in the order it is written in. */
export function conjuncts(node: ConditionNode | undefined): readonly ConditionNode[] {
  if (node === undefined) return []
  return node.kind === 'and' ? node.parts.flatMap(conjuncts) : [node]
}

export function conjunction(nodes: readonly ConditionNode[]): ConditionNode | undefined {
  return nodes.length > 1 ? { kind: 'and', parts: nodes } : nodes[0]
}

/**
 * The syntax trees of DynamoDB's expressions. They hold what was written: placeholders are still placeholders, so that a
 * tree is worth keeping for every request with the same text.
 */

/** A step of a path: an attribute by its name, an attribute by its placeholder, or an element of a list. */
export type PathStep =
  | { readonly kind: 'word'; readonly text: string }
  | { readonly kind: 'name'; readonly text: string }
  | { readonly kind: 'index'; readonly text: string }

/** `a.#b[2]` */
export interface PathNode {
  readonly kind: 'path'
  readonly steps: readonly PathStep[]
}

/** `:value` */
export interface ValueNode {
  readonly kind: 'value'
  readonly name: string
}

/** `size(a)` */
export interface CallNode {
  readonly kind: 'call'
  readonly name: string
  readonly operands: readonly OperandNode[]
}

export type OperandNode = PathNode | ValueNode | CallNode

export const COMPARATORS = ['=', '<>', '<', '<=', '>', '>='] as const
export type Comparator = (typeof COMPARATORS)[number]

export type ConditionNode =
  | {
      readonly kind: 'compare'
      readonly operator: Comparator
      readonly left: OperandNode
      readonly right: OperandNode
    }
  | {
      readonly kind: 'between'
      readonly operand: OperandNode
      readonly low: OperandNode
      readonly high: OperandNode
    }
  | { readonly kind: 'in'; readonly operand: OperandNode; readonly list: readonly OperandNode[] }
  | CallNode
  | { readonly kind: 'and' | 'or'; readonly parts: readonly ConditionNode[] }
  | { readonly kind: 'not'; readonly part: ConditionNode }

/** What is on the right side of a `SET`. */
export type SetValueNode =
  | OperandNode
  | {
      readonly kind: 'arithmetic'
      readonly operator: '+' | '-'
      readonly left: OperandNode
      readonly right: OperandNode
    }

export const SECTIONS = ['SET', 'REMOVE', 'ADD', 'DELETE'] as const
export type Section = (typeof SECTIONS)[number]

export type ActionNode =
  | { readonly section: 'SET'; readonly path: PathNode; readonly value: SetValueNode }
  | { readonly section: 'REMOVE'; readonly path: PathNode }
  | { readonly section: 'ADD' | 'DELETE'; readonly path: PathNode; readonly value: ValueNode }

/** What a parser found. */
export interface ParsedCondition {
  readonly condition: ConditionNode
  readonly hasRedundantParentheses: boolean
}

export interface ParsedUpdate {
  /** In the order they are written in. */
  readonly actions: readonly ActionNode[]
  /** The first section that is there twice. */
  readonly repeatedSection: Section | undefined
  readonly hasRedundantParentheses: boolean
}

export interface ParsedProjection {
  readonly paths: readonly PathNode[]
}

/**
 * Statements as they were read. Conditions and updates are trees of expressions (model/expression/dynamodb/expression.ts), in
 * which a word is the name of an attribute as it stands; the values in them are placeholders, and what those stand for is
 * beside the tree. So a tree is worth keeping for every request with the same text.
 */
import type { ActionNode, ConditionNode } from '../../model/expression/dynamodb/expression.js'
import type { AttributeValue } from '../value/attribute-value.js'

/** A value that the statement has in it, or the number of the parameter that it leaves open; the first is number 0. */
export type ValueSource =
  | { readonly kind: 'literal'; readonly value: AttributeValue }
  | { readonly kind: 'parameter'; readonly number: number }

/** By the placeholder that stands for it in the trees. */
export type ValueSources = ReadonlyMap<string, ValueSource>

export interface OpenStatement {
  readonly table: string
  readonly values: ValueSources
  readonly parameterCount: number
}

export interface SelectStatement extends OpenStatement {
  readonly kind: 'select'
  readonly index: string | undefined
  /** What an item is shown by; all of it if undefined. */
  readonly columns: readonly Column[] | undefined
  readonly where: ConditionNode | undefined
  readonly order: readonly OrderTerm[]
}

/** A path into an item, and what its value is called. */
export interface Column {
  readonly path: readonly (string | number)[]
  readonly name: string
}

export interface OrderTerm {
  readonly name: string
  readonly isDescending: boolean
}

export interface InsertStatement extends OpenStatement {
  readonly kind: 'insert'
  readonly index: undefined
  /** The attributes; or the placeholder of all of them. */
  readonly item: readonly (readonly [name: string, placeholder: string])[] | string
}

export interface UpdateStatement extends OpenStatement {
  readonly kind: 'update'
  readonly index: string | undefined
  readonly actions: readonly ActionNode[]
  /** Placeholders that have to stand for sets, and what is said if they don't. */
  readonly setOperands: readonly (readonly [placeholder: string, message: string])[]
  readonly where: ConditionNode | undefined
  readonly returning: Returning | undefined
}

export interface DeleteStatement extends OpenStatement {
  readonly kind: 'delete'
  readonly index: string | undefined
  readonly where: ConditionNode | undefined
  readonly returning: Returning | undefined
}

/** That a SELECT finds something: a condition of a transaction. */
export interface ExistsStatement extends OpenStatement {
  readonly kind: 'exists'
  readonly index: string | undefined
  readonly where: ConditionNode | undefined
}

export interface Returning {
  readonly extent: 'ALL' | 'MODIFIED'
  readonly image: 'OLD' | 'NEW'
}

export type Statement = SelectStatement | InsertStatement | UpdateStatement | DeleteStatement | ExistsStatement

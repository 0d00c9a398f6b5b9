/**
 * A statement with the values of its parameters: what is wrong with it, whatever table it is about, is said here. Conditions
 * and updates are looked through by what looks through expressions, in the same order and words.
 */
import { ValidationException } from '../../errors.js'
import { isSetType, typeOf } from '../../model/expression/dynamodb/attribute-type.js'
import { type Condition, compileCondition } from '../../model/expression/dynamodb/condition.js'
import type { ActionNode, ConditionNode, ValueNode } from '../../model/expression/dynamodb/expression.js'
import { type Requirements, Scope } from '../../model/expression/dynamodb/scope.js'
import { compileUpdate } from '../../model/expression/dynamodb/update.js'
import type { Item } from '../../model/item/item.js'
import { validationError } from '../aws-error.js'
import type { AttributeMap, AttributeValue } from '../value/attribute-value.js'
import { nativeValue } from '../value/native-value.js'
import type { Statement, ValueSource } from './statement.js'
import { withoutExpression } from './statement-failure.js'
import { INSERT_NEEDS_MAP, PARAMETER_COUNT } from './wording.js'

/** What placeholders stand for: in DynamoDB's form, for requests, and in the engine's, to compare them. */
export class BoundValues {
  readonly #values: ReadonlyMap<string, AttributeValue>
  readonly #natives = new Map<string, unknown>()

  constructor(values: ReadonlyMap<string, AttributeValue>) {
    this.#values = values
  }

  value(placeholder: string): AttributeValue {
    return this.#values.get(placeholder)!
  }

  /** @throws {AwsError} ValidationException, when no item can hold the value. */
  native(placeholder: string): unknown {
    if (!this.#natives.has(placeholder)) this.#natives.set(placeholder, nativeValue(this.value(placeholder)))
    return this.#natives.get(placeholder)
  }

  nativeOf({ name }: ValueNode): unknown {
    return this.native(name)
  }
}

export interface BoundStatement<S extends Statement = Statement> {
  readonly statement: S
  readonly values: BoundValues
}

/**
 * The parameters of a request are looked at before its statement is.
 *
 * @throws {AwsError} ValidationException, when no item can hold one of them.
 */
export function checkParameters(parameters: readonly AttributeValue[] = []): void {
  for (const parameter of parameters) nativeValue(parameter)
}

/** @throws {AwsError} ValidationException */
export function bindStatement<S extends Statement>(
  statement: S,
  parameters: readonly AttributeValue[] = [],
): BoundStatement<S> {
  if (parameters.length !== statement.parameterCount) throw validationError(PARAMETER_COUNT)
  const sources = [...statement.values]
  const values = new BoundValues(new Map(sources.map(([name, source]) => [name, valueBehind(source, parameters)])))
  checkStatement(statement, values)
  return { statement, values }
}

function valueBehind(source: ValueSource, parameters: readonly AttributeValue[]): AttributeValue {
  return source.kind === 'literal' ? source.value : parameters[source.number]!
}

function checkStatement(statement: Statement, values: BoundValues): void {
  if (statement.kind === 'insert') {
    const { item } = statement
    if (typeof item === 'string' && values.value(item).M === undefined) throw validationError(INSERT_NEEDS_MAP)
    return
  }
  if (statement.kind === 'update') {
    for (const [placeholder, message] of statement.setOperands) {
      if (!isSetType(typeOf(values.native(placeholder)))) throw validationError(message)
    }
    check(compiledUpdate(statement.actions), values)
  }
  if (statement.where !== undefined) check(compiledCondition(statement.where), values)
}

/** The item of an INSERT. */
export function insertedItem({
  statement,
  values,
}: BoundStatement<Extract<Statement, { kind: 'insert' }>>): AttributeMap {
  const { item } = statement
  if (typeof item === 'string') return values.value(item).M!
  return Object.fromEntries(item.map(([name, placeholder]) => [name, values.value(placeholder)]))
}

/** The condition as a function of an item. */
export function conditionTest(node: ConditionNode, values: BoundValues): (item: Item) => boolean {
  const { test, slots } = compiledCondition(node)
  const natives = slots.map((slot) => values.native(slot))
  return (item) => test(item, natives)
}

/** The top-level attributes that a condition reads. */
export function attributesOf(node: ConditionNode): readonly string[] {
  return compiledCondition(node).attributes
}

function check({ slots, later, checks }: Requirements, values: BoundValues): void {
  if (later !== undefined) throw validationError(later.text)
  const natives = slots.map((slot) => values.native(slot))
  for (const find of checks) {
    const problem = find(natives)
    if (problem !== undefined) throw validationError(problem.text)
  }
}

/** Trees are kept with their statements, and what they compile to with the trees. */
const conditions = new WeakMap<ConditionNode, Condition>()
const updates = new WeakMap<readonly ActionNode[], Requirements>()

function compiledCondition(node: ConditionNode): Condition {
  let compiled = conditions.get(node)
  if (compiled === undefined) {
    const parsed = { condition: node, hasRedundantParentheses: false }
    compiled = withoutKind(() =>
      compileCondition(parsed, new Scope('FilterExpression', { names: undefined, isTemplate: true })),
    )
    conditions.set(node, compiled)
  }
  return compiled
}

function compiledUpdate(actions: readonly ActionNode[]): Requirements {
  let compiled = updates.get(actions)
  if (compiled === undefined) {
    const parsed = { actions, repeatedSection: undefined, hasRedundantParentheses: false }
    compiled = withoutKind(() =>
      compileUpdate(parsed, new Scope('UpdateExpression', { names: undefined, isTemplate: true })),
    )
    updates.set(actions, compiled)
  }
  return compiled
}

function withoutKind<Result>(act: () => Result): Result {
  try {
    return act()
  } catch (failure) {
    throw failure instanceof ValidationException ? validationError(withoutExpression(failure.message)) : failure
  }
}

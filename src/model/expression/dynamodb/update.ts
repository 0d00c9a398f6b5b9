/**
 * Updates as functions of an item and of the values behind the placeholders, made once for each text.
 *
 * All operands are read from the item as it was, so the order of the actions does not matter; that no two of them concern
 * the same place is checked before. The item there was stays as it is; the new one shares values with it and with those
 * that were handed in: whoever stores it copies them by encoding.
 */
import { addNumbers, isNumberValue } from '../../item/decimal.js'
import { elementIdentity } from '../../item/equality.js'
import { ITEM_BYTE_LIMIT, type Item, type NumberValue } from '../../item/item.js'
import { negated } from '../filtrex-operator.js'
import { isSetType, LONG_TYPE_NAMES, typeOf } from './attribute-type.js'
import { isConditionFunction } from './condition.js'
import { type DocumentPath, readPath } from './document-path.js'
import type { ActionNode, CallNode, OperandNode, ParsedUpdate, SetValueNode } from './expression.js'
import type { FragmentEntry } from './fragment.js'
import { ItemEdit } from './item-edit.js'
import { PathTree } from './path-tree.js'
import type { Requirements, Scope } from './scope.js'
import {
  actionOperandType,
  keyNotUpdatable,
  missingOperand,
  misusedFunction,
  needsPath,
  notInUpdate,
  operandCount,
  operandType,
  REDUNDANT_PARENTHESES,
  repeatedSection,
  unknownFunction,
  updateTooBig,
  wrongOperand,
} from './wording.js'

export interface Update extends Requirements {
  /** Every path it changes. */
  readonly paths: readonly DocumentPath[]
  /** The top-level attributes that it writes what it reads somewhere else: of which type that is depends on the item. */
  readonly copied: ReadonlySet<string>
  /**
   * @throws {ValidationException} `UPDATE_PATH`, `UPDATE_TYPE`, `NUMBER_…`, `ITEM_TOO_BIG` or `ATTRIBUTE_NAME`, when it
   * makes no sense for this item.
   */
  readonly apply: (item: Item, values: readonly unknown[]) => ChangedItem
}

export interface ChangedItem {
  readonly item: Item
  /** What was written, and where; not what was removed. */
  readonly written: readonly FragmentEntry[]
}

/** @throws {ValidationException} `EXPRESSION_…` */
export function compileUpdate(parsed: ParsedUpdate, scope: Scope): Update {
  if (parsed.hasRedundantParentheses) scope.report('parentheses', REDUNDANT_PARENTHESES)
  if (parsed.repeatedSection !== undefined) scope.report('section', repeatedSection(parsed.repeatedSection))
  const compiler = new UpdateCompiler(scope)
  const actions = parsed.actions.map((action) => compiler.action(action))
  const paths = actions.map(({ path }) => path)
  const tree = new PathTree()
  for (const path of paths) tree.add(path)
  if (tree.overlap !== undefined) scope.report('overlap', tree.overlap)
  if (tree.conflict !== undefined) scope.report('conflict', tree.conflict)
  const copied = new Set<string>()
  for (const [i, action] of parsed.actions.entries()) {
    const [name, ...inner] = paths[i]!
    if (inner.length === 0 && isCopied(action)) copied.add(name as string)
  }
  return { ...scope.requirements(), paths, copied, apply: (item, values) => apply(actions, item, values) }
}

function isCopied(action: ActionNode): boolean {
  if (action.section !== 'SET') return false
  const { value } = action
  return value.kind === 'path' || (value.kind === 'call' && value.name === 'if_not_exists')
}

type Values = readonly unknown[]

/** Reads from the item as it was; `undefined` removes what is there. */
type Compute = (item: Item, values: Values, budget: Budget) => unknown

interface Action {
  readonly path: DocumentPath
  /** What is written to the path; undefined to remove what is there. */
  readonly compute: Compute
}

/** What the actions of an update have in common while it is applied. */
interface Budget {
  /** How many elements lists and sets may still get: more than that no item can hold. */
  elementCount: number
  /** The elements of sets among the values. */
  readonly identities: Map<ReadonlySet<unknown>, ReadonlyMap<string, unknown>>
}

/** @throws {ValidationException} `KEY_NOT_UPDATABLE` when a path leads to one of these attributes, or into it. */
export function checkKeyUntouched({ paths }: Update, keyNames: readonly string[]): void {
  for (const [name] of paths) if (keyNames.includes(name as string)) throw keyNotUpdatable(name as string)
}

function apply(actions: readonly Action[], item: Item, values: Values): ChangedItem {
  const budget: Budget = { elementCount: ITEM_BYTE_LIMIT, identities: new Map() }
  const computed = actions.map(({ compute }) => compute(item, values, budget))
  const edit = new ItemEdit(item)
  const written: FragmentEntry[] = []
  actions.forEach(({ path }, index) => {
    const value = computed[index]
    if (value === undefined) {
      edit.remove(path)
    } else {
      edit.set(path, value)
      written.push([path, value])
    }
  })
  return { item: edit.finish(), written }
}

class UpdateCompiler {
  readonly #scope: Scope

  constructor(scope: Scope) {
    this.#scope = scope
  }

  action(node: ActionNode): Action {
    const path = this.#scope.path(node.path)
    switch (node.section) {
      case 'SET':
        return { path, compute: this.#value(node.value) }
      case 'REMOVE':
        return { path, compute: nothing }
      case 'ADD': {
        const slot = this.#scope.slot(node.value.name)
        this.#checkAction('ADD', slot)
        return { path, compute: (item, values, budget) => added(readPath(item, path), values[slot], budget) }
      }
      case 'DELETE': {
        const slot = this.#scope.slot(node.value.name)
        this.#checkAction('DELETE', slot)
        return { path, compute: (item, values, budget) => without(readPath(item, path), values[slot], budget) }
      }
    }
  }

  #checkAction(section: 'ADD' | 'DELETE', slot: number): void {
    this.#scope.check('action', (values) => {
      const type = typeOf(values[slot])
      const isRight = isSetType(type) || (section === 'ADD' && type === 'N')
      return isRight ? undefined : actionOperandType(section, LONG_TYPE_NAMES[type])
    })
  }

  #value(node: SetValueNode): Compute {
    if (node.kind !== 'arithmetic') return this.#operand(node)
    const { operator } = node
    const left = this.#operand(node.left)
    const right = this.#operand(node.right)
    this.#checkType(operator, node.left, 'N')
    this.#checkType(operator, node.right, 'N')
    return (item, values, budget) => {
      const augend = left(item, values, budget)
      const addend = right(item, values, budget)
      return addNumbers(numberOf(augend), operator === '+' ? numberOf(addend) : negated(numberOf(addend)))
    }
  }

  #operand(node: OperandNode): Compute {
    switch (node.kind) {
      case 'path': {
        const path = this.#scope.path(node)
        return (item) => {
          const value = readPath(item, path)
          if (value === undefined) throw missingOperand()
          return value
        }
      }
      case 'value': {
        const slot = this.#scope.slot(node.name)
        return (_item, values) => values[slot]
      }
      case 'call':
        return this.#call(node)
    }
  }

  #call({ name, operands }: CallNode): Compute {
    const [first, second] = operands.map((operand) => this.#operand(operand)) as [Compute, Compute]
    if (name !== 'if_not_exists' && name !== 'list_append') {
      this.#scope.report('function', isConditionFunction(name) ? notInUpdate(name) : unknownFunction(name))
      return nothing
    }
    if (operands.length !== 2) {
      this.#scope.report('count', operandCount(name, operands.length))
      return nothing
    }
    if (name === 'if_not_exists') {
      const [node] = operands
      if (node!.kind !== 'path') {
        this.#scope.check('type', () => needsPath(name))
        return nothing
      }
      const path = this.#scope.path(node!)
      return (item, values, budget) => {
        const old = readPath(item, path)
        return old === undefined ? second(item, values, budget) : old
      }
    }
    for (const operand of operands) {
      if (operand.kind === 'call' && operand.name === name) this.#scope.report('misuse', misusedFunction(name))
      this.#checkType(name, operand, 'L')
    }
    return (item, values, budget) => appended(first(item, values, budget), second(item, values, budget), budget)
  }

  #checkType(name: string, operand: OperandNode, wanted: 'N' | 'L'): void {
    if (operand.kind !== 'value') return
    const slot = this.#scope.slot(operand.name)
    this.#scope.check('type', (values) => {
      const type = typeOf(values[slot])
      return type === wanted ? undefined : operandType(name, type)
    })
  }
}

function nothing(): undefined {
  return undefined
}

function numberOf(value: unknown): NumberValue {
  if (!isNumberValue(value)) throw wrongOperand()
  return value
}

function appended(first: unknown, second: unknown, budget: Budget): unknown {
  if (!Array.isArray(first) || !Array.isArray(second)) throw wrongOperand()
  spend(budget, first.length + second.length)
  return [...first, ...second]
}

/** Before anything is made: an update may ask for hundreds of large lists and sets. */
function spend(budget: Budget, elementCount: number): void {
  budget.elementCount -= elementCount
  if (budget.elementCount < 0) throw updateTooBig()
}

function added(old: unknown, value: unknown, budget: Budget): unknown {
  if (old === undefined) return value
  if (isNumberValue(value)) return addNumbers(numberOf(old), value)
  const [before, more] = checkedSets(old, value)
  spend(budget, more.size)
  const elements = new Map(identitiesOf(before))
  for (const [identity, element] of identities(more, budget)) elements.set(identity, element)
  return new Set(elements.values())
}

/** The set that is left; `undefined` when nothing is. */
function without(old: unknown, value: unknown, budget: Budget): unknown {
  if (old === undefined) return undefined
  const [before, less] = checkedSets(old, value)
  const removed = identities(less, budget)
  const left = [...before].filter((element) => !removed.has(elementIdentity(element)))
  return left.length === 0 ? undefined : new Set(left)
}

function checkedSets(old: unknown, value: unknown): [ReadonlySet<unknown>, ReadonlySet<unknown>] {
  if (!(old instanceof Set) || typeOf(old) !== typeOf(value)) throw wrongOperand()
  return [old, value as ReadonlySet<unknown>]
}

/** One set of the values may be meant by many actions. */
function identities(set: ReadonlySet<unknown>, budget: Budget): ReadonlyMap<string, unknown> {
  let found = budget.identities.get(set)
  if (found === undefined) {
    found = identitiesOf(set)
    budget.identities.set(set, found)
  }
  return found
}

function identitiesOf(set: ReadonlySet<unknown>): Map<string, unknown> {
  const elements = new Map<string, unknown>()
  for (const element of set) elements.set(elementIdentity(element), element)
  return elements
}

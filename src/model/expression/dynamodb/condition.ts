/**
 * Conditions as functions of an item and of the values behind the placeholders, made once for each text.
 *
 * Values compare as in every other notation of a filter (comparison.ts, equality.ts). An attribute that is not there
 * passes nothing but `<>`, `attribute_not_exists` and what `NOT` turns round.
 */
import { equalValues } from '../../item/equality.js'
import { MANY_CONDITIONS, remembering } from '../../item/findings.js'
import type { Item } from '../../item/item.js'
import { isMap } from '../attribute-path.js'
import { compareValues } from '../comparison.js'
import { beginsWithValue, containsValue, sizeOfValue } from '../function.js'
import { type AttributeType, isAttributeType, isOrdered, typeOf, valueText } from './attribute-type.js'
import { equalsBound, membersOf, nameCountOf } from './bound-values.js'
import { type DocumentPath, isSamePath, pathText, readPath } from './document-path.js'
import type { CallNode, Comparator, ConditionNode, OperandNode, ParsedCondition } from './expression.js'
import type { Requirements, Scope } from './scope.js'
import {
  betweenOrder,
  betweenTypes,
  misusedFunction,
  needsPath,
  notInCondition,
  operandCount,
  operandType,
  REDUNDANT_PARENTHESES,
  sameOperand,
  tooManyInOperands,
  unknownFunction,
  unknownType,
} from './wording.js'

/** How many operands `IN` takes. */
export const IN_OPERAND_LIMIT = 100

type Values = readonly unknown[]
type Test = (item: Item, values: Values) => boolean

export interface Condition extends Requirements {
  readonly test: Test
  /** The top-level attributes that it reads. */
  readonly attributes: readonly string[]
}

/** @throws {ValidationException} `EXPRESSION_…` */
export function compileCondition({ condition, hasRedundantParentheses }: ParsedCondition, scope: Scope): Condition {
  if (hasRedundantParentheses) scope.report('parentheses', REDUNDANT_PARENTHESES)
  const compiler = new ConditionCompiler(scope)
  const decide = compiler.condition(condition)
  const test = compiler.testCount < MANY_CONDITIONS ? decide : remembering(decide)
  return { ...scope.requirements(), test, attributes: [...scope.attributes] }
}

interface Operand {
  readonly read: (item: Item, values: Values) => unknown
  /** Its type, as far as it is known without an item. */
  readonly type: (values: Values) => AttributeType | undefined
  readonly path: DocumentPath | undefined
  /** The number of its value. */
  readonly slot: number | undefined
}

/** How many operands the functions take. */
const CONDITION_FUNCTIONS: ReadonlyMap<string, number> = new Map([
  ['attribute_exists', 1],
  ['attribute_not_exists', 1],
  ['attribute_type', 2],
  ['begins_with', 2],
  ['contains', 2],
])
const UPDATE_FUNCTIONS: ReadonlySet<string> = new Set(['if_not_exists', 'list_append'])

export function isConditionFunction(name: string): boolean {
  return CONDITION_FUNCTIONS.has(name) || name === 'size'
}

class ConditionCompiler {
  readonly #scope: Scope
  #operandCount = 0

  constructor(scope: Scope) {
    this.#scope = scope
  }

  /** How many comparisons there may be at most: each has two operands. */
  get testCount(): number {
    return this.#operandCount / 2
  }

  /** It calls itself no deeper than the expression has operators. */
  condition(node: ConditionNode): Test {
    switch (node.kind) {
      case 'and':
        return every(node.parts.map((part) => this.condition(part)))
      case 'or':
        return some(node.parts.map((part) => this.condition(part)))
      case 'not': {
        const test = this.condition(node.part)
        return (item, values) => !test(item, values)
      }
      case 'compare':
        return this.#compare(node.operator, this.#operand(node.left), this.#operand(node.right))
      case 'between':
        return this.#between(this.#operand(node.operand), this.#operand(node.low), this.#operand(node.high))
      case 'in':
        return this.#in(
          this.#operand(node.operand),
          node.list.map((operand) => this.#operand(operand)),
        )
      case 'call':
        return this.#call(node)
    }
  }

  #compare(operator: Comparator, left: Operand, right: Operand): Test {
    this.#checkDistinct(operator, left, [right])
    const { read: readLeft } = left
    const { read: readRight } = right
    if (operator === '=' || operator === '<>') {
      const isEqual = operator === '='
      const [{ read }, equals] = left.slot === undefined ? [left, equality(right)] : [right, equality(left)]
      return (item, values) => {
        const value = read(item, values)
        return (value !== undefined && equals(value, item, values)) === isEqual
      }
    }
    this.#checkOrdered(operator, [left, right])
    const holds = ORDERS[operator]
    return (item, values) => {
      const order = compareValues(readLeft(item, values), readRight(item, values))
      return order !== undefined && holds(order)
    }
  }

  #between(operand: Operand, low: Operand, high: Operand): Test {
    this.#checkDistinct('BETWEEN', operand, [low, high])
    this.#checkOrdered('BETWEEN', [operand, low, high])
    const { slot: lowSlot } = low
    const { slot: highSlot } = high
    if (lowSlot !== undefined && highSlot !== undefined) {
      this.#scope.check('type', (values) => checkBounds(values[lowSlot], values[highSlot]))
    }
    return (item, values) => {
      const value = operand.read(item, values)
      const fromLow = compareValues(value, low.read(item, values))
      if (fromLow === undefined || fromLow < 0) return false
      const toHigh = compareValues(value, high.read(item, values))
      return toHigh !== undefined && toHigh <= 0
    }
  }

  #in(operand: Operand, list: readonly Operand[]): Test {
    if (list.length > IN_OPERAND_LIMIT) this.#scope.report('count', tooManyInOperands(list.length))
    this.#checkDistinct('IN', operand, list)
    const equalities = list.map(equality)
    return (item, values) => {
      const value = operand.read(item, values)
      if (value === undefined) return false
      for (const equals of equalities) if (equals(value, item, values)) return true
      return false
    }
  }

  #call({ name, operands: nodes }: CallNode): Test {
    const operands = nodes.map((node) => this.#operand(node))
    const wanted = CONDITION_FUNCTIONS.get(name)
    if (wanted === undefined) {
      if (name === 'size') this.#scope.report('misuse', misusedFunction(name))
      else this.#reportFunction(name)
      return never
    }
    if (!this.#checkCount(name, operands, wanted)) return never
    const [first, second] = operands as [Operand, Operand]
    switch (name) {
      case 'attribute_exists':
        this.#checkPath(name, first)
        return (item, values) => first.read(item, values) !== undefined
      case 'attribute_not_exists':
        this.#checkPath(name, first)
        return (item, values) => first.read(item, values) === undefined
      case 'attribute_type':
        return this.#attributeType(first, second)
      case 'begins_with':
        this.#checkDistinct(name, first, [second])
        for (const operand of operands) {
          this.#scope.check('type', (values) => {
            const type = operand.type(values)
            return type === undefined || type === 'S' || type === 'B' ? undefined : operandType(name, type)
          })
        }
        return (item, values) => beginsWithValue(first.read(item, values), second.read(item, values))
      default:
        this.#checkDistinct(name, first, [second])
        return containment(first, second)
    }
  }

  #attributeType(first: Operand, second: Operand): Test {
    this.#checkPath('attribute_type', first)
    this.#scope.check('type', (values) => {
      if (second.slot === undefined) return operandType('attribute_type', '{NS,SS,L,BS,N,M,B,BOOL,NULL,S}')
      const name = values[second.slot]
      if (typeof name !== 'string') return operandType('attribute_type', typeOf(name))
      return isAttributeType(name) ? undefined : unknownType(name)
    })
    return (item, values) => {
      const value = first.read(item, values)
      return value !== undefined && typeOf(value) === second.read(item, values)
    }
  }

  #operand(node: OperandNode): Operand {
    this.#operandCount += 1
    switch (node.kind) {
      case 'path':
        return pathOperand(this.#scope.path(node))
      case 'value': {
        const slot = this.#scope.slot(node.name)
        return {
          read: (_item, values) => values[slot],
          type: (values) => typeOf(values[slot]),
          path: undefined,
          slot,
        }
      }
      case 'call':
        return this.#callOperand(node)
    }
  }

  #callOperand({ name, operands: nodes }: CallNode): Operand {
    const operands = nodes.map((node) => this.#operand(node))
    const read = this.#size(name, operands)
    return { read, type: () => 'N', path: undefined, slot: undefined }
  }

  #size(name: string, operands: readonly Operand[]): Operand['read'] {
    if (name !== 'size') {
      if (CONDITION_FUNCTIONS.has(name)) this.#scope.report('misuse', misusedFunction(name))
      else this.#reportFunction(name)
      return () => undefined
    }
    if (!this.#checkCount(name, operands, 1)) return () => undefined
    const [operand] = operands as [Operand]
    this.#scope.check('type', (values) => {
      const type = operand.type(values)
      return type === 'N' || type === 'BOOL' || type === 'NULL' ? operandType(name, type) : undefined
    })
    const { slot } = operand
    if (slot === undefined) return (item, values) => sizeOfValue(operand.read(item, values))
    return (_item, values) => (isMap(values[slot]) ? nameCountOf(values, slot) : sizeOfValue(values[slot]))
  }

  #reportFunction(name: string): void {
    this.#scope.report('function', UPDATE_FUNCTIONS.has(name) ? notInCondition(name) : unknownFunction(name))
  }

  #checkCount(name: string, operands: readonly Operand[], wanted: number): boolean {
    if (operands.length === wanted) return true
    this.#scope.report('count', operandCount(name, operands.length))
    return false
  }

  #checkPath(name: string, { path }: Operand): void {
    if (path === undefined) this.#scope.check('type', () => needsPath(name))
  }

  #checkOrdered(operator: string, operands: readonly Operand[]): void {
    for (const { type } of operands) {
      this.#scope.check('type', (values) => {
        const found = type(values)
        return found === undefined || isOrdered(found) ? undefined : operandType(operator, found)
      })
    }
  }

  #checkDistinct(operator: string, { path }: Operand, others: readonly Operand[]): void {
    if (path === undefined) return
    const isSame = others.some((other) => other.path !== undefined && isSamePath(path, other.path))
    if (isSame) this.#scope.report('same', sameOperand(operator, pathText(path)))
  }
}

const ORDERS: Readonly<Record<'<' | '<=' | '>' | '>=', (order: number) => boolean>> = {
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
}

function pathOperand(path: DocumentPath): Operand {
  const [name] = path
  const read =
    path.length === 1 && typeof name === 'string'
      ? (item: Item) => (Object.hasOwn(item, name) ? item[name] : undefined)
      : (item: Item) => readPath(item, path)
  return { read, type: () => undefined, path, slot: undefined }
}

/** Whether a value is equal to what an operand stands for. */
function equality({ read, slot }: Operand): (value: unknown, item: Item, values: Values) => boolean {
  if (slot === undefined) return (value, item, values) => equalValues(value, read(item, values))
  return (value, _item, values) => equalsBound(value, values, slot)
}

function containment({ read, slot }: Operand, { read: readWanted }: Operand): Test {
  return (item, values) => {
    const wanted = readWanted(item, values)
    if (wanted === undefined) return false
    const container = read(item, values)
    const isBound = slot !== undefined && (Array.isArray(container) || container instanceof Set)
    return isBound ? membersOf(values, slot).has(wanted) : containsValue(container, wanted)
  }
}

function checkBounds(low: unknown, high: unknown): ReturnType<typeof betweenOrder> | undefined {
  const [lowText, highText] = [valueText(low as string), valueText(high as string)]
  if (typeOf(low) !== typeOf(high)) return betweenTypes(lowText, highText)
  return compareValues(low, high)! > 0 ? betweenOrder(lowText, highText) : undefined
}

function never(): boolean {
  return false
}

function every(tests: readonly Test[]): Test {
  return (item, values) => {
    for (const test of tests) if (!test(item, values)) return false
    return true
  }
}

function some(tests: readonly Test[]): Test {
  return (item, values) => {
    for (const test of tests) if (test(item, values)) return true
    return false
  }
}

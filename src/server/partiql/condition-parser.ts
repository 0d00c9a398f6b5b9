/**
 * What stands behind `WHERE`: text to the tree of a condition, in one pass from left to right. `NOT` binds weaker than
 * comparisons, then `AND`, then `OR`.
 *
 * What is open (a parenthesis, an operator that waits for its right side) is kept in two lists instead of on the stack, so
 * eight thousand parentheses are as many entries and no more.
 */
import type { Comparator, ConditionNode, OperandNode } from '../../model/expression/dynamodb/expression.js'
import { OPERATOR_LIMIT } from '../../model/expression/dynamodb/token-reader.js'
import { operandType, tooManyOperators } from '../../model/expression/dynamodb/wording.js'
import { validationError } from '../aws-error.js'
import {
  type ConditionTerm,
  callCondition,
  condition,
  joined,
  NO_CONDITION_TERM,
  negated,
  operand,
  sameTruth,
  type Term,
} from './condition-term.js'
import { IS_TYPES, OTHER_TYPES } from './keyword.js'
import type { OpenValues } from './open-values.js'
import { TermParser } from './term-parser.js'
import { malformed, type TokenReader } from './token-reader.js'
import {
  expected,
  IN_NEEDS_LIST,
  IS_NEEDS_PATH,
  MISSING_RIGHT_SIDE,
  NO_CONDITION,
  NO_TYPE_NAME,
  UNEXPECTED_TERM,
  unknownFunction,
  unsupportedOperation,
  unsupportedType,
} from './wording.js'

/** Functions that give a value; the others are conditions. */
const VALUE_FUNCTIONS: ReadonlySet<string> = new Set(['size'])
const CONDITION_FUNCTIONS: ReadonlySet<string> = new Set([
  ...['attribute_exists', 'attribute_not_exists', 'attribute_type', 'begins_with', 'contains'],
])

const COMPARATORS: ReadonlyMap<string, Comparator> = new Map<string, Comparator>([
  ['=', '='],
  ['<>', '<>'],
  ['!=', '<>'],
  ['<', '<'],
  ['<=', '<='],
  ['>', '>'],
  ['>=', '>='],
])

/** What waits for its right side. */
type Operator =
  | { readonly kind: 'parenthesis' }
  | { readonly kind: 'not' | 'and' | 'or' }
  | { readonly kind: 'compare'; readonly comparator: Comparator }
  | { readonly kind: 'between'; readonly isNegated: boolean; low: Term | undefined }

const STRENGTHS: Readonly<Record<Operator['kind'], number>> = {
  ...{ parenthesis: 0, or: 1, and: 2, not: 3 },
  ...{ compare: 4, between: 4 },
}

export class ConditionParser {
  readonly #reader: TokenReader
  readonly #values: OpenValues
  readonly #terms: TermParser
  readonly #open: Operator[] = []
  readonly #read: Term[] = []

  constructor(reader: TokenReader, values: OpenValues) {
    this.#reader = reader
    this.#values = values
    this.#terms = new TermParser(reader, values)
  }

  /** The condition, up to what can't belong to it. */
  parse(): ConditionNode {
    for (;;) {
      this.#left()
      if (this.#right() === 'end') return this.#whole()
    }
  }

  /** What may stand where a term is missing, up to the term. */
  #left(): void {
    const reader = this.#reader
    for (;;) {
      if (reader.takeKeyword('NOT')) this.#open.push({ kind: 'not' })
      else if (reader.takeSign('(')) this.#open.push({ kind: 'parenthesis' })
      else break
    }
    if (reader.peek().kind === 'end') {
      const waiting = this.#open.at(-1)
      const isInfix = waiting !== undefined && waiting.kind !== 'not' && waiting.kind !== 'parenthesis'
      throw malformed(isInfix ? MISSING_RIGHT_SIDE : UNEXPECTED_TERM)
    }
    this.#read.push(this.#terms.isCall() ? this.#call() : operand(this.#terms.atom()))
  }

  /** What may stand behind a term, up to where the next one is missing. */
  #right(): 'open' | 'end' {
    const reader = this.#reader
    for (;;) {
      const { kind, text } = reader.peek()
      const comparator = kind === 'sign' ? COMPARATORS.get(text) : undefined
      if (comparator !== undefined) {
        reader.take()
        this.#push({ kind: 'compare', comparator })
        return 'open'
      }
      if (kind === 'sign') {
        if (text === ')' && this.#closes()) continue
        if ('+-*/%'.includes(text)) throw validationError(unsupportedOperation(text))
        return 'end'
      }
      if (kind !== 'keyword') return 'end'
      const isNegated = text === 'NOT'
      switch (isNegated ? this.#negatedOperator() : text) {
        case 'AND':
          reader.take()
          this.#and()
          return 'open'
        case 'OR':
          reader.take()
          this.#push({ kind: 'or' })
          return 'open'
        case 'BETWEEN':
          this.#takeOperator(isNegated)
          this.#push({ kind: 'between', isNegated, low: undefined })
          return 'open'
        case 'IN':
          this.#takeOperator(isNegated)
          this.#in(isNegated)
          continue
        case 'IS':
          reader.take()
          this.#is()
          continue
        case 'LIKE':
          throw validationError(unsupportedOperation('LIKE'))
        default:
          return 'end'
      }
    }
  }

  /** What `NOT` turns round, as a part of `NOT IN` and the like. */
  #negatedOperator(): string | undefined {
    const { kind, text } = this.#reader.peek(1)
    return kind === 'keyword' && (text === 'IN' || text === 'BETWEEN' || text === 'LIKE') ? text : undefined
  }

  #takeOperator(isNegated: boolean): void {
    this.#reader.take()
    if (isNegated) this.#reader.take()
  }

  /** An `AND` may be that of a `BETWEEN`. */
  #and(): void {
    const isDone = (operator: Operator) => operator.kind !== 'between' || operator.low !== undefined
    this.#reduce((operator) => STRENGTHS[operator.kind] === 4 && isDone(operator))
    const waiting = this.#open.at(-1)
    if (waiting?.kind === 'between') waiting.low = this.#read.pop()!
    else this.#push({ kind: 'and' })
  }

  /** Operators of the same strength belong together from the left. */
  #push(operator: Operator): void {
    const strength = STRENGTHS[operator.kind]
    this.#reduce((waiting) => STRENGTHS[waiting.kind] >= strength)
    this.#open.push(operator)
  }

  /** Closes the innermost parenthesis, if one is open. */
  #closes(): boolean {
    this.#reduce(({ kind }) => kind !== 'parenthesis')
    if (this.#open.length === 0) return false
    this.#reader.take()
    this.#open.pop()
    return true
  }

  #whole(): ConditionNode {
    this.#reduce(({ kind }) => kind !== 'parenthesis')
    if (this.#open.length > 0) throw malformed(expected("')'"))
    return this.#condition(this.#read.pop()!).node
  }

  /** Gives the operators that have waited long enough their right sides. */
  #reduce(isDue: (operator: Operator) => boolean): void {
    for (let operator = this.#open.at(-1); operator !== undefined && isDue(operator); operator = this.#open.at(-1)) {
      this.#open.pop()
      const term = this.#apply(operator, this.#read.pop()!)
      if (term.weight > OPERATOR_LIMIT) throw validationError(tooManyOperators(term.weight).text)
      this.#read.push(term)
    }
  }

  #apply(operator: Operator, right: Term): Term {
    switch (operator.kind) {
      case 'not':
        return negated(this.#condition(right))
      case 'and':
      case 'or':
        return joined(operator.kind, this.#condition(this.#read.pop()!), this.#condition(right))
      case 'compare':
        return this.#compare(operator.comparator, this.#read.pop()!, right)
      case 'between': {
        const { low, isNegated } = operator
        if (low === undefined) throw malformed(expected('AND'))
        return this.#between(this.#read.pop()!, low, right, isNegated)
      }
      case 'parenthesis':
        throw malformed(expected("')'"))
    }
  }

  #condition(term: Term): ConditionTerm {
    if (term.kind === 'condition') return term
    this.#reader.refuse(NO_CONDITION)
    return NO_CONDITION_TERM
  }

  #compare(operator: Comparator, left: Term, right: Term): Term {
    if (left.kind === 'operand' && right.kind === 'operand') {
      const node: ConditionNode = { kind: 'compare', operator, left: left.node, right: right.node }
      return condition(node, left.weight + right.weight + 1)
    }
    if (operator !== '=' && operator !== '<>') {
      this.#reader.refuse(operandType(operator, 'BOOL').text)
      return NO_CONDITION_TERM
    }
    const [one, other] = left.kind === 'condition' ? [left, right] : [right as ConditionTerm, left]
    const same = sameTruth(one, other, this.#values)
    return operator === '=' ? same : negated(same)
  }

  #between(term: Term, low: Term, high: Term, isNegated: boolean): Term {
    if (term.kind === 'condition' || low.kind === 'condition' || high.kind === 'condition') {
      this.#reader.refuse(operandType('BETWEEN', 'BOOL').text)
      return NO_CONDITION_TERM
    }
    const node: ConditionNode = { kind: 'between', operand: term.node, low: low.node, high: high.node }
    const isBetween = condition(node, term.weight + low.weight + high.weight + 1)
    return isNegated ? negated(isBetween) : isBetween
  }

  #in(isNegated: boolean): void {
    this.#reduce(({ kind }) => STRENGTHS[kind] === 4)
    const list = this.#list()
    const term = this.#read.pop()!
    if (term.kind === 'condition' && list.length > OPERATOR_LIMIT) {
      throw validationError(tooManyOperators(list.length).text)
    }
    const isIn = list.length === 0 ? NO_CONDITION_TERM : this.#isIn(term, list)
    if (isIn.weight > OPERATOR_LIMIT) throw validationError(tooManyOperators(isIn.weight).text)
    this.#read.push(isNegated ? negated(isIn) : isIn)
  }

  #isIn(term: Term, list: readonly OperandNode[]): ConditionTerm {
    if (term.kind === 'operand') {
      return condition({ kind: 'in', operand: term.node, list }, term.weight + 1)
    }
    return list
      .map((node) => sameTruth(term, operand(node), this.#values))
      .reduce((left, right) => joined('or', left, right))
  }

  /** What `IN` looks through, in any brackets. */
  #list(): OperandNode[] {
    const reader = this.#reader
    const { kind, text } = reader.peek()
    const closing = kind === 'sign' ? LIST_SIGNS.get(text) : undefined
    if (closing === undefined) {
      if (kind === 'end') throw malformed(MISSING_RIGHT_SIDE)
      this.#terms.atom()
      reader.refuse(IN_NEEDS_LIST)
      return []
    }
    reader.take()
    const list: OperandNode[] = []
    if (reader.takeSign(closing)) {
      reader.refuse(IN_NEEDS_LIST)
      return list
    }
    do list.push(this.#terms.atom())
    while (reader.takeSign(','))
    reader.expectSign(closing)
    return list
  }

  #is(): void {
    this.#reduce(({ kind }) => STRENGTHS[kind] === 4)
    const reader = this.#reader
    const isNegated = reader.takeKeyword('NOT')
    const term = this.#read.pop()!
    const isMissing = reader.takeKeyword('MISSING')
    const type = isMissing ? undefined : this.#typeName()
    this.#read.push(this.#isType(term, type, isNegated))
  }

  #isType(term: Term, type: string | undefined, isNegated: boolean): ConditionTerm {
    if (term.kind === 'condition' || term.node.kind !== 'path') {
      this.#reader.refuse(IS_NEEDS_PATH)
      return NO_CONDITION_TERM
    }
    const { node: path } = term
    if (type === undefined) {
      const name = isNegated ? 'attribute_exists' : 'attribute_not_exists'
      return callCondition({ kind: 'call', name, operands: [path] })
    }
    const operands = [path, this.#values.literal({ S: type })]
    const isType = callCondition({ kind: 'call', name: 'attribute_type', operands })
    return isNegated ? negated(isType) : isType
  }

  /** DynamoDB's name of the type that is named next. */
  #typeName(): string {
    const reader = this.#reader
    const { kind, text } = reader.peek()
    const word = kind === 'keyword' || kind === 'name' ? text.toUpperCase() : ''
    const type = IS_TYPES.get(word)
    if (type === undefined && !OTHER_TYPES.has(word)) throw malformed(NO_TYPE_NAME)
    reader.take()
    if (type !== undefined) return type
    if (word === 'DOUBLE') reader.takeKeyword('PRECISION')
    if (word === 'CHARACTER') reader.takeKeyword('VARYING')
    reader.refuse(unsupportedType(word))
    return 'NULL'
  }

  #call(): Term {
    const reader = this.#reader
    const { node, token } = this.#terms.call(VALUE_FUNCTIONS)
    if (VALUE_FUNCTIONS.has(node.name)) return operand(node)
    if (CONDITION_FUNCTIONS.has(node.name)) return callCondition(node)
    reader.refuse(() => unknownFunction(node.name, reader.place(token)))
    return NO_CONDITION_TERM
  }
}

const LIST_SIGNS: ReadonlyMap<string, string> = new Map([
  ['[', ']'],
  ['(', ')'],
  ['<<', '>>'],
])

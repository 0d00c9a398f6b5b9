/**
 * Filter strings as DynamoDB's syntax trees. The text has been read as a filter before, so its words are in order, and
 * its parentheses few enough to call functions for them.
 */
import { numberFromText } from '../../item/decimal.js'
import type { NumberValue } from '../../item/item.js'
import type { Comparator, ConditionNode, OperandNode } from '../dynamodb/expression.js'
import { negated } from '../filtrex-operator.js'
import { type Token, tokenize } from '../filtrex-tokenizer.js'
import { every, not, some, type Translated, type TreeBuilder, untranslatable } from './tree-builder.js'

/** @throws {ValidationException} `EXPRESSION_UNTRANSLATABLE` */
export function treeFromFiltrex(source: string, builder: TreeBuilder): Translated {
  return new FiltrexTranslator(tokenize(source), builder).translate()
}

/** What a part of the text turned out to be. */
type Part =
  | { readonly kind: 'condition'; readonly condition: Translated }
  | { readonly kind: 'attribute'; readonly path: readonly string[] }
  | { readonly kind: 'constant'; readonly value: unknown }
  | { readonly kind: 'operand'; readonly operand: OperandNode }
  | { readonly kind: 'list'; readonly parts: readonly Part[] }

const CONSTANTS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['true', true],
  ['false', false],
  ['null', null],
])
const COMPARATORS: ReadonlyMap<string, Comparator> = new Map([
  ['==', '='],
  ['!=', '<>'],
  ['<', '<'],
  ['<=', '<='],
  ['>', '>'],
  ['>=', '>='],
])
const ARITHMETIC: ReadonlySet<string> = new Set(['+', '-', '*', '/', '^', 'mod'])

class FiltrexTranslator {
  readonly #tokens: readonly Token[]
  readonly #builder: TreeBuilder
  #next = 0

  constructor(tokens: readonly Token[], builder: TreeBuilder) {
    this.#tokens = tokens
    this.#builder = builder
  }

  translate(): Translated {
    return this.#asCondition(this.#or())
  }

  #or(): Part {
    const first = this.#and()
    if (!this.#isSign('or')) return first
    const parts = [this.#asCondition(first)]
    while (this.#takeSign('or')) parts.push(this.#asCondition(this.#and()))
    return { kind: 'condition', condition: some(parts) }
  }

  #and(): Part {
    const first = this.#not()
    if (!this.#isSign('and')) return first
    const parts = [this.#asCondition(first)]
    while (this.#takeSign('and')) parts.push(this.#asCondition(this.#not()))
    return { kind: 'condition', condition: every(parts) }
  }

  #not(): Part {
    let count = 0
    while (this.#takeSign('not')) count += 1
    const part = this.#relation()
    if (count === 0) return part
    const condition = this.#asCondition(part)
    return { kind: 'condition', condition: count % 2 === 0 ? condition : not(condition) }
  }

  /** `a < b`, and `a < b < c`, which is two of them. */
  #relation(): Part {
    let left = this.#value()
    const parts: Translated[] = []
    for (;;) {
      const token = this.#peek()
      if (token.kind !== 'sign') break
      const comparator = COMPARATORS.get(token.text)
      if (comparator !== undefined) {
        this.#next += 1
        const right = this.#value()
        parts.push(this.#builder.compare(this.#asOperand(left), comparator, this.#asOperand(right)))
        left = right
      } else if (token.text === 'in' || token.text === 'not') {
        const isNegated = this.#takeSign('not')
        this.#next += 1
        parts.push(this.#membership(left, isNegated))
      } else if (token.text === '~=') {
        throw untranslatable('DynamoDB has no regular expressions, so "=~" means nothing there')
      } else if (ARITHMETIC.has(token.text)) {
        throw untranslatable('DynamoDB’s conditions have no arithmetic')
      } else {
        break
      }
    }
    return parts.length === 0 ? left : { kind: 'condition', condition: every(parts) }
  }

  #membership(left: Part, isNegated: boolean): Translated {
    const right = this.#value()
    const parts = right.kind === 'list' ? right.parts : [right]
    const values = parts.map((part) => {
      if (part.kind === 'constant') return part.value
      throw untranslatable('"in" takes a list of constants there; write contains(list, value) for an attribute')
    })
    const condition = this.#builder.oneOf(this.#asOperand(left), values)
    return isNegated ? not(condition) : condition
  }

  #value(): Part {
    const token = this.#take()
    switch (token.kind) {
      case 'number':
        return { kind: 'constant', value: numberFromText(token.text) }
      case 'text':
        return { kind: 'constant', value: token.text }
      case 'name':
        return this.#name(token)
      case 'sign':
        return this.#signed(token.text)
      default:
        throw untranslatable('DynamoDB has no regular expressions')
    }
  }

  #signed(sign: string): Part {
    if (sign === 'if') throw untranslatable('DynamoDB’s conditions have no "if"')
    if (sign === '-') {
      const operand = this.#value()
      const isNumber = operand.kind === 'constant' && typeof operand.value !== 'string'
      if (!isNumber) throw untranslatable('DynamoDB’s conditions have no arithmetic')
      return { kind: 'constant', value: negated((operand as { value: unknown }).value as NumberValue) }
    }
    // A parenthesis.
    const first = this.#or()
    const parts = [first]
    while (this.#takeSign(',')) parts.push(this.#or())
    this.#next += 1
    return parts.length === 1 ? first : { kind: 'list', parts }
  }

  #name(token: Token & { kind: 'name' }): Part {
    if (this.#isSign('(')) return this.#call(token.text)
    if (this.#isSign('of')) throw untranslatable('"of" has no counterpart; write a path')
    if (!token.quoted && CONSTANTS.has(token.text)) return { kind: 'constant', value: CONSTANTS.get(token.text) }
    return { kind: 'attribute', path: token.quoted ? [token.text] : token.text.split('.') }
  }

  #call(name: string): Part {
    this.#next += 1
    const operands: Part[] = []
    if (!this.#isSign(')')) {
      do operands.push(this.#or())
      while (this.#takeSign(','))
    }
    this.#next += 1
    const [first, second] = operands as [Part, Part]
    switch (name) {
      case 'exists':
        return this.#condition(this.#builder.call('attribute_exists', this.#asOperand(first)))
      case 'contains':
      case 'begins_with':
        return this.#condition(this.#builder.call(name, this.#asOperand(first), this.#asOperand(second)))
      case 'size':
        return { kind: 'operand', operand: this.#builder.call('size', this.#asOperand(first)) }
      case 'empty':
        return this.#empty(first)
      default:
        throw untranslatable(`DynamoDB has no function "${name}"`)
    }
  }

  #empty(part: Part): Part {
    const builder = this.#builder
    const size = builder.call('size', this.#asOperand(part))
    const condition = some([
      builder.call('attribute_not_exists', this.#asOperand(part)),
      builder.compare(this.#asOperand(part), '=', builder.value(null)),
      builder.compare(size, '=', builder.value(0)),
    ])
    return { kind: 'condition', condition }
  }

  #condition(condition: ConditionNode): Part {
    return { kind: 'condition', condition }
  }

  /** An attribute stands for itself being true. */
  #asCondition(part: Part): Translated {
    if (part.kind === 'condition') return part.condition
    if (part.kind === 'constant' && typeof part.value === 'boolean') return part.value
    if (part.kind === 'attribute') {
      return this.#builder.compare(this.#asOperand(part), '=', this.#builder.value(true))
    }
    throw untranslatable('a value stands where a condition should')
  }

  #asOperand(part: Part): OperandNode {
    switch (part.kind) {
      case 'attribute':
        return this.#builder.path(part.path)
      case 'constant':
        return this.#builder.value(part.value)
      case 'operand':
        return part.operand
      default:
        throw untranslatable('a condition, or a list, stands where a value should')
    }
  }

  #peek(): Token {
    return this.#tokens[this.#next]!
  }

  #take(): Token {
    return this.#tokens[this.#next++]!
  }

  #isSign(text: string): boolean {
    const token = this.#peek()
    return token.kind === 'sign' && token.text === text
  }

  #takeSign(text: string): boolean {
    if (!this.#isSign(text)) return false
    this.#next += 1
    return true
  }
}

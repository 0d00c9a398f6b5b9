/**
 * Paths, values and calls of functions: what conditions and updates have in common. Parentheses around an operand are
 * counted in a loop, and functions inside of functions are limited like all operators, so no text can exhaust the stack.
 */
import type { CallNode, OperandNode, PathNode, PathStep, ValueNode } from './expression.js'
import { OPERATOR_LIMIT, type TokenReader } from './token-reader.js'
import { refusal, tooManyOperators } from './wording.js'

export class OperandParser {
  readonly reader: TokenReader
  hasRedundantParentheses = false
  #callDepth = 0

  constructor(reader: TokenReader) {
    this.reader = reader
  }

  /** An operand that may be in parentheses. */
  operand(): OperandNode {
    const { reader } = this
    let open = 0
    while (reader.takeSign('(')) open += 1
    const operand = this.atom()
    if (open > 1) this.hasRedundantParentheses = true
    for (; open > 0; open--) reader.expectSign(')')
    return operand
  }

  /** An operand without parentheses around it. */
  atom(): OperandNode {
    const { reader } = this
    const token = reader.peek()
    if (token.kind === 'value') return this.value()
    const isCall = token.kind === 'word' && reader.keyword() === undefined && reader.isSign('(', 1)
    return isCall ? this.#call() : this.path()
  }

  value(): ValueNode {
    if (this.reader.peek().kind !== 'value') throw this.reader.syntaxError()
    return { kind: 'value', name: this.reader.take().text }
  }

  path(): PathNode {
    const { reader } = this
    const steps: PathStep[] = [this.#attribute()]
    for (;;) {
      if (reader.takeSign('.')) {
        steps.push(this.#attribute())
      } else if (reader.isSign('[')) {
        reader.take()
        if (reader.peek().kind !== 'number') throw reader.syntaxError()
        steps.push({ kind: 'index', text: reader.take().text })
        reader.expectSign(']')
      } else {
        return { kind: 'path', steps }
      }
    }
  }

  #attribute(): PathStep {
    const { kind } = this.reader.peek()
    if (kind === 'name' || (kind === 'word' && this.reader.keyword() === undefined)) {
      return { kind, text: this.reader.take().text }
    }
    throw this.reader.syntaxError()
  }

  #call(): CallNode {
    const { reader } = this
    const name = reader.take().text
    reader.countOperator()
    reader.expectSign('(')
    this.#callDepth += 1
    if (this.#callDepth > OPERATOR_LIMIT) throw refusal(reader.kind, tooManyOperators(this.#callDepth))
    const operands: OperandNode[] = []
    do operands.push(this.operand())
    while (reader.takeSign(','))
    reader.expectSign(')')
    this.#callDepth -= 1
    return { kind: 'call', name, operands }
  }
}

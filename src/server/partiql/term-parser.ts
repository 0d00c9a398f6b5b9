/** Paths, values and calls of functions: what conditions and updates have in common. */

import { INDEX_LIMIT } from '../../model/expression/dynamodb/document-path.js'
import type {
  CallNode,
  OperandNode,
  PathNode,
  PathStep,
  ValueNode,
} from '../../model/expression/dynamodb/expression.js'
import { OPERATOR_LIMIT } from '../../model/expression/dynamodb/token-reader.js'
import { tooManyOperators } from '../../model/expression/dynamodb/wording.js'
import { validationError } from '../aws-error.js'
import { LiteralParser } from './literal-parser.js'
import type { OpenValues } from './open-values.js'
import { malformed, type TokenReader } from './token-reader.js'
import type { Token } from './tokenizer.js'
import { BAD_PATH_INDEX, BAD_PATH_STEP, EMPTY_PATH_STEP, indexOutOfRange, unknownFunction } from './wording.js'

/** A call, and the token that names its function. */
export interface Call {
  readonly node: CallNode
  readonly token: Token
  /** With which each of its operands begins. */
  readonly operandTokens: readonly Token[]
}

/** Functions whose names are keywords elsewhere. */
const FUNCTION_KEYWORDS: ReadonlySet<string> = new Set([
  ...[
    'SIZE',
    'EXISTS',
    'COUNT',
    'SUM',
    'AVG',
    'MIN',
    'MAX',
    'UPPER',
    'LOWER',
    'SUBSTRING',
    'TRIM',
    'COALESCE',
    'NULLIF',
  ],
  ...['CAST', 'EXTRACT', 'POSITION', 'CHAR_LENGTH', 'CHARACTER_LENGTH', 'OCTET_LENGTH', 'BIT_LENGTH'],
])

export class TermParser {
  readonly reader: TokenReader
  readonly values: OpenValues
  readonly literals: LiteralParser
  #callDepth = 0

  constructor(reader: TokenReader, values: OpenValues) {
    this.reader = reader
    this.values = values
    this.literals = new LiteralParser(reader)
  }

  /** Whether the next tokens are a function and its parenthesis. */
  isCall(): boolean {
    const { kind, text } = this.reader.peek()
    return (kind === 'name' || (kind === 'keyword' && FUNCTION_KEYWORDS.has(text))) && this.reader.isSign('(', 1)
  }

  /**
   * A path, a value, or a call of a function that gives a value.
   *
   * @param functions The names of those, in small letters.
   */
  operand(functions: ReadonlySet<string>): OperandNode {
    if (!this.isCall()) return this.atom()
    const { node, token } = this.call(functions)
    if (!functions.has(node.name)) this.reader.refuse(() => unknownFunction(node.name, this.reader.place(token)))
    return node
  }

  /** A path or a value. */
  atom(): PathNode | ValueNode {
    const { reader } = this
    if (reader.peek().kind === 'parameter') {
      reader.take()
      return this.values.parameter()
    }
    if (this.literals.isNext()) return this.values.literal(this.literals.value())
    if (reader.peek().kind !== 'name') throw reader.unexpectedTerm()
    return this.path()
  }

  /** @param functions The names of functions that its operands may call. */
  call(functions: ReadonlySet<string>): Call {
    const { reader } = this
    const token = reader.take()
    const name = token.text.toLowerCase()
    this.#callDepth += 1
    if (this.#callDepth > OPERATOR_LIMIT) throw validationError(tooManyOperators(this.#callDepth).text)
    reader.expectSign('(')
    const operands: OperandNode[] = []
    const operandTokens: Token[] = []
    if (!reader.takeSign(')')) {
      do {
        operandTokens.push(reader.peek())
        operands.push(this.operand(functions))
      } while (reader.takeSign(','))
      reader.expectSign(')')
    }
    this.#callDepth -= 1
    return { node: { kind: 'call', name, operands }, token, operandTokens }
  }

  /** @param detail What is said when something else is there than the name of an attribute. */
  path(detail?: string): PathNode {
    const { reader } = this
    const first = reader.peek()
    if (first.kind !== 'name') throw detail === undefined ? reader.unexpectedTerm() : malformed(detail)
    const steps: PathStep[] = [this.#name()]
    for (;;) {
      if (reader.takeSign('.')) {
        if (reader.peek().kind !== 'name') throw malformed(BAD_PATH_STEP)
        steps.push(this.#name())
      } else if (reader.takeSign('[')) {
        steps.push(reader.peek().kind === 'string' ? this.#name() : this.#index())
        reader.expectSign(']')
      } else {
        return { kind: 'path', steps }
      }
    }
  }

  #name(): PathStep {
    const { text } = this.reader.take()
    if (text === '') this.reader.refuse(EMPTY_PATH_STEP)
    return { kind: 'word', text }
  }

  #index(): PathStep {
    const { reader } = this
    let isNegative = false
    for (;;) {
      if (reader.takeSign('-')) isNegative = !isNegative
      else if (!reader.takeSign('+')) break
    }
    const token = reader.take()
    if (token.kind !== 'number' || !/^[0-9]+$/.test(token.text)) throw malformed(BAD_PATH_INDEX)
    const digits = token.text.replace(/^0+(?=[0-9])/, '')
    const isInRange = digits.length <= 10 && Number(digits) <= INDEX_LIMIT && !(isNegative && digits !== '0')
    if (isInRange) return { kind: 'index', text: digits }
    reader.refuse(() => indexOutOfRange(isNegative ? `-${token.text}` : token.text, reader.place(token)))
    return { kind: 'index', text: '0' }
  }
}

/** Updates: text to the actions of their SET, REMOVE, ADD and DELETE sections, in one pass from left to right. */
import {
  type ActionNode,
  type ParsedUpdate,
  type PathNode,
  SECTIONS,
  type Section,
  type SetValueNode,
} from './expression.js'
import { OperandParser } from './operand-parser.js'
import { type ParseOptions, TokenReader } from './token-reader.js'

const KEYWORDS: ReadonlySet<string> = new Set(SECTIONS)

/** @throws {ValidationException} `EXPRESSION_SYNTAX`, `EXPRESSION_TOO_LONG` or `EXPRESSION_TOO_COMPLEX`. */
export function parseUpdate(source: string, { isTemplate = false }: ParseOptions = {}): ParsedUpdate {
  return new UpdateParser(new TokenReader('UpdateExpression', source, { keywords: KEYWORDS, isTemplate })).parse()
}

class UpdateParser {
  readonly #reader: TokenReader
  readonly #operands: OperandParser
  #hasRedundantParentheses = false

  constructor(reader: TokenReader) {
    this.#reader = reader
    this.#operands = new OperandParser(reader)
  }

  parse(): ParsedUpdate {
    const reader = this.#reader
    const actions: ActionNode[] = []
    const seen = new Set<Section>()
    let repeatedSection: Section | undefined
    do {
      const section = reader.keyword() as Section | undefined
      if (section === undefined) throw reader.syntaxError()
      reader.take()
      if (seen.has(section)) repeatedSection ??= section
      seen.add(section)
      do actions.push(this.#action(section))
      while (reader.takeSign(','))
    } while (reader.peek().kind !== 'end')
    reader.checkOperatorCount()
    const hasRedundantParentheses = this.#hasRedundantParentheses || this.#operands.hasRedundantParentheses
    return { actions, repeatedSection, hasRedundantParentheses }
  }

  #action(section: Section): ActionNode {
    const path: PathNode = this.#operands.path()
    if (section === 'REMOVE') return { section, path }
    if (section !== 'SET') return { section, path, value: this.#operands.value() }
    this.#reader.expectSign('=')
    return { section, path, value: this.#value() }
  }

  /** `a`, `a + :b`, and either in parentheses, or with parentheses around its operands. */
  #value(): SetValueNode {
    const reader = this.#reader
    let open = 0
    while (reader.takeSign('(')) open += 1
    const left = this.#operands.atom()
    open -= this.#closing(open)
    const operator = reader.isSign('+') ? '+' : reader.isSign('-') ? '-' : undefined
    if (operator === undefined) {
      if (open > 0) throw reader.syntaxError()
      return left
    }
    reader.take()
    reader.countOperator()
    const right = this.#operands.operand()
    if (this.#closing(open) < open) throw reader.syntaxError()
    return { kind: 'arithmetic', operator, left, right }
  }

  /** Takes up to so many closing parentheses, all around the same thing. */
  #closing(open: number): number {
    let count = 0
    while (count < open && this.#reader.takeSign(')')) count += 1
    if (count > 1) this.#hasRedundantParentheses = true
    return count
  }
}

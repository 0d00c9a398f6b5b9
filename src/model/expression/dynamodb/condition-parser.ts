/**
 * Conditions, filters and key conditions: text to a tree, in one pass from left to right. `NOT` binds tightest, then
 * `AND`, then `OR`.
 *
 * What is open (a parenthesis, a `NOT`, the alternatives so far) is kept in a list of frames instead of on the stack, so
 * ten thousand parentheses are ten thousand frames and no more. A parenthesis may turn out to hold an operand,
 * `(a) = :b`, which is known when it is closed.
 */
import {
  COMPARATORS,
  type Comparator,
  type ConditionNode,
  type OperandNode,
  type ParsedCondition,
} from './expression.js'
import { OperandParser } from './operand-parser.js'
import { type ParseOptions, TokenReader } from './token-reader.js'
import type { ExpressionKind } from './wording.js'

const KEYWORDS: ReadonlySet<string> = new Set(['AND', 'OR', 'NOT', 'BETWEEN', 'IN'])

/** What is open: the whole expression, or a parenthesis in it. */
interface Frame {
  /** What `OR` has separated so far. */
  alternatives: ConditionNode[]
  /** What `AND` has separated since then. */
  parts: ConditionNode[]
  /** How many `NOT`s wait for a condition. */
  notCount: number
  /** Whether all there is in it, so far, is one thing in parentheses. */
  isGroup: boolean
}

/** @throws {ValidationException} `EXPRESSION_SYNTAX`, `EXPRESSION_TOO_LONG` or `EXPRESSION_TOO_COMPLEX`. */
export function parseCondition(
  kind: ExpressionKind,
  source: string,
  { isTemplate = false }: ParseOptions = {},
): ParsedCondition {
  return new ConditionParser(new TokenReader(kind, source, { keywords: KEYWORDS, isTemplate })).parse()
}

class ConditionParser {
  readonly #reader: TokenReader
  readonly #operands: OperandParser
  readonly #frames: Frame[] = [newFrame()]
  #hasRedundantParentheses = false

  constructor(reader: TokenReader) {
    this.#reader = reader
    this.#operands = new OperandParser(reader)
  }

  parse(): ParsedCondition {
    for (;;) {
      const condition = this.#next()
      if (condition === undefined) continue
      const whole = this.#attach(condition)
      if (whole === undefined) continue
      this.#reader.checkOperatorCount()
      const hasRedundantParentheses = this.#hasRedundantParentheses || this.#operands.hasRedundantParentheses
      return { condition: whole, hasRedundantParentheses }
    }
  }

  /** The next comparison or function; undefined after what only opens something. */
  #next(): { readonly node: ConditionNode; readonly isGroup: boolean } | undefined {
    const reader = this.#reader
    if (reader.takeKeyword('NOT')) {
      reader.countOperator()
      this.#top().notCount += 1
      return undefined
    }
    if (reader.takeSign('(')) {
      this.#frames.push(newFrame())
      return undefined
    }
    const operand = this.#operands.atom()
    let closed = 0
    for (;;) {
      if (this.#startsComparison()) return { node: this.#comparison(operand), isGroup: false }
      if (!reader.isSign(')') || this.#frames.length === 1 || !isFresh(this.#top())) break
      // The parenthesis has nothing but this operand in it.
      reader.take()
      this.#frames.pop()
      closed += 1
      if (closed > 1) this.#hasRedundantParentheses = true
    }
    if (operand.kind !== 'call') throw reader.syntaxError()
    return { node: operand, isGroup: closed > 0 }
  }

  /** Puts a condition where it belongs, and closes what ends behind it. The whole expression, once there is no more. */
  #attach(condition: { readonly node: ConditionNode; readonly isGroup: boolean }): ConditionNode | undefined {
    const reader = this.#reader
    let { node, isGroup } = condition
    for (;;) {
      const frame = this.#top()
      frame.isGroup = isGroup && isFresh(frame)
      for (; frame.notCount > 0; frame.notCount--) node = { kind: 'not', part: node }
      frame.parts.push(node)
      if (reader.takeKeyword('AND')) {
        reader.countOperator()
        return undefined
      }
      if (reader.takeKeyword('OR')) {
        reader.countOperator()
        frame.alternatives.push(joined('and', frame.parts))
        frame.parts = []
        return undefined
      }
      const isLast = this.#frames.length === 1
      if (isLast && reader.peek().kind === 'end') return contentOf(frame)
      if (isLast || !reader.takeSign(')')) throw reader.syntaxError()
      this.#frames.pop()
      if (frame.isGroup) this.#hasRedundantParentheses = true
      node = contentOf(frame)
      isGroup = true
    }
  }

  #startsComparison(): boolean {
    const keyword = this.#reader.keyword()
    return keyword === 'BETWEEN' || keyword === 'IN' || this.#comparator() !== undefined
  }

  #comparator(): Comparator | undefined {
    const { kind, text } = this.#reader.peek()
    return kind === 'sign' ? COMPARATORS.find((comparator) => comparator === text) : undefined
  }

  #comparison(left: OperandNode): ConditionNode {
    const reader = this.#reader
    reader.countOperator()
    const operator = this.#comparator()
    if (operator !== undefined) {
      reader.take()
      return { kind: 'compare', operator, left, right: this.#operands.operand() }
    }
    if (reader.takeKeyword('BETWEEN')) {
      const low = this.#operands.operand()
      if (!reader.takeKeyword('AND')) throw reader.syntaxError()
      return { kind: 'between', operand: left, low, high: this.#operands.operand() }
    }
    reader.take()
    reader.expectSign('(')
    const list: OperandNode[] = []
    do list.push(this.#operands.operand())
    while (reader.takeSign(','))
    reader.expectSign(')')
    return { kind: 'in', operand: left, list }
  }

  #top(): Frame {
    return this.#frames.at(-1)!
  }
}

function newFrame(): Frame {
  return { alternatives: [], parts: [], notCount: 0, isGroup: false }
}

function isFresh({ alternatives, parts, notCount }: Frame): boolean {
  return alternatives.length === 0 && parts.length === 0 && notCount === 0
}

function contentOf({ alternatives, parts }: Frame): ConditionNode {
  return joined('or', [...alternatives, joined('and', parts)])
}

function joined(kind: 'and' | 'or', parts: readonly ConditionNode[]): ConditionNode {
  return parts.length === 1 ? parts[0]! : { kind, parts }
}

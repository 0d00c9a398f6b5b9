/**
 * Walks along the tokens of an expression, for the parsers: looks ahead, takes what is wanted, and says where something
 * else was found. Counts operators and functions on the way.
 */
import { TokenCursor } from '../../../base/token-cursor.js'
import type { ValidationException } from '../../../errors.js'
import { type Token, tokenize } from './tokenizer.js'
import { EMPTY, type ExpressionKind, refusal, syntaxError, tooLong, tooManyOperators } from './wording.js'

/** The longest an expression may be, in bytes of UTF-8, before its names are put in. */
export const EXPRESSION_BYTE_LIMIT = 4096
/** How many operators and functions an expression may have. */
export const OPERATOR_LIMIT = 300

export interface ParseOptions {
  /** Whether it is a template: see tokenizer.ts. @default false */
  readonly isTemplate?: boolean
}

export interface ReaderOptions {
  /** In capitals. */
  readonly keywords: ReadonlySet<string>
  readonly isTemplate: boolean
}

export class TokenReader extends TokenCursor<Token> {
  readonly kind: ExpressionKind
  readonly #source: string
  readonly #keywords: ReadonlySet<string>
  #operatorCount = 0

  /** @throws {ValidationException} `EXPRESSION_TOO_LONG`, or `EXPRESSION_SYNTAX` when there is nothing in it. */
  constructor(kind: ExpressionKind, source: string, options: ReaderOptions) {
    // The length in characters is known without looking at them; only then are the bytes counted.
    const byteLength = source.length > EXPRESSION_BYTE_LIMIT * 4 ? source.length : Buffer.byteLength(source)
    if (byteLength > EXPRESSION_BYTE_LIMIT) throw refusal(kind, tooLong(byteLength))
    super(tokenize(source, options))
    this.kind = kind
    this.#source = source
    this.#keywords = options.keywords
    if (this.peek().kind === 'end') throw refusal(kind, EMPTY)
  }

  /** @throws {ValidationException} `EXPRESSION_SYNTAX` when something else is there. */
  expectSign(text: string): void {
    if (!this.takeSign(text)) throw this.syntaxError()
  }

  /** The keyword that is next, in capitals; undefined when none is. Keywords can be written in any case. */
  keyword(): string | undefined {
    const token = this.peek()
    if (token.kind !== 'word') return undefined
    const word = token.text.toUpperCase()
    return this.#keywords.has(word) ? word : undefined
  }

  takeKeyword(word: string): boolean {
    return this.takeIf(this.keyword() === word)
  }

  /** An operator, or a function, was read. */
  countOperator(): void {
    this.#operatorCount += 1
  }

  /** @throws {ValidationException} `EXPRESSION_TOO_COMPLEX` */
  checkOperatorCount(): void {
    if (this.#operatorCount > OPERATOR_LIMIT) throw refusal(this.kind, tooManyOperators(this.#operatorCount))
  }

  /** That the next token can't stand where it does, with its neighbours. */
  syntaxError(): ValidationException {
    const token = this.peek()
    const before = this.before() ?? token
    const after = this.peek(1)
    const end = token.kind === 'end' ? before.end : after.kind === 'end' ? token.end : after.end
    return refusal(this.kind, syntaxError(token.text, this.#source.slice(before.start, end)))
  }
}

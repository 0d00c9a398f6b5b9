/**
 * Walks along the tokens of a statement, for the parsers. Two kinds of mistakes are told apart: where the text is no PartiQL,
 * that is said at once; where it is, but asks for what DynamoDB does not do, it is said when all of it was read.
 */
import { TokenCursor } from '../../base/token-cursor.js'
import { type AwsError, validationError } from '../aws-error.js'
import { OPERATORS } from './keyword.js'
import { type Token, tokenize } from './tokenizer.js'
import {
  expected,
  notWellFormed,
  STATEMENT_LENGTH_LIMIT,
  statementTooLong,
  UNEXPECTED_KEYWORD,
  UNEXPECTED_OPERATOR,
  UNEXPECTED_TERM,
} from './wording.js'

const COMPARISON_SIGNS: ReadonlySet<string> = new Set(['=', '<>', '!=', '<', '<=', '>', '>='])

export class TokenReader extends TokenCursor<Token> {
  readonly #source: string
  #refusal: string | undefined

  /** @throws {AwsError} ValidationException */
  constructor(source: string) {
    if (source.length > STATEMENT_LENGTH_LIMIT) throw validationError(statementTooLong(source))
    super(tokenize(source))
    this.#source = source
  }

  expectSign(text: string): void {
    if (!this.takeSign(text)) throw malformed(expected(`'${text}'`))
  }

  isKeyword(word: string, ahead = 0): boolean {
    const token = this.peek(ahead)
    return token.kind === 'keyword' && token.text === word
  }

  takeKeyword(word: string): boolean {
    return this.takeIf(this.isKeyword(word))
  }

  expectKeyword(word: string): void {
    if (!this.takeKeyword(word)) throw malformed(expected(word))
  }

  /** Words that are keywords only where they stand, and names elsewhere: `ALL`, `OLD`, `MODIFIED`. */
  takeWord(word: string): boolean {
    const { kind, text, start, end } = this.peek()
    if (kind !== 'keyword' && kind !== 'name') return false
    return this.takeIf(text.toUpperCase() === word && end - start === word.length)
  }

  /** Takes a parenthesis with all that is in it. */
  skipParentheses(): void {
    let open = 0
    do {
      const { kind, text } = this.take()
      if (kind === 'end') throw malformed(expected("')'"))
      if (kind === 'sign' && text === '(') open += 1
      if (kind === 'sign' && text === ')') open -= 1
    } while (open > 0)
  }

  /** That no term can begin here. */
  unexpectedTerm(): AwsError {
    const { kind, text } = this.peek()
    if (kind === 'keyword') return malformed(OPERATORS.has(text) ? UNEXPECTED_OPERATOR : UNEXPECTED_KEYWORD)
    return malformed(kind === 'sign' && COMPARISON_SIGNS.has(text) ? UNEXPECTED_OPERATOR : UNEXPECTED_TERM)
  }

  /**
   * Remembers what DynamoDB does not do; of several such things, the first is said.
   *
   * @param message A function, if it takes a while to make: there may be thousands of such things.
   */
  refuse(message: string | (() => string)): void {
    this.#refusal ??= typeof message === 'string' ? message : message()
  }

  /** @throws {AwsError} ValidationException, when something was remembered. */
  checkRefusal(): void {
    if (this.#refusal !== undefined) throw validationError(this.#refusal)
  }

  /** As messages name a place: line, column and length of a token, the first two counted from 1. */
  place({ start, end }: Token): string {
    let line = 1
    let lineStart = 0
    for (let found = this.#source.indexOf('\n'); found >= 0 && found < start; ) {
      line += 1
      lineStart = found + 1
      found = this.#source.indexOf('\n', lineStart)
    }
    return `${line}:${start - lineStart + 1}:${end - start}`
  }
}

export function malformed(detail: string): AwsError {
  return validationError(notWellFormed(detail))
}

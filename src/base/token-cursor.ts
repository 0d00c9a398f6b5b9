/** Walks along tokens: what every reader of a language does, whatever its tokens are. The last one has the kind `end`. */

interface AnyToken {
  readonly kind: string
  readonly text: string
}

export class TokenCursor<Token extends AnyToken> {
  readonly #tokens: readonly Token[]
  #at = 0

  protected constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  /** The next token, or one of those behind it; at the end, and beyond, the last one. */
  peek(ahead = 0): Token {
    return this.#tokens[Math.min(this.#at + ahead, this.#tokens.length - 1)]!
  }

  /** The token that was taken last. */
  protected before(): Token | undefined {
    return this.#tokens[this.#at - 1]
  }

  take(): Token {
    const token = this.peek()
    if (token.kind !== 'end') this.#at += 1
    return token
  }

  isSign(text: string, ahead = 0): boolean {
    const token = this.peek(ahead)
    return token.kind === 'sign' && token.text === text
  }

  takeSign(text: string): boolean {
    return this.takeIf(this.isSign(text))
  }

  /** Goes on behind the next token, which is not the end, if it is what was wanted; says whether it was. */
  protected takeIf(isWanted: boolean): boolean {
    if (isWanted) this.#at += 1
    return isWanted
  }
}

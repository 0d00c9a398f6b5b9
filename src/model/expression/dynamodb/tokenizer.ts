/**
 * The text of an expression as tokens with their positions, in one pass.
 *
 * A word begins with a letter; `#name` and `:value` are placeholders, and may begin with anything that a word may have
 * inside. What is none of these, and no sign of the language, is a token of its own, for the parser to refuse. In a
 * template (ddb.ts) words may begin with an underscore or a dollar sign and have letters of any alphabet.
 */

export type TokenKind = 'word' | 'name' | 'value' | 'number' | 'sign' | 'unknown' | 'end'

export interface Token {
  readonly kind: TokenKind
  readonly text: string
  /** In characters from the beginning of the expression. */
  readonly start: number
  readonly end: number
}

/** How a missing token is called. */
const END_OF_TEXT = '<EOF>'

const BLANK = /[ \t\r\n]+/y
const WORD = /[A-Za-z][A-Za-z0-9_]*/y
const TEMPLATE_WORD = /[\p{L}_$][\p{L}\p{N}_$]*/uy
const NAME = /#[A-Za-z0-9_]+/y
const VALUE = /:[A-Za-z0-9_]+/y
const NUMBER = /[0-9]+/y
const SIGN = /<>|<=|>=|[=<>(),.[\]+-]/y

/** The tokens, with one of the kind `end` behind them. */
export function tokenize(source: string, { isTemplate }: { readonly isTemplate: boolean }): Token[] {
  const patterns: readonly (readonly [TokenKind, RegExp])[] = [
    ['word', isTemplate ? TEMPLATE_WORD : WORD],
    ['name', NAME],
    ['value', VALUE],
    ['number', NUMBER],
    ['sign', SIGN],
  ]
  const tokens: Token[] = []
  let start = skipBlanks(source, 0)
  while (start < source.length) {
    let kind: TokenKind = 'unknown'
    let text = String.fromCodePoint(source.codePointAt(start)!)
    for (const [candidate, pattern] of patterns) {
      const found = matchAt(pattern, source, start)
      if (found === undefined) continue
      kind = candidate
      text = found
      break
    }
    const end = start + text.length
    tokens.push({ kind, text, start, end })
    start = skipBlanks(source, end)
  }
  tokens.push({ kind: 'end', text: END_OF_TEXT, start: source.length, end: source.length })
  return tokens
}

function skipBlanks(source: string, offset: number): number {
  return offset + (matchAt(BLANK, source, offset)?.length ?? 0)
}

function matchAt(pattern: RegExp, source: string, offset: number): string | undefined {
  pattern.lastIndex = offset
  return pattern.exec(source)?.[0]
}

/**
 * The text of a statement as tokens with their positions, in one pass. Strings stand in single quotes and names may stand in
 * double ones; each quote inside is doubled. Comments (`-- to the end of the line`, `/* like this *\/`) are blanks.
 */
import { validationError } from '../aws-error.js'
import { KEYWORDS } from './keyword.js'
import { notWellFormed } from './wording.js'

/** A `keyword` is in capitals, a `name` is one without or with quotes; of both, `string`s too, the text is what they mean. */
export type TokenKind = 'keyword' | 'name' | 'string' | 'number' | 'parameter' | 'sign' | 'end'

export interface Token {
  readonly kind: TokenKind
  readonly text: string
  /** In characters from the beginning of the statement. */
  readonly start: number
  readonly end: number
}

const BLANK = /(?:[ \t\r\n\f\v]+|--[^\n]*|\/\*[^*]*\*+(?:[^/*][^*]*\*+)*\/)+/y
const WORD = /[A-Za-z_$][A-Za-z0-9_$]*/y
const QUOTED_NAME = /"(?:[^"]|"")*"/y
const STRING = /'(?:[^']|'')*'/y
const NUMBER = /(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?/y
const SIGN = /<<|>>|<>|<=|>=|!=|[=<>(){}[\],.:;*+/%-]/y

/**
 * The tokens, with one of the kind `end` behind them.
 *
 * @throws {AwsError} ValidationException, when something is no token.
 */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = []
  let start = skipBlanks(source, 0)
  while (start < source.length) {
    const token = source.startsWith('/*', start) ? undefined : tokenAt(source, start)
    if (token === undefined) throw validationError(notWellFormed(''))
    tokens.push(token)
    start = skipBlanks(source, token.end)
  }
  tokens.push({ kind: 'end', text: '', start: source.length, end: source.length })
  return tokens
}

function tokenAt(source: string, start: number): Token | undefined {
  switch (source[start]) {
    case "'":
      return quoted('string', matchAt(STRING, source, start), start, "'")
    case '"':
      return quoted('name', matchAt(QUOTED_NAME, source, start), start, '"')
    case '?':
      return { kind: 'parameter', text: '?', start, end: start + 1 }
  }
  const word = matchAt(WORD, source, start)
  if (word !== undefined) {
    const capitals = word.toUpperCase()
    const isKeyword = KEYWORDS.has(capitals)
    return { kind: isKeyword ? 'keyword' : 'name', text: isKeyword ? capitals : word, start, end: start + word.length }
  }
  const number = matchAt(NUMBER, source, start)
  if (number !== undefined) return { kind: 'number', text: number, start, end: start + number.length }
  const sign = matchAt(SIGN, source, start)
  return sign === undefined ? undefined : { kind: 'sign', text: sign, start, end: start + sign.length }
}

function quoted(kind: TokenKind, found: string | undefined, start: number, quote: string): Token | undefined {
  if (found === undefined) return undefined
  return { kind, text: found.slice(1, -1).replaceAll(quote + quote, quote), start, end: start + found.length }
}

function skipBlanks(source: string, offset: number): number {
  return offset + (matchAt(BLANK, source, offset)?.length ?? 0)
}

function matchAt(pattern: RegExp, source: string, offset: number): string | undefined {
  pattern.lastIndex = offset
  return pattern.exec(source)?.[0]
}

/**
 * The words of a filter string and where each stands: `age >= 18 and name =~ /^A/`.
 *
 * One pass, each character looked at once, so a filter of any length is read in linear time. What can be told from a
 * word alone is refused here, with the place: a number with a leading zero (C would read it as octal), a text that
 * never ends, an operator of some other language.
 */
import { ValidationException } from '../../errors.js'
import { pointAt } from './point-at.js'

export type Token =
  | { readonly kind: 'number'; readonly text: string; readonly offset: number }
  | { readonly kind: 'text'; readonly text: string; readonly offset: number }
  | { readonly kind: 'pattern'; readonly text: string; readonly flags: string; readonly offset: number }
  | { readonly kind: 'name'; readonly text: string; readonly quoted: boolean; readonly offset: number }
  | { readonly kind: 'sign'; readonly text: string; readonly offset: number }
  | { readonly kind: 'end'; readonly text: ''; readonly offset: number }

const KEYWORDS: ReadonlySet<string> = new Set(['and', 'or', 'not', 'in', 'of', 'if', 'then', 'else', 'mod'])

/** What people write who come from another language, and what it is called here. */
const FOREIGN: Readonly<Record<string, string>> = {
  '===': 'write ==',
  '!==': 'write !=',
  '<>': 'write !=',
  '&&': 'write "and"',
  '||': 'write "or"',
  '=': 'write == to compare',
  '!': 'write "not"',
  '&': 'write "and"',
  '|': 'write "or"',
  '?': 'write "if … then … else …"',
  ':': 'write "if … then … else …"',
  '[': 'write a.0 for an element of a list',
  '.': 'write 0.5 for a half, and a.b for an attribute of a map',
}

const SPACE = /\s+/y
const NUMBER = /\d[\d.]*(?:[eE][+-]?\d+)?[\p{L}\p{N}_$]*/uy
const NAME = /[\p{L}_$][\p{L}\p{N}_$.]*/uy
const SIGN = /==(?!=)|!=(?!=)|~=|=~|<=|>=|<(?!>)|>|[-+*/^%(),]/y
const FOREIGN_SIGN = /===|!==|<>|&&|\|\||[=!&|?:[.]/y

/** @throws {ValidationException} `FILTER_SYNTAX` where a character or a word has no meaning. */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = []
  let offset = 0

  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = offset
    return pattern.exec(source)?.[0]
  }

  while (true) {
    offset += match(SPACE)?.length ?? 0
    if (offset >= source.length) return [...tokens, { kind: 'end', text: '', offset }]

    const first = source[offset]!
    const previous = tokens.at(-1)
    const afterMatch = previous?.kind === 'sign' && previous.text === '~='
    if (first === '"' || first === "'") {
      const end = quotedEnd(source, offset)
      // A backslash of a pattern is the pattern's own: "\d+" needs no doubling.
      const text = unquote(source, offset, end, afterMatch && first === '"')
      tokens.push(first === '"' ? { kind: 'text', text, offset } : { kind: 'name', text, quoted: true, offset })
      offset = end
    } else if (first === '/' && afterMatch) {
      const token = patternAt(source, offset)
      tokens.push(token)
      offset += token.length
    } else {
      const number = match(NUMBER)
      const name = number === undefined ? match(NAME) : undefined
      const sign = number === undefined && name === undefined ? match(SIGN) : undefined
      if (number !== undefined) tokens.push({ kind: 'number', text: checkedNumber(source, offset, number), offset })
      else if (name !== undefined) tokens.push(wordToken(source, offset, name))
      else if (sign !== undefined) tokens.push({ kind: 'sign', text: SYNONYMS[sign] ?? sign, offset })
      else throw foreignSign(source, offset, match(FOREIGN_SIGN))
      offset += (number ?? name ?? sign)!.length
    }
  }
}

const SYNONYMS: Readonly<Record<string, string>> = { '=~': '~=', '%': 'mod' }

/** A `FILTER_SYNTAX` error that shows the filter with a caret under the place. */
export function syntaxError(source: string, offset: number, problem: string): ValidationException {
  return new ValidationException('FILTER_SYNTAX', `Cannot read the filter: ${problem}\n${pointAt(source, offset)}`)
}

function wordToken(source: string, offset: number, text: string): Token {
  if (KEYWORDS.has(text)) return { kind: 'sign', text, offset }
  if (text.endsWith('.') || text.includes('..')) {
    throw syntaxError(source, offset, `"${text}" lacks a name after a dot`)
  }
  return { kind: 'name', text, quoted: false, offset }
}

function checkedNumber(source: string, offset: number, text: string): string {
  if (/^0\d/.test(text)) {
    throw syntaxError(source, offset, `the number ${text} starts with a zero; leave the zero out, it is not octal`)
  }
  if (!/^\d+(?:\.\d+)?$/.test(text)) {
    throw syntaxError(
      source,
      offset,
      `"${text}" is no number; numbers are written 5 or 1.25, names start with a letter`,
    )
  }
  return text
}

/** The offset after the closing quote. */
function quotedEnd(source: string, offset: number): number {
  const quote = source[offset]
  for (let index = offset + 1; index < source.length; index++) {
    if (source[index] === '\\') index += 1
    else if (source[index] === quote) return index + 1
  }
  const what = quote === '"' ? 'text' : 'attribute name'
  throw syntaxError(source, offset, `the ${what} that begins here has no closing ${quote}`)
}

function unquote(source: string, offset: number, end: number, isPattern: boolean): string {
  const quote = source[offset]
  let text = ''
  for (let index = offset + 1; index < end - 1; index++) {
    const character = source[index]!
    if (character !== '\\') {
      text += character
      continue
    }
    const escaped = source[++index]!
    if (escaped === '\\' || escaped === quote) text += escaped
    else if (isPattern) text += `\\${escaped}`
    else
      throw syntaxError(source, index - 1, `a backslash escapes only ${quote} and itself; write \\\\ for a backslash`)
  }
  return text
}

/** `/^a\/b/i`: ends at the first slash that is neither escaped nor in a character class. */
function patternAt(source: string, offset: number): Extract<Token, { kind: 'pattern' }> & { readonly length: number } {
  let inClass = false
  for (let index = offset + 1; index < source.length && source[index] !== '\n'; index++) {
    const character = source[index]
    if (character === '\\') index += 1
    else if (character === '[') inClass = true
    else if (character === ']') inClass = false
    else if (character === '/' && !inClass) {
      const flags = /[a-z]*/y
      flags.lastIndex = index + 1
      const suffix = flags.exec(source)![0]
      const text = source.slice(offset + 1, index).replaceAll('\\/', '/')
      return { kind: 'pattern', text, flags: suffix, offset, length: index + 1 + suffix.length - offset }
    }
  }
  throw syntaxError(source, offset, 'the pattern that begins here has no closing /')
}

function foreignSign(source: string, offset: number, sign: string | undefined): ValidationException {
  if (sign !== undefined) return syntaxError(source, offset, `there is no ${sign}; ${FOREIGN[sign]}`)
  const character = String.fromCodePoint(source.codePointAt(offset)!)
  return syntaxError(source, offset, `${JSON.stringify(character)} means nothing here`)
}

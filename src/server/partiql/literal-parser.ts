/**
 * Values as statements spell them, in DynamoDB's form: text to a tree, in one pass. What is open (a list, a map, a set) is
 * kept in a list of frames instead of on the stack, so eight thousand brackets exhaust nothing; deeper than an item may be
 * is remembered as refused, and read to its end all the same.
 *
 * Numbers stay text: none goes through a double on its way.
 */
import { ValidationException } from '../../errors.js'
import { numberFromText, numberParts, plainText } from '../../model/item/decimal.js'
import { ITEM_DEPTH_LIMIT } from '../../model/item/item.js'
import type { AttributeValue } from '../value/attribute-value.js'
import { malformed, type TokenReader } from './token-reader.js'
import type { Token } from './tokenizer.js'
import {
  badNumber,
  EMPTY_BAG,
  expected,
  MISSING_COMPARED,
  repeatedName,
  repeatedNumbers,
  repeatedStrings,
  tooDeep,
  unsupportedValue,
  WRONG_BAG,
} from './wording.js'

/** A container that is open: what it has so far, and how many of its steps lead to what is being read. */
type Frame =
  | { readonly kind: 'list'; readonly values: AttributeValue[] }
  | { readonly kind: 'set'; readonly values: AttributeValue[]; readonly texts: string[]; isWrong: boolean }
  | { readonly kind: 'map'; readonly entries: Map<string, AttributeValue>; name: string }

const CLOSING = { list: ']', set: '>>', map: '}' } as const
/** What stands for a value that can't be one: the statement is refused in the end. */
const NO_VALUE: AttributeValue = { NULL: true }

const KEYWORD_VALUES: ReadonlyMap<string, AttributeValue> = new Map<string, AttributeValue>([
  ['TRUE', { BOOL: true }],
  ['FALSE', { BOOL: false }],
  ['NULL', { NULL: true }],
  ['MISSING', NO_VALUE],
])

export class LiteralParser {
  readonly #reader: TokenReader

  constructor(reader: TokenReader) {
    this.#reader = reader
  }

  /** Whether a value begins with the next token. */
  isNext(): boolean {
    const { kind, text } = this.#reader.peek()
    if (kind === 'string' || kind === 'number') return true
    if (kind === 'keyword') return KEYWORD_VALUES.has(text)
    return kind === 'sign' && (isOpening(text) || text === '+' || text === '-')
  }

  /** The value that is next. */
  value(): AttributeValue {
    const frames: Frame[] = []
    for (;;) {
      const opened = this.#open(frames)
      if (opened === 'open') continue
      let value = opened
      for (;;) {
        const frame = frames.at(-1)
        if (frame === undefined) return value
        this.#put(frame, value, frames)
        if (this.#reader.takeSign(',')) {
          if (frame.kind === 'map') this.#name(frame, frames)
          break
        }
        this.#expectClosing(frame)
        frames.pop()
        value = this.#close(frame, frames)
      }
    }
  }

  /** Opens a container that has something in it; anything else is a value at once. */
  #open(frames: Frame[]): AttributeValue | 'open' {
    const reader = this.#reader
    const token = reader.peek()
    const frame = token.kind === 'sign' ? newFrame(token.text) : undefined
    if (frame === undefined) return this.#scalar(frames)
    reader.take()
    if (frames.length >= ITEM_DEPTH_LIMIT) reader.refuse(() => tooDeep(placeOf(frames)))
    if (reader.takeSign(CLOSING[frame.kind])) return this.#close(frame, frames)
    frames.push(frame)
    if (frame.kind === 'map') this.#name(frame, frames)
    return 'open'
  }

  #close(frame: Frame, frames: readonly Frame[]): AttributeValue {
    if (frame.kind === 'list') return { L: frame.values }
    // Object.fromEntries makes own properties, whatever they are called.
    if (frame.kind === 'map') return { M: Object.fromEntries(frame.entries) }
    return this.#set(frame, frames)
  }

  #expectClosing(frame: Frame): void {
    if (!this.#reader.takeSign(CLOSING[frame.kind])) throw malformed(expected(`',' or '${CLOSING[frame.kind]}'`))
  }

  #put(frame: Frame, value: AttributeValue, frames: readonly Frame[]): void {
    if (frame.kind !== 'map') {
      frame.values.push(value)
      return
    }
    if (frame.entries.has(frame.name)) this.#reader.refuse(() => repeatedName(frame.name, placeOf(frames.slice(0, -1))))
    frame.entries.set(frame.name, value)
  }

  #name(frame: Extract<Frame, { kind: 'map' }>, frames: readonly Frame[]): void {
    const reader = this.#reader
    const token = reader.take()
    if (token.kind !== 'string') {
      const isTerm = token.kind === 'name' || token.kind === 'number' || token.kind === 'parameter'
      if (!isTerm) throw malformed(expected('a name in single quotes'))
      reader.refuse(() => unsupportedValue(kindOf(token), placeOf(frames.slice(0, -1)), reader.place(token)))
    }
    frame.name = token.text
    reader.expectSign(':')
  }

  #set(frame: Extract<Frame, { kind: 'set' }>, frames: readonly Frame[]): AttributeValue {
    const { values, texts } = frame
    const isText = values.every(({ S }) => S !== undefined)
    if (values.length === 0) this.#reader.refuse(EMPTY_BAG)
    else if (frame.isWrong || (!isText && values.some(({ N }) => N === undefined))) this.#reader.refuse(WRONG_BAG)
    else if (new Set(values.map(({ S, N }) => S ?? N)).size < values.length) {
      this.#reader.refuse(() => (isText ? repeatedStrings(texts) : repeatedNumbers(texts, placeOf(frames))))
    }
    return isText ? { SS: values.map(({ S }) => S!) } : { NS: values.map(({ N }) => N ?? '0') }
  }

  #scalar(frames: readonly Frame[]): AttributeValue {
    const reader = this.#reader
    const token = reader.peek()
    const frame = frames.at(-1)
    // The elements of a set are no level of their own.
    const depth = frame?.kind === 'set' ? frames.length - 1 : frames.length
    if (depth >= ITEM_DEPTH_LIMIT) reader.refuse(() => tooDeep(placeOf(frames)))
    if (token.kind === 'string') {
      reader.take()
      if (frame?.kind === 'set') frame.texts.push(token.text)
      return { S: token.text }
    }
    if (token.kind === 'keyword' && KEYWORD_VALUES.has(token.text)) {
      reader.take()
      if (token.text === 'MISSING') reader.refuse(MISSING_COMPARED)
      return KEYWORD_VALUES.get(token.text)!
    }
    if (token.kind === 'number' || (token.kind === 'sign' && (token.text === '-' || token.text === '+'))) {
      return this.#number(frames)
    }
    return this.#foreign(token, frames)
  }

  /** A number, with as many signs as somebody likes. */
  #number(frames: readonly Frame[]): AttributeValue {
    const reader = this.#reader
    let isNegative = false
    for (;;) {
      if (reader.takeSign('-')) isNegative = !isNegative
      else if (!reader.takeSign('+')) break
    }
    const token = reader.peek()
    if (token.kind !== 'number') return this.#foreign(token, frames)
    reader.take()
    const text = isNegative ? `-${token.text}` : token.text
    const frame = frames.at(-1)
    if (frame?.kind === 'set') frame.texts.push(text)
    if (!fitsScale(token.text)) throw malformed('')
    try {
      return { N: plainText(numberParts(numberFromText(text))) }
    } catch (failure) {
      if (!(failure instanceof ValidationException)) throw failure
      reader.refuse(() => badNumber(failure.message, placeOf(frames)))
      return { N: '0' }
    }
  }

  /** What is a term, but none that a value can have in it: a parameter, a path, a function. */
  #foreign(token: Token, frames: readonly Frame[]): AttributeValue {
    const reader = this.#reader
    if (token.kind !== 'parameter' && token.kind !== 'name') throw reader.unexpectedTerm()
    reader.take()
    const frame = frames.at(-1)
    if (frame?.kind === 'set') frame.isWrong = true
    else reader.refuse(() => unsupportedValue(this.#foreignKind(token), placeOf(frames), reader.place(token)))
    return NO_VALUE
  }

  #foreignKind(token: Token): string {
    const reader = this.#reader
    if (token.kind !== 'name' || !reader.isSign('(')) return kindOf(token)
    reader.skipParentheses()
    return token.text.toLowerCase()
  }
}

function newFrame(sign: string): Frame | undefined {
  switch (sign) {
    case '[':
      return { kind: 'list', values: [] }
    case '<<':
      return { kind: 'set', values: [], texts: [], isWrong: false }
    case '{':
      return { kind: 'map', entries: new Map(), name: '' }
    default:
      return undefined
  }
}

function isOpening(sign: string): boolean {
  return sign === '[' || sign === '<<' || sign === '{'
}

function kindOf({ kind }: Token): string {
  return kind === 'parameter' ? 'Parameter' : kind === 'name' ? 'VariableReference' : 'Literal'
}

/** Where in a value something is: `root.a[0]`. It is made only for messages. */
function placeOf(frames: readonly Frame[]): string {
  const steps = frames.map((frame) => (frame.kind === 'map' ? `.${frame.name}` : `[${frame.values.length}]`))
  return `root${steps.join('')}`
}

const MAXIMUM = 2_147_483_647
const PARTS = /^[0-9]*(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]+))?$/

/** Whether the exponent, and how many digits are behind the point after all, fit in 32 bits. */
function fitsScale(text: string): boolean {
  const [, fraction = '', exponentText = '0'] = PARTS.exec(text)!
  const exponent = Number(exponentText)
  const scale = fraction.length - exponent
  return fits(exponent) && fits(scale)
}

function fits(number: number): boolean {
  return number >= -MAXIMUM - 1 && number <= MAXIMUM
}

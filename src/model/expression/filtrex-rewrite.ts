/**
 * A filter string in the form we let filtrex see: checked, counted, and without a character of the author's own.
 *
 * Names become `s0`, `s1`, …, calls `f0`, …, texts and other constants `c0`, …; what they stand for is kept beside the
 * text. So nothing a filter's author writes reaches the `new Function` inside filtrex: only these, plain digits and
 * filtrex's own operators do. The order of operands and operators is checked here, because filtrex's lexer swallows
 * the character after a keyword and so both accepts `(not(a)` and refuses `a and(b)`.
 *
 * Three things mean something else than in filtrex:
 *   - `not a == 1` is `not (a == 1)`, as in every other notation; filtrex would take it for `(not a) == 1`.
 *   - `x in list` binds like a comparison; in a chain (`a < b < c`) it can't stand, so parentheses are asked for there.
 *   - `x in (1, 2)`, `subnet("10.0.0.0/8")` and patterns are built once, here, not for every item.
 */
import { ValidationException } from '../../errors.js'
import { compareNumbers, Decimal } from '../item/decimal.js'
import type { NumberValue } from '../item/item.js'
import { didYouMean } from './did-you-mean.js'
import type { FilterFunction } from './filtrex-function.js'
import { Membership, negated } from './filtrex-operator.js'
import { syntaxError, type Token, tokenize } from './filtrex-tokenizer.js'
import { Pattern, patternWithFlags } from './pattern.js'
import { pointAt } from './point-at.js'
import { Subnet } from './subnet.js'

/** How many parentheses may be nested in one another. */
export const FILTER_DEPTH_LIMIT = 32
/** How many operators and calls a filter may have. */
export const FILTER_OPERATOR_LIMIT = 300

export interface AttributeSymbol {
  /** One name for each step: `a.b` has two, `'a.b'` one. */
  readonly path: readonly string[]
  readonly offset: number
}

export interface CallSymbol {
  readonly function: FilterFunction
  readonly offset: number
}

export interface RewrittenFilter {
  /** What filtrex compiles. */
  readonly text: string
  readonly attributes: ReadonlyMap<string, AttributeSymbol>
  readonly calls: ReadonlyMap<string, CallSymbol>
  readonly constants: Readonly<Record<string, unknown>>
  /** The top-level attributes it reads. */
  readonly reads: readonly string[]
}

/** The names under which the right side of `in` and `not in` reaches us; no other symbol is called so. */
export const IN = 'in_'
export const NOT_IN = 'not_in_'

const CONSTANTS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['true', true],
  ['false', false],
  ['null', null],
])
/** Functions that ask whether an attribute is there. */
const PRESENCE: ReadonlySet<string> = new Set(['exists', 'empty'])
const RELATIONS: ReadonlySet<string> = new Set(['==', '!=', '~=', '<', '<=', '>', '>='])
const ARITHMETIC: ReadonlySet<string> = new Set(['+', '-', '*', '/', '^', 'mod'])

/** What people write where an operator should be, and what it is called here. */
const FOREIGN_OPERATORS: ReadonlyMap<string, string> = new Map([
  ['is', 'write =='],
  ['like', 'write =~ with a regular expression'],
  ['between', 'write low <= x <= high'],
  ['contains', 'write contains(list, value)'],
  ['begins_with', 'write begins_with(text, prefix)'],
  ['div', 'write /'],
])

/** The comparisons since the last `and`, `or`, comma or parenthesis. */
interface Chain {
  count: number
  /** `in` or `~=`, once one of them ended the chain. */
  end: string | undefined
}

type Frame =
  | { readonly kind: 'group'; readonly offset: number; readonly chain: Chain }
  | {
      readonly kind: 'call'
      readonly name: string
      readonly function: FilterFunction
      readonly offset: number
      readonly chain: Chain
      commas: number
    }
  | { readonly kind: 'not'; readonly chain: Chain }
  | { readonly kind: 'if'; readonly offset: number; stage: 'if' | 'then' | 'else' }

/** @throws {ValidationException} `FILTER_SYNTAX`, `FILTER_TOO_COMPLEX`, `FILTER_PATTERN` or `FILTER_SUBNET`. */
export function rewriteFilter(source: string, functions: ReadonlyMap<string, FilterFunction>): RewrittenFilter {
  return new Rewriter(source, functions).rewrite()
}

class Rewriter {
  readonly #source: string
  readonly #functions: ReadonlyMap<string, FilterFunction>
  readonly #tokens: readonly Token[]
  readonly #output: string[] = []
  readonly #attributes = new Map<string, AttributeSymbol>()
  readonly #calls = new Map<string, CallSymbol>()
  readonly #constants: Record<string, unknown> = Object.create(null) as Record<string, unknown>
  #constantCount = 0
  readonly #reads = new Set<string>()
  readonly #frames: Frame[] = []
  #chain: Chain = { count: 0, end: undefined }
  #next = 0
  #depth = 0
  #operatorCount = 0

  constructor(source: string, functions: ReadonlyMap<string, FilterFunction>) {
    this.#source = source
    this.#functions = functions
    this.#tokens = tokenize(source)
  }

  rewrite(): RewrittenFilter {
    if (this.#tokens.length === 1) throw this.#problem(0, 'it is empty')
    let wantsOperand = true
    while (this.#peek().kind !== 'end') wantsOperand = wantsOperand ? this.#operand() : this.#operator()
    if (wantsOperand) throw this.#unexpected(this.#peek(), 'a value')
    this.#closeConditions()
    const open = this.#frames.at(-1)
    if (open !== undefined && open.kind !== 'not') {
      throw this.#problem(open.offset, open.kind === 'if' ? 'this "if" lacks its "else"' : 'this ( is never closed')
    }
    return {
      text: this.#output.join(' '),
      attributes: this.#attributes,
      calls: this.#calls,
      constants: this.#constants,
      reads: [...this.#reads],
    }
  }

  // ── Where a value is wanted; true if one still is ────────────────────────────────────────────────────────────────

  #operand(): boolean {
    const token = this.#take()
    switch (token.kind) {
      case 'number':
        this.#emitConstant(this.#number(token.text, token.offset))
        return false
      case 'text':
        this.#emitConstant(token.text)
        return false
      case 'pattern':
        this.#emitConstant(this.#pattern(token))
        return false
      case 'name':
        return this.#name(token)
      case 'sign':
        return this.#prefix(token)
      default:
        throw this.#unexpected(token, 'a value')
    }
  }

  #name(token: Token & { kind: 'name' }): boolean {
    const following = this.#peek()
    if (following.kind === 'sign' && following.text === '(') return this.#call(token)
    const isOf = following.kind === 'sign' && following.text === 'of'
    if (!token.quoted && !isOf && CONSTANTS.has(token.text)) {
      this.#emitConstant(CONSTANTS.get(token.text))
      return false
    }
    const path = token.quoted ? [token.text] : token.text.split('.')
    const symbol = `s${this.#attributes.size}`
    this.#attributes.set(symbol, { path, offset: token.offset })
    this.#output.push(symbol)
    if (!isOf) {
      this.#reads.add(path[0]!)
      return false
    }
    // `a of b`: the attribute a of whatever b is.
    this.#count(this.#take())
    this.#output.push('of')
    return true
  }

  #call(token: Token & { kind: 'name' }): boolean {
    const { text: name, offset } = token
    const called = token.quoted ? undefined : this.#functions.get(name)
    if (called === undefined) throw this.#unknownFunction(token)
    this.#count(token)
    if (PRESENCE.has(name)) this.#refuseText(name)
    const constant = name === 'subnet' ? this.#constantSubnet() : undefined
    if (constant !== undefined) {
      this.#emitConstant(constant)
      return false
    }
    const symbol = `f${this.#calls.size}`
    this.#calls.set(symbol, { function: called, offset })
    this.#output.push(symbol, '(')
    this.#take()
    this.#frames.push({ kind: 'call', name, function: called, offset, chain: this.#openChain(), commas: 0 })
    this.#deeper(offset)
    if (!this.#isSign(this.#peek(), ')')) return true
    this.#take()
    this.#closeParenthesis(token, { isEmpty: true })
    return false
  }

  #prefix(token: Token & { kind: 'sign' }): boolean {
    switch (token.text) {
      case '(':
        this.#output.push('(')
        this.#frames.push({ kind: 'group', offset: token.offset, chain: this.#openChain() })
        this.#deeper(token.offset)
        return true
      case '-':
        this.#count(token)
        this.#output.push('-')
        return true
      case 'not':
        this.#count(token)
        this.#output.push('not', '(')
        this.#frames.push({ kind: 'not', chain: this.#openChain() })
        return true
      case 'if':
        this.#count(token)
        this.#output.push('if')
        this.#frames.push({ kind: 'if', offset: token.offset, stage: 'if' })
        this.#chain = newChain()
        return true
      default:
        throw this.#unexpected(token, 'a value')
    }
  }

  // ── Where an operator is wanted; true if a value is next ─────────────────────────────────────────────────────────

  #operator(): boolean {
    const token = this.#take()
    if (token.kind !== 'sign') throw this.#unexpected(token, 'an operator')
    const { text } = token
    if (text === ')') {
      this.#closeConditions()
      this.#closeParenthesis(token, { isEmpty: false })
      return false
    }
    if (text === ',') return this.#comma(token)
    if (text === 'then' || text === 'else') return this.#branch(token)
    if (RELATIONS.has(text)) return this.#relation(token)
    if (text === 'in') return this.#membership(token, { negated: false })
    if (text === 'not' && this.#isSign(this.#peek(), 'in')) {
      this.#take()
      return this.#membership(token, { negated: true })
    }
    if (text === 'and' || text === 'or') {
      this.#closeNots()
      this.#chain = newChain()
    } else if (!ARITHMETIC.has(text)) {
      throw this.#unexpected(token, 'an operator')
    } else if (this.#chain.end !== undefined) {
      throw this.#problem(token.offset, `put the right side of "${this.#chain.end}" in parentheses`)
    }
    this.#count(token)
    this.#output.push(text)
    return true
  }

  #relation(token: Token & { kind: 'sign' }): boolean {
    this.#count(token)
    this.#extendChain(token)
    this.#output.push(token.text)
    const operand = this.#peek()
    if (token.text !== '~=') return true
    this.#chain.end = '=~'
    if (operand.kind !== 'text') return true
    this.#take()
    this.#emitConstant(this.#pattern({ ...operand, kind: 'pattern', flags: '' }))
    return false
  }

  #membership(token: Token & { kind: 'sign' }, { negated }: { negated: boolean }): boolean {
    this.#count(token)
    if (this.#chain.count > 0) throw this.#problem(token.offset, 'put parentheses around what is left of "in"')
    this.#extendChain(token)
    this.#chain.end = 'in'
    this.#output.push('~=')
    const list = this.#constantList()
    if (list !== undefined) {
      this.#emitConstant(new Membership(list, { negated, indexed: true }))
      return false
    }
    this.#output.push(negated ? NOT_IN : IN, 'of')
    return true
  }

  #comma(token: Token & { kind: 'sign' }): boolean {
    this.#closeConditions()
    const frame = this.#frames.at(-1)
    if (frame?.kind === 'call') frame.commas += 1
    else if (frame?.kind !== 'group') throw this.#unexpected(token, 'an operator')
    this.#chain = newChain()
    this.#output.push(',')
    return true
  }

  #branch(token: Token & { kind: 'sign' }): boolean {
    this.#closeNots()
    const wanted = token.text === 'then' ? 'if' : 'then'
    let frame = this.#frames.at(-1)
    // An inner `if` that has its `else` is complete when the outer one goes on.
    while (token.text === 'else' && frame?.kind === 'if' && frame.stage === 'else') {
      this.#frames.pop()
      this.#closeNots()
      frame = this.#frames.at(-1)
    }
    if (frame?.kind !== 'if' || frame.stage !== wanted) throw this.#unexpected(token, 'an operator')
    frame.stage = token.text as 'then' | 'else'
    this.#chain = newChain()
    this.#output.push(token.text)
    return true
  }

  // ── What is constant and can be built now ────────────────────────────────────────────────────────────────────────

  /** `(1, "a", subnet("…"))`, `subnet("…")` or `5` as the values it holds; `undefined` if it must be computed. */
  #constantList(): readonly unknown[] | undefined {
    const start = this.#next
    const values: unknown[] = []
    const isList = this.#isSign(this.#peek(), '(')
    if (isList) this.#take()
    do {
      const value = this.#constant()
      if (value === undefined) return this.#rewind(start)
      values.push(value)
    } while (isList && this.#takeSign(','))
    return isList && !this.#takeSign(')') ? this.#rewind(start) : values
  }

  #constant(): unknown {
    const isNegative = this.#takeSign('-')
    const token = this.#take()
    if (token.kind === 'number') {
      const number = this.#number(token.text, token.offset)
      return isNegative ? negated(number) : number
    }
    if (isNegative) return undefined
    if (token.kind === 'text') return token.text
    if (token.kind !== 'name' || token.quoted) return undefined
    const following = this.#peek()
    if (this.#isSign(following, '(')) return token.text === 'subnet' ? this.#constantSubnet() : undefined
    return this.#isSign(following, 'of') ? undefined : CONSTANTS.get(token.text)
  }

  /** After the word `subnet`: `("10.0.0.0/8")`. */
  #constantSubnet(): Subnet | undefined {
    const start = this.#next
    this.#take()
    const token = this.#take()
    if (token.kind !== 'text' || !this.#takeSign(')')) return this.#rewind(start)
    return this.#located(token.offset, () => new Subnet(token.text))
  }

  #pattern(token: Token & { kind: 'pattern' }): Pattern {
    return this.#located(token.offset, () => Pattern.of(patternWithFlags(token.text, token.flags)))
  }

  /** The number as a double if that is exact, else as bigint or Decimal. */
  #number(text: string, offset: number): NumberValue {
    const double = Number(text)
    if (!text.includes('.')) return Number.isSafeInteger(double) ? double : BigInt(text)
    // A double tells any two texts of fifteen digits apart.
    if (text.length <= 16) return double
    try {
      const decimal = Decimal.from(text)
      return Number.isFinite(double) && compareNumbers(decimal, double) === 0 ? double : decimal
    } catch (failure) {
      if (!(failure instanceof ValidationException)) throw failure
      throw this.#problem(offset, `the number ${text.slice(0, 60)} has more digits than an item can hold`)
    }
  }

  // ── Parentheses and their like ───────────────────────────────────────────────────────────────────────────────────

  #closeParenthesis(token: Token, { isEmpty }: { isEmpty: boolean }): void {
    const frame = this.#frames.pop()
    if (frame === undefined || frame.kind === 'not') throw this.#problem(token.offset, 'there is no ( for this )')
    if (frame.kind === 'if') throw this.#problem(frame.offset, 'this "if" lacks its "else"')
    if (frame.kind === 'call') {
      const count = isEmpty ? 0 : frame.commas + 1
      const [least, most] = frame.function.arguments
      if (count < least || count > most) {
        const wanted = least === most ? `${least}` : `at least ${least}`
        throw this.#problem(
          frame.offset,
          `${frame.name} takes ${wanted} argument${least === 1 ? '' : 's'}, not ${count}`,
        )
      }
    }
    this.#depth -= 1
    this.#chain = frame.chain
    this.#output.push(')')
  }

  /** What `and` and `or` end: every `not` before them. */
  #closeNots(): void {
    for (let frame = this.#frames.at(-1); frame?.kind === 'not'; frame = this.#frames.at(-1)) {
      this.#frames.pop()
      this.#chain = frame.chain
      this.#output.push(')')
    }
  }

  /** What a closing parenthesis, a comma and the end of the filter end: every `not`, and every `if` with its `else`. */
  #closeConditions(): void {
    this.#closeNots()
    for (let frame = this.#frames.at(-1); frame?.kind === 'if' && frame.stage === 'else'; frame = this.#frames.at(-1)) {
      this.#frames.pop()
      this.#closeNots()
    }
  }

  #openChain(): Chain {
    const outer = this.#chain
    this.#chain = newChain()
    return outer
  }

  #extendChain(token: Token): void {
    const { end } = this.#chain
    if (end !== undefined) throw this.#problem(token.offset, `put parentheses around the comparison with "${end}"`)
    this.#chain.count += 1
  }

  #deeper(offset: number): void {
    this.#depth += 1
    if (this.#depth > FILTER_DEPTH_LIMIT) {
      throw this.#tooComplex(offset, `its parentheses are more than ${FILTER_DEPTH_LIMIT} deep`)
    }
  }

  #count(token: Token): void {
    this.#operatorCount += 1
    if (this.#operatorCount > FILTER_OPERATOR_LIMIT) {
      throw this.#tooComplex(token.offset, `it has more than ${FILTER_OPERATOR_LIMIT} operators`)
    }
  }

  // ── Words in, words out, errors ──────────────────────────────────────────────────────────────────────────────────

  #peek(): Token {
    return this.#tokens[this.#next]!
  }

  #take(): Token {
    const token = this.#peek()
    // The end stays where it is, however often it is looked at.
    if (token.kind !== 'end') this.#next += 1
    return token
  }

  #isSign(token: Token, text: string): boolean {
    return token.kind === 'sign' && token.text === text
  }

  #takeSign(text: string): boolean {
    if (!this.#isSign(this.#peek(), text)) return false
    this.#next += 1
    return true
  }

  #rewind(start: number): undefined {
    this.#next = start
    return undefined
  }

  #emitConstant(value: unknown): void {
    // Filtrex reads a short whole number as we do; the rest goes beside the text.
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) {
      this.#output.push(String(value))
      return
    }
    const name = `c${this.#constantCount++}`
    this.#constants[name] = value
    this.#output.push(name)
  }

  #located<T>(offset: number, build: () => T): T {
    try {
      return build()
    } catch (failure) {
      if (!(failure instanceof ValidationException)) throw failure
      const message = `${failure.message}\n${pointAt(this.#source, offset)}`
      throw new ValidationException(failure.code, message, { cause: failure })
    }
  }

  #problem(offset: number, problem: string): ValidationException {
    return syntaxError(this.#source, offset, problem)
  }

  #tooComplex(offset: number, problem: string): ValidationException {
    const message = `Cannot use the filter: ${problem}\n${pointAt(this.#source, offset)}`
    return new ValidationException('FILTER_TOO_COMPLEX', message)
  }

  #unexpected(token: Token, wanted: string): ValidationException {
    const found = token.kind === 'end' ? 'it ends' : `it says ${this.#shown(token)}`
    const hint = token.kind === 'name' ? operatorHint(token.text) : undefined
    return this.#problem(token.offset, `where ${wanted} should be, ${found}${hint === undefined ? '' : `; ${hint}`}`)
  }

  /** A text is always there: who writes one where an attribute is asked for means the attribute. */
  #refuseText(name: string): void {
    const token = this.#tokens[this.#next + 1]
    const end = this.#tokens[this.#next + 2]
    if (token?.kind !== 'text' || end === undefined || !this.#isSign(end, ')')) return
    const hint = `single quotes name one: ${name}('…')`
    throw this.#problem(token.offset, `${name} asks for an attribute, and ${this.#shown(token)} is a text; ${hint}`)
  }

  #unknownFunction(token: Token & { kind: 'name' }): ValidationException {
    const name = token.text
    const known = [...this.#functions.keys()]
    const hint =
      name === 'now'
        ? 'there is no clock here'
        : name === 'attribute_exists'
          ? 'write exists(x)'
          : name === 'attribute_not_exists'
            ? 'write not exists(x)'
            : (didYouMean(name, known) ?? operatorHint(name) ?? `there are: ${known.join(', ')}`)
    return this.#problem(token.offset, `there is no function ${this.#shown(token)}; ${hint}`)
  }

  #shown(token: Token): string {
    const text = token.kind === 'pattern' ? `/${token.text}/` : token.text
    const quoted = token.kind === 'text' ? JSON.stringify(text) : text
    return quoted.length > 40 ? `${quoted.slice(0, 40)}…` : quoted
  }
}

function operatorHint(word: string): string | undefined {
  const lower = word.toLowerCase()
  if (['and', 'or', 'not', 'in', 'if', 'then', 'else', 'mod'].includes(lower)) return `write "${lower}"`
  return FOREIGN_OPERATORS.get(lower)
}

function newChain(): Chain {
  return { count: 0, end: undefined }
}

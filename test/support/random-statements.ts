/** Conditions, updates and items as PartiQL text, in many of the ways in which one thing can be written. */

import { Decimal } from '../../src/index.js'
import type { AttributeValue } from '../../src/server/value/attribute-value.js'
import { sdkValue } from '../../src/server/value/sdk-value.js'
import type { SeededRandom } from './random.js'
import type { AnyItem } from './reference-database.js'
import type { ActionSpec, ConditionSpec, OperandSpec, Step, ValueSpec } from './reference-expression.js'

export interface WrittenStatement {
  readonly text: string
  readonly parameters: readonly AttributeValue[]
}

/** Names that need no quotes. */
const PLAIN_NAME = /^(?:a|b|c1|toString|constructor|status|__proto|pk|sk|n|x|y|g)$/

const TYPE_WORDS: Readonly<Record<string, readonly string[]>> = {
  ...{ S: ['STRING'], N: ['NUMERIC'], B: ['BLOB'], BOOL: ['BOOL', 'BOOLEAN'], NULL: ['NULL'], L: ['LIST'] },
  M: ['STRUCT', 'TUPLE'],
}

/** Writes parts of one statement, in their order: parameters are numbered by it. */
export class StatementWriter {
  readonly parameters: AttributeValue[] = []
  readonly #random: SeededRandom

  constructor(random: SeededRandom) {
    this.#random = random
  }

  written(text: string): WrittenStatement {
    return { text, parameters: this.parameters }
  }

  condition(spec: ConditionSpec, strength = 0): string {
    const own = { or: 1, and: 2, not: 3 }[spec.kind as 'or'] ?? 4
    const text = this.#bareCondition(spec, own)
    if (this.#random.chance(0.02)) return `((${text}) ${this.#pick(['= true', '<> false', 'IN [true]'])})`
    return own < strength || this.#random.chance(0.1) ? `(${text})` : text
  }

  actions(actions: readonly ActionSpec[]): string {
    return actions.map((action) => this.#action(action)).join(this.#blank(' '))
  }

  item(item: AnyItem): string {
    const attributes = Object.entries(item).map(
      ([name, value]) => `${quoted(name)}${this.#blank(':')}${this.value(value)}`,
    )
    return `{${attributes.join(this.#blank(','))}}`
  }

  path(path: readonly Step[]): string {
    const steps = path.map((step, index) => {
      if (typeof step === 'number') return `[${step}]`
      if (index > 0 && this.#random.chance(0.05)) return `[${quoted(step)}]`
      return `${index === 0 ? '' : '.'}${this.#name(step)}`
    })
    return steps.join('')
  }

  /** A literal, or a parameter. */
  value(value: unknown): string {
    if (this.#random.chance(0.6)) {
      const literal = this.#literal(value)
      if (literal !== undefined) return literal
    }
    this.parameters.push(sdkValue(value))
    return '?'
  }

  word(word: string): string {
    return this.#pick([word.toUpperCase(), word.toLowerCase(), word[0]!.toUpperCase() + word.slice(1).toLowerCase()])
  }

  #bareCondition(spec: ConditionSpec, strength: number): string {
    switch (spec.kind) {
      case 'and':
      case 'or':
        return spec.parts
          .map((part) => this.condition(part, strength))
          .join(`${this.#blank(' ')}${this.word(spec.kind)}${this.#blank(' ')}`)
      case 'not':
        return `${this.word('not')} ${this.condition(spec.part, strength)}`
      case 'compare': {
        const operator = spec.operator === '<>' ? this.#pick(['<>', '!=']) : spec.operator
        return `${this.#operand(spec.left)}${this.#blank(operator)}${this.#operand(spec.right)}`
      }
      case 'between':
        return (
          `${this.#operand(spec.operand)} ${this.word('between')} ${this.#operand(spec.low)} ` +
          `${this.word('and')} ${this.#operand(spec.high)}`
        )
      case 'in': {
        const operand = this.#operand(spec.operand)
        const [open, close] = this.#pick([
          ['(', ')'],
          ['[', ']'],
          ['<<', '>>'],
        ] as const)
        const list = spec.list.map((other) => this.#operand(other, true)).join(this.#blank(','))
        return `${operand} ${this.word('in')} ${open}${list}${close}`
      }
      case 'call':
        return this.#call(spec.name, spec.operands)
    }
  }

  #call(name: string, operands: readonly OperandSpec[]): string {
    const [first, second] = operands as readonly [OperandSpec, OperandSpec?]
    if (first.kind === 'path' && this.#random.chance(0.4)) {
      if (name === 'attribute_exists') return `${this.path(first.path)} ${this.word('is')} NOT ${this.word('missing')}`
      if (name === 'attribute_not_exists') return `${this.path(first.path)} IS ${this.word('missing')}`
      const type = second?.kind === 'value' && typeof second.value === 'string' ? TYPE_WORDS[second.value] : undefined
      if (name === 'attribute_type' && type !== undefined)
        return `${this.path(first.path)} IS ${this.word(this.#pick(type))}`
    }
    const list = operands.map((operand) => this.#operand(operand, true)).join(this.#blank(','))
    return `${this.word(name)}${this.#blank('(')}${list}${this.#blank(')')}`
  }

  #operand(spec: OperandSpec, isBare = false): string {
    if (spec.kind === 'size') return `${this.word('size')}(${this.#operand(spec.of, true)})`
    const text = spec.kind === 'path' ? this.path(spec.path) : this.value(spec.value)
    return !isBare && this.#random.chance(0.05) ? `(${text})` : text
  }

  #action(action: ActionSpec): string {
    const path = this.path(action.path)
    switch (action.section) {
      case 'REMOVE':
        return `${this.word('remove')} ${path}`
      case 'SET':
        return `${this.word('set')} ${path}${this.#blank('=')}${this.#setValue(action.value)}`
      default: {
        const name = action.section === 'ADD' ? 'set_add' : 'set_delete'
        return `${this.word('set')} ${path} = ${this.word(name)}(${path}${this.#blank(',')}${this.value(action.value)})`
      }
    }
  }

  #setValue(spec: ValueSpec): string {
    switch (spec.kind) {
      case 'sum':
        return `${this.#setValue(spec.left)} ${spec.operator} ${this.#setValue(spec.right)}`
      case 'if_not_exists':
        return `${this.word('if_not_exists')}(${this.path(spec.path)}${this.#blank(',')}${this.#setValue(spec.otherwise)})`
      case 'list_append':
        return `${this.word('list_append')}(${this.#setValue(spec.first)}${this.#blank(',')}${this.#setValue(spec.second)})`
      default:
        return this.#operand(spec, true)
    }
  }

  #name(name: string): string {
    return PLAIN_NAME.test(name) && this.#random.chance(0.5) ? name : `"${name.replaceAll('"', '""')}"`
  }

  /** Undefined for what no literal can be: binary values. */
  #literal(value: unknown): string | undefined {
    if (typeof value === 'string') return quoted(value)
    if (typeof value === 'boolean' || value === null) return this.word(String(value))
    if (typeof value === 'number' || typeof value === 'bigint' || value instanceof Decimal) return this.#number(value)
    if (value instanceof Uint8Array) return undefined
    if (value instanceof Set) return this.#joined('<<', [...value], '>>')
    if (Array.isArray(value)) return this.#joined('[', value, ']')
    const entries = Object.entries(value as object).map(([name, part]) => [name, this.#literal(part)] as const)
    if (entries.some(([, literal]) => literal === undefined)) return undefined
    return `{${entries.map(([name, literal]) => `${quoted(name)}${this.#blank(':')}${literal}`).join(this.#blank(','))}}`
  }

  #joined(open: string, values: readonly unknown[], close: string): string | undefined {
    const literals = values.map((part) => this.#literal(part))
    return literals.includes(undefined) ? undefined : `${open}${literals.join(this.#blank(','))}${close}`
  }

  #number(value: number | bigint | Decimal): string {
    const text = Decimal.from(value).toString()
    if (this.#random.chance(0.7)) return text
    return this.#pick([
      `${text}e0`,
      `- -${text}`.replace('--', '- -'),
      `+${text}`,
      `${text.includes('.') ? text : `${text}.`}0`,
    ])
  }

  #blank(sign: string): string {
    const blank = this.#pick(['', '', ' ', '\n\t', ' /* a * b */ ', ' -- note\n'])
    return sign === ' ' ? ` ${blank}` : `${blank}${sign}${this.#pick(['', ' '])}`
  }

  #pick<T>(choices: readonly T[]): T {
    return this.#random.pick(choices)
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

const PIECES = [
  ...[
    'SELECT',
    '*',
    'FROM',
    'WHERE',
    'INSERT',
    'INTO',
    'VALUE',
    'UPDATE',
    'SET',
    'REMOVE',
    'DELETE',
    'RETURNING',
    'ALL OLD *',
  ],
  ...[
    'EXISTS(',
    'ORDER BY',
    'ASC',
    'DESC',
    'LIMIT 1',
    'GROUP BY',
    'AS',
    'MISSING',
    'NULL',
    'TRUE',
    'IS NOT',
    'LIKE',
    'AND',
    'OR',
  ],
  ...[
    'a',
    'b',
    '"t"',
    't',
    "'x'",
    '?',
    '1',
    '-1',
    '1e5',
    '1e999999999999',
    '.5',
    '"',
    "'",
    '(',
    ')',
    '[',
    ']',
    '{',
    '}',
    '<<',
    '>>',
  ],
  ...[
    ',',
    '.',
    ':',
    ';',
    '=',
    '<>',
    '!=',
    '<',
    '<=',
    '+',
    '-',
    '--',
    '/*',
    '*/',
    '#',
    '`',
    '\\',
    '@',
    '$',
    '_',
    '\0',
    'ü',
    '😀',
    '\ud800',
  ],
  ...[
    '__proto__',
    '"__proto__"',
    "{'__proto__': 1}",
    'constructor',
    'size(',
    'set_add(',
    'list_append(',
    'COUNT(*)',
    'BETWEEN',
    'IN',
  ],
  ...[
    'NOT '.repeat(60),
    '('.repeat(80),
    '['.repeat(80),
    "{'a':".repeat(40),
    'a.'.repeat(40),
    '/*'.repeat(30),
    "''".repeat(40),
    '- '.repeat(60),
  ],
]

/** Pieces of the language in any order. */
export function randomStatementSoup(random: SeededRandom): string {
  const length = random.chance(0.02) ? random.below(1500) : 1 + random.below(25)
  return Array.from({ length }, () => random.pick(PIECES)).join(random.pick(['', ' ']))
}

/** The text with something left out, put in, doubled or exchanged. */
export function mutatedStatement(random: SeededRandom, text: string): string {
  let result = text
  for (let count = 1 + random.below(3); count > 0; count--) {
    const from = random.below(result.length + 1)
    const to = Math.min(result.length, from + 1 + random.below(8))
    const piece = random.pick(PIECES)
    result = random.pick([
      result.slice(0, from) + result.slice(to),
      `${result.slice(0, from)} ${piece} ${result.slice(from)}`,
      result.slice(0, to) + result.slice(from),
      result.slice(0, from) + piece + result.slice(to),
    ])
  }
  return result
}

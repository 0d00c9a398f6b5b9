/**
 * DynamoDB's expressions drawn from their grammar, as plain data and as text, with the names and values they need; and
 * texts that are no expressions, or hardly.
 */
import { Decimal } from '../../src/index.js'
import type { SeededRandom } from './random.js'
import { randomValue } from './random-items.js'
import type { AnyItem } from './reference-database.js'
import {
  type ActionSpec,
  type ConditionSpec,
  type OperandSpec,
  type Step,
  typeName,
  type ValueSpec,
} from './reference-expression.js'

/** What an item may have: few names, so that paths find something. Some of them are reserved words. */
const NAMES = ['a', 'b', 'c1', 'list', 'odd name', 'constructor', '__proto', 'ü', 'toString', 'a.b', 'status']
const SMALL_NUMBERS = [0, 1, 2, 3, -1, 0.5, 2n, Decimal.from('0.1'), 10n ** 30n]
const TEXTS = ['', 'a', 'ab', 'b', 'ü', '😀', 'open', 'S', 'N', 'L', 'M']

export interface WrittenExpression {
  readonly expression: string
  readonly names?: Record<string, string>
  readonly values?: Record<string, unknown>
}

export function randomDocument(random: SeededRandom): AnyItem {
  const item: AnyItem = {}
  for (const name of NAMES) if (random.chance(0.6)) item[name] = randomPart(random, 0)
  return item
}

function randomPart(random: SeededRandom, depth: number): unknown {
  switch (random.below(depth < 3 ? 10 : 6)) {
    case 0:
      return random.pick<unknown>(SMALL_NUMBERS)
    case 1:
      return random.pick(TEXTS)
    case 2:
      return random.pick<unknown>([true, false, null, Uint8Array.of(1, 2), Uint8Array.of(1), Uint8Array.of()])
    case 3:
      return randomSet(random)
    case 4:
    case 5:
      return randomValue(random, 3)
    case 6:
    case 7:
      return Array.from({ length: random.below(5) }, () => randomPart(random, depth + 1))
    default:
      return Object.fromEntries(
        NAMES.filter(() => random.chance(0.3)).map((name) => [name, randomPart(random, depth + 1)]),
      )
  }
}

function randomSet(random: SeededRandom): unknown {
  return random.pick<() => unknown>([
    () => new Set(['a', 'b', 'open'].slice(random.below(3))),
    () => new Set([1, 2n, 0.5].slice(random.below(3))),
    () => new Set([Uint8Array.of(1), Uint8Array.of()].slice(random.below(2))),
  ])()
}

/** Now and then a path that leads somewhere in the item. */
function randomPath(random: SeededRandom, item: AnyItem): Step[] {
  if (random.chance(0.1))
    return [random.pick(NAMES), ...(random.chance(0.5) ? [random.below(3)] : [random.pick(NAMES)])]
  const path: Step[] = [random.pick(random.chance(0.8) && Object.keys(item).length > 0 ? Object.keys(item) : NAMES)]
  let value = item[path[0]!]
  while (random.chance(0.6)) {
    let step: Step
    if (Array.isArray(value)) step = random.below(value.length + 2)
    else if (typeName(value) === 'M') step = random.pick([...Object.keys(value as object), ...NAMES.slice(0, 3)])
    else break
    path.push(step)
    value = Array.isArray(value) ? value[step as number] : (value as AnyItem)[step as string]
  }
  return path
}

// ── Conditions ────────────────────────────────────────────────────────────────────────────────────────────────────

const COMPARATORS = ['=', '<>', '<', '<=', '>', '>=']

export function randomCondition(random: SeededRandom, item: AnyItem, depth = 0): ConditionSpec {
  const inner = () => randomCondition(random, item, depth + 1)
  const path = (): OperandSpec => ({ kind: 'path', path: randomPath(random, item) })
  const value = (kind?: 'ordered' | 'text' | 'near'): OperandSpec => ({
    kind: 'value',
    value: kind === 'ordered' ? randomOrdered(random) : kind === 'text' ? random.pick(TEXTS) : nearby(random, item),
  })
  const sized = (): OperandSpec => {
    if (random.chance(0.85)) return path()
    return { kind: 'size', of: random.chance(0.9) ? path() : { kind: 'value', value: randomContainer(random, item) } }
  }
  switch (random.below(depth < 3 ? 14 : 9)) {
    case 0:
    case 1:
    case 2: {
      const operator = random.pick(COMPARATORS)
      const isOrder = operator !== '=' && operator !== '<>'
      const right = random.chance(0.2) ? sized() : value(isOrder ? 'ordered' : 'near')
      const left = sized()
      return random.chance(0.85)
        ? { kind: 'compare', operator, left, right }
        : { kind: 'compare', operator, left: right, right: left }
    }
    case 3: {
      const bounds = [random.pick([0, -5, 0.1]), random.pick([1, 2n, 50])]
      const [low, high] = random.chance(0.7) ? bounds : ['a', random.pick(['a', 'b', 'z'])]
      return {
        kind: 'between',
        operand: sized(),
        low: random.chance(0.9) ? { kind: 'value', value: low } : path(),
        high: random.chance(0.9) ? { kind: 'value', value: high } : path(),
      }
    }
    case 4:
      return {
        kind: 'in',
        operand: sized(),
        list: Array.from({ length: 1 + random.below(4) }, () => (random.chance(0.2) ? path() : value('near'))),
      }
    case 5:
      return { kind: 'call', name: random.pick(['attribute_exists', 'attribute_not_exists']), operands: [path()] }
    case 6: {
      const type = random.pick(['S', 'N', 'B', 'BOOL', 'NULL', 'L', 'M', 'SS', 'NS', 'BS'])
      return { kind: 'call', name: 'attribute_type', operands: [path(), { kind: 'value', value: type }] }
    }
    case 7: {
      const prefix: OperandSpec = random.chance(0.3) ? { kind: 'value', value: Uint8Array.of(1) } : value('text')
      return { kind: 'call', name: 'begins_with', operands: [path(), random.chance(0.9) ? prefix : path()] }
    }
    case 8: {
      const container: OperandSpec = random.chance(0.2)
        ? { kind: 'value', value: randomContainer(random, item) }
        : path()
      const wanted = container.kind === 'value' || random.chance(0.2) ? path() : value('near')
      return { kind: 'call', name: 'contains', operands: [container, wanted] }
    }
    case 9:
      return { kind: 'not', part: inner() }
    case 10:
    case 11:
      return { kind: 'and', parts: Array.from({ length: 2 + random.below(3) }, inner) }
    default:
      return { kind: 'or', parts: Array.from({ length: 2 + random.below(3) }, inner) }
  }
}

function randomOrdered(random: SeededRandom): unknown {
  return random.pick<unknown>([...SMALL_NUMBERS, ...TEXTS, Uint8Array.of(1), Uint8Array.of(1, 2)])
}

/** A list or a set with some of what is in the item, a text, or a map, which contains nothing. */
function randomContainer(random: SeededRandom, item: AnyItem): unknown {
  if (random.chance(0.3)) return random.pick<unknown>([randomSet(random), 'open ab', { a: 1 }, Uint8Array.of(0, 1, 2)])
  return Array.from({ length: random.below(6) }, () => nearby(random, item))
}

/** A value that is in the item somewhere, or another one. */
function nearby(random: SeededRandom, item: AnyItem): unknown {
  if (random.chance(0.5)) return randomPart(random, 2)
  const found = Object.values(item)
  if (found.length === 0) return 1
  const value = random.pick(found)
  if (Array.isArray(value) && value.length > 0 && random.chance(0.6)) return random.pick(value)
  if (value instanceof Set && random.chance(0.6)) return [...value][0]
  return value
}

// ── Updates ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** Actions whose paths do not overlap. */
export function randomActions(random: SeededRandom, item: AnyItem): ActionSpec[] {
  const actions: ActionSpec[] = []
  const wanted = 1 + random.below(5)
  for (let attempt = 0; attempt < wanted * 2 && actions.length < wanted; attempt++) {
    const path = randomPath(random, item)
    if (actions.some((action) => meets(action.path, path))) continue
    actions.push(randomAction(random, item, path))
  }
  // As they are written: one section after the other.
  const sections = [...new Set(actions.map(({ section }) => section))]
  return sections.flatMap((section) => actions.filter((action) => action.section === section))
}

/** Whether one leads into the other, or they take the same thing for a list and for a map. */
function meets(one: readonly Step[], other: readonly Step[]): boolean {
  for (let index = 0; index < Math.min(one.length, other.length); index++) {
    if (typeof one[index] !== typeof other[index]) return true
    if (one[index] !== other[index]) return false
  }
  return true
}

function randomAction(random: SeededRandom, item: AnyItem, path: Step[]): ActionSpec {
  switch (random.below(6)) {
    case 0:
      return { section: 'REMOVE', path }
    case 1: {
      const isNumber = random.chance(0.5)
      return { section: 'ADD', path, value: isNumber ? random.pick<unknown>(SMALL_NUMBERS) : randomSet(random) }
    }
    case 2:
      return { section: 'DELETE', path, value: randomSet(random) }
    default:
      return { section: 'SET', path, value: randomSetValue(random, item) }
  }
}

function randomSetValue(random: SeededRandom, item: AnyItem): ValueSpec {
  const path = () => randomPath(random, item)
  const number = (): ValueSpec => ({ kind: 'value', value: random.pick<unknown>(SMALL_NUMBERS) })
  const list = (): ValueSpec => ({ kind: 'value', value: [random.below(3), 'x'].slice(random.below(3)) })
  const orMissing = (otherwise: ValueSpec): ValueSpec => ({ kind: 'if_not_exists', path: path(), otherwise })
  const numeric = (): ValueSpec =>
    random.pick<() => ValueSpec>([number, () => ({ kind: 'path', path: path() }), () => orMissing(number())])()
  switch (random.below(6)) {
    case 0:
      return { kind: 'path', path: path() }
    case 1:
      return orMissing({ kind: 'value', value: nearby(random, item) })
    case 2:
      return { kind: 'sum', operator: random.pick(['+', '-']), left: numeric(), right: numeric() }
    case 3: {
      const first = random.pick<() => ValueSpec>([
        list,
        () => ({ kind: 'path', path: path() }),
        () => orMissing(list()),
      ])
      return random.chance(0.5)
        ? { kind: 'list_append', first: first(), second: list() }
        : { kind: 'list_append', first: list(), second: first() }
    }
    default:
      return { kind: 'value', value: nearby(random, item) }
  }
}

export function randomPaths(random: SeededRandom, item: AnyItem): Step[][] {
  const paths: Step[][] = []
  for (let attempt = 0; attempt < 6; attempt++) {
    const path = randomPath(random, item)
    if (!paths.some((other) => meets(other, path))) paths.push(path)
  }
  return paths
}

// ── Text ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Words that need no placeholder: none of those above that are reserved. */
const PLAIN_WORDS = ['a', 'b', 'c1', 'toString']

/** Writes expressions down, one after the other, with the placeholders of all of them. */
export class ExpressionWriter {
  readonly #random: SeededRandom
  readonly #names: Record<string, string> = {}
  readonly #values: Record<string, unknown> = {}

  constructor(random: SeededRandom) {
    this.#random = random
  }

  condition(spec: ConditionSpec): WrittenExpression {
    return this.#written(this.#condition(spec, 0))
  }

  update(actions: readonly ActionSpec[]): WrittenExpression {
    const sections = [...new Set(actions.map(({ section }) => section))]
    const text = sections.map((section) => {
      const own = actions.filter((action) => action.section === section)
      return `${this.#word(section)} ${own.map((action) => this.#action(action)).join(this.#blank(','))}`
    })
    return this.#written(text.join(' '))
  }

  projection(paths: readonly (readonly Step[])[]): WrittenExpression {
    return this.#written(paths.map((path) => this.#path(path)).join(this.#blank(',')))
  }

  #written(expression: string): WrittenExpression {
    const names = Object.keys(this.#names).length > 0 ? { names: this.#names } : {}
    const values = Object.keys(this.#values).length > 0 ? { values: this.#values } : {}
    return { expression, ...names, ...values }
  }

  /** Strength is that of what is around it: 0 nothing, 1 OR, 2 AND, 3 NOT. */
  #condition(spec: ConditionSpec, strength: number): string {
    const own = { or: 1, and: 2, not: 3 }[spec.kind as 'or'] ?? 4
    const text = this.#bareCondition(spec, own)
    return own < strength || (own > 0 && this.#random.chance(0.1)) ? `(${text})` : text
  }

  #bareCondition(spec: ConditionSpec, strength: number): string {
    switch (spec.kind) {
      case 'and':
      case 'or':
        return spec.parts
          .map((part) => this.#condition(part, strength + (part.kind === spec.kind ? 1 : 0)))
          .join(` ${this.#word(spec.kind)} `)
      case 'not':
        return `${this.#word('not')} ${this.#condition(spec.part, strength)}`
      case 'compare':
        return `${this.#operand(spec.left)}${this.#blank(spec.operator)}${this.#operand(spec.right)}`
      case 'between':
        return (
          `${this.#operand(spec.operand)} ${this.#word('between')} ${this.#operand(spec.low)} ` +
          `${this.#word('and')} ${this.#operand(spec.high)}`
        )
      case 'in':
        return `${this.#operand(spec.operand)} ${this.#word('in')}${this.#blank('(')}${this.#list(spec.list)})`
      case 'call':
        return `${spec.name}${this.#blank('(')}${this.#list(spec.operands)}${this.#blank(')')}`
    }
  }

  #list(operands: readonly OperandSpec[]): string {
    return operands.map((operand) => this.#operand(operand)).join(this.#blank(','))
  }

  #operand(spec: OperandSpec): string {
    const text = this.#bareOperand(spec)
    return this.#random.chance(0.05) ? `(${text})` : text
  }

  #bareOperand(spec: OperandSpec): string {
    if (spec.kind === 'path') return this.#path(spec.path)
    return spec.kind === 'value' ? this.#value(spec.value) : `size(${this.#operand(spec.of)})`
  }

  #action(action: ActionSpec): string {
    const path = this.#path(action.path)
    if (action.section === 'REMOVE') return path
    if (action.section === 'SET') return `${path}${this.#blank('=')}${this.#setValue(action.value)}`
    return `${path} ${this.#value(action.value)}`
  }

  #setValue(spec: ValueSpec): string {
    switch (spec.kind) {
      case 'sum': {
        const text = `${this.#setValue(spec.left)}${this.#blank(spec.operator)}${this.#setValue(spec.right)}`
        return this.#random.chance(0.1) ? `(${text})` : text
      }
      case 'if_not_exists':
        return `if_not_exists(${this.#path(spec.path)}${this.#blank(',')}${this.#setValue(spec.otherwise)})`
      case 'list_append':
        return `list_append(${this.#setValue(spec.first)}${this.#blank(',')}${this.#setValue(spec.second)})`
      default:
        return this.#operand(spec)
    }
  }

  #path(path: readonly Step[]): string {
    const steps = path.map((step, index) => {
      if (typeof step === 'number') return `[${step}]`
      return `${index === 0 ? '' : '.'}${this.#name(step)}`
    })
    return steps.join(this.#random.chance(0.03) ? ' ' : '')
  }

  #name(name: string): string {
    if (PLAIN_WORDS.includes(name) && this.#random.chance(0.5)) return name
    const known = Object.keys(this.#names).find((key) => this.#names[key] === name)
    if (known !== undefined && this.#random.chance(0.9)) return known
    const key = `#n${Object.keys(this.#names).length}`
    this.#names[key] = name
    return key
  }

  #value(value: unknown): string {
    const key = `:v${Object.keys(this.#values).length}`
    this.#values[key] = value
    return key
  }

  #word(word: string): string {
    return this.#random.pick([
      word.toUpperCase(),
      word.toLowerCase(),
      word[0]!.toUpperCase() + word.slice(1).toLowerCase(),
    ])
  }

  #blank(sign: string): string {
    return this.#random.pick([sign, ` ${sign} `, `${sign} `, `\n${sign}\t`])
  }
}

const PIECES = [
  ...['a', 'b', '#n', '#n0', ':v0', ':v', ':v1', '(', ')', '((', '))', ',', '.', '[', ']', '[0]', '[99999999999]'],
  ...['=', '<>', '<', '<=', '>', '>=', '+', '-', '*', '!', '"', "'", '`', '\\', ';', '#', ':', '_', '__proto__'],
  ...['AND', 'or', 'Not', 'BETWEEN', 'in', 'SET', 'remove', 'Add', 'DELETE', 'size(', 'contains(', 'begins_with('],
  ...['attribute_exists(', 'attribute_type(', 'if_not_exists(', 'list_append(', 'foo(', 'constructor', 'name', 'ü'],
  ...['1', '0', '\0', '\ud800', '\u2028', '😀', ' ', '\n', 'NOT '.repeat(50), '('.repeat(60), 'a.'.repeat(40)],
]

/** Pieces of the language, and of others, in any order. */
export function randomSoup(random: SeededRandom): string {
  const length = random.chance(0.02) ? random.below(2000) : 1 + random.below(25)
  return Array.from({ length }, () => random.pick(PIECES)).join(random.pick(['', ' ']))
}

/** The text with something left out, put in, doubled or exchanged. */
export function mutated(random: SeededRandom, text: string): string {
  let result = text
  for (let count = 1 + random.below(3); count > 0; count--) {
    const from = random.below(result.length + 1)
    const to = Math.min(result.length, from + 1 + random.below(6))
    switch (random.below(4)) {
      case 0:
        result = result.slice(0, from) + result.slice(to)
        break
      case 1:
        result = result.slice(0, from) + random.pick(PIECES) + result.slice(from)
        break
      case 2:
        result = result.slice(0, to) + result.slice(from)
        break
      default:
        result = result.slice(0, from) + random.pick(PIECES) + result.slice(to)
    }
  }
  return result
}

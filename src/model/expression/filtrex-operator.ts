/**
 * The operators of filter strings, in place of filtrex's own.
 *
 * An attribute that is not there is `MISSING`: every comparison with it is false except `!=` and `not in`, as in
 * DynamoDB; arithmetic with it gives MISSING again; where a truth value is wanted, it counts as false.
 *
 * Arithmetic: `+` and `-` are exact. `*` is exact for bigints. `/`, `mod`, `^` and products of Decimals are computed as
 * doubles. A result that is no finite number (1 / 0) is MISSING, so no comparison holds for it.
 */
import { addNumbers, Decimal, isNumberValue } from '../item/decimal.js'
import { equalValues } from '../item/equality.js'
import type { NumberValue } from '../item/item.js'
import { compareValues } from './comparison.js'
import { Pattern } from './pattern.js'
import { Subnet } from './subnet.js'
import { ValueSet } from './value-set.js'

/**
 * What an attribute that is not there reads as. It is a boxed `false` because filtrex unboxes where it wants a truth
 * value, and refuses `undefined` there.
 */
export const MISSING: object = Object.freeze(Object(false) as object)

/** Something in the filter makes no sense for this item; `operand` is the value it stumbled over. */
export class EvaluationProblem extends Error {
  readonly operand: unknown

  constructor(message: string, operand: unknown) {
    super(message)
    this.operand = operand
  }
}

/** The right side of `in`, and of `not in`: what a value may be one of. */
export class Membership {
  readonly negated: boolean
  readonly #list: unknown
  #values: ValueSet | undefined
  #subnets: readonly Subnet[] = []

  /** With `indexed`, the values are hashed now: worth it for a list that many items are held against. */
  constructor(list: unknown, options: { negated: boolean; indexed: boolean }) {
    this.negated = options.negated
    this.#list = list
    if (options.indexed) this.#index()
  }

  /** The elements of a list or a set on the left must all be members. */
  test(value: unknown): boolean {
    return this.#includes(value) !== this.negated
  }

  #includes(value: unknown): boolean {
    if (value === MISSING || this.#list === MISSING) return false
    if (Array.isArray(value)) return value.every((element) => this.#index().has(element) || this.#inSubnet(element))
    if (!(value instanceof Set)) return this.#includesOne(value)
    for (const element of value) if (!this.#index().has(element) && !this.#inSubnet(element)) return false
    return true
  }

  #includesOne(value: unknown): boolean {
    if (this.#values !== undefined) return this.#values.has(value) || this.#inSubnet(value)
    if (this.#list instanceof Set && this.#list.has(value)) return true
    for (const element of elementsOf(this.#list)) {
      if (element instanceof Subnet ? element.has(value) : equal(element, value)) return true
    }
    return false
  }

  #inSubnet(value: unknown): boolean {
    return this.#subnets.some((subnet) => subnet.has(value))
  }

  #index(): ValueSet {
    if (this.#values !== undefined) return this.#values
    const elements = [...elementsOf(this.#list)].filter((element) => element !== MISSING)
    this.#subnets = elements.filter((element) => element instanceof Subnet)
    this.#values = new ValueSet(elements.filter((element) => !(element instanceof Subnet)))
    return this.#values
  }
}

function elementsOf(list: unknown): Iterable<unknown> {
  return Array.isArray(list) || list instanceof Set ? list : [list]
}

export function equal(a: unknown, b: unknown): boolean {
  if (a === MISSING || b === MISSING) return false
  if (a === b) return true
  if (typeof a !== 'object' && typeof a !== 'bigint' && typeof a === typeof b) return false
  // A list written in the filter may hold attributes that are not there.
  if (Array.isArray(a) && a.includes(MISSING)) return false
  if (Array.isArray(b) && b.includes(MISSING)) return false
  return equalValues(a, b)
}

/** The operators by the names filtrex calls them. */
export const operators: Readonly<Record<string, (a: never, b: never) => unknown>> = {
  '==': equal,
  '!=': (a: unknown, b: unknown): boolean => !equal(a, b),
  '<': (a: unknown, b: unknown): boolean => (compareValues(a, b) ?? Number.NaN) < 0,
  '<=': (a: unknown, b: unknown): boolean => (compareValues(a, b) ?? Number.NaN) <= 0,
  '>': (a: unknown, b: unknown): boolean => (compareValues(a, b) ?? Number.NaN) > 0,
  '>=': (a: unknown, b: unknown): boolean => (compareValues(a, b) ?? Number.NaN) >= 0,
  // `in` and `not in` come this way too: filtrex's own can't be replaced, and a Membership says which it is.
  '~=': (a: unknown, b: unknown): boolean => {
    if (b instanceof Membership) return b.test(a)
    if (b instanceof Pattern) return b.test(a)
    if (b === MISSING || a === MISSING) return false
    if (typeof b !== 'string') throw new EvaluationProblem(`a pattern is a text, not ${typeName(b)}`, b)
    return Pattern.of(b).test(a)
  },
  '+': (a: unknown, b: unknown): unknown => arithmetic('+', a, b, addNumbers),
  // Filtrex calls the same operator with one operand for a sign.
  '-': (a: unknown, b: unknown): unknown =>
    b === undefined ? negate('-', a) : arithmetic('-', a, b, (x, y) => addNumbers(x, negated(y))),
  '*': (a: unknown, b: unknown): unknown => arithmetic('*', a, b, product),
  '/': (a: unknown, b: unknown): unknown => arithmetic('/', a, b, (x, y) => Number(x) / Number(y)),
  '^': (a: unknown, b: unknown): unknown => arithmetic('^', a, b, (x, y) => Number(x) ** Number(y)),
  mod: (a: unknown, b: unknown): unknown => arithmetic('mod', a, b, remainder),
}

/** A number as a number, or MISSING; anything else is a problem. */
export function numberOperand(name: string, value: unknown): NumberValue | undefined {
  if (value === MISSING) return undefined
  if (isNumberValue(value)) return value
  throw new EvaluationProblem(`${name} takes numbers, not ${typeName(value)}`, value)
}

/** A computed number, unless it is none: not finite, or not there. */
export function numberOrMissing(value: NumberValue): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? MISSING : value
}

function arithmetic(
  name: string,
  a: unknown,
  b: unknown,
  compute: (a: NumberValue, b: NumberValue) => NumberValue,
): unknown {
  const x = numberOperand(name, a)
  const y = numberOperand(name, b)
  return x === undefined || y === undefined ? MISSING : numberOrMissing(compute(x, y))
}

function negate(name: string, a: unknown): unknown {
  const x = numberOperand(name, a)
  return x === undefined ? MISSING : negated(x)
}

export function negated(value: NumberValue): NumberValue {
  if (typeof value === 'number' || typeof value === 'bigint') return -value
  const text = value.toString()
  return Decimal.from(text.startsWith('-') ? text.slice(1) : `-${text}`)
}

function product(a: NumberValue, b: NumberValue): NumberValue {
  if (typeof a === 'number' && typeof b === 'number') return a * b
  const x = integer(a)
  const y = integer(b)
  return x === undefined || y === undefined ? Number(a) * Number(b) : x * y
}

/** The sign of the divisor, as in mathematics. */
function remainder(a: NumberValue, b: NumberValue): NumberValue {
  const x = integer(a)
  const y = integer(b)
  if (x !== undefined && y !== undefined && y !== 0n && (typeof a === 'bigint' || typeof b === 'bigint')) {
    return ((x % y) + y) % y
  }
  return ((Number(a) % Number(b)) + Number(b)) % Number(b)
}

function integer(value: NumberValue): bigint | undefined {
  if (typeof value === 'bigint') return value
  return typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : undefined
}

/** The type of a value in a person's words. */
export function typeName(value: unknown): string {
  if (value === MISSING) return 'a missing attribute'
  if (value === null) return 'null'
  if (typeof value === 'string') return 'text'
  if (typeof value === 'boolean') return 'a boolean'
  if (isNumberValue(value)) return 'a number'
  if (value instanceof Uint8Array) return 'bytes'
  if (value instanceof Subnet) return 'a subnet'
  if (Array.isArray(value) || value instanceof Membership) return 'a list'
  return value instanceof Set ? 'a set' : 'a map'
}

/**
 * Typed objects as predicates: `predicateFromObject<Order>({ total: { gt: 20 }, status: { in: ['open', 'paid'] } })`.
 *
 * Every attribute named must pass, and every operator given for it; `and`, `or` and `not` combine whole filters. A
 * missing attribute passes nothing but `ne` and `exists: false`. Values compare as in every other notation
 * (comparison.ts); what is no scalar is compared by deep equality.
 *
 * An attribute's value here is one of three things:
 *   - an object whose keys are all names of operators: these operators;
 *   - any other plain object: a filter on the map in that attribute, so `{ address: { city: 'Oslo' } }` asks for the
 *     city and lets the rest of the address be; `{ address: { eq: {…} } }` asks for exactly that map;
 *   - anything else: the value to be equal to.
 * Inside a map, an attribute called like an operator of ours, or like one of another library, is written with an
 * operator, `{ product: { size: { eq: 3 }, color: 'red' } }`: `{ name: { startsWith: 'A' } }` is a mistake, and must not
 * quietly look for an attribute startsWith. Attributes called `and`, `or` and `not` can only be reached by other
 * notations.
 */
import { isDetached } from '../../base/bytes.js'
import { ValidationException } from '../../errors.js'
import type { AttributeName, AttributeOf } from '../item/attributes.js'
import { Decimal, isNumberValue } from '../item/decimal.js'
import { equalValues } from '../item/equality.js'
import { MANY_CONDITIONS, remembering } from '../item/findings.js'
import type { Item } from '../item/item.js'
import { isPlainObject } from '../item/plain-object.js'
import { isBytes, isRegExp, isSet } from '../item/realm.js'
import { readAttribute } from './attribute-path.js'
import { compareValues } from './comparison.js'
import { didYouMean } from './did-you-mean.js'
import { PLACEHOLDERS_BYTE_LIMIT } from './dynamodb/placeholder.js'
import { beginsWithValue, containsValue, sizeOfValue } from './function.js'
import { Pattern, patternWithFlags } from './pattern.js'
import type { Predicate } from './predicate.js'
import { taken } from './taken.js'
import { ValueSet } from './value-set.js'

type Scalar = string | number | bigint | Uint8Array | Decimal
/** Values that are compared as a whole: not maps. */
type Whole = Scalar | boolean | null | readonly unknown[] | ReadonlySet<unknown>

/** The operators for an attribute of type V; given several, all must hold. */
export type Op<V> = {
  eq?: V
  ne?: V
  /** Whether the attribute is there; null is. */
  exists?: boolean
  in?: readonly V[] | ReadonlySet<V>
} & (V extends Scalar ? { lt?: V; lte?: V; gt?: V; gte?: V; between?: readonly [V, V] } : unknown) &
  (V extends string ? { beginsWith?: string; contains?: string; matches?: string | RegExp } : unknown) &
  (V extends Uint8Array ? { beginsWith?: Uint8Array; contains?: Uint8Array } : unknown) &
  (V extends readonly (infer E)[] ? { contains?: E } : unknown) &
  (V extends ReadonlySet<infer E> ? { contains?: E } : unknown) &
  (V extends number | bigint | boolean | null | Decimal ? unknown : { size?: number | Op<number> })

/** A filter on items of type T. */
export type Where<T> = {
  [N in AttributeName<T>]?:
    | NonNullable<AttributeOf<T, N>>
    | (null extends AttributeOf<T, N> ? null : never)
    | Op<NonNullable<AttributeOf<T, N>>>
    | (NonNullable<AttributeOf<T, N>> extends Whole ? never : Where<NonNullable<AttributeOf<T, N>>>)
} & { and?: readonly Where<T>[]; or?: readonly Where<T>[]; not?: Where<T> }

/** How many filters, maps and values may be nested in one another. */
export const WHERE_DEPTH_LIMIT = 32
/** How many operators a filter may have, and filters a list of them. */
export const WHERE_OPERATOR_LIMIT = 300
/** How many bytes all values of a filter may have together, as those of a DynamoDB expression. */
export const WHERE_BYTE_LIMIT: number = PLACEHOLDERS_BYTE_LIMIT

/** Whether a value passes; a missing one is `undefined`. */
type Test = (value: unknown) => boolean

/**
 * @throws {ValidationException} `FILTER_SYNTAX`, `FILTER_TOO_COMPLEX` or `FILTER_PATTERN`, with the path to the place.
 */
export function predicateFromObject<T = Item>(where: Where<NoInfer<T>>): Predicate {
  const attributes = new Set<string>()
  const compiler = new WhereCompiler(attributes)
  const test = compiler.where(where, [], 'item')
  const matches = compiler.operatorCount < MANY_CONDITIONS ? test : remembering(test)
  return new WherePredicate(where, [...attributes], matches)
}

/** Its source is written only for who asks: that is messages alone. */
class WherePredicate implements Predicate {
  readonly #where: unknown
  readonly attributes: readonly string[]
  readonly matches: (item: Item) => boolean

  constructor(where: unknown, attributes: readonly string[], matches: (item: Item) => boolean) {
    this.#where = where
    this.attributes = attributes
    this.matches = matches
  }

  get source(): string {
    return describe(this.#where)
  }
}

class WhereCompiler {
  readonly #attributes: Set<string>
  #operatorCount = 0
  #byteLength = 0
  #depth = 0

  constructor(attributes: Set<string>) {
    this.#attributes = attributes
  }

  get operatorCount(): number {
    return this.#operatorCount
  }

  /** All conditions on an item, or on a map inside one; what is no map has no attributes. */
  where(where: unknown, path: readonly string[], scope: 'item' | 'map'): Test {
    if (!isPlainObject(where)) throw problem(path, `a filter is an object of attributes, not ${typeName(where)}`)
    const tests = this.#nested(path, () =>
      Object.keys(where).map((name) => {
        const operand = where[name]
        const at = [...path, name]
        if (operand === undefined) throw problem(at, 'its value is undefined; leave it out to filter by nothing')
        if (name === 'and' || name === 'or' || name === 'not') return this.#combination(name, operand, at, scope)
        return this.#attribute(name, operand, at, scope)
      }),
    )
    return every(tests)
  }

  #combination(name: 'and' | 'or' | 'not', operand: unknown, path: readonly string[], scope: 'item' | 'map'): Test {
    this.#count(path)
    if (name === 'not') {
      const test = this.where(operand, path, scope)
      return (item) => !test(item)
    }
    if (!Array.isArray(operand)) throw problem(path, `"${name}" takes a list of filters, not ${typeName(operand)}`)
    if (operand.length > WHERE_OPERATOR_LIMIT) {
      throw tooComplex(path, `it combines more than ${WHERE_OPERATOR_LIMIT} filters`)
    }
    const tests = operand.map((where, index) => this.where(where, [...path, String(index)], scope))
    return name === 'and' ? every(tests) : (item) => tests.some((test) => test(item))
  }

  #attribute(name: string, operand: unknown, path: readonly string[], scope: 'item' | 'map'): Test {
    if (scope === 'item') this.#attributes.add(name)
    const test = this.#condition(name, operand, path, scope)
    return (container) => test(readAttribute(container, name))
  }

  #condition(name: string, operand: unknown, path: readonly string[], scope: 'item' | 'map'): Test {
    if (isOperators(operand)) return this.#operators(operand, path)
    if (isPlainObject(operand)) {
      if (Object.keys(operand).length > 0) return this.where(operand, path, 'map')
      throw problem(path, 'an empty object asks for nothing; write { eq: {} } for an empty map')
    }
    if (scope === 'map') checkSlip(name, path)
    return this.#operator('eq', operand, path)
  }

  #operators(operators: Item, path: readonly string[]): Test {
    return every(Object.keys(operators).map((name) => this.#operator(name, operators[name], [...path, name])))
  }

  #operator(name: string, operand: unknown, path: readonly string[]): Test {
    this.#count(path)
    switch (name) {
      case 'eq': {
        const wanted = this.#value(operand, path)
        return (value) => value !== undefined && equalValues(value, wanted)
      }
      case 'ne': {
        const unwanted = this.#value(operand, path)
        return (value) => value === undefined || !equalValues(value, unwanted)
      }
      case 'exists': {
        if (typeof operand !== 'boolean') throw problem(path, `it takes true or false, not ${typeName(operand)}`)
        return (value) => (value !== undefined) === operand
      }
      case 'in': {
        if (!Array.isArray(operand) && !isSet(operand)) {
          throw problem(path, `it takes a list or a set of values, not ${typeName(operand)}`)
        }
        const known: unknown[] = []
        // Not all at once: what is wrong with a long list is mostly wrong with its first element.
        for (const value of operand as Iterable<unknown>) known.push(this.#value(value, path))
        const values = new ValueSet(known)
        return (value) => value !== undefined && values.has(value)
      }
      case 'lt':
        return this.#ordered(operand, path, (order) => order < 0)
      case 'lte':
        return this.#ordered(operand, path, (order) => order <= 0)
      case 'gt':
        return this.#ordered(operand, path, (order) => order > 0)
      case 'gte':
        return this.#ordered(operand, path, (order) => order >= 0)
      case 'between':
        return this.#between(operand, path)
      case 'beginsWith': {
        if (typeof operand !== 'string' && !isBytes(operand)) {
          throw problem(path, `it takes a text or bytes, not ${typeName(operand)}`)
        }
        const prefix = this.#value(operand, path)
        return (value) => beginsWithValue(value, prefix)
      }
      case 'contains': {
        const wanted = this.#value(operand, path)
        return (value) => containsValue(value, wanted)
      }
      case 'matches': {
        const pattern = patternOf(operand, path)
        return (value) => pattern.test(value)
      }
      default: {
        // `size`. What has none (a number) is as a missing attribute to the operators on it.
        if (isNumberValue(operand)) return this.#operator('size', { eq: operand }, path)
        if (!isOperators(operand)) {
          throw problem(path, `it takes a number, or operators on a number, not ${typeName(operand)}`)
        }
        const test = this.#nested(path, () => this.#operators(operand, path))
        return (value) => test(sizeOfValue(value))
      }
    }
  }

  #ordered(operand: unknown, path: readonly string[], holds: (order: number) => boolean): Test {
    const limit = this.#scalar(operand, path)
    return (value) => {
      const order = compareValues(value, limit)
      return order !== undefined && holds(order)
    }
  }

  #between(operand: unknown, path: readonly string[]): Test {
    if (!Array.isArray(operand) || operand.length !== 2)
      throw problem(path, 'it takes a list of two values: [low, high]')
    const low = this.#scalar(operand[0], path)
    const high = this.#scalar(operand[1], path)
    const order = compareValues(low, high)
    if (order === undefined) throw problem(path, 'its two values are of different types')
    if (order > 0) throw problem(path, 'its first value is greater than its second, so nothing is between them')
    return (value) => {
      const fromLow = compareValues(value, low)
      if (fromLow === undefined || fromLow < 0) return false
      return compareValues(value, high)! <= 0
    }
  }

  #scalar(operand: unknown, path: readonly string[]): unknown {
    if (typeof operand === 'string' || isBytes(operand) || isNumberValue(operand)) {
      return this.#value(operand, path)
    }
    throw problem(path, `only texts, numbers and bytes have an order, not ${typeName(operand)}`)
  }

  /** A copy of a value that an item could hold, so that the filter stays what it was. */
  #value(value: unknown, path: readonly string[]): unknown {
    this.#checkValue(value, path)
    return taken(value)
  }

  #checkValue(value: unknown, path: readonly string[]): void {
    const isText = typeof value === 'string'
    this.#weigh(isText ? Buffer.byteLength(value) : isBytes(value) ? value.byteLength : 1, path)
    if (value === null || isText || typeof value === 'boolean' || typeof value === 'bigint') return
    if (isBytes(value) && isDetached(value)) {
      throw problem(path, 'the memory of its bytes was transferred: hand them over before, or a copy: bytes.slice()')
    }
    if (Decimal.is(value) || isBytes(value)) return
    if (typeof value === 'number' && Number.isFinite(value)) return
    if (isRegExp(value)) throw problem(path, 'a pattern is written { matches: … }')
    const isList = Array.isArray(value) || isSet(value)
    if (!isList && !isPlainObject(value)) throw problem(path, `no attribute can be ${typeName(value)}`)
    this.#nested(path, () => {
      if (isList) for (const element of value as Iterable<unknown>) this.#checkValue(element, path)
      else {
        for (const name of Object.keys(value)) {
          this.#weigh(Buffer.byteLength(name), path)
          this.#checkValue(value[name], path)
        }
      }
    })
  }

  #weigh(byteLength: number, path: readonly string[]): void {
    this.#byteLength += byteLength
    if (this.#byteLength <= WHERE_BYTE_LIMIT) return
    throw tooComplex(path, `its values have more than ${WHERE_BYTE_LIMIT} bytes together`)
  }

  #nested<T>(path: readonly string[], compile: () => T): T {
    this.#depth += 1
    if (this.#depth > WHERE_DEPTH_LIMIT) throw tooComplex(path, `it is more than ${WHERE_DEPTH_LIMIT} levels deep`)
    const result = compile()
    this.#depth -= 1
    return result
  }

  #count(path: readonly string[]): void {
    this.#operatorCount += 1
    if (this.#operatorCount > WHERE_OPERATOR_LIMIT) {
      throw tooComplex(path, `it has more than ${WHERE_OPERATOR_LIMIT} operators`)
    }
  }
}

const OPERATORS: ReadonlySet<string> = new Set([
  ...['eq', 'ne', 'exists', 'in', 'lt', 'lte', 'gt', 'gte', 'between'],
  ...['beginsWith', 'contains', 'matches', 'size'],
])

/** Operators of other libraries, and slips, that are unlikely to be the name of an attribute. */
const FOREIGN_OPERATORS: ReadonlyMap<string, string> = new Map([
  ['=', 'eq'],
  ['==', 'eq'],
  ['equals', 'eq'],
  ['!=', 'ne'],
  ['<>', 'ne'],
  ['neq', 'ne'],
  ['notEquals', 'ne'],
  ['<', 'lt'],
  ['<=', 'lte'],
  ['le', 'lte'],
  ['lteq', 'lte'],
  ['lessThan', 'lt'],
  ['>', 'gt'],
  ['>=', 'gte'],
  ['ge', 'gte'],
  ['gteq', 'gte'],
  ['greaterThan', 'gt'],
  ['betwen', 'between'],
  ['contain', 'contains'],
  ['exist', 'exists'],
  ['beginWith', 'beginsWith'],
  ['startWith', 'beginsWith'],
  ['startsWith', 'beginsWith'],
  ['begins_with', 'beginsWith'],
  ['attribute_exists', 'exists'],
])

/** Whether an object is made of operators, and so is no condition on a map. */
export function isOperators(value: unknown): value is Item {
  if (!isPlainObject(value)) return false
  const names = Object.keys(value)
  return names.length > 0 && names.every((name) => OPERATORS.has(name))
}

/** Refuses what looks like an operator in a place where only attributes of a map are left. */
function checkSlip(name: string, path: readonly string[]): void {
  const meant = name.startsWith('$') ? name.slice(1) : name
  const operator = OPERATORS.has(name) ? name : FOREIGN_OPERATORS.get(meant)
  if (operator === undefined && meant === name) return
  const hint = OPERATORS.has(name)
    ? `"${name}" stands beside names that are no operators`
    : `there is no operator "${name}"; ${didYouMean(operator ?? meant, OPERATORS) ?? `there are: ${[...OPERATORS].join(', ')}`}`
  throw problem(path, `${hint}. For an attribute of that name inside the map, write { ${quoteName(name)}: { eq: … } }`)
}

function patternOf(operand: unknown, path: readonly string[]): Pattern {
  if (isRegExp(operand)) return Pattern.of(patternWithFlags(operand.source, operand.flags))
  if (typeof operand === 'string') return Pattern.of(operand)
  throw problem(path, `it takes a pattern as text, not ${typeName(operand)}`)
}

function every(tests: readonly Test[]): Test {
  const [first, second] = tests
  if (first === undefined) return () => true
  if (second === undefined) return first
  return (value) => tests.every((test) => test(value))
}

function problem(path: readonly string[], reason: string): ValidationException {
  const place = path.length === 0 ? '' : ` at ${path.map(quoteName).join('.')}`
  return new ValidationException('FILTER_SYNTAX', `Cannot use the filter${place}: ${reason}`)
}

function tooComplex(path: readonly string[], reason: string): ValidationException {
  const place = path.slice(0, 4).map(quoteName).join('.')
  return new ValidationException('FILTER_TOO_COMPLEX', `Cannot use the filter at ${place}: ${reason}`)
}

function quoteName(name: string): string {
  const shown = name.length > 60 ? `${name.slice(0, 60)}…` : name
  return /^[\p{L}\p{N}_$]+$/u.test(shown) ? shown : JSON.stringify(shown)
}

function typeName(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  if (typeof value !== 'object') return value === undefined ? 'undefined' : `a ${typeof value}`
  const maker = (value as { constructor?: unknown }).constructor
  const name = typeof maker === 'function' ? maker.name : ''
  return name === '' || name === 'Object' ? 'an object' : `a ${name}`
}

const SOURCE_LENGTH_LIMIT = 1000

/** The filter as text for messages. It was checked before, but its owner may have changed it since. */
function describe(where: unknown): string {
  try {
    const text = JSON.stringify(where, (_name, value: unknown) => {
      if (typeof value === 'string') return value.slice(0, SOURCE_LENGTH_LIMIT)
      if (typeof value === 'bigint') return `${value}n`
      if (isSet(value)) return [...value]
      if (isRegExp(value)) return String(value)
      return isBytes(value) ? `<${value.length} bytes>` : value
    })
    return text.length > SOURCE_LENGTH_LIMIT ? `${text.slice(0, SOURCE_LENGTH_LIMIT)}…` : text
  } catch {
    return 'an object'
  }
}

/**
 * Any filter as a predicate: a string is filtrex, an object is typed conditions, a function decides by itself, and what
 * `ddb` made, or `{ expression, names, values }`, is DynamoDB's language. One meaning, whatever the notation.
 */
import { ValidationException } from '../../errors.js'
import { isPlainObject } from '../item/plain-object.js'
import { Conjunction, predicateFromConjunction } from './conjunction.js'
import { type DdbExpression, isExpressionSource, type RawExpression } from './dynamodb/expression-source.js'
import { CompiledPredicate, type Predicate } from './predicate.js'
import { predicateFromExpression } from './predicate-from-expression.js'
import { type FilterOptions, predicateFromFiltrex } from './predicate-from-filtrex.js'
import { predicateFromFunction } from './predicate-from-function.js'
import { predicateFromObject, type Where } from './predicate-from-object.js'

/** What a filter may be, for items of type T. */
export type Filter<T> = string | Where<T> | DdbExpression | RawExpression | ((item: T) => boolean)

export interface CompileOptions extends FilterOptions {
  /** What DynamoDB calls it, for its messages. @default 'FilterExpression' */
  readonly kind?: 'ConditionExpression' | 'FilterExpression'
}

/**
 * ```ts
 * compileFilter('total > 20').matches({ total: 42 }) // true
 * compileFilter({ total: { gt: 20 } }).matches({}) // false: a missing attribute passes no comparison
 * ```
 *
 * @throws {ValidationException} When the filter can't be read; `FILTER_TYPE` when it is none at all.
 */
export function compileFilter(filter: unknown, options: CompileOptions = {}): Predicate {
  if (typeof filter === 'string') return predicateFromFiltrex(filter, options)
  if (filter instanceof CompiledPredicate) return filter
  if (typeof filter === 'function') return predicateFromFunction(filter as (item: unknown) => unknown)
  if (isExpressionSource(filter)) return predicateFromExpression(options.kind ?? 'FilterExpression', filter)
  if (filter instanceof Conjunction) return predicateFromConjunction(filter, (each) => compileFilter(each, options))
  if (isPlainObject(filter)) return predicateFromObject(filter as Where<Record<string, unknown>>)
  throw refusal(filter === null ? 'null' : Array.isArray(filter) ? 'a list' : `of type ${typeof filter}`)
}

function refusal(what: string): ValidationException {
  return new ValidationException(
    'FILTER_TYPE',
    `Cannot use the filter: it is ${what}; it takes a string, an object, an expression or a function`,
  )
}

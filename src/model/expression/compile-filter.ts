/**
 * Any filter as a predicate: a string is filtrex, an object is typed conditions, a function decides by itself. One
 * meaning, whatever the notation.
 */
import { ValidationException } from '../../errors.js'
import { isPlainObject } from '../item/plain-object.js'
import type { Predicate } from './predicate.js'
import { type FilterOptions, predicateFromFiltrex } from './predicate-from-filtrex.js'
import { predicateFromFunction } from './predicate-from-function.js'
import { predicateFromObject, type Where } from './predicate-from-object.js'

/** What a filter may be, for items of type T. */
export type Filter<T> = string | Where<T> | ((item: T) => boolean)

/**
 * ```ts
 * compileFilter('total > 20').matches({ total: 42 }) // true
 * compileFilter({ total: { gt: 20 } }).matches({}) // false: a missing attribute passes no comparison
 * ```
 *
 * @throws {ValidationException} When the filter can't be read; `FILTER_TYPE` when it is none at all.
 */
export function compileFilter(filter: unknown, options: FilterOptions = {}): Predicate {
  if (typeof filter === 'string') return predicateFromFiltrex(filter, options)
  if (typeof filter === 'function') return predicateFromFunction(filter as (item: unknown) => unknown)
  if (isExpression(filter)) throw refusal('a DynamoDB expression, which is not known yet')
  if (isPlainObject(filter)) return predicateFromObject(filter as Where<Record<string, unknown>>)
  throw refusal(filter === null ? 'null' : Array.isArray(filter) ? 'a list' : `of type ${typeof filter}`)
}

function refusal(what: string): ValidationException {
  return new ValidationException(
    'FILTER_TYPE',
    `Cannot use the filter: it is ${what}; it takes a string, an object or a function`,
  )
}

/** The `ddb` template's result, which must not be taken for conditions on attributes called `kind` and `text`. */
function isExpression(filter: unknown): boolean {
  return isPlainObject(filter) && filter['kind'] === 'ddb' && typeof filter['text'] === 'string'
}

/**
 * Functions as predicates: `predicateFromFunction((order) => order.total > 20)`.
 *
 * Any truthy answer passes, as in `Array.prototype.filter`, with one exception: a promise (or a generator) is truthy
 * whatever it will say, so a filter that gives one is refused. What the function throws goes to the caller unchanged.
 */
import { ValidationException } from '../../errors.js'
import type { Item } from '../item/item.js'
import type { Predicate } from './predicate.js'

/** @throws {ValidationException} `FILTER_TYPE` when the function is async or a generator. */
export function predicateFromFunction<T = Item>(test: (item: T) => unknown): Predicate {
  const kind = Object.prototype.toString.call(test)
  if (kind !== '[object Function]') throw notAnAnswer(kind === '[object AsyncFunction]' ? 'a promise' : 'a generator')

  return {
    source: test.name === '' ? 'a function' : `the function ${test.name}`,
    attributes: undefined,
    isForeign: true,
    matches(item) {
      const answer = test(item as T)
      if (typeof answer === 'boolean') return answer
      if (isThenable(answer)) {
        // Nobody will wait for it; its rejection must not end the process.
        answer.then(ignore, ignore)
        throw notAnAnswer('a promise')
      }
      return Boolean(answer)
    },
  }
}

function notAnAnswer(what: string): ValidationException {
  const message = `Cannot use the function as a filter: it gives ${what}; a filter says true or false at once`
  return new ValidationException('FILTER_TYPE', message)
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
}

function ignore(): void {}

/** Several filters of which an item has to pass all: what `where` upon `where` makes. Each may have a notation of its own. */
import { ValidationException } from '../../errors.js'
import type { Predicate } from './predicate.js'

/** As many filters a read may have: each of them has limits of its own. */
export const FILTER_LIMIT = 32

export class Conjunction {
  readonly filters: readonly unknown[]

  private constructor(filters: readonly unknown[]) {
    this.filters = filters
  }

  /**
   * A filter that asks for what both ask for; the first may be undefined, for none.
   *
   * @throws {ValidationException} FILTER_TOO_COMPLEX
   */
  static of(first: unknown, second: unknown): unknown {
    if (first === undefined) return second
    const filters = [...filtersOf(first), ...filtersOf(second)]
    if (filters.length <= FILTER_LIMIT) return new Conjunction(filters)
    throw new ValidationException(
      'FILTER_TOO_COMPLEX',
      `Cannot use the filter: it is made of more than ${FILTER_LIMIT}`,
    )
  }
}

/** The filters that a filter is made of: mostly itself. */
export function filtersOf(filter: unknown): readonly unknown[] {
  return filter instanceof Conjunction ? filter.filters : [filter]
}

export function predicateFromConjunction({ filters }: Conjunction, compile: (filter: unknown) => Predicate): Predicate {
  const predicates = filters.map(compile)
  const attributes = new Set<string>()
  for (const predicate of predicates) for (const name of predicate.attributes ?? []) attributes.add(name)
  const readsAny = predicates.some((predicate) => predicate.attributes === undefined)
  return {
    source: `${predicates.length} filters`,
    attributes: readsAny ? undefined : [...attributes],
    isForeign: predicates.some(({ isForeign }) => isForeign === true),
    matches(item) {
      for (const predicate of predicates) if (!predicate.matches(item)) return false
      return true
    },
  }
}

/** Which part of a partition a condition on its sort key asks for, and whether two of these have something in common. */
import { compareValues } from '../../model/expression/comparison.js'
import { beginsWithValue } from '../../model/expression/function.js'

/** A place between values: before one, after one, or after all that begin with one. */
interface Place {
  readonly value: unknown
  readonly side: 'before' | 'after' | 'afterPrefix'
}

/** From one place to another; from the beginning, or to the end, where there is none. */
export interface SortRange {
  readonly low?: Place
  readonly high?: Place
}

export const WHOLE_PARTITION: SortRange = {}

/** @param operator As in a condition, but not `IN`, which asks for several. */
export function sortRange(
  operator: '=' | '<' | '<=' | '>' | '>=' | 'BETWEEN' | 'begins_with',
  first: unknown,
  second?: unknown,
): SortRange {
  const before: Place = { value: first, side: 'before' }
  const after: Place = { value: first, side: 'after' }
  switch (operator) {
    case '=':
      return { low: before, high: after }
    case '<':
      return { high: before }
    case '<=':
      return { high: after }
    case '>':
      return { low: after }
    case '>=':
      return { low: before }
    case 'BETWEEN':
      return { low: before, high: { value: second, side: 'after' } }
    case 'begins_with':
      return { low: before, high: { value: first, side: 'afterPrefix' } }
  }
}

export function overlaps(one: SortRange, other: SortRange): boolean {
  return isBefore(one.low, other.high) && isBefore(other.low, one.high)
}

/** The one that begins earlier first. */
export function compareRanges(one: SortRange, other: SortRange): number {
  if (one.low === undefined || other.low === undefined)
    return one.low === other.low ? 0 : one.low === undefined ? -1 : 1
  return comparePlaces(one.low, other.low)
}

function isBefore(low: Place | undefined, high: Place | undefined): boolean {
  return low === undefined || high === undefined || comparePlaces(low, high) < 0
}

const SIDES = { before: 0, after: 1, afterPrefix: 2 } as const

function comparePlaces(one: Place, other: Place): number {
  const isInOne = one.side === 'afterPrefix' && beginsWithValue(other.value, one.value)
  const isInOther = other.side === 'afterPrefix' && beginsWithValue(one.value, other.value)
  if (isInOne !== isInOther) return isInOne ? 1 : -1
  // Values of different types have no order; then what a query says about them counts.
  const order = compareValues(one.value, other.value) ?? 0
  return order === 0 ? SIDES[one.side] - SIDES[other.side] : order
}

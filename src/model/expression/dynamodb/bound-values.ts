/**
 * What is worth knowing of an expression's own values once, instead of for each item: they may be as large as 2 MB, and an
 * expression can look into one of them a hundred times. So what a condition costs depends on the item and not on them.
 */
import { equalValues, nameCount } from '../../item/equality.js'
import { isMap } from '../attribute-path.js'
import { ValueSet } from '../value-set.js'

type Values = readonly unknown[]

interface Facts {
  readonly members: Map<number, ValueSet>
  readonly nameCounts: Map<number, number>
}

/** By the list of values, which is made anew each time that an expression is bound. */
const known = new WeakMap<Values, Facts>()

function factsOf(values: Values): Facts {
  let facts = known.get(values)
  if (facts === undefined) {
    facts = { members: new Map(), nameCounts: new Map() }
    known.set(values, facts)
  }
  return facts
}

/** The elements of a list or a set among the values. */
export function membersOf(values: Values, slot: number): ValueSet {
  const { members } = factsOf(values)
  let found = members.get(slot)
  if (found === undefined) {
    found = new ValueSet(values[slot] as Iterable<unknown>)
    members.set(slot, found)
  }
  return found
}

/** How many names a map among the values has. */
export function nameCountOf(values: Values, slot: number): number {
  const { nameCounts } = factsOf(values)
  let count = nameCounts.get(slot)
  if (count === undefined) {
    count = Object.keys(values[slot] as object).length
    nameCounts.set(slot, count)
  }
  return count
}

/** Whether a value of an item is equal to one of the values. */
export function equalsBound(value: unknown, values: Values, slot: number): boolean {
  const bound = values[slot]
  if (typeof bound !== 'object' || typeof value !== 'object') return equalValues(value, bound)
  // Only a map of as many names is looked at name by name.
  const isOther = isMap(value) && isMap(bound) && nameCount(value) !== nameCountOf(values, slot)
  return !isOther && equalValues(value, bound)
}

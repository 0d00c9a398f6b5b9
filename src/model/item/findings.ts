/**
 * What takes long to find out of a large value is found once for each item, and not once for each condition that asks: a
 * filter may have 300 of them, an item 400 KB, and nobody else has his turn until all of them are answered.
 *
 * Remembered only while one item is looked at: what it consists of is its owner's to change afterwards. And only where there
 * are many conditions: for a few of them remembering costs more than asking again.
 */

/** With fewer conditions than this nothing is remembered. */
export const MANY_CONDITIONS = 8

type Find<Value, Result> = (value: Value) => Result

type Findings = Map<unknown, Map<unknown, unknown>>

/** Null where something is to be remembered and nothing is yet. */
let remembered: Findings | null | undefined

/** Whether it is worth the while to find out more of a value than one condition needs. */
export function isRemembering(): boolean {
  return remembered !== undefined
}

/** What `find` says of a value. Within `remembering` it is asked once for each. */
export function findOnce<Value, Result>(find: Find<Value, Result>, value: Value): Result {
  if (remembered === undefined) return find(value)
  remembered ??= new Map()
  let results = remembered.get(find) as Map<Value, Result> | undefined
  if (results === undefined) {
    results = new Map()
    remembered.set(find, results)
  }
  let result = results.get(value)
  if (result === undefined) {
    result = find(value)
    results.set(value, result)
  }
  return result
}

/** A test of one item that remembers what it finds until it is done. */
export function remembering<Given extends readonly unknown[]>(
  test: (...given: Given) => boolean,
): (...given: Given) => boolean {
  return (...given) => {
    const before = remembered
    remembered = null
    try {
      return test(...given)
    } finally {
      remembered = before
    }
  }
}

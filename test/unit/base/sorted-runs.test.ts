/** Portions in, order out: compared with sorting all of them at once. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SortedRuns } from '../../../src/base/sorted-runs.js'

interface Element {
  readonly value: number
  readonly place: number
  readonly weight: number
}
const byValue = (a: Element, b: Element) => a.value - b.value

function portions(values: readonly (readonly number[])[]): Element[][] {
  let place = 0
  return values.map((portion) => portion.map((value) => ({ value, place: place++, weight: value + 1 })))
}

describe('the elements of several portions', () => {
  const anyPortions = fc.array(fc.array(fc.nat(9), { maxLength: 30 }), { maxLength: 12 })

  test('come in order, and equal ones as they came', () => {
    fc.assert(
      fc.property(anyPortions, (values) => {
        const all = portions(values)
        const runs = new SortedRuns(byValue)
        for (const portion of all) runs.add(portion)
        expect([...runs.merged()]).toEqual(all.flat().toSorted(byValue))
        expect(runs.count).toBe(all.flat().length)
        expect(runs.weight).toBe(all.flat().reduce((sum, { weight }) => sum + weight, 0))
      }),
    )
  })

  test('with a limit are the first ones, whenever the others are let go of', () => {
    fc.assert(
      fc.property(anyPortions, fc.integer({ min: 1, max: 20 }), fc.array(fc.boolean()), (values, limit, drops) => {
        const all = portions(values)
        const runs = new SortedRuns(byValue, limit)
        for (const [i, portion] of all.entries()) {
          runs.add(portion)
          if (drops[i] === true) for (const _ of runs.keepFirst()) expect(runs.count).toBeGreaterThan(0)
        }
        const first = all.flat().toSorted(byValue).slice(0, limit)
        expect([...runs.merged()]).toEqual(first)
        for (const _ of runs.keepFirst());
        expect(runs.count).toBe(first.length)
        expect(runs.weight).toBe(first.reduce((sum, { weight }) => sum + weight, 0))
      }),
    )
  })
})

test('once the first ones are known, what comes behind them is not taken', () => {
  const runs = new SortedRuns(byValue, 2)
  runs.add(portions([[5, 1, 9, 3]])[0]!)
  for (const _ of runs.keepFirst());
  runs.add(portions([[4, 3, 2, 8]])[0]!)
  expect(runs.count).toBe(3)
  expect([...runs.merged()].map(({ value }) => value)).toEqual([1, 2])
})

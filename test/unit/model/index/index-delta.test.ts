/** An index follows its items: entries go, come, move or stay. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { indexDelta } from '../../../../src/model/index/index-delta.js'

const entries = (...keys: string[]) => keys.map((key) => ({ key, value: 'v' }))

test('says which entry goes and which comes', () => {
  const [none, a, b] = [entries(), entries('a'), entries('b')]
  expect(indexDelta(none, none)).toEqual({ removed: [], added: [] })
  expect(indexDelta(none, a)).toEqual({ removed: [], added: a })
  expect(indexDelta(a, none)).toEqual({ removed: a, added: [] })
  expect(indexDelta(a, b)).toEqual({ removed: a, added: b })
  expect(indexDelta(a, a)).toEqual({ removed: [], added: [] })
  expect(indexDelta(entries(''), none)).toEqual({ removed: entries(''), added: [] })
})

test('of many entries only those that are not in both change', () => {
  const keys = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'))
  fc.assert(
    fc.property(keys, keys, (before, after) => {
      const { removed, added } = indexDelta(entries(...before), entries(...after))
      const left = new Set<string>(before)
      for (const { key } of removed) expect(left.delete(key)).toBe(true)
      for (const { key } of added) {
        expect(left.has(key)).toBe(false)
        left.add(key)
      }
      expect(left).toEqual(new Set(after))
    }),
  )
})

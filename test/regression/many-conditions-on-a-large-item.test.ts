/**
 * A filter of 150 conditions on one large item held the event loop for a second: each of them went through the whole item.
 * What they find is what single conditions find.
 */
import { describe, expect, test } from 'vitest'
import { compileFilter } from '../../src/model/expression/compile-filter.js'
import { Decimal } from '../../src/model/item/decimal.js'
import { SeededRandom } from '../support/random.js'

const LENGTH = 400_000
const MANY = 99
/** So few that each is answered by itself. */
const FEW = 7

function milliseconds(run: () => void): number {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < 3; round++) {
    const startedAt = performance.now()
    run()
    best = Math.min(best, performance.now() - startedAt)
  }
  return best
}

function fibonacci(length: number): string {
  let [before, word] = ['a', 'ab']
  while (word.length < length) [before, word] = [word, word + before]
  return word.slice(0, length)
}

const word = fibonacci(LENGTH)
const names = Object.fromEntries(Array.from({ length: 57_000 }, (_, i) => [`k${i}`, true]))
const CASES: [string, unknown, (i: number) => unknown][] = [
  ['contains, of a list of numbers', Array.from({ length: 130_000 }, () => 1n), (i) => ({ contains: i + 2 })],
  ['contains, of a list of lists', Array.from({ length: 60_000 }, () => [1]), (i) => ({ contains: [i + 2] })],
  ['contains, of a set', new Set(Array.from({ length: 80_000 }, (_, i) => i)), (i) => ({ contains: i + 1e6 })],
  ['the size of a map', names, (i) => ({ size: i })],
  ['a map', names, (i) => ({ eq: { a: i } })],
  ['a map in a list', [names], (i) => ({ eq: [{ a: i }] })],
  ['one of several', Array.from({ length: 60_000 }, () => 1), (i) => ({ in: [[i]] })],
]

/** To look at each unit of the longest text once, for each of so many conditions. */
function passes(count: number): number {
  return milliseconds(() => {
    let sum = 0
    for (let pass = 0; pass < count; pass++) for (let at = 0; at < LENGTH; at++) sum += word.charCodeAt(at)
    expect(sum).toBeGreaterThan(0)
  })
}

describe('150 conditions take no longer than some', () => {
  test.each(CASES)('%s', (_, v, condition) => {
    const filterOf = (count: number) =>
      compileFilter({ or: Array.from({ length: count }, (_, i) => ({ v: condition(i) })) })
    const [few, many] = [filterOf(FEW), filterOf(MANY)]
    const item = { v }
    expect([few.matches(item), many.matches(item)]).toEqual([false, false])
    const took = milliseconds(() => few.matches(item))
    // Each by itself, they took twenty times as long.
    expect(milliseconds(() => many.matches(item))).toBeLessThan(10 * took + 20)
  })

  test.each([
    ['a text', word, (part: string) => part],
    ['bytes', Buffer.from(word), (part: string) => Buffer.from(part)],
  ])('contains, of %s', (_, v, partOf) => {
    const conditions = Array.from({ length: MANY }, (_, i) => ({
      v: { contains: partOf(`${word.slice(i, i + 13_000)}bb`) },
    }))
    const filter = compileFilter({ or: conditions })
    expect(filter.matches({ v })).toBe(false)
    expect(milliseconds(() => filter.matches({ v }))).toBeLessThan(5 * passes(MANY))
  })

  test('contains, in an expression', () => {
    const values = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`:v${i}`, [i + 2]]))
    const expressionOf = (count: number) => {
      const keys = Object.keys(values).slice(0, count)
      const expression = keys.map((key) => `contains(v, ${key})`).join(' OR ')
      return compileFilter({ expression, values: Object.fromEntries(keys.map((key) => [key, values[key]])) })
    }
    const [few, many] = [expressionOf(FEW), expressionOf(100)]
    const item = { v: Array.from({ length: 60_000 }, () => [1]) }
    expect([few.matches(item), many.matches(item)]).toEqual([false, false])
    expect(milliseconds(() => many.matches(item))).toBeLessThan(8 * milliseconds(() => few.matches(item)) + 20)
  })

  test('size, in a filter string', () => {
    const filterOf = (count: number) =>
      compileFilter(Array.from({ length: count }, (_, i) => `size(v) == ${i}`).join(' or '))
    const [few, many] = [filterOf(FEW), filterOf(100)]
    const item = { v: names }
    expect([few.matches(item), many.matches(item)]).toEqual([false, false])
    expect(milliseconds(() => many.matches(item))).toBeLessThan(8 * milliseconds(() => few.matches(item)) + 20)
  })
})

describe('what they find is what each finds by itself', () => {
  const random = new SeededRandom(7)
  const scalar = (): unknown =>
    random.pick<unknown>([
      random.below(9),
      BigInt(random.below(9)),
      Decimal.from(`${random.below(9)}.50`),
      random.below(9) + 0.5,
      `t${random.below(9)}`,
      Buffer.from([random.below(9)]),
      true,
      null,
    ])
  const value = (): unknown =>
    random.chance(0.5)
      ? scalar()
      : random.pick<unknown>([[scalar()], { a: scalar() }, { a: scalar(), b: scalar() }, [scalar(), [scalar()]]])

  test('in lists, sets, maps and texts', () => {
    for (let round = 0; round < 60; round++) {
      const list = Array.from({ length: 60 + random.below(40) }, value)
      const set = new Set(Array.from({ length: 60 + random.below(40) }, () => random.below(200) / 2))
      const text = Array.from({ length: 3000 }, () => random.pick(['a', 'a', 'a', 'b', 'ā'])).join('')
      const item = { list, set, text, bytes: Buffer.from(text, 'latin1'), map: { a: scalar() } }
      const conditions = Array.from({ length: 40 }, (_, i): object => {
        const from = random.below(2000)
        const part = text.slice(from, from + 240 + random.below(500)) + (random.chance(0.5) ? 'b' : '')
        return [
          { list: { contains: value() } },
          {
            set: {
              contains: random.pick<unknown>([random.below(250) / 2, BigInt(random.below(120)), Decimal.from('1.50')]),
            },
          },
          { text: { contains: part } },
          { bytes: { contains: Buffer.from(part, 'latin1') } },
          { map: { eq: { a: scalar() } } },
          { map: { size: 1 + random.below(2) } },
          { list: { in: [list.slice(0, 61), [1]] } },
        ][i % 7]!
      })
      const alone = conditions.map((condition) => compileFilter(condition).matches(item))
      const [anyTrue, allTrue] = [alone.includes(true), !alone.includes(false)]
      expect(compileFilter({ or: conditions }).matches(item)).toBe(anyTrue)
      expect(compileFilter({ and: conditions }).matches(item)).toBe(allTrue)
      // Each of them, as one of many.
      const never = Array.from({ length: 10 }, () => ({ list: { contains: 'nowhere' } }))
      for (const [i, condition] of conditions.entries()) {
        const among = compileFilter({ or: [...never, condition] }).matches(item)
        expect(among, `round ${round}, ${i}`).toBe(alone[i])
      }
    }
  })

  test('where places have the hash of a part and are not it', () => {
    // Of Thue and Morse: its halves have one hash, whatever the base is, once they are long enough.
    let [one, other] = ['a', 'b']
    for (let step = 0; step < 12; step++) [one, other] = [one + other, other + one]
    const text = other.repeat(40)
    const parts = [one, `${other}${one}`, text.slice(100, 5000), `${text.slice(100, 5000)}c`]
    for (const part of parts) {
      expect(compileFilter({ text: { contains: part } }).matches({ text })).toBe(text.includes(part))
    }
  })

  test('what is changed between two looks is looked at again', () => {
    const list: unknown[] = Array.from({ length: 1000 }, (_, i) => i)
    const filter = compileFilter({ or: Array.from({ length: 20 }, (_, i) => ({ list: { contains: -1 - i } })) })
    expect(filter.matches({ list })).toBe(false)
    list[500] = -20
    expect(filter.matches({ list })).toBe(true)
  })
})

/** Values that are replaced where they lie: what comes of it is what decoding, changing and encoding the item makes. */
import { inspect, isDeepStrictEqual } from 'node:util'
import { describe, expect, test } from 'vitest'
import { bytesOf } from '../../../../src/base/bytes.js'
import { CorruptionError, ValidationException } from '../../../../src/errors.js'
import { open, table, type } from '../../../../src/index.js'
import { replaceIn, replacementOf } from '../../../../src/model/expression/replacement.js'
import { ITEM_BYTE_LIMIT, type Item } from '../../../../src/model/item/item.js'
import { ItemCodec } from '../../../../src/model/item/item-codec.js'
import { itemSize } from '../../../../src/model/item/item-size.js'
import { ShapeDictionary } from '../../../../src/model/item/shape-dictionary.js'
import { SeededRandom } from '../../../support/random.js'
import { randomValue } from '../../../support/random-items.js'

const KEY = ['id']
const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000_007)

/** A codec that knows these names by number. */
function codecFor(...shapes: readonly (readonly string[])[]): ItemCodec {
  const dictionary = new ShapeDictionary()
  shapes.forEach((names, i) => {
    dictionary.restore(i + 1, names)
  })
  return new ItemCodec(dictionary)
}

function whole(bytes: Uint8Array): { bytes: Uint8Array; start: number; end: number } {
  return { bytes, start: 0, end: bytes.length }
}

function replaced(codec: ItemCodec, item: Item, update: unknown): Item | undefined {
  const replacement = replacementOf(update, KEY)
  const value = replacement && replaceIn(codec, whole(codec.encode(item)), replacement)
  return value && codec.decode(bytesOf(value))
}

describe('which updates are such', () => {
  test.each<[string, unknown]>([
    ['nothing', {}],
    ['no object', null],
    ['a list', [1]],
    ['something removed', { set: { a: 1 }, remove: ['b'] }],
    ['something appended', { append: { a: [1] } }],
    ['a section that there is not', { put: { a: 1 } }],
    ['a section that is none', { set: 5 }],
    ['a map', { set: { a: {} } }],
    ['a list of values', { set: { a: [1] } }],
    ['binary', { set: { a: new Uint8Array(1) } }],
    ['undefined', { set: { a: undefined } }],
    ['a function', { set: { a: () => 1 } }],
    ['the key', { set: { id: 'other' } }],
    ['an attribute twice', { set: { a: 1 }, add: { a: 1 } }],
    ['a name that is none', { set: { '': 1 } }],
    ['a name that is a prototype', { set: { ['__proto__']: 1 } }],
    ['text that is added', { add: { a: 'x' } }],
    ['many', { set: Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`a${i}`, i])) }],
  ])('not %s', (_, update) => {
    expect(replacementOf(update, KEY)).toBe(undefined)
  })

  test('single values of several attributes, set and added', () => {
    const update = { add: { n: 1n }, set: { a: 'x', b: null, c: true } }
    const expected = { names: ['a', 'b', 'c', 'n'], values: ['x', null, true, 1n], addedFrom: 3 }
    expect(replacementOf(update, KEY)).toEqual(expected)
  })

  test('the values are read once', () => {
    let reads = 0
    const set = {
      get a() {
        reads += 1
        return reads
      },
    }
    expect(replacementOf({ set }, KEY)?.values).toEqual([1])
    expect(reads).toBe(1)
  })
})

describe('an item', () => {
  const names = ['id', 'name', 'n', 'more']
  const codec = codecFor(names)
  const item = { id: 'a', name: 'Ada', n: 41, more: { x: [1, 2] } }

  test('has the new values in the places of the old ones, longer or shorter', () => {
    for (const name of ['', 'B', 'Ada Lovelace', 'ünï', 'x'.repeat(500)]) {
      const result = replaced(codec, item, { set: { name, more: 7 }, add: { n: 1 } })
      expect(result).toEqual({ id: 'a', name, n: 42, more: 7 })
      expect(Object.keys(result!)).toEqual(names)
    }
  })

  test('is left to others where it lacks the attribute, adds to no number, or is long', () => {
    expect(replaced(codec, item, { set: { other: 1 } })).toBe(undefined)
    expect(replaced(codec, item, { add: { other: 1 } })).toBe(undefined)
    expect(replaced(codec, item, { add: { name: 1 } })).toBe(undefined)
    expect(replaced(codec, { ...item, name: 'x'.repeat(1100) }, { set: { n: 1 } })).toBe(undefined)
    expect(replaced(codec, item, { set: { name: 'x'.repeat(1100) } })).toBe(undefined)
    expect(replaced(codecFor(), item, { set: { n: 1 } })).toBe(undefined)
  })

  test('stays what it is when its value can’t be stored', () => {
    const bytes = codec.encode(item)
    for (const value of [Number.NaN, 1e300, '\ud800', 10n ** 40n + 1n]) {
      const replacement = replacementOf({ set: { name: value } }, KEY)!
      const thrown = (act: () => unknown) => {
        try {
          return void act()
        } catch (failure) {
          return failure
        }
      }
      const expected = thrown(() => codec.encode({ ...item, name: value }))
      expect(expected).toBeInstanceOf(ValidationException)
      expect(thrown(() => replaceIn(codec, whole(bytes), replacement))).toEqual(expected)
    }
    expect(codec.decode(bytes)).toEqual(item)
    expect(codec.decode(codec.encode(item))).toEqual(item)
  })

  test('that is as large as items of so few bytes get is not too large', () => {
    const long = Array.from({ length: 8 }, (_, i) => `${i}`.repeat(127))
    const large = codecFor(['id', 'list', 'n'], long)
    const inner = Object.fromEntries(long.map((name) => [name, null]))
    // A map of eight nulls is eleven bytes, with names of a kilobyte.
    const big = { id: 'a', list: Array.from({ length: 90 }, () => inner), n: 1 }
    const bytes = large.encode(big)
    expect(bytes.length).toBeLessThan(1024)
    const result = replaced(large, big, { set: { n: 2 } })
    expect(result).toEqual({ ...big, n: 2 })
    expect(itemSize(result!)).toBeLessThan(ITEM_BYTE_LIMIT)
  })

  test('that is damaged is an error or an item, and nothing outside of it is read', () => {
    const random = new SeededRandom(seed)
    const replacement = replacementOf({ set: { n: 5 }, add: { name: 1 } }, KEY)!
    const set = replacementOf({ set: { more: 5 } }, KEY)!
    const sound = codec.encode(item)
    for (let round = 0; round < 20_000; round++) {
      const bytes = Uint8Array.from(sound)
      for (let n = random.below(4); n >= 0; n--) bytes[random.below(bytes.length)] = random.below(256)
      const end = random.chance(0.5) ? bytes.length : random.below(bytes.length)
      for (const each of [replacement, set]) {
        try {
          const result = replaceIn(codec, { bytes, start: 0, end }, each)
          // A sum has up to 38 digits, whatever short number it was made of.
          if (result !== undefined) expect(result.end - result.start, `SEED=${seed}`).toBeLessThanOrEqual(end + 64)
        } catch (failure) {
          if (failure instanceof ValidationException) continue
          expect(failure, `SEED=${seed}`).toBeInstanceOf(CorruptionError)
        }
      }
    }
  })
})

test('an update in place does what the same update does to any item', async () => {
  interface Thing {
    id: string
    until?: unknown
  }
  const Things = table('things', { schema: type<Thing>(), key: ['id'], ttl: 'until' as never })
  const random = new SeededRandom(seed)
  const db = await open('memory:')
  const things = db.table(Things)
  const shapes = [
    ['a', 'b', 'c'],
    ['b', 'n'],
    ['c', 'a', 'until', 'n', 'ü'],
  ]
  const valueFor = (name: string) => (name === 'n' ? random.pick<unknown>([1, 0.5, 7n, 'x']) : randomValue(random))
  for (let round = 0; round < 1500; round++) {
    const pair = [`${round}`, `${round}'`]
    const attributes = Object.fromEntries(random.pick(shapes).map((name) => [name, valueFor(name)]))
    for (const id of pair) await things.put({ id, ...attributes })
    const all = random.chance(0.7) ? Object.keys(attributes) : ['a', 'b', 'c', 'n', 'ü', 'until', 'none']
    const chosen = all.toSorted(() => random.next() - 0.5).filter(() => random.chance(0.4))
    const single = () =>
      random.chance(0.8)
        ? random.pick<unknown>([null, true, 5, -1e9, 0.1, 3n, 'x', 'ü'.repeat(200), -0])
        : randomValue(random)
    const set = Object.fromEntries(chosen.filter((name) => name !== 'n').map((name) => [name, single()]))
    const update = { set, ...(chosen.includes('n') && { add: { n: random.pick<unknown>([1, -1n, 0.1, 1e308]) } }) }
    const returned = random.pick(['new', 'none', 'old'] as const)
    const outcomes = await Promise.allSettled([
      things.update({ id: pair[0]! }, update as never, { return: returned }),
      // Whoever removes nothing asks for the same in another way.
      things.update({ id: pair[1]! }, { ...update, remove: [] } as never, { return: returned }),
    ])
    const shown = outcomes.map((outcome) => {
      if (outcome.status === 'rejected') return `${(outcome.reason as Error).message}`
      return outcome.value === undefined ? undefined : { ...outcome.value, id: 'same' }
    })
    const [one, other] = await Promise.all(pair.map((id) => things.get({ id })))
    const stored = [one, other].map((item) => item && { ...item, id: 'same' })
    // Not by `toStrictEqual`, which takes two equal Decimals for different ones.
    const isSame = isDeepStrictEqual(shown[0], shown[1]) && isDeepStrictEqual(stored[0], stored[1])
    expect(isSame, `SEED=${seed} round ${round}: ${inspect({ shown, stored }, { depth: 9 })}`).toBe(true)
    expect(Object.keys(one ?? {})).toEqual(Object.keys(other ?? {}))
  }
  await db.close()
})

/**
 * Items whose names have numbers: the same items come back, hostile bytes do no more than others, and names that hardly
 * ever come again fill no dictionary.
 */
import { isDeepStrictEqual } from 'node:util'
import { describe, expect, test } from 'vitest'
import { CorruptionError } from '../../../../src/errors.js'
import type { Item } from '../../../../src/model/item/item.js'
import { encodeItem, ItemCodec } from '../../../../src/model/item/item-codec.js'
import { DICTIONARY_LIMIT, NUMBER_THRESHOLD, ShapeDictionary } from '../../../../src/model/item/shape-dictionary.js'
import { SeededRandom } from '../../../support/random.js'
import { randomAttributes, randomValue } from '../../../support/random-items.js'

const ODD_NAMES = ['constructor', 'toString', '0', '7', 'ü', '€', 'a\0b', 'x'.repeat(130), '😀']

function randomItem(random: SeededRandom): Item {
  const item: Item = { pk: random.pick(['a', 'b']), ...randomAttributes(random, 1_800_000_000) }
  for (const name of ODD_NAMES) if (random.chance(0.1)) item[name] = randomValue(random)
  return item
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

/** Encodes it until its shape has a number. */
function numbered(codec: ItemCodec, item: Item): Uint8Array {
  for (let met = 1; met < NUMBER_THRESHOLD; met++) codec.encode(item)
  return codec.encode(item)
}

/** A dictionary as it comes back from where it was kept. */
function restored(dictionary: ShapeDictionary): ShapeDictionary {
  const other = new ShapeDictionary()
  for (const { number, names } of dictionary.unkept) other.restore(number, JSON.parse(JSON.stringify(names)))
  return other
}

describe('an item with a dictionary', () => {
  test('has its names written out until they were met a few times, and a number afterwards', () => {
    const codec = new ItemCodec(new ShapeDictionary())
    const item = { id: 'ada', map: { x: 1 } }
    const named = '02' + '00' + '07' + '026964' + '036d6170' + '83616461' + '0c05' + '00' + '02' + '0178' + '41'
    for (let met = 1; met < NUMBER_THRESHOLD; met++) expect(hex(codec.encode(item))).toBe(named)
    expect(hex(codec.encode(item))).toBe('02' + '01' + '83616461' + '0c02' + '02' + '41')
    expect(codec.decode(Buffer.from(named, 'hex'))).toEqual(item)
  })

  test('comes back the same, whole and by attribute, before its shape has a number and after', () => {
    const dictionary = new ShapeDictionary()
    const codec = new ItemCodec(dictionary)
    const random = new SeededRandom(3)
    const kept: { item: Item; bytes: Uint8Array }[] = []
    for (let round = 0; round < 6000; round++) {
      const item = randomItem(random)
      const bytes = codec.encode(item)
      expect(isDeepStrictEqual(codec.decode(bytes), codec.decode(encodeItem(item)))).toBe(true)
      kept.push({ item, bytes })
    }
    expect(dictionary.size).toBeGreaterThan(50)
    // What was written in between is read later, and by who has the dictionary from where it was kept.
    const later = new ItemCodec(restored(dictionary))
    for (const { item, bytes } of kept) {
      const expected = codec.decode(encodeItem(item))
      expect(isDeepStrictEqual(later.decode(bytes), expected)).toBe(true)
      expect(Object.keys(later.decode(bytes))).toEqual(Object.keys(expected))
      for (const name of [...Object.keys(item), 'nothing', 'hasOwnProperty', '__proto__']) {
        const value = Object.hasOwn(expected, name) ? expected[name] : undefined
        expect(isDeepStrictEqual(later.attribute(bytes, name), value)).toBe(true)
      }
    }
  })

  test('is as large as DynamoDB counts it, whatever its names became', () => {
    const codec = new ItemCodec(new ShapeDictionary())
    const map = { ['n'.repeat(127)]: null, ['m'.repeat(127)]: null }
    const list = (length: number) => ({ list: Array.from({ length }, () => map) })
    numbered(codec, list(10))
    // 4 for the attribute and 3 for the list; for each map 254 of names, 2 of nulls and 6 of overhead.
    const largest = Math.floor((409_600 - 7) / 262)
    expect(codec.encode(list(largest)).length).toBeLessThan(12_000)
    expect(() => encodeItem(list(largest + 1))).toThrow('maximum allowed size')
    expect(() => codec.encode(list(largest + 1))).toThrow('maximum allowed size')
  })

  test('has its own names in their order, whatever the one before had and whatever all objects have', () => {
    const codec = new ItemCodec(new ShapeDictionary())
    const alike: Item[] = [
      { a: 1, b: 2, m: { a: 1, b: 2 } },
      { b: 2, a: 1, m: { b: 2, a: 1 } },
      { a: 1, b: 2 },
      { a: 1, b: 2, m: { a: 1, b: 2 }, c: 3 },
      Object.assign(Object.create(null), { a: 1, b: 2, m: {} }),
      Object.defineProperty({ a: 1, b: 2 }, 'm', { value: {}, enumerable: false }),
      {},
    ]
    const names = (item: Item) => [Object.keys(item), Object.keys((item['m'] as Item | undefined) ?? {})]
    const check = () => {
      for (let round = 0; round < 3 * NUMBER_THRESHOLD; round++) {
        for (const item of [...alike, alike[round % alike.length]!]) {
          expect(names(codec.decode(codec.encode(item)))).toEqual(names({ ...item }))
        }
      }
    }
    check()
    for (let met = 0; met < NUMBER_THRESHOLD; met++) codec.encode({ a: 1, b: 2, m: { a: 1, c: 2 }, c: 3 })
    const everything = Object.prototype as { c?: unknown }
    // What the one before had is what all have now, at either depth.
    const item: Item = { a: 1, b: 2, m: { a: 1 } }
    try {
      everything.c = 'inherited'
      const bytes = [1, 2, 3].map(() => {
        const encoded = codec.encode(item)
        codec.encode({ a: 1, b: 2, m: { a: 1, c: 2 }, c: 3 })
        return encoded
      })
      for (const each of bytes) expect(Object.keys(codec.decode(each))).toEqual(['a', 'b', 'm'])
      for (const each of bytes) expect(Object.keys(codec.decode(each)['m'] as Item)).toEqual(['a'])
    } finally {
      delete everything.c
    }
    check()
  })

  test('is refused for the same reasons', () => {
    const codec = new ItemCodec(new ShapeDictionary())
    numbered(codec, { pk: 'a', inner: { deep: 1 } })
    expect(() => codec.encode({ pk: 'a', inner: { deep: undefined } })).toThrow('attribute "inner.deep" is undefined')
    for (let round = 0; round < 20; round++) {
      expect(() => codec.encode({ '': 1 })).toThrow('Empty attribute name')
      expect(() => codec.encode({ '\ud800': 1 })).toThrow('surrogate')
      expect(() => codec.encode(JSON.parse('{"__proto__":1}'))).toThrow('__proto__')
    }
  })

  test('may have getters that encode items of another dictionary', () => {
    const codec = new ItemCodec(new ShapeDictionary())
    const other = new ItemCodec(new ShapeDictionary())
    numbered(other, { inner: 1 })
    numbered(codec, { outer: 1, size: 1 })
    const item = {
      outer: 1,
      get size() {
        return other.encode({ inner: 1 }).length
      },
    }
    expect(codec.decode(codec.encode(item))).toEqual({ outer: 1, size: 3 })
  })
})

describe('hostile bytes', () => {
  test('of every cut, and of random changes, are an item or a CorruptionError', () => {
    const codec = new ItemCodec(new ShapeDictionary())
    const random = new SeededRandom(5)
    for (let round = 0; round < 300; round++) numbered(codec, randomItem(random))
    const pollution = Object.getOwnPropertyNames(Object.prototype).join()
    for (let round = 0; round < 60; round++) {
      const bytes = numbered(codec, randomItem(random))
      for (let cut = 0; cut < bytes.length; cut++) {
        expect(() => codec.decode(bytes, 0, cut)).toThrow(CorruptionError)
      }
      for (let change = 0; change < 150; change++) {
        const damaged = new Uint8Array(bytes)
        // The first byte says which version it is: most changes are to leave it.
        for (let byte = 0; byte < 1 + random.below(3); byte++) {
          damaged[random.between(random.chance(0.9) ? 1 : 0, bytes.length - 1)] = random.below(256)
        }
        try {
          expect(Object.getPrototypeOf(codec.decode(damaged))).toBe(Object.prototype)
        } catch (failure) {
          expect(failure).toBeInstanceOf(CorruptionError)
        }
        for (const name of ['pk', 'more', 'constructor', 'nothing']) {
          try {
            codec.attribute(damaged, name)
          } catch (failure) {
            expect(failure).toBeInstanceOf(CorruptionError)
          }
        }
      }
    }
    expect(Object.getOwnPropertyNames(Object.prototype).join()).toBe(pollution)
  })

  test.each([
    ['a number that was not given', '02 02 41', 'no names with the number 2'],
    ['the largest number there is', '02 ffffff7f 41', 'no names with the number'],
    ['a number that does not end', '02 ffffffffff7f 41', 'does not end'],
    ['no number', '02', 'does not end'],
    ['fewer values than names', '02 01', 'in the middle of its values'],
    ['more values than names', '02 01 41 41', 'bytes after the end'],
    ['a map in a map … with numbers', `02 01 ${'0c7e01'.repeat(40)}`, 'past its end'],
  ])('%s', (_what, text, reason) => {
    const codec = new ItemCodec(new ShapeDictionary())
    expect(hex(numbered(codec, { a: 1 }))).toBe('020141')
    const bytes = Buffer.from(text.replaceAll(' ', ''), 'hex')
    expect(() => codec.decode(bytes)).toThrow(CorruptionError)
    expect(() => codec.decode(bytes)).toThrow(reason)
  })

  test('items of a dictionary that is not this one are refused', () => {
    const bytes = numbered(new ItemCodec(new ShapeDictionary()), { a: 1 })
    const other = new ItemCodec(new ShapeDictionary())
    expect(() => other.decode(bytes)).toThrow(CorruptionError)
    expect(() => other.attribute(bytes, 'a')).toThrow(CorruptionError)
  })

  test.each([
    [0, ['a']],
    [-1, ['a']],
    [1.5, ['a']],
    [Number.NaN, ['a']],
    [DICTIONARY_LIMIT + 1, ['a']],
    [2, undefined],
    [2, 'ab'],
    [2, [1]],
    [2, ['a', 'a']],
    [2, ['']],
    [2, ['__proto__']],
    [2, ['\ud800']],
    [2, ['x'.repeat(200)]],
    [2, ['known']],
    [1, ['other']],
  ])('a dictionary with the number %s for %j is refused', (number, names) => {
    const dictionary = new ShapeDictionary()
    dictionary.restore(1, ['known'])
    dictionary.restore(1, ['known'])
    expect(() => dictionary.restore(number, names)).toThrow(CorruptionError)
    expect(dictionary.size).toBe(1)
  })
})

describe('the dictionary', () => {
  test('gives no numbers to 100,000 shapes that are met once, and one to that which is met among them', () => {
    const dictionary = new ShapeDictionary()
    const codec = new ItemCodec(dictionary)
    const random = new SeededRandom(9)
    for (let index = 0; index < 100_000; index++) {
      codec.encode({ [`name-${random.below(2 ** 31)}`]: index, [`${random.below(2 ** 31)}`]: {} })
      if (index % 10 === 0) codec.encode({ frequent: index, names: [] })
    }
    expect(hex(codec.encode({ frequent: 1, names: 2 }))).toMatch(/^020[1-9]4142$/)
    expect(dictionary.size).toBeLessThan(10)
  })

  test('is full one day, and items come back all the same', () => {
    const dictionary = new ShapeDictionary()
    const codec = new ItemCodec(dictionary)
    for (let index = 0; index < DICTIONARY_LIMIT + 1000; index++) numbered(codec, { [`name-${index}`]: index })
    expect(dictionary.size).toBe(DICTIONARY_LIMIT)
    for (const index of [0, 127, 128, DICTIONARY_LIMIT - 1, DICTIONARY_LIMIT, DICTIONARY_LIMIT + 999]) {
      const item = { [`name-${index}`]: index }
      expect(codec.decode(codec.encode(item))).toEqual(item)
      expect(codec.attribute(codec.encode(item), `name-${index}`)).toBe(index)
    }
    const again = restored(dictionary)
    expect(again.size).toBe(DICTIONARY_LIMIT)
    expect(new ItemCodec(again).encode({ 'name-4000': 1 })).toEqual(codec.encode({ 'name-4000': 1 }))
  })

  test('gives no number to names that are too long, or that could be taken for others', () => {
    const dictionary = new ShapeDictionary()
    const codec = new ItemCodec(dictionary)
    const long = { ['x'.repeat(128)]: 1 }
    const many = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`${'y'.repeat(20)}${i}`, i]))
    for (const item of [long, many]) expect(codec.decode(numbered(codec, item))).toEqual(item)
    expect(dictionary.size).toBe(0)
    const first = { 'a\0b': 1, c: 2 }
    const second = { a: 1, 'b\0c': 2 }
    for (const item of [first, second, first, second]) expect(codec.decode(numbered(codec, item))).toEqual(item)
    expect(dictionary.size).toBe(1)
  })

  test('continues behind the highest number there is, and says what is not kept', () => {
    const dictionary = new ShapeDictionary()
    dictionary.restore(7, ['seventh'])
    const codec = new ItemCodec(dictionary)
    numbered(codec, { eighth: 1 })
    numbered(codec, { ninth: 1 })
    expect(dictionary.unkept.map(({ number, names }) => [number, names])).toEqual([
      [8, ['eighth']],
      [9, ['ninth']],
    ])
    dictionary.kept(8)
    dictionary.kept(7)
    expect(dictionary.unkept.map(({ number }) => number)).toEqual([9])
  })
})

/**
 * What the code that frequent shapes get must not change: whatever was met before, the same item has the same bytes and the
 * same bytes are the same item, and what is remembered stays bounded.
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import { describe, expect, test } from 'vitest'
import { CorruptionError } from '../../../../src/errors.js'
import { copyItem } from '../../../../src/model/item/copy.js'
import type { Item } from '../../../../src/model/item/item.js'
import { decodeAttribute, decodeItem, encodeItem } from '../../../../src/model/item/item-codec.js'
import { isPlainObject } from '../../../../src/model/item/plain-object.js'
import { CODE_LIMIT, SHAPE_LIMIT, shapeCounts } from '../../../../src/model/item/shape.js'
import { SeededRandom } from '../../../support/random.js'
import { randomValue } from '../../../support/random-items.js'

const NAMES = [
  'pk',
  'sk',
  'constructor',
  'toString',
  '__defineGetter__',
  'ü',
  '0',
  'a.b',
  '€',
  'x'.repeat(130),
  'ß'.repeat(70),
]

function randomItem(random: SeededRandom): Item {
  const item: Item = {}
  for (const name of NAMES) if (random.chance(0.3)) item[name] = randomValue(random)
  return item
}

/** By Node's measure, which does not take a property called `constructor` for the class. */
function expectSame(found: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(found, expected)) expect(found).toEqual(expected)
  expect(isDeepStrictEqual(found, expected)).toBe(true)
}

function warm(item: Item): void {
  for (let round = 0; round < 2000; round++) copyItem(decodeItem(encodeItem(item)))
}

const SHAPES: readonly Item[] = [
  { pk: 'a', sk: 1 },
  { pk: 'a', sk: 1, map: { x: null, y: [{ z: true }, { z: false }] } },
  { ü: new Set(['x']), constructor: 1n, '€': Uint8Array.of(1, 2) },
  { '0': 1, '7': 'x', a: 2 },
  {},
]

describe('an item of a shape that was met often', () => {
  test.each(SHAPES.map((item) => [Object.keys(item).join(), item] as const))('is what it was: %s', (_names, item) => {
    const before = encodeItem(item)
    warm(item)
    expect(encodeItem(item)).toEqual(before)
    for (const object of [decodeItem(before), copyItem(item)]) {
      expectSame(object, item)
      expect(Object.keys(object)).toEqual(Object.keys(item))
      expect(Object.getPrototypeOf(object)).toBe(Object.prototype)
      expect(Object.hasOwn(object, 'constructor')).toBe(Object.hasOwn(item, 'constructor'))
      expect(isPlainObject(object)).toBe(true)
      expect(Object.getOwnPropertyDescriptors(object)).toEqual(Object.getOwnPropertyDescriptors(item))
    }
  })

  test('still has every value checked, and its attribute named', () => {
    warm({ pk: 'a', sk: 1, inner: { deep: 1 } })
    expect(() => encodeItem({ pk: 'a', sk: undefined, inner: { deep: 1 } })).toThrow('attribute "sk" is undefined')
    expect(() => encodeItem({ pk: 'a', sk: 1, inner: { deep: '\ud800' } })).toThrow('attribute "inner.deep" has half')
    const symbol = { pk: 'a', sk: 1, inner: { deep: 1, [Symbol('s')]: 1 } }
    expect(() => encodeItem(symbol)).toThrow('named by Symbol(s)')
  })

  test('may have getters that encode, or take attributes away', () => {
    const item = {
      pk: 'a',
      get sk() {
        return encodeItem({ pk: 'inner', sk: 2, last: 'x'.repeat(3000) }).length
      },
      last: 1 as number | undefined,
    }
    warm({ pk: 'a', sk: 1, last: 1 })
    expect(decodeItem(encodeItem(item))).toMatchObject({ pk: 'a', last: 1 })
    const shrinking = {
      pk: 'a',
      get sk() {
        delete (this as Item)['last']
        return 1
      },
      last: 1,
    }
    expect(() => encodeItem(shrinking)).toThrow('attribute "last" is undefined')
  })

  test('a name __proto__ in bytes stays a property, however often it comes, and is not taken for one to write', () => {
    const proto = Buffer.from('010a095f5f70726f746f5f5f0c0402016141', 'hex')
    for (let round = 0; round < 500; round++) {
      const item = decodeItem(proto)
      expect(Object.keys(item)).toEqual(['__proto__'])
      expect(Object.getPrototypeOf(item)).toBe(Object.prototype)
      expect(Object.getPrototypeOf(copyItem(item))).toBe(Object.prototype)
      expect(() => encodeItem(item)).toThrow('__proto__')
    }
  })

  test('lengths of names with needless zeros are read, and not written', () => {
    const bytes = Buffer.from('0103' + '810061' + '41', 'hex')
    for (let round = 0; round < 200; round++) expect(decodeItem(bytes)).toEqual({ a: 1 })
    for (let round = 0; round < 200; round++)
      expect(Buffer.from(encodeItem({ a: 1 })).toString('hex')).toBe('0102016141')
  })
})

test('100,000 shapes are met and a bounded number is remembered', () => {
  warm({ frequent: 1, one: 2 })
  for (let index = 0; index < 100_000; index++) {
    const item = { [`name-${index}`]: index, other: 'x' }
    expect(decodeItem(encodeItem(item))[`name-${index}`]).toBe(index)
  }
  for (let index = 0; index < 2 * CODE_LIMIT; index++) {
    for (let round = 0; round < 60; round++) copyItem(decodeItem(encodeItem({ [`hot-${index}`]: index })))
  }
  const counts = shapeCounts()
  expect(counts.known).toBeLessThanOrEqual(SHAPE_LIMIT)
  expect(counts.coded).toBeLessThanOrEqual(CODE_LIMIT)
  expect(counts.coded).toBeGreaterThan(0)
})

describe('a part of larger bytes', () => {
  test('is read from start to end, and shares no memory with them', () => {
    const random = new SeededRandom(7)
    for (let round = 0; round < 500; round++) {
      const item = randomItem(random)
      const bytes = encodeItem(item)
      const start = random.below(50)
      const large = Buffer.alloc(start + bytes.length + 20, 0xff)
      large.set(bytes, start)
      const end = start + bytes.length
      const expected = decodeItem(bytes)
      const found = decodeItem(large, start, end)
      const attributes = NAMES.map((name) => decodeAttribute(large, name, start, end))
      expect(() => decodeItem(large, start, end + 1)).toThrow(CorruptionError)
      expect(() => decodeItem(large, start, end - 1)).toThrow(CorruptionError)
      large.fill(0x41)
      expectSame(found, expected)
      expectSame(
        attributes,
        NAMES.map((name) => (Object.hasOwn(expected, name) ? expected[name] : undefined)),
      )
    }
  })

  test.each([
    [-1, 5],
    [0, 6],
    [4, 3],
    [Number.NaN, 5],
  ])('that is not there is refused: %d to %d', (start, end) => {
    const bytes = encodeItem({ a: 1 })
    expect(bytes.length).toBe(5)
    expect(() => decodeItem(bytes, start, end)).toThrow('its bytes are not there')
    expect(() => decodeAttribute(bytes, 'a', start, end)).toThrow('its bytes are not there')
  })
})

test('bytes that were given away stay as they are, whatever is encoded after them', () => {
  const random = new SeededRandom(11)
  const kept: { item: Item; bytes: Uint8Array; text: string }[] = []
  for (let round = 0; round < 1500; round++) {
    const item = randomItem(random)
    if (random.chance(0.02)) item['large'] = 'x'.repeat(random.below(100_000))
    if (random.chance(0.02)) item['deep'] = { deep: [{ deep: 'ü'.repeat(random.below(9000)) }, new Uint8Array(5000)] }
    const bytes = encodeItem(item)
    kept.push({ item, bytes, text: Buffer.from(bytes).toString('latin1') })
    try {
      encodeItem({ text: 'y'.repeat(random.below(20_000)), refused: undefined })
    } catch {
      // That is what it is for.
    }
  }
  for (const { item, bytes, text } of kept) {
    expect(Buffer.from(bytes).toString('latin1')).toBe(text)
    expect(Buffer.compare(encodeItem(decodeItem(bytes)), encodeItem(item))).toBe(0)
  }
})

test('damaged bytes of frequent shapes are an item or a CorruptionError, at every cut and after every change', () => {
  const random = new SeededRandom(23)
  const pollution = Object.getOwnPropertyNames(Object.prototype).join()
  for (let round = 0; round < 60; round++) {
    const bytes = encodeItem(round % 3 === 0 ? SHAPES[round % SHAPES.length] : randomItem(random))
    for (let cut = 0; cut < bytes.length; cut++) expectRefused(() => decodeItem(bytes, 0, cut))
    for (let change = 0; change < 100; change++) {
      const damaged = new Uint8Array(bytes)
      for (let byte = 0; byte < 1 + random.below(3); byte++) damaged[random.below(bytes.length)] = random.below(256)
      let item: Item | undefined
      try {
        item = decodeItem(damaged)
      } catch (error) {
        expect(error).toBeInstanceOf(CorruptionError)
      }
      if (item !== undefined) {
        expect(Object.getPrototypeOf(item)).toBe(Object.prototype)
        expectSame(copyItem(item), item)
      }
      for (const name of NAMES) {
        try {
          decodeAttribute(damaged, name)
        } catch (error) {
          expect(error).toBeInstanceOf(CorruptionError)
        }
      }
    }
  }
  expect(Object.getOwnPropertyNames(Object.prototype).join()).toBe(pollution)
})

function expectRefused(act: () => unknown): void {
  expect(act).toThrow(CorruptionError)
}

test('random items come back the same when their shapes are new and when they are frequent', () => {
  const seed = 42
  const first = new SeededRandom(seed)
  const bytes = Array.from({ length: 500 }, () => encodeItem(randomItem(first)))
  const decoded = bytes.map((each) => decodeItem(each))
  for (let round = 0; round < 50; round++) for (const each of bytes) copyItem(decodeItem(each))
  const second = new SeededRandom(seed)
  for (const [index, each] of bytes.entries()) {
    const item = randomItem(second)
    expect(encodeItem(item)).toEqual(each)
    expectSame(decodeItem(each), decoded[index])
    expectSame(copyItem(decoded[index]!), decoded[index])
    for (const name of Object.keys(item)) {
      expectSame(decodeAttribute(each, name), decoded[index]![name])
    }
  }
})

test('all of it works where code may not be made from text', () => {
  const script = fileURLToPath(new URL('shape-without-code.ts', import.meta.url))
  const flags = ['--disallow-code-generation-from-strings', '--import', import.meta.resolve('tsx')]
  const { status, stdout, stderr } = spawnSync(process.execPath, [...flags, script], { encoding: 'utf8' })
  expect(stderr).toBe('')
  expect(status).toBe(0)
  expect(stdout).toBe('300 items, 0 with code\n')
})

/**
 * Items to bytes and back: by property over all types, by table for what is refused, and with bytes that an enemy wrote.
 */
import { isDeepStrictEqual } from 'node:util'
import vm from 'node:vm'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CorruptionError, ValidationException } from '../../../../src/errors.js'
import { Decimal } from '../../../../src/model/item/decimal.js'
import { ITEM_BYTE_LIMIT, type Item } from '../../../../src/model/item/item.js'
import { decodeAttribute, decodeItem, encodeItem, TextRun } from '../../../../src/model/item/item-codec.js'
import { COUNTED_BYTES_PER_ENCODED_BYTE, ENCODED_BYTE_LIMIT } from '../../../../src/model/item/item-format.js'
import { itemSize } from '../../../../src/model/item/item-size.js'
import { items, values } from '../arbitrary.js'

function refusal(item: unknown): { code: string; message: string } {
  try {
    encodeItem(item)
  } catch (error) {
    if (error instanceof ValidationException) return { code: error.code, message: error.message }
    throw error
  }
  return { code: 'nothing thrown', message: '' }
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

describe('a round trip', () => {
  test('gives back an equal item with its names in order', () => {
    fc.assert(
      fc.property(items(), (item) => {
        const decoded = decodeItem(encodeItem(item))
        expect(isDeepStrictEqual(decoded, item)).toBe(true)
        expect(Object.keys(decoded)).toEqual(Object.keys(item))
      }),
      { numRuns: 500 },
    )
  })

  test('gives back each attribute alone', () => {
    fc.assert(
      fc.property(items(), (item) => {
        const bytes = encodeItem(item)
        for (const name of Object.keys(item)) {
          expect(isDeepStrictEqual(decodeAttribute(bytes, name), item[name])).toBe(true)
        }
        expect(decodeAttribute(bytes, 'no such attribute')).toBe(undefined)
      }),
    )
  })

  test.each<[string, unknown]>([
    ['zero', 0],
    ['integers around the tag', [63, 64, -1, -63, -64, -65, 8191, 8192]],
    ['the largest safe integers', [Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]],
    ['doubles', [0.1, -0.5, 1e100, -1e-130, 2 ** 53, 1.7976931348623157e100]],
    ['bigints', [0n, 5n, -5n, 2n ** 53n, -(2n ** 70n), 10n ** 125n]],
    ['Decimals', [Decimal.from('0'), Decimal.from('-0.1'), Decimal.from('1e-130'), Decimal.from('9'.repeat(38))]],
    ['empty things', ['', new Uint8Array(0), [], {}]],
    ['strings around every length that matters', [23, 24, 25, 127, 128, 129, 5000].map((n) => 'x'.repeat(n))],
    ['long latin-1', 'ü'.repeat(300)],
    ['long text beyond', 'y€😀'.repeat(3000)],
    ['text whose UTF-8 needs a longer length', `é${'x'.repeat(126)}`],
    ['the replacement character', 'a\ufffdb'],
    ['a byte order mark', '\ufeffx'],
    ['a list too long for one length byte', Array.from({ length: 500 }, (_, index) => index)],
    [
      'sets',
      [new Set(['', 'b']), new Set([1, 2n, Decimal.from('0.3')]), new Set([new Uint8Array(0), Uint8Array.of(1)])],
    ],
    ['names of properties that objects have', { constructor: 1, toString: 2, hasOwnProperty: null }],
  ])('keeps %s', (_what, value) => {
    expect(decodeItem(encodeItem({ value }))).toStrictEqual({ value })
  })

  test('makes -0 a 0', () => {
    expect(Object.is(decodeItem(encodeItem({ value: -0 }))['value'], 0)).toBe(true)
  })

  test('keeps a list of 100,000 nulls and a map of 10,000 names', () => {
    const list = new Array(100_000).fill(null)
    const map = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`name-${index}`, index]))
    expect(decodeItem(encodeItem({ list, map }))).toStrictEqual({ list, map })
  })

  test('gives bytes and values that are the caller’s own', () => {
    const binary = Buffer.from('abc')
    const bytes = encodeItem({ binary, list: [1] })
    binary.fill(0)
    const first = decodeItem(bytes)
    expect(first['binary']).toStrictEqual(Uint8Array.from([97, 98, 99]))
    expect(Buffer.isBuffer(first['binary'])).toBe(false)
    ;(first['binary'] as Uint8Array).fill(7)
    ;(first['list'] as number[]).push(2)
    encodeItem({ other: 'x'.repeat(100) })
    expect(decodeItem(bytes)).toStrictEqual({ binary: Uint8Array.from([97, 98, 99]), list: [1] })
    expect(decodeItem(Buffer.from(bytes))['binary']).toStrictEqual(Uint8Array.from([97, 98, 99]))
  })

  test('is by the bytes that architecture/item-format.md shows', () => {
    const item = { id: 'ada', n: -2, tags: new Set(['x']), map: { é: [true, null] } }
    expect(hex(encodeItem(item))).toBe(
      '01' + // version
        '0e' +
        '026964' +
        '016e' +
        '0474616773' +
        '036d6170' + // names
        '83616461' + // 'ada'
        '0303' + // -2
        '0d03' +
        '01' +
        '8178' + // Set { 'x' }
        '0c09' +
        '03' +
        '02c3a9' +
        '0b03' +
        '02' +
        '0200', // { é: [true, null] }
    )
    expect(decodeItem(encodeItem(item))).toStrictEqual(item)
  })
})

describe('an object', () => {
  test('may have no prototype, or that of another realm', () => {
    const foreign: unknown = vm.runInNewContext(
      '({ list: [1], map: { a: null }, set: new Set(["x"]), bytes: new Uint8Array([1]) })',
    )
    const own = { list: [1], map: { a: null }, set: new Set(['x']), bytes: Uint8Array.of(1) }
    expect(decodeItem(encodeItem(foreign))).toStrictEqual(own)
    expect(decodeItem(encodeItem(Object.assign(Object.create(null), own)))).toStrictEqual(own)
  })

  test('is stored by its own enumerable string names, as an array is by its indexes', () => {
    const list = Object.assign([1, 2], { extra: 3 })
    const item = Object.defineProperty({ list }, 'hidden', { value: 1, enumerable: false })
    expect(decodeItem(encodeItem(item))).toStrictEqual({ list: [1, 2] })
  })

  test('has its getters called once', () => {
    let calls = 0
    const map = {
      get changing() {
        calls++
        return 'x'.repeat(200_000)
      },
    }
    expect(decodeItem(encodeItem({ map }))).toStrictEqual({ map: { changing: 'x'.repeat(200_000) } })
    expect(calls).toBe(1)
  })

  test('may encode another item while it is encoded', () => {
    const item = {
      before: 'first',
      get inner() {
        return encodeItem({ name: 'inner', long: 'y'.repeat(10_000) }).length
      },
      after: 'last',
    }
    expect(decodeItem(encodeItem(item))).toMatchObject({ before: 'first', after: 'last' })
  })

  test('that throws leaves nothing behind', () => {
    const item = {
      deep: {
        get broken(): never {
          throw new RangeError('mine')
        },
      },
    }
    expect(() => encodeItem(item)).toThrow('mine')
    expect(decodeItem(encodeItem({ a: [1] }))).toStrictEqual({ a: [1] })
  })
})

describe('items side by side', () => {
  /** Met so often that its shape has code of its own. */
  const common = (n: number): Item => ({
    name: `customer ${n}`,
    count: [n, n * 1000, -n, -n * 70_000, 2 ** 40 + n, n / 8][n % 6]!,
    isActive: n % 2 === 0,
    tags: ['alpha', `tag-${n}`, n, null],
    address: { city: 'Århus', note: n % 3 === 0 ? '😀' : 'none' },
  })

  function sideBySide(list: readonly Item[]): { bytes: Buffer; places: [start: number, end: number][] } {
    const encoded = list.map((item) => encodeItem(item))
    let start = 0
    const places = encoded.map(({ length }): [number, number] => [start, (start += length)])
    return { bytes: Buffer.concat(encoded), places }
  }

  test('decode through one run of text in any order', () => {
    fc.assert(
      fc.property(fc.array(items(), { minLength: 1, maxLength: 12 }), fc.array(fc.nat()), (odd, order) => {
        const list = [...odd, ...Array.from({ length: 80 }, (_, n) => common(n))]
        const { bytes, places } = sideBySide(list)
        const run = new TextRun()
        const upwards = list.map((_, n) => n)
        for (const n of [...upwards, ...upwards.toReversed(), ...order.map((each) => each % list.length)]) {
          expect(decodeItem(bytes, ...places[n]!, undefined, run)).toEqual(list[n])
        }
      }),
      { numRuns: 30 },
    )
  })

  test('are the same items in whatever order they are read from several places', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(3), fc.nat(4), fc.boolean()), { maxLength: 60 }), (jumps) => {
        const lists = [0, 1, 2, 3].map((place) => Array.from({ length: 40 }, (_, n) => common(place * 1000 + n)))
        const places = lists.map(sideBySide)
        const at = [0, 0, 0, 0]
        const run = new TextRun()
        for (const [place, step, isBackwards] of jumps) {
          at[place] = Math.min(39, Math.max(0, at[place]! + (isBackwards ? -step : step)))
          const { bytes, places: spans } = places[place]!
          expect(decodeItem(bytes, ...spans[at[place]!]!, undefined, run)).toEqual(lists[place]![at[place]!])
        }
      }),
      { numRuns: 100 },
    )
  })

  test('never show anything of the one behind', () => {
    for (let n = 0; n < 100; n++) decodeItem(encodeItem(common(n)))
    const { bytes, places } = sideBySide(Array.from({ length: 10 }, (_, n) => common(n)))
    for (const [start, end] of places) {
      for (let cut = start; cut < end; cut++) {
        expect(() => decodeItem(bytes, start, cut, undefined, new TextRun())).toThrow(CorruptionError)
      }
    }
  })
})

describe('what is refused', () => {
  class Account {}
  class FromNull extends (null as unknown as ObjectConstructor) {}
  const at = (value: unknown): Item => ({ a: { b: [1, 2, value] } })

  test.each<[string, unknown, string]>([
    ['undefined', at(undefined), 'Cannot store the item: attribute "a.b[2]" is undefined; leave it out or use null'],
    ['a function', { f: () => 1 }, 'Cannot store the item: attribute "f" is a function; only data can be stored'],
    ['a Date', at(new Date(0)), 'Cannot store the item: attribute "a.b[2]" is a Date; store its toISOString() or'],
    ['a class', at(new Account()), 'attribute "a.b[2]" is an instance of Account; store a plain object: { ...value }'],
    [
      'NaN',
      at(Number.NaN),
      'attribute "a.b[2]" can\'t be stored: The parameter cannot be converted to a numeric value: NaN',
    ],
    ['a mixed set', at(new Set([1, 'a'])), 'attribute "a.b[2]" is a set that mixes types'],
    [
      'an empty name',
      { a: { b: { '': 1 } } },
      'it has, in attribute "a.b", a name that is empty: Empty attribute name',
    ],
    ['a symbol name', { a: { [Symbol('s')]: 1 } }, 'attribute "a" has a property named by Symbol(s)'],
  ])('%s is refused with a sentence that says where', (_what, item, sentence) => {
    expect(refusal(item).message).toContain(sentence)
  })

  test.each<[string, unknown, string]>([
    ['null as an item', null, 'ITEM_TYPE'],
    ['undefined as an item', undefined, 'ITEM_TYPE'],
    ['an array as an item', [], 'ITEM_TYPE'],
    ['a string as an item', 'item', 'ITEM_TYPE'],
    ['a Map as an item', new Map(), 'ITEM_TYPE'],
    ['an instance as an item', new Account(), 'ITEM_TYPE'],
    ['undefined', at(undefined), 'VALUE_UNDEFINED'],
    ['a hole', { list: new Array(4_000_000_000) }, 'VALUE_UNDEFINED'],
    ['a function', at(Account), 'VALUE_FUNCTION'],
    ['a symbol', at(Symbol('s')), 'VALUE_SYMBOL'],
    ['a symbol as a name', { [Symbol('s')]: 1 }, 'VALUE_SYMBOL'],
    ['a Date', at(new Date()), 'VALUE_CLASS'],
    ['a Map', at(new Map()), 'VALUE_CLASS'],
    ['a RegExp', at(/x/), 'VALUE_CLASS'],
    ['a boxed string', at(Object('x')), 'VALUE_CLASS'],
    ['a Float64Array', at(new Float64Array(2)), 'VALUE_CLASS'],
    ['a DataView', at(new DataView(new ArrayBuffer(2))), 'VALUE_CLASS'],
    ['an ArrayBuffer', at(new ArrayBuffer(2)), 'VALUE_CLASS'],
    ['a promise', at(Promise.resolve()), 'VALUE_CLASS'],
    ['an error', at(new Error('x')), 'VALUE_CLASS'],
    ['a class from null', at(Object.create(FromNull.prototype)), 'VALUE_CLASS'],
    ['an heir of a plain object', at(Object.create({ a: 1 })), 'VALUE_CLASS'],
    ['a proxy of a Set', at(new Proxy(new Set([1]), {})), 'VALUE_CLASS'],
    ['a WeakMap', at(new WeakMap()), 'VALUE_CLASS'],
    ['NaN', at(Number.NaN), 'NUMBER_NOT_FINITE'],
    ['Infinity in a set', at(new Set([Number.POSITIVE_INFINITY])), 'NUMBER_NOT_FINITE'],
    ['a number that is too large', at(1e126), 'NUMBER_RANGE'],
    ['a number that is too small', at(5e-324), 'NUMBER_RANGE'],
    ['a bigint that is too large', at(10n ** 126n), 'NUMBER_RANGE'],
    ['a bigint of 39 digits', at(10n ** 38n + 1n), 'NUMBER_DIGITS'],
    ['half a surrogate pair', at('a\ud800'), 'VALUE_TEXT'],
    ['half a surrogate pair in long text', at(`${'x'.repeat(500)}\udc00`), 'VALUE_TEXT'],
    ['half a surrogate pair in a set', at(new Set(['\udc00'])), 'VALUE_TEXT'],
    ['half a surrogate pair in a name', at({ '\ud800': 1 }), 'ATTRIBUTE_NAME'],
    ['__proto__ as a name', JSON.parse('{"__proto__": 1}'), 'ATTRIBUTE_NAME'],
    ['__proto__ as an inner name', at(JSON.parse('{"__proto__": {}}')), 'ATTRIBUTE_NAME'],
    ['an empty name', { '': 1 }, 'ATTRIBUTE_NAME'],
    ['a name of 65,536 bytes', { ['é'.repeat(32_768)]: 1 }, 'ATTRIBUTE_NAME'],
    ['an empty set', at(new Set()), 'SET_EMPTY'],
    ['a set of booleans', at(new Set([true])), 'SET_MIXED'],
    ['a set of strings and numbers', at(new Set(['1', 1])), 'SET_MIXED'],
    ['a set of sets', at(new Set([new Set([1])])), 'SET_MIXED'],
    ['1 and 1n', at(new Set([1, 1n])), 'SET_DUPLICATE'],
    ['equal Decimals', at(new Set([Decimal.from('0.1'), Decimal.from('0.10')])), 'SET_DUPLICATE'],
    ['equal bytes', at(new Set([Uint8Array.of(1), Uint8Array.of(1)])), 'SET_DUPLICATE'],
  ])('%s', (_what, item, code) => {
    expect(refusal(item).code).toBe(code)
  })

  test('a name of 65,535 bytes is stored', () => {
    const item = { ['x'.repeat(65_535)]: 1, ['é'.repeat(30_000)]: [{ ['ü'.repeat(200)]: 1 }] }
    expect(decodeItem(encodeItem(item))).toStrictEqual(item)
  })
})

function nested(levels: number, wrap: (inner: unknown) => unknown): Item {
  let value: unknown = 'scalar'
  for (let level = 0; level < levels; level++) value = wrap(value)
  return { value }
}

describe('depth', () => {
  test.each<[string, (inner: unknown) => unknown]>([
    ['maps', (inner) => ({ m: inner })],
    ['lists', (inner) => [inner]],
  ])('31 %s around a scalar are stored, 32 are refused, a million are too', (_what, wrap) => {
    const item = nested(31, wrap)
    expect(decodeItem(encodeItem(item))).toStrictEqual(item)
    expect(refusal(nested(32, wrap)).code).toBe('ITEM_TOO_DEEP')
    expect(refusal(nested(1_000_000, wrap)).code).toBe('ITEM_TOO_DEEP')
  })

  test('a set may be inside 31 maps', () => {
    let value: unknown = new Set(['x'])
    for (let level = 0; level < 31; level++) value = { m: value }
    expect(decodeItem(encodeItem({ value }))).toStrictEqual({ value })
  })

  test('a cycle is called one, however long it is', () => {
    const self: Item = {}
    self['self'] = self
    expect(refusal(self).code).toBe('VALUE_CYCLE')
    const list: unknown[] = []
    list.push(list)
    expect(refusal({ list }).code).toBe('VALUE_CYCLE')
    const ring: Item = {}
    let link = ring
    for (let index = 0; index < 100; index++) link = link['next'] = {} as Item
    link['next'] = ring
    expect(refusal({ ring }).code).toBe('VALUE_CYCLE')
  })

  test('an object that many share is no cycle, and one that multiplies is too big', () => {
    const shared = { a: 1 }
    expect(decodeItem(encodeItem({ x: shared, y: [shared, shared] }))).toStrictEqual({
      x: { a: 1 },
      y: [{ a: 1 }, { a: 1 }],
    })
    let bomb: unknown = 'x'
    for (let level = 0; level < 30; level++) bomb = [bomb, bomb]
    expect(refusal({ bomb }).code).toBe('ITEM_TOO_BIG')
  })
})

describe('size', () => {
  const overhead = itemSize({ text: '' })

  test.each<[string, string, number]>([
    ['ASCII', 'x', 1],
    ['latin-1', 'ü', 2],
    ['the rest', '€', 3],
  ])('409,600 bytes of %s are stored, 409,601 are not', (_what, character, byteLength) => {
    const free = ITEM_BYTE_LIMIT - overhead
    const text = character.repeat(Math.floor(free / byteLength)) + 'x'.repeat(free % byteLength)
    expect(itemSize({ text })).toBe(ITEM_BYTE_LIMIT)
    expect(decodeItem(encodeItem({ text }))).toStrictEqual({ text })
    expect(refusal({ text: `${text}x` }).code).toBe('ITEM_TOO_BIG')
  })

  test('items whose bytes here and there differ most are measured exactly', () => {
    for (const element of [7, -5, 0.5, null, '', 1e100, 'é', Decimal.from('1e-130'), 10n ** 20n]) {
      const each = itemSize({ a: [element] }) - itemSize({ a: [] })
      const room = ITEM_BYTE_LIMIT - itemSize({ a: [], b: '' })
      const list = new Array(Math.floor(room / each)).fill(element)
      const item = { a: list, b: 'x'.repeat(room % each) }
      expect(itemSize(item)).toBe(ITEM_BYTE_LIMIT)
      expect(itemSize(decodeItem(encodeItem(item)))).toBe(ITEM_BYTE_LIMIT)
      expect(refusal({ ...item, b: `${item.b}x` }).code).toBe('ITEM_TOO_BIG')
    }
  })

  test('what is far too big is refused early', () => {
    const chunk = 'x'.repeat(100_000)
    expect(refusal({ list: new Proxy([], { get: (_, key) => (key === 'length' ? 4e9 : chunk) }) }).code).toBe(
      'ITEM_TOO_BIG',
    )
    expect(refusal({ text: 'x'.repeat(2 ** 28) }).code).toBe('ITEM_TOO_BIG')
    expect(refusal({ binary: new Uint8Array(2 ** 28) }).code).toBe('ITEM_TOO_BIG')
  })

  test('the bounds that spare the exact count hold', () => {
    fc.assert(
      fc.property(values(), (value) => {
        for (const item of [{ a: value }, { a: [value] }, { a: { b: value } }]) {
          const encoded = encodeItem(item).length
          const counted = itemSize(item)
          expect(counted).toBeLessThanOrEqual(encoded * COUNTED_BYTES_PER_ENCODED_BYTE)
          expect(encoded).toBeLessThanOrEqual((ENCODED_BYTE_LIMIT / ITEM_BYTE_LIMIT) * counted + 64)
        }
      }),
      { numRuns: 500 },
    )
  })
})

describe('bytes that are no item', () => {
  function decoded(bytes: Uint8Array): 'item' | CorruptionError {
    try {
      decodeItem(bytes)
      return 'item'
    } catch (error) {
      if (error instanceof CorruptionError) return error
      throw error
    }
  }
  const bytesOf = (text: string): Uint8Array => Buffer.from(text.replaceAll(' ', ''), 'hex')

  test.each([
    ['nothing', '', 'there are no bytes'],
    ['another version', '03 00', 'its format is 3, this version reads 1 and 2'],
    ['names in a dictionary', '02 01', 'its names are in a dictionary that is not there'],
    ['no names', '01', 'a length does not end'],
    ['names past the end', '01 05 0161', 'its names run past its end'],
    ['a name past the names', '01 02 0561 00', 'a string runs past its end'],
    ['a value missing', '01 02 0161', 'it ends in the middle of its values'],
    ['something after it', '01 00 00', 'there are bytes after the end of the item'],
    ['an unknown type', '01 02 0161 3f', 'there is no type 0x3f'],
    ['a string past the end', '01 02 0161 8261', 'a string runs past its end'],
    ['a long string past the end', '01 02 0161 08ff7f61', 'a value runs past its end'],
    ['a length without end', '01 02 0161 08ffffffffff', 'a length does not end'],
    ['a negative length', '01 02 0161 08ffffffff0f', 'a length does not end'],
    ['a double cut off', '01 02 0161 04000000', 'a number runs past its end'],
    ['NaN', '01 02 0161 04000000000000f87f', 'a number is not finite'],
    ['an integer without end', '01 02 0161 03ffffffffffffffffffff', 'an integer does not end'],
    ['an integer beyond doubles', '01 02 0161 03ffffffffffffff7f', 'an integer does not end, or is too large'],
    ['a decimal that is none', '01 02 0161 07026162', 'a number is none'],
    ['a bigint with a fraction', '01 02 0161 0604312e3235', 'an integer is none'],
    ['a list of more than there is', '01 02 0161 0b020500', 'it has fewer elements than it says'],
    ['a list longer than its elements', '01 02 0161 0b03010000', 'a list or map has another length than it says'],
    ['an empty set', '01 02 0161 0d0100', 'a set is empty'],
    ['a set with an element twice', '01 02 0161 0d0502 8161 8161', 'a set is empty or has an element twice'],
    ['a set of another type', '01 02 0161 0d020141', 'a set holds an element of another type'],
    ['no UTF-8', '01 02 0161 0902ff41', 'a string is not UTF-8'],
    ['half a surrogate pair', '01 02 0161 0903eda080', 'a string is not UTF-8'],
    ['a name that is no UTF-8', '01 02 01ff 00', 'a string is not UTF-8'],
    ['the same name twice', '01 04 0161 0161 00 00', 'it has the same name twice'],
  ])('%s', (_what, text, reason) => {
    expect(String(decoded(bytesOf(text)))).toContain(reason)
  })

  test('lists and sets that nest too deep are refused without using the stack', () => {
    for (const tag of [0x0b, 0x0d]) {
      let inner = Buffer.from([0x00])
      for (let level = 0; level < 60; level++) inner = Buffer.concat([Buffer.from([tag, inner.length + 1, 1]), inner])
      expect(decoded(Buffer.concat([bytesOf('01 02 0161'), inner]))).toBeInstanceOf(CorruptionError)
    }
    const long = Buffer.alloc(300_000, Buffer.from([0x0d, 0x80, 0x80, 0x08, 0x01]))
    expect(decoded(Buffer.concat([bytesOf('01 02 0161'), long]))).toBeInstanceOf(CorruptionError)
  })

  test('a name __proto__ becomes a property', () => {
    const item = decodeItem(bytesOf('01 0a 095f5f70726f746f5f5f 0c04 02 0161 41'))
    expect(Object.keys(item)).toEqual(['__proto__'])
    expect(Object.getPrototypeOf(item)).toBe(Object.prototype)
    expect(item['a']).toBe(undefined)
    expect(Object.getOwnPropertyDescriptor(item, '__proto__')?.value).toEqual({ a: 1 })
  })

  test('whatever the bytes are, there is an item or a CorruptionError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.boolean(), (bytes, version) => {
        if (version && bytes.length > 0) bytes[0] = 1
        decoded(bytes)
      }),
      { numRuns: 3000 },
    )
  })

  test('an item with a byte changed, or cut short, is another item or a CorruptionError', () => {
    fc.assert(
      fc.property(items(), fc.nat(), fc.nat(255), (item, position, byte) => {
        const bytes = encodeItem(item)
        for (const name of [...Object.keys(item), 'none']) {
          try {
            decodeAttribute(bytes.subarray(0, position % bytes.length), name)
          } catch (error) {
            expect(error).toBeInstanceOf(CorruptionError)
          }
        }
        expect(decoded(bytes.subarray(0, position % bytes.length))).toBeInstanceOf(CorruptionError)
        bytes[position % bytes.length] = byte
        decoded(bytes)
      }),
      { numRuns: 1000 },
    )
  })
})

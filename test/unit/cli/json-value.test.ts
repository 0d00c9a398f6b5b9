/** What is written as JSON is read back as an equal value, whatever it is. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bytesFromBase64, parseValue, stringifyValue } from '../../../src/cli/json-value.js'
import { Decimal } from '../../../src/model/item/decimal.js'
import { equalValues } from '../../../src/model/item/equality.js'
import { binaries, items, numberValues, values } from '../model/arbitrary.js'

const ROUNDS = Number(process.env['ROUNDS'] ?? 500)

describe('round trip', () => {
  test('of any item', () => {
    fc.assert(
      fc.property(items(), (item) => {
        expect(equalValues(parseValue(stringifyValue(item)), item)).toBe(true)
      }),
      { numRuns: ROUNDS },
    )
  })

  test('of any number, exactly', () => {
    fc.assert(
      fc.property(numberValues(), (number) => {
        expect(equalValues(parseValue(stringifyValue(number)), number)).toBe(true)
        expect(equalValues(parseValue(stringifyValue({ a: [number, 'x'] })), { a: [number, 'x'] })).toBe(true)
      }),
      { numRuns: ROUNDS },
    )
  })

  test('of maps that look like special forms', () => {
    const name = fc.constantFrom('$binary', '$set', '$number', '$literal', 'a', '__proto__')
    const map = fc.tuple(name, values()).map(([key, value]) => Object.fromEntries([[key, value]]))
    const nested = fc.tuple(name, map).map(([key, value]) => Object.fromEntries([[key, value]]))
    fc.assert(
      fc.property(fc.oneof(map, nested), (value) => {
        expect(equalValues(parseValue(stringifyValue(value)), value)).toBe(true)
      }),
      { numRuns: ROUNDS },
    )
  })

  test('gives one line, and plain JSON for plain values', () => {
    const json = fc.jsonValue({ noUnicodeString: false }).filter((value) => !JSON.stringify(value).includes('$'))
    fc.assert(
      fc.property(json, (value) => {
        expect(JSON.parse(stringifyValue(value))).toEqual(JSON.parse(JSON.stringify(value)))
        expect(stringifyValue(value)).not.toMatch(/[\r\n]/)
      }),
      { numRuns: ROUNDS },
    )
  })
})

describe('writing', () => {
  test('uses digits without quotes for numbers of any size', () => {
    const value = { a: 12345678901234567890n, b: Decimal.from('0.12345678901234567890123'), c: -0 }
    expect(stringifyValue(value)).toBe(
      '{"a":12345678901234567890,"b":0.1234567890123456789012 3,"c":0}'.replace(' ', ''),
    )
  })

  test('names bytes and sets', () => {
    const value = { a: new Uint8Array([1, 2, 3]), b: new Set(['x']), c: new Set([1n]) }
    expect(stringifyValue(value)).toBe('{"a":{"$binary":"AQID"},"b":{"$set":["x"]},"c":{"$set":[1]}}')
  })

  test('escapes only maps with that one name', () => {
    expect(stringifyValue({ $set: 1 })).toBe('{"$literal":{"$set":1}}')
    expect(stringifyValue({ $literal: { $set: 1 } })).toBe('{"$literal":{"$literal":{"$literal":{"$set":1}}}}')
    expect(stringifyValue({ $set: 1, a: 2 })).toBe('{"$set":1,"a":2}')
  })
})

describe('reading', () => {
  test('keeps long numbers exact, and short ones numbers', () => {
    expect(parseValue('[9007199254740993, 0.1, 1e3, 12345678901234567890]')).toEqual([
      9007199254740993n,
      0.1,
      1000,
      12345678901234567890n,
    ])
    expect(String(parseValue('0.1000000000000000055511151231257827'))).toBe('0.1000000000000000055511151231257827')
  })

  test('leaves digits in strings alone', () => {
    const value = { 'a 12345678901234567890': 'x\\"12345678901234567890e5', b: '1e9', c: 12345678901234567890n }
    expect(parseValue(stringifyValue(value))).toEqual(value)
  })

  test('takes $number as a number, for programs that can write no other', () => {
    expect(parseValue('{"a":{"$number":"12345678901234567890"},"b":{"$number":"1.50"}}')).toEqual({
      a: 12345678901234567890n,
      b: 1.5,
    })
  })

  test('knows a special form by its name however it is spelled', () => {
    expect(parseValue('{"\\u0024set":["a"]}')).toEqual(new Set(['a']))
  })

  test.each(['', '{', '{"a":1}}', '12345678901234567890x', '{"a":01}', 'NaN'])(
    'refuses %j, which is no JSON',
    (text) => {
      expect(() => parseValue(text)).toThrow(SyntaxError)
    },
  )

  test.each([
    '{"$binary":1}',
    '{"$binary":"a b"}',
    '{"$set":"a"}',
    '{"$set":["a","a"]}',
    '{"$literal":[]}',
    '{"$literal":null}',
    '{"$number":1}',
  ])('refuses %s, which is no special form', (text) => {
    expect(() => parseValue(text)).toThrow(SyntaxError)
  })

  test('refuses numbers that no table can hold', () => {
    expect(() => parseValue('1e400')).toThrow(/overflow/)
    expect(() => parseValue('1234567890123456789012345678901234567891')).toThrow(/38 significant digits/)
  })

  test('sets no prototype', () => {
    const value = parseValue('{"__proto__":{"a":{"$set":[1]}},"b":1}') as object
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
    expect(Object.keys(value)).toEqual(['__proto__', 'b'])
  })
})

describe('base64', () => {
  test('of both alphabets, with padding or without', () => {
    fc.assert(
      fc.property(binaries(), (bytes) => {
        const text = Buffer.from(bytes).toString('base64')
        expect(bytesFromBase64(text)).toEqual(bytes)
        expect(bytesFromBase64(text.replace(/=/g, ''))).toEqual(bytes)
        expect(bytesFromBase64(Buffer.from(bytes).toString('base64url'))).toEqual(bytes)
      }),
    )
  })

  test.each(['a', 'AQ==x', 'A Q', 'ä'])('refuses %j', (text) => {
    expect(() => bytesFromBase64(text)).toThrow('is not base64')
  })
})

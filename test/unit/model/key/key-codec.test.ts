/** Keys as byte strings: by property for order, prefixes and round trips; by table for the bytes themselves. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CorruptionError, ValidationException } from '../../../../src/errors.js'
import { compareNumbers, Decimal } from '../../../../src/model/item/decimal.js'
import { equalValues } from '../../../../src/model/item/equality.js'
import {
  byteLengthOfKeyPart,
  decodeKeyPart,
  encodeKeyPart,
  encodeStringPrefix,
  type KeyValue,
  keyPartType,
  prefixUpperBound,
  skipKeyPart,
  skipKeyPartIn,
} from '../../../../src/model/key/key-codec.js'
import { keyBinaries, keyTexts, keyValues, numberValues } from '../arbitrary.js'

const hex = (bytes: string): string => Buffer.from(bytes, 'latin1').toString('hex')
const isBytes = (text: string): boolean => [...text].every((character) => character.charCodeAt(0) <= 0xff)
const order = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0)

/** The order DynamoDB promises for values of one type. */
function orderOfValues(left: KeyValue, right: KeyValue): number {
  if (typeof left === 'string' && typeof right === 'string')
    return Buffer.compare(Buffer.from(left), Buffer.from(right))
  if (left instanceof Uint8Array && right instanceof Uint8Array) return Buffer.compare(left, right)
  return compareNumbers(left as number, right as number)
}

/** Two values of one type. */
function pairs(): fc.Arbitrary<readonly [KeyValue, KeyValue]> {
  return fc.oneof(
    fc.tuple(keyTexts(), keyTexts()),
    fc.tuple(numberValues(), numberValues()),
    fc.tuple(keyBinaries(), keyBinaries()),
  )
}

describe('the bytes', () => {
  test.each<[KeyValue, string]>([
    ['ada', '53' + '616461' + '0000'],
    ['', '530000'],
    ['ä', '53' + 'c3a4' + '0000'],
    ['a\0b', '53' + '6100ff62' + '0000'],
    [Uint8Array.of(0, 255), '42' + '00ffff' + '0000'],
    [0, '4e' + '02'],
    [-0, '4e' + '02'],
    [1, '4e' + '03' + '82' + '0b' + '00'],
    [42.5, '4e' + '03' + '83' + '2b33' + '00'],
    [-42.5, '4e' + '01' + '7c' + 'd4cc' + 'ff'],
    [Decimal.from('1e-130'), '4e' + '03' + '00' + '0b' + '00'],
    [Decimal.from('9.9e125'), '4e' + '03' + 'ff' + '64' + '00'],
  ])('of %s are those that architecture/key-format.md says', (value, expected) => {
    expect(hex(encodeKeyPart(value))).toBe(expected)
  })

  test('of 38 digits are 23', () => {
    expect(encodeKeyPart(Decimal.from(`-${'9'.repeat(38)}`)).length).toBe(23)
  })
})

test('encodings are byte strings in the order of their values', () => {
  fc.assert(
    fc.property(pairs(), ([left, right]) => {
      const a = encodeKeyPart(left)
      const b = encodeKeyPart(right)
      expect(isBytes(a)).toBe(true)
      expect(order(a, b)).toBe(Math.sign(orderOfValues(left, right)))
    }),
    { numRuns: 3000 },
  )
})

test('a list of known numbers sorts by its bytes', () => {
  const numbers = ['-9.9e125', '-1e125', '-100', '-99.5', '-99', '-10', '-1.5', '-1.05', '-1', '-0.5', '-1e-130', '0']
  const all = [
    ...numbers,
    '1e-130',
    '2e-130',
    '0.05',
    '0.5',
    '1',
    '1.05',
    '1.5',
    '9',
    '10',
    '10.01',
    '99',
    '100',
    '1e125',
  ]
  expect(all.map((text) => encodeKeyPart(Decimal.from(text))).toSorted(order)).toEqual(
    all.map((text) => encodeKeyPart(Decimal.from(text))),
  )
})

test('no encoding begins another of its type, and pairs sort part by part', () => {
  fc.assert(
    fc.property(pairs(), pairs(), ([a, b], [c, d]) => {
      const [left, right] = [encodeKeyPart(a), encodeKeyPart(b)]
      if (left !== right) expect(right.startsWith(left)).toBe(false)
      const expected = orderOfValues(a, b) || orderOfValues(c, d)
      expect(order(left + encodeKeyPart(c), right + encodeKeyPart(d))).toBe(Math.sign(expected))
    }),
    { numRuns: 2000 },
  )
})

test('decoding gives back the values, one part after the other', () => {
  fc.assert(
    fc.property(fc.array(keyValues(), { maxLength: 4 }), (values) => {
      const bytes = values.map(encodeKeyPart).join('')
      let offset = 0
      for (const value of values) {
        const decoded = decodeKeyPart(bytes, offset)
        expect(equalValues(decoded.value, value)).toBe(true)
        expect(skipKeyPart(bytes, offset)).toBe(decoded.end)
        expect(skipKeyPartIn(Buffer.from(`${bytes}\0`, 'latin1'), offset, bytes.length)).toBe(decoded.end)
        offset = decoded.end
      }
      expect(offset).toBe(bytes.length)
    }),
  )
})

test('whatever the bytes are, parts end where the same text has them end', () => {
  const end = (run: () => number): number | string => {
    try {
      return run()
    } catch (failure) {
      if (failure instanceof CorruptionError) return 'refused'
      throw failure
    }
  }
  const byte = fc.oneof(
    fc.constantFrom(0x00, 0xff, 0x53, 0x4e, 0x42, 0x01, 0x02, 0x03),
    fc.integer({ min: 0, max: 255 }),
  )
  fc.assert(
    fc.property(fc.array(byte, { maxLength: 12 }), fc.nat({ max: 13 }), (bytes, offset) => {
      const text = Buffer.from(bytes).toString('latin1')
      // What is behind the end is not looked at.
      const more = Uint8Array.from([...bytes, 0, 0, 0])
      expect(end(() => skipKeyPartIn(more, offset, bytes.length))).toBe(end(() => skipKeyPart(text, offset)))
    }),
    { numRuns: 20_000 },
  )
})

test('a number comes back in its narrowest form', () => {
  expect(decodeKeyPart(encodeKeyPart(5n), 0).value).toBe(5)
  expect(decodeKeyPart(encodeKeyPart(2n ** 100n), 0).value).toBe(2n ** 100n)
  expect(decodeKeyPart(encodeKeyPart(Decimal.from('0.10')), 0).value).toBe(0.1)
})

test('the prefix of a string begins exactly the strings that begin with it', () => {
  fc.assert(
    fc.property(keyTexts(), keyTexts(), fc.boolean(), (prefix, rest, related) => {
      const text = related ? prefix + rest : rest
      if (!(text as string & { isWellFormed(): boolean }).isWellFormed()) return
      expect(encodeKeyPart(text).startsWith(encodeStringPrefix(prefix))).toBe(text.startsWith(prefix))
    }),
  )
})

test('the upper bound of a prefix is above all that begin with it, and nothing is between', () => {
  expect(prefixUpperBound('')).toBe(undefined)
  expect(prefixUpperBound('\xff\xff')).toBe(undefined)
  expect(prefixUpperBound('a\xff')).toBe('b')
  const bytes = fc.uint8Array({ maxLength: 4 }).map((values) => Buffer.from(values).toString('latin1'))
  fc.assert(
    fc.property(bytes, bytes, (prefix, other) => {
      const upper = prefixUpperBound(prefix)
      expect(other >= prefix && (upper === undefined || other < upper)).toBe(other.startsWith(prefix))
    }),
    { numRuns: 2000 },
  )
})

test('what can be in a key has a type and a length', () => {
  expect([keyPartType('a'), keyPartType(1n), keyPartType(Uint8Array.of(1)), keyPartType(null)]).toEqual([
    'S',
    'N',
    'B',
    undefined,
  ])
  expect(byteLengthOfKeyPart('ä€')).toBe(5)
  expect(byteLengthOfKeyPart(new Uint8Array(7))).toBe(7)
})

test('what has no bytes is refused', () => {
  for (const [value, code] of [
    ['\ud800', 'VALUE_TEXT'],
    [Number.NaN, 'NUMBER_NOT_FINITE'],
    [1e300, 'NUMBER_RANGE'],
    [10n ** 38n + 1n, 'NUMBER_DIGITS'],
  ] as const) {
    let thrown: unknown
    try {
      encodeKeyPart(value)
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(ValidationException)
    expect((thrown as ValidationException).code).toBe(code)
  }
})

test('bytes that are no key end in a CorruptionError', () => {
  for (const text of [
    '',
    'X',
    'S',
    'Sab',
    'Sa\0',
    'Sa\0\x01',
    'S\xff\0\0',
    'N',
    'N\x04',
    'N\x03\x80',
    'N\x03\x80\x01\0',
  ]) {
    expect(() => decodeKeyPart(text, 0), JSON.stringify(text)).toThrow(CorruptionError)
  }
  expect(() => decodeKeyPart('N\x03\x80\0', 0)).toThrow(CorruptionError)
  expect(() => decodeKeyPart('N\x03\x80\xf0\0', 0)).toThrow(CorruptionError)
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 30 }), fc.constantFrom('S', 'N', 'B', ''), (values, type) => {
      try {
        decodeKeyPart(type + Buffer.from(values).toString('latin1'), 0)
      } catch (error) {
        expect(error).toBeInstanceOf(CorruptionError)
      }
    }),
    { numRuns: 2000 },
  )
})

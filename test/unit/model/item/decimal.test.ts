/** Numbers, by table where DynamoDB says what must come out, and by property against BigInt arithmetic. */
import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ValidationException } from '../../../../src/errors.js'
import {
  addNumbers,
  checkNumber,
  compareNumbers,
  Decimal,
  isNumberValue,
  numberFromParts,
  numberFromText,
  numberParts,
  plainText,
} from '../../../../src/model/item/decimal.js'
import { decimalTexts, numberValues } from '../arbitrary.js'

function codeOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (error instanceof ValidationException) return error.code
    throw error
  }
  return 'nothing thrown'
}

describe('Decimal.from', () => {
  test.each([
    ['0042.1200', '42.12'],
    ['+5', '5'],
    ['.5', '0.5'],
    ['5.', '5'],
    ['1.e5', '100000'],
    ['-0', '0'],
    ['-0.50', '-0.5'],
    ['0.000', '0'],
    ['0e125', '0'],
    ['1E125', `1${'0'.repeat(125)}`],
    ['1E-130', `0.${'0'.repeat(129)}1`],
    ['-1.5e-3', '-0.0015'],
    ['12e+1', '120'],
    ['9.9999999999999999999999999999999999999E+125', `${'9'.repeat(38)}${'0'.repeat(88)}`],
    [`${'0'.repeat(200)}7`, '7'],
  ])('prints %s as %s', (text, expected) => {
    expect(Decimal.from(text).toString()).toBe(expected)
    expect(JSON.stringify(Decimal.from(text))).toBe(`"${expected}"`)
  })

  test.each([
    ['', 'NUMBER_SYNTAX'],
    [' 1', 'NUMBER_SYNTAX'],
    ['1 ', 'NUMBER_SYNTAX'],
    ['1\n', 'NUMBER_SYNTAX'],
    ['0x10', 'NUMBER_SYNTAX'],
    ['1e', 'NUMBER_SYNTAX'],
    ['.', 'NUMBER_SYNTAX'],
    ['-', 'NUMBER_SYNTAX'],
    ['1_000', 'NUMBER_SYNTAX'],
    ['١', 'NUMBER_SYNTAX'],
    ['NaN', 'NUMBER_SYNTAX'],
    ['Infinity', 'NUMBER_SYNTAX'],
    ['1e9223372036854775808', 'NUMBER_SYNTAX'],
    ['1e126', 'NUMBER_RANGE'],
    ['-1e126', 'NUMBER_RANGE'],
    ['1e99999999999', 'NUMBER_RANGE'],
    ['9e-131', 'NUMBER_RANGE'],
    ['0e126', 'NUMBER_RANGE'],
    ['0e-131', 'NUMBER_RANGE'],
    ['123456789012345678901234567890123456789', 'NUMBER_DIGITS'],
    ['-1.23456789012345678901234567890123456789', 'NUMBER_DIGITS'],
  ])('refuses %j with %s', (text, code) => {
    expect(codeOf(() => Decimal.from(text))).toBe(code)
  })

  test('refuses a text of a million digits at once', () => {
    expect(codeOf(() => Decimal.from('7'.repeat(1_000_000)))).toBe('NUMBER_DIGITS')
    expect(codeOf(() => Decimal.from(`${'7'.repeat(1_000_000)}x`))).toBe('NUMBER_SYNTAX')
    expect(codeOf(() => Decimal.from(7n ** 400_000n))).toBe('NUMBER_RANGE')
  })

  test('takes a number, a bigint and a Decimal too', () => {
    expect(Decimal.from(1e21).toString()).toBe('1000000000000000000000')
    expect(Decimal.from(-0).toString()).toBe('0')
    expect(Decimal.from(2n ** 100n).toString()).toBe((2n ** 100n).toString())
    const one = Decimal.from('1.5')
    expect(Decimal.from(one)).toBe(one)
    expect(codeOf(() => Decimal.from(Number.NaN))).toBe('NUMBER_NOT_FINITE')
    expect(codeOf(() => Decimal.from(2n ** 200n))).toBe('NUMBER_DIGITS')
  })
})

test('a Decimal prints itself in the console', () => {
  expect(inspect(Decimal.from('1.5'))).toBe('Decimal(1.5)')
})

test('a Decimal compares as a number with < and >', () => {
  expect(Decimal.from('9.5') < Decimal.from('10.5')).toBe(true)
  expect(Decimal.from('1.5').toNumber()).toBe(1.5)
})

test('checkNumber takes what can be stored, and makes -0 a 0', () => {
  expect(Object.is(checkNumber(-0), 0)).toBe(true)
  expect(checkNumber(1.7e-100)).toBe(1.7e-100)
  expect(codeOf(() => checkNumber(Number.POSITIVE_INFINITY))).toBe('NUMBER_NOT_FINITE')
  expect(codeOf(() => checkNumber(1e126))).toBe('NUMBER_RANGE')
  expect(codeOf(() => checkNumber(5e-324))).toBe('NUMBER_RANGE')
  expect(codeOf(() => checkNumber('5'))).toBe('NUMBER_SYNTAX')
  expect(isNumberValue('5')).toBe(false)
  expect(isNumberValue(Decimal.from('5'))).toBe(true)
})

test.each([
  ['5', 5],
  ['-5', -5],
  ['-0', 0],
  ['0.1', 0.1],
  ['9007199254740993', 9007199254740993n],
  ['1e21', 1e21],
  ['1e125', 1e125],
  ['-123456789012345678901234567890', -123456789012345678901234567890n],
])('the narrowest form of %s is %s', (text, expected) => {
  expect(Object.is(numberFromText(text), expected)).toBe(true)
})

test('a fraction that no double holds is a Decimal', () => {
  const value = numberFromText('0.12345678901234567890')
  expect(value).toBeInstanceOf(Decimal)
  expect(String(value)).toBe('0.1234567890123456789')
})

test('numberFromText keeps the number exactly, whatever form it chooses', () => {
  fc.assert(
    fc.property(decimalTexts(), (text) => {
      expect(Decimal.from(numberFromText(text)).toString()).toBe(Decimal.from(text).toString())
    }),
  )
})

test('taking a number apart and putting it together changes nothing', () => {
  fc.assert(
    fc.property(numberValues(), (value) => {
      expect(compareNumbers(numberFromParts(numberParts(value)), value)).toBe(0)
    }),
  )
})

/** The number times 10^130, which is always an integer. */
function scaled(value: string): bigint {
  const [integer = '', fraction = ''] = value.replace('-', '').split('.')
  return BigInt(integer + fraction.padEnd(200, '0')) * (value.startsWith('-') ? -1n : 1n)
}

test('compareNumbers agrees with exact integer arithmetic across the three types', () => {
  fc.assert(
    fc.property(numberValues(), numberValues(), (left, right) => {
      const a = scaled(plainText(numberParts(left)))
      const b = scaled(plainText(numberParts(right)))
      expect(Math.sign(compareNumbers(left, right))).toBe(a < b ? -1 : a > b ? 1 : 0)
      expect(Math.sign(Decimal.from(left).compareTo(right))).toBe(a < b ? -1 : a > b ? 1 : 0)
    }),
  )
})

test('addNumbers is exact, or refuses', () => {
  fc.assert(
    fc.property(numberValues(), numberValues(), (left, right) => {
      const exact = scaled(plainText(numberParts(left))) + scaled(plainText(numberParts(right)))
      let sum: ReturnType<typeof addNumbers>
      try {
        sum = addNumbers(left, right)
      } catch (error) {
        expect((error as ValidationException).code).toMatch(/NUMBER_(DIGITS|RANGE)/)
        return
      }
      expect(scaled(plainText(numberParts(sum)))).toBe(exact)
    }),
  )
})

test('a sum keeps the type of a bigint counter while it is an integer', () => {
  expect(addNumbers(5n, 1)).toBe(6n)
  expect(addNumbers(5n, 1n)).toBe(6n)
  expect(addNumbers(5, 1n)).toBe(6)
  expect(addNumbers(5n, 0.5)).toBe(5.5)
  expect(addNumbers(0.1, 0.2)).toBe(0.3)
  expect(addNumbers(Number.MAX_SAFE_INTEGER, 2)).toBe(9007199254740993n)
  expect(Object.is(addNumbers(-0, -0), 0)).toBe(true)
  expect(Decimal.from('0.1').plus('0.2').toString()).toBe('0.3')
  expect(codeOf(() => addNumbers(1e38, 0.1))).toBe('NUMBER_DIGITS')
  expect(codeOf(() => addNumbers(9e125, 9e125))).toBe('NUMBER_RANGE')
})

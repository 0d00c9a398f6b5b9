/**
 * Numbers as DynamoDB has them: decimal, exact to 38 significant digits, between 1E-130 and 9.99…E+125.
 *
 * A number is the decimal it prints as: `0.1` is one tenth (its shortest text), not the double nearest to it. So a
 * number, a bigint and a `Decimal` that print the same number are equal, sort alike and make the same key.
 * Nothing is ever rounded: what does not fit is refused, in AWS's words.
 */
import Big from 'big.js'
import { ValidationException } from '../../errors.js'
import type { NumberValue } from './item.js'

/** How many significant digits a number may have. */
export const NUMBER_DIGIT_LIMIT = 38
/** The exponents of the largest and the smallest magnitude, in scientific notation. */
export const NUMBER_EXPONENT_MAXIMUM = 125
export const NUMBER_EXPONENT_MINIMUM = -130
/** The longest text that is read as a number at all: room for every number written out, and for some zeros. */
const NUMBER_TEXT_LIMIT = 1000

/**
 * A number taken apart: `sign × d.ddd × 10^exponent`, where `digits` are the significant digits `dddd` without zeros at
 * either end. Zero has the sign 0, the exponent 0 and no digits.
 */
export interface NumberParts {
  readonly sign: -1 | 0 | 1
  readonly exponent: number
  readonly digits: string
}

const ZERO: NumberParts = { sign: 0, exponent: 0, digits: '' }

/**
 * A decimal number of up to 38 significant digits. Immutable; prints without exponent and without needless zeros.
 *
 * ```ts
 * Decimal.from('0042.1200').toString() // '42.12'
 * Decimal.from('0.1').plus(0.2).toString() // '0.3'
 * ```
 */
export class Decimal {
  /** Only what the constructor has made has it: an object may say that it is one, and hold anything. */
  readonly #isMade: true = true
  private readonly text: string

  static {
    // Declared here because a computed method name can't be part of an isolated declaration.
    Object.defineProperty(Decimal.prototype, Symbol.for('nodejs.util.inspect.custom'), {
      value(this: Decimal): string {
        return `Decimal(${this.text})`
      },
    })
  }

  /** @throws {ValidationException} When the value is not a number, or not one that DynamoDB can hold. */
  constructor(value: string | number | bigint | Decimal) {
    this.text = plainText(typeof value === 'string' ? partsFromText(value) : numberParts(checkNumber(value)))
    Object.freeze(this)
  }

  /** The number as a `Decimal`: itself if it is one. @throws {ValidationException} As the constructor. */
  static from(value: string | number | bigint | Decimal): Decimal {
    return Decimal.is(value) ? value : new Decimal(value)
  }

  /** Whether a value is one that was made by this class. */
  static is(value: unknown): value is Decimal {
    return typeof value === 'object' && value !== null && #isMade in value
  }

  toString(): string {
    return this.text
  }

  /** The text: JSON's numbers are doubles for most readers, and would lose digits. */
  toJSON(): string {
    return this.text
  }

  /** The nearest double. */
  toNumber(): number {
    return Number(this.text)
  }

  /** The nearest double, so that `<` and `>` compare by value and not by text. */
  valueOf(): number {
    return Number(this.text)
  }

  /** Negative, zero or positive, like the function of a sort. */
  compareTo(other: string | NumberValue): number {
    return compareParts(numberParts(this), numberParts(typeof other === 'string' ? Decimal.from(other) : other))
  }

  /** @throws {ValidationException} When the sum has more digits than a number can hold. */
  plus(other: string | NumberValue): Decimal {
    return Decimal.from(sumText(this.text, Decimal.from(other).text))
  }
}

/** Whether the value is of a type that holds numbers. It may still be one that can't be stored: see `checkNumber`. */
export function isNumberValue(value: unknown): value is NumberValue {
  return typeof value === 'number' || typeof value === 'bigint' || Decimal.is(value)
}

/**
 * The value, if it is a number that can be stored; `-0` comes back as `0`.
 *
 * @throws {ValidationException} NUMBER_NOT_FINITE, NUMBER_RANGE, NUMBER_DIGITS, or NUMBER_SYNTAX when it is no number.
 */
export function checkNumber(value: unknown): NumberValue {
  if (typeof value === 'number') {
    if (Number.isSafeInteger(value)) return value + 0
    if (!Number.isFinite(value)) throw notConvertible('NUMBER_NOT_FINITE', String(value))
    const magnitude = Math.abs(value)
    if (magnitude >= 1e126) throw overflow()
    if (magnitude < 1e-130) throw underflow()
    return value
  }
  if (typeof value === 'bigint') {
    if (value >= -9007199254740991n && value <= 9007199254740991n) return value
    // Before the digits are counted: printing a number of a million digits takes its time.
    if (value >= BIGINT_BOUND || value <= -BIGINT_BOUND) throw overflow()
    if (numberParts(value).digits.length > NUMBER_DIGIT_LIMIT) throw tooManyDigits()
    return value
  }
  if (Decimal.is(value)) return value
  throw notConvertible('NUMBER_SYNTAX', typeof value === 'string' ? value : `a value of type ${typeof value}`)
}

const BIGINT_BOUND = 10n ** 126n

/**
 * The narrowest native form that holds the number exactly: a number when the double prints as the same number, a bigint
 * when it is an integer, else a `Decimal`.
 *
 * @throws {ValidationException} NUMBER_SYNTAX, NUMBER_RANGE or NUMBER_DIGITS.
 */
export function numberFromText(text: string): NumberValue {
  const short = shortInteger(text)
  return short === undefined ? narrow(partsFromText(text)) : short
}

/**
 * The exact sum. When the first operand is a bigint and the sum is an integer, the sum is a bigint too, so that a counter
 * keeps its type; otherwise it has its narrowest form.
 *
 * @throws {ValidationException} When the sum is one that a number can't hold.
 */
export function addNumbers(left: NumberValue, right: NumberValue): NumberValue {
  if (typeof left === 'number' && typeof right === 'number') {
    const sum = left + right
    if (Number.isSafeInteger(left) && Number.isSafeInteger(right) && Number.isSafeInteger(sum)) return sum + 0
  }
  checkNumber(left)
  checkNumber(right)
  if (typeof left === 'bigint' && typeof right === 'bigint') return checkNumber(left + right)
  const sum = partsFromText(sumText(plainText(numberParts(left)), plainText(numberParts(right))))
  return typeof left === 'bigint' && isInteger(sum) ? BigInt(plainText(sum)) : narrow(sum)
}

/** Negative, zero or positive, by exact value, whichever of the three types the operands have. */
export function compareNumbers(left: NumberValue, right: NumberValue): number {
  if (typeof left === 'number') {
    if (typeof right === 'number') return left < right ? -1 : left > right ? 1 : 0
    if (typeof right === 'bigint' && Math.abs(left) <= Number.MAX_SAFE_INTEGER) {
      return left < right ? -1 : left > right ? 1 : 0
    }
  } else if (typeof left === 'bigint') {
    if (typeof right === 'bigint') return left < right ? -1 : left > right ? 1 : 0
    if (typeof right === 'number' && Math.abs(right) <= Number.MAX_SAFE_INTEGER) {
      return left < right ? -1 : left > right ? 1 : 0
    }
  }
  return compareParts(numberParts(left), numberParts(right))
}

/**
 * Sign, exponent and digits of a number. It checks neither range nor digits: `checkNumber` does.
 *
 * @throws {ValidationException} NUMBER_NOT_FINITE
 */
export function numberParts(value: NumberValue): NumberParts {
  if (typeof value === 'number' && !Number.isFinite(value)) throw notConvertible('NUMBER_NOT_FINITE', String(value))
  return splitText(String(value))
}

/** The number that has these parts, in its narrowest form. The parts are trusted to be in range. */
export function numberFromParts(parts: NumberParts): NumberValue {
  return narrow(parts)
}

/** The number written out: no exponent, no zero that could be left off. */
export function plainText({ sign, exponent, digits }: NumberParts): string {
  if (sign === 0) return '0'
  const minus = sign < 0 ? '-' : ''
  if (exponent < 0) return `${minus}0.${'0'.repeat(-exponent - 1)}${digits}`
  const integerDigits = exponent + 1
  if (digits.length <= integerDigits) return minus + digits + '0'.repeat(integerDigits - digits.length)
  return `${minus}${digits.slice(0, integerDigits)}.${digits.slice(integerDigits)}`
}

function narrow(parts: NumberParts): NumberValue {
  if (parts.sign === 0) return 0
  const text = plainText(parts)
  const number = Number(text)
  if (parts.digits.length <= 17 && compareParts(splitText(String(number)), parts) === 0) return number
  return isInteger(parts) ? BigInt(text) : Decimal.from(text)
}

function isInteger({ exponent, digits }: NumberParts): boolean {
  return digits.length <= exponent + 1
}

function compareParts(left: NumberParts, right: NumberParts): number {
  if (left.sign !== right.sign) return left.sign < right.sign ? -1 : 1
  if (left.exponent !== right.exponent) return (left.exponent < right.exponent ? -1 : 1) * left.sign
  if (left.digits === right.digits) return 0
  return (left.digits < right.digits ? -1 : 1) * left.sign
}

function sumText(left: string, right: string): string {
  return new Big(left).plus(right).toFixed()
}

/** The integer a text of plain digits says, if it is short; most numbers are. */
function shortInteger(text: string): number | undefined {
  if (text.length === 0 || text.length > 15) return undefined
  let value = 0
  for (let index = 0; index < text.length; index++) {
    const digit = text.charCodeAt(index) - 48
    if (digit < 0 || digit > 9) return undefined
    value = value * 10 + digit
  }
  return value
}

const NUMBER_SYNTAX = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE]([+-]?\d+))?$/

/** Parts of a text that someone else wrote: everything is checked, the length before anything else. */
function partsFromText(text: string): NumberParts {
  if (text.length > NUMBER_TEXT_LIMIT) {
    const code = text.charCodeAt(text.length - 1) - 48
    if (code >= 0 && code <= 9) throw tooManyDigits()
    throw notConvertible('NUMBER_SYNTAX', text)
  }
  const syntax = NUMBER_SYNTAX.exec(text)
  if (syntax === null) throw notConvertible('NUMBER_SYNTAX', text)
  const written = syntax[1] === undefined ? 0 : Number(syntax[1])
  if (Math.abs(written) >= 2 ** 63) throw notConvertible('NUMBER_SYNTAX', text)
  const parts = splitText(text)
  // DynamoDB measures a zero by the exponent it is written with.
  const exponent = parts.sign === 0 ? written : parts.exponent
  if (exponent > NUMBER_EXPONENT_MAXIMUM) throw overflow()
  if (exponent < NUMBER_EXPONENT_MINIMUM) throw underflow()
  if (parts.digits.length > NUMBER_DIGIT_LIMIT) throw tooManyDigits()
  return parts
}

/** Parts of a text that is known to be a number. */
function splitText(text: string): NumberParts {
  let start = 0
  let negative = false
  const first = text.charCodeAt(0)
  if (first === 45 /* - */ || first === 43 /* + */) {
    negative = first === 45
    start = 1
  }
  let end = text.length
  let exponent = 0
  for (let index = start; index < end; index++) {
    const code = text.charCodeAt(index)
    if (code === 101 /* e */ || code === 69 /* E */) {
      exponent = Number(text.slice(index + 1))
      end = index
    }
  }
  const point = text.indexOf('.', start)
  let digits =
    point < 0 || point >= end ? text.slice(start, end) : text.slice(start, point) + text.slice(point + 1, end)
  const integerDigits = point < 0 || point >= end ? end - start : point - start
  let zeros = 0
  while (zeros < digits.length && digits.charCodeAt(zeros) === 48) zeros++
  let last = digits.length
  while (last > zeros && digits.charCodeAt(last - 1) === 48) last--
  if (zeros === last) return ZERO
  digits = digits.slice(zeros, last)
  return { sign: negative ? -1 : 1, exponent: exponent + integerDigits - 1 - zeros, digits }
}

function notConvertible(code: 'NUMBER_SYNTAX' | 'NUMBER_NOT_FINITE', text: string): ValidationException {
  const shown = text.length > 100 ? `${text.slice(0, 100)}…` : text
  return new ValidationException(code, `The parameter cannot be converted to a numeric value: ${shown}`)
}

function tooManyDigits(): ValidationException {
  return new ValidationException('NUMBER_DIGITS', 'Attempting to store more than 38 significant digits in a Number')
}

function overflow(): ValidationException {
  return new ValidationException(
    'NUMBER_RANGE',
    'Number overflow. Attempting to store a number with magnitude larger than supported range',
  )
}

function underflow(): ValidationException {
  return new ValidationException(
    'NUMBER_RANGE',
    'Number underflow. Attempting to store a number with magnitude smaller than supported range',
  )
}

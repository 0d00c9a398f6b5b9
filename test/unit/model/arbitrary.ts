/** Values to test with: numbers, texts, bytes and whole items, as fast-check draws them. */
import fc from 'fast-check'
import { Decimal, numberParts } from '../../../src/model/item/decimal.js'
import type { Item, NumberValue } from '../../../src/model/item/item.js'

/** Numbers as text, in scientific notation, over the whole range of exponents and up to 38 digits. */
export function decimalTexts(): fc.Arbitrary<string> {
  const digits = fc.oneof(
    fc.bigInt({ min: 0n, max: 999n }),
    fc.bigInt({ min: 0n, max: 10n ** 17n }),
    fc.bigInt({ min: 0n, max: 10n ** 38n - 1n }),
  )
  const exponent = fc.oneof(fc.integer({ min: -6, max: 6 }), fc.integer({ min: -130, max: 125 }))
  return fc.tuple(fc.boolean(), digits, exponent).map(([negative, value, power]) => {
    const text = value.toString()
    const shown = text.length === 1 ? text : `${text[0]}.${text.slice(1)}`
    return `${negative ? '-' : ''}${shown}e${power}`
  })
}

function inRange(value: number | bigint): boolean {
  const { exponent, digits } = numberParts(value)
  return exponent >= -130 && exponent <= 125 && digits.length <= 38
}

/** Numbers of all three types that hold them. */
export function numberValues(): fc.Arbitrary<NumberValue> {
  return fc.oneof(
    fc.integer({ min: -20, max: 20 }),
    fc.maxSafeInteger(),
    fc
      .double({ noNaN: true, noDefaultInfinity: true })
      .filter(inRange)
      .map((value) => value + 0),
    fc.integer({ min: -2000, max: 2000 }).map((value) => value / 100),
    fc.bigInt({ min: -20n, max: 20n }),
    fc.bigInt({ min: -(10n ** 38n), max: 10n ** 38n }).filter(inRange),
    decimalTexts().map((text) => Decimal.from(text)),
  )
}

/** Well-formed strings: plain ASCII, latin-1 and everything, short and around the lengths where encoders switch. */
export function texts(): fc.Arbitrary<string> {
  const latin = fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code))
  return fc.oneof(
    fc.string({ maxLength: 12 }),
    fc.string({ minLength: 18, maxLength: 150 }),
    fc.string({ unit: latin, maxLength: 150 }),
    fc.string({ unit: 'binary', maxLength: 60 }),
  )
}

export function binaries(): fc.Arbitrary<Uint8Array> {
  return fc.uint8Array({ maxLength: 40 }).map((bytes) => new Uint8Array(bytes))
}

/** Names of attributes: anything that is allowed to be one. */
export function names(): fc.Arbitrary<string> {
  return fc
    .oneof(fc.constantFrom('id', 'a', 'b', 'status', 'constructor', 'toString', '0', '7'), texts())
    .filter((name) => name !== '' && name !== '__proto__')
}

function numberSets(): fc.Arbitrary<Set<NumberValue>> {
  return fc
    .uniqueArray(numberValues(), { minLength: 1, maxLength: 5, selector: (value) => Decimal.from(value).toString() })
    .map((values) => new Set(values))
}

function binarySets(): fc.Arbitrary<Set<Uint8Array>> {
  return fc
    .uniqueArray(binaries(), { minLength: 1, maxLength: 4, selector: (bytes) => String(bytes) })
    .map((values) => new Set(values))
}

/** Values of all ten types, nested a few levels. */
export function values(): fc.Arbitrary<unknown> {
  return fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4, depthSize: 'small', withCrossShrink: true },
      fc.constantFrom(null, true, false),
      numberValues(),
      texts(),
      binaries(),
      fc.uniqueArray(texts(), { minLength: 1, maxLength: 5 }).map((all) => new Set(all)),
      numberSets(),
      binarySets(),
      fc.array(tie('value'), { maxLength: 6 }),
      fc.dictionary(names(), tie('value'), { maxKeys: 6, noNullPrototype: true }),
    ),
  })).value
}

export function items(): fc.Arbitrary<Item> {
  return fc.dictionary(names(), values(), { maxKeys: 12, noNullPrototype: true })
}

/** Strings as keys: anything, and often with zeros and the characters whose UTF-16 order is not their UTF-8 order. */
export function keyTexts(): fc.Arbitrary<string> {
  const unit = fc.constantFrom('\0', '\x01', 'a', 'b', '\x7f', '\x80', 'ÿ', '\ud7ff', '\ue000', '\uffff', '😀')
  return fc.oneof(fc.string({ unit, maxLength: 6 }), fc.string({ unit: 'binary', maxLength: 20 }))
}

export function keyBinaries(): fc.Arbitrary<Uint8Array> {
  const byte = fc.constantFrom(0, 1, 127, 128, 254, 255)
  return fc.array(byte, { maxLength: 6 }).map((bytes) => Uint8Array.from(bytes))
}

export function keyValues(): fc.Arbitrary<string | NumberValue | Uint8Array> {
  return fc.oneof(keyTexts(), numberValues(), keyBinaries())
}

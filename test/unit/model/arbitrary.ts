/** Values to test with: numbers, texts, bytes and whole items, as fast-check draws them. */
import fc from 'fast-check'
import { Decimal, numberParts } from '../../../src/model/item/decimal.js'
import type { NumberValue } from '../../../src/model/item/item.js'

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
    fc.double({ noNaN: true, noDefaultInfinity: true }).filter(inRange),
    fc.integer({ min: -2000, max: 2000 }).map((value) => value / 100),
    fc.bigInt({ min: -20n, max: 20n }),
    fc.bigInt({ min: -(10n ** 38n), max: 10n ** 38n }).filter(inRange),
    decimalTexts().map((text) => Decimal.from(text)),
  )
}

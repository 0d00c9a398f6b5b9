/** Taking keys out of items: by table, with the code and AWS's sentence for each thing that can be wrong. */
import { describe, expect, test } from 'vitest'
import { ValidationException } from '../../../../src/errors.js'
import { Decimal } from '../../../../src/model/item/decimal.js'
import type { Item } from '../../../../src/model/item/item.js'
import { checkKey, type KeySchema, keyOf, typesLearned } from '../../../../src/model/key/key-schema.js'

const orders: KeySchema = { partition: { name: 'customer', type: 'S' }, sort: { name: 'placedAt', type: 'N' } }
const fresh: KeySchema = { partition: { name: 'id', type: undefined }, sort: undefined }

function refusal(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (error instanceof ValidationException) return `${error.code}: ${error.message}`
    throw error
  }
  return 'nothing thrown'
}

describe('the key of an item', () => {
  test('is the attributes that the schema names', () => {
    expect(keyOf(orders, { placedAt: -0, other: [], customer: 'ada' })).toEqual({ partition: 'ada', sort: 0 })
    expect(keyOf(fresh, { id: 5n })).toEqual({ partition: 5n, sort: undefined })
    expect(keyOf(fresh, { id: Uint8Array.of(1) })).toEqual({ partition: Uint8Array.of(1), sort: undefined })
  })

  const invalid = 'One or more parameter values were invalid: '
  test.each<[string, KeySchema, Item, string]>([
    ['missing', orders, { placedAt: 1 }, `KEY_MISSING: ${invalid}Missing the key customer in the item`],
    ['undefined', fresh, { id: undefined }, `KEY_MISSING: ${invalid}Missing the key id in the item`],
    ['inherited', fresh, Object.create({ id: 'x' }) as Item, `KEY_MISSING: ${invalid}Missing the key id in the item`],
    [
      'of another type',
      orders,
      { customer: 1, placedAt: 1 },
      `KEY_TYPE: ${invalid}Type mismatch for key customer expected: S actual: N`,
    ],
    ['a boolean', fresh, { id: true }, `KEY_TYPE: ${invalid}Type mismatch for key id expected: S, N or B actual: BOOL`],
    ['null', fresh, { id: null }, `KEY_TYPE: ${invalid}Type mismatch for key id expected: S, N or B actual: NULL`],
    [
      'a set',
      fresh,
      { id: new Set(['a']) },
      `KEY_TYPE: ${invalid}Type mismatch for key id expected: S, N or B actual: SS`,
    ],
    [
      'a Date',
      fresh,
      { id: new Date() },
      `KEY_TYPE: ${invalid}Type mismatch for key id expected: S, N or B actual: Date`,
    ],
    [
      'an empty string',
      fresh,
      { id: '' },
      'KEY_EMPTY: One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: id',
    ],
    [
      'an empty binary',
      fresh,
      { id: new Uint8Array(0) },
      'KEY_EMPTY: One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty binary value. Key: id',
    ],
    ['NaN', fresh, { id: Number.NaN }, 'NUMBER_NOT_FINITE: The parameter cannot be converted to a numeric value: NaN'],
    ['no text', fresh, { id: '\ud800' }, 'VALUE_TEXT: Cannot use the key: "id" has half a surrogate pair in it'],
  ])('may not be %s', (_what, schema, item, sentence) => {
    expect(refusal(() => keyOf(schema, item))).toContain(sentence)
  })

  test('may have 2048 bytes as partition key and 1024 as sort key', () => {
    const schema: KeySchema = { partition: { name: 'p', type: 'S' }, sort: { name: 's', type: 'S' } }
    const key = { p: 'ä'.repeat(1024), s: 'x'.repeat(1024) }
    expect(keyOf(schema, key)).toEqual({ partition: key.p, sort: key.s })
    expect(refusal(() => keyOf(schema, { ...key, p: `${key.p}x` }))).toContain('KEY_TOO_LONG')
    expect(refusal(() => keyOf(schema, { ...key, s: `${key.s}x` }))).toContain('KEY_TOO_LONG')
    expect(refusal(() => keyOf(schema, { ...key, s: 'x'.repeat(2 ** 28) }))).toContain('KEY_TOO_LONG')
    expect(keyOf(fresh, { id: Decimal.from(`${'9'.repeat(38)}e80`) }).partition).toBeInstanceOf(Object)
  })
})

describe('a key that names an item', () => {
  const mismatch = 'The provided key element does not match the schema'

  test('has exactly the attributes of the key', () => {
    expect(checkKey(orders, { customer: 'ada', placedAt: 1n })).toEqual({ partition: 'ada', sort: 1n })
  })

  test.each<[string, unknown, string]>([
    ['nothing', undefined, `KEY_TYPE: ${mismatch}`],
    ['a string', 'ada', `KEY_TYPE: ${mismatch}`],
    ['too little', { customer: 'ada' }, `KEY_MISSING: ${mismatch}: "placedAt" is missing`],
    [
      'too much',
      { customer: 'ada', placedAt: 1, status: 'open' },
      `KEY_UNKNOWN_ATTRIBUTE: ${mismatch}: "status" is not part of the key, which is made of "customer" and "placedAt"`,
    ],
    [
      'another type',
      { customer: 'ada', placedAt: '1' },
      `KEY_TYPE: ${mismatch}: Type mismatch for key placedAt expected: N actual: S`,
    ],
    ['an empty string', { customer: '', placedAt: 1 }, 'KEY_EMPTY: '],
    ['a number out of range', { customer: 'ada', placedAt: 1e300 }, 'NUMBER_RANGE: '],
  ])('is not %s', (_what, key, sentence) => {
    expect(refusal(() => checkKey(orders, key))).toContain(sentence)
  })
})

test('the first write fixes the types that were open', () => {
  expect(typesLearned(fresh, { partition: 5n, sort: undefined })).toEqual({
    partition: { name: 'id', type: 'N' },
    sort: undefined,
  })
  expect(typesLearned(orders, { partition: 'ada', sort: 1 })).toBe(orders)
  const half: KeySchema = { partition: { name: 'p', type: 'S' }, sort: { name: 's', type: undefined } }
  expect(typesLearned(half, { partition: 'x', sort: Uint8Array.of(1) }).sort).toEqual({ name: 's', type: 'B' })
})

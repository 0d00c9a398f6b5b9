/** Ranges of sort keys, by property against a filter over values, and by table for conditions that are none. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ValidationException } from '../../../../src/errors.js'
import { compareNumbers, isNumberValue } from '../../../../src/model/item/decimal.js'
import { encodeKeyPart, type KeyValue } from '../../../../src/model/key/key-codec.js'
import { type KeyRange, sortKeyRange } from '../../../../src/model/key/key-range.js'
import type { KeyAttribute } from '../../../../src/model/key/key-schema.js'
import { keyBinaries, keyTexts, keyValues, numberValues } from '../arbitrary.js'

function compare(left: KeyValue, right: KeyValue): number {
  if (isNumberValue(left) && isNumberValue(right)) return compareNumbers(left, right)
  return Buffer.compare(Buffer.from(left as string), Buffer.from(right as string))
}

function beginsWith(value: KeyValue, prefix: KeyValue): boolean {
  return Buffer.from(value as string).indexOf(Buffer.from(prefix as string)) === 0
}

const inside = (key: string, { lower, upper }: KeyRange): boolean =>
  key >= lower && (upper === undefined || key < upper)

const conditions: readonly [
  string,
  (low: KeyValue, high: KeyValue) => unknown,
  (v: KeyValue, low: KeyValue, high: KeyValue) => boolean,
][] = [
  ['no condition', () => undefined, () => true],
  ['a value', (low) => low, (value, low) => compare(value, low) === 0],
  ['eq', (low) => ({ eq: low }), (value, low) => compare(value, low) === 0],
  ['lt', (low) => ({ lt: low }), (value, low) => compare(value, low) < 0],
  ['lte', (low) => ({ lte: low }), (value, low) => compare(value, low) <= 0],
  ['gt', (low) => ({ gt: low }), (value, low) => compare(value, low) > 0],
  ['gte', (low) => ({ gte: low }), (value, low) => compare(value, low) >= 0],
  [
    'between',
    (low, high) => ({ between: [low, high] }),
    (value, low, high) => compare(value, low) >= 0 && compare(value, high) <= 0,
  ],
]

/** A type, and a few values of it, none empty. */
function sortKeys(): fc.Arbitrary<{ attribute: KeyAttribute; values: KeyValue[] }> {
  const several = <Value extends KeyValue>(type: 'S' | 'N' | 'B', one: fc.Arbitrary<Value>) =>
    fc.array(one, { minLength: 2, maxLength: 10 }).chain((values) =>
      fc.boolean().map((known) => ({
        attribute: { name: 'sk', type: known ? type : undefined },
        values: values as KeyValue[],
      })),
    )
  return fc.oneof(
    several(
      'S',
      keyTexts().filter((text) => text !== ''),
    ),
    several('N', numberValues()),
    several(
      'B',
      keyBinaries().filter((bytes) => bytes.length > 0),
    ),
  )
}

describe('a range holds the keys that meet the condition, and no others', () => {
  test.each(conditions)('%s', (_name, condition, holds) => {
    fc.assert(
      fc.property(sortKeys(), keyValues(), keyValues(), ({ attribute, values }, partition, following) => {
        const prefix = `hash${encodeKeyPart(partition)}`
        const [low, high] = values.slice(0, 2).toSorted(compare) as [KeyValue, KeyValue]
        const range = sortKeyRange(prefix, condition(low, high), attribute)
        for (const value of values) {
          const key = prefix + encodeKeyPart(value)
          expect(inside(key, range)).toBe(holds(value, low, high))
          expect(inside(key + encodeKeyPart(following), range)).toBe(holds(value, low, high))
        }
        expect(inside(`hash${encodeKeyPart('another')}${encodeKeyPart(low)}`, range)).toBe(
          partition === 'another' && holds(low, low, high),
        )
      }),
    )
  })

  test('beginsWith', () => {
    fc.assert(
      fc.property(
        sortKeys().filter(({ values }) => !isNumberValue(values[0])),
        ({ attribute, values }) => {
          const [prefix, next] = values as [KeyValue, KeyValue]
          const joined =
            typeof prefix === 'string'
              ? prefix + String(next)
              : Buffer.concat([prefix as Uint8Array, next as Uint8Array])
          const range = sortKeyRange('p', { beginsWith: prefix }, attribute)
          for (const value of [...values, joined]) {
            expect(inside(`p${encodeKeyPart(value)}${encodeKeyPart('x')}`, range)).toBe(beginsWith(value, prefix))
          }
        },
      ),
    )
  })
})

describe('what is no condition', () => {
  const text: KeyAttribute = { name: 'sk', type: 'S' }
  const number: KeyAttribute = { name: 'sk', type: 'N' }

  test.each<[string, unknown, KeyAttribute | undefined, string]>([
    ['a condition without a sort key', 'a', undefined, 'KEY_CONDITION'],
    ['null', null, text, 'KEY_CONDITION'],
    ['a list', ['a'], text, 'KEY_CONDITION'],
    ['an instance', new Date(), text, 'KEY_CONDITION'],
    ['no operator', {}, text, 'KEY_CONDITION'],
    ['two operators', { gt: 'a', lt: 'b' }, text, 'KEY_CONDITION'],
    ['an unknown operator', { startsWith: 'a' }, text, 'KEY_CONDITION'],
    ['an inherited operator', Object.create({ eq: 'a' }), text, 'KEY_CONDITION'],
    ['an operator that objects have', { toString: 'a' }, text, 'KEY_CONDITION'],
    ['an operator without value', { eq: undefined }, text, 'KEY_CONDITION'],
    ['between of one', { between: ['a'] }, text, 'KEY_CONDITION'],
    ['between of three', { between: ['a', 'b', 'c'] }, text, 'KEY_CONDITION'],
    ['between of no list', { between: 'ab' }, text, 'KEY_CONDITION'],
    ['between the wrong way round', { between: ['b', 'a'] }, text, 'KEY_CONDITION'],
    ['between of two types', { between: [1, 'a'] }, { name: 'sk', type: undefined }, 'KEY_CONDITION'],
    ['beginsWith of a number', { beginsWith: 1 }, number, 'KEY_CONDITION'],
    ['another type', { gt: 1 }, text, 'KEY_TYPE'],
    ['another type as a value', 1, text, 'KEY_TYPE'],
    ['a boolean as operand', { eq: true }, text, 'KEY_TYPE'],
    ['an empty string', { gt: '' }, text, 'KEY_EMPTY'],
    ['a string that is too long', { gt: 'x'.repeat(1025) }, text, 'KEY_TOO_LONG'],
    ['NaN', { gt: Number.NaN }, number, 'NUMBER_NOT_FINITE'],
  ])('%s', (_what, condition, attribute, code) => {
    let thrown: unknown
    try {
      sortKeyRange('p', condition, attribute)
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(ValidationException)
    expect((thrown as ValidationException).code).toBe(code)
  })

  test('between the wrong way round is told in AWS’s words', () => {
    expect(() => sortKeyRange('p', { between: [2, 1] }, number)).toThrow(
      'The BETWEEN operator requires upper bound to be greater than or equal to lower bound',
    )
  })
})

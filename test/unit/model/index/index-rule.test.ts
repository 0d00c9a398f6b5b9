/** Which indexes a definition may have, and what is said of the others: word for word DynamoDB's, where it has a say. */
import { describe, expect, test } from 'vitest'
import type { ValidationException } from '../../../../src/errors.js'
import { indexDifference } from '../../../../src/model/index/index-definition.js'
import { checkIndexes } from '../../../../src/model/index/index-rule.js'

const INVALID = 'One or more parameter values were invalid: '
const checked = (index: unknown, tableKey: readonly string[] = ['pk', 'sk']) =>
  checkIndexes('orders', tableKey, { byX: index })['byX']!
const many = (count: number, index: unknown) =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`index-${n}`, index]))

function refusalOf(act: () => unknown): ValidationException {
  try {
    act()
  } catch (failure) {
    expect(failure).toMatchObject({ name: 'ValidationException', code: 'TABLE_DEFINITION' })
    return failure as ValidationException
  }
  throw new Error('it was accepted')
}

test('an index in short is an index in full', () => {
  const usual = { isLocal: false, isUnique: false, multi: undefined, isCovering: false, projection: 'ALL' }
  expect(checked(['a'])).toEqual({ partition: ['a'], sort: [], ...usual })
  expect(checked(['a', 'b'])).toEqual(checked({ key: [['a'], ['b']] }))
  const most = [
    ['a', 'b', 'c', 'd'],
    ['e', 'f', 'g', 'h'],
  ]
  expect(checked(most)).toEqual({ partition: most[0], sort: most[1], ...usual })
  expect(checked({ key: ['pk', 'b'], local: true, unique: true, projection: ['x', 'x', 'y'] })).toEqual({
    ...{ ...usual, partition: ['pk'], sort: ['b'], isLocal: true, isUnique: true, projection: ['x', 'y'] },
  })
  expect(checked({ key: ['a'], covering: true })).toEqual({ ...usual, partition: ['a'], sort: [], isCovering: true })
  expect(checked({ key: ['a'], covering: false })).toEqual(checked(['a']))
  expect(checked({ key: [['a', 'tags']], multi: 'tags', projection: 'KEYS_ONLY' })).toMatchObject({ multi: 'tags' })
  expect(Object.isFrozen(checked(['a'])) && Object.isFrozen(checked(['a']).partition)).toBe(true)
})

describe('what is refused', () => {
  test.each([
    ['a', 'the key of its index "byX" is a list of one or two sides'],
    [[], 'the key of its index "byX" is a list of one or two sides'],
    [['a', 'b', 'c'], 'the key of its index "byX" is a list of one or two sides'],
    [{}, 'the key of its index "byX" is a list of one or two sides'],
    [[[]], 'the key of its index "byX" has 0 attributes as its partition key: 1 to 4 are allowed'],
    [[['a', 'b', 'c', 'd', 'e']], 'the key of its index "byX" has 5 attributes as its partition key: 1 to 4'],
    [['a', ['b', 'c', 'd', 'e', 'f']], 'the key of its index "byX" has 5 attributes as its sort key: 1 to 4'],
    [['a', 'a'], 'the key of its index "byX" names the attribute "a" twice'],
    [[['a', 'b'], 'a'], 'the key of its index "byX" names the attribute "a" twice'],
    [['a', undefined], 'the key of its index "byX" names undefined'],
    [[['a', '__proto__']], 'the key of its index "byX" names "__proto__"'],
    [{ key: ['a'], uniqe: true }, 'its index "byX" has "uniqe", which is no option; there are key, local, unique'],
    [{ key: ['a'], unique: 'yes' }, 'its index "byX" has "unique" of "yes": it is true or false'],
    [{ key: ['a'], covering: 1 }, 'its index "byX" has "covering" of a value of type number: it is true or false'],
    [
      { key: ['a'], covering: true, unique: true },
      'is unique, so it can’t be "covering": its entries are looked up one by',
    ],
    [
      { key: ['a'], covering: true, multi: 'a' },
      'is "multi", so it can’t be "covering": an item would be copied for each',
    ],
    [{ key: ['a', 'tags'], multi: 'tags' }, 'has "multi" of "tags": it names an attribute of its partition key ("a")'],
    [{ key: ['a'], multi: true }, 'has "multi" of a value of type boolean: it names an attribute'],
    [{ key: ['pk', 'b'], local: true, multi: 'pk' }, 'is local, so it can’t be "multi"'],
    [{ key: ['pk', ['b', 'c']], local: true }, 'is local, so its key is the table’s partition key and one sort'],
    [{ key: ['a'], projection: 'SOME' }, `has "projection" of "SOME": it is 'ALL', 'KEYS_ONLY' or a list`],
    [{ key: ['a'], projection: [''] }, 'the projection of its index "byX" names ""'],
    [{ key: ['a'], projection: Object.keys(many(21, 0)) }, 'has 21 attributes: at most 20 are allowed'],
  ])('%j', (index, reason) => {
    const { message } = refusalOf(() => checked(index))
    expect(message).toContain('Cannot define the table "orders": ')
    expect(message).toContain(reason)
  })

  test.each([
    [
      { key: ['pk', 'b'], local: true },
      ['pk'],
      'Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex',
    ],
    [{ key: ['pk'], local: true }, ['pk', 'sk'], 'Index KeySchema does not have a range key for index: byX'],
    [
      { key: ['a', 'b'], local: true },
      ['pk', 'sk'],
      'Index KeySchema does not have the same leading hash key as table KeySchema for index: byX. ' +
        'index hash key: a, table hash key: pk',
    ],
    [{ key: ['a'], projection: [] }, ['pk'], 'ProjectionType is INCLUDE, but NonKeyAttributes is not specified'],
  ])('%j, in the words of DynamoDB', (index, tableKey, sentence) => {
    expect(refusalOf(() => checked(index, tableKey)).message).toBe(INVALID + sentence)
  })

  test('21 global indexes, six local ones, or 101 projected attributes', () => {
    const check = (indexes: unknown) => () => checkIndexes('orders', ['pk', 'sk'], indexes)
    const local = { key: ['pk', 'b'], local: true }
    expect(check({ ...many(20, ['a']), ...Object.fromEntries([['localOne', local]]) })).not.toThrow()
    expect(refusalOf(check(many(21, ['a']))).message).toBe(
      `${INVALID}GlobalSecondaryIndex count exceeds the per-table limit of 20`,
    )
    expect(refusalOf(check(many(6, local))).message).toBe(
      `${INVALID}Number of LocalSecondaryIndexes exceeds per-table limit of 5`,
    )
    const twenty = { key: ['a'], projection: Object.keys(many(20, 0)) }
    expect(check(many(5, twenty))).not.toThrow()
    expect(refusalOf(check({ ...many(5, twenty), more: { key: ['a'], projection: ['b'] } })).message).toContain(
      'the indexes project 101 attributes besides keys, at most 100 are allowed',
    )
  })
})

test('two definitions of one index are compared in every respect', () => {
  const plain = checked({ key: ['pk', 'b'] })
  expect(indexDifference(plain, checked(['pk', 'b']))).toBeUndefined()
  for (const [other, difference] of [
    [['pk', 'c'], 'has the key [pk, b], not [pk, c]'],
    [['pk', ['b', 'c']], 'has the key [pk, b], not [pk, [b, c]]'],
    [[['pk', 'b']], 'has the key [pk, b], not [[pk, b]]'],
    [{ key: ['pk', 'b'], local: true }, 'is global, not local'],
    [{ key: ['pk', 'b'], unique: true }, 'is not unique'],
    [{ key: ['pk', 'b'], multi: 'pk' }, 'has one entry for each item, not one for each element of "pk"'],
    [{ key: ['pk', 'b'], covering: true }, 'is not covering'],
    [{ key: ['pk', 'b'], projection: ['z', 'y'] }, 'projects ALL, not [y, z]'],
  ] as const) {
    expect(indexDifference(plain, checked(other))).toBe(difference)
  }
  const [one, same] = [
    ['z', 'y'],
    ['y', 'z'],
  ].map((projection) => checked({ key: ['a'], projection }))
  expect(indexDifference(one!, same!)).toBeUndefined()
})

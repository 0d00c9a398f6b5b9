/** Which definitions are valid, and that the checked one holds nothing else. */
import { describe, expect, test } from 'vitest'
import { ValidationException } from '../../../../src/errors.js'
import { checkTableDefinition, checkTableName } from '../../../../src/model/table/table-rule.js'

const definition = (change: Record<string, unknown> = {}): Record<string, unknown> => ({
  ...{ name: 'orders', key: ['customer', 'placedAt'], indexes: { byStatus: ['status', 'placedAt'], byId: ['id'] } },
  ...change,
})

function refusal(act: () => unknown): ValidationException {
  try {
    act()
  } catch (failure) {
    expect(failure).toBeInstanceOf(ValidationException)
    return failure as ValidationException
  }
  throw new Error('it was accepted')
}

test('a valid definition comes back as a frozen copy', () => {
  const given = definition({ ttl: 'expiresAt', schema: {} })
  const checked = checkTableDefinition(given)
  const usual = { isLocal: false, isUnique: false, multi: undefined, isCovering: false, projection: 'ALL' }
  expect({ ...checked, indexes: { ...checked.indexes } }).toEqual({
    ...definition({ ttl: 'expiresAt' }),
    indexes: {
      byStatus: { partition: ['status'], sort: ['placedAt'], ...usual },
      byId: { partition: ['id'], sort: [], ...usual },
    },
  })
  expect(Object.getPrototypeOf(checked.indexes)).toBe(null)
  for (const part of [checked, checked.key, checked.indexes, checked.indexes['byId']]) {
    expect(Object.isFrozen(part)).toBe(true)
  }
  ;(given['key'] as string[])[0] = 'changed'
  expect(checked.key[0]).toBe('customer')
  expect(checkTableDefinition({ name: 'abc', key: ['id'] })).toEqual({ name: 'abc', key: ['id'], indexes: {} })
})

test('an index may have any name of the right characters, and no other is found', () => {
  const { indexes } = checkTableDefinition(definition({ indexes: { constructor: ['a'] } }))
  expect(indexes['constructor']?.partition).toEqual(['a'])
  expect(indexes['toString']).toBeUndefined()
})

test('names are 3 to 255 plain characters', () => {
  for (const name of ['abc', 'a.b', 'A_1-2.3', 'x'.repeat(255), '__proto__']) expect(checkTableName(name)).toBe(name)
  for (const name of ['', 'ab', 'x'.repeat(256), 'a b', 'a/b', 'äöü', 'abc\n', '../x', undefined, null, 5, ['abc']]) {
    expect(refusal(() => checkTableName(name)).code).toBe('TABLE_NAME')
    expect(refusal(() => checkTableDefinition(definition({ name }))).code).toBe('TABLE_NAME')
  }
})

describe('what is refused', () => {
  test.each([
    [{ key: undefined }, 'its key is a list of one or two'],
    [{ key: [] }, 'its key is a list of one or two'],
    [{ key: ['a', 'b', 'c'] }, 'its key is a list of one or two'],
    [{ key: 'ab' }, 'its key is a list of one or two'],
    [{ key: [''] }, `its key names "", which can't be`],
    [{ key: [5] }, 'its key names a value of type number'],
    [{ key: [undefined, 'a'] }, 'its key names undefined'],
    // biome-ignore lint/suspicious/noSparseArray: what a hole in the list does is the question
    [{ key: [, 'a'] }, 'its key names undefined'],
    [{ key: ['__proto__'] }, `its key names "__proto__", which JavaScript objects can't carry safely`],
    [{ key: ['a', 'a'] }, 'its key names the attribute "a" twice'],
    [{ key: ['ä'.repeat(128)] }, 'longer than 255 bytes'],
    [{ indexes: [] }, 'its indexes are an object'],
    [{ indexes: { ab: ['a'] } }, 'no index can be called "ab"'],
    // The rule of names, which it keeps, was given as the reason.
    [
      { indexes: JSON.parse('{"__proto__":["a"]}') },
      `no index can be called "__proto__", which JavaScript objects can't carry safely`,
    ],
    [{ indexes: { byA: 'a' } }, 'the key of its index "byA" is a list'],
    [{ indexes: { byA: ['a', 'a'] } }, 'the key of its index "byA" names the attribute "a" twice'],
    [{ ttl: '' }, 'its ttl names ""'],
    [{ ttl: null }, 'its ttl names null'],
  ])('%o', (change, reason) => {
    const error = refusal(() => checkTableDefinition(definition(change as Record<string, unknown>)))
    expect(error.code).toBe('TABLE_DEFINITION')
    expect(error.message).toContain('Cannot define the table "orders": ')
    expect(error.message).toContain(reason)
  })

  test('is what is no object', () => {
    for (const given of [undefined, null, 'x', []]) {
      expect(refusal(() => checkTableDefinition(given)).code).toBe('TABLE_DEFINITION')
    }
  })
})

/** What an update makes of an item, and what it refuses. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ValidationException } from '../../../../src/errors.js'
import { applyUpdate, checkUpdate, type ItemUpdate } from '../../../../src/model/expression/update.js'
import { Decimal } from '../../../../src/model/item/decimal.js'

const key = { id: 'a' }
const update = (item: Record<string, unknown> | undefined, change: ItemUpdate): Record<string, unknown> =>
  applyUpdate(item, key, change, ['id'])

function codeOf(act: () => unknown): string {
  try {
    act()
  } catch (failure) {
    return failure instanceof ValidationException ? `${failure.code} ${failure.message}` : String(failure)
  }
  return 'accepted'
}

describe('an update', () => {
  test('sets, adds, removes and appends', () => {
    const old = { id: 'a', n: 1, s: 'x', list: [1], gone: true }
    const result = update(old, { set: { s: 'y', m: null }, add: { n: 2 }, remove: ['gone'], append: { list: [2, 3] } })
    expect(result).toEqual({ id: 'a', n: 3, s: 'y', m: null, list: [1, 2, 3] })
    expect(old).toEqual({ id: 'a', n: 1, s: 'x', list: [1], gone: true })
  })

  test('starts from the key where there is no item, and from nothing where there is no attribute', () => {
    expect(applyUpdate(undefined, { id: 'a', at: 1, other: 2 }, { add: { n: 5 } }, ['id', 'at'])).toEqual({
      ...{ id: 'a', at: 1, n: 5 },
    })
    expect(update(undefined, {})).toEqual({ id: 'a' })
    expect(update({ id: 'a' }, { append: { list: [1] }, remove: ['never'] })).toEqual({ id: 'a', list: [1] })
  })

  test('adds exactly', () => {
    expect(update({ id: 'a', n: 0.1 }, { add: { n: 0.2 } })['n']).toBe(0.3)
    expect(update({ id: 'a', n: 12345678901234567890n }, { add: { n: 1 } })['n']).toBe(12345678901234567891n)
    expect(String(update({ id: 'a', n: Decimal.from('0.1234567890123456789') }, { add: { n: -1n } })['n'])).toBe(
      '-0.8765432109876543211',
    )
  })

  test('hands values on as they are: a copy of a Date would be an empty map, and nobody could refuse it any more', () => {
    const value = new Date(0)
    const list = [value]
    expect(update(undefined, { set: { value } })['value']).toBe(value)
    expect((update(undefined, { append: { list } })['list'] as unknown[])[0]).toBe(value)
    expect(list).toEqual([value])
  })

  test('takes any name for an attribute but __proto__', () => {
    const change = { set: { constructor: 1 }, add: { toString: 2 }, append: { hasOwnProperty: [3] } }
    const result = update({ id: 'a' }, change as unknown as ItemUpdate)
    expect(Object.entries(result)).toEqual([
      ['id', 'a'],
      ['constructor', 1],
      ['toString', 2],
      ['hasOwnProperty', [3]],
    ])
    for (const section of ['set', 'add', 'append']) {
      const change = JSON.parse(`{"${section}":{"__proto__":1}}`) as ItemUpdate
      expect(codeOf(() => update(key, change))).toMatch(/^ATTRIBUTE_NAME/)
    }
    expect(codeOf(() => update(key, { remove: ['__proto__'] }))).toMatch(/^ATTRIBUTE_NAME/)
    expect(codeOf(() => update(key, { set: { '': 1 } }))).toMatch(/^ATTRIBUTE_NAME/)
  })

  test('gives the same item in whichever order its attributes are written', () => {
    const item = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.integer())
    fc.assert(
      fc.property(item, fc.shuffledSubarray(['a', 'b', 'c', 'd'], { minLength: 4 }), (old, names) => {
        const [w, x, y] = names as [string, string, string]
        const before = structuredClone(old)
        const result = update(old, { set: { [w]: 7 }, add: { [x]: 3 }, remove: [y] })
        expect(result).toEqual({ ...without(old, y), [w]: 7, [x]: (old[x] ?? 0) + 3 })
        expect(old).toEqual(before)
      }),
    )
  })
})

describe('what is refused', () => {
  test.each([
    [null, 'UPDATE_SYNTAX Cannot read the update: an update is an object'],
    [[], 'UPDATE_SYNTAX'],
    [{ sett: {} }, 'UPDATE_SYNTAX Cannot read the update: there is no "sett"; did you mean "set"?'],
    [{ delete: {} }, 'UPDATE_SYNTAX Cannot read the update: there is no "delete"; it takes set'],
    [{ set: [] }, 'UPDATE_SYNTAX Cannot read the update: "set" takes an object'],
    [{ set: new Map() }, 'UPDATE_SYNTAX'],
    [{ add: null }, 'UPDATE_SYNTAX'],
    [{ remove: 'a' }, 'UPDATE_SYNTAX Cannot read the update: "remove" takes a list'],
    [{ remove: null }, 'UPDATE_SYNTAX'],
    [{ remove: [1] }, 'UPDATE_SYNTAX'],
    // biome-ignore lint/suspicious/noSparseArray: what a hole in the list does is the question
    [{ remove: [, 'a'] }, 'UPDATE_SYNTAX'],
    [{ set: { a: 1 }, remove: ['a'] }, 'UPDATE_SYNTAX Cannot read the update: the attribute "a" is in it twice'],
    [{ add: { a: 1 }, append: { a: [] } }, 'UPDATE_SYNTAX'],
    [{ set: { id: 'b' } }, 'KEY_NOT_UPDATABLE Cannot update attribute id. This attribute is part of the key'],
    [{ remove: ['id'] }, 'KEY_NOT_UPDATABLE'],
    [{ set: { a: undefined } }, 'VALUE_UNDEFINED'],
    [{ add: { a: '1' } }, 'UPDATE_TYPE Cannot update the attribute "a": only numbers can be added'],
    [{ append: { a: 1 } }, 'UPDATE_TYPE Cannot update the attribute "a": only a list can be appended'],
  ])('%o', (change, message) => {
    expect(codeOf(() => checkUpdate(change, ['id'])).startsWith(message)).toBe(true)
  })

  test('is adding to what is no number, and appending to what is no list', () => {
    for (const a of ['1', null, true, [1]]) {
      expect(codeOf(() => update({ id: 'a', a }, { add: { a: 1 } }))).toMatch(/^UPDATE_TYPE.*holds no number/)
    }
    for (const a of ['1', null, 1, new Set([1])]) {
      expect(codeOf(() => update({ id: 'a', a }, { append: { a: [1] } }))).toMatch(/^UPDATE_TYPE.*holds no list/)
    }
    expect(codeOf(() => update({ id: 'a', a: 1 }, { add: { a: Number.NaN } }))).toMatch(/^NUMBER_NOT_FINITE/)
  })
})

function without(item: Record<string, unknown>, name: string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(item).filter(([other]) => other !== name))
}

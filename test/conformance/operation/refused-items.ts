/** Items that can't be stored: each is refused by a code of its own, and not a byte of the folder changes. */
import { describe, expect, test } from 'vitest'
import { Decimal, table, type } from '../../../src/index.js'
import { canonicalWorth } from '../../support/canonical.js'
import { filesBelow } from '../../support/temporary-database.js'
import { type Driver, needing } from '../contract.js'

// biome-ignore lint/suspicious/noExplicitAny: what a program in plain JavaScript may hand in
const Things = table('things', { schema: type<any>(), key: ['id'] as never })

class Money {
  amount = 5
}
const cycle: unknown[] = []
cycle.push({ back: cycle })
const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)])
const own = JSON.parse('{"__proto__": 1}') as object

const WRONG: readonly (readonly [what: string, value: unknown, code: string])[] = [
  ['too big by a byte', 'x'.repeat(409_597), 'ITEM_TOO_BIG'],
  ['much too big', 'x'.repeat(50_000_000), 'ITEM_TOO_BIG'],
  ['too big all together', Array.from({ length: 500 }, () => 'ü'.repeat(500)), 'ITEM_TOO_BIG'],
  ['too deep', nested(32), 'ITEM_TOO_DEEP'],
  ['much too deep', nested(3000), 'ITEM_TOO_DEEP'],
  ['containing itself', cycle, 'VALUE_CYCLE'],
  ['NaN', Number.NaN, 'NUMBER_NOT_FINITE'],
  ['infinite', [Number.NEGATIVE_INFINITY], 'NUMBER_NOT_FINITE'],
  ['too large a number', 1e126, 'NUMBER_RANGE'],
  ['too small a number', 1e-131, 'NUMBER_RANGE'],
  ['a number of 39 digits', BigInt('1'.repeat(39)), 'NUMBER_DIGITS'],
  ['undefined', undefined, 'VALUE_UNDEFINED'],
  ['undefined inside', { a: [undefined] }, 'VALUE_UNDEFINED'],
  ['a hole in a list', new Array(2), 'VALUE_UNDEFINED'],
  ['a function', () => 1, 'VALUE_FUNCTION'],
  ['a symbol', Symbol('s'), 'VALUE_SYMBOL'],
  ['a symbol as a name', { [Symbol('s')]: 1 }, 'VALUE_SYMBOL'],
  ['a date', new Date(0), 'VALUE_CLASS'],
  ['a Map', new Map([['a', 1]]), 'VALUE_CLASS'],
  ['an object of a class', new Money(), 'VALUE_CLASS'],
  ['a promise', Promise.resolve(1), 'VALUE_CLASS'],
  ['a regular expression', /a/, 'VALUE_CLASS'],
  ['other arrays than of bytes', new Float64Array(2), 'VALUE_CLASS'],
  ['half a surrogate pair', 'a\udc00', 'VALUE_TEXT'],
  ['an empty set', new Set(), 'SET_EMPTY'],
  ['a set of this and that', new Set(['a', 1]), 'SET_MIXED'],
  ['a set of lists', new Set([[1]]), 'SET_MIXED'],
  ['a set with a number twice', new Set([1, 1n]), 'SET_DUPLICATE'],
  ['an empty name', { '': 1 }, 'ATTRIBUTE_NAME'],
  ['__proto__ inside', { deeper: own }, 'ATTRIBUTE_NAME'],
]

export function refusedItems(driver: Driver): void {
  describe('an attribute that is', () => {
    test.each(WRONG)('%s', async (_, value, code) => {
      const { db, path } = await driver.open()
      const things = db.table(Things)
      await things.put({ id: 'a', n: 1 })
      const before = filesBelow(path)
      const refused = expect.objectContaining({ name: 'ValidationException', code })
      await expect(things.put({ id: 'a', value })).rejects.toEqual(refused)
      await expect(things.update({ id: 'a' } as never, { set: { value } } as never)).rejects.toEqual(refused)
      expect(() => things.batch().put({ id: 'a', value })).toThrow(refused)
      expect(filesBelow(path)).toEqual(before)
      expect(await things.scan().toArray()).toEqual([{ id: 'a', n: 1 }])
    })
  })

  test('what is no item at all', async () => {
    const { db } = await driver.open()
    const things = db.table(Things)
    for (const item of [null, undefined, 'text', 5, [], [{ id: 'a' }], new Map(), new Money(), new Set()]) {
      await expect(things.put(item), String(item)).rejects.toMatchObject({ code: 'ITEM_TYPE' })
    }
    await expect(things.put({ id: 'a', ['__proto__']: 1 })).rejects.toMatchObject({ code: 'ATTRIBUTE_NAME' })
    expect(await things.scan().count()).toBe(0)
    expect(({} as Record<string, unknown>)['polluted']).toBe(undefined)
  })

  test('the message names the attribute', async () => {
    const { db } = await driver.open()
    const put = db.table(Things).put({ id: 'a', list: [1, { deep: [new Date(0)] }] })
    await expect(put).rejects.toThrow(/list.*1.*deep.*0/)
  })

  test('the largest and the deepest item there may be', async () => {
    const database = await driver.open()
    const things = database.db.table(Things)
    const large = { id: 'l', v: 'x'.repeat(409_600 - 4) }
    const deep = { id: 'd', v: nested(31) }
    await things.put(large)
    await things.put(deep)
    const again = (await database.reopen()).table(Things)
    expect(await again.get({ id: 'l' } as never)).toEqual(large)
    expect(await again.get({ id: 'd' } as never)).toEqual(deep)
    await expect(again.update({ id: 'l' } as never, { set: { w: '' } } as never)).rejects.toMatchObject({
      code: 'ITEM_TOO_BIG',
    })
  })

  test('numbers beyond a double come back exact', async () => {
    const database = await driver.open()
    const things = database.db.table(Things)
    await things.put({ id: 'n', numbers: NUMBERS, set: new Set([1n, 2n ** 90n]) })
    const found = await (await database.reopen()).table(Things).get({ id: 'n' } as never)
    expect(canonicalWorth(found)).toBe(canonicalWorth({ id: 'n', numbers: NUMBERS, set: new Set([1n, 2n ** 90n]) }))
  })

  const NUMBERS = [
    ...[0, 1, -1, 0.1, 1e21, 1.5e-7, 2 ** 53, Number.MAX_SAFE_INTEGER, 9.999e125],
    ...[0n, 5n, 9007199254740993n, -(2n ** 100n), 99999999999999999999999999999999999999n],
    ...['0.1', '1.10', '0.12345678901234567890123456789012345678', '-9.9e125', '1e-130'].map((text) =>
      Decimal.from(text),
    ),
  ]

  needing(driver, 'types of numbers')('numbers come back as they were put', async () => {
    const { db } = await driver.open()
    const item = { id: 'n', numbers: NUMBERS, set: new Set([1n, 2n ** 90n]) }
    await db.table(Things).put(item)
    expect(await db.table(Things).get({ id: 'n' } as never)).toEqual(item)
  })

  needing(driver, 'types of numbers')('a sum of integers of any size is one', async () => {
    const { db } = await driver.open()
    await db.table(Things).put({ id: 'sum', n: 5n })
    expect(await db.table(Things).update({ id: 'sum' } as never, { add: { n: -5n } } as never)).toMatchObject({ n: 0n })
  })

  test('sums are exact, or refused', async () => {
    const database = await driver.open()
    const add = async (n: unknown, amount: unknown) => {
      await database.db.table(Things).put({ id: 'sum', n })
      const sum = await database.db.table(Things).update({ id: 'sum' } as never, { add: { n: amount } } as never)
      return (sum as { n: unknown }).n
    }
    expect(await add(0.1, 0.2)).toBe(0.3)
    expect(await add(Number.MAX_SAFE_INTEGER, 2)).toBe(9007199254740993n)
    expect(await add(2n ** 100n, 1)).toBe(2n ** 100n + 1n)
    expect(String(await add(1, Decimal.from('1e-37')))).toBe('1.0000000000000000000000000000000000001')
    await expect(add(1, Decimal.from('1e-38'))).rejects.toMatchObject({ code: 'NUMBER_DIGITS' })
    await expect(add(9e125, 9e125)).rejects.toMatchObject({ code: 'NUMBER_RANGE' })
    await expect(add('1', 1)).rejects.toMatchObject({ code: 'UPDATE_TYPE' })
  })

  test('updates that make no sense are refused, and change nothing', async () => {
    const { db, path } = await driver.open()
    const things = db.table(Things)
    await things.put({ id: 'a', n: 1, text: 'x', list: [1] })
    const before = filesBelow(path)
    const wrong: readonly (readonly [update: unknown, code: string])[] = [
      [{ set: { id: 'b' } }, 'KEY_NOT_UPDATABLE'],
      [{ remove: ['id'] }, 'KEY_NOT_UPDATABLE'],
      [{ add: { id: 1 } }, 'KEY_NOT_UPDATABLE'],
      [{ put: { n: 1 } }, 'UPDATE_SYNTAX'],
      [{ set: { n: 1 }, add: { n: 1 } }, 'UPDATE_SYNTAX'],
      [{ remove: 'n' }, 'UPDATE_SYNTAX'],
      ['SET n = 1', 'UPDATE_SYNTAX'],
      [null, 'UPDATE_SYNTAX'],
      [{ set: { n: undefined } }, 'VALUE_UNDEFINED'],
      [{ add: { text: 1 } }, 'UPDATE_TYPE'],
      [{ add: { n: '1' } }, 'UPDATE_TYPE'],
      [{ add: { n: Number.NaN } }, 'NUMBER_NOT_FINITE'],
      [{ append: { text: ['y'] } }, 'UPDATE_TYPE'],
      [{ append: { list: 'y' } }, 'UPDATE_TYPE'],
      [{ set: { ['__proto__']: 1 } }, 'ATTRIBUTE_NAME'],
    ]
    for (const [update, code] of wrong) {
      await expect(things.update({ id: 'a' } as never, update as never), code).rejects.toMatchObject({ code })
    }
    expect(filesBelow(path)).toEqual(before)
  })
}

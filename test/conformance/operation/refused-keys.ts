/** Keys that can't be keys: a typed error at the call, with a code of its own, and nothing stored has changed. */
import { describe, expect, test } from 'vitest'
import { Decimal, table, type } from '../../../src/index.js'
import { canonicalWorth } from '../../support/canonical.js'
import { filesBelow } from '../../support/temporary-database.js'
import type { Driver } from '../contract.js'

// biome-ignore lint/suspicious/noExplicitAny: what a program in plain JavaScript may hand in
type Anything = any
const Texts = table('texts', { schema: type<Anything>(), key: ['pk', 'sk'] as never, indexes: {} })
const Numbers = table('numbers', { schema: type<Anything>(), key: ['pk'] as never })

const WRONG: readonly (readonly [what: string, key: unknown, code: string])[] = [
  ['no partition key', { sk: 's' }, 'KEY_MISSING'],
  ['no sort key', { pk: 'p' }, 'KEY_MISSING'],
  ['nothing', {}, 'KEY_MISSING'],
  ['undefined as a key', { pk: undefined, sk: 's' }, 'KEY_MISSING'],
  ['an inherited key', Object.create({ pk: 'p', sk: 's' }), 'KEY_TYPE'],
  ['an empty partition key', { pk: '', sk: 's' }, 'KEY_EMPTY'],
  ['an empty sort key', { pk: 'p', sk: '' }, 'KEY_EMPTY'],
  ['a number in place of text', { pk: 1, sk: 's' }, 'KEY_TYPE'],
  ['bytes in place of text', { pk: Uint8Array.of(112), sk: 's' }, 'KEY_TYPE'],
  ['null', { pk: null, sk: 's' }, 'KEY_TYPE'],
  ['a boolean', { pk: 'p', sk: true }, 'KEY_TYPE'],
  ['a list', { pk: ['p'], sk: 's' }, 'KEY_TYPE'],
  ['a set', { pk: new Set(['p']), sk: 's' }, 'KEY_TYPE'],
  ['an object', { pk: 'p', sk: { s: 1 } }, 'KEY_TYPE'],
  ['a partition key of 2,049 bytes', { pk: 'x'.repeat(2049), sk: 's' }, 'KEY_TOO_LONG'],
  ['a sort key of 1,025 bytes', { pk: 'p', sk: `${'ü'.repeat(512)}x` }, 'KEY_TOO_LONG'],
  ['half a surrogate pair', { pk: '\ud800', sk: 's' }, 'VALUE_TEXT'],
]

export function refusedKeys(driver: Driver): void {
  describe('in a table of texts', () => {
    test.each(WRONG)('%s', async (_, key, code) => {
      const { db, path } = await driver.open()
      const texts = db.table(Texts)
      await texts.put({ pk: 'p', sk: 's', n: 1 })
      const before = filesBelow(path)
      const refused = expect.objectContaining({ name: 'ValidationException', code })
      await expect(texts.get(key as never)).rejects.toEqual(refused)
      await expect(texts.delete(key as never)).rejects.toEqual(refused)
      await expect(texts.update(key as never, { set: { n: 2 } } as never)).rejects.toEqual(refused)
      await expect(texts.batchGet([{ pk: 'p', sk: 's' }, key] as never)).rejects.toEqual(refused)
      // As an item it may be wrong in another way first.
      if (isPlain(key)) await expect(texts.put({ ...(key as object), n: 2 })).rejects.toEqual(refused)
      expect(filesBelow(path)).toEqual(before)
      expect(await texts.scan().toArray()).toEqual([{ pk: 'p', sk: 's', n: 1 }])
    })

    test('the longest keys there may be', async () => {
      const { db } = await driver.open()
      const texts = db.table(Texts)
      const key = { pk: 'ü'.repeat(1024), sk: 'x'.repeat(1024) }
      await texts.put(key)
      expect(await texts.get(key as never)).toEqual(key)
    })

    test('a name that is not part of the key', async () => {
      const { db } = await driver.open()
      const texts = db.table(Texts)
      await texts.put({ pk: 'p', sk: 's' })
      const key = { pk: 'p', sk: 's', n: 1 } as never
      await expect(texts.get(key)).rejects.toMatchObject({ code: 'KEY_UNKNOWN_ATTRIBUTE' })
      await expect(texts.delete(key)).rejects.toMatchObject({ code: 'KEY_UNKNOWN_ATTRIBUTE' })
      await expect(texts.query({ pk: 'p', n: 1 } as never).page()).rejects.toMatchObject({ code: 'KEY_CONDITION' })
      await expect(texts.query({ sk: 's' } as never).page()).rejects.toMatchObject({ code: 'KEY_MISSING' })
    })
  })

  test('integers are keys like any other, and are not mixed with texts', async () => {
    const { db } = await driver.open()
    const numbers = db.table(Numbers)
    for (const pk of [5, -1, 0.5, 10n ** 30n, Decimal.from('0.00000000000000000000000000000000000001')])
      await numbers.put({ pk })
    // 5, 5n and 5.0 are one key.
    await numbers.put({ pk: 5n, again: true })
    await numbers.put({ pk: Decimal.from('5.0'), again: true })
    expect(await numbers.scan().count()).toBe(5)
    expect(canonicalWorth(await numbers.get({ pk: 5 } as never))).toBe(canonicalWorth({ pk: 5, again: true }))
    await expect(numbers.put({ pk: '5' })).rejects.toMatchObject({ code: 'KEY_TYPE' })
    for (const [pk, code] of [
      [Number.NaN, 'NUMBER_NOT_FINITE'],
      [Number.POSITIVE_INFINITY, 'NUMBER_NOT_FINITE'],
      [1e126, 'NUMBER_RANGE'],
      [10n ** 39n + 1n, 'NUMBER_DIGITS'],
    ] as const) {
      await expect(numbers.put({ pk })).rejects.toMatchObject({ code })
      await expect(numbers.get({ pk } as never)).rejects.toMatchObject({ code })
    }
  })

  test('keys that look alike do not collide', async () => {
    const { db } = await driver.open()
    const texts = db.table(Texts)
    const keys = [
      ['a:b', 'c'],
      ['a', 'b:c'],
      ['a\0', 'b'],
      ['a', '\0b'],
      ['a\0\0', 'b'],
      ['a', 'b'],
      ['A', 'b'],
      ['ä', 'b'],
      ['a\u0308', 'b'],
    ]
    for (const [pk, sk] of keys) await texts.put({ pk, sk, is: `${pk} and ${sk}` })
    expect(await texts.scan().count()).toBe(keys.length)
    for (const [pk, sk] of keys) expect(await texts.get({ pk, sk } as never)).toMatchObject({ is: `${pk} and ${sk}` })
    expect(await texts.query({ pk: 'a' } as never).count()).toBe(3)
  })

  test('sort keys are in the order of their UTF-8 bytes', async () => {
    const { db } = await driver.open()
    const texts = db.table(Texts)
    const sorted = [
      '\0',
      '\x01',
      'A',
      'B',
      'a',
      'a\0',
      'aa',
      'b',
      '\x7f',
      '\x80',
      'é',
      '\ud7ff',
      '\ue000',
      '\uffff',
      '😀',
    ]
    for (const sk of sorted.toReversed()) await texts.put({ pk: 'p', sk })
    const keys = async (reverse: boolean) =>
      (await texts.query({ pk: 'p' } as never, { reverse }).toArray()).map((item) => item['sk'])
    expect(await keys(false)).toEqual(sorted)
    expect(await keys(true)).toEqual(sorted.toReversed())
  })

  function isPlain(key: unknown): boolean {
    return Object.getPrototypeOf(key) === Object.prototype && !Object.values(key as object).includes(undefined)
  }
}

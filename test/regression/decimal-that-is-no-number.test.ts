/**
 * `new Decimal('1,5')`, which only the compiler refused, was stored: `put` acknowledged an item that nobody could read, replace
 * or remove again, and `verify` called it damage.
 */
import { expect, test } from 'vitest'
import { Decimal, open, table, type } from '../../src/index.js'

const NONE = ['1,5', 'abc', 'NaN', ' 5 ', '0x10', '', '1e500', '9'.repeat(60), '1'.repeat(300), undefined, {}, null]

test.each(NONE)('a Decimal of %s is refused', (value) => {
  expect(() => new Decimal(value as string)).toThrow(expect.objectContaining({ name: 'ValidationException' }))
  expect(() => Decimal.from(value as string)).toThrow(expect.objectContaining({ name: 'ValidationException' }))
})

test('new Decimal is Decimal.from', () => {
  for (const value of ['0042.1200', 7, 12n ** 20n, '-1e-130', 0.1]) {
    expect(String(new Decimal(value))).toBe(String(Decimal.from(value)))
  }
  expect(new Decimal('1.5')).toEqual(Decimal.from('1.50'))
  expect(new Decimal('1.5')).not.toEqual(new Decimal('1.6'))
})

test('what only says that it is a Decimal is not stored', async () => {
  const db = await open('memory:')
  const items = db.table(table('items', { schema: type<{ id: string; n: unknown }>(), key: ['id'] }))
  const forged = Object.create(Decimal.prototype, { text: { value: 'abc', enumerable: true } }) as Decimal
  await expect(items.put({ id: 'a', n: forged })).rejects.toMatchObject({ code: 'VALUE_CLASS' })
  await expect(items.put({ id: 'a', n: new Set([forged]) })).rejects.toThrow('Cannot store the item')
  await items.put({ id: 'a', n: 1 })
  await expect(items.update({ id: 'a' }, { set: { n: forged } })).rejects.toMatchObject({ code: 'VALUE_CLASS' })
  expect(await items.scan().toArray()).toEqual([{ id: 'a', n: 1 }])
  await db.close()
})

test('a Decimal does not change', () => {
  const decimal = new Decimal('1.5') as unknown as { text: string }
  expect(() => {
    decimal.text = 'abc'
  }).toThrow(TypeError)
  expect(String(decimal)).toBe('1.5')
})

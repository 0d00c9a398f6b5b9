/** Copies: equal, and sharing nothing that can change. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { copyItem, copyValue } from '../../../../src/model/item/copy.js'
import { Decimal } from '../../../../src/model/item/decimal.js'
import type { Item } from '../../../../src/model/item/item.js'
import { items } from '../arbitrary.js'

function objectsIn(value: unknown, found = new Set<object>()): Set<object> {
  if (typeof value !== 'object' || value === null || value instanceof Decimal) return found
  found.add(value)
  if (value instanceof Uint8Array) return found
  for (const inner of value instanceof Set ? value : Object.values(value)) objectsIn(inner, found)
  return found
}

test('a copy is the same and shares no object', () => {
  fc.assert(
    fc.property(items(), (item) => {
      const copy = copyItem(item)
      expect(copy).toEqual(item)
      const originals = objectsIn(item)
      for (const object of objectsIn(copy)) expect(originals.has(object)).toBe(false)
    }),
  )
})

test('binary is copied out of its buffer', () => {
  const slice = Buffer.from('abcdef').subarray(1, 3)
  const copy = copyValue(slice as Uint8Array)
  expect(copy).toEqual(Uint8Array.of(98, 99))
  expect(Buffer.isBuffer(copy)).toBe(false)
  expect(copy.buffer.byteLength).toBe(2)
})

test('a property called __proto__ stays a property', () => {
  const copy = copyItem(JSON.parse('{"__proto__": {"polluted": true}, "a": 1}') as Item)
  expect(Object.keys(copy)).toEqual(['__proto__', 'a'])
  expect(Object.getPrototypeOf(copy)).toBe(Object.prototype)
  expect((copy as { polluted?: unknown }).polluted).toBe(undefined)
})

/**
 * How many bytes an item has, as DynamoDB counts them: what its 400 KB limit, its pages and its capacity units are
 * measured in. The bytes we store are others (item-codec.ts).
 *
 *   names and strings: their UTF-8 · binary: its bytes · null, true, false: 1
 *   numbers: 1, + 1 for every two significant digits before the point, + 1 for every two after it, + 1 if negative
 *   lists and maps: 3, + 1 for each element, + names and elements · sets: their elements
 *
 * Trusts what it is given to be an item; `encodeItem` is where that is checked.
 */
import { Decimal, numberParts } from './decimal.js'
import type { Item, NumberValue } from './item.js'

/** Bytes of the item: its names and values. An item itself has no overhead, only the maps inside it have. */
export function itemSize(item: Item): number {
  let size = 0
  for (const name of Object.keys(item)) size += Buffer.byteLength(name) + valueSize(item[name])
  return size
}

/** Bytes of one value, without its name. */
export function valueSize(value: unknown): number {
  switch (typeof value) {
    case 'string':
      return Buffer.byteLength(value)
    case 'number':
    case 'bigint':
      return numberSize(value)
    case 'boolean':
      return 1
  }
  if (value === null || typeof value !== 'object') return 1
  if (value instanceof Uint8Array) return value.byteLength
  let size = 0
  if (value instanceof Set) {
    for (const element of value) size += valueSize(element)
    return size
  }
  if (Array.isArray(value)) {
    for (const element of value) size += 1 + valueSize(element)
    return 3 + size
  }
  if (Decimal.is(value)) return numberSize(value)
  for (const name of Object.keys(value)) {
    size += 1 + Buffer.byteLength(name) + valueSize((value as Record<string, unknown>)[name])
  }
  return 3 + size
}

function numberSize(value: NumberValue): number {
  const { sign, exponent, digits } = numberParts(value)
  // The significant digits before the point; zeros after the last of them do not count.
  const before = Math.min(Math.max(exponent + 1, 0), digits.length)
  return 1 + Math.ceil(before / 2) + Math.ceil((digits.length - before) / 2) + (sign < 0 ? 1 : 0)
}

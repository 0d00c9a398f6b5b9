/**
 * What `contains`, `begins_with` and `size` mean, in every notation: DynamoDB's meaning. A value they do not apply to
 * (the size of a number) gives no result, never an error.
 */
import { equalValues } from '../item/equality.js'
import { isMap } from './attribute-path.js'
import { includesBytes, includesText } from './substring.js'

/** Whether a text holds a text, bytes hold bytes, or a list or set holds an equal element. */
export function containsValue(container: unknown, value: unknown): boolean {
  if (typeof container === 'string') return typeof value === 'string' && includesText(container, value)
  if (container instanceof Uint8Array) return value instanceof Uint8Array && includesBytes(container, value)
  if (Array.isArray(container)) return container.some((element) => equalValues(element, value))
  if (!(container instanceof Set)) return false
  if (container.has(value)) return true
  if (typeof value === 'string') return false
  for (const element of container) if (equalValues(element, value)) return true
  return false
}

/** Whether a text begins with a text, or bytes with bytes. */
export function beginsWithValue(value: unknown, prefix: unknown): boolean {
  if (typeof value === 'string') return typeof prefix === 'string' && value.startsWith(prefix)
  if (!(value instanceof Uint8Array) || !(prefix instanceof Uint8Array)) return false
  return prefix.length <= value.length && prefix.every((byte, index) => byte === value[index])
}

/** UTF-16 units of a text, bytes of bytes, elements of a list, set or map; `undefined` for anything else. */
export function sizeOfValue(value: unknown): number | undefined {
  if (typeof value === 'string' || Array.isArray(value) || value instanceof Uint8Array) return value.length
  if (value instanceof Set) return value.size
  return isMap(value) ? Object.keys(value).length : undefined
}

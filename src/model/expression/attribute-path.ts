/**
 * Reading an attribute inside an item, one step at a time. Only what the item itself holds is seen: `constructor`,
 * `__proto__` and `length` are attributes like any other, so usually they are missing. Texts, bytes, sets and numbers
 * have nothing inside.
 */
import { Decimal } from '../item/decimal.js'

/** The attribute `name` of a map, or the element of a list at the index `name`; `undefined` when there is none. */
export function readAttribute(container: unknown, name: string): unknown {
  if (typeof container !== 'object' || container === null) return undefined
  if (Array.isArray(container)) return isIndex(name) ? container[Number(name)] : undefined
  if (!Object.hasOwn(container, name) || !isMap(container)) return undefined
  return container[name]
}

/** Whether a value is a map: not a list, a set, bytes or a number. */
export function isMap(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Uint8Array) &&
    !(value instanceof Set) &&
    !Decimal.is(value)
  )
}

function isIndex(name: string): boolean {
  return /^(?:0|[1-9]\d{0,8})$/.test(name)
}

/**
 * Deep copies, so that an item handed out belongs to whoever gets it. Strings, numbers and Decimals never change and are
 * shared; everything else is made anew, binary as a plain `Uint8Array` of its own.
 *
 * Trusts its argument to be an item, and so of bounded depth.
 */
import { Decimal } from './decimal.js'
import type { Item } from './item.js'
import { shapeOfNames } from './shape.js'

/** A copy of the item that shares nothing with it that could change. */
export function copyItem(item: Item): Item {
  return copyMap(item)
}

/** A copy of one value. */
export function copyValue<Value>(value: Value): Value {
  return (typeof value === 'object' && value !== null ? copyObject(value) : value) as Value
}

function copyObject(value: object): unknown {
  if (Array.isArray(value)) {
    const list = new Array<unknown>(value.length)
    for (let index = 0; index < list.length; index++) list[index] = copyValue(value[index])
    return list
  }
  if (Decimal.is(value)) return value
  if (value instanceof Uint8Array) return new Uint8Array(value)
  if (value instanceof Set) {
    const set = new Set<unknown>()
    for (const element of value) set.add(copyValue(element))
    return set
  }
  return copyMap(value as Item)
}

function copyMap(map: Item): Item {
  const names = Object.keys(map)
  const shape = shapeOfNames(names)
  if (shape !== undefined) return shape.code.copy(shape, map, copyValue)
  // A spread copies the names in one go and defines properties, so even one called `__proto__` stays a property.
  const copy: Item = { ...map }
  for (const name of names) {
    const value = copy[name]
    if (typeof value === 'object' && value !== null) setOwn(copy, name, copyObject(value))
  }
  return copy
}

function setOwn(map: Item, name: string, value: unknown): void {
  if (name !== '__proto__') map[name] = value
  else Object.defineProperty(map, name, { value, writable: true, enumerable: true, configurable: true })
}

/** From the engine's values to DynamoDB's form of them. Numbers are written out, without exponent and needless zeros. */
import { Decimal, isNumberValue, numberParts, plainText } from '../../model/item/decimal.js'
import type { Item, NumberValue } from '../../model/item/item.js'
import type { AttributeMap, AttributeValue } from './attribute-value.js'

export function sdkItem(item: Item): AttributeMap {
  const map: Record<string, AttributeValue> = {}
  // No stored item has an attribute called `__proto__`.
  for (const name of Object.keys(item)) map[name] = sdkValue(item[name])
  return map
}

export function sdkValue(value: unknown): AttributeValue {
  switch (typeof value) {
    case 'string':
      return { S: value }
    case 'number':
      return { N: numberText(value) }
    case 'boolean':
      return { BOOL: value }
    case 'bigint':
      return { N: value.toString() }
  }
  return value === null ? { NULL: true } : sdkObject(value as object)
}

function sdkObject(value: object): AttributeValue {
  if (Array.isArray(value)) return { L: value.map(sdkValue) }
  if (Decimal.is(value)) return { N: value.toString() }
  if (value instanceof Uint8Array) return { B: value }
  if (value instanceof Set) return sdkSet(value)
  return { M: sdkItem(value as Item) }
}

function sdkSet(set: ReadonlySet<unknown>): AttributeValue {
  const elements = [...set]
  const [first] = elements
  if (typeof first === 'string') return { SS: elements as string[] }
  if (isNumberValue(first)) return { NS: (elements as NumberValue[]).map(numberText) }
  return { BS: elements as Uint8Array[] }
}

function numberText(value: NumberValue): string {
  return typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : plainText(numberParts(value))
}

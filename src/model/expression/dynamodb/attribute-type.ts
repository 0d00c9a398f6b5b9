/** DynamoDB's names for the types of values, and values as its messages show them. */
import { isNumberValue, numberParts, plainText } from '../../item/decimal.js'
import type { NumberValue } from '../../item/item.js'

export type AttributeType = 'S' | 'N' | 'B' | 'BOOL' | 'NULL' | 'L' | 'M' | 'SS' | 'NS' | 'BS'

const ATTRIBUTE_TYPES: ReadonlySet<string> = new Set(['S', 'N', 'B', 'BOOL', 'NULL', 'L', 'M', 'SS', 'NS', 'BS'])

/** The names that messages about `ADD` and `DELETE` have for them. */
export const LONG_TYPE_NAMES: Readonly<Record<AttributeType, string>> = {
  S: 'STRING',
  N: 'NUMBER',
  B: 'BINARY',
  BOOL: 'BOOLEAN',
  NULL: 'NULL',
  L: 'LIST',
  M: 'MAP',
  SS: 'STRING_SET',
  NS: 'NUMBER_SET',
  BS: 'BINARY_SET',
}

export function isAttributeType(name: string): name is AttributeType {
  return ATTRIBUTE_TYPES.has(name)
}

/** The type of a value that an item can hold. */
export function typeOf(value: unknown): AttributeType {
  if (typeof value === 'string') return 'S'
  if (isNumberValue(value)) return 'N'
  if (typeof value === 'boolean') return 'BOOL'
  if (value === null) return 'NULL'
  if (value instanceof Uint8Array) return 'B'
  if (Array.isArray(value)) return 'L'
  if (!(value instanceof Set)) return 'M'
  const [element] = value as ReadonlySet<unknown>
  return typeof element === 'string' ? 'SS' : isNumberValue(element) ? 'NS' : 'BS'
}

/** Whether values of the type have an order: strings, numbers and binary. */
export function isOrdered(type: AttributeType): boolean {
  return type === 'S' || type === 'N' || type === 'B'
}

export function isSetType(type: AttributeType): boolean {
  return type === 'SS' || type === 'NS' || type === 'BS'
}

/** A string, a number or binary as messages show it: `{S:a}`. */
export function valueText(value: string | NumberValue | Uint8Array): string {
  if (typeof value === 'string') return `{S:${value}}`
  if (value instanceof Uint8Array) return `{B:${Buffer.from(value).toString('base64')}}`
  return `{N:${plainText(numberParts(value))}}`
}

/**
 * Items as DynamoDB's exports have them, a line each: `{"Item":{"id":{"S":"a"},"n":{"N":"12.5"}}}`, with bytes in base64. What
 * is read comes from anywhere, so nothing about it is trusted.
 */
import { numberFromText } from '../../model/item/decimal.js'
import type { Item, NumberValue } from '../../model/item/item.js'
import { isPlainObject } from '../../model/item/plain-object.js'
import { sdkItem } from '../value/sdk-value.js'

/** Deeper than any item can be. */
const DEPTH_LIMIT = 64
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/

export function itemLine(item: Item): string {
  return `${JSON.stringify({ Item: sdkItem(item) }, bytesAsBase64)}\n`
}

/** As `JSON.stringify` calls it: with the holder, as a buffer has been turned into something else before it is passed. */
function bytesAsBase64(this: Readonly<Record<string, unknown>>, name: string, value: unknown): unknown {
  const bytes = this[name]
  return bytes instanceof Uint8Array ? base64(bytes) : value
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}

/**
 * The item of a line.
 *
 * @throws {SyntaxError} When it is none.
 */
export function itemFromLine(line: string): Item {
  const content: unknown = JSON.parse(line)
  if (isPlainObject(content) && isPlainObject(content['Item'])) return mapOf(content['Item'], 0)
  throw new SyntaxError('a line is {"Item": {"name": {"S": "value"}, …}}')
}

function mapOf(attributes: Readonly<Record<string, unknown>>, depth: number): Item {
  if (depth > DEPTH_LIMIT) throw new SyntaxError('it is nested too deeply')
  const item: Item = {}
  for (const name of Object.keys(attributes)) {
    if (name === '__proto__') throw new SyntaxError('no attribute can be called __proto__')
    item[name] = attributeValue(attributes[name], depth)
  }
  return item
}

function attributeValue(attribute: unknown, depth: number): unknown {
  const types = isPlainObject(attribute) ? Object.keys(attribute) : []
  const [type] = types
  if (types.length !== 1) throw new SyntaxError('a value is an object with its type: {"S": "text"}, {"N": "12.5"}, …')
  const content = (attribute as Record<string, unknown>)[type!]
  switch (type) {
    case 'S':
      return textOf(content, type)
    case 'N':
      return numberOf(content, type)
    case 'B':
      return bytesOf(content, type)
    case 'BOOL':
      if (typeof content === 'boolean') return content
      break
    case 'NULL':
      if (content === true) return null
      break
    case 'SS':
      return setOf(content, type, textOf)
    case 'NS':
      return setOf(content, type, numberOf)
    case 'BS':
      return setOf(content, type, bytesOf)
    case 'L':
      if (Array.isArray(content)) return content.map((element: unknown) => attributeValue(element, depth + 1))
      break
    case 'M':
      if (isPlainObject(content)) return mapOf(content, depth + 1)
  }
  throw unexpected(type!)
}

function textOf(content: unknown, type: string): string {
  if (typeof content === 'string') return content
  throw unexpected(type)
}

function numberOf(content: unknown, type: string): NumberValue {
  return numberFromText(textOf(content, type))
}

function bytesOf(content: unknown, type: string): Uint8Array {
  const text = textOf(content, type)
  if (BASE64.test(text)) return new Uint8Array(Buffer.from(text, 'base64'))
  throw unexpected(type)
}

function setOf<T>(content: unknown, type: string, elementOf: (content: unknown, type: string) => T): Set<T> {
  if (!Array.isArray(content)) throw unexpected(type)
  return new Set(content.map((element: unknown) => elementOf(element, type)))
}

function unexpected(type: string): SyntaxError {
  const shown = type.length > 10 ? `${type.slice(0, 10)}…` : type
  return new SyntaxError(`{${JSON.stringify(shown)}: …} is no value as DynamoDB writes one`)
}

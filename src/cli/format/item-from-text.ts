/** An item from JSON text, or the reason why it is none. */
import { isUtf8 } from 'node:buffer'
import type { Item } from '../../model/item/item.js'
import { isPlainObject } from '../../model/item/plain-object.js'
import { parseValue } from '../json-value.js'

/** @throws {Error} When the text is no JSON, or not that of an object. */
export function itemFromText(text: string): Item {
  if (text.trim() === '') throw new SyntaxError('there is nothing')
  const value = parseValue(text)
  if (isPlainObject(value)) return value
  throw new SyntaxError('an item is a JSON object: {"name": value, …}')
}

/** @throws {Error} As `itemFromText` does, and when the bytes are not UTF-8. */
export function itemFromBytes(bytes: Buffer): Item {
  if (!isUtf8(bytes)) throw new SyntaxError('it is not UTF-8')
  return itemFromText(bytes.toString('utf8'))
}

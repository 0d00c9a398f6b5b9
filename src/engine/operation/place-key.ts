/**
 * A place in a table or an index as the key attributes that stand for it, and back: what DynamoDB calls
 * `LastEvaluatedKey` and `ExclusiveStartKey`. It names no place in a file, so it means the same after the item was
 * deleted and after partitions were split; and it is read from the bytes of keys, so that of an attribute with many
 * values it has the one that the place is about.
 */
import { ValidationException } from '../../errors.js'
import { indexEntry } from '../../model/index/index-entry.js'
import { checkLength, checkPart } from '../../model/index/index-key.js'
import type { Item } from '../../model/item/item.js'
import type { KeyEncoder } from '../../model/key/key-bytes.js'
import { decodeKeyPart, HASH_BYTE_LENGTH } from '../../model/key/key-codec.js'
import type { KeyRange } from '../../model/key/key-range.js'
import { type KeyAttribute, type KeyRole, keyOf } from '../../model/key/key-schema.js'
import { type IndexState, keyNames, type TableState } from '../catalog/table-state.js'

const OUTSIDE = 'The provided starting key is outside query boundaries based on provided conditions'

/** The key of the item that stands under some bytes. */
export function tableKeyAt(table: TableState, primaryKey: string): Item {
  const key: Item = {}
  readParts(key, keyNames(table.key), primaryKey)
  return key
}

/** The key of an entry: of the item it stands for, and of the index. */
export function indexKeyAt(table: TableState, { key }: IndexState, entryKey: string, primaryKey: string): Item {
  const place = tableKeyAt(table, primaryKey)
  const names = [...key.partition, ...key.sort].map(({ name }) => name)
  readParts(place, names, entryKey)
  return place
}

/** @throws {ValidationException} When it can't be a key of the table. */
export function tablePlace(keys: KeyEncoder, table: TableState, startKey: Item): string {
  return keys.primaryKey(keyOf(table.key, startKey))
}

/** @throws {ValidationException} When it can't be a key of the table and of the index. */
export function indexPlace(keys: KeyEncoder, table: TableState, index: IndexState, startKey: Item): string {
  const side = (attributes: readonly KeyAttribute[], role: KeyRole) => {
    const parts = attributes.map((attribute) => checkPart(index, attribute, startKey[attribute.name]))
    checkLength(parts, role)
    return parts
  }
  const values = { partition: side(index.key.partition, 'partition'), sort: side(index.key.sort, 'sort') }
  return indexEntry(index, keys, values, tablePlace(keys, table, startKey)).key
}

/** @throws {ValidationException} CURSOR when a read of the range can't begin behind the place. */
export function checkInside({ lower, upper }: KeyRange, place: string): string {
  if (place >= lower && (upper === undefined || place < upper)) return place
  throw new ValidationException('CURSOR', OUTSIDE)
}

function readParts(target: Item, names: readonly string[], bytes: string): void {
  let offset = HASH_BYTE_LENGTH
  for (const name of names) {
    const { value, end } = decodeKeyPart(bytes, offset)
    target[name] = value
    offset = end
  }
}

/**
 * The entries of an index, as they are stored (architecture/key-format.md): where the item with a key stands.
 *
 * A plain index has the item's own key behind its own, so that any number of items may have one key. A unique index has
 * nothing behind it: a second item would need the very same entry, and that is what makes it unique. An entry of a covering
 * index has a copy of its item behind its value, exactly as it is stored in the table.
 */
import { CorruptionError } from '../../errors.js'
import type { KeyEncoder } from '../key/key-bytes.js'
import { HASH_BYTE_LENGTH, skipKeyPart, skipKeyPartIn } from '../key/key-codec.js'
import type { IndexDefinition } from './index-definition.js'
import type { IndexKeyValues, KeyedIndex } from './index-key.js'

/** What of a definition says how entries look. */
export type EntryKind = Pick<IndexDefinition, 'partition' | 'sort' | 'isUnique' | 'isCovering'>

/** As byte strings. */
export interface IndexEntry {
  readonly key: string
  /** Without the copy of a covering index: that is bytes, and seldom asked for. */
  readonly value: string
}

/** The entry of an item under one of its keys; `primary` is the key under which the item itself stands. */
export function indexEntry(
  { definition }: Pick<KeyedIndex, 'definition'>,
  keys: KeyEncoder,
  { partition, sort }: IndexKeyValues,
  primary: string,
): IndexEntry {
  if (definition.isUnique) return { key: keys.keyInFrontOf('', partition, sort), value: primary }
  const key = keys.keyInFrontOf(primary.slice(HASH_BYTE_LENGTH), partition, sort)
  return { key, value: primary.slice(0, HASH_BYTE_LENGTH) }
}

/** Where the copy of an item begins in the value of an entry of a covering index. */
export const COPY_OFFSET: number = HASH_BYTE_LENGTH

/** The value of an entry as it is stored, with a copy of the item if the index has one. */
export function storedValue({ isCovering }: EntryKind, { value }: IndexEntry, item: Uint8Array): Uint8Array {
  if (!isCovering) return Buffer.from(value, 'latin1')
  const bytes = Buffer.allocUnsafe(COPY_OFFSET + item.length)
  bytes.write(value, 'latin1')
  bytes.set(item, COPY_OFFSET)
  return bytes
}

/**
 * The key of the item that an entry stands for; of a covering index, `value` may be whole or without the copy.
 *
 * @throws {CorruptionError} When the entry is none of that index.
 */
export function primaryKeyOfEntry(definition: EntryKind, key: string, value: string): string {
  if (definition.isUnique) {
    if (value.length > HASH_BYTE_LENGTH) return value
    throw new CorruptionError('index entry', 0, 'its value is not the key of an item')
  }
  const isHash = definition.isCovering ? value.length >= HASH_BYTE_LENGTH : value.length === HASH_BYTE_LENGTH
  if (!isHash) throw new CorruptionError('index entry', 0, 'its value is not a hash')
  const end = endOfParts(key, HASH_BYTE_LENGTH, definition.partition.length + definition.sort.length)
  if (end >= key.length) throw new CorruptionError('index entry', end, 'it has no key of an item')
  return value.slice(0, HASH_BYTE_LENGTH) + key.slice(end)
}

/**
 * As `primaryKeyOfEntry`, of bytes: the entry's value stands at their beginning, and its key where value and key together
 * would end. The item's key is put at the beginning. Of a covering index the value is without the copy.
 *
 * @returns How long it is.
 * @throws {CorruptionError} When the entry is none of that index.
 */
export function writePrimaryKeyOfEntry(
  { isUnique, partition, sort }: EntryKind,
  bytes: Uint8Array,
  valueLength: number,
  keyLength: number,
): number {
  if (isUnique) {
    if (valueLength > HASH_BYTE_LENGTH) return valueLength
    throw new CorruptionError('index entry', 0, 'its value is not the key of an item')
  }
  if (valueLength !== HASH_BYTE_LENGTH) throw new CorruptionError('index entry', 0, 'its value is not a hash')
  const keyEnd = valueLength + 2 * keyLength
  let from = valueLength + keyLength + HASH_BYTE_LENGTH
  for (let part = partition.length + sort.length; part > 0; part--) from = skipKeyPartIn(bytes, from, keyEnd)
  if (from >= keyEnd) throw new CorruptionError('index entry', from, 'it has no key of an item')
  let to = HASH_BYTE_LENGTH
  for (; from < keyEnd; from++, to++) bytes[to] = bytes[from]!
  return to
}

/** Where so many parts end that begin at `from`. */
export function endOfParts(key: string, from: number, count: number): number {
  let offset = from
  for (let part = 0; part < count; part++) offset = skipKeyPart(key, offset)
  return offset
}

/**
 * The keys of the sorted spaces of a table, made of encoded parts (architecture/key-format.md):
 *
 *   items:        hash of the partition key · partition key · sort key?
 *   index entries: hash of the index's partition key · it · its sort key? · the item's partition key · its sort key?
 *
 * The hash spreads partition keys evenly over the space. An entry of an index does not hold the hash of the item's own
 * partition key, as nothing is sorted by it: that is the entry's value, and so the item's key can be put together again
 * without hashing.
 */
import { CorruptionError } from '../../errors.js'
import { encodeKeyPart, type KeyValue, skipKeyPart } from './key-codec.js'
import type { KeyValues } from './key-schema.js'

/** Eight bytes, most significant first, of a 64-bit hash of the byte string. */
export type KeyHash = (bytes: string) => string

export const HASH_BYTE_LENGTH = 8

/** The key under which an item stands. */
export function primaryKeyBytes(hash: KeyHash, key: KeyValues): string {
  const partition = encodeKeyPart(key.partition)
  const sort = key.sort === undefined ? '' : encodeKeyPart(key.sort)
  // Joined, not added: every search goes through its characters, and those of a sum of strings lie in several places.
  return [hash(partition), partition, sort].join('')
}

/** What the keys of all items of a partition key begin with, and of no others: the hash and the encoded key. */
export function partitionPrefix(hash: KeyHash, partition: KeyValue): string {
  const part = encodeKeyPart(partition)
  return hash(part) + part
}

/**
 * The entry of an item in an index; `primary` is the key under which the item stands. Two items with the same index key
 * have two entries, in the order of their own keys.
 */
export function indexEntryOf(hash: KeyHash, indexKey: KeyValues, primary: string): { key: string; value: string } {
  return {
    key: primaryKeyBytes(hash, indexKey) + primary.slice(HASH_BYTE_LENGTH),
    value: primary.slice(0, HASH_BYTE_LENGTH),
  }
}

/**
 * The key of the item that an entry of an index stands for.
 *
 * @param partsInIndex How many parts the index's own key has: one, or two with a sort key.
 * @throws {CorruptionError} When the key has fewer parts, or the value is no hash.
 */
export function primaryKeyFromIndexEntry(indexKey: string, partsInIndex: number, value: string): string {
  if (value.length !== HASH_BYTE_LENGTH) throw new CorruptionError('index entry', 0, 'its value is not a hash')
  let offset = HASH_BYTE_LENGTH
  for (let part = 0; part < partsInIndex; part++) offset = skipKeyPart(indexKey, offset)
  if (offset >= indexKey.length) throw new CorruptionError('index entry', offset, 'it has no key of an item')
  return value + indexKey.slice(offset)
}

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

/** Prefixes of recent partition keys are remembered, each in its one place. A power of two. */
const REMEMBERED_PREFIXES = 16_384

/** Makes the keys of one database: its hash decides where they lie. */
export class KeyEncoder {
  readonly hash: KeyHash
  readonly #partitions = new Array<string | undefined>(REMEMBERED_PREFIXES).fill(undefined)
  readonly #prefixes = new Array<string | undefined>(REMEMBERED_PREFIXES).fill(undefined)

  constructor(hash: KeyHash) {
    this.hash = hash
  }

  /** The key under which an item stands. */
  primaryKey({ partition, sort }: KeyValues): string {
    const prefix = this.partitionPrefix(partition)
    // Joined, not added: every search goes through its characters, and those of a sum of strings lie in several places.
    return sort === undefined ? prefix : [prefix, encodeKeyPart(sort)].join('')
  }

  /** What the keys of all items of a partition key begin with, and of no others: the hash and the encoded key. */
  partitionPrefix(partition: KeyValue): string {
    if (typeof partition !== 'string') return this.#newPrefix(partition)
    const place = placeOf(partition)
    if (this.#partitions[place] === partition) return this.#prefixes[place]!
    const prefix = this.#newPrefix(partition)
    this.#partitions[place] = partition
    this.#prefixes[place] = prefix
    return prefix
  }

  /**
   * The entry of an item in an index; `primary` is the key under which the item stands. Two items with the same index
   * key have two entries, in the order of their own keys.
   */
  indexEntry(indexKey: KeyValues, primary: string): { key: string; value: string } {
    return {
      key: [this.primaryKey(indexKey), primary.slice(HASH_BYTE_LENGTH)].join(''),
      value: primary.slice(0, HASH_BYTE_LENGTH),
    }
  }

  #newPrefix(partition: KeyValue): string {
    const part = encodeKeyPart(partition)
    return [this.hash(part), part].join('')
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

/** Where a partition key's prefix is remembered: the next key with that place takes it. */
function placeOf(partition: string): number {
  let hash = partition.length
  for (let i = 0; i < partition.length; i++) hash = Math.imul(hash ^ partition.charCodeAt(i), 0x9e3779b1)
  return (hash >>> 16) & (REMEMBERED_PREFIXES - 1)
}

/**
 * The keys of the sorted spaces of a table, made of encoded parts (architecture/key-format.md): a hash of the partition
 * key, the partition key, and what is behind it. The hash spreads partition keys evenly over the space.
 *
 * Items are under their own keys, the entries of indexes (index/index-entry.ts) under those of the index.
 */
import { encodeKeyPart, type KeyValue } from './key-codec.js'
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

  /** As `partitionPrefix`, for a partition key of several attributes: the hash of all of them, and they themselves. */
  compositePrefix(partition: readonly KeyValue[]): string {
    const parts = partition.map(encodeKeyPart).join('')
    return [this.hash(parts), parts].join('')
  }

  #newPrefix(partition: KeyValue): string {
    const part = encodeKeyPart(partition)
    return [this.hash(part), part].join('')
  }
}

/** Where a partition key's prefix is remembered: the next key with that place takes it. */
function placeOf(partition: string): number {
  let hash = partition.length
  for (let i = 0; i < partition.length; i++) hash = Math.imul(hash ^ partition.charCodeAt(i), 0x9e3779b1)
  return (hash >>> 16) & (REMEMBERED_PREFIXES - 1)
}

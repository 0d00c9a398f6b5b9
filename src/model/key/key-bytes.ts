/**
 * The keys of the sorted spaces of a table, made of encoded parts (architecture/key-format.md): a hash of the partition
 * key, the partition key, and what is behind it. The hash spreads partition keys evenly over the space.
 *
 * Items are under their own keys, the entries of indexes (index/index-entry.ts) under those of the index.
 */
import { partOf, putSortableUint64 } from '../../base/bytes.js'
import { HashedKey, hashKey, roomForKey } from '../../base/key-hash.js'
import type { Item } from '../item/item.js'
import { encodeKeyPart, HASH_BYTE_LENGTH, type KeyValue, writeKeyPart, writePlainText } from './key-codec.js'
import { checkKey, type KeyAttribute, type KeySchema, type KeyValues, keyOf } from './key-schema.js'
import { type PrefixMemory, RememberedPrefixes } from './remembered-prefixes.js'

/** A hash of 64 bits of some bytes, and of nothing else. */
export type KeyHash = (bytes: Uint8Array) => bigint

/** Up to this length text is written byte by byte: longer text may be too long for a key, too. */
const SHORT_LENGTH = 256
/** What a key of two short texts takes at most; what is longer is made in another way. */
const SHORT_KEY_LENGTH = 1024

/** The key of an item, checked, and the key under which it stands. */
export interface PlacedKey extends KeyValues {
  readonly primaryKey: string
}

/** Makes the keys of one database: its hash decides where they lie. */
export class KeyEncoder {
  readonly #hash: KeyHash
  readonly #remembered = new RememberedPrefixes()
  /** For what is made of parts: somebody may still need the key that was written last. */
  readonly #scratch = new HashedKey(SHORT_KEY_LENGTH)

  constructor(hash: KeyHash) {
    this.#hash = hash
  }

  /** The key under which an item stands. */
  primaryKey({ partition, sort }: KeyValues): string {
    if (typeof partition === 'string' && (sort === undefined || typeof sort === 'string')) {
      const plain = this.#plainKeyOf(partition, sort)
      if (plain !== undefined) return plain.text
    }
    const prefix = this.partitionPrefix(partition)
    // Joined, not added: every search goes through its characters, and those of a sum of strings lie in several places.
    return sort === undefined ? prefix : [prefix, encodeKeyPart(sort)].join('')
  }

  /**
   * The key of an item that is to be written, whose values are read and not computed.
   *
   * @throws {ValidationException} As `keyOf` does.
   */
  placeOfItem(schema: KeySchema, item: Item): PlacedKey {
    const plain = this.plainKeyOfItem(schema, item)
    if (plain === undefined) return this.#placed(keyOf(schema, item))
    const { partition, sort } = schema
    return {
      partition: item[partition.name] as string,
      sort: sort && (item[sort.name] as string),
      primaryKey: plain.text,
    }
  }

  /**
   * The key of such an item ready to be looked for: an object that the next look for any key fills anew. Undefined where
   * it is none of short texts without anything special in them; else nothing of the caller's runs.
   */
  plainKeyOfItem({ partition, sort }: KeySchema, item: Item): HashedKey | undefined {
    const partitionText = textOf(partition, item)
    const sortText = sort && textOf(sort, item)
    if (partitionText === undefined || (sort !== undefined && sortText === undefined)) return undefined
    return this.#plainKeyOf(partitionText, sortText)
  }

  /**
   * The same of any item.
   *
   * @throws {ValidationException} As `keyOf` does.
   */
  searchKeyOfItem(schema: KeySchema, item: Item): HashedKey {
    return hashKey(this.primaryKey(keyOf(schema, item)))
  }

  /**
   * The key that a caller names an item by. Its values are read once.
   *
   * @throws {ValidationException} As `checkKey` does.
   */
  placeOfKey(schema: KeySchema, key: unknown): PlacedKey {
    return this.#placed(checkKey(schema, key))
  }

  #placed(key: KeyValues): PlacedKey {
    return { partition: key.partition, sort: key.sort, primaryKey: this.primaryKey(key) }
  }

  /**
   * The key that a caller names an item by, checked and ready to be looked for: an object that the next look for any key
   * fills anew.
   *
   * @throws {ValidationException} As `checkKey` does.
   */
  searchKey(schema: KeySchema, key: unknown): HashedKey {
    return this.#plainKey(schema, key) ?? hashKey(this.primaryKey(checkKey(schema, key)))
  }

  /** What the keys of all items of a partition key begin with, and of no others: the hash and the encoded key. */
  partitionPrefix(partition: KeyValue): string {
    const scratch = this.#scratch
    const end = writeKeyPart(partition, scratch.bytes, HASH_BYTE_LENGTH)
    if (end < 0) return this.compositePrefix([partition])
    const place = this.#writeHash(scratch, end)
    return place >= 0 ? this.#remembered.text(place, end) : latin1Slice.call(scratch.bytes, 0, end)
  }

  /** As `partitionPrefix`, for a partition key of several attributes: the hash of all of them, and they themselves. */
  compositePrefix(partition: readonly KeyValue[]): string {
    const parts = partition.map(encodeKeyPart).join('')
    const bytes = new Uint8Array(HASH_BYTE_LENGTH + parts.length)
    latin1Write.call(bytes, parts, HASH_BYTE_LENGTH, parts.length)
    this.#makeHash(bytes, bytes.length)
    return latin1Slice.call(bytes, 0, bytes.length)
  }

  /** A key of these parts, in front of a byte string: entries of indexes have such keys. */
  keyInFrontOf(rest: string, partition: readonly KeyValue[], sort: readonly KeyValue[]): string {
    const scratch = this.#scratch
    const { bytes } = scratch
    let end = HASH_BYTE_LENGTH
    for (const value of partition) end = end < 0 ? end : writeKeyPart(value, bytes, end)
    const prefixEnd = end
    for (const value of sort) end = end < 0 ? end : writeKeyPart(value, bytes, end)
    if (end < 0 || end + rest.length > bytes.length) {
      return [this.compositePrefix(partition), ...sort.map(encodeKeyPart), rest].join('')
    }
    latin1Write.call(bytes, rest, end, rest.length)
    // Only of keys of one part is it known where they end, if one is remembered.
    if (partition.length === 1) this.#writeHash(scratch, prefixEnd)
    else this.#makeHash(bytes, prefixEnd)
    return latin1Slice.call(bytes, 0, end + rest.length)
  }

  /**
   * Most keys are objects of one or two short texts without anything special in them, and are checked, written and hashed
   * in one go. Undefined for all others, whether they are keys or not.
   */
  #plainKey({ partition, sort }: KeySchema, key: unknown): HashedKey | undefined {
    if (typeof key !== 'object' || key === null || Object.getPrototypeOf(key) !== Object.prototype) return undefined
    const values = key as Item
    const partitionName = partition.name
    const sortName = sort?.name
    let count = 0
    for (const name in values) {
      if (name !== partitionName && name !== sortName) return undefined
      count += 1
    }
    // A property that somebody has given all objects is none of the key's.
    for (const _inherited in NOTHING) return undefined
    if (count !== (sort === undefined ? 1 : 2) || partition.type !== 'S') return undefined
    const partitionValue = values[partitionName]
    if (typeof partitionValue !== 'string') return undefined
    if (sort === undefined) return this.#plainKeyOf(partitionValue, undefined)
    const sortValue = values[sort.name]
    if (sort.type !== 'S' || typeof sortValue !== 'string') return undefined
    return this.#plainKeyOf(partitionValue, sortValue)
  }

  /** The key of short texts without anything special in them, written and hashed in one go; undefined for others. */
  #plainKeyOf(partition: string, sort: string | undefined): HashedKey | undefined {
    if (!isShort(partition) || (sort !== undefined && !isShort(sort))) return undefined
    const key = roomForKey(SHORT_KEY_LENGTH)
    const { bytes } = key
    const prefixEnd = writePlainText(partition, bytes, HASH_BYTE_LENGTH)
    const end = prefixEnd < 0 || sort === undefined ? prefixEnd : writePlainText(sort, bytes, prefixEnd)
    if (end < 0) return undefined
    this.#writeHash(key, prefixEnd)
    key.hash(end)
    return key
  }

  /** Writes the hash of an encoded partition key in front of it. Says in which place it was remembered; -1 if it was not. */
  #writeHash(prefix: PrefixMemory, end: number): number {
    const remembered = this.#remembered
    const place = remembered.recall(prefix, end)
    if (place >= 0) return place
    this.#makeHash(prefix.bytes, end)
    remembered.remember(prefix, end)
    return -1
  }

  #makeHash(bytes: Uint8Array, end: number): void {
    putSortableUint64(bytes, 0, this.#hash(partOf(bytes, HASH_BYTE_LENGTH, end)))
  }
}

/** An attribute of a key that is to be text, and is. */
function textOf({ name, type }: KeyAttribute, item: Item): string | undefined {
  const value = type === 'S' && Object.hasOwn(item, name) ? item[name] : undefined
  return typeof value === 'string' ? value : undefined
}

function isShort({ length }: string): boolean {
  return length > 0 && length <= SHORT_LENGTH
}

/** It has what all objects have: to look into it is quicker than to ask of each name of a key whether it is the key's own. */
const NOTHING: object = {}

type Write = (this: Uint8Array, text: string, start: number, length: number) => number
type Slice = (this: Uint8Array, start: number, end: number) => string
const { latin1Write, latin1Slice } = Buffer.prototype as unknown as { latin1Write: Write; latin1Slice: Slice }

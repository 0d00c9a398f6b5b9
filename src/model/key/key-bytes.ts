/**
 * The keys of the sorted spaces of a table, made of encoded parts (architecture/key-format.md): a hash of the partition
 * key, the partition key, and what is behind it. The hash spreads partition keys evenly over the space.
 *
 * Items are under their own keys, the entries of indexes (index/index-entry.ts) under those of the index.
 */
import { type HashedKey, hashKey, hashWrittenKey, memoryForKey } from '../../base/key-hash.js'
import type { Item } from '../item/item.js'
import { encodeKeyPart, type KeyValue } from './key-codec.js'
import { checkKey, type KeySchema, type KeyValues } from './key-schema.js'

/** Eight bytes, most significant first, of a 64-bit hash of the byte string. */
export type KeyHash = (bytes: string) => string

export const HASH_BYTE_LENGTH = 8

/** Prefixes of recent partition keys are remembered, each in its one place: so many at first, and so many at most. */
const FEWEST_PREFIXES = 1024
const MOST_PREFIXES = 65_536

/** Up to this length text is written byte by byte: longer text may be too long for a key, too. */
const SHORT_LENGTH = 256
/** What a key of two short texts takes at most. */
const SHORT_KEY_LENGTH = 1024
/** The byte in front of a text. */
const TEXT_PART = 0x53

/** Makes the keys of one database: its hash decides where they lie. */
export class KeyEncoder {
  readonly hash: KeyHash
  #remembered = new RememberedPrefixes(FEWEST_PREFIXES)

  constructor(hash: KeyHash) {
    this.hash = hash
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
    if (typeof partition !== 'string') return this.#newPrefix(partition)
    const place = this.#placeOf(partition)
    return this.#remembered.prefixes[place]!
  }

  /** As `partitionPrefix`, for a partition key of several attributes: the hash of all of them, and they themselves. */
  compositePrefix(partition: readonly KeyValue[]): string {
    const parts = partition.map(encodeKeyPart).join('')
    return [this.hash(parts), parts].join('')
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
      if ((name !== partitionName && name !== sortName) || !Object.hasOwn(values, name)) return undefined
      count += 1
    }
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
    const bytes = memoryForKey(SHORT_KEY_LENGTH)
    let end = writePlainText(partition, bytes, HASH_BYTE_LENGTH)
    if (end >= 0 && sort !== undefined) end = writePlainText(sort, bytes, end)
    if (end < 0) return undefined
    const from = this.#placeOf(partition) * HASH_BYTE_LENGTH
    const { hashes } = this.#remembered
    for (let i = 0; i < HASH_BYTE_LENGTH; i++) bytes[i] = hashes[from + i]!
    return hashWrittenKey(end)
  }

  /** Where the prefix of a partition key is remembered, from now on if it was not. */
  #placeOf(partition: string): number {
    const place = this.#remembered.placeOf(partition)
    if (this.#remembered.partitions[place] === partition) return place
    if (this.#remembered.isWorthGrowing) this.#remembered = new RememberedPrefixes(this.#remembered.size * 2)
    return this.#remembered.remember(partition, this.#newPrefix(partition))
  }

  #newPrefix(partition: KeyValue): string {
    const part = encodeKeyPart(partition)
    return [this.hash(part), part].join('')
  }
}

class RememberedPrefixes {
  readonly size: number
  readonly partitions: (string | undefined)[]
  readonly prefixes: (string | undefined)[]
  /** The hashes, side by side. */
  readonly hashes: Uint8Array
  #written = 0

  /** @param size A power of two. */
  constructor(size: number) {
    this.size = size
    this.partitions = new Array<string | undefined>(size).fill(undefined)
    this.prefixes = new Array<string | undefined>(size).fill(undefined)
    this.hashes = new Uint8Array(size * HASH_BYTE_LENGTH)
  }

  /** Whether many were written for how many there is room: then they drive each other out. */
  get isWorthGrowing(): boolean {
    return this.#written >= this.size && this.size < MOST_PREFIXES
  }

  placeOf(partition: string): number {
    let hash = partition.length
    for (let i = 0; i < partition.length; i++) hash = Math.imul(hash ^ partition.charCodeAt(i), 0x9e3779b1)
    return (hash >>> 16) & (this.size - 1)
  }

  /** Says where. What was in that place is forgotten. */
  remember(partition: string, prefix: string): number {
    const place = this.placeOf(partition)
    this.partitions[place] = partition
    this.prefixes[place] = prefix
    for (let i = 0; i < HASH_BYTE_LENGTH; i++) this.hashes[place * HASH_BYTE_LENGTH + i] = prefix.charCodeAt(i)
    this.#written += 1
    return place
  }
}

function isShort({ length }: string): boolean {
  return length > 0 && length <= SHORT_LENGTH
}

/** Writes text as `encodeKeyPart` has it, and says where it ends; -1 if it is not ASCII without a zero. */
function writePlainText(text: string, bytes: Uint8Array, start: number): number {
  bytes[start] = TEXT_PART
  let at = start + 1
  let all = 0
  for (let i = 0; i < text.length; i++, at++) {
    const code = text.charCodeAt(i)
    bytes[at] = code
    all |= code | (code - 1)
  }
  bytes[at] = 0
  bytes[at + 1] = 0
  return all >>> 7 === 0 ? at + 2 : -1
}

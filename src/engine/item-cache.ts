/**
 * Decoded items that were read more than once lately, up to a number of bytes: a get of one of them searches and decodes
 * nothing. What is handed out is a copy, so that each reader has an item of his own.
 *
 * Each key has one place in the cache; another key with the same place takes it only when it is asked for twice. What a
 * commit changes is forgotten when the commit becomes visible.
 */
import { hashKey } from '../base/key-hash.js'
import type { Item } from '../model/item/item.js'

/** What an item takes in memory, as far as its encoded length tells: objects and strings have their headers. */
const BYTES_PER_ENCODED_BYTE = 4
const BYTES_PER_ITEM = 200
/** The cache has a place for so many bytes. */
const BYTES_PER_PLACE = 512

interface CachedItem {
  readonly tree: number
  readonly key: string
  readonly item: Item
  readonly byteLength: number
}

export class ItemCache {
  readonly #byteLimit: number
  readonly #mask: number
  readonly #places: (CachedItem | undefined)[]
  /** For each place, a part of the hash of the key that was last asked for and not found. */
  readonly #asked: Uint16Array
  #byteLength = 0
  /** Where the search goes on for something to forget. */
  #hand = 0
  #hits = 0
  #misses = 0

  constructor(byteLimit: number) {
    const count = 2 ** Math.max(0, Math.floor(Math.log2(byteLimit / BYTES_PER_PLACE)))
    this.#byteLimit = byteLimit
    this.#mask = count - 1
    this.#places = new Array<CachedItem | undefined>(count).fill(undefined)
    this.#asked = new Uint16Array(count)
  }

  get statistics(): { byteLimit: number; byteLength: number; hits: number; misses: number } {
    return { byteLimit: this.#byteLimit, byteLength: this.#byteLength, hits: this.#hits, misses: this.#misses }
  }

  /** The item, to be copied before anybody gets it. */
  get(tree: number, key: string): Item | undefined {
    const cached = this.#places[hashKey(key).first & this.#mask]
    if (cached === undefined || cached.key !== key || cached.tree !== tree) {
      this.#misses += 1
      return undefined
    }
    this.#hits += 1
    return cached.item
  }

  /** Whether the item should be kept: it was asked for before. Asked again, the answer is yes. */
  isWanted(key: string): boolean {
    const hash = hashKey(key).first
    const place = hash & this.#mask
    const mark = (hash >>> 16) | 1
    if (this.#asked[place] === mark) return true
    this.#asked[place] = mark
    return false
  }

  /** Keeps an item that nobody else has. */
  set(tree: number, key: string, item: Item, encodedByteLength: number): void {
    const byteLength = encodedByteLength * BYTES_PER_ENCODED_BYTE + BYTES_PER_ITEM
    if (byteLength > this.#byteLimit / 16) return
    this.#forget(hashKey(key).first & this.#mask)
    this.#places[hashKey(key).first & this.#mask] = { tree, key, item, byteLength }
    this.#byteLength += byteLength
    while (this.#byteLength > this.#byteLimit) {
      this.#hand = (this.#hand + 1) & this.#mask
      this.#forget(this.#hand)
    }
  }

  /** Forgets the item under a key, if it has it. */
  delete(tree: number, key: string): void {
    if (this.#byteLength === 0) return
    const place = hashKey(key).first & this.#mask
    const cached = this.#places[place]
    if (cached !== undefined && cached.key === key && cached.tree === tree) this.#forget(place)
  }

  #forget(place: number): void {
    const cached = this.#places[place]
    if (cached === undefined) return
    this.#byteLength -= cached.byteLength
    this.#places[place] = undefined
  }
}

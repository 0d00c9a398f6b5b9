/**
 * Decoded items that are read again and again, up to a number of bytes: a get of one of them searches and decodes
 * nothing. What is handed out is a copy, so that each reader has an item of his own.
 *
 * It is for the few that are read most. Objects lie in many places of memory: a cache of more of them than the processor
 * has caches for is slower than decoding them anew. So each key has one place in it, and to take a place from another key
 * that is still asked for takes several requests. What a commit changes is forgotten when the commit becomes visible.
 */
import type { HashedKey } from '../base/key-hash.js'
import type { Item } from '../model/item/item.js'

/** What an item takes in memory, as far as its encoded length tells: objects and strings have their headers. */
const BYTES_PER_ENCODED_BYTE = 4
const BYTES_PER_ITEM = 200
/** The cache has a place for so many bytes. */
const BYTES_PER_PLACE = 512
/** How often an item that was asked for since is not given up for another one. */
const LIVES = 3

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
  /** For each place, a part of the hash of the key that has it: of another key it is known from here that it is not in. */
  readonly #tags: Int32Array
  readonly #lives: Uint8Array
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
    this.#tags = new Int32Array(count)
    this.#lives = new Uint8Array(count)
    this.#asked = new Uint16Array(count)
  }

  get statistics(): { byteLimit: number; byteLength: number; hits: number; misses: number } {
    return { byteLimit: this.#byteLimit, byteLength: this.#byteLength, hits: this.#hits, misses: this.#misses }
  }

  /** The item, to be copied before anybody gets it. */
  get(tree: number, key: HashedKey): Item | undefined {
    const place = key.first & this.#mask
    const cached = this.#find(tree, key, place)
    if (cached === undefined) {
      this.#misses += 1
      return undefined
    }
    this.#hits += 1
    this.#lives[place] = LIVES
    return cached.item
  }

  /** Whether an item that was not in it should be kept: it was asked for before, and more than the one that has its place. */
  isWanted({ first }: HashedKey): boolean {
    const place = first & this.#mask
    const mark = (first >>> 16) | 1
    if (this.#asked[place] !== mark) {
      this.#asked[place] = mark
      return false
    }
    const lives = this.#lives[place]!
    if (lives === 0) return true
    this.#lives[place] = lives - 1
    return false
  }

  /** Keeps an item that nobody else has. */
  set(tree: number, key: HashedKey, item: Item, encodedByteLength: number): void {
    const byteLength = encodedByteLength * BYTES_PER_ENCODED_BYTE + BYTES_PER_ITEM
    if (byteLength > this.#byteLimit / 16) return
    const place = key.first & this.#mask
    this.#forget(place)
    this.#places[place] = { tree, key: key.text, item, byteLength }
    this.#tags[place] = key.second | 0
    this.#lives[place] = LIVES
    this.#byteLength += byteLength
    while (this.#byteLength > this.#byteLimit) this.#forgetNext()
  }

  get isEmpty(): boolean {
    return this.#byteLength === 0
  }

  /** Forgets the item under a key, if it has it. */
  delete(tree: number, key: HashedKey): void {
    const place = key.first & this.#mask
    if (this.#find(tree, key, place) !== undefined) this.#forget(place)
  }

  #find(tree: number, key: HashedKey, place: number): CachedItem | undefined {
    if (this.#tags[place] !== (key.second | 0)) return undefined
    const cached = this.#places[place]
    return cached !== undefined && cached.tree === tree && key.hasText(cached.key) ? cached : undefined
  }

  /** Of those that were not asked for since the hand came by last, one. */
  #forgetNext(): void {
    for (;;) {
      const hand = (this.#hand + 1) & this.#mask
      this.#hand = hand
      if (this.#lives[hand]! > 0) this.#lives[hand]! -= 1
      else if (this.#places[hand] !== undefined) {
        this.#forget(hand)
        return
      }
    }
  }

  #forget(place: number): void {
    const cached = this.#places[place]
    if (cached === undefined) return
    this.#byteLength -= cached.byteLength
    this.#places[place] = undefined
    this.#lives[place] = 0
  }
}

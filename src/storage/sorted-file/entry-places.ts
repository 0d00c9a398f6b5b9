/**
 * Where in the block cache the entries lie that were looked up lately, by their keys: one look into a table, and one at
 * the key itself, instead of a search through filter, index and block.
 *
 * A place is good as long as the same files are asked (a partition whose files change gets another serial number) and
 * its block is still in the same slot of the cache (a slot that is taken for another block gets another generation). So
 * nothing here has to be told when something changes: what is out of date is only not found.
 *
 * The table is a row of 32-bit numbers outside the heap. Each key has two places, side by side in one line of the
 * processor's cache; a third key takes that of the one that was stored first. It is small at first, so that the places of
 * few entries lie close together, and is doubled while much of what is looked up is not found.
 */
import type { HashedKey } from '../../base/key-hash.js'
import type { FoundValue } from '../tree/cursor.js'

/** The numbers of one place: a part of the key's hash and the partition's serial number, … */
const TAG = 0
const PARTITION = 1
/** … the slot, and whose turn it was in the slot, … */
const SLOT = 2
const GENERATION = 3
/** … the length of the key, and of what it has in common with all keys of the block (16 bits each), … */
const KEY = 4
/** … and from the beginning of the block: where the rest of the key is, and where the value begins and ends. */
const KEY_START = 5
const START = 6
const END = 7
const PLACE_LENGTH = 8
const BUCKET_LENGTH = 2 * PLACE_LENGTH
const BUCKET_BYTE_LENGTH = 4 * BUCKET_LENGTH

/** Longer keys are not remembered. */
const LONGEST_KEY = 0xffff

const FIRST_BUCKETS = 1024
/** The table grows when more than this share of what is looked up has to be remembered anew. */
const GROWING_SHARE = 1 / 8

/** The slots of a cache, as far as they concern what lies in them. */
export interface Slots {
  /** Changes when a slot is taken for another block. */
  generationOf(slot: number): number
  /** The memory that a slot is a part of. */
  memoryOf(slot: number): Uint8Array
  /** Where in that memory the block in a slot begins. */
  blockStart(slot: number): number
  /** Counts as a use of the block in a slot. */
  use(slot: number): void
}

/** An entry in a block that lies in a slot; where it is counts from the beginning of the block. */
export interface EntryPlace {
  readonly slot: number
  readonly prefixLength: number
  readonly keyStart: number
  readonly start: number
  readonly end: number
}

export class EntryPlaces {
  readonly #slots: Slots
  readonly #mostBuckets: number
  #mask = 0
  /** Made when something is first remembered. */
  #numbers: Int32Array | undefined
  /** Since the table had its size, or as many as there are places were looked up: */
  #found = 0
  #remembered = 0

  /** @param byteLimit How large the table may become. */
  constructor(slots: Slots, byteLimit: number) {
    this.#slots = slots
    this.#mostBuckets = 2 ** Math.max(0, Math.floor(Math.log2(byteLimit / BUCKET_BYTE_LENGTH)))
  }

  get byteLength(): number {
    return this.#numbers?.byteLength ?? 0
  }

  /** Looks for a key of a partition. Where its value is stands in `target` afterwards, until the next use of the cache. */
  find(partition: number, key: HashedKey, target: FoundValue): boolean {
    const numbers = this.#numbers
    if (numbers === undefined) return false
    let at = this.#bucketOf(key)
    const tag = key.second | 0
    if (numbers[at] !== tag || numbers[at + PARTITION] !== partition) {
      at += PLACE_LENGTH
      if (numbers[at] !== tag || numbers[at + PARTITION] !== partition) return false
    }
    const slots = this.#slots
    const slot = numbers[at + SLOT]!
    if (slots.generationOf(slot) !== numbers[at + GENERATION]) return false
    const lengths = numbers[at + KEY]!
    if (lengths >>> 16 !== key.length) return false
    const bytes = slots.memoryOf(slot)
    const block = slots.blockStart(slot)
    if (!isKey(key, bytes, block, lengths & 0xffff, block + numbers[at + KEY_START]!)) return false
    slots.use(slot)
    this.#found += 1
    target.bytes = bytes
    target.start = block + numbers[at + START]!
    target.end = block + numbers[at + END]!
    return true
  }

  /** Remembers where the value of a key of a partition was found. */
  remember(partition: number, key: HashedKey, { slot, prefixLength, keyStart, start, end }: EntryPlace): void {
    if (key.length > LONGEST_KEY) return
    const numbers = this.#grown()
    const at = this.#bucketOf(key)
    numbers.copyWithin(at + PLACE_LENGTH, at, at + PLACE_LENGTH)
    numbers[at + TAG] = key.second | 0
    numbers[at + PARTITION] = partition
    numbers[at + SLOT] = slot
    numbers[at + GENERATION] = this.#slots.generationOf(slot)
    numbers[at + KEY] = (key.length << 16) | prefixLength
    numbers[at + KEY_START] = keyStart
    numbers[at + START] = start
    numbers[at + END] = end
  }

  /** The table, larger if that would help. */
  #grown(): Int32Array {
    if (this.#numbers === undefined) {
      this.#mask = Math.min(FIRST_BUCKETS, this.#mostBuckets) - 1
      this.#numbers = new Int32Array((this.#mask + 1) * BUCKET_LENGTH)
    }
    this.#remembered += 1
    const known = this.#numbers
    if (this.#found + this.#remembered < known.length / PLACE_LENGTH) return known
    const isSmall = this.#remembered > (this.#found + this.#remembered) * GROWING_SHARE
    this.#found = 0
    this.#remembered = 0
    if (!isSmall || this.#mask + 1 >= this.#mostBuckets) return known
    // One more bit of its hash decides now where a key is. It is not known here, so each stays in both places: in the
    // wrong one nobody looks for it.
    this.#mask = 2 * this.#mask + 1
    this.#numbers = new Int32Array(2 * known.length)
    this.#numbers.set(known, 0)
    this.#numbers.set(known, known.length)
    return this.#numbers
  }

  #bucketOf(key: HashedKey): number {
    return (key.first & this.#mask) * BUCKET_LENGTH
  }
}

/** Compares what may well be the key: two keys with one hash can be made on purpose. */
function isKey(key: HashedKey, bytes: Uint8Array, block: number, prefixLength: number, keyStart: number): boolean {
  const wanted = key.bytes
  for (let i = prefixLength, at = keyStart; i < key.length; i++, at++) if (bytes[at] !== wanted[i]) return false
  for (let i = 0; i < prefixLength; i++) if (bytes[block + i] !== wanted[i]) return false
  return true
}

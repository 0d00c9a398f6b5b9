/**
 * Where in the block cache the entries lie that were looked up lately, by their keys: one look into a table, and one at
 * the key itself, instead of a search through filter, index and block.
 *
 * A place is good as long as the same files are asked (a partition whose files change gets another serial number) and
 * its block is still in the same slot of the cache. For that there is a note for each slot; a slot that is taken for
 * another block gets another generation, and places of another generation are not found. So what is out of date need not
 * be looked for and taken away.
 *
 * The table is a row of 32-bit numbers outside the heap. Each key has four places, side by side in one line of the
 * processor's cache; a fifth key takes that of the one that was stored first. It is small at first, so that the places of
 * few entries lie close together, and is doubled while much of what is looked up is not found. The notes have lines of
 * their own, and what all keys of a block begin with is copied there: they are much closer together than blocks are, so
 * that of the block only the entry has to be waited for.
 */
import type { HashedKey } from '../../base/key-hash.js'
import type { FoundValue } from '../tree/cursor.js'

/** The numbers of one place: a part of the key's hash, … */
const TAG = 0
/** … the slot, and how many bytes are between the key and the value, which are a few bits, … */
const SLOT = 1
const GAP_BITS = 4
const WIDEST_GAP = 2 ** GAP_BITS - 1
/** … and, of 16 bits each: the generation of the slot, and from the beginning of the block where the rest of the key is, … */
const KEY_START = 2
/** … and where the value begins and ends. */
const VALUE = 3
const PLACE_LENGTH = 4
const BUCKET_BITS = 4
const BUCKET_LENGTH: number = 2 ** BUCKET_BITS
const BUCKET_BYTE_LENGTH = 4 * BUCKET_LENGTH
/** What is further from the beginning of its block is not remembered. */
const FURTHEST = 0xffff

/** The numbers of a note: the generation, from the first to the last, so that no place is of one which was never written, … */
const GENERATION = 0
const FIRST_GENERATION = 1
const LAST_GENERATION = 0xffff
/** … the serial number of the partition whose entries the places in the slot are, 0 if there are none, … */
const PARTITION = 1
/** … how often one of them was looked for that was not remembered, or that all were, … */
const LOOKS = 2
/** … and the length of what all keys of the block begin with. Its bytes follow, if there are no more than fit. */
const PREFIX_LENGTH = 3
const NOTE_LENGTH = 16
const NOTE_BYTE_LENGTH = 4 * NOTE_LENGTH
const PREFIX_BYTES = 4 * (PREFIX_LENGTH + 1)
const LONGEST_PREFIX = NOTE_BYTE_LENGTH - PREFIX_BYTES

/**
 * To remember all entries of a block takes as long as three of them are searched while the table fits the processor's
 * caches, and as long as all of them are when it is larger.
 */
const LOOKS_WORTH_ALL = 3
const LOOKS_WORTH_ALL_IF_LARGE = 24
const LARGE_TABLE_BYTE_LENGTH: number = 4 * 1024 * 1024
/** In the place of the looks, once all in the slot were remembered. */
const IS_WHOLE = -1
/** Of so many keys that were found in their blocks it is known that they were: a power of two. */
const ASKED_COUNT = 65_536

/** A line of the processor's cache, and how much of a value is fetched ahead. */
const LINE_LENGTH = 64
const WARMED_LENGTH = 512

const FIRST_BUCKETS = 1024
/** The table grows when so many of its places were written since it had its size. */
const GROWING_SHARE = 1 / 2

/** The slots of a cache, as far as they concern what lies in them. */
export interface Slots {
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
  readonly #slotCount: number
  readonly #mostBuckets: number
  /** Made when something is first remembered. */
  #numbers: Int32Array | undefined
  /** The table before that one, as long as it has what that one has not. */
  #former: Int32Array | undefined
  /** Kept, so that nobody can say that `warm` had no reason to look. */
  touched = 0
  #notes = new Int32Array(0)
  #noteBytes = new Uint8Array(0)
  /** A part of the hash of the key that was last asked for and had to be searched, in one of the places for that. */
  #asked = new Uint16Array(0)
  /** Since the table had its size. */
  #written = 0

  /** @param byteLimit How large the table may become; the one before it and the notes of the slots come on top. */
  constructor(slots: Slots, slotCount: number, byteLimit: number) {
    this.#slots = slots
    this.#slotCount = slotCount
    this.#mostBuckets = 2 ** Math.max(0, Math.floor(Math.log2(byteLimit / BUCKET_BYTE_LENGTH)))
  }

  get byteLength(): number {
    const { byteLength = 0 } = this.#numbers ?? {}
    return byteLength + (this.#former?.byteLength ?? 0) + this.#notes.byteLength + this.#asked.byteLength
  }

  /** Looks for a key of a partition. Where its value is stands in `target` afterwards, until the next use of the cache. */
  find(partition: number, key: HashedKey, target: FoundValue): boolean {
    const numbers = this.#numbers
    if (numbers === undefined) return false
    if (this.#findIn(numbers, partition, key, target) >= 0) return true
    const former = this.#former
    if (former === undefined) return false
    const at = this.#findIn(former, partition, key, target)
    if (at < 0) return false
    this.#write(former[at + TAG]!, former[at + SLOT]!, former[at + KEY_START]!, former[at + VALUE]!)
    return true
  }

  /** Where in the numbers the place of the key is, which is good; -1 if it is not there. */
  #findIn(numbers: Int32Array, partition: number, key: HashedKey, target: FoundValue): number {
    const tag = key.second | 0
    const bucket = bucketOf(numbers, tag)
    for (let at = bucket; at < bucket + BUCKET_LENGTH; at += PLACE_LENGTH) {
      if (numbers[at] === tag && this.#isAt(numbers, at, partition, key, target)) return at
    }
    return -1
  }

  /**
   * Brings what lies at the places of these keys into the processor's cache: it waits for all of them at once, where
   * finding one after the other waits for each.
   */
  warm(keys: readonly HashedKey[], count: number): void {
    const numbers = this.#numbers
    if (numbers === undefined) return
    let touched = 0
    for (let i = 0; i < count; i++) touched ^= numbers[bucketOf(numbers, keys[i]!.second)]!
    const slots = this.#slots
    for (let i = 0; i < count; i++) {
      const tag = keys[i]!.second | 0
      const bucket = bucketOf(numbers, tag)
      for (let at = bucket; at < bucket + BUCKET_LENGTH; at += PLACE_LENGTH) {
        if (numbers[at] !== tag) continue
        const slot = numbers[at + SLOT]! >>> GAP_BITS
        const bytes = slots.memoryOf(slot)
        const block = slots.blockStart(slot)
        const end = block + (numbers[at + VALUE]! & 0xffff)
        const start = block + (numbers[at + KEY_START]! & 0xffff)
        touched ^= this.#notes[slot * NOTE_LENGTH]!
        // Very long values are read in their order anyway, which the processor sees.
        for (let from = start; from < end && from < start + WARMED_LENGTH; from += LINE_LENGTH) touched ^= bytes[from]!
        break
      }
    }
    this.touched = touched
  }

  /**
   * What should be remembered when a key was found in its block: the key if it was not long since somebody asked for it
   * before, and all that are in the block once that has saved as much as it costs. Not twice: in a table that is too small
   * for all there are they would drive each other out.
   */
  worthOf(partition: number, slot: number, prefixLength: number, key: HashedKey): 'nothing' | 'this one' | 'all' {
    this.#grow()
    if (!this.#isOf(slot, partition, prefixLength)) return 'nothing'
    const note = slot * NOTE_LENGTH
    const before = this.#notes[note + LOOKS]!
    if (before === IS_WHOLE) return 'this one'
    const looks = before + 1
    const isLarge = this.#numbers!.byteLength > LARGE_TABLE_BYTE_LENGTH
    const isWorthAll = looks >= (isLarge ? LOOKS_WORTH_ALL_IF_LARGE : LOOKS_WORTH_ALL)
    this.#notes[note + LOOKS] = isWorthAll ? IS_WHOLE : looks
    if (isWorthAll) return 'all'
    const place = key.second & (ASKED_COUNT - 1)
    const mark = (key.first >>> 16) | 1
    if (this.#asked[place] === mark) return 'this one'
    this.#asked[place] = mark
    return 'nothing'
  }

  /** Remembers where the value of a key of a partition was found. */
  remember(partition: number, key: HashedKey, { slot, prefixLength, keyStart, start, end }: EntryPlace): void {
    const gap = start - keyStart - (key.length - prefixLength)
    if (end > FURTHEST || gap > WIDEST_GAP) return
    this.#grow()
    if (!this.#isOf(slot, partition, prefixLength)) return
    const generation = this.#notes[slot * NOTE_LENGTH + GENERATION]!
    this.#write(key.second | 0, (slot << GAP_BITS) | gap, (generation << 16) | keyStart, (start << 16) | end)
  }

  /** Whether places in a slot are those of a partition, from now on if they were of an older one. */
  #isOf(slot: number, partition: number, prefixLength: number): boolean {
    const known = this.#notes[slot * NOTE_LENGTH + PARTITION]!
    if (partition > known) this.#begin(slot, partition, prefixLength)
    // Files that are read for a snapshot may be older than those that are read by everybody else.
    return partition >= known
  }

  /** Puts a place in front of the others in its bucket; the last one of them goes. */
  #write(tag: number, slotAndGap: number, keyStart: number, value: number): void {
    const numbers = this.#numbers!
    const bucket = bucketOf(numbers, tag)
    for (let to = bucket + BUCKET_LENGTH - 1; to >= bucket + PLACE_LENGTH; to--)
      numbers[to] = numbers[to - PLACE_LENGTH]!
    numbers[bucket + TAG] = tag
    numbers[bucket + SLOT] = slotAndGap
    numbers[bucket + KEY_START] = keyStart
    numbers[bucket + VALUE] = value
    this.#written += 1
    if (this.#former !== undefined && this.#written > fullCount(this.#former)) this.#former = undefined
  }

  /** A slot is taken for another block: what was remembered of the one that was in it is not found any more. */
  taken(slot: number): void {
    if (this.#numbers === undefined) return
    const note = slot * NOTE_LENGTH
    if (this.#notes[note + PARTITION] !== 0) this.#end(note)
  }

  #isAt(numbers: Int32Array, at: number, partition: number, key: HashedKey, target: FoundValue): boolean {
    const notes = this.#notes
    const slotAndGap = numbers[at + SLOT]!
    const slot = slotAndGap >>> GAP_BITS
    const note = slot * NOTE_LENGTH
    const keyStart = numbers[at + KEY_START]! & 0xffff
    const value = numbers[at + VALUE]!
    if (notes[note + PARTITION] !== partition || notes[note + GENERATION] !== numbers[at + KEY_START]! >>> 16)
      return false
    const prefixLength = notes[note + PREFIX_LENGTH]!
    const { length, bytes: wanted } = key
    const slots = this.#slots
    const bytes = slots.memoryOf(slot)
    const block = slots.blockStart(slot)
    // Another key may have this hash, and may have been made to have it.
    if (keyStart + length - prefixLength + (slotAndGap & WIDEST_GAP) !== value >>> 16) return false
    for (let i = prefixLength, from = block + keyStart; i < length; i++, from++) {
      if (bytes[from] !== wanted[i]) return false
    }
    const isNoted = prefixLength <= LONGEST_PREFIX
    const prefix = isNoted ? this.#noteBytes : bytes
    const prefixStart = isNoted ? slot * NOTE_BYTE_LENGTH + PREFIX_BYTES : block
    for (let i = 0; i < prefixLength; i++) if (prefix[prefixStart + i] !== wanted[i]) return false
    slots.use(slot)
    target.bytes = bytes
    target.start = block + (value >>> 16)
    target.end = block + (value & 0xffff)
    return true
  }

  /** From now on places in the slot are those of entries of this partition, as it is now. */
  #begin(slot: number, partition: number, prefixLength: number): void {
    const note = slot * NOTE_LENGTH
    if (this.#notes[note + PARTITION] !== 0) this.#end(note)
    this.#notes[note + GENERATION] ||= FIRST_GENERATION
    this.#notes[note + PARTITION] = partition
    this.#notes[note + LOOKS] = 0
    this.#notes[note + PREFIX_LENGTH] = prefixLength
    if (prefixLength > LONGEST_PREFIX) return
    const start = this.#slots.blockStart(slot)
    const prefix = this.#slots.memoryOf(slot).subarray(start, start + prefixLength)
    this.#noteBytes.set(prefix, slot * NOTE_BYTE_LENGTH + PREFIX_BYTES)
  }

  #end(note: number): void {
    const notes = this.#notes
    notes[note + PARTITION] = 0
    if (notes[note + GENERATION] !== LAST_GENERATION) notes[note + GENERATION]! += 1
    else {
      // The next ones would be mistaken for those of long ago.
      notes[note + GENERATION] = FIRST_GENERATION
      this.#numbers!.fill(0)
      this.#former = undefined
    }
  }

  /** Makes the table, or a larger one if that would help. */
  #grow(): void {
    const known = this.#numbers
    if (known === undefined) {
      this.#numbers = new Int32Array(Math.min(FIRST_BUCKETS, this.#mostBuckets) * BUCKET_LENGTH)
      // Memory that nobody has touched costs nothing: a note does when its slot is first used.
      this.#notes = new Int32Array(this.#slotCount * NOTE_LENGTH)
      this.#noteBytes = new Uint8Array(this.#notes.buffer)
      this.#asked = new Uint16Array(ASKED_COUNT)
      return
    }
    if (this.#written <= fullCount(known) || known.length >= this.#mostBuckets * BUCKET_LENGTH) return
    this.#written = 0
    this.#former = known
    this.#numbers = new Int32Array(2 * known.length)
  }
}

/** After so many places were written a table counts as full. */
function fullCount(numbers: Int32Array): number {
  return (numbers.length / PLACE_LENGTH) * GROWING_SHARE
}

/** Where the places of keys with this tag begin: there is a power of two of buckets. */
function bucketOf(numbers: Int32Array, tag: number): number {
  return (tag << BUCKET_BITS) & (numbers.length - 1)
}

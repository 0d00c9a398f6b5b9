/**
 * Copies of entries that were read more than once lately, or once, if all of their tree has room: one look into a table, and one
 * at the copy, instead of a search through filter, index and block.
 *
 * What is asked for again and again mostly lies far apart in the files, one entry in each of many blocks. The copies lie
 * side by side, each as a whole, so that many of them fit the processor's caches, and finding one takes as long in a large
 * table as in a small one. They are written one behind the other into chunks of memory; when all are full, the one that was
 * begun first is written over, and what is still asked for is soon copied again.
 *
 * The table has a place for each copy: numbers outside the heap, four places side by side in one line of the processor's
 * cache; a fifth key takes that of the one that was stored first. A copy is good as long as the same files are asked: a
 * partition whose files change gets another serial number. What is out of date is not found, and need not be looked for
 * and taken away.
 */
import { partOf } from '../../base/bytes.js'
import type { HashedKey } from '../../base/key-hash.js'
import type { FoundValue } from '../tree/cursor.js'

/** What an entry is looked for: to be read, alone or as one of many. Whoever reads it to write something says neither. */
export type ReadAs = 'one' | 'one of many'

/** How many entries there are that may be asked for, and how many bytes their keys and values have: more rather than less. */
export interface Content {
  readonly entryCount: number
  readonly byteLength: number
}

/** The numbers of a place: a part of the key's hash, … */
const TAG = 0
/** … where the copy is: the number of its chunk, which is another each time memory is used again, and the unit in it; 0 if there is none, … */
const POSITION = 1
/** … of which partition it is, … */
const PARTITION = 2
/** … and how long the key and the value behind it are: of 16 bits each. */
const LENGTHS = 3
const PLACE_LENGTH = 4
const BUCKET_BITS = 4
const BUCKET_LENGTH: number = 2 ** BUCKET_BITS
const BUCKET_BYTE_LENGTH = 4 * BUCKET_LENGTH

/** Copies begin at multiples of this length. */
const UNIT_BITS = 4
const UNIT_LENGTH: number = 2 ** UNIT_BITS
/** A chunk is 256 KB, or a quarter of all there is, if that is less. */
const MOST_CHUNK_UNIT_BITS = 14
const LEAST_CHUNKS = 4
/** So many chunks can be told apart; then all are forgotten. */
const MOST_CHUNKS: number = 2 ** (32 - MOST_CHUNK_UNIT_BITS)

/** What is longer, key and value together, is not copied: searching is little of what reading it takes. */
const LONGEST_COPY = 1024
/** From this length on a call is quicker than a loop. */
const LONG_VALUE = 64
/** The part of the memory that is for the table, about: enough for copies of 256 bytes, when every other place is empty. */
const TABLE_SHARE = 1 / 8
const FIRST_BUCKETS = 1024
/** The table grows when so many of its places were written since it had its size. */
const GROWING_SHARE = 1 / 2
/**
 * Everything is copied at the first look where it takes no more than this part of the places: few are four in a line then, and
 * drive nothing out, …
 */
const FITTING_PLACES_SHARE = 3 / 8
/** … and no more than this part of the memory, of which copies that are out of date take some. */
const FITTING_BYTES_SHARE = 3 / 4

/**
 * Of so many keys that were found in their blocks it is known that they were: a power of two. So many copies fit the
 * processor's caches; where many more are asked for alike, few of them are known, and little is copied in vain.
 */
const MOST_ASKED = 16_384
/** No more than there is room for copies of this length: more would drive each other out. */
const USUAL_COPY = 512
/** A line of the processor's cache. */
const LINE_LENGTH = 64

export class EntryCache {
  readonly #unitBits: number
  readonly #chunkUnits: number
  readonly #chunkLimit: number
  readonly #mostBuckets: number
  readonly #mostChunks: number
  readonly #chunks: Buffer[] = []
  /** The same memory, for keys: they are compared four bytes at a time. */
  readonly #words: Int32Array[] = []
  /** The number of the chunk that is being written, and the next unit in it. */
  #chunk: number
  #unit: number
  /** Made when something is first copied. */
  #table: Int32Array | undefined
  /** The table before that one, while it has buckets that were not moved: from which one on. */
  #former: Int32Array | undefined
  #unmoved = 0
  /** Places of the table that were written since it had its size. */
  #written = 0
  /** A part of the hash of the key that was last asked for and had to be searched, in one of the places for that. */
  readonly #asked: Uint16Array
  /**
   * How many more may be copied at the first look: everything once, and then one for each that was found again. Where all is
   * read once, and changed before it is read again, copying it would be in vain.
   */
  #credit: number
  readonly #mostCredit: number
  #hits = 0
  /** Kept, so that nobody can say that `warm` had no reason to look. */
  touched = 0

  /**
   * @param byteLimit How much memory copies and table may take; with less than a chunk, nothing is copied. While a table
   * grows, the one before it comes on top.
   * @param mostChunks How many chunks are told apart; tests make it small.
   */
  constructor(byteLimit: number, mostChunks: number = MOST_CHUNKS) {
    const buckets = (byteLimit * TABLE_SHARE) / BUCKET_BYTE_LENGTH
    this.#mostBuckets = 2 ** Math.round(Math.log2(Math.max(1, buckets)))
    const unitBits = Math.floor(Math.log2(byteLimit / LEAST_CHUNKS / UNIT_LENGTH))
    this.#unitBits = Math.max(0, Math.min(MOST_CHUNK_UNIT_BITS, unitBits))
    this.#chunkUnits = 2 ** this.#unitBits
    this.#asked = new Uint16Array(Math.min(MOST_ASKED, 2 ** Math.max(0, Math.floor(Math.log2(byteLimit / USUAL_COPY)))))
    const chunksByteLimit = byteLimit - this.#mostBuckets * BUCKET_BYTE_LENGTH - this.#asked.byteLength
    const chunks = Math.floor(chunksByteLimit / (this.#chunkUnits * UNIT_LENGTH))
    this.#chunkLimit = Math.max(0, Math.min(mostChunks / 2, chunks))
    this.#mostCredit = Math.floor((this.#mostBuckets * BUCKET_LENGTH * FITTING_PLACES_SHARE) / PLACE_LENGTH)
    this.#credit = this.#mostCredit
    this.#mostChunks = mostChunks
    this.#chunk = this.#chunkLimit - 1
    this.#unit = this.#chunkUnits
  }

  get hits(): number {
    return this.#hits
  }

  get byteLength(): number {
    if (this.#table === undefined) return 0
    const tables = this.#table.byteLength + (this.#former?.byteLength ?? 0) + this.#asked.byteLength
    return this.#chunks.length * this.#chunkUnits * UNIT_LENGTH + tables
  }

  /** Looks for a key of a partition. Where its value is stands in `target` afterwards, until the next copy is made. */
  find(partition: number, key: HashedKey, target: FoundValue): boolean {
    const table = this.#table
    if (table === undefined) return false
    const tag = key.second | 0
    const isFound = this.#findIn(table, bucketOf(table, tag), partition, key, target)
    if (isFound || this.#former === undefined) return isFound
    const wasThere = this.#findIn(this.#former, bucketOf(this.#former, tag), partition, key, target)
    this.#moveBucket()
    return wasThere
  }

  /**
   * Brings the copies of entries that are here into the processor's cache: it waits for all of them at once, where finding
   * one after the other waits for each.
   */
  warm(keys: readonly HashedKey[], count: number): void {
    const table = this.#table
    if (table === undefined) return
    let touched = 0
    for (let i = 0; i < count; i++) touched ^= table[bucketOf(table, keys[i]!.second)]!
    for (let i = 0; i < count; i++) {
      const tag = keys[i]!.second | 0
      const bucket = bucketOf(table, tag)
      for (let at = bucket; at < bucket + BUCKET_LENGTH; at += PLACE_LENGTH) {
        if (table[at + TAG] !== tag || !this.#isThere(table[at + POSITION]!)) continue
        const bytes = this.#chunkOf(table[at + POSITION]!)
        const start = this.#startOf(table[at + POSITION]!)
        const lengths = table[at + LENGTHS]!
        const end = start + (lengths >>> 16) + (lengths & 0xffff)
        for (let from = start; from < end; from += LINE_LENGTH) touched ^= bytes[from]!
        break
      }
    }
    this.touched = touched
  }

  /**
   * Whether an entry that was found in its block should be copied: if it is not long since somebody asked for it before, and
   * at once if all of the content that it is a part of has room. One of many, as an index has them, is at once until all
   * memory was written to for the first time: `warm` brings together what was copied.
   */
  isWanted({ first, second }: HashedKey, content: Content, as?: ReadAs): boolean {
    if (this.#chunkLimit === 0) return false
    if (as !== undefined && this.#spends(content)) return true
    const place = second & (this.#asked.length - 1)
    const mark = (first >>> 16) | 1
    if (this.#asked[place] === mark) return true
    this.#asked[place] = mark
    return as === 'one of many' && this.#chunk < 2 * this.#chunkLimit
  }

  /** Whether an entry of so much is copied at the first look: counted as done. */
  #spends({ entryCount, byteLength }: Content): boolean {
    const room = this.#chunkLimit * this.#chunkUnits * UNIT_LENGTH * FITTING_BYTES_SHARE
    const fits = entryCount <= this.#mostCredit && byteLength + entryCount * UNIT_LENGTH <= room
    if (!fits || this.#credit === 0) return false
    this.#credit -= 1
    return true
  }

  /** Copies an entry of a partition: a key, and its value, which lies in these bytes. */
  keep(partition: number, key: HashedKey, bytes: Uint8Array, start: number, end: number): void {
    const byteLength = key.length + end - start
    const longest = Math.min(LONGEST_COPY, this.#chunkUnits * UNIT_LENGTH)
    if (byteLength > longest || this.#chunkLimit === 0) return
    const position = this.#room(byteLength)
    const chunk = this.#chunkOf(position)
    let at = this.#startOf(position)
    for (let i = 0; i < key.length; i++, at++) chunk[at] = key.bytes[i]!
    if (end - start >= LONG_VALUE) chunk.set(partOf(bytes, start, end), at)
    else for (let i = start; i < end; i++, at++) chunk[at] = bytes[i]!

    this.#grow()
    const table = this.#table!
    const tag = key.second | 0
    const place = freedPlace(table, bucketOf(table, tag), tag, partition)
    table[place + TAG] = tag
    table[place + POSITION] = position
    table[place + PARTITION] = partition
    table[place + LENGTHS] = (key.length << 16) | (end - start)
    this.#written += 1
    this.#moveBucket()
  }

  #findIn(table: Int32Array, bucket: number, partition: number, key: HashedKey, target: FoundValue): boolean {
    const tag = key.second | 0
    for (let at = bucket; at < bucket + BUCKET_LENGTH; at += PLACE_LENGTH) {
      if (table[at + TAG] !== tag || table[at + PARTITION] !== partition) continue
      const position = table[at + POSITION]!
      const lengths = table[at + LENGTHS]!
      if (!this.#isThere(position) || lengths >>> 16 !== key.length) continue
      const bytes = this.#chunkOf(position)
      const start = this.#startOf(position)
      // Another key may have this hash, and may have been made to have it.
      if (!this.#isKey(position, key)) continue
      this.#hits += 1
      if (this.#credit < this.#mostCredit) this.#credit += 1
      target.bytes = bytes
      target.start = start + key.length
      target.end = target.start + (lengths & 0xffff)
      return true
    }
    return false
  }

  /** Whether its chunk was not written over since. */
  #isThere(position: number): boolean {
    return position >>> this.#unitBits > this.#chunk - this.#chunkLimit
  }

  #isKey(position: number, key: HashedKey): boolean {
    const { length, words: wanted } = key
    const words = this.#words[(position >>> this.#unitBits) % this.#chunkLimit]!
    const start = this.#startOf(position)
    const first = start >>> 2
    const wordCount = length >>> 2
    for (let i = 0; i < wordCount; i++) if (words[first + i] !== wanted[i]) return false
    const bytes = this.#chunkOf(position)
    for (let i = 4 * wordCount; i < length; i++) if (bytes[start + i] !== key.bytes[i]) return false
    return true
  }

  #chunkOf(position: number): Buffer {
    return this.#chunks[(position >>> this.#unitBits) % this.#chunkLimit]!
  }

  #startOf(position: number): number {
    return (position & (this.#chunkUnits - 1)) << UNIT_BITS
  }

  /** Where there is room for so many bytes, which are taken then. */
  #room(byteLength: number): number {
    const units = Math.max(1, (byteLength + UNIT_LENGTH - 1) >>> UNIT_BITS)
    if (this.#unit + units > this.#chunkUnits) this.#nextChunk()
    const position = (this.#chunk << this.#unitBits) | this.#unit
    this.#unit += units
    return position
  }

  #nextChunk(): void {
    this.#haveMemory((this.#chunk + 1) % this.#chunkLimit)
    this.#unit = 0
    this.#chunk += 1
    if (this.#chunk === this.#mostChunks) {
      // Numbers begin again: copies would be mistaken for those of long ago.
      this.#table?.fill(0)
      this.#former = undefined
      this.#written = 0
      this.#chunk = this.#chunkLimit
    }
  }

  /** Before anything else: there may be none. */
  #haveMemory(index: number): void {
    if (this.#chunks[index] !== undefined) return
    const chunk = Buffer.allocUnsafeSlow(this.#chunkUnits * UNIT_LENGTH)
    this.#chunks[index] = chunk
    this.#words[index] = new Int32Array(chunk.buffer)
  }

  /** Makes the table, or a larger one when it is half full. */
  #grow(): void {
    const known = this.#table
    if (known === undefined) {
      this.#table = new Int32Array(Math.min(FIRST_BUCKETS, this.#mostBuckets) * BUCKET_LENGTH)
      return
    }
    const isFull = this.#written > (known.length / PLACE_LENGTH) * GROWING_SHARE
    if (!isFull || this.#former !== undefined || known.length >= this.#mostBuckets * BUCKET_LENGTH) return
    this.#written = 0
    this.#former = known
    this.#unmoved = 0
    this.#table = new Int32Array(2 * known.length)
  }

  /**
   * Moves one bucket of the former table, in their order, at each copy and each look into it: its places go to the same bucket
   * of this one, or to the one that is a table's length behind it. So what there is to move is moved a little at a time, and
   * read and written in a row.
   */
  #moveBucket(): void {
    const former = this.#former
    if (former === undefined) return
    const table = this.#table!
    const bucket = this.#unmoved
    for (let from = bucket; from < bucket + BUCKET_LENGTH; from += PLACE_LENGTH) {
      const tag = former[from + TAG]!
      if (!this.#isThere(former[from + POSITION]!)) continue
      const to = emptyPlace(table, bucketOf(table, tag), tag, former[from + PARTITION]!)
      if (to >= 0) copyPlace(former, from, table, to)
      this.#written += 1
    }
    this.#unmoved += BUCKET_LENGTH
    if (this.#unmoved === former.length) this.#former = undefined
  }
}

/** Where the places of keys with this tag begin: there is a power of two of buckets. */
function bucketOf(table: Int32Array, tag: number): number {
  return (tag << BUCKET_BITS) & (table.length - 1)
}

/**
 * The place in a bucket that a key of a partition has; if it has none, the first one, from which the others were moved on:
 * the last goes. The same key in two trees, or in files of two moments, has two places.
 */
function freedPlace(table: Int32Array, bucket: number, tag: number, partition: number): number {
  const last = bucket + BUCKET_LENGTH - PLACE_LENGTH
  for (let at = bucket; at <= last; at += PLACE_LENGTH) {
    if (table[at + TAG] === tag && table[at + PARTITION] === partition) return at
  }
  for (let to = last; to > bucket; to -= PLACE_LENGTH) copyPlace(table, to - PLACE_LENGTH, table, to)
  return bucket
}

/** Number by number: for so few, a call that copies many takes longer. */
function copyPlace(source: Int32Array, from: number, target: Int32Array, to: number): void {
  for (let i = 0; i < PLACE_LENGTH; i++) target[to + i] = source[from + i]!
}

/** A place in a bucket that nothing was written to; -1 if there is none, or if a newer one is of this key. */
function emptyPlace(table: Int32Array, bucket: number, tag: number, partition: number): number {
  for (let at = bucket; at < bucket + BUCKET_LENGTH; at += PLACE_LENGTH) {
    if (table[at + POSITION] === 0) return at
    if (table[at + TAG] === tag && table[at + PARTITION] === partition) return -1
  }
  return -1
}

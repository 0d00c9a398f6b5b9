/**
 * A block: some entries in key order, the unit of reading, checking and compressing.
 *
 * What all its keys begin with is stored once. Behind that come the entries, then a byte of each key's hash, and last
 * where everything begins. So a search for one key looks through the bytes of the hashes, which lie side by side, and
 * then at one entry; a search for a place halves the block; and walking backwards costs what walking forwards does.
 *
 *   prefix    what all keys begin with
 *   entries   the rest of the key; varint of 2 · (lsn - the file's lowest lsn), plus 1 for a tombstone; the value; in some
 *             blocks a proof of each (proof.ts)
 *   tags      a byte of each key's hash (base/key-hash.ts)
 *   places    for each entry: where its key and where what is behind it begin; once more for where the last one ends.
 *             Two bytes each, or four in a block of more than 64 KB
 *   trailer   length of the prefix and count of entries, 4 bytes each
 */
import { ByteWriter } from '../../base/byte-writer.js'
import { partOf, uint16At, uint32At } from '../../base/bytes.js'
import type { HashedKey } from '../../base/key-hash.js'
import type { ByteView } from '../tree/cursor.js'
import { LEADING_BYTES, lastAtOrBelow } from './key-search.js'
import { CHECK_LENGTH, deserveProofs, PROOF_LENGTH, type Prover } from './proof.js'

const TRAILER_LENGTH = 8
/** Beyond this length two bytes do not say where something is. */
const NARROW_LIMIT = 0xffff
/** At most this much is stored of an entry in a narrow block beside its key and value. */
const ENTRY_OVERHEAD = 13

/** What there is of an entry beside its key. */
export interface NewEntry extends ByteView {
  readonly isTombstone: boolean
}

/**
 * Collects entries, in ascending order, into the bytes of a block.
 *
 * What all keys begin with is known when the last one has come. Until then each has the whole of its key in front of it;
 * then the entries are moved together, in place.
 */
export class BlockBuilder {
  readonly #block = new ByteWriter(32 * 1024)
  readonly #prove: Prover | undefined
  /** Room behind each entry. */
  readonly #proofLength: number
  /** Of each entry: where it begins, how long its key is, … */
  readonly #starts: number[] = []
  readonly #keyLengths: number[] = []
  /** … and its key's hashes. */
  readonly #hashes: Pick<HashedKey, 'first' | 'second'>[] = []
  /** Of keys, each as a whole, and values. */
  #contentLength = 0
  #prefixLength = 0

  /** @param prove How to prove entries, where that pays. */
  constructor(prove?: Prover) {
    this.#prove = prove
    this.#proofLength = prove === undefined ? 0 : PROOF_LENGTH
  }

  get count(): number {
    return this.#starts.length
  }

  /**
   * About as long as the block would be with one more entry; never less.
   *
   * @param shared How many bytes its key begins with that the key added before it has, too.
   */
  byteLengthWith(keyLength: number, valueLength: number, shared: number): number {
    const { count } = this
    // Of keys that ascend, what all have in common is the least that two neighbours have.
    const prefixLength = count === 0 ? 0 : Math.min(this.#prefixLength, shared)
    const entries = this.#block.length - count * this.#proofLength + keyLength + valueLength - count * prefixLength
    const hasProofs = deserveProofs(count + 1, this.#contentLength + keyLength + valueLength)
    return entries + (count + 1) * (ENTRY_OVERHEAD + (hasProofs ? this.#proofLength : 0)) + TRAILER_LENGTH
  }

  /** @param shared As in `byteLengthWith`. */
  add(key: HashedKey, shared: number, { bytes, start, end, isTombstone }: NewEntry, lsnDelta: number): void {
    this.#prefixLength = this.count === 0 ? key.length : Math.min(this.#prefixLength, shared)
    this.#starts.push(this.#block.length)
    this.#keyLengths.push(key.length)
    this.#hashes.push({ first: key.first, second: key.second })
    this.#block.part(key.bytes, 0, key.length)
    this.#block.varint(2 * lsnDelta + (isTombstone ? 1 : 0))
    if (!isTombstone) this.#block.part(bytes, start, end)
    this.#block.zeros(this.#proofLength)
    this.#contentLength += key.length + (isTombstone ? 0 : end - start)
  }

  /** The finished block, a view that the next `add` overwrites. Starts the next one. */
  finish(): { readonly raw: Buffer; readonly count: number; readonly hasProofs: boolean } {
    const block = this.#block
    const starts = this.#starts
    const { count } = this
    const prefixLength = this.#prefixLength
    const withProofs = block.length - (count - 1) * prefixLength
    const mayProve = this.#prove !== undefined && !isWideWith(withProofs, count)
    const hasProofs = mayProve && deserveProofs(count, this.#contentLength)
    const unused = hasProofs ? 0 : this.#proofLength
    const tagsStart = withProofs - count * unused
    const isWide = isWideWith(tagsStart, count)

    starts.push(block.length)
    for (let i = 0, to = prefixLength; i < count; i++) {
      const from = starts[i]! + prefixLength
      const next = starts[i + 1]! - unused
      block.moveDown(to, from, next)
      starts[i] = to
      to += next - from
    }
    starts[count] = tagsStart
    if (hasProofs) this.#writeProofs(this.#prove!)
    block.cut(tagsStart)
    for (const key of this.#hashes) block.u8(tagOf(key))
    for (let i = 0; i < count; i++) this.#place(isWide, starts[i]!, this.#keyLengths[i]! - prefixLength)
    this.#place(isWide, tagsStart, 0)
    block.u32(prefixLength)
    block.u32(count)
    const raw = block.view()

    starts.length = 0
    this.#keyLengths.length = 0
    this.#hashes.length = 0
    this.#contentLength = 0
    block.clear()
    return { raw, count, hasProofs }
  }

  #writeProofs(prove: Prover): void {
    const block = this.#block
    const bytes = block.view()
    for (const [i, key] of this.#hashes.entries()) {
      const end = this.#starts[i + 1]!
      block.u16At(end - PROOF_LENGTH, this.#keyLengths[i]! - this.#prefixLength)
      block.u32At(end - CHECK_LENGTH, prove(partOf(bytes, this.#starts[i]!, end - CHECK_LENGTH), key))
    }
  }

  #place(isWide: boolean, keyStart: number, keyLength: number): void {
    if (isWide) {
      this.#block.u32(keyStart)
      this.#block.u32(keyStart + keyLength)
    } else {
      this.#block.u16(keyStart)
      this.#block.u16(keyStart + keyLength)
    }
  }
}

/** Whether two bytes are too few to say where everything is, in a block whose tags begin there. */
function isWideWith(tagsStart: number, count: number): boolean {
  return tagsStart + count + (count + 1) * 4 + TRAILER_LENGTH > NARROW_LIMIT
}

/** The byte of a key's hash by which a block finds it. */
export function tagOf({ second }: Pick<HashedKey, 'second'>): number {
  return second & 0xff
}

/**
 * A block in memory, unpacked and checked, among other bytes: where something in it is counts from where those begin. It
 * can be made to stand for another block, as an object for each block in memory would be one more thing to wait for.
 */
export class Block {
  bytes: Uint8Array = NOTHING
  start = 0
  end = 0
  count = 0
  /** How many bytes all keys begin with; they are the block's first ones. */
  prefixLength = 0
  /** Whether there is a proof behind each value. */
  hasProofs = false
  #tagsStart = 0
  #placesStart = 0
  #isWide = false

  /** Stands for a block that was not looked at before. @throws {RangeError} When these bytes are not those of a block. */
  open(bytes: Uint8Array, start = 0, end: number = bytes.length, hasProofs = false): this {
    if (end - start < TRAILER_LENGTH) throw new RangeError('the block is too short')
    this.reopen(bytes, start, end, uint32At(bytes, end - 8), uint32At(bytes, end - 4), hasProofs)
    if (this.count === 0) throw new RangeError('the block has no entries')
    if (this.#tagsStart < start) throw new RangeError('the block is shorter than the list of its entries')
    this.#checkPlaces()
    return this
  }

  /** Stands for what another one stands for. */
  become({ bytes, start, end, prefixLength, count, hasProofs }: Block): void {
    this.reopen(bytes, start, end, prefixLength, count, hasProofs)
  }

  /** Stands for a block that was opened before, and had a prefix of this length and so many entries. */
  reopen(bytes: Uint8Array, start: number, end: number, prefixLength: number, count: number, hasProofs: boolean): void {
    this.bytes = bytes
    this.start = start
    this.end = end
    this.prefixLength = prefixLength
    this.count = count
    this.hasProofs = hasProofs
    // It was written as a narrow one if it would be short enough as one; a wide one never would.
    this.#isWide = end - start > NARROW_LIMIT
    this.#placesStart = end - TRAILER_LENGTH - (count + 1) * (this.#isWide ? 8 : 4)
    this.#tagsStart = this.#placesStart - count
  }

  /** The position of a key; -1 when it is not in the block. */
  find(key: HashedKey): number {
    const { bytes } = this
    const tag = tagOf(key)
    const start = this.#tagsStart
    const end = this.#placesStart
    for (let at = start; at < end; at++) {
      if (bytes[at] === tag && this.#isKey(at - start, key)) return at - start
    }
    return -1
  }

  /** The first position, from `from` on, whose key is at or above `key`; `count` when there is none. */
  firstAtOrAbove(key: string, from = 0): number {
    const { count } = this
    const outside = this.#outsidePrefix(key)
    if (outside !== 0) return outside < 0 ? from : count
    let low = from
    let high = count - 1
    // Most blocks that are asked where a range ends lie in it as a whole: their last key tells.
    if (this.#compareBehindPrefix(high, key) < 0) return count
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#compareBehindPrefix(middle, key) < 0) low = middle + 1
      else high = middle
    }
    return low
  }

  /** As `compare`, of a key that begins with the prefix. */
  #compareBehindPrefix(position: number, key: string): number {
    const { bytes, prefixLength } = this
    const end = this.valueStart(position)
    let at = this.keyStart(position)
    let i = prefixLength
    for (; at < end && i < key.length; at++, i++) {
      const difference = bytes[at]! - key.charCodeAt(i)
      if (difference !== 0) return difference
    }
    return end - at - (key.length - i)
  }

  /**
   * The last position whose key is at or below `key`; -1 when all are above. For blocks that are searched again and
   * again, those of an index: by their numbers first, which lie side by side.
   *
   * @param numbers The block's own `leadingNumbers`.
   */
  lastAtOrBelow(key: HashedKey, numbers: Float64Array): number {
    const { bytes } = this
    const prefixLength = this.prefixLength
    for (let i = 0; i < prefixLength; i++) {
      // A key that ends within the prefix is below all that have it.
      const difference = i < key.length ? key.bytes[i]! - bytes[this.start + i]! : -1
      if (difference !== 0) return difference < 0 ? -1 : this.count - 1
    }
    const from = prefixLength + LEADING_BYTES
    let wanted = 0
    for (let i = prefixLength; i < from; i++) wanted = wanted * 256 + (i < key.length ? key.bytes[i]! : 0)
    let high = lastAtOrBelow(numbers, wanted)
    if (high < 0 || numbers[high] !== wanted) return high
    // Keys that begin alike have the same number: among them the right one is found by what comes behind.
    // They are whole numbers, so this is the last one below; -1 if there is none.
    let low = lastAtOrBelow(numbers, wanted - 1)
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.#compareFrom(middle, key, from) <= 0) low = middle
      else high = middle - 1
    }
    return low
  }

  /** As `compare`, of keys that have everything up to `from` in common, which is behind the prefix. */
  #compareFrom(position: number, key: HashedKey, from: number): number {
    const { bytes } = this
    const end = this.valueStart(position)
    let at = this.keyStart(position) + from - this.prefixLength
    let i = from
    for (; at < end && i < key.length; at++, i++) {
      const difference = bytes[at]! - key.bytes[i]!
      if (difference !== 0) return difference
    }
    return end - at - (key.length - i)
  }

  /** Negative, zero or positive as a key in the block is below, at or above `key`. */
  compare(position: number, key: ByteView): number {
    const { bytes, prefixLength } = this
    const [wanted, wantedEnd] = [key.bytes, key.end]
    let at = this.start
    let other = key.start
    for (const end = at + prefixLength; at < end && other < wantedEnd; at++, other++) {
      const difference = bytes[at]! - wanted[other]!
      if (difference !== 0) return difference
    }
    at = this.keyStart(position)
    const end = this.valueStart(position)
    for (; at < end && other < wantedEnd; at++, other++) {
      const difference = bytes[at]! - wanted[other]!
      if (difference !== 0) return difference
    }
    return this.keyLength(position) - (wantedEnd - key.start)
  }

  /** Whether a key in the block begins with so many bytes of `key`, which are no more than it has. */
  beginsAs(position: number, { bytes: wanted, length }: HashedKey, byteLength: number): boolean {
    const { bytes, prefixLength } = this
    if (length < byteLength) return false
    const rest = this.keyStart(position) - prefixLength
    for (let i = 0; i < byteLength; i++) {
      if (wanted[i] !== bytes[(i < prefixLength ? this.start : rest) + i]) return false
    }
    return true
  }

  key(position: number): string {
    const suffix = latin1Slice.call(this.bytes, this.keyStart(position), this.valueStart(position))
    return this.prefixLength === 0
      ? suffix
      : latin1Slice.call(this.bytes, this.start, this.start + this.prefixLength) + suffix
  }

  keyLength(position: number): number {
    return this.prefixLength + this.valueStart(position) - this.keyStart(position)
  }

  /** Writes a key's bytes. */
  copyKey(position: number, target: Uint8Array, start: number): void {
    const { bytes } = this
    const prefixEnd = this.start + this.prefixLength
    let to = start
    for (let from = this.start; from < prefixEnd; from++, to++) target[to] = bytes[from]!
    const end = this.valueStart(position)
    for (let from = this.keyStart(position); from < end; from++, to++) target[to] = bytes[from]!
  }

  /** Where the key of an entry begins, without the prefix; of `count`, where the last entry ends. */
  keyStart(position: number): number {
    const place = this.#isWide
      ? uint32At(this.bytes, this.#placesStart + 8 * position)
      : uint16At(this.bytes, this.#placesStart + 4 * position)
    return this.start + place
  }

  /** Where an entry's value ends. */
  valueEnd(position: number): number {
    const end = this.keyStart(position + 1)
    return this.hasProofs ? end - PROOF_LENGTH : end
  }

  tag(position: number): number {
    return this.bytes[this.#tagsStart + position]!
  }

  /** Where an entry's key ends and what is in front of its value begins. */
  valueStart(position: number): number {
    const place = this.#isWide
      ? uint32At(this.bytes, this.#placesStart + 8 * position + 4)
      : uint16At(this.bytes, this.#placesStart + 4 * position + 2)
    return this.start + place
  }

  #isKey(position: number, key: HashedKey): boolean {
    const { bytes } = this
    const prefixLength = this.prefixLength
    const start = this.keyStart(position)
    const length = this.valueStart(position) - start
    if (length !== key.length - prefixLength) return false
    for (let i = 0; i < length; i++) if (bytes[start + i] !== key.bytes[prefixLength + i]) return false
    for (let i = 0; i < prefixLength; i++) if (bytes[this.start + i] !== key.bytes[i]) return false
    return true
  }

  /** Negative or positive as `key` is below or above all keys that begin with the prefix; 0 when it begins with it. */
  #outsidePrefix(key: string): number {
    const { bytes } = this
    const prefixLength = this.prefixLength
    const length = Math.min(prefixLength, key.length)
    for (let i = 0; i < length; i++) {
      const difference = key.charCodeAt(i) - bytes[this.start + i]!
      if (difference !== 0) return difference
    }
    return key.length < prefixLength ? -1 : 0
  }

  /** Of each key, the first bytes behind the prefix as a number that sorts the same. */
  leadingNumbers(): Float64Array {
    const numbers = new Float64Array(this.count)
    for (let position = 0; position < this.count; position++) {
      const end = this.valueStart(position)
      let number = 0
      for (let i = 0, at = this.keyStart(position); i < LEADING_BYTES; i++, at++) {
        number = number * 256 + (at < end ? this.bytes[at]! : 0)
      }
      numbers[position] = number
    }
    return numbers
  }

  /** Everything begins where the thing before it ends, and the last one ends where the tags begin. */
  #checkPlaces(): void {
    const { count } = this
    let end = this.start + this.prefixLength
    let isSound = true
    for (let position = 0; position < count; position++) {
      const key = this.keyStart(position)
      const value = this.valueStart(position)
      if (key !== end || value < key) isSound = false
      end = this.keyStart(position + 1)
      // There is at least one byte in front of a value.
      if (this.valueEnd(position) <= value) isSound = false
    }
    if (!isSound || end !== this.#tagsStart) throw new RangeError('an entry exceeds its block')
  }
}

const NOTHING = new Uint8Array(0)

/** Where the number ended that was read last: returning both would cost an object. */
export let numberEnd = 0

/**
 * Reads a varint; where it ends is in `numberEnd`. One that does not end in its block goes on in what lies behind it, which
 * whoever asks finds out by where it ends.
 */
export function readVarint(bytes: Uint8Array, start: number): number {
  let offset = start
  let byte = bytes[offset++] ?? 0
  let value = byte & 0x7f
  for (let factor = 0x80; byte >= 0x80 && factor < 2 ** 50; factor *= 0x80) {
    byte = bytes[offset++] ?? 0
    value += (byte & 0x7f) * factor
  }
  numberEnd = offset
  return value
}

type Slice = (this: Uint8Array, start: number, end: number) => string
const { latin1Slice } = Buffer.prototype as unknown as { latin1Slice: Slice }

/**
 * A block: some entries in key order, the unit of reading, checking and compressing.
 *
 * What all its keys begin with is stored once. Behind that come the rest of each key, then the values, and last where
 * each of them begins: so a search halves the block without reading what it passes over, and walking backwards costs
 * what walking forwards does.
 *
 *   prefix    what all keys begin with
 *   keys      the rest of each, one after the other
 *   values    for each entry: varint of 2 · (lsn - the file's lowest lsn), plus 1 for a tombstone; the value
 *   places    for each entry: where its key and where its value begin; once more for where the last ones end. Two bytes
 *             each, or four in a block of more than 64 KB
 *   trailer   length of the prefix and count of entries, 4 bytes each
 */
import { ByteWriter } from '../../base/byte-writer.js'

const TRAILER_LENGTH = 8
/** Beyond this length two bytes do not say where something is. */
const NARROW_LIMIT = 0xffff
/** At most this much is stored of an entry in a narrow block beside its key and value. */
const ENTRY_OVERHEAD = 12

/** Collects entries, in ascending order, into the bytes of a block. */
export class BlockBuilder {
  readonly #block = new ByteWriter(32 * 1024)
  readonly #values = new ByteWriter(32 * 1024)
  readonly #keys: string[] = []
  /** Where the value of each entry begins, among the values. */
  readonly #valueStarts: number[] = []
  #keyByteLength = 0
  #prefixLength = 0

  get count(): number {
    return this.#keys.length
  }

  /** About as long as the block would be with one more entry; never less. */
  byteLengthWith(key: string, value: Uint8Array | undefined): number {
    const count = this.#keys.length
    const shared = count === 0 ? 0 : sharedLength(this.#keys[0]!, key, this.#prefixLength)
    const keys = this.#keyByteLength + key.length - count * shared
    return keys + this.#values.length + (value?.length ?? 0) + (count + 1) * ENTRY_OVERHEAD + TRAILER_LENGTH
  }

  add(key: string, value: Uint8Array | undefined, lsnDelta: number): void {
    const isFirst = this.#keys.length === 0
    this.#prefixLength = isFirst ? key.length : sharedLength(this.#keys[0]!, key, this.#prefixLength)
    this.#keys.push(key)
    this.#keyByteLength += key.length
    this.#valueStarts.push(this.#values.length)
    this.#values.varint(2 * lsnDelta + (value === undefined ? 1 : 0))
    if (value !== undefined) this.#values.bytes(value)
  }

  /** The finished block, a view that the next `add` overwrites. Starts the next one. */
  finish(): { readonly raw: Buffer; readonly count: number } {
    const block = this.#block
    const count = this.#keys.length
    const prefixLength = this.#prefixLength
    const valuesStart = this.#keyByteLength - (count - 1) * prefixLength
    const placesStart = valuesStart + this.#values.length
    const isWide = placesStart + (count + 1) * 4 + TRAILER_LENGTH > NARROW_LIMIT

    block.clear()
    if (count > 0) block.byteString(this.#keys[0]!.slice(0, prefixLength))
    for (const key of this.#keys) block.byteString(key, prefixLength)
    block.bytes(this.#values.view())
    let keyStart = prefixLength
    for (let i = 0; i < count; i++) {
      this.#place(isWide, keyStart, valuesStart + this.#valueStarts[i]!)
      keyStart += this.#keys[i]!.length - prefixLength
    }
    this.#place(isWide, keyStart, placesStart)
    block.u32(prefixLength)
    block.u32(count)

    this.#keys.length = 0
    this.#valueStarts.length = 0
    this.#values.clear()
    this.#keyByteLength = 0
    return { raw: block.view(), count }
  }

  #place(isWide: boolean, keyStart: number, valueStart: number): void {
    if (isWide) {
      this.#block.u32(keyStart)
      this.#block.u32(valueStart)
    } else {
      this.#block.u16(keyStart)
      this.#block.u16(valueStart)
    }
  }
}

/** A block in memory, unpacked and checked. */
export class Block {
  readonly bytes: Buffer
  readonly count: number
  readonly #prefixLength: number
  readonly #placesStart: number
  readonly #isWide: boolean

  /** @throws {RangeError} When the bytes are not those of a block: afterwards every place in it is known to be inside. */
  constructor(bytes: Buffer) {
    this.bytes = bytes
    const { length } = bytes
    if (length < TRAILER_LENGTH) throw new RangeError('the block is too short')
    this.#prefixLength = readUint32(bytes, length - 8)
    this.count = readUint32(bytes, length - 4)
    if (this.count === 0) throw new RangeError('the block has no entries')
    const narrowStart = length - TRAILER_LENGTH - (this.count + 1) * 4
    // It was written as a narrow one if it would be short enough as one; a wide one never would.
    this.#isWide = length > NARROW_LIMIT
    this.#placesStart = this.#isWide ? length - TRAILER_LENGTH - (this.count + 1) * 8 : narrowStart
    if (this.#placesStart < 0) throw new RangeError('the block is shorter than the list of its entries')
    this.#checkPlaces()
  }

  /** Where a key is: its position, or `~` of the position of the first key above it (`~count` when there is none). */
  indexOf(key: string): number {
    const { bytes } = this
    const prefixLength = this.#prefixLength
    for (let i = 0; i < prefixLength; i++) {
      // Beyond its end charCodeAt gives NaN, and the key is below all that are longer.
      const code = i < key.length ? key.charCodeAt(i) : -1
      const byte = bytes[i]!
      if (code !== byte) return code < byte ? ~0 : ~this.count
    }
    let low = 0
    let high = this.count - 1
    while (low <= high) {
      const middle = (low + high) >>> 1
      const start = this.keyStart(middle)
      const suffixLength = this.keyStart(middle + 1) - start
      const wantedLength = key.length - prefixLength
      const length = Math.min(suffixLength, wantedLength)
      let difference = 0
      for (let i = 0; i < length; i++) {
        difference = bytes[start + i]! - key.charCodeAt(prefixLength + i)
        if (difference !== 0) break
      }
      if (difference === 0) difference = suffixLength - wantedLength
      if (difference === 0) return middle
      if (difference < 0) low = middle + 1
      else high = middle - 1
    }
    return ~low
  }

  /** Negative, zero or positive as a key in the block is below, at or above `key`. */
  compare(position: number, key: string): number {
    const { bytes } = this
    const prefixLength = this.#prefixLength
    const start = this.keyStart(position)
    const keyLength = prefixLength + this.keyStart(position + 1) - start
    const length = Math.min(keyLength, key.length)
    for (let i = 0; i < length; i++) {
      const difference = bytes[i < prefixLength ? i : start + i - prefixLength]! - key.charCodeAt(i)
      if (difference !== 0) return difference
    }
    return keyLength - key.length
  }

  key(position: number): string {
    const start = this.keyStart(position)
    const end = this.keyStart(position + 1)
    const suffix = latin1Slice.call(this.bytes, start, end)
    return this.#prefixLength === 0 ? suffix : latin1Slice.call(this.bytes, 0, this.#prefixLength) + suffix
  }

  /** Where the key of an entry begins, without the prefix; of `count`, where the last one ends. */
  keyStart(position: number): number {
    return this.#isWide
      ? readUint32(this.bytes, this.#placesStart + 8 * position)
      : readUint16(this.bytes, this.#placesStart + 4 * position)
  }

  /** Where an entry's value begins, with what is in front of it; of `count`, where the last one ends. */
  valueStart(position: number): number {
    return this.#isWide
      ? readUint32(this.bytes, this.#placesStart + 8 * position + 4)
      : readUint16(this.bytes, this.#placesStart + 4 * position + 2)
  }

  /** Everything begins where the thing before it ends, and the last one ends where the list of places begins. */
  #checkPlaces(): void {
    const { count } = this
    let key = this.keyStart(0)
    let value = this.valueStart(0)
    let isSound = key === this.#prefixLength
    for (let position = 1; position <= count; position++) {
      const nextKey = this.keyStart(position)
      const nextValue = this.valueStart(position)
      if (nextKey < key || nextValue <= value) isSound = false
      key = nextKey
      value = nextValue
    }
    if (!isSound || key !== this.valueStart(0) || value !== this.#placesStart) {
      throw new RangeError('an entry exceeds its block')
    }
  }
}

/** Where the number ended that was read last: returning both would cost an object. */
export let numberEnd = 0

/** Reads a varint; where it ends is in `numberEnd`. What is beyond the end of the bytes counts as zero. */
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

function readUint16(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8)
}

function readUint32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16)) + bytes[at + 3]! * 0x100_0000
}

/** How many of the first `limit` characters two strings share from the start. */
function sharedLength(a: string, b: string, limit: number): number {
  const end = Math.min(limit, b.length)
  let length = 0
  while (length < end && a.charCodeAt(length) === b.charCodeAt(length)) length++
  return length
}

type Slice = (this: Uint8Array, start: number, end: number) => string
const { latin1Slice } = Buffer.prototype as unknown as { latin1Slice: Slice }

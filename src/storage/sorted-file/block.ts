/**
 * A block: some entries in key order, the unit of reading, checking and compressing.
 *
 * Keys come first and values after them, so that a search touches little memory. Keys are stored without the part they
 * share with the key before; every sixteenth entry, a *restart*, has its key whole, so that a search can jump to it.
 *
 *   keys       for each entry: varint shared, varint unshared, varint (value length + 1) or 0 for a tombstone,
 *              varint (lsn - the file's lowest lsn), the unshared end of the key
 *   values     one after the other
 *   restarts   for each: where its key entry and where its value begins, 4 bytes each
 *   trailer    where the values begin and how many restarts there are, 4 bytes each
 */
import { ByteWriter } from '../../base/byte-writer.js'

const RESTART_INTERVAL = 16

const RESTART_LENGTH = 8
const TRAILER_LENGTH = 8

/** Collects entries, in ascending order, into the bytes of a block. */
export class BlockBuilder {
  readonly #keys = new ByteWriter(16 * 1024)
  readonly #values = new ByteWriter(32 * 1024)
  readonly #restarts = new ByteWriter(1024)
  #count = 0
  #previousKey = ''

  get byteLength(): number {
    return this.#keys.length + this.#values.length
  }

  get count(): number {
    return this.#count
  }

  add(key: string, value: Uint8Array | undefined, lsnDelta: number): void {
    const isRestart = this.#count % RESTART_INTERVAL === 0
    if (isRestart) {
      this.#restarts.u32(this.#keys.length)
      this.#restarts.u32(this.#values.length)
    }
    const shared = isRestart ? 0 : sharedLength(this.#previousKey, key)
    this.#keys.varint(shared)
    this.#keys.varint(key.length - shared)
    this.#keys.varint(value === undefined ? 0 : value.length + 1)
    this.#keys.varint(lsnDelta)
    this.#keys.byteString(key, shared)
    if (value !== undefined) this.#values.bytes(value)
    this.#previousKey = key
    this.#count += 1
  }

  /** The finished block, a view that the next `add` overwrites. Starts the next one. */
  finish(): { readonly raw: Uint8Array; readonly count: number } {
    const valuesStart = this.#keys.length
    this.#keys.bytes(this.#values.view())
    this.#keys.bytes(this.#restarts.view())
    this.#keys.u32(valuesStart)
    this.#keys.u32(this.#restarts.length / RESTART_LENGTH)
    const finished = { raw: this.#keys.view(), count: this.#count }
    this.#keys.clear()
    this.#values.clear()
    this.#restarts.clear()
    this.#count = 0
    this.#previousKey = ''
    return finished
  }
}

/** Where an entry begins: its key, and its value. */
export interface EntryPosition {
  readonly keyOffset: number
  readonly valueOffset: number
}

/** A block in memory, unpacked and checked. It never changes, so views into it stay good. */
export class Block {
  readonly bytes: Buffer
  /** Where the keys end and the values begin. */
  readonly valuesStart: number
  readonly valuesEnd: number
  readonly #restartCount: number

  /** @throws {RangeError} When the bytes are not those of a block. */
  constructor(bytes: Buffer) {
    this.bytes = bytes
    if (bytes.length < TRAILER_LENGTH) throw new RangeError('the block is too short')
    this.valuesStart = bytes.readUInt32LE(bytes.length - 8)
    this.#restartCount = bytes.readUInt32LE(bytes.length - 4)
    this.valuesEnd = bytes.length - TRAILER_LENGTH - RESTART_LENGTH * this.#restartCount
    if (this.#restartCount === 0 || this.valuesEnd < this.valuesStart) throw new RangeError('the block has no entries')
  }

  /** The last restart whose key is below or at `key`: a search for it starts there. */
  restartBefore(key: string): EntryPosition {
    const restart = this.#findRestart(key)
    return { keyOffset: this.#keyOffset(restart), valueOffset: this.#valueOffset(restart) }
  }

  /**
   * The value of a key, a view into the block; null for a tombstone, undefined when the key is not in the block.
   *
   * Keys are compared without being put together: of each entry it is known how much it shares with the one before, and
   * of that one how much it shares with `key`.
   */
  find(key: string): Uint8Array | null | undefined {
    const { bytes, valuesStart } = this
    const restart = this.#findRestart(key)
    let offset = this.#keyOffset(restart)
    let valueOffset = this.#valueOffset(restart)
    /** How many characters the entry before, which is below `key`, has in common with it. */
    let matched = 0
    while (offset < valuesStart) {
      const shared = readVarint(bytes, offset)
      const unshared = readVarint(bytes, varintEnd)
      const valueLength = readVarint(bytes, varintEnd) - 1
      readVarint(bytes, varintEnd)
      const suffix = varintEnd
      const valueStart = valueOffset
      if (valueLength > 0) valueOffset += valueLength
      offset = suffix + unshared
      if (offset > valuesStart || valueOffset > this.valuesEnd) throw new RangeError('an entry exceeds its block')
      // It differs from `key` where the one before does not: it is above.
      if (shared < matched) return undefined
      // It differs from `key` just where the one before does: it is below, too.
      if (shared > matched) continue
      const keyLength = shared + unshared
      const length = Math.min(keyLength, key.length)
      let difference = 0
      let at = shared
      while (at < length && (difference = bytes[suffix + at - shared]! - key.charCodeAt(at)) === 0) at++
      if (at === length) difference = keyLength - key.length
      if (difference === 0) return valueLength < 0 ? null : bytes.subarray(valueStart, valueOffset)
      if (difference > 0) return undefined
      matched = at
    }
    return undefined
  }

  #findRestart(key: string): number {
    let low = 0
    let high = this.#restartCount - 1
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      if (this.#compareRestart(this.#keyOffset(middle), key) <= 0) low = middle
      else high = middle - 1
    }
    return low
  }

  #keyOffset(restart: number): number {
    return readUint32(this.bytes, this.valuesEnd + RESTART_LENGTH * restart)
  }

  #valueOffset(restart: number): number {
    return this.valuesStart + readUint32(this.bytes, this.valuesEnd + RESTART_LENGTH * restart + 4)
  }

  /** Negative, zero or positive as the restart's key, which stands there whole, is below, at or above `key`. */
  #compareRestart(offset: number, key: string): number {
    const { bytes } = this
    readVarint(bytes, offset)
    const keyLength = readVarint(bytes, varintEnd)
    readVarint(bytes, varintEnd)
    readVarint(bytes, varintEnd)
    const start = varintEnd
    const length = Math.min(keyLength, key.length)
    for (let at = 0; at < length; at++) {
      const difference = bytes[start + at]! - key.charCodeAt(at)
      if (difference !== 0) return difference
    }
    return keyLength - key.length
  }
}

/** Where the varint ended that was read last: returning two numbers would cost an object. */
let varintEnd = 0

function readVarint(bytes: Buffer, start: number): number {
  let offset = start
  let byte = bytes[offset++]!
  let value = byte & 0x7f
  for (let factor = 0x80; byte >= 0x80 && factor < 2 ** 49; factor *= 0x80) {
    byte = bytes[offset++] ?? 0
    value += (byte & 0x7f) * factor
  }
  varintEnd = offset
  return value
}

function readUint32(bytes: Buffer, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16)) + bytes[at + 3]! * 0x100_0000
}

/** Walks the entries of a block upwards. Its key is a scratch buffer: ask for `key()` before moving on. */
export class BlockCursor {
  readonly #block: Block
  #offset: number
  #nextValueOffset: number
  #keyBytes: Buffer = EMPTY
  #keyLength = 0
  /** Whether the key buffer is ours; otherwise it is a view into the block. */
  #isOwnBuffer = false
  #valueOffset = 0
  #valueLength = -1
  lsnDelta = 0

  constructor(block: Block, start?: EntryPosition) {
    this.#block = block
    this.#offset = start?.keyOffset ?? 0
    this.#nextValueOffset = start?.valueOffset ?? block.valuesStart
  }

  /** Moves to the next entry; false at the end. */
  next(): boolean {
    const { bytes, valuesStart, valuesEnd } = this.#block
    if (this.#offset >= valuesStart) return false
    const shared = readVarint(bytes, this.#offset)
    const unshared = readVarint(bytes, varintEnd)
    this.#valueLength = readVarint(bytes, varintEnd) - 1
    this.lsnDelta = readVarint(bytes, varintEnd)
    const suffixOffset = varintEnd
    this.#offset = suffixOffset + unshared
    this.#valueOffset = this.#nextValueOffset
    if (this.#valueLength > 0) this.#nextValueOffset += this.#valueLength
    const isInside = this.#offset <= valuesStart && this.#nextValueOffset <= valuesEnd
    if (shared > this.#keyLength || !isInside) throw new RangeError('an entry exceeds its block')

    if (shared === 0) {
      // The key stands in the block as it is: no copy.
      this.#keyBytes = bytes.subarray(suffixOffset, this.#offset)
      this.#isOwnBuffer = false
    } else {
      this.#makeRoom(shared + unshared, shared)
      bytes.copy(this.#keyBytes, shared, suffixOffset, this.#offset)
    }
    this.#keyLength = shared + unshared
    return true
  }

  /** Negative, zero or positive as this key is below, at or above `key`. */
  compareTo(key: string): number {
    const bytes = this.#keyBytes
    const length = Math.min(this.#keyLength, key.length)
    for (let i = 0; i < length; i++) {
      const difference = bytes[i]! - key.charCodeAt(i)
      if (difference !== 0) return difference
    }
    return this.#keyLength - key.length
  }

  key(): string {
    return this.#keyBytes.toString('latin1', 0, this.#keyLength)
  }

  /** The value, a view into the block; undefined for a tombstone. */
  value(): Uint8Array | undefined {
    if (this.#valueLength < 0) return undefined
    return this.#block.bytes.subarray(this.#valueOffset, this.#valueOffset + this.#valueLength)
  }

  /** Makes the key buffer ours and large enough, keeping what the next key shares with this one. */
  #makeRoom(byteLength: number, keep: number): void {
    if (this.#isOwnBuffer && this.#keyBytes.length >= byteLength) return
    const own = Buffer.allocUnsafe(Math.max(64, byteLength * 2))
    this.#keyBytes.copy(own, 0, 0, keep)
    this.#keyBytes = own
    this.#isOwnBuffer = true
  }
}

const EMPTY = Buffer.alloc(0)

function sharedLength(a: string, b: string): number {
  const limit = Math.min(a.length, b.length)
  let length = 0
  while (length < limit && a.charCodeAt(length) === b.charCodeAt(length)) length++
  return length
}

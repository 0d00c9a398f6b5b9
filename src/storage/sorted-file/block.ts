/**
 * A block: some entries in key order, the unit of reading, checking and compressing.
 *
 * Keys are stored without the part they share with the key before; every sixteenth entry, a *restart*, has its key
 * whole, so that a search can jump to it. An entry: varint shared, varint unshared, varint (value length + 1) or 0 for
 * a tombstone, varint (lsn - the file's lowest lsn), key suffix, value. After the entries: the offset of each restart
 * (4 bytes) and their count (4 bytes).
 */
import { ByteWriter } from '../../base/byte-writer.js'

const RESTART_INTERVAL = 16

/** Collects entries, in ascending order, into the bytes of a block. */
export class BlockBuilder {
  readonly #out = new ByteWriter(32 * 1024)
  #restarts: number[] = []
  #count = 0
  #previousKey = ''

  get byteLength(): number {
    return this.#out.length
  }

  get count(): number {
    return this.#count
  }

  add(key: string, value: Uint8Array | undefined, lsnDelta: number): void {
    const isRestart = this.#count % RESTART_INTERVAL === 0
    if (isRestart) this.#restarts.push(this.#out.length)
    const shared = isRestart ? 0 : sharedLength(this.#previousKey, key)
    this.#out.varint(shared)
    this.#out.varint(key.length - shared)
    this.#out.varint(value === undefined ? 0 : value.length + 1)
    this.#out.varint(lsnDelta)
    this.#out.byteString(key, shared)
    if (value !== undefined) this.#out.bytes(value)
    this.#previousKey = key
    this.#count += 1
  }

  /** The finished block, a view that the next `add` overwrites. Starts the next one. */
  finish(): { readonly raw: Uint8Array; readonly count: number } {
    for (const offset of this.#restarts) this.#out.u32(offset)
    this.#out.u32(this.#restarts.length)
    const finished = { raw: this.#out.view(), count: this.#count }
    this.#out.clear()
    this.#restarts = []
    this.#count = 0
    this.#previousKey = ''
    return finished
  }
}

/** A block in memory, unpacked and checked. It never changes, so views into it stay good. */
export class Block {
  readonly bytes: Buffer
  readonly entriesEnd: number
  readonly #restartCount: number

  /** @throws {RangeError} When the bytes are not those of a block. */
  constructor(bytes: Buffer) {
    this.bytes = bytes
    this.#restartCount = bytes.readUInt32LE(bytes.length - 4)
    this.entriesEnd = bytes.length - 4 - 4 * this.#restartCount
    if (this.entriesEnd < 0 || this.#restartCount === 0) throw new RangeError('the block has no entries')
  }

  /** Where the last restart begins whose key is below or at `key`: a search for it starts there. */
  restartBefore(key: string): number {
    let low = 0
    let high = this.#restartCount - 1
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      if (this.#compareRestart(middle, key) <= 0) low = middle
      else high = middle - 1
    }
    return this.#restartOffset(low)
  }

  #restartOffset(index: number): number {
    return this.bytes.readUInt32LE(this.entriesEnd + 4 * index)
  }

  #compareRestart(index: number, key: string): number {
    const entry = new BlockCursor(this, this.#restartOffset(index))
    entry.next()
    return entry.compareTo(key)
  }
}

/** Walks the entries of a block upwards. Its key is a scratch buffer: ask for `key()` before moving on. */
export class BlockCursor {
  readonly #block: Block
  #offset: number
  #keyBytes: Buffer = EMPTY
  #keyLength = 0
  #valueOffset = 0
  #valueLength = -1
  lsnDelta = 0

  constructor(block: Block, offset = 0) {
    this.#block = block
    this.#offset = offset
  }

  /** Moves to the next entry; false at the end. */
  next(): boolean {
    const { bytes, entriesEnd } = this.#block
    if (this.#offset >= entriesEnd) return false
    const shared = this.#varint(bytes)
    const unshared = this.#varint(bytes)
    this.#valueLength = this.#varint(bytes) - 1
    this.lsnDelta = this.#varint(bytes)
    const suffixOffset = this.#offset
    this.#valueOffset = suffixOffset + unshared
    this.#offset = this.#valueOffset + Math.max(0, this.#valueLength)
    if (shared > this.#keyLength || this.#offset > entriesEnd) throw new RangeError('an entry exceeds its block')

    if (shared === 0) {
      // The key stands in the block as it is: no copy.
      this.#keyBytes = bytes.subarray(suffixOffset, this.#valueOffset)
      this.#owned = false
    } else {
      this.#own(shared + unshared, shared)
      bytes.copy(this.#keyBytes, shared, suffixOffset, this.#valueOffset)
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

  #owned = false

  /** Makes the key buffer ours and large enough, keeping what the next key shares with this one. */
  #own(byteLength: number, keep: number): void {
    if (this.#owned && this.#keyBytes.length >= byteLength) return
    const own = Buffer.allocUnsafe(Math.max(64, byteLength * 2))
    this.#keyBytes.copy(own, 0, 0, keep)
    this.#keyBytes = own
    this.#owned = true
  }

  #varint(bytes: Buffer): number {
    let byte = bytes[this.#offset++]!
    if (byte < 0x80) return byte
    let value = byte & 0x7f
    let factor = 0x80
    do {
      byte = bytes[this.#offset++] ?? 0
      value += (byte & 0x7f) * factor
      factor *= 0x80
    } while (byte >= 0x80 && factor < 2 ** 49)
    return value
  }
}

const EMPTY = Buffer.alloc(0)

function sharedLength(a: string, b: string): number {
  const limit = Math.min(a.length, b.length)
  let length = 0
  while (length < limit && a.charCodeAt(length) === b.charCodeAt(length)) length++
  return length
}

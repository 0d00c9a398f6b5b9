/**
 * Reads back what a `ByteWriter` wrote. Bytes from a disk may be anything: reading past the end, or a number that is
 * too large, throws a `RangeError`, which whoever knows the file turns into a `CorruptionError` with its name.
 */
export class ByteReader {
  readonly buffer: Buffer
  offset: number
  readonly end: number

  constructor(bytes: Uint8Array, offset = 0, end: number = bytes.length) {
    this.buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.offset = offset
    this.end = end
  }

  get remaining(): number {
    return this.end - this.offset
  }

  u8(): number {
    return this.buffer[this.#advance(1)]!
  }

  u16(): number {
    return this.buffer.readUInt16LE(this.#advance(2))
  }

  u32(): number {
    return this.buffer.readUInt32LE(this.#advance(4))
  }

  /** Eight bytes as a safe integer. */
  u64(): number {
    const at = this.#advance(8)
    const high = this.buffer.readUInt32LE(at + 4)
    if (high > 0x1f_ffff) throw new RangeError('integer out of range')
    return high * 0x1_0000_0000 + this.buffer.readUInt32LE(at)
  }

  big64(): bigint {
    return this.buffer.readBigUInt64LE(this.#advance(8))
  }

  varint(): number {
    let value = 0
    let factor = 1
    for (let i = 0; i < 8; i++) {
      const byte = this.u8()
      value += (byte & 0x7f) * factor
      if (byte < 0x80) {
        if (value > Number.MAX_SAFE_INTEGER) break
        return value
      }
      factor *= 0x80
    }
    throw new RangeError('integer out of range')
  }

  /** A view of the next bytes, not a copy. */
  bytes(byteLength: number): Buffer {
    const at = this.#advance(byteLength)
    return this.buffer.subarray(at, at + byteLength)
  }

  byteString(byteLength: number): string {
    const at = this.#advance(byteLength)
    return this.buffer.toString('latin1', at, at + byteLength)
  }

  #advance(byteLength: number): number {
    const at = this.offset
    if (byteLength > this.end - at) throw new RangeError('the bytes end too early')
    this.offset = at + byteLength
    return at
  }
}

/** Appends integers and bytes to a buffer that grows. Integers are little-endian; varints carry seven bits a byte. */
import { type BytesInView, copyBytes, partOf, putUint64 } from './bytes.js'

export class ByteWriter {
  #buffer: Buffer
  #view: DataView
  #length = 0

  constructor(initialByteLength = 1024) {
    this.#buffer = Buffer.allocUnsafeSlow(initialByteLength)
    this.#view = new DataView(this.#buffer.buffer)
  }

  get length(): number {
    return this.#length
  }

  /** Forgets what was written, keeps the memory. */
  clear(): void {
    this.#length = 0
  }

  u8(value: number): void {
    this.reserve(1)
    this.#buffer[this.#length++] = value
  }

  u16(value: number): void {
    this.reserve(2)
    this.#buffer[this.#length++] = value
    this.#buffer[this.#length++] = value >>> 8
  }

  u32(value: number): void {
    this.reserve(4)
    this.#length += 4
    this.u32At(this.#length - 4, value)
  }

  /** Writes over what stands at an offset. */
  u16At(offset: number, value: number): void {
    this.#buffer[offset] = value
    this.#buffer[offset + 1] = value >>> 8
  }

  /** The same with four bytes. */
  u32At(offset: number, value: number): void {
    if (value >>> 0 !== value) throw new RangeError(`${value} is no number of 32 bits`)
    const buffer = this.#buffer
    buffer[offset] = value
    buffer[offset + 1] = value >>> 8
    buffer[offset + 2] = value >>> 16
    buffer[offset + 3] = value >>> 24
  }

  /** The same with a non-negative safe integer in eight bytes. */
  u64At(offset: number, value: number): void {
    if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${value} is no safe integer`)
    // A remainder of division would take longer than all the rest.
    const low = value >>> 0
    this.u32At(offset, low)
    this.u32At(offset + 4, (value - low) / 0x1_0000_0000)
  }

  big64At(offset: number, value: bigint): void {
    putUint64(this.#buffer, offset, value)
  }

  /** A non-negative safe integer in eight bytes. */
  u64(value: number): void {
    this.reserve(8)
    this.#length += 8
    this.u64At(this.#length - 8, value)
  }

  big64(value: bigint): void {
    this.reserve(8)
    this.#length += 8
    this.big64At(this.#length - 8, value)
  }

  /** A non-negative safe integer in one to eight bytes. */
  varint(value: number): void {
    this.reserve(8)
    if (value < 0x80) {
      this.#buffer[this.#length++] = value
      return
    }
    let rest = value
    while (rest >= 0x80) {
      this.#buffer[this.#length++] = (rest % 0x80) | 0x80
      rest = rest < 0x8000_0000 ? rest >>> 7 : Math.floor(rest / 0x80)
    }
    this.#buffer[this.#length++] = rest
  }

  bytes(bytes: Uint8Array): void {
    this.reserve(bytes.length)
    this.#buffer.set(bytes, this.#length)
    this.#length += bytes.length
  }

  /** Those from `start` to `end`. */
  part(bytes: Uint8Array, start: number, end: number): void {
    const byteLength = end - start
    if (byteLength >= 64) {
      this.bytes(partOf(bytes, start, end))
      return
    }
    this.reserve(byteLength)
    const buffer = this.#buffer
    let at = this.#length
    for (let i = start; i < end; i++, at++) buffer[at] = bytes[i]!
    this.#length = at
  }

  /** A few hundred bytes. */
  copyOf(source: BytesInView): void {
    const byteLength = source.end - source.start
    this.reserve(byteLength)
    copyBytes(this.#view, this.#length, source)
    this.#length += byteLength
  }

  /** A byte string: each character is one byte. */
  byteString(text: string, from = 0): void {
    const byteLength = text.length - from
    this.reserve(byteLength)
    const at = this.#length
    if (byteLength < 64) {
      const buffer = this.#buffer
      for (let i = 0; i < byteLength; i++) buffer[at + i] = text.charCodeAt(from + i)
    } else this.#buffer.write(from === 0 ? text : text.slice(from), at, 'latin1')
    this.#length = at + byteLength
  }

  zeros(byteLength: number): void {
    this.reserve(byteLength)
    const end = this.#length + byteLength
    // `fill` costs more than it does for a few bytes.
    if (byteLength < 16) while (this.#length < end) this.#buffer[this.#length++] = 0
    else this.#buffer.fill(0, this.#length, end)
    this.#length = end
  }

  /** Moves what lies from `start` to `end` down to where something shorter is to lie in front of it. */
  moveDown(target: number, start: number, end: number): void {
    if (target !== start) this.#buffer.copyWithin(target, start, end)
  }

  /** Forgets what was written from there on. */
  cut(length: number): void {
    this.#length = length
  }

  /** Leaves room for what is only known later; until then anything may be in it. */
  skip(byteLength: number): void {
    this.reserve(byteLength)
    this.#length += byteLength
  }

  /** Where it writes to, for whoever fills what was left out; valid until the next write. */
  get memory(): Uint8Array {
    return this.#buffer
  }

  /** The same memory. */
  get memoryView(): DataView {
    return this.#view
  }

  /** What was written so far; valid until the next write. */
  view(): Buffer {
    return this.#buffer.subarray(0, this.#length)
  }

  /** The same, which is made in half the time. */
  written(): Uint8Array {
    const { buffer, byteOffset } = this.#buffer
    return new Uint8Array(buffer, byteOffset, this.#length)
  }

  /** What was written so far, as a copy of its own. */
  copy(): Uint8Array {
    return new Uint8Array(this.view())
  }

  /** Sees to it that so much can be written without asking for memory, which may fail. */
  reserve(byteLength: number): void {
    const needed = this.#length + byteLength
    if (needed <= this.#buffer.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#buffer.length * 2))
    this.#buffer.copy(larger, 0, 0, this.#length)
    this.#buffer = larger
    this.#view = new DataView(larger.buffer)
  }
}

/** Bytes looked at, and numbers among them, for every item or block: there Buffer's own methods take several times as long. */

/** The bytes from `start` to `end`, not a copy. */
export function partOf({ buffer, byteOffset }: Uint8Array, start: number, end: number): Uint8Array {
  return new Uint8Array(buffer, byteOffset + start, end - start)
}

/** Whether the memory of bytes was handed to another thread: there are none in it then, of however many it was. */
export function isDetached(bytes: Uint8Array): boolean {
  if (bytes.byteLength > 0) return false
  try {
    // Of memory that is elsewhere no view can be made.
    partOf(bytes, 0, 0)
    return false
  } catch {
    return true
  }
}

/** Where some bytes lie, for whoever copies them. */
export interface BytesInView {
  readonly view: DataView
  readonly start: number
  readonly end: number
}

/** Copies bytes: of some hundreds that takes half as long as to make a view of them for `set`. */
export function copyBytes(target: DataView, at: number, { view: source, start, end }: BytesInView): void {
  const shift = at - start
  let from = start
  for (; from + 8 <= end; from += 8) {
    target.setInt32(from + shift, source.getInt32(from, true), true)
    target.setInt32(from + shift + 4, source.getInt32(from + 4, true), true)
  }
  for (; from < end; from++) target.setUint8(from + shift, source.getUint8(from))
}

/** The same bytes, not a copy. */
export function bytesOf({ view: { buffer, byteOffset }, start, end }: BytesInView): Uint8Array {
  return new Uint8Array(buffer, byteOffset + start, end - start)
}

/** Two bytes as a number, the least significant first. */
export function uint16At(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8)
}

/** The same of four bytes. */
export function uint32At(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16)) + bytes[at + 3]! * 0x100_0000
}

/** A number of 64 bits as bytes: the way of Buffer itself makes several bigints of it. */
const WIDE = new DataView(new ArrayBuffer(8))
const WIDE_BYTES = new Uint8Array(WIDE.buffer)

/** Writes a number of 64 bits, the least significant byte first. */
export function putUint64(bytes: Uint8Array, at: number, value: bigint): void {
  WIDE.setBigUint64(0, value, true)
  for (let i = 0; i < 8; i++) bytes[at + i] = WIDE_BYTES[i]!
}

/** The same, the most significant byte first: such bytes sort as the numbers do. */
export function putSortableUint64(bytes: Uint8Array, at: number, value: bigint): void {
  WIDE.setBigUint64(0, value)
  for (let i = 0; i < 8; i++) bytes[at + i] = WIDE_BYTES[i]!
}

/** Whether eight bytes are this number, as `putUint64` writes it. */
export function isUint64At(bytes: Uint8Array, at: number, value: bigint): boolean {
  WIDE.setBigUint64(0, value, true)
  for (let i = 0; i < 8; i++) if (bytes[at + i] !== WIDE_BYTES[i]) return false
  return true
}

/**
 * The bytes of the log. Prose, examples and version history: architecture/formats.md.
 *
 * A segment is a header frame and then one frame for each group of commits. A frame (little-endian, its length padded
 * to eight bytes):
 *
 *   offset  size  field
 *        0     4  magic "WLF1"
 *        4     1  version, 1
 *        5     1  type: 1 commits, 7 segment header
 *        6     2  flags, 0
 *        8     8  first sequence number in it
 *       16     4  number of transactions
 *       20     4  stored payload length
 *       24     4  raw payload length (equal; room for compression)
 *       28     4  epoch of the writer
 *       32     8  syncedLsn: what was already durable when this frame was written
 *       40     8  XXH64 of the frame with this field zero; the seed is the segment's salt (0 for its header)
 *       48     n  payload
 *
 * A sequence number (LSN) stands for one transaction. The payload of a commit frame is its transactions in order, each:
 * timestamp (8 bytes), origin (1 byte, its meaning is the writer's), varint count of writes, then for each write: varint
 * tree, varint key length, key, varint (value length + 1) or 0 for a removal, value.
 *
 * Timestamps are microseconds since 1970 and grow with every transaction, even if the clock is set back.
 */
import { ByteReader } from '../../base/byte-reader.js'
import { ByteWriter } from '../../base/byte-writer.js'
import type { Checksum } from '../../base/checksum.js'
import type { Write } from '../tree/write.js'

export const FRAME_HEADER_LENGTH = 48
/** No frame is longer: a length beyond it is damage, not data. */
export const FRAME_BYTE_LIMIT: number = 64 * 1024 * 1024
export const FRAME_MAGIC = 0x31464c57

const VERSION = 1
const HASH_OFFSET = 40

export type FrameType = 'commit' | 'segment'
const TYPE_CODES = { commit: 1, segment: 7 } as const

export interface FrameHeader {
  readonly type: FrameType
  readonly firstLsn: number
  readonly transactionCount: number
  readonly epoch: number
  readonly syncedLsn: number
}

export interface Frame extends FrameHeader {
  readonly payload: Uint8Array
  /** Bytes in the file, padding included. */
  readonly byteLength: number
}

/** What a segment's header frame says. */
export interface SegmentHeader {
  readonly number: number
  readonly databaseId: Uint8Array
  readonly salt: bigint
  /** That of the last transaction before the segment: it stays known when that one's segment is gone. */
  readonly timestamp: number
}

const writer = new ByteWriter(64 * 1024)

/** Encodes a frame. The result is a view that the next call overwrites. */
export function encodeFrame(
  header: FrameHeader,
  payload: Uint8Array,
  { salt, checksum }: { readonly salt: bigint; readonly checksum: Checksum },
): Uint8Array {
  writer.clear()
  writer.u32(FRAME_MAGIC)
  writer.u8(VERSION)
  writer.u8(TYPE_CODES[header.type])
  writer.u16(0)
  writer.u64(header.firstLsn)
  writer.u32(header.transactionCount)
  writer.u32(payload.length)
  writer.u32(payload.length)
  writer.u32(header.epoch)
  writer.u64(header.syncedLsn)
  writer.zeros(8)
  writer.bytes(payload)
  writer.zeros(paddingOf(payload.length))
  const frame = writer.view()
  frame.writeBigUInt64LE(checksum(frame, salt), HASH_OFFSET)
  return frame
}

/** Decodes the frame at an offset; undefined when no whole, undamaged frame begins there. Copies nothing. */
export function decodeFrame(
  bytes: Buffer,
  offset: number,
  { salt, checksum }: { readonly salt: bigint; readonly checksum: Checksum },
): Frame | undefined {
  if (bytes.length - offset < FRAME_HEADER_LENGTH) return undefined
  const reader = new ByteReader(bytes, offset)
  if (reader.u32() !== FRAME_MAGIC || reader.u8() !== VERSION) return undefined
  const typeCode = reader.u8()
  reader.u16()
  // The lengths come before the checksum can be verified, so they are not to be trusted yet.
  const storedLength = bytes.readUInt32LE(offset + 20)
  const byteLength = FRAME_HEADER_LENGTH + storedLength + paddingOf(storedLength)
  if (storedLength > FRAME_BYTE_LIMIT || byteLength > bytes.length - offset) return undefined

  const hashAt = offset + HASH_OFFSET
  const stored = bytes.readBigUInt64LE(hashAt)
  bytes.fill(0, hashAt, hashAt + 8)
  const computed = checksum(bytes.subarray(offset, offset + byteLength), salt)
  bytes.writeBigUInt64LE(stored, hashAt)
  if (stored !== computed) return undefined

  const firstLsn = reader.u64()
  const transactionCount = reader.u32()
  reader.u32()
  reader.u32()
  const epoch = reader.u32()
  const syncedLsn = reader.u64()
  const type = typeCode === TYPE_CODES.segment ? 'segment' : typeCode === TYPE_CODES.commit ? 'commit' : undefined
  if (type === undefined) return undefined
  const payloadAt = offset + FRAME_HEADER_LENGTH
  const payload = bytes.subarray(payloadAt, payloadAt + storedLength)
  return { type, firstLsn, transactionCount, epoch, syncedLsn, payload, byteLength }
}

export function encodeSegmentHeader(header: SegmentHeader): Uint8Array {
  const out = new ByteWriter(64)
  out.u64(header.number)
  out.bytes(header.databaseId)
  out.big64(header.salt)
  out.u64(header.timestamp)
  out.u32(0) // key id: not encrypted
  return out.copy()
}

export function decodeSegmentHeader(payload: Uint8Array): SegmentHeader {
  const reader = new ByteReader(payload)
  const number = reader.u64()
  const databaseId = new Uint8Array(reader.bytes(16))
  return { number, databaseId, salt: reader.big64(), timestamp: reader.u64() }
}

/** What one commit changes, when, and where it comes from. */
export interface Transaction {
  readonly timestamp: number
  readonly origin: number
  readonly writes: readonly Write[]
}

/** Appends one transaction to the payload of a frame. */
export function encodeTransaction(out: ByteWriter, { timestamp, origin, writes }: Transaction): void {
  out.u64(timestamp)
  out.u8(origin)
  out.varint(writes.length)
  for (const { tree, key, value } of writes) {
    out.varint(tree)
    out.varint(key.length)
    out.byteString(key)
    out.varint(value === undefined ? 0 : value.length + 1)
    if (value !== undefined) out.bytes(value)
  }
}

/** The transactions of a commit frame. Values are copies: the segment they came from can be forgotten. */
export function* decodeTransactions(frame: Frame): Generator<Transaction & { readonly lsn: number }> {
  const reader = new ByteReader(frame.payload)
  for (let i = 0; i < frame.transactionCount; i++) {
    const timestamp = reader.u64()
    const origin = reader.u8()
    const writes: Write[] = []
    for (let count = reader.varint(); count > 0; count--) {
      const tree = reader.varint()
      const key = reader.byteString(reader.varint())
      const valueLength = reader.varint()
      const value = valueLength === 0 ? undefined : new Uint8Array(reader.bytes(valueLength - 1))
      writes.push({ tree, key, value })
    }
    yield { lsn: frame.firstLsn + i, timestamp, origin, writes }
  }
}

function paddingOf(length: number): number {
  return (8 - (length % 8)) % 8
}

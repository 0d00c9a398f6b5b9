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
 * Frames end where no whole frame begins. What is behind is nothing: zeros that were written ahead, the bytes of an older
 * segment whose file this was, or an append that a crash tore.
 *
 * Timestamps are microseconds since 1970 and grow with every transaction, even if the clock is set back.
 */
import { ByteReader } from '../../base/byte-reader.js'
import type { ByteWriter } from '../../base/byte-writer.js'
import type { BytesInView } from '../../base/bytes.js'
import type { Checksum } from '../../base/checksum.js'
import type { HashedKey } from '../../base/key-hash.js'
import type { Write } from '../tree/write.js'

export const FRAME_HEADER_LENGTH = 48
/** Frames begin at multiples of it. */
export const FRAME_ALIGNMENT = 8
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

/** What a transaction of one write has beside its key and its value, and what is reserved for its numbers, at most. */
const SINGLE_OVERHEAD = 64

/** What a segment's header frame says. */
export interface SegmentHeader {
  readonly number: number
  readonly databaseId: Uint8Array
  readonly salt: bigint
  /** That of the last transaction before the segment: it stays known when that one's segment is gone. */
  readonly timestamp: number
}

/** Where the payload of a frame is encoded: room is left in front of it for the header. */
export function beginFrame(out: ByteWriter): void {
  out.clear()
  out.skip(FRAME_HEADER_LENGTH)
}

/** Completes a frame whose payload was encoded behind `beginFrame`. The result is a view of the writer's memory. */
export function endFrame(
  out: ByteWriter,
  header: FrameHeader,
  { salt, checksum }: { readonly salt: bigint; readonly checksum: Checksum },
): Uint8Array {
  const payloadLength = out.length - FRAME_HEADER_LENGTH
  out.zeros(paddingOf(payloadLength))
  out.u32At(0, FRAME_MAGIC)
  out.u32At(4, VERSION + (TYPE_CODES[header.type] << 8))
  out.u64At(8, header.firstLsn)
  out.u32At(16, header.transactionCount)
  out.u32At(20, payloadLength)
  out.u32At(24, payloadLength)
  out.u32At(28, header.epoch)
  out.u64At(32, header.syncedLsn)
  out.u64At(HASH_OFFSET, 0)
  const frame = out.written()
  out.big64At(HASH_OFFSET, checksum(frame, salt))
  return frame
}

/** Decodes the frame at an offset; undefined when no whole, undamaged frame begins there. Copies nothing. */
export function decodeFrame(
  bytes: Buffer,
  offset: number,
  { salt, checksum }: { readonly salt: bigint; readonly checksum: Checksum },
): Frame | undefined {
  const header = peekFrame(bytes, offset)
  if (header === undefined) return undefined
  const hashAt = offset + HASH_OFFSET
  const stored = bytes.readBigUInt64LE(hashAt)
  bytes.fill(0, hashAt, hashAt + 8)
  const computed = checksum(bytes.subarray(offset, offset + header.byteLength), salt)
  bytes.writeBigUInt64LE(stored, hashAt)
  if (stored !== computed) return undefined
  const payloadAt = offset + FRAME_HEADER_LENGTH
  return { ...header, payload: bytes.subarray(payloadAt, payloadAt + bytes.readUInt32LE(offset + 20)) }
}

/** What the header of a frame says, before its checksum is verified: it may be anything that makes sense. */
export function peekFrame(bytes: Buffer, offset: number): Omit<Frame, 'payload'> | undefined {
  const byteLength = claimedLength(bytes, offset)
  if (byteLength === undefined || byteLength > bytes.length - offset) return undefined
  const typeCode = bytes[offset + 5]
  const type = typeCode === TYPE_CODES.segment ? 'segment' : typeCode === TYPE_CODES.commit ? 'commit' : undefined
  if (type === undefined) return undefined
  const firstLsn = safeIntegerAt(bytes, offset + 8)
  const syncedLsn = safeIntegerAt(bytes, offset + 32)
  if (firstLsn === undefined || syncedLsn === undefined) return undefined
  const transactionCount = bytes.readUInt32LE(offset + 16)
  const epoch = bytes.readUInt32LE(offset + 28)
  return { type, firstLsn, transactionCount, epoch, syncedLsn, byteLength }
}

/** How long what looks like a frame says that it is, be all of it there or not. Nothing of that is to be trusted yet. */
export function claimedLength(bytes: Buffer, offset: number): number | undefined {
  if (bytes.length - offset < FRAME_HEADER_LENGTH) return undefined
  if (bytes.readUInt32LE(offset) !== FRAME_MAGIC || bytes[offset + 4] !== VERSION) return undefined
  const storedLength = bytes.readUInt32LE(offset + 20)
  return storedLength > FRAME_BYTE_LIMIT ? undefined : FRAME_HEADER_LENGTH + storedLength + paddingOf(storedLength)
}

export function encodeSegmentHeader(out: ByteWriter, header: SegmentHeader): void {
  out.u64(header.number)
  out.bytes(header.databaseId)
  out.big64(header.salt)
  out.u64(header.timestamp)
  out.u32(0) // key id: not encrypted
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

/**
 * The same of a transaction of one write, whose timestamp is written later, over its first eight bytes. Answers where its
 * key begins.
 *
 * @param value Undefined to remove the key.
 */
export function encodeSingle(
  out: ByteWriter,
  origin: number,
  tree: number,
  key: HashedKey,
  value: BytesInView | undefined,
): number {
  const valueLength = value === undefined ? 0 : value.end - value.start
  // All of it or nothing: what follows needs no more memory.
  out.reserve(SINGLE_OVERHEAD + key.length + valueLength)
  out.skip(8)
  out.u8(origin)
  out.varint(1)
  out.varint(tree)
  out.varint(key.length)
  const keyAt = out.length
  out.part(key.bytes, 0, key.length)
  out.varint(value === undefined ? 0 : valueLength + 1)
  if (value !== undefined) out.copyOf(value)
  return keyAt
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

function safeIntegerAt(bytes: Buffer, offset: number): number | undefined {
  const value = bytes.readUInt32LE(offset + 4) * 0x1_0000_0000 + bytes.readUInt32LE(offset)
  return Number.isSafeInteger(value) ? value : undefined
}

function paddingOf(length: number): number {
  return (FRAME_ALIGNMENT - (length % FRAME_ALIGNMENT)) % FRAME_ALIGNMENT
}

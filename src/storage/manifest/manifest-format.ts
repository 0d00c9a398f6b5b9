/**
 * The bytes of a manifest: one snapshot frame, then edit frames with consecutive sequence numbers. Examples and version
 * history: architecture/formats.md. A frame (little-endian, padded to eight bytes):
 *
 *   offset  size  field
 *        0     4  magic "MNF1"
 *        4     1  version, 1
 *        5     1  type: 1 snapshot, 2 edit
 *        6     2  flags, 0
 *        8     4  sequence number in this manifest, 0 for the snapshot
 *       12     4  payload length
 *       16     8  XXH64 of the frame with this field zero; the seed is the manifest's number
 *       24     n  payload: JSON, byte strings in base64
 */
import { ByteReader } from '../../base/byte-reader.js'
import { ByteWriter } from '../../base/byte-writer.js'
import type { Checksum } from '../../base/checksum.js'

const MAGIC = 0x31464e4d
const VERSION = 1
const HEADER_LENGTH = 24
const HASH_OFFSET = 16
const PAYLOAD_LIMIT = 64 * 1024 * 1024

/** A sorted file that counts. Size and hash are kept here so that a swapped or stale file is noticed. */
export interface SortedFileRecord {
  readonly id: number
  readonly byteLength: number
  /** XXH64 over all its block checksums, in hexadecimal. */
  readonly hash: string
  readonly entryCount: number
  /** How many of them are tombstones. */
  readonly tombstoneCount: number
  /** Keys and values without compression: what the splitting of partitions goes by. */
  readonly rawByteLength: number
}

/** A partition: the keys of one tree from `lower` up to the next partition's `lower`. */
export interface PartitionRecord {
  readonly id: number
  readonly tree: number
  readonly lower: string
  /** Commits up to this one are in its files; recovery skips them. */
  readonly flushedLsn: number
  /** Undefined when there is nothing below the deltas. */
  readonly base: SortedFileRecord | undefined
  /** Newest first. */
  readonly deltas: readonly SortedFileRecord[]
}

export interface ManifestState {
  readonly databaseId: string
  readonly epoch: number
  /** The next id for a partition or a sorted file; ids are never used again. */
  readonly nextId: number
  /** The log counts from this segment on, … */
  readonly firstSegment: number
  /** … whose first commit this is. */
  readonly firstLsn: number
  /** Commits up to here were durable when this was written, so recovery must find them. */
  readonly durableLsn: number
  readonly partitions: readonly PartitionRecord[]
}

/** One atomic change: partitions that go and come, and new values for the rest. */
export interface ManifestEdit {
  readonly removed?: readonly number[]
  readonly added?: readonly PartitionRecord[]
  readonly nextId?: number
  readonly firstSegment?: number
  readonly firstLsn?: number
  readonly durableLsn?: number
}

export type ManifestFrame =
  | { readonly kind: 'snapshot'; readonly state: ManifestState }
  | { readonly kind: 'edit'; readonly edit: ManifestEdit }

interface Seal {
  readonly manifest: number
  readonly checksum: Checksum
}

export function encodeManifestFrame(frame: ManifestFrame, sequence: number, { manifest, checksum }: Seal): Uint8Array {
  const content = frame.kind === 'snapshot' ? frame.state : frame.edit
  const payload = Buffer.from(JSON.stringify(content, bytesToText))
  const out = new ByteWriter(HEADER_LENGTH + payload.length + 8)
  out.u32(MAGIC)
  out.u8(VERSION)
  out.u8(frame.kind === 'snapshot' ? 1 : 2)
  out.u16(0)
  out.u32(sequence)
  out.u32(payload.length)
  out.zeros(8)
  out.bytes(payload)
  out.zeros((8 - (payload.length % 8)) % 8)
  const bytes = out.view()
  bytes.writeBigUInt64LE(checksum(bytes, BigInt(manifest)), HASH_OFFSET)
  return bytes
}

/** The frame at an offset, or undefined when none that is whole, undamaged and of this sequence number begins there. */
export function decodeManifestFrame(
  bytes: Buffer,
  offset: number,
  sequence: number,
  { manifest, checksum }: Seal,
): { readonly frame: ManifestFrame; readonly byteLength: number } | undefined {
  if (bytes.length - offset < HEADER_LENGTH) return undefined
  const reader = new ByteReader(bytes, offset)
  if (reader.u32() !== MAGIC || reader.u8() !== VERSION) return undefined
  const type = reader.u8()
  reader.u16()
  const found = reader.u32()
  const payloadLength = reader.u32()
  const byteLength = HEADER_LENGTH + payloadLength + ((8 - (payloadLength % 8)) % 8)
  if (payloadLength > PAYLOAD_LIMIT || byteLength > bytes.length - offset) return undefined

  const copy = Buffer.from(bytes.subarray(offset, offset + byteLength))
  copy.fill(0, HASH_OFFSET, HASH_OFFSET + 8)
  if (reader.big64() !== checksum(copy, BigInt(manifest)) || found !== sequence) return undefined

  const content: unknown = JSON.parse(copy.toString('utf8', HEADER_LENGTH, HEADER_LENGTH + payloadLength), textToBytes)
  if (type === 1) return { frame: { kind: 'snapshot', state: content as ManifestState }, byteLength }
  if (type === 2) return { frame: { kind: 'edit', edit: content as ManifestEdit }, byteLength }
  return undefined
}

/** Whether a whole frame with a higher sequence number follows: edits are written one after the other's sync. */
export function laterFrameExists(bytes: Buffer, offset: number, sequence: number, seal: Seal): boolean {
  const magic = Buffer.alloc(4)
  magic.writeUInt32LE(MAGIC)
  for (let at = bytes.indexOf(magic, offset + 1); at !== -1; at = bytes.indexOf(magic, at + 1)) {
    if (bytes.length - at < HEADER_LENGTH) return false
    const found = bytes.readUInt32LE(at + 8)
    if (found > sequence && decodeManifestFrame(bytes, at, found, seal) !== undefined) return true
  }
  return false
}

export function applyEdit(state: ManifestState, edit: ManifestEdit): ManifestState {
  const { removed = [], added = [], ...rest } = edit
  const gone = new Set(removed)
  const partitions = [...state.partitions.filter((partition) => !gone.has(partition.id)), ...added]
  return { ...state, ...rest, partitions }
}

function bytesToText(name: string, value: unknown): unknown {
  return name === 'lower' ? Buffer.from(value as string, 'latin1').toString('base64') : value
}

function textToBytes(name: string, value: unknown): unknown {
  return name === 'lower' ? Buffer.from(value as string, 'base64').toString('latin1') : value
}

/**
 * The bytes of a sorted file around its blocks. Prose, examples and version history:
 * architecture/formats.md.
 *
 *   header (128)   "RUN1", version, database id, tree, partition, file id, lowest and highest lsn, key id, checksum
 *   block *        header (24): checksum, raw length, stored length, codec, flags, entry count, block number; bytes
 *   index          for each block: its length in the file and its first key
 *   footer (64)    where the index is, its checksum, block count, entry count, raw length, hash of all blocks, checksum
 *
 * The checksum of a block covers its number and is seeded with the file's id, so a block that was moved, or that is
 * another file's, does not verify. The hash of all blocks stands in the manifest too: a stale file is noticed.
 */
import { ByteReader } from '../../base/byte-reader.js'
import { ByteWriter } from '../../base/byte-writer.js'
import type { Checksum } from '../../base/checksum.js'
import { CorruptionError } from '../../errors.js'

export const HEADER_LENGTH = 128
export const BLOCK_HEADER_LENGTH = 24
export const FOOTER_LENGTH = 64
/** A block holds at least one item of 400 KB; anything far beyond is damage. */
export const BLOCK_BYTE_LIMIT: number = 16 * 1024 * 1024

const HEADER_MAGIC = 0x314e5552
const FOOTER_MAGIC = 0x464e5552
const VERSION = 1

/** Which file this is: it is in the header, so that a file under another's name is refused. */
export interface SortedFileIdentity {
  readonly databaseId: Uint8Array
  readonly tree: number
  readonly partition: number
  readonly id: number
  readonly lowestLsn: number
  readonly highestLsn: number
}

export interface BlockHeader {
  readonly rawLength: number
  readonly storedLength: number
  readonly codec: number
  readonly count: number
  readonly number: number
}

export interface Footer {
  readonly indexOffset: number
  readonly indexLength: number
  readonly indexHash: bigint
  readonly blockCount: number
  readonly entryCount: number
  readonly rawByteLength: number
  readonly hash: bigint
}

export function encodeHeader(identity: SortedFileIdentity, checksum: Checksum): Uint8Array {
  const out = new ByteWriter(HEADER_LENGTH)
  out.u32(HEADER_MAGIC)
  out.u32(VERSION)
  out.bytes(identity.databaseId)
  out.u64(identity.tree)
  out.u64(identity.partition)
  out.u64(identity.id)
  out.u64(identity.lowestLsn)
  out.u64(identity.highestLsn)
  out.u32(0) // key id: not encrypted
  out.zeros(HEADER_LENGTH - 8 - out.length)
  out.big64(checksum(out.view(), 0n))
  return out.copy()
}

export function decodeHeader(bytes: Uint8Array, path: string, checksum: Checksum): SortedFileIdentity {
  if (bytes.length < HEADER_LENGTH) throw new CorruptionError(path, bytes.length, 'the file ends too early')
  const reader = new ByteReader(bytes)
  if (reader.u32() !== HEADER_MAGIC || reader.u32() !== VERSION) {
    throw new CorruptionError(path, 0, 'it is not a sorted file of this version')
  }
  if (new ByteReader(bytes, HEADER_LENGTH - 8).big64() !== checksum(bytes.subarray(0, HEADER_LENGTH - 8), 0n)) {
    throw new CorruptionError(path, 0, 'the checksum of its header differs')
  }
  return {
    databaseId: new Uint8Array(reader.bytes(16)),
    tree: reader.u64(),
    partition: reader.u64(),
    id: reader.u64(),
    lowestLsn: reader.u64(),
    highestLsn: reader.u64(),
  }
}

/** A whole block, ready to be written, and its checksum. */
export function sealBlock(
  stored: Uint8Array,
  header: Omit<BlockHeader, 'storedLength'>,
  file: number,
  checksum: Checksum,
): { readonly bytes: Buffer; readonly hash: bigint } {
  const bytes = Buffer.allocUnsafe(BLOCK_HEADER_LENGTH + stored.length)
  bytes.writeUInt32LE(header.rawLength, 8)
  bytes.writeUInt32LE(stored.length, 12)
  bytes.writeUInt8(header.codec, 16)
  bytes.writeUInt8(0, 17)
  bytes.writeUInt16LE(header.count, 18)
  bytes.writeUInt32LE(header.number, 20)
  bytes.set(stored, BLOCK_HEADER_LENGTH)
  const hash = checksum(bytes.subarray(8), BigInt(file))
  bytes.writeBigUInt64LE(hash, 0)
  return { bytes, hash }
}

/** Checks a block read from a file. `bytes` is the whole block. */
export function openBlock(
  bytes: Buffer,
  expected: { readonly number: number; readonly file: number },
  place: { readonly path: string; readonly byteOffset: number },
  checksum: Checksum,
): { readonly header: BlockHeader; readonly stored: Buffer; readonly hash: bigint } {
  const { path, byteOffset } = place
  if (bytes.length < BLOCK_HEADER_LENGTH) throw new CorruptionError(path, byteOffset, 'the file ends too early')
  const hash = bytes.readBigUInt64LE(0)
  if (hash !== checksum(bytes.subarray(8), BigInt(expected.file))) {
    throw new CorruptionError(path, byteOffset, `the checksum of block ${expected.number} differs`)
  }
  const header: BlockHeader = {
    rawLength: bytes.readUInt32LE(8),
    storedLength: bytes.readUInt32LE(12),
    codec: bytes.readUInt8(16),
    count: bytes.readUInt16LE(18),
    number: bytes.readUInt32LE(20),
  }
  const isWhole = header.storedLength === bytes.length - BLOCK_HEADER_LENGTH && header.number === expected.number
  if (!isWhole || header.rawLength > BLOCK_BYTE_LIMIT) {
    throw new CorruptionError(path, byteOffset, `this is not block ${expected.number}`)
  }
  return { header, stored: bytes.subarray(BLOCK_HEADER_LENGTH), hash }
}

export function encodeFooter(footer: Footer, checksum: Checksum): Uint8Array {
  const out = new ByteWriter(FOOTER_LENGTH)
  out.u64(footer.indexOffset)
  out.u32(footer.indexLength)
  out.big64(footer.indexHash)
  out.u32(footer.blockCount)
  out.u64(footer.entryCount)
  out.u64(footer.rawByteLength)
  out.big64(footer.hash)
  out.u32(FOOTER_MAGIC)
  out.zeros(FOOTER_LENGTH - 8 - out.length)
  out.big64(checksum(out.view(), 0n))
  return out.copy()
}

export function decodeFooter(bytes: Uint8Array, path: string, byteOffset: number, checksum: Checksum): Footer {
  const stored = new ByteReader(bytes, FOOTER_LENGTH - 8).big64()
  if (stored !== checksum(bytes.subarray(0, FOOTER_LENGTH - 8), 0n)) {
    throw new CorruptionError(path, byteOffset, 'the checksum of its footer differs')
  }
  const reader = new ByteReader(bytes)
  return {
    indexOffset: reader.u64(),
    indexLength: reader.u32(),
    indexHash: reader.big64(),
    blockCount: reader.u32(),
    entryCount: reader.u64(),
    rawByteLength: reader.u64(),
    hash: reader.big64(),
  }
}

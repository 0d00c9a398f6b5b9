/**
 * The bytes of a sorted file around its blocks. Prose, examples and version history:
 * architecture/formats.md.
 *
 *   header (128)   "RUN1", version, database id, tree, partition, file id, lowest and highest lsn, key id, checksum
 *   block *        header (24): checksum, raw length, stored length, codec, flags, entry count, block number; bytes
 *   index page *   a block, too: under the first key of each block, where that one is, and its outline (outline.ts). Numbers
 *                  go on from the last block's
 *   top            for each index page: its length in the file, how many blocks it names, its first key; the highest key
 *   filter         a Bloom filter of all keys (bloom-filter.ts)
 *   footer (128)   where top and filter are, their checksums, counts, raw length, hash of all blocks, checksum
 *
 * So finding a key takes the top, which is in memory, one index page and one block. The checksum of a block covers its number and is seeded with the file's id, so a block that was moved, or that is
 * another file's, does not verify. The hash of all blocks stands in the manifest too: a stale file is noticed.
 */
import { ByteReader } from '../../base/byte-reader.js'
import { ByteWriter } from '../../base/byte-writer.js'
import { isUint64At, partOf, uint16At, uint32At } from '../../base/bytes.js'
import type { Checksum } from '../../base/checksum.js'
import { CorruptionError } from '../../errors.js'

export const HEADER_LENGTH = 128
export const BLOCK_HEADER_LENGTH = 24
export const FOOTER_LENGTH = 128
/** A block holds at least one item of 400 KB; anything far beyond is damage. */
export const BLOCK_BYTE_LIMIT: number = 16 * 1024 * 1024

const HEADER_MAGIC = 0x314e5552
const FOOTER_MAGIC = 0x464e5552
/** Files of version 1 have no proofs and outlines: those who read only such would take a proof for a part of its value. */
const OLDEST_VERSION = 1
const VERSION = 2
/** Of a block's flags: each of its entries has a proof. */
const HAS_PROOFS = 1

/** Which file this is: it is in the header, so that a file under another's name is refused. */
export interface SortedFileIdentity {
  readonly databaseId: Uint8Array
  readonly tree: number
  readonly partition: number
  readonly id: number
  readonly lowestLsn: number
  readonly highestLsn: number
}

/** What is said of a block in front of it, beside the checksum and the length of what is stored. */
export interface BlockHeader {
  readonly rawLength: number
  readonly codec: number
  readonly count: number
  readonly number: number
  readonly hasProofs: boolean
}

export interface Footer {
  readonly topOffset: number
  readonly topLength: number
  readonly topHash: bigint
  /** The filter follows the top. */
  readonly filterLength: number
  readonly filterHash: bigint
  readonly blockCount: number
  readonly pageCount: number
  readonly entryCount: number
  /** How many of the entries are tombstones. */
  readonly tombstoneCount: number
  readonly rawByteLength: number
  /** Of the checksums of all blocks and index pages. */
  readonly hash: bigint
}

/** The top of the index: what is kept of it in memory. */
export interface IndexTop {
  /** The first key of each index page. */
  readonly firstKeys: readonly string[]
  /** Where each page begins in the file; one more says where the last one ends. */
  readonly offsets: readonly number[]
  /** The number of the first block that each page names; one more is the count of all blocks. */
  readonly firstBlocks: readonly number[]
  readonly highestKey: string
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
  const isSortedFile = reader.u32() === HEADER_MAGIC
  const version = reader.u32()
  if (!isSortedFile || version < OLDEST_VERSION || version > VERSION) {
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

/** Appends a whole block to what is written, and returns its checksum. */
export function appendBlock(
  out: ByteWriter,
  stored: Uint8Array,
  header: BlockHeader,
  { file, checksum }: { readonly file: bigint; readonly checksum: Checksum },
): bigint {
  const start = out.length
  out.zeros(8)
  out.u32(header.rawLength)
  out.u32(stored.length)
  out.u8(header.codec)
  out.u8(header.hasProofs ? HAS_PROOFS : 0)
  out.u16(header.count)
  out.u32(header.number)
  out.bytes(stored)
  const block = out.view().subarray(start)
  const hash = checksum(block.subarray(8), file)
  block.writeBigUInt64LE(hash, 0)
  return hash
}

/** Checks a block read from a file: the first bytes there, its header in front. */
export function openBlock(
  bytes: Uint8Array,
  byteLength: number,
  expected: { readonly number: number; readonly file: bigint },
  place: { readonly path: string; readonly byteOffset: number },
  checksum: Checksum,
): BlockHeader & { readonly hash: bigint } {
  const { path, byteOffset } = place
  const storedLength = byteLength - BLOCK_HEADER_LENGTH
  if (storedLength < 0) throw new CorruptionError(path, byteOffset, 'the file ends too early')
  const hash = checksum(partOf(bytes, 8, byteLength), expected.file)
  if (!isUint64At(bytes, 0, hash)) {
    throw new CorruptionError(path, byteOffset, `the checksum of block ${expected.number} differs`)
  }
  const rawLength = uint32At(bytes, 8)
  const codec = bytes[16]!
  const count = uint16At(bytes, 18)
  const number = uint32At(bytes, 20)
  const isWhole = uint32At(bytes, 12) === storedLength && number === expected.number
  if (!isWhole || rawLength > BLOCK_BYTE_LIMIT) {
    throw new CorruptionError(path, byteOffset, `this is not block ${expected.number}`)
  }
  return { rawLength, codec, count, number, hasProofs: (bytes[17]! & HAS_PROOFS) !== 0, hash }
}

export function encodeTop({ firstKeys, offsets, firstBlocks, highestKey }: IndexTop): Uint8Array {
  const out = new ByteWriter()
  for (const [page, firstKey] of firstKeys.entries()) {
    out.varint(offsets[page + 1]! - offsets[page]!)
    out.varint(firstBlocks[page + 1]! - firstBlocks[page]!)
    out.varint(firstKey.length)
    out.byteString(firstKey)
  }
  out.varint(highestKey.length)
  out.byteString(highestKey)
  return out.copy()
}

/** @throws {RangeError} When the bytes are no top. */
export function decodeTop(bytes: Uint8Array, { topOffset, pageCount, blockCount }: Footer): IndexTop {
  const reader = new ByteReader(bytes)
  const firstKeys: string[] = []
  const lengths: number[] = []
  const firstBlocks = [0]
  for (let page = 0; page < pageCount; page++) {
    lengths.push(reader.varint())
    firstBlocks.push(firstBlocks[page]! + reader.varint())
    firstKeys.push(reader.byteString(reader.varint()))
  }
  const highestKey = reader.byteString(reader.varint())
  if (firstBlocks[pageCount] !== blockCount) throw new RangeError('the index names another number of blocks')
  // The last page ends where the top begins.
  const offsets = [topOffset]
  for (const length of lengths.toReversed()) offsets.unshift(offsets[0]! - length)
  if (offsets[0]! < HEADER_LENGTH) throw new RangeError('the index is longer than the file')
  return { firstKeys, offsets, firstBlocks, highestKey }
}

export function encodeFooter(footer: Footer, checksum: Checksum): Uint8Array {
  const out = new ByteWriter(FOOTER_LENGTH)
  out.u64(footer.topOffset)
  out.u32(footer.topLength)
  out.big64(footer.topHash)
  out.u32(footer.filterLength)
  out.big64(footer.filterHash)
  out.u32(footer.blockCount)
  out.u32(footer.pageCount)
  out.u64(footer.entryCount)
  out.u64(footer.tombstoneCount)
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
    topOffset: reader.u64(),
    topLength: reader.u32(),
    topHash: reader.big64(),
    filterLength: reader.u32(),
    filterHash: reader.big64(),
    blockCount: reader.u32(),
    pageCount: reader.u32(),
    entryCount: reader.u64(),
    tombstoneCount: reader.u64(),
    rawByteLength: reader.u64(),
    hash: reader.big64(),
  }
}

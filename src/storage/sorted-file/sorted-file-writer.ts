/**
 * Writes sorted entries to a file that never changes afterwards. It is written under a temporary name, synced and
 * renamed, and its directory is synced: when `finish` is done, the manifest may say that it counts.
 */
import { ByteWriter } from '../../base/byte-writer.js'
import type { Checksum } from '../../base/checksum.js'
import { invariant } from '../../base/invariant.js'
import { HashedKey, hashKey } from '../../base/key-hash.js'
import { type Compression, encodeBlock } from '../codec/block-codec.js'
import { directoryOf, fileName } from '../disk/file-name.js'
import type { FileSystem, OpenFile } from '../disk/file-system.js'
import type { SortedFileRecord } from '../manifest/manifest-format.js'
import type { EntryCursor } from '../tree/cursor.js'
import { Block, BlockBuilder } from './block.js'
import { BloomFilter } from './bloom-filter.js'
import { outlineOf } from './outline.js'
import { proverOf } from './proof.js'
import { appendBlock, encodeFooter, encodeHeader, encodeTop, type SortedFileIdentity } from './sorted-file-format.js'

/** Bytes are collected up to this before they are handed to the disk. */
const WRITE_BUFFER_LENGTH = 256 * 1024
/** The header of a block counts its entries in two bytes. */
const BLOCK_ENTRY_LIMIT = 0xffff

/** What a file takes of a cursor's entry. */
export type AddedEntry = Omit<EntryCursor, 'next' | 'compareTo' | 'keyView' | 'key'>

export interface SortedFileOptions {
  readonly blockByteLength: number
  readonly compression: Compression
  /** About how many entries there will be: the filter is made for so many. */
  readonly entryEstimate: number
}

/** What the index says of a block: first key, place, length and outline. */
interface IndexEntry {
  readonly key: string
  readonly byteOffset: number
  readonly byteLength: number
  readonly outline: Uint8Array
}

export class SortedFileWriter {
  readonly #files: FileSystem
  readonly #path: string
  readonly #identity: SortedFileIdentity
  readonly #checksum: Checksum
  readonly #seed: bigint
  readonly #options: SortedFileOptions
  readonly #file: OpenFile
  readonly #buffer = new ByteWriter(WRITE_BUFFER_LENGTH + 64 * 1024)
  readonly #block: BlockBuilder
  readonly #hashes = new ByteWriter()
  readonly #filter: BloomFilter
  /** The blocks written. */
  readonly #index: IndexEntry[] = []
  #written = 0
  #isClosed = false
  #blockNumber = 0
  #blockFirstKey = ''
  /** The key that is being added, and the one added before it. */
  #key = new HashedKey(1024)
  #previous = new HashedKey(1024)
  #entryCount = 0
  #tombstoneCount = 0
  #rawByteLength = 0

  constructor(
    files: FileSystem,
    path: string,
    identity: SortedFileIdentity,
    checksum: Checksum,
    options: SortedFileOptions,
  ) {
    this.#files = files
    this.#path = path
    this.#identity = identity
    this.#checksum = checksum
    this.#seed = BigInt(identity.id)
    this.#options = options
    // What is packed is read as a whole.
    this.#block = new BlockBuilder(options.compression === 'none' ? proverOf(checksum, this.#seed) : undefined)
    this.#filter = BloomFilter.for(options.entryEstimate)
    const temporary = fileName.temporary(path)
    files.remove(temporary)
    this.#file = files.open(temporary, 'create')
    this.#buffer.bytes(encodeHeader(identity, checksum))
  }

  get rawByteLength(): number {
    return this.#rawByteLength
  }

  get entryCount(): number {
    return this.#entryCount
  }

  /** Adds the entry that a cursor is at; keys come in strictly ascending order. */
  add(entry: AddedEntry): void {
    const keyLength = entry.keyLength()
    const key = this.#previous
    this.#previous = this.#key
    this.#key = key
    entry.copyKey(key.room(keyLength), 0)
    key.hash(keyLength)
    const shared = this.#sharedWithPrevious(key)
    const valueLength = entry.isTombstone ? 0 : entry.end - entry.start
    if (this.#isFullFor(this.#block, key.length, valueLength, shared)) this.#endDataBlock()
    if (this.#block.count === 0) this.#blockFirstKey = key.text
    this.#block.add(key, shared, entry, entry.lsn() - this.#identity.lowestLsn)
    this.#filter.add(key)
    this.#entryCount += 1
    if (entry.isTombstone) this.#tombstoneCount += 1
    this.#rawByteLength += key.length + valueLength
  }

  /** @param wait How the end of a sync is waited for. */
  async finish(wait: (synced: Promise<void>) => Promise<void> = asItIs): Promise<SortedFileRecord> {
    if (this.#block.count > 0) this.#endDataBlock()
    const blockCount = this.#blockNumber
    const top = encodeTop(this.#writeIndexPages())
    const topOffset = this.#written + this.#buffer.length
    this.#buffer.bytes(top)
    const filter = this.#filter.bytes
    this.#buffer.bytes(filter)
    const hash = this.#checksum(this.#hashes.view(), this.#seed)
    const footer = {
      topOffset,
      topLength: top.length,
      topHash: this.#checksum(top, this.#seed),
      filterLength: filter.length,
      filterHash: this.#checksum(filter, this.#seed),
      blockCount,
      pageCount: this.#blockNumber - blockCount,
      entryCount: this.#entryCount,
      tombstoneCount: this.#tombstoneCount,
      rawByteLength: this.#rawByteLength,
      hash,
    }
    this.#buffer.bytes(encodeFooter(footer, this.#checksum))
    this.#drain()
    // Tens of megabytes may wait for the disk: nobody else has to.
    await wait(this.#file.syncLater('sorted-file'))
    this.#isClosed = true
    this.#file.close()
    this.#files.rename(fileName.temporary(this.#path), this.#path)
    await wait(this.#files.syncDirectoryLater(directoryOf(this.#path), 'sorted-file-directory'))
    return {
      id: this.#identity.id,
      byteLength: this.#written,
      hash: hash.toString(16),
      entryCount: this.#entryCount,
      tombstoneCount: this.#tombstoneCount,
      rawByteLength: this.#rawByteLength,
    }
  }

  /** Gives up: what was written stays, under its temporary name or its own. */
  abandon(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#file.close()
  }

  /** How many bytes the key begins with as the one before it does. */
  #sharedWithPrevious(key: HashedKey): number {
    const previous = this.#previous
    const isFirst = this.#entryCount === 0
    const limit = isFirst ? 0 : Math.min(key.length, previous.length)
    let shared = 0
    while (shared < limit && key.bytes[shared] === previous.bytes[shared]) shared++
    const isAbove = shared === limit ? key.length > limit : key.bytes[shared]! > previous.bytes[shared]!
    invariant(isFirst || isAbove, 'keys of a sorted file ascend')
    return shared
  }

  /** A block ends before it gets too long rather than after, so that it fits the memory that is kept for one. */
  #isFullFor(block: BlockBuilder, keyLength: number, valueLength: number, shared: number): boolean {
    const { count } = block
    if (count === 0) return false
    const byteLength = block.byteLengthWith(keyLength, valueLength, shared)
    return count === BLOCK_ENTRY_LIMIT || byteLength > this.#options.blockByteLength
  }

  #endDataBlock(): void {
    const byteOffset = this.#written + this.#buffer.length
    const outline = outlineOf(this.#endBlock(this.#block))
    const byteLength = this.#written + this.#buffer.length - byteOffset
    this.#index.push({ key: this.#blockFirstKey, byteOffset, byteLength, outline })
    if (this.#buffer.length >= WRITE_BUFFER_LENGTH) this.#drain()
  }

  /** Appends what was built. What it answers is valid until the next entry is added to that. */
  #endBlock(builder: BlockBuilder): Block {
    const { raw, count, hasProofs } = builder.finish()
    const { id: codec, stored } = encodeBlock(raw, this.#options.compression)
    const header = { rawLength: raw.length, codec, count, number: this.#blockNumber, hasProofs }
    const hash = appendBlock(this.#buffer, stored, header, { file: this.#seed, checksum: this.#checksum })
    this.#hashes.big64(hash)
    this.#blockNumber += 1
    return new Block().open(raw, 0, raw.length, hasProofs)
  }

  #writeIndexPages(): Parameters<typeof encodeTop>[0] {
    const firstKeys: string[] = []
    const offsets: number[] = []
    const firstBlocks: number[] = []
    const pages = new BlockBuilder()
    const place = new ByteWriter(256)
    let previous = ''
    for (const [number, { key, byteOffset, byteLength, outline }] of this.#index.entries()) {
      place.clear()
      place.varint(byteOffset)
      place.varint(byteLength)
      place.bytes(outline)
      const shared = sharedLength(previous, key)
      previous = key
      if (this.#isFullFor(pages, key.length, place.length, shared)) this.#endBlock(pages)
      if (pages.count === 0) {
        firstKeys.push(key)
        firstBlocks.push(number)
        offsets.push(this.#written + this.#buffer.length)
      }
      const entry = { bytes: place.view(), start: 0, end: place.length, isTombstone: false }
      pages.add(hashKey(key), shared, entry, 0)
    }
    if (pages.count > 0) this.#endBlock(pages)
    offsets.push(this.#written + this.#buffer.length)
    firstBlocks.push(this.#index.length)
    return { firstKeys, offsets, firstBlocks, highestKey: this.#key.text }
  }

  #drain(): void {
    this.#file.write(this.#buffer.view(), this.#written)
    this.#written += this.#buffer.length
    this.#buffer.clear()
  }
}

/** How many characters two keys begin with alike. */
function sharedLength(a: string, b: string): number {
  let length = 0
  while (length < a.length && a.charCodeAt(length) === b.charCodeAt(length)) length++
  return length
}

function asItIs(synced: Promise<void>): Promise<void> {
  return synced
}

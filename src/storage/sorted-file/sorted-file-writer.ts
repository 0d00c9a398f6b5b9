/**
 * Writes sorted entries to a file that never changes afterwards. It is written under a temporary name, synced and
 * renamed, and its directory is synced: when `finish` returns, the manifest may say that it counts.
 */
import { ByteWriter } from '../../base/byte-writer.js'
import type { Checksum } from '../../base/checksum.js'
import { invariant } from '../../base/invariant.js'
import { type Compression, encodeBlock } from '../codec/block-codec.js'
import { directoryOf, fileName } from '../disk/file-name.js'
import type { FileSystem, OpenFile } from '../disk/file-system.js'
import type { SortedFileRecord } from '../manifest/manifest-format.js'
import { BlockBuilder } from './block.js'
import { encodeFooter, encodeHeader, type SortedFileIdentity, sealBlock } from './sorted-file-format.js'

/** Bytes are collected up to this before they are handed to the disk. */
const WRITE_BUFFER_LENGTH = 256 * 1024

/** At most this much is stored of an entry beside its key and value; its share of a restart is in it. */
const ENTRY_OVERHEAD = 20

export interface SortedFileOptions {
  readonly blockByteLength: number
  readonly compression: Compression
}

export class SortedFileWriter {
  readonly #files: FileSystem
  readonly #path: string
  readonly #identity: SortedFileIdentity
  readonly #checksum: Checksum
  readonly #options: SortedFileOptions
  readonly #file: OpenFile
  readonly #buffer = new ByteWriter(WRITE_BUFFER_LENGTH + 64 * 1024)
  readonly #block = new BlockBuilder()
  readonly #index = new ByteWriter()
  readonly #blockHashes = new ByteWriter()
  #written = 0
  #blockCount = 0
  #blockFirstKey = ''
  #previousKey: string | undefined
  #entryCount = 0
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
    this.#options = options
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

  /** Adds an entry; keys come in strictly ascending order. */
  add(key: string, value: Uint8Array | undefined, lsn: number): void {
    invariant(this.#previousKey === undefined || this.#previousKey < key, 'keys of a sorted file ascend')
    // A block ends before it gets too long rather than after, so that it fits the memory that is kept for one.
    const entryByteLength = key.length + (value?.length ?? 0) + ENTRY_OVERHEAD
    const isFull = this.#block.byteLength + entryByteLength > this.#options.blockByteLength
    if (this.#block.count > 0 && (isFull || this.#block.count === 0xffff)) this.#endBlock()
    if (this.#block.count === 0) this.#blockFirstKey = key
    this.#block.add(key, value, lsn - this.#identity.lowestLsn)
    this.#previousKey = key
    this.#entryCount += 1
    this.#rawByteLength += key.length + (value?.length ?? 0)
  }

  finish(): SortedFileRecord {
    if (this.#block.count > 0) this.#endBlock()
    const hash = this.#checksum(this.#blockHashes.view(), BigInt(this.#identity.id))
    const indexOffset = this.#written + this.#buffer.length
    const index = this.#index.view()
    this.#buffer.bytes(index)
    const footer = {
      indexOffset,
      indexLength: index.length,
      indexHash: this.#checksum(index, BigInt(this.#identity.id)),
      blockCount: this.#blockCount,
      entryCount: this.#entryCount,
      rawByteLength: this.#rawByteLength,
      hash,
    }
    this.#buffer.bytes(encodeFooter(footer, this.#checksum))
    this.#drain()
    this.#file.sync('sorted-file')
    this.#file.close()
    this.#files.rename(fileName.temporary(this.#path), this.#path)
    this.#files.syncDirectory(directoryOf(this.#path), 'sorted-file-directory')
    return {
      id: this.#identity.id,
      byteLength: this.#written,
      hash: hash.toString(16),
      entryCount: this.#entryCount,
      rawByteLength: this.#rawByteLength,
    }
  }

  /** Gives up: closes the file and removes it as far as that is possible. */
  abandon(): void {
    try {
      this.#file.close()
      this.#files.remove(fileName.temporary(this.#path))
    } catch {
      // What remains is not named by the manifest; the next opening removes it.
    }
  }

  #endBlock(): void {
    const { raw, count } = this.#block.finish()
    const { id: codec, stored } = encodeBlock(raw, this.#options.compression)
    const header = { rawLength: raw.length, codec, count, number: this.#blockCount }
    const { bytes, hash } = sealBlock(stored, header, this.#identity.id, this.#checksum)
    this.#index.varint(bytes.length)
    this.#index.varint(this.#blockFirstKey.length)
    this.#index.byteString(this.#blockFirstKey)
    this.#blockHashes.big64(hash)
    this.#blockCount += 1
    this.#buffer.bytes(bytes)
    if (this.#buffer.length >= WRITE_BUFFER_LENGTH) this.#drain()
  }

  #drain(): void {
    this.#file.write(this.#buffer.view(), this.#written)
    this.#written += this.#buffer.length
    this.#buffer.clear()
  }
}

/**
 * Reads one key, or a range of keys, from a sorted file. The file is opened, and its index read, at the first use.
 * Every block is checked before anything in it is believed; damage throws a `CorruptionError` with file and offset, and
 * a disk that can't be read a `ReadFailedError`, never a "not found".
 */
import { ByteReader } from '../../base/byte-reader.js'
import type { Checksum } from '../../base/checksum.js'
import { CorruptionError, DynafileError, ReadFailedError } from '../../errors.js'
import { decodeBlock } from '../codec/block-codec.js'
import type { FileSystem, OpenFile } from '../disk/file-system.js'
import type { SortedFileRecord } from '../manifest/manifest-format.js'
import type { EntryCursor } from '../tree/cursor.js'
import { Block, BlockCursor } from './block.js'
import type { BlockCache, Slot } from './block-cache.js'
import {
  decodeFooter,
  decodeHeader,
  FOOTER_LENGTH,
  type Footer,
  HEADER_LENGTH,
  openBlock,
  type SortedFileIdentity,
} from './sorted-file-format.js'

/** Blocks that are verified in one turn: a few milliseconds. */
const BLOCKS_PER_STEP = 128

interface OpenSortedFile {
  readonly file: OpenFile
  readonly identity: SortedFileIdentity
  readonly footer: Footer
  readonly firstKeys: readonly string[]
  /** The first bytes of each of them, as a number that sorts the same. */
  readonly firstNumbers: Float64Array
  /** Where each block begins; one more element says where the last one ends. */
  readonly offsets: readonly number[]
}

export interface SortedFileContext {
  readonly files: FileSystem
  readonly checksum: Checksum
  readonly cache: BlockCache
  readonly databaseId: Uint8Array
}

export class SortedFileReader {
  readonly path: string
  readonly record: SortedFileRecord
  readonly #context: SortedFileContext
  readonly #owner: { readonly tree: number; readonly partition: number }
  #open: OpenSortedFile | undefined

  constructor(
    path: string,
    record: SortedFileRecord,
    owner: { readonly tree: number; readonly partition: number },
    context: SortedFileContext,
  ) {
    this.path = path
    this.record = record
    this.#owner = owner
    this.#context = context
  }

  /** The lowest sequence number an entry may have. */
  get lowestLsn(): number {
    return this.#opened().identity.lowestLsn
  }

  /** The entry of a key; its value is undefined for a tombstone. */
  get(key: string): { readonly value: Uint8Array | undefined } | undefined {
    const number = this.#blockFor(key)
    if (number < 0) return undefined
    const value = this.#cachedBlock(number).find(key)
    // The memory it lies in will be used for another block.
    return value === undefined ? undefined : { value: value === null ? undefined : Buffer.from(value) }
  }

  /** Walks upwards from the first key at or above `lower`. */
  ascending(lower: string): EntryCursor {
    return new AscendingCursor(this, Math.max(0, this.#blockFor(lower)), lower)
  }

  /** Walks downwards from the last key below `upper`, or from the last key of all. */
  descending(upper: string | undefined): EntryCursor {
    const last = this.blockCount - 1
    return new DescendingCursor(this, upper === undefined ? last : Math.min(last, this.#blockFor(upper)), upper)
  }

  get blockCount(): number {
    return this.#opened().footer.blockCount
  }

  /** A block as the caller's own: it stays good. */
  block(number: number): Block {
    return new Block(Buffer.from(this.#cachedBlock(number).bytes))
  }

  /** Reads the whole file past the cache and compares all there is to compare. Throws at the first contradiction. */
  verify(): void {
    for (const _step of this.verification());
  }

  /** The same in steps of some blocks each: others may have their turn between them. */
  *verification(): Generator<undefined, void, undefined> {
    const { footer, firstKeys } = this.#opened()
    const hashes = Buffer.alloc(8 * footer.blockCount)
    let previous: string | undefined
    let entryCount = 0
    for (let number = 0; number < footer.blockCount; number++) {
      const { block, hash, count } = this.#readBlock(number)
      hashes.writeBigUInt64LE(hash, 8 * number)
      const before = entryCount
      const cursor = new BlockCursor(block)
      while (cursor.next()) {
        const key = cursor.key()
        if (previous !== undefined && previous >= key) this.#corrupt(number, 'its keys do not ascend')
        if (entryCount === before && key !== firstKeys[number]) this.#corrupt(number, 'the index names another key')
        previous = key
        entryCount += 1
      }
      if (entryCount - before !== count) this.#corrupt(number, 'it does not have as many entries as it says')
      if (number % BLOCKS_PER_STEP === BLOCKS_PER_STEP - 1) yield
    }
    if (entryCount !== this.record.entryCount) this.#corrupt(0, 'it does not have as many entries as the manifest says')
    if (this.#context.checksum(hashes, BigInt(this.record.id)) !== footer.hash) {
      this.#corrupt(0, 'the hash of its blocks differs')
    }
  }

  /** Opens the file now rather than at the first use. */
  open(): void {
    this.#opened()
  }

  close(): void {
    this.#open?.file.close()
    this.#open = undefined
  }

  /** The last block whose first key is at or below `key`; -1 when the key is below all of them. */
  #blockFor(key: string): number {
    const { firstKeys, firstNumbers } = this.#opened()
    // Numbers first: they lie close together in memory, strings do not. Between the last one below and the last one at
    // the wanted number lie the blocks of one partition key: few, or, under a hot one, all of them.
    const wanted = leadingNumber(key)
    const below = lastIndex(firstNumbers.length, -1, (i) => firstNumbers[i]! < wanted)
    const at = lastIndex(firstNumbers.length, below, (i) => firstNumbers[i]! <= wanted)
    return lastIndex(at + 1, below, (i) => firstKeys[i]! <= key)
  }

  /** A block in the cache's memory: good until the next call of the cache. */
  #cachedBlock(number: number): Block {
    const { cache } = this.#context
    const cached = cache.get(this.record.id, number)
    if (cached !== undefined) return cached
    const { offsets } = this.#opened()
    const slot = cache.claim(offsets[number + 1]! - offsets[number]!)
    const { block } = this.#readBlock(number, slot)
    cache.keep(this.record.id, number, block, block.bytes.buffer === slot?.memory.buffer ? slot : undefined)
    return block
  }

  /** Reads and checks a block, into a slot where it is given and the block is not packed, else into memory of its own. */
  #readBlock(number: number, slot?: Slot): { block: Block; hash: bigint; count: number } {
    const { file, offsets } = this.#opened()
    const byteOffset = offsets[number]!
    const byteLength = offsets[number + 1]! - byteOffset
    const bytes = slot === undefined ? Buffer.allocUnsafeSlow(byteLength) : slot.memory.subarray(0, byteLength)
    const found = this.#reading(() => file.read(bytes, byteOffset))
    const place = { path: this.path, byteOffset }
    const expected = { number, file: this.record.id }
    const { header, stored, hash } = openBlock(bytes.subarray(0, found), expected, place, this.#context.checksum)
    try {
      const raw = decodeBlock(header.codec, stored, header.rawLength)
      const block = new Block(this.#inSlot(Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength), slot))
      return { block, hash, count: header.count }
    } catch (cause) {
      throw new CorruptionError(this.path, byteOffset, (cause as Error).message, { cause })
    }
  }

  /** Moves an unpacked block into the slot its packed form was read into, if it fits. */
  #inSlot(raw: Buffer, slot: Slot | undefined): Buffer {
    if (slot === undefined || raw.buffer === slot.memory.buffer || raw.length > slot.memory.length) return raw
    raw.copy(slot.memory)
    return slot.memory.subarray(0, raw.length)
  }

  #opened(): OpenSortedFile {
    this.#open ??= this.#openFile()
    return this.#open
  }

  #openFile(): OpenSortedFile {
    const { files } = this.#context
    const kind = this.#reading(() => files.kind(this.path))
    if (kind !== 'file') throw new CorruptionError(this.path, 0, 'the file is missing')
    const file = this.#reading(() => files.open(this.path, 'read'))
    try {
      return this.#reading(() => this.#readStructure(file))
    } catch (failure) {
      file.close()
      throw failure
    }
  }

  #readStructure(file: OpenFile): OpenSortedFile {
    const { checksum, databaseId } = this.#context
    const { record, path } = this
    const size = file.size()
    if (size !== record.byteLength || size < HEADER_LENGTH + FOOTER_LENGTH) {
      throw new CorruptionError(path, size, `it has ${size} bytes, the manifest says ${record.byteLength}`)
    }
    const identity = decodeHeader(read(file, 0, HEADER_LENGTH), path, checksum)
    const { tree, partition, id } = identity
    const isOurs = Buffer.from(identity.databaseId).equals(databaseId)
    if (!isOurs || id !== record.id || tree !== this.#owner.tree || partition !== this.#owner.partition) {
      throw new CorruptionError(path, 0, 'it is another file under this name')
    }
    const footerOffset = size - FOOTER_LENGTH
    const footer = decodeFooter(read(file, footerOffset, FOOTER_LENGTH), path, footerOffset, checksum)
    if (footer.hash.toString(16) !== record.hash) {
      throw new CorruptionError(path, footerOffset, 'its hash is not the one in the manifest')
    }
    if (footer.indexOffset + footer.indexLength !== footerOffset) {
      throw new CorruptionError(path, footerOffset, 'its footer names a place outside of it')
    }
    const index = read(file, footer.indexOffset, footer.indexLength)
    if (checksum(index, BigInt(id)) !== footer.indexHash) {
      throw new CorruptionError(path, footer.indexOffset, 'the checksum of its index differs')
    }
    return { file, identity, footer, ...decodeIndex(index, footer.blockCount) }
  }

  /** Runs something that reads the disk; what is not one of our errors is the disk's. */
  #reading<T>(read: () => T): T {
    try {
      return read()
    } catch (cause) {
      if (cause instanceof DynafileError) throw cause
      throw new ReadFailedError(this.path, { cause })
    }
  }

  #corrupt(blockNumber: number, reason: string): never {
    throw new CorruptionError(this.path, this.#opened().offsets[blockNumber] ?? 0, reason)
  }
}

class AscendingCursor implements EntryCursor {
  readonly #reader: SortedFileReader
  #number: number
  #entries: BlockCursor | undefined
  #skipBelow: string | undefined

  constructor(reader: SortedFileReader, number: number, lower: string) {
    this.#reader = reader
    this.#number = number
    this.#skipBelow = lower
  }

  next(): boolean {
    for (;;) {
      if (this.#entries === undefined) {
        if (this.#number >= this.#reader.blockCount) return false
        const block = this.#reader.block(this.#number)
        const lower = this.#skipBelow
        this.#entries = new BlockCursor(block, lower === undefined ? undefined : block.restartBefore(lower))
      }
      if (!this.#entries.next()) {
        this.#entries = undefined
        this.#number += 1
        continue
      }
      if (this.#skipBelow !== undefined) {
        if (this.#entries.compareTo(this.#skipBelow) < 0) continue
        this.#skipBelow = undefined
      }
      return true
    }
  }

  compareTo(key: string): number {
    return this.#entries!.compareTo(key)
  }

  key(): string {
    return this.#entries!.key()
  }

  value(): Uint8Array | undefined {
    return this.#entries!.value()
  }

  lsn(): number {
    return this.#reader.lowestLsn + this.#entries!.lsnDelta
  }
}

interface DecodedEntry {
  readonly key: string
  readonly value: Uint8Array | undefined
  readonly lsnDelta: number
}

/** Prefix compression reads one way only, so a block is decoded whole and walked from its end. */
class DescendingCursor implements EntryCursor {
  readonly #reader: SortedFileReader
  readonly #upper: string | undefined
  #number: number
  #entries: DecodedEntry[] = []
  #position = 0
  #entry: DecodedEntry | undefined

  constructor(reader: SortedFileReader, number: number, upper: string | undefined) {
    this.#reader = reader
    this.#number = number
    this.#upper = upper
  }

  next(): boolean {
    while (this.#position === 0) {
      if (this.#number < 0) return false
      this.#entries = []
      const cursor = new BlockCursor(this.#reader.block(this.#number))
      while (cursor.next()) {
        if (this.#upper !== undefined && cursor.compareTo(this.#upper) >= 0) break
        this.#entries.push({ key: cursor.key(), value: cursor.value(), lsnDelta: cursor.lsnDelta })
      }
      this.#position = this.#entries.length
      this.#number -= 1
    }
    this.#position -= 1
    this.#entry = this.#entries[this.#position]
    return true
  }

  compareTo(key: string): number {
    const own = this.#entry!.key
    return own < key ? -1 : own > key ? 1 : 0
  }

  key(): string {
    return this.#entry!.key
  }

  value(): Uint8Array | undefined {
    return this.#entry!.value
  }

  lsn(): number {
    return this.#reader.lowestLsn + this.#entry!.lsnDelta
  }
}

function read(file: OpenFile, byteOffset: number, byteLength: number): Buffer {
  const bytes = Buffer.allocUnsafeSlow(byteLength)
  const found = file.read(bytes, byteOffset)
  if (found < byteLength) throw new CorruptionError(file.path, byteOffset + found, 'the file ends too early')
  return bytes
}

function decodeIndex(
  index: Buffer,
  blockCount: number,
): Pick<OpenSortedFile, 'firstKeys' | 'firstNumbers' | 'offsets'> {
  const reader = new ByteReader(index)
  const firstKeys: string[] = []
  const offsets = [HEADER_LENGTH]
  for (let number = 0; number < blockCount; number++) {
    offsets.push(offsets[number]! + reader.varint())
    firstKeys.push(reader.byteString(reader.varint()))
  }
  return { firstKeys, firstNumbers: Float64Array.from(firstKeys, leadingNumber), offsets }
}

/** The last index of which something is true that is true of all before it, from `low`, of which it is, up to `end`. */
function lastIndex(end: number, low: number, isTrue: (index: number) => boolean): number {
  let last = low
  let high = end - 1
  while (last < high) {
    const middle = (last + high + 1) >> 1
    if (isTrue(middle)) last = middle
    else high = middle - 1
  }
  return last
}

/** The first six bytes of a key as a number: of two keys the lower one never has the higher number. */
function leadingNumber(key: string): number {
  let number = 0
  // What is missing counts as zero: charCodeAt gives NaN there, and NaN | 0 is 0.
  for (let i = 0; i < 6; i++) number = number * 256 + (key.charCodeAt(i) | 0)
  return number
}

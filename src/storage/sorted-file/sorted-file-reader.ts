/**
 * Reads one key, or a range of keys, from a sorted file. The file is opened, and the top of its index read, at the first
 * use. Every block is checked before anything in it is believed; damage throws a `CorruptionError` with file and offset,
 * and a disk that can't be read a `ReadFailedError`, never a "not found".
 */
import { partOf, uint16At } from '../../base/bytes.js'
import type { Checksum } from '../../base/checksum.js'
import { type HashedKey, hashKey } from '../../base/key-hash.js'
import { CorruptionError, DynafileError, ReadFailedError } from '../../errors.js'
import { decodeBlock, STORED_AS_IT_IS } from '../codec/block-codec.js'
import type { FileSystem, OpenFile } from '../disk/file-system.js'
import type { SortedFileRecord } from '../manifest/manifest-format.js'
import {
  type ByteView,
  compareBytes,
  type Direction,
  type EntryCursor,
  type Finding,
  type FoundValue,
  type KeyBounds,
} from '../tree/cursor.js'
import { Block, numberEnd, readVarint } from './block.js'
import { type BlockCache, type BlockKind, type CachedFile, NO_SLOT } from './block-cache.js'
import { BloomFilter } from './bloom-filter.js'
import { FileCursor } from './file-cursor.js'
import { KeyList } from './key-search.js'
import type { OpenFiles } from './open-files.js'
import { OutlinedEntries, outlineOf } from './outline.js'
import { isProved, PROOF_LENGTH, type Prover, proverOf } from './proof.js'
import {
  BLOCK_HEADER_LENGTH,
  decodeFooter,
  decodeHeader,
  decodeTop,
  FOOTER_LENGTH,
  type Footer,
  HEADER_LENGTH,
  type IndexTop,
  openBlock,
  type SortedFileIdentity,
} from './sorted-file-format.js'

/** Blocks that are verified in one turn: a few milliseconds. */
const BLOCKS_PER_STEP = 128

/** The memory of a cursor that reads past the cache; larger blocks have their own. */
const OWN_MEMORY_LENGTH = 32 * 1024
const NO_MEMORY = Buffer.alloc(0)

/** What is read of a file when it is first used. */
interface Structure extends IndexTop {
  readonly identity: SortedFileIdentity
  readonly footer: Footer
  /** The first key of each page of the index. */
  readonly pages: KeyList
  /** The `leadingNumbers` of each page, made when it is first looked into: eight bytes a block, while the file is open. */
  readonly pageNumbers: (Float64Array | undefined)[]
  readonly cached: CachedFile
  /** Read when a single key is first looked for. */
  filter: BloomFilter | undefined
}

export interface SortedFileContext {
  readonly files: FileSystem
  readonly openFiles: OpenFiles
  readonly checksum: Checksum
  readonly cache: BlockCache
  readonly databaseId: Uint8Array
}

/** What a reader is made of, as plain data: another thread can read the same file. */
export interface FileDescription {
  readonly path: string
  readonly record: SortedFileRecord
  /** Whose file it has to be. */
  readonly owner: { readonly tree: number; readonly partition: number }
}

export class SortedFileReader implements FileDescription {
  readonly path: string
  readonly record: SortedFileRecord
  readonly owner: FileDescription['owner']
  readonly #context: SortedFileContext
  readonly #seed: bigint
  readonly #prove: Prover
  #structure: Structure | undefined
  /** Where in its page of the index the block is that was looked for last. */
  #position = 0
  /** Where the block is that was located last, … */
  #byteOffset = 0
  #byteLength = 0
  /** … and where its outline begins in the page of the index. */
  #outlineStart = 0

  constructor(path: string, record: SortedFileRecord, owner: FileDescription['owner'], context: SortedFileContext) {
    this.path = path
    this.record = record
    this.owner = owner
    this.#context = context
    this.#seed = BigInt(record.id)
    this.#prove = proverOf(context.checksum, this.#seed)
  }

  /** The lowest sequence number an entry may have. */
  get lowestLsn(): number {
    return this.#opened().identity.lowestLsn
  }

  /** The highest sequence number an entry may have. */
  get highestLsn(): number {
    return this.#opened().identity.highestLsn
  }

  get lowestKey(): string {
    return this.#opened().firstKeys[0]!
  }

  get highestKey(): string {
    return this.#opened().highestKey
  }

  get blockCount(): number {
    return this.#opened().footer.blockCount
  }

  /** Looks for a key. Where its value is stands in `target` afterwards; it is there until the next call of any reader. */
  find(key: HashedKey, target: FoundValue): Finding {
    const structure = this.#opened()
    if (!this.#mayHave(key, structure)) return 'absent'
    const number = this.#blockFor(key, structure)
    if (number < 0) return 'absent'
    const block = dataBlock
    const isHere = this.cache.find(structure.cached, number, 'data', block)
    if (!isHere || block.hasProofs) {
      // The page of the index that was just looked into.
      this.#locateIn(indexBlock, this.#position, number, structure)
      if (this.#isOutlined() && (isHere || this.cache.isPassedBy(structure.cached, number))) {
        const finding = this.#findOutlined(key, isHere ? block : undefined, target)
        if (finding !== undefined) return finding
      }
      if (!isHere) this.#load(number, 'data', this.#byteOffset, this.#byteLength, structure.cached, block)
    }
    const position = block.find(key)
    if (position < 0) return 'absent'
    const finding = findingIn(target, block.bytes, block.valueStart(position), block.valueEnd(position))
    return finding ?? this.#corrupt(number, 'a value exceeds its block')
  }

  /** Whether the block that was located last has an outline, in the page of the index that was looked into. */
  #isOutlined(): boolean {
    return this.#outlineStart < indexBlock.valueEnd(this.#position)
  }

  /**
   * Looks for a key in the block that was located last, by its outline, and looks at no more of it than one entry; undefined
   * when that is not enough to tell. Then the block as a whole has to: whatever is wrong with the entry, it is what says so.
   *
   * @param block The block, if it is in memory.
   */
  #findOutlined(key: HashedKey, block: Block | undefined, target: FoundValue): Finding | undefined {
    const entries = outlinedEntries
    const { bytes } = indexBlock
    if (!entries.open(bytes, this.#outlineStart, indexBlock.valueEnd(this.#position), key)) return undefined
    // All keys of the block begin as its first one does.
    if (!entries.next() || !indexBlock.beginsAs(this.#position, key, entries.prefixLength)) return 'absent'
    do {
      const finding =
        block === undefined ? this.#readAlone(entries, key, target) : findingAt(entries, block, key, target)
      if (finding !== undefined) return finding
    } while (entries.next())
    return undefined
  }

  /** Reads one entry of the block that was located last; undefined when it is not proved to be this key's. */
  #readAlone({ prefixLength, start, end }: OutlinedEntries, key: HashedKey, target: FoundValue): Finding | undefined {
    const byteLength = end - start
    const isThere = end <= this.#byteLength - BLOCK_HEADER_LENGTH && byteLength <= loneEntryMemory.byteLength
    if (!isThere || byteLength < PROOF_LENGTH) return undefined
    const bytes = new Uint8Array(loneEntryMemory, 0, byteLength)
    this.#readInto(bytes, this.#byteOffset + BLOCK_HEADER_LENGTH + start)
    const restLength = key.length - prefixLength
    if (!isProved(bytes, restLength, key, this.#prove)) return undefined
    for (let i = 0; i < restLength; i++) if (bytes[i] !== key.bytes[prefixLength + i]) return undefined
    return findingIn(target, bytes, restLength, byteLength - PROOF_LENGTH)
  }

  #mayHave(key: HashedKey, structure: Structure): boolean {
    structure.filter ??= this.#readFilter(structure)
    return structure.filter.mayHave(key)
  }

  /**
   * Walks a range of keys. `past the cache` is for whoever reads much and once: blocks that others use stay where they
   * are.
   */
  cursor(bounds: KeyBounds, direction: Direction, how: 'through the cache' | 'past the cache'): EntryCursor {
    const memory = how === 'past the cache' ? Buffer.allocUnsafeSlow(OWN_MEMORY_LENGTH) : undefined
    return new FileCursor(this, bounds, direction, memory)
  }

  /** Where a walk begins: the block that has the lower bound in it, or the last key below the upper one. */
  firstBlock({ lower, upper }: KeyBounds, direction: Direction): number {
    const structure = this.#opened()
    if (direction === 'ascending') return Math.max(0, this.#blockFor(hashKey(lower), structure))
    return upper === undefined ? structure.footer.blockCount - 1 : this.#blockFor(hashKey(upper), structure)
  }

  /** Lets `block` stand for a block, until the next call of any reader. Answers by what the cache knows its slot. */
  block(number: number, block: Block): CachedFile {
    const structure = this.#opened()
    this.#fetch(number, structure, block)
    return structure.cached
  }

  /** The first key of a block. */
  firstKeyOf(number: number): string {
    this.#fetch(number, this.#opened(), dataBlock)
    return dataBlock.key(0)
  }

  get cache(): BlockCache {
    return this.#context.cache
  }

  /** The same with a block that is read past the cache, into the memory that is given if it fits in. */
  ownBlock(number: number, memory: Buffer, block: Block): void {
    this.#locate(number, this.#opened())
    // Another object for each block, as those of the cache are.
    this.#readBlock(number, this.#byteOffset, this.#byteLength, block, partOf(memory, 0, memory.length))
  }

  /** Reads the whole file past the cache and compares all there is to compare. Throws at the first contradiction. */
  verify(): void {
    for (const _step of this.verification());
  }

  /** The same in steps of some blocks each: others may have their turn between them. */
  *verification(): Generator<undefined, void, undefined> {
    const structure = this.#opened()
    const { footer, firstBlocks, highestKey } = structure
    const filter = this.#readFilter(structure)
    const hashes = Buffer.alloc(8 * (footer.blockCount + footer.pageCount))
    let previous: string | undefined
    let entryCount = 0
    let tombstoneCount = 0
    const index = new Block()
    const block = new Block()
    for (let page = 0; page < footer.pageCount; page++) {
      const { hash } = this.#readPage(page, structure, index)
      hashes.writeBigUInt64LE(hash, 8 * (footer.blockCount + page))
      if (firstBlocks[page]! + index.count !== firstBlocks[page + 1]) this.#corrupt(0, 'its index has another length')
      for (let position = 0; position < index.count; position++) {
        const number = firstBlocks[page]! + position
        this.#locateIn(index, position, number, structure)
        const { hash, count } = this.#readBlock(number, this.#byteOffset, this.#byteLength, block)
        hashes.writeBigUInt64LE(hash, 8 * number)
        for (let i = 0; i < block.count; i++) {
          const key = block.key(i)
          if (previous !== undefined && previous >= key) this.#corrupt(number, 'its keys do not ascend')
          if (i === 0 && key !== index.key(position)) this.#corrupt(number, 'the index names another key')
          if (!filter.mayHave(hashKey(key))) this.#corrupt(number, 'the filter does not know its keys')
          if (block.find(hashKey(key)) !== i) this.#corrupt(number, 'a key has another tag')
          if (block.hasProofs) this.#checkProof(block, i, hashKey(key), number)
          tombstoneCount += readVarint(block.bytes, block.valueStart(i)) & 1
          previous = key
        }
        const outline = partOf(index.bytes, this.#outlineStart, index.valueEnd(position))
        if (compareBytes(wholeOf(outline), wholeOf(outlineOf(block))) !== 0) {
          this.#corrupt(number, 'the index has another outline of it')
        }
        entryCount += block.count
        if (block.count !== count) this.#corrupt(number, 'it does not have as many entries as it says')
        if (number % BLOCKS_PER_STEP === BLOCKS_PER_STEP - 1) yield
      }
    }
    if (entryCount !== this.record.entryCount) this.#corrupt(0, 'it does not have as many entries as the manifest says')
    if (tombstoneCount !== footer.tombstoneCount) this.#corrupt(0, 'it does not have as many tombstones as it says')
    if (previous !== undefined && previous !== highestKey) this.#corrupt(0, 'its highest key is another one')
    if (this.#context.checksum(hashes, this.#seed) !== footer.hash) this.#corrupt(0, 'the hash of its blocks differs')
  }

  #checkProof(block: Block, position: number, key: HashedKey, number: number): void {
    const start = block.keyStart(position)
    const entry = partOf(block.bytes, start, block.valueEnd(position) + PROOF_LENGTH)
    const restLength = block.valueStart(position) - start
    if (!isProved(entry, restLength, key, this.#prove)) this.#corrupt(number, 'an entry has another proof')
  }

  /** Opens the file now rather than at the first use. */
  open(): void {
    this.#opened()
  }

  close(): void {
    this.#context.openFiles.close(this.path)
    this.#structure = undefined
  }

  /**
   * The last block whose first key is at or below `key`; -1 when the key is below all of them. `indexBlock` stands for the
   * page of the index that it was found in.
   */
  #blockFor(key: HashedKey, structure: Structure): number {
    const page = structure.pages.lastAtOrBelow(key)
    if (page < 0) return -1
    this.#fetchPage(page, structure)
    const numbers = (structure.pageNumbers[page] ??= indexBlock.leadingNumbers())
    const position = indexBlock.lastAtOrBelow(key, numbers)
    if (position < 0) throw this.damaged(structure.firstBlocks[page]!, 'its index names another key')
    this.#position = position
    return structure.firstBlocks[page]! + position
  }

  /** Finds out where a block is. */
  #locate(number: number, structure: Structure): void {
    const { firstBlocks } = structure
    let low = 0
    let high = structure.footer.pageCount - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (firstBlocks[middle]! <= number) low = middle
      else high = middle - 1
    }
    this.#fetchPage(low, structure)
    this.#locateIn(indexBlock, number - firstBlocks[low]!, number, structure)
  }

  #locateIn(index: Block, position: number, number: number, { footer }: Structure): void {
    if (position >= index.count) throw new CorruptionError(this.path, 0, `its index does not name block ${number}`)
    readVarint(index.bytes, index.valueStart(position))
    this.#byteOffset = readVarint(index.bytes, numberEnd)
    this.#byteLength = readVarint(index.bytes, numberEnd)
    this.#outlineStart = numberEnd
    if (numberEnd > index.valueEnd(position)) {
      throw new CorruptionError(this.path, 0, `its index does not say where block ${number} is`)
    }
    // Whoever made an index up must not make us take memory for it.
    if (this.#byteOffset + this.#byteLength > footer.topOffset || this.#byteLength < BLOCK_HEADER_LENGTH) {
      throw new CorruptionError(this.path, this.#byteOffset, `block ${number} would not lie in the file`)
    }
  }

  /** Lets `block` stand for a block, from memory or read into it. */
  #fetch(number: number, structure: Structure, block: Block): void {
    if (this.cache.find(structure.cached, number, 'data', block)) return
    this.#locate(number, structure)
    this.#load(number, 'data', this.#byteOffset, this.#byteLength, structure.cached, block)
  }

  /** Lets `indexBlock` stand for a page of the index. */
  #fetchPage(page: number, structure: Structure): void {
    const { footer, offsets, cached } = structure
    const number = footer.blockCount + page
    if (this.cache.find(cached, number, 'index', indexBlock)) return
    this.#load(number, 'index', offsets[page]!, offsets[page + 1]! - offsets[page]!, cached, indexBlock)
  }

  /** Reads a block into the cache. */
  #load(
    number: number,
    kind: BlockKind,
    byteOffset: number,
    byteLength: number,
    cached: CachedFile,
    block: Block,
  ): void {
    const { cache } = this
    const slot = cache.claim(cached, number, kind, byteLength)
    const memory = slot === NO_SLOT ? undefined : cache.claimedMemory(slot)
    this.#readBlock(number, byteOffset, byteLength, block, memory)
    cache.keep(cached, number, block, block.bytes === memory ? slot : NO_SLOT)
  }

  #readPage(page: number, structure: Structure, block: Block): { hash: bigint; count: number } {
    const byteOffset = structure.offsets[page]!
    const byteLength = structure.offsets[page + 1]! - byteOffset
    return this.#readBlock(structure.footer.blockCount + page, byteOffset, byteLength, block)
  }

  /** Reads and checks a block, into memory that is given and large enough, or into memory of its own. */
  #readBlock(
    number: number,
    byteOffset: number,
    byteLength: number,
    block: Block,
    memory: Uint8Array = NO_MEMORY,
  ): { readonly hash: bigint; readonly count: number } {
    const bytes = byteLength <= memory.length ? memory : Buffer.allocUnsafeSlow(byteLength)
    this.#readInto(bytes, byteOffset, byteLength)
    const place = { path: this.path, byteOffset }
    const header = openBlock(bytes, byteLength, { number, file: this.#seed }, place, this.#context.checksum)
    const { codec, rawLength, hasProofs } = header
    const end = BLOCK_HEADER_LENGTH + rawLength
    try {
      if (codec === STORED_AS_IT_IS && end === byteLength) block.open(bytes, BLOCK_HEADER_LENGTH, end, hasProofs)
      else {
        const raw = decodeBlock(codec, partOf(bytes, BLOCK_HEADER_LENGTH, byteLength), rawLength, this.path)
        if (end > memory.length) block.open(raw, 0, rawLength, hasProofs)
        else {
          // Where it would lie if it had not been packed.
          memory.set(raw, BLOCK_HEADER_LENGTH)
          block.open(memory, BLOCK_HEADER_LENGTH, end, hasProofs)
        }
      }
      return header
    } catch (cause) {
      if (cause instanceof DynafileError) throw cause
      throw new CorruptionError(this.path, byteOffset, (cause as Error).message, { cause })
    }
  }

  #readFilter({ footer }: Structure): BloomFilter {
    const byteOffset = footer.topOffset + footer.topLength
    const bytes = this.#readChecked(byteOffset, footer.filterLength, footer.filterHash, 'filter')
    return this.#decoding(byteOffset, () => new BloomFilter(bytes))
  }

  #opened(): Structure {
    this.#structure ??= this.#readStructure()
    return this.#structure
  }

  #file(): OpenFile {
    return this.#reading(() => {
      try {
        return this.#context.openFiles.get(this.path)
      } catch (failure) {
        if ((failure as NodeJS.ErrnoException).code !== 'ENOENT') throw failure
        throw new CorruptionError(this.path, 0, 'the file is missing', { cause: failure })
      }
    })
  }

  #readStructure(): Structure {
    const { checksum, databaseId, files } = this.#context
    const { record, path } = this
    const kind = this.#reading(() => files.kind(path))
    if (kind !== 'file') throw new CorruptionError(path, 0, 'the file is missing')
    const file = this.#file()
    const size = this.#reading(() => file.size())
    if (size !== record.byteLength || size < HEADER_LENGTH + FOOTER_LENGTH) {
      throw new CorruptionError(path, size, `it has ${size} bytes, the manifest says ${record.byteLength}`)
    }
    const identity = decodeHeader(this.#read(0, HEADER_LENGTH), path, checksum)
    const { tree, partition, id } = identity
    const isOurs = Buffer.from(identity.databaseId).equals(databaseId)
    if (!isOurs || id !== record.id || tree !== this.owner.tree || partition !== this.owner.partition) {
      throw new CorruptionError(path, 0, 'it is another file under this name')
    }
    const footerOffset = size - FOOTER_LENGTH
    const footer = decodeFooter(this.#read(footerOffset, FOOTER_LENGTH), path, footerOffset, checksum)
    if (footer.hash.toString(16) !== record.hash) {
      throw new CorruptionError(path, footerOffset, 'its hash is not the one in the manifest')
    }
    const { topOffset, topLength, topHash, filterLength, blockCount, pageCount } = footer
    if (topOffset + topLength + filterLength !== footerOffset) {
      throw new CorruptionError(path, footerOffset, 'its footer names a place outside of it')
    }
    const bytes = this.#readChecked(topOffset, topLength, topHash, 'index')
    const top = this.#decoding(topOffset, () => decodeTop(bytes, footer))
    const cached = this.#context.cache.file(blockCount + pageCount)
    return { identity, footer, ...top, pages: new KeyList(top.firstKeys), pageNumbers: [], cached, filter: undefined }
  }

  #readChecked(byteOffset: number, byteLength: number, hash: bigint, part: string): Buffer {
    const bytes = this.#read(byteOffset, byteLength)
    if (this.#context.checksum(bytes, this.#seed) !== hash) {
      throw new CorruptionError(this.path, byteOffset, `the checksum of its ${part} differs`)
    }
    return bytes
  }

  #read(byteOffset: number, byteLength: number): Buffer {
    const bytes = Buffer.allocUnsafeSlow(byteLength)
    this.#readInto(bytes, byteOffset)
    return bytes
  }

  #readInto(bytes: Uint8Array, byteOffset: number, byteLength: number = bytes.length): void {
    const file = this.#file()
    const found = this.#reading(() => file.read(bytes, byteOffset, byteLength))
    if (found < byteLength) throw new CorruptionError(this.path, byteOffset + found, 'the file ends too early')
  }

  #decoding<T>(byteOffset: number, decode: () => T): T {
    try {
      return decode()
    } catch (cause) {
      throw new CorruptionError(this.path, byteOffset, (cause as Error).message, { cause })
    }
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

  /** What is thrown when a block contradicts itself. */
  damaged(blockNumber: number, reason: string): CorruptionError {
    this.#locate(blockNumber, this.#opened())
    return new CorruptionError(this.path, this.#byteOffset, `block ${blockNumber}: ${reason}`)
  }

  #corrupt(blockNumber: number, reason: string): never {
    throw this.damaged(blockNumber, reason)
  }
}

/** Lets `target` stand for the value of an entry of a block in memory; undefined when it is not this key's. */
function findingAt(
  { prefixLength, start, end }: OutlinedEntries,
  block: Block,
  key: HashedKey,
  target: FoundValue,
): Finding | undefined {
  const { bytes } = block
  const entryStart = block.start + start
  const proofStart = block.start + end - PROOF_LENGTH
  const restLength = key.length - prefixLength
  if (proofStart - entryStart < restLength || proofStart > block.end) return undefined
  if (uint16At(bytes, proofStart) !== restLength) return undefined
  for (let i = 0; i < restLength; i++) if (bytes[entryStart + i] !== key.bytes[prefixLength + i]) return undefined
  return findingIn(target, bytes, entryStart + restLength, proofStart)
}

/** Lets `target` stand for the value that begins behind a head, and ends there; undefined when it would end before. */
function findingIn(target: FoundValue, bytes: Uint8Array, headStart: number, end: number): Finding | undefined {
  const head = readVarint(bytes, headStart)
  if (numberEnd > end) return undefined
  if ((head & 1) === 1) return 'removed'
  target.bytes = bytes
  target.start = numberEnd
  target.end = end
  return 'found'
}

function wholeOf(bytes: Uint8Array): ByteView {
  return { bytes, start: 0, end: bytes.length }
}

/** What was fetched last to look for one key, and the page of the index that was looked into for that. */
const dataBlock = new Block()
const indexBlock = new Block()
const outlinedEntries = new OutlinedEntries()
/** The entry that was read last without its block: such blocks are no longer than this. */
const loneEntryMemory: ArrayBuffer = Buffer.allocUnsafeSlow(64 * 1024).buffer

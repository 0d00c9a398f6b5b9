/**
 * Blocks in memory, unpacked and checked, up to a number of bytes, outside the JavaScript heap.
 *
 * Memory is cut into slots of one block each, which are used again and again: fresh memory for every block that is read
 * costs more than reading it. So what a slot holds is good only until the next call of this cache; whoever wants to
 * keep a block, or a part of it, copies it. A hand goes round the slots and takes the next one that was not used since
 * it last came by (the CLOCK algorithm); a page of an index it passes a few times more often, as each of them stands for
 * many blocks. Blocks that fit no slot, those of very large items, have a share of their own.
 *
 * Once there is no room left, a block gets such a slot when it is read for the second time in a while (as in 2Q). Until then it
 * passes through a few slots that are used in turn: what is asked for once drives nothing out, and is read into memory that the
 * processor has at hand.
 *
 * Each file remembers in which slot its blocks were last: finding one is a look into an array. A note for each slot says
 * whose block it holds now, so that nothing has to be told to the file when the slot is taken away. The notes are numbers
 * side by side: of an object for each block, three or four lines of memory would have to be waited for.
 */
import { LRUCache } from 'lru-cache'
import { partOf } from '../../base/bytes.js'
import { Block } from './block.js'
import { EntryCache } from './entry-cache.js'
import { BLOCK_HEADER_LENGTH } from './sorted-file-format.js'

/** Slots are made this many at a time, so that a small database takes little memory. */
const CHUNK_BITS = 7
const SLOTS_PER_CHUNK = 2 ** CHUNK_BITS
/** The part of the memory that is for blocks that fit no slot. */
const LARGE_BLOCK_SHARE = 1 / 8
/** The part that is for copies of single entries. */
const ENTRIES_SHARE = 1 / 9

/** The memory that a block of some length may take, with its header and its trailer. */
export function slotByteLength(blockByteLength: number): number {
  return blockByteLength + 64
}

/** What a block is worth: how often the hand passes one that is not used. */
export type BlockKind = 'data' | 'index'
const LIVES: Readonly<Record<BlockKind, number>> = { data: 1, index: 4 }

/** Instead of a slot's number: no slot. */
export const NO_SLOT = -1

/**
 * Blocks that nobody has asked for lately are read into so many slots in turn, the first ones, in a chunk of their own: few, so
 * that they stay in the processor's caches. A cache of fewer slots in all has none of them: it would have too few others.
 */
const PASSING_SLOTS = 32
const LEAST_SLOTS = 256
/** Where a file has a slot's number: that a block was in one of those, and the how manieth of all it was. */
const FIRST_TURN = -2
const TURN_MASK: number = 2 ** 30 - 1

/** The numbers of a note: which file's block is in the slot (none while it is 0), and which one it is, … */
const FILE = 0
const NUMBER = 1
/** … how long it is, and what is asked of every block first. */
const BYTE_LENGTH = 2
const PREFIX_LENGTH = 3
const ENTRY_COUNT = 4
const HAS_PROOFS = 5
/** A power of two: so each note lies in one line of the processor's cache. */
const NOTE_LENGTH = 8
const NOTE_BYTE_LENGTH = 4 * NOTE_LENGTH

/** A file's side of the cache. */
export class CachedFile {
  /** In which slot each of its blocks was last seen, or when one passed through: below zero. */
  readonly slots: Int32Array
  /** By which notes name it: no other file of this cache ever has it. */
  readonly handle: number

  constructor(handle: number, blockCount: number) {
    this.handle = handle
    this.slots = new Int32Array(blockCount).fill(NO_SLOT)
  }
}

export interface CacheStatistics {
  readonly byteLimit: number
  /** What its slots, its large blocks and the copies of entries take now. */
  readonly byteLength: number
  readonly hits: number
  readonly misses: number
}

export class BlockCache {
  /** Copies of single entries that were read. */
  readonly entries: EntryCache
  readonly #byteLimit: number
  readonly #slotByteLength: number
  readonly #slotLimit: number
  /** How many slots there are for blocks in passing. */
  readonly #passingSlots: number
  /** Their memory, of each its own, once it was needed. */
  readonly #passing: Uint8Array[] = []
  /** The how manieth block was read into them last, from 0 on. */
  #turn = TURN_MASK
  #slotCount = 0
  /**
   * Another object stands for the memory of a chunk whenever one of its slots is claimed, and for that of a block in passing, so
   * that nobody is given the same one for other bytes in the same place: whoever keeps what he has made of some bytes as long as
   * he walks (`TextRun`) tells them apart by that. The first one is not there.
   */
  readonly #chunks: Uint8Array[] = [new Uint8Array()]
  readonly #notes: Int32Array
  /** Of each slot: how often the hand still passes it. */
  readonly #lives: Uint8Array
  readonly #large: LRUCache<string, Block>
  #lastHandle = 0
  #hand = 0
  /** Whether each slot has had a block. */
  #isFull = false
  #hits = 0
  #misses = 0

  constructor(byteLimit: number, slotByteLength: number) {
    this.#byteLimit = byteLimit
    this.#slotByteLength = slotByteLength
    const slotShare = 1 - LARGE_BLOCK_SHARE - ENTRIES_SHARE
    const slots = Math.floor((byteLimit * slotShare) / (slotByteLength + NOTE_BYTE_LENGTH))
    this.#passingSlots = slots < LEAST_SLOTS ? 0 : PASSING_SLOTS
    this.#slotLimit = slots - this.#passingSlots
    this.#notes = new Int32Array((SLOTS_PER_CHUNK + this.#slotLimit) * NOTE_LENGTH)
    this.#lives = new Uint8Array(SLOTS_PER_CHUNK + this.#slotLimit)
    this.entries = new EntryCache(byteLimit * ENTRIES_SHARE)
    // A cache of nothing still needs a size, and one byte holds no block.
    const maxSize = Math.max(1, Math.floor(byteLimit * LARGE_BLOCK_SHARE))
    this.#large = new LRUCache({ maxSize, sizeCalculation: ({ start, end }) => end - start })
  }

  get statistics(): CacheStatistics {
    const slots =
      this.#slotCount * (this.#slotByteLength + NOTE_BYTE_LENGTH) + this.#passing.length * this.#slotByteLength
    const byteLength = slots + this.#large.calculatedSize + this.entries.byteLength
    return { byteLimit: this.#byteLimit, byteLength, hits: this.#hits + this.entries.hits, misses: this.#misses }
  }

  /** A file whose blocks may be kept, from now on. */
  file(blockCount: number): CachedFile {
    this.#lastHandle += 1
    return new CachedFile(this.#lastHandle, blockCount)
  }

  /** Lets `block` stand for a block, until the next call, if it is here. */
  find(file: CachedFile, number: number, kind: BlockKind, block: Block): boolean {
    const slot = this.slotOf(file, number)
    if (slot !== NO_SLOT) {
      const notes = this.#notes
      const note = slot * NOTE_LENGTH
      const isPassing = slot < SLOTS_PER_CHUNK
      const memory = isPassing ? this.#passing[slot]! : this.#chunks[slot >>> CHUNK_BITS]!
      const start = isPassing ? BLOCK_HEADER_LENGTH : this.#blockStart(slot)
      const end = start + notes[note + BYTE_LENGTH]!
      const hasProofs = notes[note + HAS_PROOFS] === 1
      block.reopen(memory, start, end, notes[note + PREFIX_LENGTH]!, notes[note + ENTRY_COUNT]!, hasProofs)
      this.#lives[slot] = LIVES[kind]
      this.#hits += 1
      return true
    }
    const large = this.#large.size === 0 ? undefined : this.#large.get(largeKey(file, number))
    if (large === undefined) {
      this.#misses += 1
      return false
    }
    block.become(large)
    this.#hits += 1
    return true
  }

  /** The slot that holds a block now, if one does. */
  slotOf(file: CachedFile, number: number): number {
    const place = file.slots[number]!
    if (place === NO_SLOT) return NO_SLOT
    const slot = place >= 0 ? place : this.#passingSlotOf(FIRST_TURN - place)
    return this.holds(slot, file, number) ? slot : NO_SLOT
  }

  /** Whether a slot holds this block now. */
  holds(slot: number, { handle }: CachedFile, number: number): boolean {
    const note = slot * NOTE_LENGTH
    return this.#notes[note + FILE] === handle && this.#notes[note + NUMBER] === number
  }

  /**
   * Whether a block was not asked for lately: then one entry of it had better be read alone. It counts as asked for from now
   * on. Never in a cache so small that blocks do not pass through it.
   */
  isPassedBy(file: CachedFile, number: number): boolean {
    if (this.#passingSlots === 0 || this.#wasReadLately(file, number)) return false
    this.#turn = (this.#turn + 1) & TURN_MASK
    file.slots[number] = FIRST_TURN - this.#turn
    return true
  }

  /** A slot for a block of so many bytes, if one is that large. What was in it is forgotten. */
  claim(file: CachedFile, number: number, kind: BlockKind, byteLength: number): number {
    if (byteLength > this.#slotByteLength || this.#slotLimit === 0) return NO_SLOT
    const mayPass = this.#isFull && this.#passingSlots > 0 && kind === 'data'
    const isPassing = mayPass && !this.#wasReadLately(file, number)
    const slot = isPassing ? this.#nextPassingSlot() : this.#freedSlot()
    this.#notes[slot * NOTE_LENGTH + FILE] = 0
    return slot
  }

  /** Whether no more blocks have passed through since this one did than there are slots for those that stay. */
  #wasReadLately({ slots }: CachedFile, number: number): boolean {
    const place = slots[number]!
    return place <= FIRST_TURN && ((this.#turn - (FIRST_TURN - place)) & TURN_MASK) <= this.#slotLimit
  }

  #nextPassingSlot(): number {
    this.#turn = (this.#turn + 1) & TURN_MASK
    return this.#passingSlotOf(this.#turn)
  }

  /** There is a power of two of them. */
  #passingSlotOf(turn: number): number {
    return turn & (this.#passingSlots - 1)
  }

  #freedSlot(): number {
    if (this.#slotCount < this.#slotLimit && this.#hand === this.#slotCount) this.#addChunk()
    for (;;) {
      if (this.#hand >= this.#slotCount) {
        this.#hand = 0
        this.#isFull = true
      }
      const slot = SLOTS_PER_CHUNK + this.#hand++
      if (this.#lives[slot]! > 0) {
        this.#lives[slot]! -= 1
        continue
      }
      const chunk = slot >>> CHUNK_BITS
      this.#chunks[chunk] = new Uint8Array(this.#chunks[chunk]!.buffer)
      return slot
    }
  }

  /** The memory of a slot that was claimed, to read a block into. */
  claimedMemory(slot: number): Uint8Array {
    if (slot < SLOTS_PER_CHUNK) {
      const memory = this.#passing[slot]?.buffer ?? newMemory(this.#slotByteLength)
      this.#passing[slot] = new Uint8Array(memory)
      return this.#passing[slot]
    }
    const start = this.#blockStart(slot) - BLOCK_HEADER_LENGTH
    return partOf(this.#chunks[slot >>> CHUNK_BITS]!, start, start + this.#slotByteLength)
  }

  /** Keeps a block that lies behind its header in the slot that was claimed for it; without a slot, with the large ones. */
  keep(file: CachedFile, number: number, block: Block, slot: number): void {
    if (slot === NO_SLOT) {
      const large = new Block()
      large.become(block)
      this.#large.set(largeKey(file, number), large)
      return
    }
    const notes = this.#notes
    const note = slot * NOTE_LENGTH
    notes[note + FILE] = file.handle
    notes[note + NUMBER] = number
    notes[note + BYTE_LENGTH] = block.end - block.start
    notes[note + PREFIX_LENGTH] = block.prefixLength
    notes[note + ENTRY_COUNT] = block.count
    notes[note + HAS_PROOFS] = block.hasProofs ? 1 : 0
    file.slots[number] = slot < SLOTS_PER_CHUNK ? FIRST_TURN - this.#turn : slot
  }

  #blockStart(slot: number): number {
    return (slot & (SLOTS_PER_CHUNK - 1)) * this.#slotByteLength + BLOCK_HEADER_LENGTH
  }

  #addChunk(): void {
    const count = Math.min(SLOTS_PER_CHUNK, this.#slotLimit - this.#slotCount)
    this.#chunks.push(new Uint8Array(newMemory(count * this.#slotByteLength)))
    this.#slotCount += count
  }
}

function newMemory(byteLength: number): ArrayBuffer {
  return Buffer.allocUnsafeSlow(byteLength).buffer
}

function largeKey({ handle }: CachedFile, number: number): string {
  return `${handle}/${number}`
}

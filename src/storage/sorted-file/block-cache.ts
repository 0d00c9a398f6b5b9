/**
 * Blocks in memory, unpacked and checked, up to a number of bytes, outside the JavaScript heap.
 *
 * Memory is cut into slots of one block each, which are used again and again: fresh memory for every block that is read
 * costs more than reading it. So what a slot holds is good only until the next call of this cache; whoever wants to
 * keep a block, or a part of it, copies it. A hand goes round the slots and takes the next one that was not used since
 * it last came by (the CLOCK algorithm); a page of an index it passes a few times more often, as each of them stands for
 * many blocks. Blocks that fit no slot, those of very large items, have a share of their own.
 *
 * Each file remembers in which slot its blocks were last: finding one is a look into an array. The slot knows whose
 * block it holds now, so that nothing has to be told to the file when the slot is taken away.
 */
import { LRUCache } from 'lru-cache'
import type { Block } from './block.js'
import { EntryPlaces, type Slots } from './entry-places.js'
import { BLOCK_HEADER_LENGTH } from './sorted-file-format.js'

/** Slots are made this many at a time, so that a small database takes little memory. */
const CHUNK_BITS = 7
const SLOTS_PER_CHUNK = 2 ** CHUNK_BITS
/** The part of the memory that is for blocks that fit no slot. */
const LARGE_BLOCK_SHARE = 1 / 8
/** The part of the memory in which it is noted where entries are: twice as many as fit the slots, as a rule. */
const PLACES_SHARE = 1 / 12

/** The memory that a block of some length may take, with its header and its trailer. */
export function slotByteLength(blockByteLength: number): number {
  return blockByteLength + 64
}

/** What a block is worth: how often the hand passes one that is not used. */
export type BlockKind = 'data' | 'index'
const LIVES: Readonly<Record<BlockKind, number>> = { data: 1, index: 4 }

/** Memory for a block that is about to be read. */
export interface Slot {
  readonly position: number
  readonly memory: Buffer
  /** Undefined while nothing whole is in it. */
  owner: CachedFile | undefined
  number: number
  block: Block | undefined
}

/** A file's side of the cache: which slot each of its blocks was last seen in. */
export class CachedFile {
  readonly slots: Int32Array
  readonly id: number

  constructor(id: number, blockCount: number) {
    this.id = id
    this.slots = new Int32Array(blockCount).fill(-1)
  }
}

export interface CacheStatistics {
  readonly byteLimit: number
  /** What its slots and its large blocks take now. */
  readonly byteLength: number
  readonly hits: number
  readonly misses: number
}

export class BlockCache implements Slots {
  /** Where in the slots the entries are that were looked up lately. */
  readonly places: EntryPlaces
  readonly #byteLimit: number
  readonly #slotByteLength: number
  readonly #slotLimit: number
  readonly #slots: Slot[] = []
  readonly #chunks: Buffer[] = []
  /** Of each slot: how often the hand still passes it. */
  readonly #lives: Uint8Array
  readonly #large: LRUCache<string, Block>
  #hand = 0
  #hits = 0
  #misses = 0

  constructor(byteLimit: number, slotByteLength: number) {
    this.#byteLimit = byteLimit
    this.#slotByteLength = slotByteLength
    this.#slotLimit = Math.floor((byteLimit * (1 - LARGE_BLOCK_SHARE - PLACES_SHARE)) / slotByteLength)
    this.#lives = new Uint8Array(this.#slotLimit)
    this.places = new EntryPlaces(this, this.#slotLimit, byteLimit * PLACES_SHARE)
    // A cache of nothing still needs a size, and one byte holds no block.
    const maxSize = Math.max(1, Math.floor(byteLimit * LARGE_BLOCK_SHARE))
    this.#large = new LRUCache({ maxSize, sizeCalculation: (block) => block.bytes.length })
  }

  get statistics(): CacheStatistics {
    const byteLength = this.#slots.length * this.#slotByteLength + this.#large.calculatedSize + this.places.byteLength
    return { byteLimit: this.#byteLimit, byteLength, hits: this.#hits, misses: this.#misses }
  }

  /** A block, good until the next call. */
  get(file: CachedFile, number: number, kind: BlockKind): Block | undefined {
    const slot = this.slotOf(file, number)
    if (slot !== undefined) {
      this.#lives[slot.position] = LIVES[kind]
      this.#hits += 1
      return slot.block
    }
    const large = this.#large.size === 0 ? undefined : this.#large.get(largeKey(file, number))
    if (large === undefined) this.#misses += 1
    else this.#hits += 1
    return large
  }

  /** The slot that holds a block now, if one does. */
  slotOf(file: CachedFile, number: number): Slot | undefined {
    const slot = this.#slots[file.slots[number]!]
    return slot !== undefined && slot.owner === file && slot.number === number ? slot : undefined
  }

  /** Memory for a block of so many bytes; undefined when no slot is that large. What was in it is forgotten. */
  claim(byteLength: number): Slot | undefined {
    if (byteLength > this.#slotByteLength || this.#slotLimit === 0) return undefined
    if (this.#slots.length < this.#slotLimit && this.#hand === this.#slots.length) this.#addChunk()
    for (;;) {
      if (this.#hand >= this.#slots.length) this.#hand = 0
      const position = this.#hand++
      if (this.#lives[position]! > 0) {
        this.#lives[position]! -= 1
        continue
      }
      this.places.taken(position)
      const slot = this.#slots[position]!
      slot.owner = undefined
      slot.block = undefined
      return slot
    }
  }

  /** Keeps a block in the slot that was claimed for it; without a slot it is one of the large ones. */
  keep(file: CachedFile, number: number, block: Block, slot: Slot | undefined): void {
    if (slot === undefined) {
      this.#large.set(largeKey(file, number), block)
      return
    }
    slot.owner = file
    slot.number = number
    slot.block = block
    file.slots[number] = slot.position
  }

  memoryOf(slot: number): Uint8Array {
    return this.#chunks[slot >>> CHUNK_BITS]!
  }

  blockStart(slot: number): number {
    return (slot & (SLOTS_PER_CHUNK - 1)) * this.#slotByteLength + BLOCK_HEADER_LENGTH
  }

  use(slot: number): void {
    this.#lives[slot] = LIVES.data
    this.#hits += 1
  }

  #addChunk(): void {
    const count = Math.min(SLOTS_PER_CHUNK, this.#slotLimit - this.#slots.length)
    const memory = Buffer.allocUnsafeSlow(count * this.#slotByteLength)
    this.#chunks.push(memory)
    for (let i = 0; i < count; i++) {
      const part = memory.subarray(i * this.#slotByteLength, (i + 1) * this.#slotByteLength)
      const position = this.#slots.length
      this.#slots.push({ position, memory: part, owner: undefined, number: 0, block: undefined })
    }
  }
}

function largeKey(file: CachedFile, number: number): string {
  return `${file.id}/${number}`
}

/**
 * Blocks in memory, unpacked and checked, up to a number of bytes, outside the JavaScript heap.
 *
 * Memory is cut into slots of one block each, which are used again and again: fresh memory for every block that is read
 * costs more than reading it. So what a slot holds is good only until the next call of this cache; whoever wants to
 * keep a block, or a part of it, copies it. A hand goes round the slots and takes the next one that was not used since
 * it last came by (the CLOCK algorithm). Blocks that fit no slot, those of very large items, have a share of their own.
 */
import { LRUCache } from 'lru-cache'
import type { Block } from './block.js'

/** Files have fewer blocks than this, so file id and block number make one number. */
const BLOCKS_PER_FILE = 2 ** 22
/** Slots are made this many at a time, so that a small database takes little memory. */
const SLOTS_PER_CHUNK = 128
/** The part of the memory that is for blocks that fit no slot. */
const LARGE_BLOCK_SHARE = 1 / 8

/** The memory that a block of some length may take, with its header and its trailer. */
export function slotByteLength(blockByteLength: number): number {
  return blockByteLength + 64
}

/** Memory for a block that is about to be read. */
export interface Slot {
  readonly memory: Buffer
  /** Undefined while nothing whole is in it. */
  key: number | undefined
  block: Block | undefined
  wasUsed: boolean
}

export class BlockCache {
  readonly #slotByteLength: number
  readonly #slotLimit: number
  readonly #slots: Slot[] = []
  readonly #byKey = new Map<number, Slot>()
  readonly #large: LRUCache<number, Block>
  #hand = 0

  constructor(byteLimit: number, slotByteLength: number) {
    this.#slotByteLength = slotByteLength
    this.#slotLimit = Math.floor((byteLimit * (1 - LARGE_BLOCK_SHARE)) / slotByteLength)
    // A cache of nothing still needs a size, and one byte holds no block.
    const maxSize = Math.max(1, Math.floor(byteLimit * LARGE_BLOCK_SHARE))
    this.#large = new LRUCache({ maxSize, sizeCalculation: (block) => block.bytes.length })
  }

  /** A block, good until the next call. */
  get(file: number, number: number): Block | undefined {
    const key = file * BLOCKS_PER_FILE + number
    const slot = this.#byKey.get(key)
    if (slot === undefined) return this.#large.get(key)
    slot.wasUsed = true
    return slot.block
  }

  /** Memory for a block of so many bytes; undefined when no slot is that large. What was in it is forgotten. */
  claim(byteLength: number): Slot | undefined {
    if (byteLength > this.#slotByteLength || this.#slotLimit === 0) return undefined
    if (this.#slots.length < this.#slotLimit && this.#hand === this.#slots.length) this.#addChunk()
    for (;;) {
      if (this.#hand >= this.#slots.length) this.#hand = 0
      const slot = this.#slots[this.#hand++]!
      if (slot.wasUsed) {
        slot.wasUsed = false
        continue
      }
      if (slot.key !== undefined) this.#byKey.delete(slot.key)
      slot.key = undefined
      slot.block = undefined
      return slot
    }
  }

  /** Keeps a block in the slot that was claimed for it; without a slot it is one of the large ones. */
  keep(file: number, number: number, block: Block, slot: Slot | undefined): void {
    const key = file * BLOCKS_PER_FILE + number
    if (slot === undefined) {
      this.#large.set(key, block)
      return
    }
    slot.key = key
    slot.block = block
    this.#byKey.set(key, slot)
  }

  #addChunk(): void {
    const count = Math.min(SLOTS_PER_CHUNK, this.#slotLimit - this.#slots.length)
    const memory = Buffer.allocUnsafeSlow(count * this.#slotByteLength)
    for (let i = 0; i < count; i++) {
      const part = memory.subarray(i * this.#slotByteLength, (i + 1) * this.#slotByteLength)
      this.#slots.push({ memory: part, key: undefined, block: undefined, wasUsed: false })
    }
  }
}

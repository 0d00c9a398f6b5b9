/**
 * Walks the entries of a sorted file, in either direction, within bounds.
 *
 * Where a block begins and ends to be in the range is found out once for each block, so that going from entry to entry
 * compares nothing. The block lies in the cache's memory, which another reader may take for another block: that is
 * noticed, and the block is fetched again.
 */
import { hashKey } from '../../base/key-hash.js'
import { type ByteView, CopiedKey, type Direction, type EntryCursor, type KeyBounds } from '../tree/cursor.js'
import { Block, numberEnd, readVarint } from './block.js'
import { type CachedFile, NO_SLOT } from './block-cache.js'
import type { SortedFileReader } from './sorted-file-reader.js'

export class FileCursor implements EntryCursor {
  readonly #reader: SortedFileReader
  readonly #bounds: KeyBounds
  readonly #step: 1 | -1
  /** Memory of our own to read blocks into; undefined when they come through the cache. */
  readonly #memory: Buffer | undefined
  #number: number
  #isFirst = true
  #copiedKey: CopiedKey | undefined
  #isLast = false
  readonly #block: Block = new Block()
  /** The cache's slot that the block lies in, if it does in one. */
  #slot = NO_SLOT
  #file: CachedFile | undefined
  #position = 0
  /** How many entries of the block are still to come. */
  #left = 0
  #lsnDelta = 0
  start = 0
  end = 0
  isTombstone = false

  constructor(reader: SortedFileReader, bounds: KeyBounds, direction: Direction, memory: Buffer | undefined) {
    this.#reader = reader
    this.#bounds = bounds
    this.#step = direction === 'ascending' ? 1 : -1
    this.#memory = memory
    this.#number = reader.firstBlock(bounds, direction)
  }

  next(): boolean {
    while (this.#left === 0) {
      if (this.#isLast || this.#number < 0 || this.#number >= this.#reader.blockCount) return false
      this.#load(this.#number)
      this.#enter(this.#block)
      this.#number += this.#step
    }
    const block = this.#current()
    this.#left -= 1
    this.#position += this.#step
    const head = readVarint(block.bytes, block.valueStart(this.#position))
    this.start = numberEnd
    this.end = block.valueEnd(this.#position)
    if (this.start > this.end) throw this.#reader.damaged(this.#loadedNumber(), 'a value exceeds its block')
    this.isTombstone = (head & 1) === 1
    this.#lsnDelta = Math.floor(head / 2)
    return true
  }

  get bytes(): Uint8Array {
    return this.#current().bytes
  }

  compareTo(key: ByteView): number {
    return this.#current().compare(this.#position, key)
  }

  keyView(): ByteView {
    this.#copiedKey ??= new CopiedKey()
    return this.#copiedKey.of(this)
  }

  key(): string {
    return this.#current().key(this.#position)
  }

  keyLength(): number {
    return this.#current().keyLength(this.#position)
  }

  copyKey(target: Uint8Array, start: number): void {
    this.#current().copyKey(this.#position, target, start)
  }

  lsn(): number {
    return this.#reader.lowestLsn + this.#lsnDelta
  }

  /** The block, wherever it lies by now: places in it count from where that is. */
  #current(): Block {
    if (this.#slot !== NO_SLOT && !this.#reader.cache.holds(this.#slot, this.#file!, this.#loadedNumber())) {
      const { start } = this.#block
      this.#load(this.#loadedNumber())
      const moved = this.#block.start - start
      this.start += moved
      this.end += moved
    }
    return this.#block
  }

  /** Once a block was entered, the number is that of the next one. */
  #loadedNumber(): number {
    return this.#number - this.#step
  }

  #load(number: number): void {
    if (this.#memory !== undefined) {
      this.#reader.ownBlock(number, this.#memory, this.#block)
      return
    }
    this.#file = this.#reader.block(number, this.#block)
    this.#slot = this.#reader.cache.slotOf(this.#file, number)
  }

  /** Finds out which entries of a block are in the range, and stands in front of the first of them. */
  #enter(block: Block): void {
    const { lower, upper } = this.#bounds
    const isAscending = this.#step === 1
    // In ascending order only the first block can have keys below the range.
    const hasLower = isAscending ? this.#isFirst : block.compare(0, viewOf(lower)) < 0
    const hasUpper = upper !== undefined && (isAscending || this.#isFirst)
    this.#isFirst = false
    const from = hasLower ? block.firstAtOrAbove(lower) : 0
    const to = hasUpper ? block.firstAtOrAbove(upper, from) : block.count
    this.#isLast = isAscending ? to < block.count : from > 0
    this.#left = to - from
    this.#position = isAscending ? from - 1 : to
  }
}

function viewOf(key: string): ByteView {
  const { bytes, length } = hashKey(key)
  return { bytes, start: 0, end: length }
}

/** Which blocks stay in memory, and that what is found there is always the block that was asked for. */
import { describe, expect, test } from 'vitest'
import { hashKey } from '../../../../src/base/key-hash.js'
import { Block, BlockBuilder } from '../../../../src/storage/sorted-file/block.js'
import { BlockCache, type BlockUse, type CachedFile, NO_SLOT } from '../../../../src/storage/sorted-file/block-cache.js'
import { BLOCK_HEADER_LENGTH } from '../../../../src/storage/sorted-file/sorted-file-format.js'
import { SeededRandom } from '../../../support/random.js'

const SLOT_BYTES = 100
/** With notes and shares for other things, a cache of this many bytes for each has so many slots. */
const BYTES_PER_SLOT = 172
const BLOCKS = 5000
const MANY_SLOTS = 400

/** A block that says what it is. */
function blockOf(file: CachedFile, number: number): Uint8Array {
  const builder = new BlockBuilder()
  const bytes = Buffer.from(`block ${number} of ${file.handle}`)
  builder.add(hashKey('key'), 0, { bytes, start: 0, end: bytes.length, isTombstone: false }, 0)
  return builder.finish().raw
}

class Reader {
  readonly cache: BlockCache
  readonly files: readonly CachedFile[]
  readonly #block = new Block()
  readCount = 0

  constructor(slots: number) {
    this.cache = new BlockCache(slots * BYTES_PER_SLOT, SLOT_BYTES)
    this.files = [this.cache.file(BLOCKS), this.cache.file(BLOCKS)]
  }

  /** As a reader of files does it. Answers whether the block had to be read. */
  ask(number: number, use: BlockUse = 'one entry', file: CachedFile = this.files[0]!): boolean {
    const { cache } = this
    const block = this.#block
    const isHere = cache.find(file, number, use, block)
    if (!isHere) {
      const raw = blockOf(file, number)
      const slot = cache.claim(file, number, use, BLOCK_HEADER_LENGTH + raw.length)
      const memory = slot === NO_SLOT ? new Uint8Array(SLOT_BYTES) : cache.claimedMemory(slot)
      memory.set(raw, BLOCK_HEADER_LENGTH)
      block.open(memory, BLOCK_HEADER_LENGTH, BLOCK_HEADER_LENGTH + raw.length)
      cache.keep(file, number, block, slot)
      this.readCount += 1
    }
    const text = Buffer.from(block.bytes.subarray(block.start, block.end)).toString('latin1')
    expect(text).toContain(`block ${number} of ${file.handle}`)
    return !isHere
  }

  askAll(from: number, to: number): number {
    let read = 0
    for (let number = from; number < to; number++) read += this.ask(number) ? 1 : 0
    return read
  }
}

describe('of many slots', () => {
  test('a block stays once it was read twice', () => {
    const reader = new Reader(MANY_SLOTS)
    expect(reader.askAll(0, 300)).toBe(300)
    // Others pass through the slots that the last of them are in.
    reader.askAll(300, 332)
    expect(reader.askAll(0, 300)).toBe(300)
    expect(reader.askAll(0, 300)).toBe(0)
  })

  test('what is asked for once drives nothing out', () => {
    const reader = new Reader(MANY_SLOTS)
    for (let round = 0; round < 2; round++) reader.askAll(0, 332)
    expect(reader.askAll(1000, BLOCKS)).toBe(BLOCKS - 1000)
    expect(reader.askAll(0, 300)).toBe(0)
  })

  test('one that was read long ago counts as not read', () => {
    const reader = new Reader(MANY_SLOTS)
    reader.ask(0)
    reader.askAll(1000, 2000)
    expect(reader.ask(0)).toBe(true)
    reader.askAll(2000, 2100)
    expect(reader.ask(0)).toBe(true)
    reader.askAll(3000, 4000)
    expect(reader.ask(0)).toBe(false)
  })

  test('a block that was just read need not be read again', () => {
    const reader = new Reader(MANY_SLOTS)
    reader.askAll(0, 32)
    expect(reader.askAll(0, 32)).toBe(0)
  })

  test('pages of indexes stay at once', () => {
    const reader = new Reader(MANY_SLOTS)
    reader.ask(4999, 'index')
    reader.askAll(0, 2000)
    expect(reader.ask(4999, 'index')).toBe(false)
  })

  test('those of walks stay at once while there is room, and pass through when there is none', () => {
    const reader = new Reader(MANY_SLOTS)
    for (const read of [true, false]) {
      for (let number = 0; number < 300; number++) expect(reader.ask(number, 'entries')).toBe(read)
    }
    for (let number = 300; number < 1000; number++) reader.ask(number, 'entries')
    for (let number = 1000; number < 1200; number++) reader.ask(number, 'index')
    for (let number = 2000; number < BLOCKS; number++) expect(reader.ask(number, 'entries')).toBe(true)
    for (let number = 1000; number < 1200; number++) expect(reader.ask(number, 'index')).toBe(false)
  })

  test('memory is taken as it is needed, and counted', () => {
    const reader = new Reader(MANY_SLOTS)
    expect(reader.cache.statistics.byteLength).toBe(0)
    reader.ask(0)
    expect(reader.cache.statistics.byteLength).toBe(SLOT_BYTES)
    reader.askAll(1, 40)
    expect(reader.cache.statistics.byteLength).toBe(32 * SLOT_BYTES)
    reader.ask(0)
    expect(reader.cache.statistics.byteLength).toBeGreaterThan(32 * SLOT_BYTES)
    for (let round = 0; round < 2; round++) for (let n = 0; n < BLOCKS; n++) reader.ask(n % 390)
    const { byteLength, byteLimit } = reader.cache.statistics
    // The rest is for blocks that fit no slot, and for copies of entries.
    expect(byteLength).toBeGreaterThan(byteLimit * 0.7)
    expect(byteLength).toBeLessThanOrEqual(byteLimit * (1 - 1 / 8 - 1 / 9))
  })
})

test.each([MANY_SLOTS, 100])('of %i slots, what a read that failed has written over is gone', (slots) => {
  const reader = new Reader(slots)
  const { cache, files } = reader
  const count = slots === MANY_SLOTS ? 32 : 100
  reader.askAll(0, count)
  // Twice round, as the hand passes what was just used.
  for (let i = 0; i < 2 * count; i++) {
    const slot = cache.claim(files[0]!, 1000 + i, 'one entry', SLOT_BYTES)
    cache.claimedMemory(slot).fill(0xff)
  }
  expect(reader.askAll(0, count)).toBe(count)
})

test('of few slots, a block stays at once', () => {
  const reader = new Reader(100)
  expect(reader.askAll(0, 90)).toBe(90)
  expect(reader.askAll(0, 90)).toBe(0)
})

test('a cache of nothing reads every block', () => {
  const reader = new Reader(0)
  expect(reader.askAll(0, 10) + reader.askAll(0, 10)).toBe(20)
})

describe('blocks of two files, asked for at random,', () => {
  test.each([1, 2, 3, 4])('are those that were asked for (seed %i)', (seed) => {
    const random = new SeededRandom(seed)
    const reader = new Reader(random.pick([1, 5, 100, 300, 1000]))
    for (let i = 0; i < 20_000; i++) {
      const number = random.below(random.pick([20, 500, BLOCKS]))
      reader.ask(number, random.pick(['one entry', 'entries', 'index']), random.pick(reader.files))
    }
    const { hits, misses } = reader.cache.statistics
    expect({ hits: hits + misses, misses }).toEqual({ hits: 20_000, misses: reader.readCount })
  })
})

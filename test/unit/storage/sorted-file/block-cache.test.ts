/** Which blocks stay in memory, and that what is found there is always the block that was asked for. */
import { describe, expect, test } from 'vitest'
import { hashKey } from '../../../../src/base/key-hash.js'
import { Block, BlockBuilder } from '../../../../src/storage/sorted-file/block.js'
import {
  BlockCache,
  type BlockKind,
  type CachedFile,
  NO_SLOT,
} from '../../../../src/storage/sorted-file/block-cache.js'
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
  /** Which block lay where, in each object that was handed out. */
  readonly #seen = new WeakMap<Uint8Array, Map<number, string>>()
  readCount = 0

  constructor(slots: number) {
    this.cache = new BlockCache(slots * BYTES_PER_SLOT, SLOT_BYTES)
    this.files = [this.cache.file(BLOCKS), this.cache.file(BLOCKS)]
  }

  /** As a reader of files does it. Answers whether the block had to be read. */
  ask(number: number, kind: BlockKind = 'data', file: CachedFile = this.files[0]!): boolean {
    const { cache } = this
    const block = this.#block
    const isHere = cache.find(file, number, kind, block)
    if (!isHere) {
      const raw = blockOf(file, number)
      const slot = cache.claim(file, number, kind, BLOCK_HEADER_LENGTH + raw.length)
      const memory = slot === NO_SLOT ? new Uint8Array(SLOT_BYTES) : cache.claimedMemory(slot)
      memory.set(raw, BLOCK_HEADER_LENGTH)
      block.open(memory, BLOCK_HEADER_LENGTH, BLOCK_HEADER_LENGTH + raw.length)
      cache.keep(file, number, block, slot)
      this.readCount += 1
    }
    const { bytes, start } = block
    const seen = this.#seen.get(bytes) ?? new Map<number, string>()
    this.#seen.set(bytes, seen)
    const name = `${number} of ${file.handle}`
    expect(seen.get(start) ?? name, 'what the same object had in the same place').toBe(name)
    seen.set(start, name)
    const text = Buffer.from(block.bytes.subarray(block.start, block.end)).toString('latin1')
    expect(text).toContain(`block ${name}`)
    return !isHere
  }

  askAll(from: number, to: number): number {
    let read = 0
    for (let number = from; number < to; number++) read += this.ask(number) ? 1 : 0
    return read
  }
}

/** One whose slots have all had a block. */
function fullReader(): Reader {
  const reader = new Reader(MANY_SLOTS)
  reader.askAll(4500, 4500 + MANY_SLOTS)
  return reader
}

test('while there is room, a block stays at once', () => {
  const reader = new Reader(MANY_SLOTS)
  expect(reader.askAll(0, 360)).toBe(360)
  expect(reader.askAll(0, 360)).toBe(0)
})

describe('when there is no room left', () => {
  test('a block stays once it was read twice', () => {
    const reader = fullReader()
    expect(reader.askAll(0, 300)).toBe(300)
    // Others pass through the slots that the last of them are in.
    reader.askAll(300, 332)
    expect(reader.askAll(0, 300)).toBe(300)
    expect(reader.askAll(0, 300)).toBe(0)
  })

  test('what is asked for once drives nothing out', () => {
    const reader = fullReader()
    for (let round = 0; round < 2; round++) reader.askAll(0, 332)
    expect(reader.askAll(1000, 4000)).toBe(3000)
    expect(reader.askAll(0, 300)).toBe(0)
  })

  test('one that was read long ago counts as not read', () => {
    const reader = fullReader()
    reader.ask(0)
    reader.askAll(1000, 2000)
    expect(reader.ask(0)).toBe(true)
    reader.askAll(2000, 2100)
    expect(reader.ask(0)).toBe(true)
    reader.askAll(3000, 4000)
    expect(reader.ask(0)).toBe(false)
  })

  test('a block that was just read need not be read again', () => {
    const reader = fullReader()
    reader.askAll(0, 32)
    expect(reader.askAll(0, 32)).toBe(0)
  })

  test('pages of indexes stay at once', () => {
    const reader = fullReader()
    reader.ask(4400, 'index')
    reader.askAll(0, 2000)
    expect(reader.ask(4400, 'index')).toBe(false)
  })
})

test('memory is taken as it is needed, and counted', () => {
  const reader = new Reader(MANY_SLOTS)
  const byteLength = () => reader.cache.statistics.byteLength
  const { byteLimit } = reader.cache.statistics
  expect(byteLength()).toBe(0)
  reader.ask(0)
  const little = byteLength()
  expect(little).toBeGreaterThan(SLOT_BYTES)
  reader.askAll(0, 360)
  const full = byteLength()
  expect(full).toBeGreaterThan(2 * little)
  reader.askAll(400, 600)
  expect(byteLength()).toBe(full + 32 * SLOT_BYTES)
  // The rest is for blocks that fit no slot, and for copies of entries.
  expect(byteLength()).toBeGreaterThan(byteLimit * 0.7)
  expect(byteLength()).toBeLessThanOrEqual(byteLimit * (1 - 1 / 8 - 1 / 9))
})

test.each([32, 100])('what a read that failed has written over is gone (%i slots)', (count) => {
  const reader = count === 32 ? fullReader() : new Reader(count)
  const { cache, files } = reader
  reader.askAll(0, count)
  // Twice round, as the hand passes what was just used.
  for (let i = 0; i < 2 * count; i++) {
    const slot = cache.claim(files[0]!, 1000 + i, 'data', SLOT_BYTES)
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
      reader.ask(number, random.pick(['data', 'data', 'index']), random.pick(reader.files))
    }
    const { hits, misses } = reader.cache.statistics
    expect({ hits: hits + misses, misses }).toEqual({ hits: 20_000, misses: reader.readCount })
  })
})

/** The first entry of a block that is asked for is read without the rest, and is believed only where it proves itself. */
import { describe, expect, test } from 'vitest'
import { hashKey } from '../../../../src/base/key-hash.js'
import { CorruptionError } from '../../../../src/errors.js'
import { Block, BlockBuilder, tagOf } from '../../../../src/storage/sorted-file/block.js'
import { OutlinedEntries, outlineOf } from '../../../../src/storage/sorted-file/outline.js'
import { isProved, PROOF_LENGTH, proverOf } from '../../../../src/storage/sorted-file/proof.js'
import {
  BLOCK_HEADER_LENGTH,
  decodeFooter,
  encodeFooter,
  FOOTER_LENGTH,
  type Footer,
  HEADER_LENGTH,
} from '../../../../src/storage/sorted-file/sorted-file-format.js'
import { changedFile, changedFileSystem } from '../../../support/delegating-file-system.js'
import { SeededRandom } from '../../../support/random.js'
import {
  type Entries,
  entryOf,
  type FileShape,
  lookup,
  openReader,
  PATH,
  writtenFile,
} from '../../../support/sorted-file-fixture.js'
import { checksum, type Machine, machine } from '../../../support/storage-fixture.js'

const BLOCK_LENGTH = 4000
/** Blocks pass through no smaller one. */
const SHAPE: FileShape = { blockByteLength: BLOCK_LENGTH, cacheByteLimit: 4_000_000 }
const keyOf = (n: number) =>
  `partition ${String(Math.floor(n / 100)).padStart(3, '0')}, item ${String(n).padStart(5, '0')}`
const textOf = (n: number, byteLength = 200) => `value ${n} `.padEnd(byteLength, '.')

function entriesOf(count: number, lengthOf: (n: number) => number = () => 200): Entries {
  return new Map(Array.from({ length: count }, (_, n) => [keyOf(n), n % 10 === 9 ? undefined : textOf(n, lengthOf(n))]))
}

/** A file with a reader that says how many bytes it has read. */
async function observedFile(
  entries: Entries,
  shape: FileShape = SHAPE,
  where: Machine = machine(),
): Promise<{ look: (key: string) => { found: string | null | undefined; byteLengths: number[] } }> {
  const { record } = await writtenFile(entries, shape, where)
  let byteLengths: number[] = []
  const files = changedFileSystem(where.disk, {
    open(path, mode) {
      const file = where.disk.open(path, mode)
      return changedFile(file, {
        read(target, position, byteLength = target.length) {
          byteLengths.push(byteLength)
          return file.read(target, position, byteLength)
        },
      })
    },
  })
  const reader = openReader(where, record, { ...shape, files })
  // Top, filter and the page of the index are read with the first key of all.
  lookup(reader, [...entries.keys()].at(-1)!)
  const look = (key: string) => {
    byteLengths = []
    return { found: lookup(reader, key), byteLengths }
  }
  return { look }
}

describe('of a block that nobody has asked for', () => {
  test('one entry is read, then the block, and then nothing', async () => {
    const { look } = await observedFile(entriesOf(40))
    const first = look(keyOf(3))
    expect(first.found).toBe(textOf(3))
    expect(first.byteLengths).toHaveLength(1)
    expect(first.byteLengths[0]).toBeLessThan(200 + 30)
    const second = look(keyOf(5))
    expect(second.found).toBe(textOf(5))
    expect(second.byteLengths[0]).toBeGreaterThan(BLOCK_LENGTH / 2)
    expect(look(keyOf(4))).toEqual({ found: textOf(4), byteLengths: [] })
    expect(look(keyOf(3))).toEqual({ found: textOf(3), byteLengths: [] })
  })

  test('a tombstone is found alone, too', async () => {
    const { look } = await observedFile(entriesOf(40))
    const { found, byteLengths } = look(keyOf(9))
    expect(found).toBe(null)
    expect(byteLengths).toHaveLength(1)
    expect(byteLengths[0]).toBeLessThan(40)
  })

  test('where several may be the key, they are read one after the other', async () => {
    const entries = entriesOf(400)
    const readCounts = new Map<number, number>()
    // Of the last block one was read before.
    for (const [key, value] of [...entries].slice(0, 350)) {
      const { look } = await observedFile(entries)
      const { found, byteLengths } = look(key)
      expect(found).toBe(value ?? null)
      for (const byteLength of byteLengths) expect(byteLength).toBeLessThan(300)
      readCounts.set(byteLengths.length, (readCounts.get(byteLengths.length) ?? 0) + 1)
    }
    expect(readCounts.get(1)).toBeGreaterThan(300)
    expect(readCounts.get(2)).toBeGreaterThan(0)
  })

  test.each([
    ['entries as long as one another', () => 200],
    ['entries of which some are much longer', (n: number) => (n % 7 === 0 ? 1500 : 150)],
    ['entries of which some are empty', (n: number) => (n % 3 === 0 ? 0 : 700)],
  ])('everything is found: %s', async (_name, lengthOf) => {
    const entries = entriesOf(300, lengthOf)
    const { record, where } = await writtenFile(entries, SHAPE)
    openReader(where, record, SHAPE).verify()
    for (const [key, value] of entries) {
      // Nothing is in memory, each time.
      const reader = openReader(where, record, SHAPE)
      expect(lookup(reader, key)).toBe(value ?? null)
      for (const missing of [`${key}0`, key.slice(0, -1), `${key.slice(0, -1)}x`]) {
        expect(lookup(reader, missing)).toBeUndefined()
      }
    }
    // Of blocks in memory, too.
    const reader = openReader(where, record, SHAPE)
    for (let round = 0; round < 3; round++) {
      for (const [key, value] of entries) {
        expect(lookup(reader, key)).toBe(value ?? null)
        expect(lookup(reader, `${key}0`)).toBeUndefined()
      }
    }
  })

  test('keys that begin otherwise than all of a block, and end like one of them, are not there', async () => {
    const shared = 'q'.repeat(20)
    const rests = Array.from({ length: 12 }, (_, n) => `rest ${n}`).sort()
    const entries: Entries = new Map(rests.map((rest) => [`a${shared}${rest}`, textOf(1)]))
    const { record, where } = await writtenFile(entries, SHAPE)
    for (const rest of rests) {
      for (const prefix of [`a${'r'.repeat(20)}`, `b${shared}`, `a${shared}${shared}`]) {
        expect(lookup(openReader(where, record, SHAPE), prefix + rest)).toBeUndefined()
      }
    }
  })
})

test('of a block that was asked for long ago one entry is read alone again', async () => {
  // More blocks than there is room for, and so many others are asked for in between.
  const entries = entriesOf(18 * 1500)
  const { look } = await observedFile(entries, SHAPE)
  const isAlone = (n: number) => look(keyOf(n)).byteLengths.at(-1)! < 300
  expect(isAlone(3)).toBe(true)
  for (let n = 18 * 10; n < 18 * 1300; n += 18) look(keyOf(n))
  expect(isAlone(4)).toBe(true)
  expect(isAlone(5)).toBe(false)
})

describe('no entry is read alone', () => {
  const wholeBlocks = async (entries: Entries, shape: FileShape) => {
    const { look } = await observedFile(entries, shape)
    return look(keyOf(3)).byteLengths[0]
  }

  test('where they are short', async () => {
    expect(
      await wholeBlocks(
        entriesOf(300, () => 60),
        SHAPE,
      ),
    ).toBeGreaterThan(BLOCK_LENGTH / 2)
  })

  test('where blocks are packed', async () => {
    const random = new SeededRandom(1)
    const entries: Entries = new Map(
      Array.from({ length: 60 }, (_, n) => [keyOf(n), Buffer.from(random.bytes(150)).toString('hex').slice(0, 200)]),
    )
    expect(await wholeBlocks(entries, { ...SHAPE, compression: 'deflate' })).toBeGreaterThan(1000)
  })

  test('where the cache is so small that no blocks pass through', async () => {
    expect(await wholeBlocks(entriesOf(40), { ...SHAPE, cacheByteLimit: 40_000 })).toBeGreaterThan(BLOCK_LENGTH / 2)
  })
})

describe('damage', () => {
  const entries = entriesOf(24)

  test('anywhere is found, or changes nothing that is asked for', async () => {
    const { where, record } = await writtenFile(entries, SHAPE)
    let refused = 0
    for (let offset = 0; offset < record.byteLength; offset += 3) {
      const flip = (bytes: Buffer) => {
        bytes[offset]! ^= 1 << (offset % 8)
        return bytes
      }
      where.disk.damage(PATH, flip)
      for (const key of [keyOf(offset % 24), keyOf(3)]) {
        const reader = openReader(where, record, SHAPE)
        try {
          expect(lookup(reader, key), `byte ${offset}`).toBe(entries.get(key) ?? null)
        } catch (failure) {
          if (!(failure instanceof CorruptionError)) throw failure
          refused += 1
        }
        reader.close()
      }
      where.disk.damage(PATH, flip)
    }
    expect(refused).toBeGreaterThan(100)
  })

  test('of the one entry that is asked for is told with file and block', async () => {
    const { where, record } = await writtenFile(entries, SHAPE)
    where.disk.damage(PATH, (bytes) => {
      bytes[bytes.indexOf(textOf(3)) + 50]! ^= 1
      return bytes
    })
    expect(() => lookup(openReader(where, record, SHAPE), keyOf(3))).toThrow(/7\.run.*the checksum of block 0 differs/s)
    // What lies beside it is not read, and is as it was.
    expect(lookup(openReader(where, record, SHAPE), keyOf(4))).toBe(textOf(4))
  })

  test('an entry of another block, in the place of one that ends like it, is not taken for it', async () => {
    const prefixes = ['a', 'b'].map((letter) => letter.repeat(40))
    const pairs = prefixes.flatMap((prefix) =>
      Array.from({ length: 14 }, (_, n) => [`${prefix}${10 + n}`, textOf(n)] as const),
    )
    const alike: Entries = new Map(pairs.map(([key, value]) => [key, `${key[0]} ${value}`]))
    const { where, record } = await writtenFile(alike, { ...SHAPE, blockByteLength: 3300 })
    where.disk.damage(PATH, (bytes) => {
      const entryLength = 2 + 1 + 202 + PROOF_LENGTH
      const from = bytes.indexOf('a value 5') - 3
      const to = bytes.indexOf('b value 5') - 3
      bytes.copy(bytes, to, from, from + entryLength)
      return bytes
    })
    const key = `${prefixes[1]}15`
    expect(() => lookup(openReader(where, record, { ...SHAPE, blockByteLength: 3300 }), key)).toThrow(CorruptionError)
  })

  test('an outline that does not fit is found by verify', async () => {
    const where = machine()
    const { record } = await writtenFile(entries, SHAPE, where)
    let refused = 0
    let pages: readonly { start: number; end: number }[] = []
    where.disk.damage(PATH, (bytes) => {
      pages = blocksOf(bytes).slice(-1)
      return bytes
    })
    const { start, end } = pages[0]!
    for (let offset = start + BLOCK_HEADER_LENGTH; offset < end - 60; offset++) {
      let hash = ''
      const original: Buffer[] = []
      where.disk.damage(PATH, (bytes) => {
        original.push(Buffer.from(bytes))
        bytes[offset]! ^= 1
        const whole = resealed(bytes)
        hash = whole.hash
        return whole.bytes
      })
      const reader = openReader(where, { ...record, hash }, SHAPE)
      try {
        reader.verify()
      } catch (failure) {
        if (!(failure instanceof CorruptionError)) throw failure
        refused += /another outline/.test(failure.message) ? 1 : 0
      }
      reader.close()
      // Until then a key may not be found, but none gets what is not its own: neither alone nor in memory.
      const again = openReader(where, { ...record, hash }, SHAPE)
      for (let round = 0; round < 3; round++) {
        for (const [key, value] of entries) {
          try {
            expect([undefined, value ?? null]).toContain(lookup(again, key))
          } catch (failure) {
            if (!(failure instanceof CorruptionError)) throw failure
          }
        }
      }
      again.close()
      where.disk.damage(PATH, () => original[0]!)
    }
    expect(refused).toBeGreaterThan(20)
  })

  test('proofs that do not fit are found by verify', async () => {
    const where = machine()
    const isEntry = (bytes: Uint8Array) => Buffer.from(bytes).includes('value 3') && bytes.length < 300
    const shape = {
      ...SHAPE,
      checksum: (bytes: Uint8Array, seed: bigint) => checksum(bytes, seed) ^ (isEntry(bytes) ? 1n : 0n),
    }
    const { record } = await writtenFile(entries, shape, where)
    expect(() => openReader(where, record, SHAPE).verify()).toThrow(/an entry has another proof/)
    // Its block is believed.
    expect(lookup(openReader(where, record, SHAPE), keyOf(3))).toBe(textOf(3))
  })
})

function footerOf(bytes: Buffer): Footer {
  return decodeFooter(bytes.subarray(bytes.length - FOOTER_LENGTH), PATH, 0, checksum)
}

/** Where each block of a file lies, and each page of its index. */
function blocksOf(bytes: Buffer): { start: number; end: number }[] {
  const blocks: { start: number; end: number }[] = []
  for (let start = HEADER_LENGTH, end = 0; start < footerOf(bytes).topOffset; start = end) {
    end = start + BLOCK_HEADER_LENGTH + bytes.readUInt32LE(start + 12)
    blocks.push({ start, end })
  }
  return blocks
}

/** A file with checksums that are right again. */
function resealed(bytes: Buffer): { bytes: Buffer; hash: string } {
  const hashes = Buffer.concat(
    blocksOf(bytes).map(({ start, end }) => {
      const hash = checksum(bytes.subarray(start + 8, end), 7n)
      bytes.writeBigUInt64LE(hash, start)
      return bytes.subarray(start, start + 8)
    }),
  )
  const hash = checksum(hashes, 7n)
  Buffer.from(encodeFooter({ ...footerOf(bytes), hash }, checksum)).copy(bytes, bytes.length - FOOTER_LENGTH)
  return { bytes, hash: hash.toString(16) }
}

describe('of keys that were made to have one hash', () => {
  // A step of the hash, of a word, which can be taken back; see base/key-hash.ts.
  const step = (state: number, word: number) => {
    const product = Math.imul(state ^ word, 0x9e3779b1)
    return product ^ (product >>> 15)
  }
  const steps = (length: number, words: readonly number[]) => words.reduce(step, 0x811c9dc5 ^ length)
  const textOfWords = (...words: number[]) => Buffer.from(Int32Array.from(words).buffer).toString('latin1')
  const [FIRST, SECOND] = [0x70707070, 0x71717171]
  const LENGTH = 16

  /** Words other than these two behind the same beginning, after which the hash of a key is the same. */
  function* alike(before: readonly number[], first: number, second: number): Generator<string> {
    const random = new SeededRandom(1)
    for (let round = 0; round < 30_000; round++) {
      const other = 0x72000000 | random.below(2 ** 24)
      const difference = steps(LENGTH, [...before, first]) ^ steps(LENGTH, [...before, other])
      yield textOfWords(other, second ^ difference)
    }
  }

  test.each([
    ['their beginnings', (of: string) => of + textOfWords(FIRST, SECOND), []],
    ['their ends', (of: string) => textOfWords(FIRST, SECOND) + of, [FIRST, SECOND]],
  ])('none is taken for another by %s', async (_name, keyWith, before) => {
    const wanted = keyWith(textOfWords(FIRST, SECOND))
    const others = Array.from({ length: 60 }, (_, n) => textOfWords(FIRST, SECOND, 0x71717110 + n, FIRST))
    // So many that the filter, which was made for fewer, says of every key that it may be there.
    const fillers = Array.from({ length: 1000 }, (_, n) => `filler ${n}`)
    const keys = [...new Set([...fillers, ...others, wanted])].sort()
    const entries: Entries = new Map(keys.map((key, n) => [key, textOf(n)]))
    const { where, record } = await writtenFile(entries, SHAPE)
    let hashes = 0
    for (const text of alike(before, FIRST, SECOND)) {
      const key = keyWith(text)
      if (entries.has(key)) continue
      expect(hashKey(key).first).toBe(hashKey(wanted).first)
      if (tagOf(hashKey(key)) !== tagOf(hashKey(wanted))) continue
      hashes += 1
      expect(lookup(openReader(where, record, SHAPE), key)).toBeUndefined()
    }
    expect(hashes).toBeGreaterThan(50)
  })
})

describe('an outline', () => {
  const prove = proverOf(checksum, 7n)

  function blockOf(values: readonly string[]): Block {
    const builder = new BlockBuilder(prove)
    for (const [n, value] of values.entries())
      builder.add(hashKey(`key ${100 + n}`), n === 0 ? 0 : 5, entryOf('', value, 0), n)
    const { raw, hasProofs } = builder.finish()
    return new Block().open(Buffer.from(raw), 0, raw.length, hasProofs)
  }

  test('says where each entry is, and each is proved there', () => {
    for (const values of [
      ['a'.repeat(300), 'b'.repeat(301)],
      ['a'.repeat(3000), '', 'c'.repeat(500)],
    ]) {
      const block = blockOf(values)
      const outline = outlineOf(block)
      for (const n of values.keys()) {
        const key = hashKey(`key ${100 + n}`)
        const entries = new OutlinedEntries()
        expect(entries.open(outline, 0, outline.length, key)).toBe(true)
        expect(entries.next()).toBe(true)
        expect(entries.start).toBe(block.keyStart(n))
        const bytes = Buffer.from(block.bytes.subarray(entries.start, entries.end))
        const restLength = key.length - entries.prefixLength
        expect(isProved(bytes, restLength, key, prove)).toBe(true)
        // As one of a key that goes on with what is the value's beginning here.
        expect(isProved(bytes, restLength + 1, key, prove)).toBe(false)
        for (let at = 0; at < bytes.length; at++) {
          bytes[at]! ^= 1
          expect(isProved(bytes, restLength, key, prove), `byte ${at}`).toBe(false)
          bytes[at]! ^= 1
        }
      }
    }
  })

  test('of a block whose entries have no proofs is empty', () => {
    expect(outlineOf(blockOf(['a', 'b']))).toHaveLength(0)
    expect(outlineOf(blockOf(['a'.repeat(1000)]))).toHaveLength(0)
  })

  test('no block is longer than was said of it', () => {
    const random = new SeededRandom(5)
    for (let round = 0; round < 300; round++) {
      const builder = new BlockBuilder(random.chance(0.7) ? prove : undefined)
      const longest = random.pick([10, 150, 400, 9000])
      let said = 0
      const count = 2 + random.below(40)
      for (let n = 0; n < count; n++) {
        const value = 'v'.repeat(random.below(longest))
        said = builder.byteLengthWith(7, value.length, n === 0 ? 0 : 4)
        builder.add(hashKey(`key ${100 + n}`), n === 0 ? 0 : 4, entryOf('', value, 0), random.below(2 ** 40))
      }
      expect(builder.finish().raw.length).toBeLessThanOrEqual(said)
    }
  })

  test('takes no room where there will be none', () => {
    const builders = [new BlockBuilder(prove), new BlockBuilder()]
    for (const value of ['a', 'b'.repeat(100), 'c'.repeat(130)]) {
      const lengths = builders.map((builder) => builder.byteLengthWith(5, value.length, 0))
      expect(lengths[0]).toBe(lengths[1])
      for (const builder of builders) builder.add(hashKey(`key ${value[0]}`), 0, entryOf('', value, 0), 0)
    }
    const long = builders.map((builder) => builder.byteLengthWith(5, 500, 0))
    expect(long[0]! - long[1]!).toBe(4 * PROOF_LENGTH)
  })

  test('made of anything ends, and takes no more than there is', () => {
    const random = new SeededRandom(1)
    const entries = new OutlinedEntries()
    for (let round = 0; round < 20_000; round++) {
      const bytes = random.bytes(random.below(60))
      if (!entries.open(bytes, 0, bytes.length, hashKey(`key ${round % 50}`))) continue
      let passed = 0
      while (entries.next()) passed += 1
      expect(passed).toBeLessThanOrEqual(bytes.length)
      expect(entries.end).toBeGreaterThanOrEqual(entries.start)
    }
  })
})

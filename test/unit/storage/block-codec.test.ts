/** What is packed is unpacked to the same bytes, and to nothing else: no damage, and no bomb, gets through. */
import { describe, expect, test } from 'vitest'
import { COMPRESSIONS, decodeBlock, encodeBlock, hasCompression } from '../../../src/storage/codec/block-codec.js'
import { SeededRandom } from '../../support/random.js'

const FILE = '/db/t/1/2/3.run'

describe.each(COMPRESSIONS.filter(hasCompression))('%s', (compression) => {
  test('gives back what it got, and never more bytes than that', () => {
    const random = new SeededRandom(1)
    for (const raw of [Buffer.alloc(0), Buffer.from('a'), Buffer.from('some words '.repeat(900)), random.bytes(9000)]) {
      const { id, stored } = encodeBlock(raw, compression)
      expect(stored.length).toBeLessThanOrEqual(raw.length)
      expect(Buffer.from(decodeBlock(id, stored, raw.length, FILE)).equals(Buffer.from(raw))).toBe(true)
    }
  })

  test('a block that unpacks to more, or to less, than it says is refused', () => {
    const { id, stored } = encodeBlock(Buffer.alloc(10_000_000), compression)
    for (const length of [0, 1, 1000, 9_999_999, 10_000_001]) {
      expect(() => decodeBlock(id, stored, length, FILE)).toThrow(RangeError)
    }
  })

  test.skipIf(compression === 'none')('a block that was cut off or replaced is refused', () => {
    const raw = Buffer.from('some words '.repeat(900))
    const { id, stored } = encodeBlock(raw, compression)
    for (const damaged of [stored.subarray(0, stored.length / 2), Buffer.alloc(stored.length, 7), Buffer.alloc(0)]) {
      expect(() => decodeBlock(id, damaged, raw.length, FILE)).toThrow(RangeError)
    }
  })
})

test('a codec that nobody knows is refused', () => {
  expect(() => decodeBlock(9, Buffer.alloc(1), 1, FILE)).toThrow('block codec 9 is unknown')
})

test.skipIf(hasCompression('zstd'))('zstd, where the runtime has none, is an error that names the file', () => {
  const code = 'CODEC_MISSING'
  const failure = expect.objectContaining({ code, file: FILE, message: expect.stringContaining('Node 22.15') })
  expect(() => decodeBlock(2, Buffer.alloc(1), 1, FILE)).toThrow(failure)
  expect(() => encodeBlock(Buffer.alloc(100), 'zstd')).toThrow('this runtime has no zstd')
})

/**
 * A Bloom filter: whether a key may be in a set, in ten bits a key. "No" is certain; "perhaps" is wrong about once in
 * fifty times.
 *
 * All bits of a key lie in one block of 64 bytes, so that a look at it costs one access to memory.
 */
import type { HashedKey } from '../../base/key-hash.js'

const BITS_PER_KEY = 10
const PROBES = 7
const BLOCK_BYTE_LENGTH = 64
const BLOCK_BITS = BLOCK_BYTE_LENGTH * 8

export class BloomFilter {
  readonly bytes: Uint8Array
  readonly #blockCount: number

  /** A filter whose bits are these. @throws {RangeError} When they are not those of a filter. */
  constructor(bytes: Uint8Array) {
    if (bytes.length === 0 || bytes.length % BLOCK_BYTE_LENGTH !== 0)
      throw new RangeError('the filter has a wrong length')
    this.bytes = bytes
    this.#blockCount = bytes.length / BLOCK_BYTE_LENGTH
  }

  /** An empty filter for about so many keys. With more it answers "perhaps" more often. */
  static for(keyCount: number): BloomFilter {
    const blockCount = Math.max(1, Math.ceil((keyCount * BITS_PER_KEY) / BLOCK_BITS))
    return new BloomFilter(new Uint8Array(blockCount * BLOCK_BYTE_LENGTH))
  }

  add({ first, second }: HashedKey): void {
    const { bytes } = this
    const start = this.#blockOf(first)
    const step = (second >>> 17) | 1
    for (let probe = 0, bit = second; probe < PROBES; probe++, bit += step) {
      const at = bit & (BLOCK_BITS - 1)
      bytes[start + (at >>> 3)]! |= 1 << (at & 7)
    }
  }

  /** Whether a key may be there. */
  mayHave({ first, second }: HashedKey): boolean {
    const { bytes } = this
    const start = this.#blockOf(first)
    const step = (second >>> 17) | 1
    for (let probe = 0, bit = second; probe < PROBES; probe++, bit += step) {
      const at = bit & (BLOCK_BITS - 1)
      if ((bytes[start + (at >>> 3)]! & (1 << (at & 7))) === 0) return false
    }
    return true
  }

  #blockOf(hash: number): number {
    return Math.floor(((hash >>> 0) / 0x1_0000_0000) * this.#blockCount) * BLOCK_BYTE_LENGTH
  }
}

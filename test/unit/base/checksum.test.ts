/** What is too long for WASM's memory goes through it in parts, and comes to the same. */
import { expect, test } from 'vitest'
import xxhash from 'xxhash-wasm'
import { loadChecksum } from '../../../src/base/checksum.js'

const KB = 1024

test.each([0, 1, 32 * KB - 1, 32 * KB, 32 * KB + 1, 64 * KB, 96 * KB, 300_001])('%i bytes', async (byteLength) => {
  const checksum = await loadChecksum()
  const { h64Raw } = await xxhash()
  const bytes = Uint8Array.from({ length: byteLength }, (_, i) => (i * 31) ^ (i >> 8))
  for (const seed of [0n, 2n ** 63n + 5n]) expect(checksum(bytes, seed)).toBe(h64Raw(bytes, seed))
})

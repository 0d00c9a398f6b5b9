/**
 * All keys of one partition begin with the same hash, and the search for a block looked at no more of them: under a hot
 * partition key it then went back block by block, so a get cost as much as the partition has blocks.
 */
import { expect, test } from 'vitest'
import { lookup, writtenFile } from '../support/sorted-file-fixture.js'

test('every key among neighbours with the same beginning is found, and what lies between them is not', async () => {
  const keys = ['aaaaaaaa', 'samehash', 'zzzzzzzz'].flatMap((hash) =>
    Array.from({ length: hash === 'samehash' ? 3000 : 5 }, (_, i) => `${hash}${String(2 * i).padStart(6, '0')}`),
  )
  const shape = { blockByteLength: 90, cacheByteLimit: 100_000 }
  const { reader } = await writtenFile(new Map(keys.map((key) => [key, key])), shape)
  expect(reader.blockCount).toBeGreaterThan(500)
  for (const key of keys) expect(lookup(reader, key)).toBe(key)
  for (let i = 0; i < 3000; i++) expect(lookup(reader, `samehash${String(2 * i + 1).padStart(6, '0')}`)).toBeUndefined()
  for (const missing of ['', 'aaaaaaa', 'sameha', 'samehash', 'samehasi', 'zzzzzzzz9']) {
    expect(lookup(reader, missing)).toBeUndefined()
  }
})

/**
 * All keys of one partition begin with the same hash, and the search for a block looked at no more of them: under a hot
 * partition key it then went back block by block, so a get cost as much as the partition has blocks.
 */
import { expect, test } from 'vitest'
import { loadChecksum } from '../../src/base/checksum.js'
import { BlockCache, slotByteLength } from '../../src/storage/sorted-file/block-cache.js'
import { SortedFileReader } from '../../src/storage/sorted-file/sorted-file-reader.js'
import { SortedFileWriter } from '../../src/storage/sorted-file/sorted-file-writer.js'
import { machine } from '../support/storage-fixture.js'

test('every key among neighbours with the same beginning is found, and what lies between them is not', async () => {
  const checksum = await loadChecksum()
  const { disk: files } = machine()
  const databaseId = new Uint8Array(16)
  files.makeDirectory('/db')
  const identity = { databaseId, tree: 1, partition: 1, id: 1, lowestLsn: 1, highestLsn: 1 }
  const options = { blockByteLength: 60, compression: 'none' } as const
  const writer = new SortedFileWriter(files, '/db/1.run', identity, checksum, options)
  const keys = ['aaaaaaaa', 'samehash', 'zzzzzzzz'].flatMap((hash) =>
    Array.from({ length: hash === 'samehash' ? 3000 : 5 }, (_, i) => `${hash}${String(2 * i).padStart(6, '0')}`),
  )
  for (const key of keys) writer.add(key, Buffer.from(key), 1)
  const record = writer.finish()
  const cache = new BlockCache(100_000, slotByteLength(60))
  const reader = new SortedFileReader(
    '/db/1.run',
    record,
    { tree: 1, partition: 1 },
    { files, checksum, cache, databaseId },
  )
  expect(reader.blockCount).toBeGreaterThan(500)
  for (const key of keys) expect(Buffer.from(reader.get(key)!.value!).toString()).toBe(key)
  for (let i = 0; i < 3000; i++) expect(reader.get(`samehash${String(2 * i + 1).padStart(6, '0')}`)).toBeUndefined()
  for (const missing of ['', 'aaaaaaa', 'sameha', 'samehash', 'samehasi', 'zzzzzzzz9']) {
    expect(reader.get(missing)).toBeUndefined()
  }
})

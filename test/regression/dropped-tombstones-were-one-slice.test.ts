/** Tombstones that nothing lies below are left out of a new file; so many of them, one after the other, held up everybody else. */
import { expect, test } from 'vitest'
import { hashKey } from '../../src/base/key-hash.js'
import { MemoryFileSystem } from '../../src/storage/disk/memory-file-system.js'
import { type PieceHost, writePieces } from '../../src/storage/partition/piece-writer.js'
import { ALL_KEYS } from '../../src/storage/tree/cursor.js'
import { SortedTree } from '../../src/storage/tree/sorted-tree.js'
import { checksum } from '../support/storage-fixture.js'

test('others have their turn while tombstones are left out', async () => {
  const tree = new SortedTree()
  for (let n = 0; n < 10_000; n++) tree.set(hashKey(`key ${n}`), undefined, n + 1)
  let pauses = 0
  const host: PieceHost = {
    namePiece: () => Promise.reject(new Error('there is nothing to write')),
    supply: () => undefined,
    async pause() {
      pauses += 1
    },
    waitFor: (synced) => synced,
  }
  const settings = {
    root: '/db',
    databaseId: new Uint8Array(16),
    blockByteLength: 8192,
    compression: 'none',
    sliceByteLength: 10_000,
  } as const
  const plan = {
    tree: 1,
    lower: '',
    keepsTombstones: false,
    pieceByteLength: Number.POSITIVE_INFINITY,
    entryEstimate: 10_000,
    lowestLsn: 1,
    highestLsn: 10_000,
  }
  const source = tree.cursor(ALL_KEYS, 'ascending')
  const pieces = await writePieces({ files: new MemoryFileSystem(), checksum }, settings, source, plan, host)
  expect(pieces).toEqual([])
  expect(pauses).toBeGreaterThan(5)
})

/**
 * When no new manifest could be made after a thousand edits, the old one's descriptor had been closed already, and
 * closing the database closed it again: by then it could be another file's.
 */
import { expect, test } from 'vitest'
import { loadChecksum } from '../../src/base/checksum.js'
import { Manifest } from '../../src/storage/manifest/manifest.js'
import { machine } from '../support/storage-fixture.js'

test('a manifest that could not be followed by a new one is closed once', async () => {
  const { disk, random, scheduler } = machine()
  const environment = {
    files: disk,
    clock: { now: () => 0 },
    monotonicClock: { now: () => 0 },
    random,
    scheduler,
    checksum: await loadChecksum(),
  }
  const state = { databaseId: '', epoch: 1, nextId: 1, firstSegment: 1, firstLsn: 1, durableLsn: 0, partitions: [] }
  const manifest = Manifest.start(environment, { root: '', isOurs: () => true }, state, 1)
  for (let n = 1; n < 1000; n++) await scheduler.outcome(manifest.edit({ nextId: n }))
  disk.fault = { operation: 'name', after: disk.counts.name + 1, code: 'EIO', isPersistent: true }
  await expect(scheduler.outcome(manifest.edit({ nextId: 1000 }))).rejects.toThrow('EIO')
  manifest.close()
  expect(disk.openFileCount).toBe(0)
})

/** A manifest keeps its edits, forgives a torn last one, and refuses what would be travelling back in time. */
import { describe, expect, test } from 'vitest'
import { loadChecksum } from '../../../../src/base/checksum.js'
import { CorruptionError, NotADatabaseError } from '../../../../src/errors.js'
import { Manifest } from '../../../../src/storage/manifest/manifest.js'
import type { ManifestEdit, ManifestState, PartitionRecord } from '../../../../src/storage/manifest/manifest-format.js'
import { machine } from '../../../support/storage-fixture.js'

const OURS = { root: '/db', isOurs: () => true }

const checksum = await loadChecksum()
const EMPTY: ManifestState = {
  databaseId: '00',
  epoch: 1,
  nextId: 1,
  firstSegment: 1,
  firstLsn: 1,
  durableLsn: 0,
  partitions: [],
}
const partition = (id: number, lower: string): PartitionRecord => ({
  id,
  tree: 1,
  lower,
  flushedLsn: id,
  base: undefined,
  deltas: [],
})

function started() {
  const { disk, random, scheduler } = machine()
  disk.makeDirectory('/db')
  const environment = {
    files: disk,
    random,
    scheduler,
    checksum,
    clock: { now: () => 1 },
    monotonicClock: { now: () => 0 },
  }
  const manifest = Manifest.start(environment, OURS, EMPTY, 1)
  const edit = (change: ManifestEdit) => scheduler.outcome(manifest.edit(change))
  return { disk, environment, manifest, edit }
}

describe('a manifest', () => {
  test('says after reading what it said before', async () => {
    const { environment, manifest, edit } = started()
    await edit({ added: [partition(1, ''), partition(2, '\x00\xffm')], nextId: 3 })
    await edit({ removed: [1], added: [partition(3, '')], durableLsn: 7 })
    const { state, number } = Manifest.read(environment, '/db', '00')!
    expect(number).toBe(1)
    expect(JSON.parse(JSON.stringify(state))).toEqual(JSON.parse(JSON.stringify(manifest.state)))
    expect(state.partitions.map(({ id, lower }) => [id, lower])).toEqual([
      [2, '\x00\xffm'],
      [3, ''],
    ])
  })

  test('ignores a torn last edit, wherever it is torn', async () => {
    const { disk, environment, edit } = started()
    await edit({ nextId: 5 })
    const whole = disk.open('/db/MANIFEST-0000000001', 'read').size()
    await edit({ nextId: 6 })
    const all = disk.open('/db/MANIFEST-0000000001', 'read').size()
    for (let length = all - 1; length >= whole; length--) {
      disk.damage('/db/MANIFEST-0000000001', (bytes) => bytes.subarray(0, length))
      expect(Manifest.read(environment, '/db', '00')?.state.nextId).toBe(5)
    }
  })

  test('refuses a damaged edit that others follow: it was durable', async () => {
    const { disk, environment, edit } = started()
    const first = disk.open('/db/MANIFEST-0000000001', 'read').size()
    await edit({ nextId: 5 })
    await edit({ nextId: 6 })
    disk.damage('/db/MANIFEST-0000000001', (bytes) => {
      bytes[first + 30]! ^= 1
      return bytes
    })
    expect(() => Manifest.read(environment, '/db', '00')).toThrow(CorruptionError)
  })

  test('refuses a damaged snapshot rather than looking at an older manifest', () => {
    const { disk, environment, manifest } = started()
    manifest.close()
    const older = Buffer.alloc(disk.open('/db/MANIFEST-0000000001', 'read').size())
    disk.open('/db/MANIFEST-0000000001', 'read').read(older, 0)
    Manifest.start(environment, OURS, { ...EMPTY, nextId: 9 }, 2)
    disk.open('/db/MANIFEST-0000000001', 'create').write(older, 0)
    disk.damage('/db/MANIFEST-0000000002', (bytes) => bytes.fill(0, 30, 60))
    expect(() => Manifest.read(environment, '/db', '00')).toThrow(CorruptionError)
  })

  test('refuses that of another database', () => {
    const { environment } = started()
    expect(() => Manifest.read(environment, '/db', '11')).toThrow(NotADatabaseError)
  })

  test('begins anew after many edits, and removes the old one', async () => {
    const { disk, environment, edit } = started()
    for (let i = 0; i < 1001; i++) await edit({ nextId: i })
    expect(disk.list('/db')).toEqual(['MANIFEST-0000000002'])
    expect(Manifest.read(environment, '/db', '00')?.state.nextId).toBe(1000)
  })

  test('that is full goes on when there is no space for the next one, and loses no edit', async () => {
    const { disk, environment, edit } = started()
    for (let lsn = 1; lsn < 1000; lsn++) await edit({ durableLsn: lsn })
    // The edit itself finds space, the new manifest does not.
    disk.fault = { operation: 'write', after: disk.counts.write + 2, code: 'ENOSPC', isPersistent: true }
    await edit({ added: [partition(1, '')], durableLsn: 1000 })
    await expect(edit({ durableLsn: 1001 })).rejects.toThrow(/ENOSPC/)
    disk.fault = undefined
    // Of the edit that failed nobody knows whether all of it was written; nothing before it is lost.
    const found = Manifest.read(environment, '/db', '00')!
    expect(found.number).toBe(1)
    expect(found.state.durableLsn).toBeGreaterThanOrEqual(1000)
    expect(found.state.partitions.map(({ id }) => id)).toEqual([1])
    await edit({ removed: [1], added: [partition(2, '')], durableLsn: 1002 })
    await edit({ durableLsn: 1003 })
    const { state, number } = Manifest.read(environment, '/db', '00')!
    expect(number).toBe(2)
    expect(state.durableLsn).toBe(1003)
    expect(state.partitions.map(({ id }) => id)).toEqual([2])
  })
})

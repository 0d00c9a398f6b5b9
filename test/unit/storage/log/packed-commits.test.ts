/** Commits that are packed must be the same as others: in the log, for readers, and for who asks while they are queued. */
import { describe, expect, test } from 'vitest'
import { ByteWriter } from '../../../../src/base/byte-writer.js'
import { hashKey } from '../../../../src/base/key-hash.js'
import { encodeTransaction } from '../../../../src/storage/log/log-format.js'
import { PACK_COUNT_LIMIT, PackedCommits } from '../../../../src/storage/log/packed-commits.js'
import { PendingWrites } from '../../../../src/storage/log/pending-writes.js'
import type { Write } from '../../../../src/storage/tree/write.js'
import { packed } from '../../../support/packed.js'
import { SeededRandom } from '../../../support/random.js'
import { contents, machine, openStorage, put } from '../../../support/storage-fixture.js'

/** Some without a value: those remove their keys. */
function randomEntries(random: SeededRandom, count: number): [key: string, value: Buffer | undefined][] {
  return Array.from({ length: count }, () => {
    const key = Buffer.from(random.bytes(random.pick([1, 3, 4, 21, 63, 64, 300]))).toString('latin1')
    const value = Buffer.from(random.bytes(random.pick([0, 1, 7, 8, 9, 170, 5000])))
    return [key, random.chance(0.2) ? undefined : value]
  })
}

test('they are in the log as they would be one by one', () => {
  for (let seed = 1; seed <= 50; seed++) {
    const random = new SeededRandom(seed)
    const entries = randomEntries(random, random.between(1, 40))
    const tree = random.pick([1, 127, 128, 2 ** 32 - 1])
    const commits = packed(tree, entries, 3)
    commits.stamp(1_700_000_000_000_000)
    const expected = new ByteWriter()
    entries.forEach(([key, value], i) => {
      encodeTransaction(expected, { timestamp: 1_700_000_000_000_000 + i, origin: 3, writes: [{ tree, key, value }] })
    })
    expect(Buffer.from(commits.written()).equals(expected.view()), `seed ${seed}`).toBe(true)
    expect(commits.byteLength).toBe(expected.length)
  }
})

test('each of them can be looked at again', () => {
  const random = new SeededRandom(7)
  const entries = randomEntries(random, 200)
  const commits = packed(9, entries)
  const target = { view: new DataView(new ArrayBuffer(0)), start: 0, end: 0 }
  entries.forEach(([key, value], i) => {
    const found = commits.keyAt(i)
    const [text, first, second, length] = [found.text, found.first, found.second, found.length]
    const expected = hashKey(key)
    expect([text, first, second, length]).toEqual([key, expected.first, expected.second, expected.length])
    expect(commits.lookAt(i, target)).toBe(value !== undefined)
    const { view, start, end } = target
    if (value !== undefined) expect(Buffer.from(view.buffer, start, end - start).equals(value)).toBe(true)
    expect(commits.writeAt(i)).toEqual({ tree: 9, key, value: value && new Uint8Array(value) })
  })
})

test('a pack is full after so many commits, or so many bytes', () => {
  const small = packed(1, [])
  for (let i = 0; i < PACK_COUNT_LIMIT; i++) {
    expect(small.isFull).toBe(false)
    small.add(hashKey(`k${i}`), { view: new DataView(new ArrayBuffer(8)), start: 0, end: 8 }, 0)
  }
  expect(small.isFull).toBe(true)
  expect(packed(1, [['k', Buffer.alloc(256 * 1024)]]).isFull).toBe(true)
  expect(new PackedCommits(1, small).count).toBe(0)
})

test('what is pending of them is found like other writes, and is the same object each time', () => {
  for (let seed = 1; seed <= 60; seed++) {
    const random = new SeededRandom(seed)
    const pending = new PendingWrites()
    const commits: Write[][] = []
    for (let step = 0; step < 120; step++) {
      const choice = random.next()
      const value = Buffer.from([step])
      if (choice < 0.25) {
        const writes = [{ tree: random.between(1, 2), key: `k${random.below(20)}`, value }]
        commits.push(writes)
        pending.add(writes)
      } else if (choice < 0.5) {
        const tree = random.between(1, 2)
        const entries = Array.from({ length: random.between(1, 30) }, (_, i) => {
          return [`k${random.below(20)}`, random.chance(0.2) ? undefined : Buffer.from([step, i])] as const
        })
        commits.push(entries.map(([key, bytes]) => ({ tree, key, value: bytes })))
        const added = packed(tree, entries)
        pending.addEncoded(added, added.count)
      } else if (choice < 0.75 && commits.length > 0) pending.remove(commits.shift()!.length)
      if (!random.chance(0.4)) continue
      const [tree, key] = [random.between(1, 2), `k${random.below(20)}`]
      const expected = commits.flat().findLast((write) => write.tree === tree && write.key === key)
      const found = pending.find(tree, hashKey(key))
      expect(found?.value && Buffer.from(found.value), `seed ${seed}, step ${step}`).toEqual(expected?.value)
      expect(found === undefined).toBe(expected === undefined)
      expect(pending.find(tree, hashKey(key))).toBe(found)
      const has = commits.flat().some((write) => write.tree === tree && write.key >= key)
      expect(pending.keysIn(tree, { lower: key, upper: undefined }).size > 0).toBe(has)
    }
  }
})

describe('in a storage', () => {
  test('they are commits of their own, between others, and are there when it is opened again', async () => {
    const where = machine()
    const storage = openStorage(where)
    const tree = put('a', 'x').tree
    const published: string[] = []
    storage.onPublish((_, key) => published.push(key.text))
    const lsns: number[] = []
    const writing = storage.commitAll([
      { writes: [put('a', '1')], origin: 1, onDurable: ({ lsn }) => lsns.push(lsn) },
      packed(tree, [
        ['a', Buffer.from('2')],
        ['b', Buffer.from('3')],
        ['a', Buffer.from('4')],
        ['c', Buffer.from('6')],
        ['c', undefined],
      ]),
      { writes: [put('b', '5')], origin: 1, onDurable: ({ lsn }) => lsns.push(lsn) },
    ])
    // While they are queued the next commit finds them.
    expect([storage.head(tree, 'a'), storage.get(tree, 'a')]).toEqual([new Uint8Array([0x34]), undefined])
    await where.scheduler.outcome(writing)
    expect(lsns).toEqual([1, 7])
    expect(published).toEqual(['a', 'a', 'b', 'a', 'c', 'c', 'b'])
    expect([storage.publishedLsn, storage.lastLsn, storage.queuedLsn]).toEqual([7, 7, 7])
    expect(contents(storage)).toEqual({ a: '4', b: '5' })
    const killed = { ...where, disk: where.disk.afterPowerCut(where.scheduler) }
    const again = openStorage(killed)
    expect(contents(again)).toEqual({ a: '4', b: '5' })
    expect(again.lastLsn).toBe(7)
  })

  test('what can no longer be written is refused as a whole', async () => {
    const where = machine()
    const storage = openStorage(where)
    const tree = put('a', 'x').tree
    where.disk.fault = { operation: 'sync', after: where.disk.counts.sync + 1, code: 'EIO', isPersistent: false }
    const writing = storage.commitAll([packed(tree, [['a', Buffer.from('1')]])])
    await expect(where.scheduler.outcome(writing)).rejects.toMatchObject({ outcome: 'unknown' })
    expect(contents(storage)).toEqual({})
    expect(storage.head(tree, 'a')).toBeUndefined()
  })
})

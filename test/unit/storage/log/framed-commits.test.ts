/** Commits that are encoded in the frame of their group must be the same as others, whoever looks at them and whenever. */
import { afterEach, describe, expect, test, vi } from 'vitest'
import { ByteWriter } from '../../../../src/base/byte-writer.js'
import { hashKey } from '../../../../src/base/key-hash.js'
import { CommitGroup } from '../../../../src/storage/log/commit-group.js'
import { beginFrame, encodeTransaction } from '../../../../src/storage/log/log-format.js'
import type { Storage } from '../../../../src/storage/storage.js'
import { inView, packed } from '../../../support/packed.js'
import { SeededRandom } from '../../../support/random.js'
import { contents, machine, openStorage, put, restarted } from '../../../support/storage-fixture.js'

afterEach(() => vi.restoreAllMocks())

const { tree: TREE } = put('a', 'x')

/** What is lent is another's as soon as the call is over. */
function commitLent(storage: Storage, key: string, text: string | undefined, tree: number = TREE): Promise<undefined> {
  const value = text === undefined ? undefined : Buffer.from(text)
  const commit = storage.commitLent(tree, hashKey(key), value && inView(value), 1, 0)
  value?.fill(0xee)
  hashKey('another key, which is longer than that one')
  return commit
}

describe('in a group', () => {
  test('they are in the frame as they would be one by one', () => {
    for (let seed = 1; seed <= 50; seed++) {
      const random = new SeededRandom(seed)
      const group = new CommitGroup()
      const tree = random.pick([1, 127, 128, 2 ** 32 - 1])
      const expected = new ByteWriter()
      beginFrame(expected)
      for (let n = 0, timestamp = 2 ** 33; n < random.between(1, 30); n++) {
        timestamp += random.between(1, 1000)
        const key = Buffer.from(random.bytes(random.pick([1, 21, 63, 64, 300]))).toString('latin1')
        const value = random.chance(0.2) ? undefined : Buffer.from(random.bytes(random.pick([0, 1, 9, 170, 20_000])))
        const length = group.byteLength
        expect(group.framed(tree)?.count).toBe(n)
        const added = group.addFramed(hashKey(key), value && inView(value), 3, 100 + n, timestamp)
        encodeTransaction(expected, { timestamp, origin: 3, writes: [{ tree, key, value }] })
        expect([group.byteLength - length, group.count, group.timestamp]).toEqual([added, n + 1, timestamp])
      }
      const [framed] = group.entries
      expect(Buffer.from(group.frame.view().subarray(48)).equals(expected.view().subarray(48)), `seed ${seed}`).toBe(
        true,
      )
      expect(group.entries).toHaveLength(1)
      expect(framed).toMatchObject({ tree, firstLsn: 100, count: group.count })
    }
  })

  test('as objects they have their own numbers, and bytes that stay when the group is used again', () => {
    const group = new CommitGroup()
    const times = [2 ** 50, 2 ** 50 + 7, 2 ** 50 + 8]
    for (const [n, timestamp] of times.entries()) {
      group.framed(5)
      group.addFramed(hashKey(`k${n}`), n === 1 ? undefined : inView(Buffer.from(`v${n}`)), n, 40 + n, timestamp)
    }
    const commits = [...group.commits()]
    group.clear()
    group.framed(6)
    group.addFramed(hashKey('other'), inView(Buffer.from('something else altogether')), 0, 50, 2 ** 51)
    expect(commits).toEqual(
      times.map((timestamp, n) => {
        const value = n === 1 ? undefined : new Uint8Array(Buffer.from(`v${n}`))
        return { lsn: 40 + n, timestamp, origin: n, writes: [{ tree: 5, key: `k${n}`, value }], onDurable: undefined }
      }),
    )
  })

  test('only those with which it begins, of one tree, and until somebody looks at one', () => {
    const group = new CommitGroup()
    const add = (tree: number) =>
      group.framed(tree) !== undefined && group.addFramed(hashKey('k'), undefined, 0, 1, 1) > 0
    expect([add(1), add(1), add(2), add(1)]).toEqual([true, true, false, true])
    const [framed] = group.entries
    if (framed === undefined || !('writeAt' in framed)) throw new Error('they are not there')
    // Of a removal there are no bytes to look at.
    expect(framed.writeAt(2)).toEqual({ tree: 1, key: 'k', value: undefined })
    expect(add(1)).toBe(false)
    group.clear()
    expect([add(2), add(1), add(2)]).toEqual([true, false, true])
    group.add({ lsn: 3, timestamp: 3, origin: 0, writes: [], onDurable: undefined })
    expect(add(2)).toBe(false)
  })
})

describe('in a storage', () => {
  test('each is a commit of its own, in the order in which they came, among others', async () => {
    for (let seed = 1; seed <= 30; seed++) {
      const random = new SeededRandom(seed)
      const where = machine(seed)
      const storage = openStorage(where)
      const expected = new Map<string, string>()
      const published: string[] = []
      storage.onPublish((_, key) => published.push(key.text))
      const keys: string[] = []
      const waiting: Promise<unknown>[] = []
      for (let step = 0; step < 150; step++) {
        const key = `k${random.below(12)}`
        const text = random.chance(0.2) ? undefined : `${step}`.padEnd(random.pick([3, 400]), '.')
        const choice = random.next()
        const write = { tree: TREE, key, value: text === undefined ? undefined : Buffer.from(text) }
        if (choice < 0.6) waiting.push(commitLent(storage, key, text))
        else if (choice < 0.7) waiting.push(storage.commit([write]))
        else if (choice < 0.8) waiting.push(storage.commitAll([packed(TREE, [[key, write.value]])]))
        else if (choice < 0.85) waiting.push(commitLent(storage, `other ${key}`, text, TREE + 1))
        if (choice < 0.8) {
          keys.push(key)
          if (text === undefined) expected.delete(key)
          else expected.set(key, text)
        }
        if (choice > 0.8 && choice < 0.85) keys.push(`other ${key}`)
        if (random.chance(0.3)) {
          const asked = `k${random.below(12)}`
          const hashed = hashKey(asked)
          const view = storage.peekHead(TREE, hashed)
          const found = view && Buffer.from(view.bytes.subarray(view.start, view.end)).toString()
          expect(found, `seed ${seed}, step ${step}`).toBe(expected.get(asked))
          // It is still the key that was asked for.
          expect(hashed.hasText(asked)).toBe(true)
          expect(storage.queued(TREE, asked)).toBe(storage.queued(TREE, asked))
        }
        if (random.chance(0.02)) for (const commit of storage.unpublished()) expect(commit.writes).toHaveLength(1)
        if (random.chance(0.1)) await where.scheduler.outcome(Promise.all(waiting.splice(0)))
        else if (random.chance(0.2)) await where.scheduler.runOne()
      }
      await where.scheduler.outcome(Promise.all(waiting))
      expect(published).toEqual(keys)
      expect(contents(storage)).toEqual(Object.fromEntries(expected))
      expect([storage.lastLsn, storage.publishedLsn, storage.queuedLsn]).toEqual(Array(3).fill(keys.length))
      expect(contents(openStorage(restarted(where, 'kill')))).toEqual(Object.fromEntries(expected))
    }
  })

  test('a commit for which there is no memory is refused alone', async () => {
    const where = machine()
    const storage = openStorage(where)
    const first = commitLent(storage, 'first', '1')
    vi.spyOn(Buffer, 'allocUnsafeSlow').mockImplementation(() => {
      throw new RangeError('Array buffer allocation failed')
    })
    expect(() => commitLent(storage, 'large', 'x'.repeat(60_000))).toThrow(RangeError)
    vi.restoreAllMocks()
    await where.scheduler.outcome(first)
    await where.scheduler.outcome(commitLent(storage, 'last', '2'))
    expect(contents(storage)).toEqual({ first: '1', last: '2' })
    expect(storage.lastLsn).toBe(2)
    expect(contents(openStorage(restarted(where, 'kill')))).toEqual({ first: '1', last: '2' })
  })

  test('what can no longer be written is refused', async () => {
    const where = machine()
    const storage = openStorage(where)
    where.disk.fault = { operation: 'sync', after: where.disk.counts.sync + 1, code: 'EIO', isPersistent: false }
    await expect(where.scheduler.outcome(commitLent(storage, 'a', '1'))).rejects.toMatchObject({ outcome: 'unknown' })
    expect(() => commitLent(storage, 'b', '2')).toThrow(/an earlier write failed/)
    expect([contents(storage), storage.head(TREE, 'a')]).toEqual([{}, undefined])
  })
})

/** How commits wait for each other: who shares a sync, who sees what when, and in which order answers come. */
import { describe, expect, test } from 'vitest'
import { contents, machine, openStorage, put } from '../../../support/storage-fixture.js'

describe('a commit queue', () => {
  test('everyone who waits shares a sync', async () => {
    const where = machine()
    const storage = openStorage(where, { segmentByteLimit: 1_000_000 })
    const before = where.disk.counts.sync
    const commits = Array.from({ length: 500 }, (_, i) => storage.commit([put(`k${i}`, 'x')]))
    await where.scheduler.outcome(Promise.all(commits))
    expect(where.disk.counts.sync - before).toBe(1)
  })

  test('commits that come while a sync is under way share the next one', async () => {
    const where = machine()
    const storage = openStorage(where)
    const before = where.disk.counts.sync
    const first = storage.commit([put('first', 'x')])
    await Promise.resolve()
    const rest = Array.from({ length: 50 }, (_, i) => storage.commit([put(`k${i}`, 'x')]))
    await where.scheduler.outcome(Promise.all([first, ...rest]))
    expect(where.disk.counts.sync - before).toBe(2)
  })

  test('nobody sees a commit before its sync, but the next commit is checked against it', async () => {
    const where = machine()
    const storage = openStorage(where)
    const commit = storage.commit([put('a', '1')])
    await Promise.resolve()
    expect(storage.get(1, 'a')).toBeUndefined()
    expect(Buffer.from(storage.head(1, 'a')!).toString()).toBe('1')
    await where.scheduler.outcome(commit)
    expect(Buffer.from(storage.get(1, 'a')!).toString()).toBe('1')
  })

  test('answers come in the order of commits, each after its own callback', async () => {
    const where = machine()
    const storage = openStorage(where)
    const events: string[] = []
    const commits = [1, 2, 3].map((n) =>
      storage
        .commit([put('a', String(n))], 0, ({ lsn }) => events.push(`durable ${lsn}`))
        .then((lsn) => events.push(`answer ${lsn}`)),
    )
    await where.scheduler.outcome(Promise.all(commits))
    expect(events).toEqual(['durable 1', 'durable 2', 'durable 3', 'answer 1', 'answer 2', 'answer 3'])
    expect(contents(storage)).toEqual({ a: '3' })
  })

  test('whoever looked at queued commits can wait for them', async () => {
    const where = machine()
    const storage = openStorage(where)
    expect(storage.settled()).toBeUndefined()
    const commit = storage.commit([put('a', '1')])
    let isSettled = false
    const settled = storage.settled()!.then(() => (isSettled = true))
    await Promise.resolve()
    expect(isSettled).toBe(false)
    await where.scheduler.outcome(Promise.all([commit, settled]))
    expect(isSettled).toBe(true)
  })

  test('timestamps grow even if the clock does not', async () => {
    const where = machine()
    const storage = openStorage(where)
    const timestamps: number[] = []
    const commits = [1, 2, 3].map(() =>
      storage.commit([put('a', 'x')], 0, ({ timestamp }) => timestamps.push(timestamp)),
    )
    await where.scheduler.outcome(Promise.all(commits))
    expect(timestamps).toEqual([1_800_000_000_000_000, 1_800_000_000_000_001, 1_800_000_000_000_002])
  })

  test('without syncs a commit is acknowledged at once, and flush makes it durable', async () => {
    const where = machine()
    const storage = openStorage(where, { durability: { kind: 'system' } })
    const before = where.disk.counts.sync
    await storage.commit([put('a', '1')])
    expect(where.disk.counts.sync).toBe(before)
    expect(contents(storage)).toEqual({ a: '1' })
    await where.scheduler.outcome(storage.flush())
    expect(where.disk.counts.sync).toBe(before + 1)
  })

  test('with an interval a sync follows by itself', async () => {
    const where = machine()
    const storage = openStorage(where, { durability: { kind: 'interval', intervalMs: 5 } })
    const before = where.disk.counts.sync
    await storage.commit([put('a', '1')])
    await storage.commit([put('b', '1')])
    await where.scheduler.runUntil(() => false)
    expect(where.disk.counts.sync).toBe(before + 1)
  })

  test('after closing nothing is accepted', async () => {
    const where = machine()
    const storage = openStorage(where)
    await where.scheduler.outcome(storage.close())
    expect(() => storage.commit([put('a', '1')])).toThrow(/closed/)
    expect(() => storage.get(1, 'a')).toThrow(/closed/)
  })
})

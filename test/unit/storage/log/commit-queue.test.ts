/** How commits wait for each other: who shares a sync, who sees what when, and in which order answers come. */
import { describe, expect, test } from 'vitest'
import type { ByteWriter } from '../../../../src/base/byte-writer.js'
import { loadChecksum } from '../../../../src/base/checksum.js'
import { systemClock, systemMonotonicClock } from '../../../../src/base/clock.js'
import { systemRandom } from '../../../../src/base/random.js'
import { systemScheduler } from '../../../../src/base/scheduler.js'
import { FencedError } from '../../../../src/errors.js'
import { MemoryFileSystem } from '../../../../src/storage/disk/memory-file-system.js'
import { prepareFolder } from '../../../../src/storage/folder.js'
import { CommitQueue, type CommitQueueOptions, type Durability } from '../../../../src/storage/log/commit-queue.js'
import type { LogWriter } from '../../../../src/storage/log/log-writer.js'
import { Storage } from '../../../../src/storage/storage.js'
import { DEFAULT_STORAGE_OPTIONS, type StorageOptions } from '../../../../src/storage/storage-options.js'
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
        .then(() => events.push(`answer ${n}`)),
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

  test('a writer who waits for each commit is synced without a detour, and others share syncs again', async () => {
    const where = machine()
    const storage = openStorage(where, { segmentByteLimit: 1_000_000 })
    for (let i = 0; i < 5; i++) await where.scheduler.outcome(storage.commit([put('a', String(i))]))
    // Nothing of the simulated disk has to happen first: the sync is done when the commit is written.
    await storage.commit([put('a', 'at once')])
    const before = where.disk.counts.sync
    const commits = Array.from({ length: 50 }, (_, i) => storage.commit([put(`k${i}`, 'x')]))
    await Promise.resolve()
    expect(where.disk.counts.sync).toBe(before)
    await where.scheduler.outcome(Promise.all(commits))
    expect(where.disk.counts.sync).toBe(before + 1)
  })

  test('knows how much is queued, however many groups there were', async () => {
    const appended: number[] = []
    const append = (frame: ByteWriter) => appended.push(frame.length)
    const log = { writtenLsn: 0, timestamp: 0, append, checkNamed() {} }
    const queue = queueOn(log, { durability: { kind: 'system' } })
    for (let n = 0; n < 50; n++) await queue.commit([put(`k${n}`, 'x')])
    expect(appended).toHaveLength(50)
    expect(queue.queuedByteLength).toBe(0)
    const last = queue.commit([put('last', 'x'.repeat(1000))])
    expect(queue.queuedByteLength).toBeGreaterThan(1000)
    expect(queue.queuedByteLength).toBeLessThan(1100)
    await last
    expect(queue.queuedByteLength).toBe(0)
  })

  test('the sync of the next group is under way when those who waited for the last one go on', async () => {
    const { queue, events, synced } = queueOnASlowDisk()
    const first = queue.commit([put('a', 'x')]).then(() => events.push('the first goes on'))
    await turn()
    const rest = [queue.commit([put('b', 'x')]), queue.commit([put('c', 'x')])]
    synced()
    await first
    expect(events).toEqual(['1 written', '2 written', '1 published', 'the first goes on'])
    let isAcknowledged = false
    const both = Promise.all(rest).then(() => (isAcknowledged = true))
    await turn()
    expect(isAcknowledged).toBe(false)
    synced()
    await both
    expect(events.slice(4)).toEqual(['2 published', '3 published'])
  })

  test('when the next group cannot be written the last one is acknowledged, and nothing behind it', async () => {
    const { queue, events, synced } = queueOnASlowDisk(new Map([[2, 'the disk is gone']]))
    const first = queue.commit([put('a', 'x')])
    await turn()
    const rest = [queue.commit([put('b', 'x')]), queue.commit([put('c', 'x')])]
    const answers = Promise.allSettled(rest)
    synced()
    await first
    expect((await answers).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(events).toEqual(['1 written', '1 published'])
    expect(() => queue.commit([put('d', 'x')])).toThrow(/the disk is gone|written/)
    await queue.ended()
  })

  test('a burst is few groups, also after many writers were two that take turns', async () => {
    let now = 0
    let frames = 0
    let framesByteLength = 0
    const log = {
      writtenLsn: 0,
      timestamp: 0,
      append(frame: ByteWriter) {
        frames += 1
        framesByteLength += Math.ceil(frame.length / 8) * 8
      },
      syncLater: () => turn().then(() => void (now += 1)),
      checkNamed() {},
    }
    const queue = queueOn(log, { monotonicClock: { now: () => now } })
    let isOver = false
    const write = async () => {
      while (!isOver) await queue.commit([put('k', 'x')])
    }
    const writers = Array.from({ length: 64 }, write)
    // Until halves are tried: each round is one group of all of them before.
    for (let round = 0; round < 30; round++) await turn()
    isOver = true
    await Promise.all(writers)
    frames = 0
    framesByteLength = 0
    const burst = Array.from({ length: 10_000 }, (_, i) => queue.commit([put(`k${i}`, 'x')]))
    const { queuedByteLength } = queue
    await Promise.all(burst)
    expect(frames).toBeLessThan(8)
    expect(framesByteLength).toBeLessThanOrEqual(queuedByteLength)
    expect(queue.queuedByteLength).toBe(0)
  })

  test('many loops of awaited commits let others run, also where syncs take no time', async () => {
    const storage = await storageInMemory({ kind: 'synced' })
    let othersRan = 0
    let isOver = false
    const count = () => {
      othersRan += 1
      if (!isOver) setImmediate(count)
    }
    setImmediate(count)
    let committed = 0
    const loop = async (i: number) => {
      while (committed < 200_000 && othersRan < 5) {
        committed += 1
        await storage.commit([put(`k${i}`, 'x')])
      }
    }
    await Promise.all(Array.from({ length: 64 }, (_, i) => loop(i)))
    isOver = true
    expect(othersRan).toBeGreaterThanOrEqual(5)
    await storage.close()
  })

  test('when the folder is lost while two groups are under way both are refused', async () => {
    const { queue, events, synced, lose } = queueOnASlowDisk()
    const answers = [queue.commit([put('a', 'x')])]
    await turn()
    answers.push(queue.commit([put('b', 'x')]), queue.commit([put('c', 'x')]))
    lose()
    synced()
    const settled = await Promise.allSettled(answers)
    for (const answer of settled) expect(answer).toMatchObject({ status: 'rejected', reason: expect.any(FencedError) })
    synced()
    await queue.ended()
    expect(events).toEqual(['1 written', '2 written'])
  })

  test('whatever else goes wrong in a folder that is lost, that is why', async () => {
    const { queue, synced, lose } = queueOnASlowDisk(new Map([[2, 'the name is taken']]))
    const first = queue.commit([put('a', 'x')])
    await turn()
    synced()
    await first
    lose()
    await expect(queue.commit([put('b', 'x')])).rejects.toThrow(FencedError)
    await expect(queue.ended()).resolves.toBeUndefined()
    const another = queueOnASlowDisk()
    another.lose()
    const failure = new Error('the name is taken')
    const flushed = another.queue.between(() => Promise.reject(failure))
    await expect(flushed).rejects.toThrow(FencedError)
  })

  test('whether the folder is lost is looked at after each sync, and closely every five milliseconds', async () => {
    const looks: (string | undefined)[] = []
    let now = 0
    const log = {
      writtenLsn: 0,
      timestamp: 0,
      append() {},
      sync() {},
      syncLater: () => Promise.resolve(),
      checkNamed: () => looks.push('at the log'),
    }
    const isOurs = (look?: string) => looks.push(look) > 0
    const queue = queueOn(log, { publish() {}, isOurs, monotonicClock: { now: () => now } })
    for (const time of [0, 1, 4.9, 5, 6, 11]) {
      now = time
      await queue.commit([put('a', 'x')])
    }
    const closely = [undefined, 'at the log']
    expect(looks).toEqual([...closely, 'glance', 'glance', ...closely, 'glance', ...closely])
  })

  test('many are committed at once: each its own, in order, acknowledged together', async () => {
    const where = machine()
    const storage = openStorage(where, { segmentByteLimit: 10_000_000 })
    const before = where.disk.counts.write
    const lsns: number[] = []
    const transactions = Array.from({ length: 5000 }, (_, i) => ({
      writes: [put(`k${i % 100}`, String(i))],
      origin: 1,
      onDurable: ({ lsn }: { lsn: number }) => lsns.push(lsn),
    }))
    await where.scheduler.outcome(storage.commitAll(transactions))
    expect(lsns).toEqual(Array.from({ length: 5000 }, (_, i) => i + 1))
    expect(contents(storage)['k99']).toBe('4999')
    // Three frames, and the witness after each; the first two are large and take the zeros that are ahead.
    expect(where.disk.counts.write - before).toBe(8)
    await storage.commitAll([])
  })

  test('when one of many is refused, all behind it are, and what is known of them is said', async () => {
    const where = machine()
    const storage = openStorage(where, { segmentByteLimit: 10_000_000 })
    const transactions = Array.from({ length: 5000 }, (_, i) => ({ writes: [put(`k${i}`, 'x')], origin: 1 }))
    where.disk.fault = { operation: 'sync', after: where.disk.counts.sync + 2, code: 'EIO', isPersistent: false }
    const many = storage.commitAll(transactions)
    many.catch(() => {})
    const later = storage.commitAll([{ writes: [put('later', 'x')], origin: 1 }])
    later.catch(() => {})
    const last = storage.commit([put('last', 'x')])
    await expect(where.scheduler.outcome(last)).rejects.toMatchObject({ outcome: 'not written' })
    await expect(many).rejects.toMatchObject({ outcome: 'unknown' })
    await expect(later).rejects.toMatchObject({ outcome: 'not written' })
    expect(Object.keys(contents(storage)).length).toBe(2048)
  })

  test('who writes in bulk waits for room once 10,000 commits are queued', async () => {
    const where = machine()
    const storage = openStorage(where, { segmentByteLimit: 10_000_000 })
    expect(storage.room()).toBeUndefined()
    const commits = Array.from({ length: 10_000 }, (_, i) => storage.commit([put(`k${i % 10}`, 'x')]))
    let hasRoom = false
    const room = storage.room()!.then(() => (hasRoom = true))
    // It is advice: a commit that was checked has to be taken.
    commits.push(storage.commit([put('more', 'x')]))
    expect(hasRoom).toBe(false)
    await where.scheduler.outcome(room)
    expect(storage.room()).toBeUndefined()
    await where.scheduler.outcome(Promise.all(commits))
  })

  test('who waits for room learns of a failure', async () => {
    const where = machine()
    const storage = openStorage(where)
    for (let i = 0; i < 10_000; i++) storage.commit([put('k', 'x')]).catch(() => {})
    where.disk.fault = { operation: 'sync', after: where.disk.counts.sync + 1, code: 'EIO', isPersistent: false }
    await where.scheduler.outcome(storage.room()!)
    expect(storage.room()).toBeUndefined()
    expect(() => storage.commit([put('k', 'x')])).toThrow(/earlier write failed/)
  })

  test('a writer that lost the folder is told at once, and without syncs within five milliseconds', async () => {
    for (const kind of ['synced', 'system'] as const) {
      const { disk, random, scheduler } = machine()
      prepareFolder(disk, '/db')
      let [isHeld, now] = [true, 0]
      const clocks = { clock: { now: () => 1 }, monotonicClock: { now: () => now } }
      const environment = { files: disk, ...clocks, scheduler, random, checksum: await loadChecksum() }
      const options: StorageOptions = { ...DEFAULT_STORAGE_OPTIONS, durability: { kind } }
      const storage = Storage.open(environment, '/db', { epoch: 1, isHeld: () => isHeld }, options)
      await scheduler.outcome(storage.commit([put('a', '1')]))
      isHeld = false
      if (kind === 'system') await scheduler.outcome(storage.commit([put('a', '2')]))
      now += kind === 'system' ? 5 : 0
      await expect(scheduler.outcome(storage.commit([put('a', '3')]))).rejects.toThrow(FencedError)
    }
  })

  test('a loop of awaited commits lets others run', async () => {
    const storage = await storageInMemory({ kind: 'system' })
    let turns = 0
    const timer = setInterval(() => {
      turns += 1
    }, 1)
    // If it lets nobody run it goes on for ever, and so for all these commits.
    for (let n = 0; n < 2_000_000 && turns < 5; n++) await storage.commit([put('k', 'x')])
    clearInterval(timer)
    await storage.close()
    expect(turns).toBe(5)
  })

  test('after closing nothing is accepted', async () => {
    const where = machine()
    const storage = openStorage(where)
    await where.scheduler.outcome(storage.close())
    expect(() => storage.commit([put('a', '1')])).toThrow(/closed/)
    expect(() => storage.get(1, 'a')).toThrow(/closed/)
  })
})

/** A queue whose syncs end when the test says so; `failing` are groups, by their number, that can't be written. */
function queueOnASlowDisk(failing: ReadonlyMap<number, string> = new Map()) {
  const events: string[] = []
  const syncs: (() => void)[] = []
  let isOurs = true
  let groupCount = 0
  const log = {
    writtenLsn: 0,
    timestamp: 0,
    append() {
      groupCount += 1
      const failure = failing.get(groupCount)
      if (failure !== undefined) throw new Error(failure)
      events.push(`${groupCount} written`)
    },
    syncLater: () => new Promise<void>((resolve) => syncs.push(resolve)),
    checkNamed() {},
  }
  const publish = (lsn: number) => events.push(`${lsn} published`)
  // Where time passes, as it does on a busy machine, others have their turn in between.
  const queue = queueOn(log, { publish, isOurs: () => isOurs, monotonicClock: { now: () => 0 } })
  return {
    queue,
    events,
    synced: () => syncs.shift()!(),
    lose: () => {
      isOurs = false
    },
  }
}

/** A storage whose syncs take no time, with the system's clocks. */
async function storageInMemory(durability: Durability): Promise<Storage> {
  const files = new MemoryFileSystem()
  prepareFolder(files, '/db')
  const clocks = { clock: systemClock, monotonicClock: systemMonotonicClock, scheduler: systemScheduler }
  const environment = { files, ...clocks, random: systemRandom, checksum: await loadChecksum() }
  return Storage.open(environment, '/db', { epoch: 1, isHeld: () => true }, { ...DEFAULT_STORAGE_OPTIONS, durability })
}

function queueOn(log: object, options: Partial<CommitQueueOptions> = {}): CommitQueue {
  return new CommitQueue({
    log: log as LogWriter,
    durability: { kind: 'synced' },
    scheduler: systemScheduler,
    clock: systemClock,
    monotonicClock: systemMonotonicClock,
    publish: () => {},
    publishEncoded: () => {},
    afterGroup: () => {},
    room: () => undefined,
    hasRoom: () => true,
    isOurs: () => true,
    root: '/db',
    ...options,
  })
}

/** Until everything that follows at once has happened. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

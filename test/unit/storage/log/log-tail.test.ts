/**
 * Reading a log while it grows: each commit once and in order, whatever the frames and segments are like and whenever it is
 * looked at, and never at the cost of what was read before.
 */
import { describe, expect, test, vi } from 'vitest'
import { ByteWriter } from '../../../../src/base/byte-writer.js'
import { CorruptionError, FellBehindError } from '../../../../src/errors.js'
import { fileName } from '../../../../src/storage/disk/file-name.js'
import { readFile } from '../../../../src/storage/disk/file-system.js'
import { MemoryFileSystem } from '../../../../src/storage/disk/memory-file-system.js'
import { beginFrame, encodeTransaction } from '../../../../src/storage/log/log-format.js'
import { readSegment } from '../../../../src/storage/log/log-reader.js'
import { type LoggedTransaction, LogTail } from '../../../../src/storage/log/log-tail.js'
import { LogWriter } from '../../../../src/storage/log/log-writer.js'
import { changedFile, changedFileSystem } from '../../../support/delegating-file-system.js'
import { checksum, type Machine, machine, openStorage, put, ROOT, restarted } from '../../../support/storage-fixture.js'

/** What there is from a commit on, however much that is. */
function there(tail: LogTail, from: number): LoggedTransaction[] {
  const found: LoggedTransaction[] = []
  try {
    for (const transaction of tail.between(from, Number.MAX_SAFE_INTEGER)) found.push(transaction)
  } catch (failure) {
    if (!(failure instanceof CorruptionError)) throw failure
  }
  return found
}

const lsns = (tail: LogTail, from: number) => there(tail, from).map(({ lsn }) => lsn)
const through = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i)

/** The tail of a log, how many bytes it has read, and how many files. */
function observedTail({ disk }: Machine) {
  let [count, opened] = [0, 0]
  const files = changedFileSystem(disk, {
    open: (path, mode) => {
      const file = disk.open(path, mode)
      opened += 1
      return changedFile(file, {
        read: (target, position, byteLength) => {
          const done = file.read(target, position, byteLength)
          count += done
          return done
        },
      })
    },
  })
  return { tail: new LogTail({ files, checksum }, ROOT), read: () => count, opened: () => opened }
}

describe('the tail of a log', () => {
  test('a look costs what was appended since the last one', async () => {
    const where = machine()
    const { scheduler } = where
    const storage = openStorage(where, { segmentByteLimit: 64 * 1024 * 1024, logByteLimit: 256 * 1024 * 1024 })
    const { tail, read } = observedTail(where)
    let next = 1
    const costs: number[] = []
    for (let look = 0; look < 40; look++) {
      const commits = Array.from({ length: 10 }, () => storage.commit([put('k', 'x'.repeat(9000))]))
      await scheduler.outcome(Promise.all(commits))
      const before = read()
      const found = lsns(tail, next)
      next += found.length
      expect(found).toEqual(through(next - 10, next - 1))
      costs.push(read() - before)
    }
    // The log has 3.6 MB by now. The window is read once more for what is in it already.
    expect(Math.max(...costs)).toBeLessThan(4 * 90_000)
    const idle = read()
    expect(lsns(tail, next)).toEqual([])
    expect(read() - idle).toBeLessThan(70_000)
  })

  test('segments that have ended are not looked at again', async () => {
    const where = machine()
    const storage = openStorage(where, { logByteLimit: 256 * 1024 * 1024 })
    const { tail, opened } = observedTail(where)
    for (let n = 1; n <= 40; n++) await where.scheduler.outcome(storage.commit([put('k', 'x'.repeat(500))]))
    expect(lsns(tail, 1)).toEqual(through(1, 40))
    const before = opened()
    expect(before).toBeGreaterThan(8)
    expect(lsns(tail, 41)).toEqual([])
    expect(opened() - before).toBeLessThanOrEqual(2)
  })

  test('of a segment that has ended counts what is before the next one', () => {
    const { where, write } = logOf()
    write(1, 0, ['a', 'b', 'c', 'never durable', 'nor this'])
    const { tail } = observedTail(where)
    expect(there(tail, 1).length).toBe(5)
    write(2, 3, ['d', 'e'])
    const keys = (found: Iterable<{ writes: readonly { key: string }[] }>) =>
      [...found].map(({ writes }) => writes[0]!.key)
    expect(keys(there(observedTail(where).tail, 1))).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(keys(there(tail, 4))).toEqual(['d', 'e'])
  })

  test('a segment in the place of another one of its number is read from its beginning', () => {
    const { where, write } = logOf()
    write(1, 0, ['a', 'b'])
    const { tail } = observedTail(where)
    expect(lsns(tail, 1)).toEqual([1, 2])
    where.disk.remove(fileName.log(ROOT, 1))
    write(1, 0, ['another', 'of', 'other', 'lengths'])
    expect(there(tail, 3).map(({ writes }) => writes[0]!.key)).toEqual(['other', 'lengths'])
  })

  test('what looks like the length of a frame is not believed', () => {
    const { where, write } = logOf()
    write(1, 0, ['a', 'b'])
    const file = where.disk.open(fileName.log(ROOT, 1), 'write')
    const header = Buffer.alloc(48)
    file.read(header, 96)
    header.writeUInt32LE(50_000_000, 20)
    file.write(header, file.size())
    const made = vi.spyOn(Buffer, 'allocUnsafeSlow')
    expect(lsns(observedTail(where).tail, 1)).toEqual([1, 2])
    expect(Math.max(...made.mock.calls.map(([byteLength]) => byteLength))).toBeLessThan(1_000_000)
    made.mockRestore()
  })

  test('commits longer than what is read at once, and about as long', async () => {
    const where = machine()
    const storage = openStorage(where, { segmentByteLimit: 64 * 1024 * 1024 })
    const { tail } = observedTail(where)
    const lengths = [1, 300_000, 65_000, 65_400, 65_420, 65_430, 65_440, 65_536, 131_072, 5, 1_000_000, 1]
    for (const [i, length] of lengths.entries()) {
      await where.scheduler.outcome(storage.commit([put('k', 'x'.repeat(length))]))
      if (i % 3 === 2) expect(lsns(tail, i - 1)).toEqual(through(i - 1, i + 1))
    }
    const found = there(observedTail(where).tail, 1)
    expect(found.map(({ writes }) => writes[0]!.value!.length)).toEqual(lengths)
  })

  test('is what whole frames there are, wherever the file is cut and whatever bit is flipped', async () => {
    const where = machine()
    const storage = openStorage(where)
    for (const key of ['a', 'b', 'c']) await where.scheduler.outcome(storage.commit([put(key, key)]))
    await where.scheduler.outcome(storage.close())
    const path = fileName.log(ROOT, 1)
    const bytes = readFile(where.disk, path)
    const check = (damaged: Uint8Array, how: string) => {
      const files = new MemoryFileSystem()
      files.makeDirectory(ROOT)
      files.makeDirectory(fileName.logDirectory(ROOT))
      files.open(path, 'create').write(damaged, 0)
      const segment = readSegment(Buffer.from(damaged), checksum)
      const expected = segment?.header.number === 1 ? through(1, segment.lastLsn) : []
      expect(lsns(new LogTail({ files, checksum }, ROOT), 1), how).toEqual(expected)
    }
    for (let length = 0; length <= bytes.length; length++) check(bytes.subarray(0, length), `cut at ${length}`)
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const damaged = bytes.slice()
      damaged[bit >> 3]! ^= 1 << (bit & 7)
      check(damaged, `bit ${bit}`)
    }
  })

  test('goes on where a reader stopped in the middle of a frame', async () => {
    const where = machine()
    const storage = openStorage(where)
    const { tail } = observedTail(where)
    await where.scheduler.outcome(Promise.all(through(1, 9).map((n) => storage.commit([put('k', String(n))]))))
    for (const { lsn } of tail.between(1, 9)) if (lsn === 4) break
    expect(lsns(tail, 5)).toEqual(through(5, 9))
    expect(lsns(tail, 10)).toEqual([])
    expect(lsns(tail, 2)).toEqual(through(2, 9))
  })

  test('of what has been durable nothing may be missing: the file and the place are named', () => {
    const { where, write } = logOf()
    const { disk } = where
    write(1, 0, ['a', 'b', 'c'])
    write(2, 3, ['d', 'e'])
    const tail = () => observedTail(where).tail
    const take = (from: number, last: number) => [...tail().between(from, last)].map(({ lsn }) => lsn)
    expect(take(2, 4)).toEqual([2, 3, 4])
    expect(take(1, 5)).toEqual([1, 2, 3, 4, 5])
    expect(take(6, 5)).toEqual([])
    const second = fileName.log(ROOT, 2)
    expect(() => take(4, 6)).toThrow(
      new CorruptionError(
        second,
        disk.open(second, 'read').size(),
        'commits 6 to 6 were durable, and are damaged or missing',
      ),
    )

    // Of a segment in the middle: not what is removed from the log, which would be another error.
    const first = fileName.log(ROOT, 1)
    const file = disk.open(first, 'write')
    const last = Buffer.alloc(1)
    file.read(last, file.size() - 1)
    file.write(Buffer.of(last[0]! ^ 1), file.size() - 1)
    expect(() => take(1, 5)).toThrow(CorruptionError)
    expect(() => take(1, 5)).toThrow(/0*1\.log" at byte \d+: commits 3 to 5 were durable, and are damaged or missing/)
    expect(take(4, 5)).toEqual([4, 5])

    disk.remove(first)
    expect(() => take(1, 5)).toThrow(FellBehindError)
    disk.remove(second)
    expect(() => take(1, 5)).toThrow(
      new CorruptionError(fileName.logDirectory(ROOT), 0, 'commits 1 to 5 were durable, and are damaged or missing'),
    )
  })

  test('any commits, checkpoints, crashes and looks', async () => {
    for (let seed = 1; seed <= 60; seed++) {
      let where = machine(seed)
      const { random } = where
      let storage = openStorage(where)
      const now = () => where.disk
      const files = changedFileSystem(where.disk, {
        list: (path) => now().list(path),
        kind: (path) => now().kind(path),
        open: (path, mode) => now().open(path, mode),
      })
      const tail = new LogTail({ files, checksum }, ROOT)
      let [next, last] = [1, 0]
      for (let step = 0; step < 60; step++) {
        const kind = random.below(12)
        if (kind < 8) {
          const count = random.between(1, 5)
          const length = random.chance(0.2) ? 3000 : random.below(300)
          const commits = through(1, count).map((n) => storage.commit([put(`k${n}`, 'x'.repeat(length))]))
          await where.scheduler.outcome(Promise.all(commits))
          last += count
        } else if (kind === 8) await where.scheduler.outcome(storage.checkpoint())
        else if (kind === 9 && random.chance(0.3)) {
          where = restarted(where, 'kill')
          storage = openStorage(where)
        } else {
          const found: number[] = []
          const stopAt = random.chance(0.3) ? next + random.below(4) : Number.POSITIVE_INFINITY
          try {
            for (const { lsn } of tail.between(next, last)) {
              if (lsn > stopAt) break
              found.push(lsn)
            }
          } catch (failure) {
            // The writer keeps some of its log and no more: who looked too late begins anew.
            if (!(failure instanceof FellBehindError)) throw failure
            next = last + 1
            continue
          }
          expect(found, `seed ${seed}`).toEqual(through(next, Math.min(last, stopAt)))
          next += found.length
        }
      }
    }
  })
})

/** A machine with an empty log, and what writes a segment behind a commit, each commit in a frame of its own. */
function logOf() {
  const where = machine()
  const { disk, random, scheduler } = where
  disk.makeDirectory(ROOT)
  disk.makeDirectory(fileName.logDirectory(ROOT))
  const clocks = { clock: { now: () => 1 }, monotonicClock: { now: () => 0 } }
  const identity = { root: ROOT, databaseId: new Uint8Array(16).fill(7), epoch: 3, isOurs: () => true }
  const write = (segment: number, lastLsn: number, keys: readonly string[]) => {
    const from = { segment, suspects: [], lastLsn, provenLsn: lastLsn, timestamp: 1000 }
    const environment = { files: disk, random, scheduler, checksum, ...clocks }
    const log = LogWriter.resume(environment, identity, from, { preparedByteLimit: 0 })
    for (const key of keys) {
      const frame = new ByteWriter()
      beginFrame(frame)
      encodeTransaction(frame, { timestamp: 1001, origin: 1, writes: [{ tree: 1, key, value: undefined }] })
      log.append(frame, 1, 1001)
      log.sync('log-frame')
    }
    log.close()
  }
  return { where, write }
}

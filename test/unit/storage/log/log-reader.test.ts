/**
 * What a reader makes of every way a segment can end. It is cut after every byte and every bit of it is flipped, so the
 * torn cases are all of them rather than the ones we thought of.
 */
import { describe, expect, test } from 'vitest'
import { ByteWriter } from '../../../../src/base/byte-writer.js'
import { loadChecksum } from '../../../../src/base/checksum.js'
import { readFile } from '../../../../src/storage/disk/file-system.js'
import { beginFrame, decodeTransactions, encodeTransaction } from '../../../../src/storage/log/log-format.js'
import { provenBeyond, readSegment } from '../../../../src/storage/log/log-reader.js'
import { LogWriter } from '../../../../src/storage/log/log-writer.js'
import { machine } from '../../../support/storage-fixture.js'

const checksum = await loadChecksum()

describe('readSegment', () => {
  test('returns the frames in order, with what they hold', () => {
    const { bytes } = segmentOf(['a', 'b', 'c'])
    const segment = readSegment(Buffer.from(bytes), checksum)!
    expect(segment).toMatchObject({ firstLsn: 1, lastLsn: 3, endOffset: bytes.length })
    expect(provenBeyond(Buffer.from(bytes), segment, checksum)).toBe(0)
    const transactions = segment.frames.flatMap(({ frame }) => [...decodeTransactions(frame)])
    expect(transactions.map(({ lsn, timestamp, writes }) => [lsn, timestamp, writes[0]!.key])).toEqual([
      [1, 1001, 'a'],
      [2, 1002, 'b'],
      [3, 1003, 'c'],
    ])
    expect(segment.frames.map(({ frame }) => frame.syncedLsn)).toEqual([0, 1, 2])
  })

  test('keeps the whole frames before a cut, wherever the cut is', () => {
    const { bytes, ends } = segmentOf(['a', 'b', 'c'])
    for (let length = 0; length <= bytes.length; length++) {
      const segment = readSegment(Buffer.from(bytes.subarray(0, length)), checksum)
      if (length < ends[0]!) {
        expect(segment).toBeUndefined()
        continue
      }
      const whole = ends.filter((end) => end <= length).length - 1
      expect(segment?.frames.length, `cut at ${length}`).toBe(whole)
      expect(segment?.endOffset).toBe(ends[whole])
    }
  })

  test('stops at a flipped bit, whichever bit it is, and sees that later frames prove it was durable', () => {
    const { bytes, ends } = segmentOf(['a', 'b', 'c'])
    for (let bit = ends[1]! * 8; bit < ends[2]! * 8; bit++) {
      const flipped = Buffer.from(bytes)
      flipped[bit >> 3]! ^= 1 << (bit & 7)
      const segment = readSegment(flipped, checksum)!
      expect(segment.frames.length, `bit ${bit}`).toBe(1)
      expect(provenBeyond(flipped, segment, checksum)).toBe(2)
    }
  })

  test('frames of another segment do not verify in this one', () => {
    const one = segmentOf(['a', 'b'])
    const other = segmentOf(['x', 'y'], { seed: 2 })
    const mixed = Buffer.concat([one.bytes.subarray(0, one.ends[1]), other.bytes.subarray(other.ends[1])])
    expect(readSegment(mixed, checksum)?.frames.length).toBe(1)
  })

  test('zeros behind the frames are the end, and hide no later frame', () => {
    const { bytes, ends } = segmentOf(['a', 'b', 'c'], { preparedByteLimit: 1_000_000 })
    expect(bytes.length).toBeGreaterThan(3000)
    const segment = readSegment(Buffer.from(bytes), checksum)!
    expect(segment).toMatchObject({ lastLsn: 3, endOffset: ends[3] })
    expect(provenBeyond(Buffer.from(bytes), segment, checksum)).toBe(0)
    bytes.fill(0, ends[1], ends[2])
    const damaged = readSegment(Buffer.from(bytes), checksum)!
    expect(damaged.lastLsn).toBe(1)
    expect(provenBeyond(Buffer.from(bytes), damaged, checksum)).toBe(2)
  })

  test('what an older segment left behind the frames proves nothing, and neither do frames within values', () => {
    const old = segmentOf(['a', 'b', 'c', 'd', 'e', 'f'], { seed: 2 })
    const one = segmentOf(['a', 'b'])
    const bytes = Buffer.concat([one.bytes, old.bytes.subarray(one.bytes.length)])
    const segment = readSegment(bytes, checksum)!
    expect(segment).toMatchObject({ lastLsn: 2, endOffset: one.bytes.length })
    expect(provenBeyond(bytes, segment, checksum)).toBe(0)
  })

  test('bytes that look like the headers of many large frames take no time', () => {
    const one = segmentOf(['a', 'b'])
    const forged = Buffer.alloc(8_000_000)
    const { length } = segmentOf(['a', 'b', 'c']).bytes
    const last = segmentOf(['a', 'b', 'c']).bytes.subarray(one.bytes.length, length)
    for (let at = 0; at + 48 <= forged.length; at += 48) {
      last.copy(forged, at, 0, 48)
      forged.writeUInt32LE(1000, at + 8)
      forged.writeUInt32LE(Math.max(0, forged.length - at - 100), at + 20)
      forged.writeUInt32LE(999, at + 32)
    }
    const bytes = Buffer.concat([one.bytes, forged])
    const segment = readSegment(bytes, checksum)!
    expect(provenBeyond(bytes, segment, checksum)).toBe(0)
    // Without a bound it is minutes.
  })

  test('random bytes are no segment, and take no time', () => {
    const { random } = machine(4)
    for (let i = 0; i < 300; i++) {
      const bytes = Buffer.from(random.bytes(random.below(400)))
      if (bytes.length > 4) bytes.write('WLF1', 0, 'latin1')
      expect(readSegment(bytes, checksum)).toBeUndefined()
    }
  })
})

/** A segment with a commit for each key, each in a frame of its own, and where the frames end. */
function segmentOf(
  keys: readonly string[],
  { seed = 1, preparedByteLimit = 0 } = {},
): { bytes: Buffer; ends: number[] } {
  const { disk, random, scheduler } = machine(seed)
  disk.makeDirectory('/db')
  disk.makeDirectory('/db/wal')
  const environment = {
    files: disk,
    random,
    scheduler,
    checksum,
    clock: { now: () => 1 },
    monotonicClock: { now: () => 0 },
  }
  const identity = { root: '/db', databaseId: new Uint8Array(16).fill(7), epoch: 3, isOurs: () => true }
  const from = { segment: 1, suspects: [], lastLsn: 0, provenLsn: 0, timestamp: 1000 }
  const log = LogWriter.resume(environment, identity, from, { preparedByteLimit })
  const ends = [log.segmentByteLength]
  for (const [i, key] of keys.entries()) {
    const frame = new ByteWriter()
    beginFrame(frame)
    const writes = [{ tree: 1, key, value: i % 2 === 0 ? Buffer.from('value') : undefined }]
    encodeTransaction(frame, { timestamp: 1001 + i, origin: 1, writes })
    log.append(frame, 1, 1001 + i)
    log.sync('log-frame')
    ends.push(log.segmentByteLength)
  }
  return { bytes: Buffer.from(readFile(disk, '/db/wal/0000000001.log')), ends }
}

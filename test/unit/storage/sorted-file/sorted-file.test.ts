/** A sorted file gives back what was written: every key, every range, in both directions, whatever the block size. */
import { describe, expect, test } from 'vitest'
import { CorruptionError, ReadFailedError } from '../../../../src/errors.js'
import { COMPRESSIONS, hasCompression } from '../../../../src/storage/codec/block-codec.js'
import { ALL_KEYS, type ByteView } from '../../../../src/storage/tree/cursor.js'
import { SeededRandom } from '../../../support/random.js'
import {
  type Entries,
  entryOf,
  type FileShape,
  lookup,
  newWriter,
  openReader,
  PATH,
  walk,
  writtenFile,
} from '../../../support/sorted-file-fixture.js'

const HOW = ['through the cache', 'past the cache'] as const

function randomEntries(random: SeededRandom, count: number): Entries {
  const keys = new Set<string>()
  const prefix = random.pick(['', 'common', 'c'.repeat(70)])
  while (keys.size < count) keys.add(prefix + Buffer.from(random.bytes(random.below(14) + 1)).toString('latin1'))
  const value = () => (random.chance(0.1) ? undefined : 'v'.repeat(random.pick([0, 1, 10, 60, 400])))
  return new Map([...keys].sort().map((key) => [key, value()]))
}

describe('a sorted file', () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])('gives back every key and every range (seed %i)', async (seed) => {
    const random = new SeededRandom(seed)
    const entries = randomEntries(random, random.pick([1, 2, 16, 17, 33, 300]))
    const shape: FileShape = {
      blockByteLength: random.pick([1, 50, 200, 5000, 200_000]),
      compression: random.pick(COMPRESSIONS.filter(hasCompression)),
      cacheByteLimit: random.pick([1, 1000, 100_000]),
    }
    const { reader, record } = await writtenFile(entries, shape)
    expect(record.entryCount).toBe(entries.size)
    expect(record.tombstoneCount).toBe([...entries.values()].filter((value) => value === undefined).length)
    reader.verify()
    for (const [key, value] of entries) expect(lookup(reader, key), JSON.stringify(key)).toBe(value ?? null)
    const all = [...entries]
    expect([reader.lowestKey, reader.highestKey]).toEqual([all[0]![0], all.at(-1)![0]])
    const anyBound = () => (random.chance(0.5) ? random.pick(all)[0] : Buffer.from(random.bytes(3)).toString('latin1'))
    for (let i = 0; i < 150; i++) {
      const lower = random.chance(0.2) ? '' : anyBound()
      const upper = random.chance(0.2) ? undefined : anyBound()
      if (!entries.has(lower)) expect(lookup(reader, lower)).toBeUndefined()
      const inRange = all.filter(([key]) => key >= lower && (upper === undefined || key < upper))
      const how = random.pick(HOW)
      expect(walk(reader.cursor({ lower, upper }, 'ascending', how))).toEqual(inRange)
      expect(walk(reader.cursor({ lower, upper }, 'descending', how))).toEqual(inRange.toReversed())
    }
  })

  test('keys that share long prefixes, and are prefixes of one another, are told apart', async () => {
    const keys = ['a', 'aa', 'aaa', 'aab', 'ab', `${'p'.repeat(300)}1`, `${'p'.repeat(300)}2`, 'p'.repeat(301), 'q']
    const entries: Entries = new Map(keys.sort().map((key) => [key, key.slice(0, 3)]))
    const { reader } = await writtenFile(entries, { blockByteLength: 10_000 })
    for (const [key, value] of entries) expect(lookup(reader, key)).toBe(value)
    for (const missing of ['', 'aaaa', 'ac', 'p', 'p'.repeat(300), 'pp1', 'r']) {
      expect(lookup(reader, missing)).toBeUndefined()
    }
  })

  test('remembers with which commit each entry came', async () => {
    const { reader } = await writtenFile(new Map(['a', 'b', 'c'].map((key) => [key, key])))
    const cursor = reader.cursor({ lower: 'b', upper: undefined }, 'ascending', 'through the cache')
    expect(cursor.next() && cursor.lsn()).toBe(11)
  })

  test('a walk goes on where it was when its block leaves memory', async () => {
    const random = new SeededRandom(9)
    const entries = randomEntries(random, 200)
    const { reader } = await writtenFile(entries, { blockByteLength: 200, cacheByteLimit: 700 })
    for (const direction of ['ascending', 'descending'] as const) {
      const cursor = reader.cursor(ALL_KEYS, direction, 'through the cache')
      const expected = direction === 'ascending' ? [...entries] : [...entries].toReversed()
      for (const [key, value] of expected) {
        expect(cursor.next()).toBe(true)
        for (let i = 0; i < 5; i++) lookup(reader, random.pick(expected)[0])
        expect(cursor.key()).toBe(key)
        expect(cursor.compareTo(viewOf(key))).toBe(0)
        expect(textOf(cursor.keyView())).toBe(key)
        const { bytes, start, end } = cursor
        if (value !== undefined) expect(Buffer.from(bytes.subarray(start, end)).toString()).toBe(value)
      }
    }
  })

  test('keys longer than most are written and found like others', async () => {
    const keys = ['', 'k', 'k'.repeat(900), 'k'.repeat(1025), `${'k'.repeat(1025)}1`, 'k'.repeat(5000), 'l'].sort()
    const entries = new Map(keys.map((key, i) => [key, i === 2 ? undefined : `value ${i}`]))
    const { reader } = await writtenFile(entries)
    reader.verify()
    for (const [key, value] of entries) expect(lookup(reader, key)).toBe(value ?? null)
    expect(walk(reader.cursor({ lower: '', upper: undefined }, 'ascending', 'past the cache'))).toEqual([...entries])
  })

  test('keys that do not ascend are a bug, and stop it', async () => {
    const { where } = await writtenFile(new Map([['a', '1']]))
    const writer = newWriter(where, '/db/8.run')
    writer.add(entryOf('b', undefined, 10))
    expect(() => writer.add(entryOf('b', undefined, 10))).toThrow(/ascend/)
  })

  test('damage anywhere is found by verify', async () => {
    const entries = randomEntries(new SeededRandom(3), 40)
    const { where, record } = await writtenFile(entries)
    for (let offset = 0; offset < record.byteLength; offset++) {
      const flip = (bytes: Buffer) => {
        bytes[offset]! ^= 1 << (offset % 8)
        return bytes
      }
      where.disk.damage(PATH, flip)
      const reader = openReader(where, record, { cacheByteLimit: 1 })
      expect(() => reader.verify(), `byte ${offset}`).toThrow(CorruptionError)
      reader.close()
      where.disk.damage(PATH, flip)
    }
  })

  test('a disk that can not be read is not a missing key, and is asked again', async () => {
    const { where, reader } = await writtenFile(new Map([['a', '1']]))
    reader.open()
    where.disk.fault = { operation: 'read', after: where.disk.counts.read + 1, code: 'EIO', isPersistent: false }
    expect(() => lookup(reader, 'a')).toThrow(ReadFailedError)
    expect(lookup(reader, 'a')).toBe('1')
  })

  test('a missing file, and another one under its name, are damage', async () => {
    const { where, record } = await writtenFile(new Map([['a', '1']]))
    const open = (owner: { tree: number; partition: number }, expected = record) =>
      lookup(openReader(where, expected, {}, owner), 'a')
    expect(() => open({ tree: 4, partition: 5 })).toThrow(/another file/)
    expect(() => open({ tree: 3, partition: 6 })).toThrow(/another file/)
    expect(() => open({ tree: 3, partition: 5 }, { ...record, hash: 'ff' })).toThrow(/hash/)
    expect(() => open({ tree: 3, partition: 5 }, { ...record, byteLength: 9 })).toThrow(/manifest says 9/)
    where.disk.remove(PATH)
    expect(() => open({ tree: 3, partition: 5 })).toThrow(/missing/)
  })
})

function viewOf(key: string): ByteView {
  return { bytes: Buffer.from(key, 'latin1'), start: 0, end: key.length }
}

function textOf({ bytes, start, end }: ByteView): string {
  return Buffer.from(bytes.subarray(start, end)).toString('latin1')
}

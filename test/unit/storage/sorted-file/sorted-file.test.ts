/** A sorted file gives back what was written: every key, every range, in both directions, whatever the block size. */
import { describe, expect, test } from 'vitest'
import { loadChecksum } from '../../../../src/base/checksum.js'
import { CorruptionError, ReadFailedError } from '../../../../src/errors.js'
import type { Compression } from '../../../../src/storage/codec/block-codec.js'
import { BlockCache, slotByteLength } from '../../../../src/storage/sorted-file/block-cache.js'
import { SortedFileReader } from '../../../../src/storage/sorted-file/sorted-file-reader.js'
import { SortedFileWriter } from '../../../../src/storage/sorted-file/sorted-file-writer.js'
import type { EntryCursor } from '../../../../src/storage/tree/cursor.js'
import { SeededRandom } from '../../../support/random.js'
import { type Machine, machine } from '../../../support/storage-fixture.js'

const checksum = await loadChecksum()
const databaseId = new Uint8Array(16).fill(1)
const PATH = '/db/7.run'

type Entries = Map<string, string | undefined>

interface Shape {
  readonly blockByteLength?: number
  readonly compression?: Compression
  readonly cacheByteLimit?: number
}

function written(entries: Entries, shape: Shape = {}, where: Machine = machine()) {
  const { blockByteLength = 120, compression = 'none', cacheByteLimit = 2000 } = shape
  where.disk.makeDirectory('/db')
  const identity = { databaseId, tree: 3, partition: 5, id: 7, lowestLsn: 10, highestLsn: 99 }
  const writer = new SortedFileWriter(where.disk, PATH, identity, checksum, { blockByteLength, compression })
  let lsn = 10
  for (const [key, value] of entries) writer.add(key, value === undefined ? undefined : Buffer.from(value), lsn++)
  const record = writer.finish()
  const cache = new BlockCache(cacheByteLimit, slotByteLength(blockByteLength))
  const reader = new SortedFileReader(
    PATH,
    record,
    { tree: 3, partition: 5 },
    { files: where.disk, checksum, cache, databaseId },
  )
  return { where, record, reader }
}

function randomEntries(random: SeededRandom, count: number): Entries {
  const keys = new Set<string>()
  while (keys.size < count) keys.add(Buffer.from(random.bytes(random.below(14) + 1)).toString('latin1'))
  const value = () => (random.chance(0.1) ? undefined : 'v'.repeat(random.pick([0, 1, 10, 60, 400])))
  return new Map([...keys].sort().map((key) => [key, value()]))
}

function walk(cursor: EntryCursor): [string, string | undefined][] {
  const found: [string, string | undefined][] = []
  while (cursor.next()) {
    const value = cursor.value()
    found.push([cursor.key(), value === undefined ? undefined : Buffer.from(value).toString()])
  }
  return found
}

describe('a sorted file', () => {
  test.each([1, 2, 3, 4, 5, 6])('gives back every key and every range (seed %i)', (seed) => {
    const random = new SeededRandom(seed)
    const entries = randomEntries(random, random.pick([1, 2, 16, 17, 33, 300]))
    const shape: Shape = {
      blockByteLength: random.pick([1, 50, 200, 5000]),
      compression: random.pick(['none', 'deflate']),
      cacheByteLimit: random.pick([1, 1000, 100_000]),
    }
    const { reader, record } = written(entries, shape)
    expect(record.entryCount).toBe(entries.size)
    reader.verify()
    for (const [key, value] of entries) {
      const found = reader.get(key)
      expect(found, JSON.stringify(key)).toBeDefined()
      expect(found!.value === undefined ? undefined : Buffer.from(found!.value).toString()).toBe(value)
    }
    const all = [...entries]
    expect(walk(reader.ascending(''))).toEqual(all)
    expect(walk(reader.descending(undefined))).toEqual(all.toReversed())
    for (let i = 0; i < 100; i++) {
      const bound = random.chance(0.5) ? random.pick(all)[0] : Buffer.from(random.bytes(3)).toString('latin1')
      if (!entries.has(bound)) expect(reader.get(bound)).toBeUndefined()
      expect(walk(reader.ascending(bound))).toEqual(all.filter(([key]) => key >= bound))
      expect(walk(reader.descending(bound))).toEqual(all.filter(([key]) => key < bound).toReversed())
    }
  })

  test('keys that share long prefixes, and are prefixes of one another, are told apart', () => {
    const keys = ['a', 'aa', 'aaa', 'aab', 'ab', `${'p'.repeat(300)}1`, `${'p'.repeat(300)}2`, 'p'.repeat(301), 'q']
    const entries: Entries = new Map(keys.sort().map((key) => [key, key.slice(0, 3)]))
    const { reader } = written(entries, { blockByteLength: 10_000 })
    for (const [key, value] of entries) expect(Buffer.from(reader.get(key)!.value!).toString()).toBe(value)
    for (const missing of ['', 'aaaa', 'ac', 'p', 'p'.repeat(300), 'pp1', 'r'])
      expect(reader.get(missing)).toBeUndefined()
  })

  test('remembers with which commit each entry came', () => {
    const { reader } = written(
      new Map([
        ['a', '1'],
        ['b', '2'],
        ['c', '3'],
      ]),
    )
    const cursor = reader.ascending('b')
    expect(cursor.next() && cursor.lsn()).toBe(11)
  })

  test('a value read stays as it is when its block leaves memory', () => {
    const random = new SeededRandom(9)
    const entries = randomEntries(random, 200)
    const { reader } = written(entries, { blockByteLength: 200, cacheByteLimit: 700 })
    const held = [...entries.keys()].map((key) => [key, reader.get(key)!.value] as const)
    const ascending = reader.ascending('')
    for (const key of entries.keys()) {
      reader.get(random.pick([...entries.keys()]))
      expect(ascending.next() && ascending.key()).toBe(key)
    }
    for (const [key, value] of held) {
      expect(value === undefined ? undefined : Buffer.from(value).toString()).toBe(entries.get(key))
    }
  })

  test('keys that do not ascend are a bug, and stop it', () => {
    const { where } = written(new Map([['a', '1']]))
    const identity = { databaseId, tree: 3, partition: 5, id: 8, lowestLsn: 1, highestLsn: 1 }
    const options = { blockByteLength: 100, compression: 'none' } as const
    const writer = new SortedFileWriter(where.disk, '/db/8.run', identity, checksum, options)
    writer.add('b', undefined, 1)
    expect(() => writer.add('b', undefined, 1)).toThrow(/ascend/)
  })

  test('damage anywhere is found by verify, or is in bytes that mean nothing', () => {
    const random = new SeededRandom(3)
    const entries = randomEntries(random, 40)
    const { where, record } = written(entries)
    for (let offset = 0; offset < record.byteLength; offset++) {
      where.disk.damage(PATH, (bytes) => {
        bytes[offset]! ^= 1 << (offset % 8)
        return bytes
      })
      const cache = new BlockCache(1, 100)
      const context = { files: where.disk, checksum, cache, databaseId }
      const reader = new SortedFileReader(PATH, record, { tree: 3, partition: 5 }, context)
      expect(() => reader.verify(), `byte ${offset}`).toThrow(CorruptionError)
      where.disk.damage(PATH, (bytes) => {
        bytes[offset]! ^= 1 << (offset % 8)
        return bytes
      })
    }
  })

  test('a disk that can not be read is not a missing key, and is asked again', () => {
    const { where, reader } = written(new Map([['a', '1']]))
    reader.open()
    where.disk.fault = { operation: 'read', after: where.disk.counts.read + 1, code: 'EIO', isPersistent: false }
    expect(() => reader.get('a')).toThrow(ReadFailedError)
    expect(Buffer.from(reader.get('a')!.value!).toString()).toBe('1')
  })

  test('a missing file, and another one under its name, are damage', () => {
    const { where, record } = written(new Map([['a', '1']]))
    const open = (owner: { tree: number; partition: number }, expected = record) => {
      const context = { files: where.disk, checksum, cache: new BlockCache(1000, 100), databaseId }
      return new SortedFileReader(PATH, expected, owner, context)
    }
    expect(() => open({ tree: 4, partition: 5 }).get('a')).toThrow(/another file/)
    expect(() => open({ tree: 3, partition: 6 }).get('a')).toThrow(/another file/)
    expect(() => open({ tree: 3, partition: 5 }, { ...record, hash: 'ff' }).get('a')).toThrow(/hash/)
    expect(() => open({ tree: 3, partition: 5 }, { ...record, byteLength: 9 }).get('a')).toThrow(/manifest says 9/)
    where.disk.remove(PATH)
    expect(() => open({ tree: 3, partition: 5 }).get('a')).toThrow(/missing/)
  })
})

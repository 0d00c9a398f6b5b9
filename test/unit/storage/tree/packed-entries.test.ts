/** What is packed is what a cursor over the pieces gives, whatever the entries are like, and memory is used again. */
import { expect, test } from 'vitest'
import { ALL_KEYS, type ByteView, compareBytes } from '../../../../src/storage/tree/cursor.js'
import { Memtable } from '../../../../src/storage/tree/memtable.js'
import { EntryPacker, PackedCursor } from '../../../../src/storage/tree/packed-entries.js'
import { SeededRandom } from '../../../support/random.js'

interface Entry {
  readonly key: string
  readonly value: string | undefined
  readonly lsn: number
}

/** Keys of any bytes, tombstones, empty values, and now and then a value larger than a piece. */
function randomEntries(random: SeededRandom, count: number): Entry[] {
  const entries = new Map<string, Entry>()
  for (let lsn = 2 ** 40; entries.size < count; lsn++) {
    const key = Array.from({ length: random.between(0, 40) }, () => String.fromCharCode(random.below(256))).join('')
    const length = random.chance(0.01) ? 300_000 : random.between(0, 500)
    entries.set(key, { key, value: random.chance(0.2) ? undefined : `${lsn}`.padEnd(length, '.'), lsn })
  }
  return [...entries.values()]
}

function packerOf(entries: readonly Entry[], lowestLsn: number): EntryPacker {
  const memtable = new Memtable()
  for (const { key, value, lsn } of entries) {
    memtable.set(1, key, value === undefined ? undefined : Buffer.from(value), lsn)
  }
  return new EntryPacker(memtable.trees.get(1)!.cursor(ALL_KEYS, 'ascending'), lowestLsn)
}

function entryAt(cursor: PackedCursor): Entry {
  const key = cursor.key()
  const copy = new Uint8Array(cursor.keyLength() + 3)
  cursor.copyKey(copy, 3)
  expect(Buffer.from(copy.subarray(3)).toString('latin1')).toBe(key)
  expect(compareBytes(cursor.keyView(), viewOf(key))).toBe(0)
  expect([cursor.compareTo(viewOf(key)), cursor.compareTo(viewOf(`${key}\0`))]).toEqual([0, -1])
  const value = cursor.bytes.toString('latin1', cursor.start, cursor.end)
  return { key, value: cursor.isTombstone ? undefined : value, lsn: cursor.lsn() }
}

test.each([1, 2, 3, 4])('entries that arrive one piece at a time (seed %i)', (seed) => {
  const random = new SeededRandom(seed)
  const entries = randomEntries(random, 3000)
  const lowestLsn = random.pick([0, 2 ** 40])
  const packer = packerOf(entries, lowestLsn)
  const used: SharedArrayBuffer[] = []
  const cursor = new PackedCursor(lowestLsn, (memory) => used.push(memory))
  const found: Entry[] = []
  let pieces = 0
  let isLast = false
  for (;;) {
    while (cursor.isDry) {
      expect(isLast).toBe(false)
      const piece = packer.next(used.pop())
      isLast = piece.isLast
      pieces += 1
      cursor.add(piece)
    }
    if (!cursor.next()) break
    found.push(entryAt(cursor))
  }
  expect(isLast).toBe(true)
  expect(pieces).toBeGreaterThan(3)
  const sorted = entries.toSorted((a, b) => (a.key < b.key ? -1 : 1))
  expect(found).toEqual(sorted)
})

test('memory that comes back is used again', () => {
  const packer = packerOf(randomEntries(new SeededRandom(5), 3000), 0)
  const { memory } = packer.next()
  expect(packer.next(memory).memory).toBe(memory)
  const tooShort = new SharedArrayBuffer(10)
  expect(packer.next(tooShort).memory).not.toBe(tooShort)
})

test('nothing at all', () => {
  const memtable = new Memtable()
  memtable.set(1, 'b', Buffer.from('x'), 1)
  const above = memtable.trees.get(1)!.cursor({ lower: 'c', upper: undefined }, 'ascending')
  const empty = new EntryPacker(above).next()
  expect(empty).toMatchObject({ byteLength: 0, isLast: true })
  const cursor = new PackedCursor()
  expect(cursor.isDry).toBe(true)
  cursor.add(empty)
  expect(cursor.isDry).toBe(false)
  expect(cursor.next()).toBe(false)
  expect(cursor.isDry).toBe(false)
})

function viewOf(key: string): ByteView {
  return { bytes: Buffer.from(key, 'latin1'), start: 0, end: key.length }
}

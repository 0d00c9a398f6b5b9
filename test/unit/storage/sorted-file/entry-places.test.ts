import { describe, expect, it } from 'vitest'
import { type HashedKey, hashKey } from '../../../../src/base/key-hash.js'
import { EntryPlaces, type Slots } from '../../../../src/storage/sorted-file/entry-places.js'
import type { FoundValue } from '../../../../src/storage/tree/cursor.js'

const SLOT_LENGTH = 64

/** Slots that each hold one block of one entry: what all keys begin with, the rest of a key, the value. */
class FakeSlots implements Slots {
  readonly memory: Buffer
  readonly generations: number[]
  readonly uses: number[] = []

  constructor(count: number) {
    this.memory = Buffer.alloc(count * SLOT_LENGTH)
    this.generations = new Array<number>(count).fill(0)
  }

  generationOf(slot: number): number {
    return this.generations[slot]!
  }

  memoryOf(): Uint8Array {
    return this.memory
  }

  blockStart(slot: number): number {
    return slot * SLOT_LENGTH
  }

  use(slot: number): void {
    this.uses.push(slot)
  }

  /** Where the entry is then. */
  put(slot: number, prefix: string, rest: string, value: string) {
    this.memory.write(prefix + rest + value, slot * SLOT_LENGTH, 'latin1')
    const keyStart = prefix.length
    const start = keyStart + rest.length
    return { slot, prefixLength: prefix.length, keyStart, start, end: start + value.length }
  }
}

function fixture(count = 4, byteLimit = 1024 * 1024) {
  const slots = new FakeSlots(count)
  const places = new EntryPlaces(slots, byteLimit)
  const find = (partition: number, key: HashedKey): string | undefined => {
    const target: FoundValue = { bytes: Buffer.alloc(0), start: 0, end: 0 }
    if (!places.find(partition, key, target)) return undefined
    return (target.bytes as Buffer).toString('latin1', target.start, target.end)
  }
  return { slots, places, find }
}

/** A key whose hash is what is said, as somebody could choose keys to be. */
function collidingKey(key: string): HashedKey {
  return { bytes: Buffer.from(key, 'latin1'), length: key.length, first: 7, second: 9 }
}

describe('places of entries', () => {
  it('finds nothing before anything was remembered, and takes no memory', () => {
    const { places, find } = fixture()
    expect(find(1, hashKey('a'))).toBeUndefined()
    expect(places.byteLength).toBe(0)
  })

  it('finds what was remembered, and counts as a use of its block', () => {
    const { slots, places, find } = fixture()
    places.remember(1, hashKey('ab1'), slots.put(2, 'ab', '1', 'value'))
    expect(find(1, hashKey('ab1'))).toBe('value')
    expect(slots.uses).toEqual([2])
  })

  it('finds nothing when the files of the partition are others by now', () => {
    const { slots, places, find } = fixture()
    places.remember(1, hashKey('ab1'), slots.put(2, 'ab', '1', 'value'))
    expect(find(2, hashKey('ab1'))).toBeUndefined()
  })

  it('finds nothing when another block is in the slot by now', () => {
    const { slots, places, find } = fixture()
    places.remember(1, hashKey('ab1'), slots.put(2, 'ab', '1', 'value'))
    slots.generations[2]! += 1
    expect(find(1, hashKey('ab1'))).toBeUndefined()
  })

  it.each(['ab2', 'xb1', 'ab', 'ab10', ''])('never takes another key of the same hash, %o, for it', (other) => {
    const { slots, places, find } = fixture()
    places.remember(1, collidingKey('ab1'), slots.put(2, 'ab', '1', 'value'))
    expect(find(1, collidingKey('ab1'))).toBe('value')
    expect(find(1, collidingKey(other))).toBeUndefined()
  })

  it('has two places for keys of one hash, and forgets the one remembered first for a third', () => {
    const { slots, places, find } = fixture()
    const key = (tag: number): HashedKey => ({ bytes: Buffer.from(`k${tag}`), length: 2, first: 7, second: tag })
    for (const tag of [1, 2, 3]) places.remember(1, key(tag), slots.put(tag, 'k', String(tag), `value ${tag}`))
    expect([1, 2, 3].map((tag) => find(1, key(tag)))).toEqual([undefined, 'value 2', 'value 3'])
  })

  it('takes a place that was remembered anew, in another slot', () => {
    const { slots, places, find } = fixture()
    places.remember(1, hashKey('ab1'), slots.put(2, 'ab', '1', 'old'))
    slots.generations[2]! += 1
    places.remember(1, hashKey('ab1'), slots.put(3, 'ab', '1', 'new'))
    expect(find(1, hashKey('ab1'))).toBe('new')
  })

  it('grows while much is not found, keeps what it has, and stops at its limit', () => {
    const count = 20_000
    const limit = 1024 * 1024
    const { slots, places, find } = fixture(count, limit)
    const keys = Array.from({ length: count }, (_, i) => String(i).padStart(6, '0'))
    for (let round = 0; round < 8; round++) {
      for (const [i, key] of keys.entries()) {
        if (find(1, hashKey(key)) === undefined) places.remember(1, hashKey(key), slots.put(i, '', key, `value ${i}`))
      }
      expect(places.byteLength).toBeLessThanOrEqual(limit)
    }
    expect(places.byteLength).toBe(limit)
    const found = keys.filter((key, i) => find(1, hashKey(key)) === `value ${i}`).length
    expect(found).toBeGreaterThan(count * 0.85)
    expect(keys.every((key, i) => [`value ${i}`, undefined].includes(find(1, hashKey(key))))).toBe(true)
  })

  it('stays small while everything is found', () => {
    const { slots, places, find } = fixture()
    places.remember(1, hashKey('ab1'), slots.put(2, 'ab', '1', 'value'))
    const first = places.byteLength
    for (let i = 0; i < 100_000; i++) find(1, hashKey('ab1'))
    places.remember(1, hashKey('ab2'), slots.put(3, 'ab', '2', 'value'))
    expect(places.byteLength).toBe(first)
  })
})

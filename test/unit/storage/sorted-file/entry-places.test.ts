import { describe, expect, it } from 'vitest'
import { HashedKey, hashKey } from '../../../../src/base/key-hash.js'
import { EntryPlaces, type Slots } from '../../../../src/storage/sorted-file/entry-places.js'
import type { FoundValue } from '../../../../src/storage/tree/cursor.js'

const SLOT_LENGTH = 64

/** Slots that each hold one block of one entry: what all keys begin with, the rest of a key, the value. */
class FakeSlots implements Slots {
  readonly memory: Buffer
  readonly uses: number[] = []

  constructor(count: number) {
    this.memory = Buffer.alloc(count * SLOT_LENGTH)
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
  const places = new EntryPlaces(slots, count, byteLimit)
  const find = (partition: number, key: HashedKey): string | undefined => {
    const target: FoundValue = { bytes: Buffer.alloc(0), start: 0, end: 0 }
    if (!places.find(partition, key, target)) return undefined
    return (target.bytes as Buffer).toString('latin1', target.start, target.end)
  }
  return { slots, places, find }
}

/** A key whose hash is what is said, as somebody could choose keys to be. */
function collidingKey(key: string, first = 7, second = 9): HashedKey {
  const colliding = new HashedKey(Buffer.from(key, 'latin1'))
  colliding.length = key.length
  colliding.first = first
  colliding.second = second
  return colliding
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
    places.taken(2)
    expect(find(1, hashKey('ab1'))).toBeUndefined()
  })

  it.each(['ab2', 'xb1', 'ab', 'ab10', ''])('never takes another key of the same hash, %o, for it', (other) => {
    const { slots, places, find } = fixture()
    places.remember(1, collidingKey('ab1'), slots.put(2, 'ab', '1', 'value'))
    expect(find(1, collidingKey('ab1'))).toBe('value')
    expect(find(1, collidingKey(other))).toBeUndefined()
  })

  it('has four places for keys of one hash, and forgets the one remembered first for a fifth', () => {
    const { slots, places, find } = fixture(8)
    const key = (n: number) => collidingKey(`k${n}`, 7, n * 2 ** 20)
    for (const n of [1, 2, 3, 4, 5]) places.remember(1, key(n), slots.put(n, 'k', String(n), `value ${n}`))
    expect([1, 2, 3, 4, 5].map((n) => find(1, key(n)))).toEqual([undefined, 'value 2', 'value 3', 'value 4', 'value 5'])
  })

  it('is worth remembering what is asked for again, and all of a block once much in it was', () => {
    const { places } = fixture()
    const worth = (n: number, { partition = 1, slot = 2 } = {}) => places.worthOf(partition, slot, 2, hashKey(`ab${n}`))
    expect([worth(1), worth(1)]).toEqual(['nothing', 'this one'])
    // The third look, and those behind it.
    expect([worth(10), worth(11), worth(10)]).toEqual(['all', 'this one', 'this one'])
    // Another slot, files of a moment that is over, and another block in the slot.
    expect(worth(12, { slot: 3 })).toBe('nothing')
    expect(worth(10, { partition: 0 })).toBe('nothing')
    places.taken(2)
    expect(worth(13)).toBe('nothing')
  })

  it('finds nothing of a slot in which nothing was remembered, whatever the hash', () => {
    const { slots, places, find } = fixture()
    places.remember(1, hashKey('ab1'), slots.put(2, 'ab', '1', 'value'))
    // What was never written of the table is zeros, which would mean the first slot, and so is this hash.
    places.remember(1, hashKey('zero1'), slots.put(0, 'zero', '1', 'value'))
    expect(find(1, collidingKey('zero', 0, 0))).toBeUndefined()
  })

  it('keeps what the newer files of a partition say when older ones are read, too', () => {
    const { slots, places, find } = fixture()
    places.remember(2, hashKey('ab1'), slots.put(2, 'ab', '1', 'value'))
    places.remember(1, hashKey('ab1'), slots.put(2, 'ab', '1', 'value'))
    expect(find(2, hashKey('ab1'))).toBe('value')
    expect(find(1, hashKey('ab1'))).toBeUndefined()
    places.remember(3, hashKey('ab1'), slots.put(2, 'ab', '1', 'value'))
    expect(find(2, hashKey('ab1'))).toBeUndefined()
    expect(find(3, hashKey('ab1'))).toBe('value')
  })

  it.each([1, 47, 48, 49, 60])('compares all of what %i bytes begin with', (length) => {
    const { slots, places, find } = fixture()
    const prefix = 'p'.repeat(length)
    places.remember(1, collidingKey(`${prefix}1`), slots.put(2, prefix, '1', 'v'))
    expect(find(1, collidingKey(`${prefix}1`))).toBe('v')
    for (const at of [0, length - 1]) {
      const other = `${prefix.slice(0, at)}x${prefix.slice(at + 1)}1`
      expect(find(1, collidingKey(other))).toBeUndefined()
    }
  })

  it('takes nothing for good when the generations of a slot begin again', () => {
    const { slots, places, find } = fixture()
    places.remember(1, hashKey('ab1'), slots.put(2, 'ab', '1', 'value'))
    for (let i = 0; i < 2 ** 16 + 2; i++) {
      places.taken(2)
      places.remember(1, hashKey('cd1'), slots.put(2, 'cd', '1', 'other'))
      if (i >= 2 ** 16 - 4) expect(find(1, hashKey('ab1'))).toBeUndefined()
    }
    slots.put(2, 'ab', '1', 'ghost')
    expect(find(1, hashKey('ab1'))).toBeUndefined()
  })

  it('remembers nothing that its numbers have no room for', () => {
    const { slots, places, find } = fixture()
    const place = slots.put(2, 'ab', '1', 'value')
    places.remember(1, hashKey('ab1'), { ...place, end: 0x1_0000 })
    expect(find(1, hashKey('ab1'))).toBeUndefined()
    places.remember(1, hashKey('ab1'), { ...place, start: place.start + 16, end: place.end + 16 })
    expect(find(1, hashKey('ab1'))).toBeUndefined()
    places.remember(1, hashKey('ab1'), { ...place, start: place.start + 2 })
    expect(find(1, hashKey('ab1'))).toBe('lue')
  })

  it('takes a place that was remembered anew, in another slot', () => {
    const { slots, places, find } = fixture()
    places.remember(1, hashKey('ab1'), slots.put(2, 'ab', '1', 'old'))
    places.taken(2)
    places.remember(1, hashKey('ab1'), slots.put(3, 'ab', '1', 'new'))
    expect(find(1, hashKey('ab1'))).toBe('new')
  })

  it('grows while much is not found, keeps what it has, and stops at its limit', () => {
    const count = 20_000
    const limit = 1024 * 1024
    // With a mark for each of so many keys that were asked for.
    const notes = count * 64 + 2 * 65_536
    const { slots, places, find } = fixture(count, limit)
    const keys = Array.from({ length: count }, (_, i) => String(i).padStart(6, '0'))
    for (let round = 0; round < 8; round++) {
      for (const [i, key] of keys.entries()) {
        if (find(1, hashKey(key)) === undefined) places.remember(1, hashKey(key), slots.put(i, '', key, `value ${i}`))
      }
      expect(places.byteLength).toBeLessThanOrEqual(1.5 * limit + notes)
    }
    expect(places.byteLength).toBe(limit + notes)
    const found = keys.filter((key, i) => find(1, hashKey(key)) === `value ${i}`).length
    expect(found).toBeGreaterThan(count * 0.85)
    expect(keys.every((key, i) => [`value ${i}`, undefined].includes(find(1, hashKey(key))))).toBe(true)
  })

  it('moves nothing to grow: what was in the table before is found, and moves when it is', () => {
    const count = 20_000
    const { slots, places, find } = fixture(count)
    const text = (i: number) => String(i).padStart(6, '0')
    let growths = 0
    for (let i = 0, known = 0; i < count; i++) {
      places.remember(1, hashKey(text(i)), slots.put(i, '', text(i), `value ${i}`))
      if (places.byteLength > known && i > 100) {
        growths += 1
        // A few may have been driven out by others before.
        const lately = Array.from({ length: 100 }, (_, n) => i - n)
        const found = lately.filter((n) => find(1, hashKey(text(n))) === `value ${n}`)
        expect(found.length).toBeGreaterThan(90)
        expect(found.every((n) => find(1, hashKey(text(n))) === `value ${n}`)).toBe(true)
      }
      known = places.byteLength
    }
    expect(growths).toBeGreaterThan(2)
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

import { describe, expect, it } from 'vitest'
import { HashedKey, hashKey } from '../../../../src/base/key-hash.js'
import { EntryCache } from '../../../../src/storage/sorted-file/entry-cache.js'
import type { FoundValue } from '../../../../src/storage/tree/cursor.js'

const MEGABYTE = 1024 * 1024
const CHUNK = 256 * 1024
/** Of a tree that has no room. */
const TOO_MUCH = { entryCount: 1e9, byteLength: 1e12 }

function fixture(byteLimit = 2 * MEGABYTE, mostChunks?: number) {
  const entries = new EntryCache(byteLimit, mostChunks)
  const find = (partition: number, key: HashedKey): string | undefined => {
    const target: FoundValue = { bytes: Buffer.alloc(0), start: 0, end: 0 }
    if (!entries.find(partition, key, target)) return undefined
    return (target.bytes as Buffer).toString('latin1', target.start, target.end)
  }
  /** The value lies among other bytes, as in a block. */
  const keep = (partition: number, key: HashedKey, value: string): void => {
    entries.keep(partition, key, Buffer.from(`<<${value}>>`, 'latin1'), 2, 2 + value.length)
  }
  return { entries, find, keep }
}

/** A key whose hash is what is said, as somebody could choose keys to be. */
function collidingKey(key: string, first = 7, second = 9): HashedKey {
  const colliding = new HashedKey(key.length)
  colliding.bytes.set(Buffer.from(key, 'latin1'))
  colliding.hash(key.length)
  colliding.first = first
  colliding.second = second
  return colliding
}

describe('copies of entries', () => {
  it('finds nothing before anything was copied, and takes no memory', () => {
    const { entries, find } = fixture()
    expect(find(1, hashKey('a'))).toBeUndefined()
    expect(entries.byteLength).toBe(0)
    expect(entries.hits).toBe(0)
  })

  it('finds what was copied, and counts it', () => {
    const { entries, find, keep } = fixture()
    keep(1, hashKey('ab1'), 'value')
    keep(1, hashKey('ab2'), '')
    expect([find(1, hashKey('ab1')), find(1, hashKey('ab2')), find(1, hashKey('ab3'))]).toEqual([
      'value',
      '',
      undefined,
    ])
    expect(entries.hits).toBe(2)
    expect(entries.byteLength).toBeGreaterThan(CHUNK)
  })

  it('does not change when the bytes do that an entry was copied from', () => {
    const { entries, find } = fixture()
    const bytes = Buffer.from('value')
    entries.keep(1, hashKey('ab1'), bytes, 0, 5)
    bytes.fill('x')
    expect(find(1, hashKey('ab1'))).toBe('value')
  })

  it('finds nothing when the files of the partition are others by now, until it was copied from those', () => {
    const { find, keep } = fixture()
    keep(1, hashKey('ab1'), 'old')
    expect(find(2, hashKey('ab1'))).toBeUndefined()
    keep(2, hashKey('ab1'), 'new')
    expect(find(2, hashKey('ab1'))).toBe('new')
  })

  it('has a place for each of two trees that have the same key', () => {
    const { entries, find, keep } = fixture()
    const keys = Array.from({ length: 100 }, (_, i) => `user ${i}`)
    for (const tree of [1, 2]) for (const key of keys) keep(tree, hashKey(key), `of ${tree}`)
    for (const tree of [1, 2]) for (const key of keys) find(tree, hashKey(key))
    // A few may have been driven out by others.
    expect(entries.hits).toBeGreaterThan(180)
    keep(1, hashKey('user 1'), 'again')
    expect([find(1, hashKey('user 1')), find(2, hashKey('user 1'))]).toEqual(['again', 'of 2'])
  })

  it('takes an empty key with an empty value for an entry like others', () => {
    const { find, keep } = fixture()
    keep(1, hashKey(''), '')
    keep(1, hashKey('a'), 'value')
    expect([find(1, hashKey('')), find(1, hashKey('a'))]).toEqual(['', 'value'])
  })

  it.each(['ab2', 'xb1', 'ab', 'ab10', ''])('never takes another key of the same hash, %o, for it', (other) => {
    const { find, keep } = fixture()
    keep(1, collidingKey('ab1'), 'value')
    expect(find(1, collidingKey('ab1'))).toBe('value')
    expect(find(1, collidingKey(other))).toBeUndefined()
  })

  it('never takes the hash of what was never written for a copy', () => {
    const { find, keep } = fixture()
    keep(1, hashKey('ab1'), 'value')
    expect(find(0, collidingKey('', 0, 0))).toBeUndefined()
    expect(find(1, collidingKey('', 0, 0))).toBeUndefined()
  })

  it('has four places for keys that share a line, and forgets the one copied first for a fifth', () => {
    const { find, keep } = fixture()
    const key = (n: number) => collidingKey(`k${n}`, 7, n * 2 ** 20)
    for (const n of [1, 2, 3, 4, 5]) keep(1, key(n), `value ${n}`)
    expect([1, 2, 3, 4, 5].map((n) => find(1, key(n)))).toEqual([undefined, 'value 2', 'value 3', 'value 4', 'value 5'])
  })

  it('wants what is asked for again, and one of many at once, while there is room', () => {
    const { entries, keep } = fixture(CHUNK * 1.4)
    expect(entries.isWanted(hashKey('a'), TOO_MUCH)).toBe(false)
    expect(entries.isWanted(hashKey('a'), TOO_MUCH)).toBe(true)
    expect(entries.isWanted(hashKey('b'), TOO_MUCH, 'one of many')).toBe(true)
    // More than there is memory for.
    for (let i = 0; i < 400; i++) keep(1, hashKey(`key ${i}`), 'v'.repeat(1000))
    expect(entries.isWanted(hashKey('c'), TOO_MUCH, 'one of many')).toBe(false)
    expect(entries.isWanted(hashKey('c'), TOO_MUCH, 'one of many')).toBe(true)
  })

  it('wants at once what is read, and not what may be changed, if all of it has room', () => {
    const { entries } = fixture(2 * MEGABYTE)
    // Three quarters of six chunks, each copy from the next multiple of 16 bytes on; of 16,384 places three eighths.
    const room = (6 * CHUNK * 3) / 4
    const wants = (entryCount: number, byteLength: number) => {
      const key = `${entryCount} ${byteLength}`
      const content = { entryCount, byteLength }
      return [
        entries.isWanted(hashKey(`${key} changed`), content),
        entries.isWanted(hashKey(`${key} read`), content, 'one'),
      ]
    }
    expect(wants(1000, room - 16_000)).toEqual([false, true])
    expect(wants(1000, room - 15_999)).toEqual([false, false])
    expect(wants(6144, 100_000)).toEqual([false, true])
    expect(wants(6145, 100_000)).toEqual([false, false])
    expect(entries.isWanted(hashKey('a'), TOO_MUCH, 'one')).toBe(false)
  })

  it('wants everything at once no more than once, but for as much as was found again', () => {
    const { entries, find, keep } = fixture(2 * MEGABYTE)
    const content = { entryCount: 1000, byteLength: 100_000 }
    let n = 0
    const wantsNext = () => entries.isWanted(hashKey(`key ${n++}`), content, 'one')
    const countWanted = () => Array.from({ length: 10_000 }, wantsNext).filter(Boolean).length
    expect(countWanted()).toBe(6144)

    keep(1, hashKey('a'), 'value')
    for (let i = 0; i < 3; i++) find(1, hashKey('a'))
    expect([wantsNext(), wantsNext(), wantsNext(), wantsNext()]).toEqual([true, true, true, false])
    for (let i = 0; i < 10_000; i++) find(1, hashKey('a'))
    expect(countWanted()).toBe(6144)
  })

  it('copies nothing that is long, and nothing at all with little memory', () => {
    const { entries, find, keep } = fixture()
    keep(1, hashKey('ab1'), 'v'.repeat(1022))
    expect(find(1, hashKey('ab1'))).toBeUndefined()
    keep(1, hashKey('ab1'), 'v'.repeat(1021))
    expect(find(1, hashKey('ab1'))).toBe('v'.repeat(1021))
    expect(entries.byteLength).toBeLessThan(2 * MEGABYTE)

    for (const little of [0, 1, 64, 79]) {
      const other = fixture(little)
      expect([other.entries.isWanted(hashKey('a'), TOO_MUCH), other.entries.isWanted(hashKey('a'), TOO_MUCH)]).toEqual([
        false,
        false,
      ])
      other.keep(1, hashKey('a'), 'value')
      expect(other.find(1, hashKey('a'))).toBeUndefined()
      other.entries.warm([hashKey('a')], 1)
      expect(other.entries.byteLength).toBe(0)
    }
  })

  it.each([100, 222, 1000, 11_111, 100_000])('keeps within %i bytes, whatever is copied', (byteLimit) => {
    const { entries, find, keep } = fixture(byteLimit)
    let found = 0
    for (let i = 0; i < 2000; i++) {
      keep(1, hashKey(`k${i}`), `value ${i}`)
      if (find(1, hashKey(`k${i}`)) === `value ${i}`) found += 1
      const other = find(1, hashKey(`k${i >>> 1}`))
      expect([undefined, `value ${i >>> 1}`]).toContain(other)
      expect(entries.byteLength).toBeLessThanOrEqual(byteLimit)
    }
    expect(found).toBe(2000)
  })

  it('writes over the chunk that was begun first, and finds nothing of it any more', () => {
    const { entries, find, keep } = fixture(2 * MEGABYTE)
    const count = 20_000
    const text = (i: number) => `key ${i}`
    const value = (i: number) => `${i}`.padEnd(200, '.')
    let oldest = 0
    for (let i = 0; i < count; i++) {
      keep(1, hashKey(text(i)), value(i))
      if (i % 1000 !== 999) continue
      // What is found is right, and what is found is what was copied last, but for a few that others drove out.
      const found = Array.from({ length: i + 1 }, (_, n) => find(1, hashKey(text(n))))
      expect(found.filter((one, n) => one !== undefined && one !== value(n))).toEqual([])
      oldest = found.findIndex((one) => one !== undefined)
      const share = found.filter((one) => one !== undefined).length / (i + 1 - oldest)
      expect(share).toBeGreaterThan(0.85)
    }
    expect(oldest).toBeGreaterThan(count / 2)
    expect(entries.byteLength).toBeLessThanOrEqual(2 * MEGABYTE)
  })

  it('forgets all when the numbers of its chunks begin again, and takes nothing for what was there before', () => {
    const { find, keep } = fixture(2 * MEGABYTE, 16)
    const value = 'v'.repeat(1000)
    keep(1, hashKey('first'), value)
    let forgotten = 0
    for (let i = 0; i < 256 * 16 * 4; i++) {
      keep(1, hashKey(`key ${i}`), `${i}${value.slice(8)}`)
      expect(find(1, hashKey(`key ${i}`))).toBe(`${i}${value.slice(8)}`)
      const before = find(1, hashKey(`key ${i - 1}`))
      expect([undefined, `${i - 1}${value.slice(8)}`]).toContain(before)
      if (before === undefined) forgotten += 1
      if (i > 256 * 8) expect(find(1, hashKey('first'))).toBeUndefined()
    }
    // Once for each time they begin again; the first copy has none before it.
    expect(forgotten).toBeGreaterThan(3)
    expect(forgotten).toBeLessThan(10)
  })

  it('grows a little at a time: what was copied before is found all the while, until it stops at its limit', () => {
    const { entries, find, keep } = fixture(16 * MEGABYTE)
    const text = (i: number) => String(i).padStart(6, '0')
    let growths = 0
    let known = 0
    let missing = 0
    for (let i = 0; i < 30_000; i++) {
      keep(1, hashKey(text(i)), `value ${i}`)
      if (entries.byteLength > known + CHUNK) growths += 1
      known = entries.byteLength
      // One of all that were copied, now and again from the first on.
      const other = (i * 7919) % (i + 1)
      const found = find(1, hashKey(text(other)))
      expect([undefined, `value ${other}`]).toContain(found)
      if (found === undefined) missing += 1
    }
    // A bucket has four places and is half full at most on average: some drive others out.
    expect(missing).toBeLessThan(30_000 * 0.1)
    expect(growths).toBeGreaterThan(0)
    expect(entries.byteLength).toBeLessThanOrEqual(16 * MEGABYTE)
  })

  it('keeps the newer of two copies of a key that a table and the one before it have', () => {
    const { entries, find, keep } = fixture(16 * MEGABYTE)
    const keys = Array.from({ length: 30_000 }, (_, i) => `key ${i}`)
    for (const [i, key] of keys.entries()) {
      keep(1, hashKey(key), 'old')
      // A table has begun to move: what was in the former one is copied again, from newer files.
      if (i % 64 === 0) {
        const again = keys[i >>> 1]!
        keep(2, hashKey(again), `new ${i}`)
        expect(find(2, hashKey(again))).toBe(`new ${i}`)
      }
    }
    const found = keys.flatMap((key) => find(2, hashKey(key)) ?? [])
    expect(found.length).toBeGreaterThan(400)
    expect(found.every((value) => value.startsWith('new '))).toBe(true)
    expect(entries.byteLength).toBeGreaterThan(MEGABYTE)
  })

  it('is told of many keys without being asked for what it has not', () => {
    const { entries, find, keep } = fixture()
    const keys = ['a', 'b', 'c'].map((text) => {
      const key = new HashedKey(text.length)
      key.bytes.set(Buffer.from(text))
      key.hash(text.length)
      return key
    })
    entries.warm(keys, 3)
    keep(1, keys[1]!, 'value')
    entries.warm(keys, 3)
    expect(keys.map((key) => find(1, key))).toEqual([undefined, 'value', undefined])
  })
})

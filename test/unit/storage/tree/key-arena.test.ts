/** Keys keep their bytes and place, whatever their length and however many come after them. */
import { expect, test } from 'vitest'
import { hashKey } from '../../../../src/base/key-hash.js'
import { KeyArena, markOf } from '../../../../src/storage/tree/key-arena.js'
import { SeededRandom } from '../../../support/random.js'

const LENGTHS = [0, 1, 3, 4, 5, 30, 63, 64, 65, 3000]

function anyKey(random: SeededRandom): string {
  return Buffer.from(random.bytes(random.pick(LENGTHS))).toString('latin1')
}

test('what is added is found at its place, and stays there', () => {
  const random = new SeededRandom(3)
  const arena = new KeyArena()
  const added = Array.from({ length: 3000 }, () => {
    const key = anyKey(random)
    return { key, place: arena.add(hashKey(key)) }
  })
  expect(new Set(added.map(({ place }) => place)).size).toBe(added.length)
  for (const { key, place } of added) {
    expect(arena.textAt(place)).toBe(key)
    expect(arena.lengthAt(place)).toBe(key.length)
    const copied = Buffer.alloc(key.length + 2)
    arena.copyTo(copied, 1, place)
    expect(copied.toString('latin1')).toBe(`\0${key}\0`)
  }
})

test('a key larger than a piece of memory has one of its own', () => {
  const arena = new KeyArena()
  const keys = [10, 262_140, 262_144, 262_145, 400_000, 3, 5].map((size, n) => String(n).repeat(size))
  const places = keys.map((key) => arena.add(hashKey(key)))
  for (const [n, key] of keys.entries()) expect(arena.textAt(places[n]!) === key).toBe(true)
})

test('keys are compared by their bytes', () => {
  const random = new SeededRandom(4)
  const arena = new KeyArena()
  for (let n = 0; n < 5000; n++) {
    const prefix = anyKey(random).slice(0, 40)
    const [a, b] = [prefix + anyKey(random).slice(0, 5), prefix + anyKey(random).slice(0, 5)]
    const place = arena.add(hashKey(a))
    const expected = Math.sign(Buffer.compare(Buffer.from(a, 'latin1'), Buffer.from(b, 'latin1')))
    let shared = 0
    while (shared < Math.min(a.length, b.length) && a[shared] === b[shared]) shared += 1
    expect(Math.sign(arena.compare(place, hashKey(b)))).toBe(expected)
    expect(arena.shared).toBe(shared)
    expect(arena.sharedBy(place, arena.add(hashKey(b)))).toBe(shared)
  }
})

test('marks sort as the bytes they are made of', () => {
  const random = new SeededRandom(5)
  const arena = new KeyArena()
  for (let n = 0; n < 5000; n++) {
    const [a, b] = [Buffer.from(random.bytes(random.below(7))), Buffer.from(random.bytes(random.below(7)))]
    const from = random.below(3)
    const padded = (key: Buffer) => Buffer.concat([key.subarray(from), Buffer.alloc(4)]).subarray(0, 4)
    const difference = markOf(a, from, a.length) - markOf(b, from, b.length)
    expect(Math.sign(difference)).toBe(Math.sign(Buffer.compare(padded(a), padded(b))))
    const place = arena.add(hashKey(a.toString('latin1')))
    expect(arena.markAt(place, from)).toBe(markOf(a, from, a.length))
  }
})

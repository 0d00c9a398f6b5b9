/** Entries keep their key, value, lsn and place, whatever their length and however many come after them. */
import { expect, test } from 'vitest'
import { hashKey } from '../../../../src/base/key-hash.js'
import { EntryArena } from '../../../../src/storage/tree/entry-arena.js'
import { SeededRandom } from '../../../support/random.js'

/** As text: comparing long bytes one by one takes seconds. */
function shown(arena: EntryArena, place: number) {
  const key = arena.key(place)
  const copied = Buffer.alloc(arena.keyLength(place) + 2)
  arena.copyKey(place, copied, 1)
  expect(copied.toString('latin1', 1, 1 + key.length)).toBe(key)
  arena.look(place)
  const bytes = Buffer.from(arena.bytes.subarray(arena.start, arena.end))
  const value = arena.isTombstone ? undefined : bytes.toString('latin1')
  return { key, value, lsn: arena.lsn(place), isTombstone: arena.isTombstoneAt(place) }
}

test('what is added is found at its place, and stays there', () => {
  const random = new SeededRandom(3)
  const arena = new EntryArena()
  const added = Array.from({ length: 3000 }, (_, n) => {
    const length = random.pick([0, 1, 7, 8, 200, 5000])
    const value = random.chance(0.1) ? undefined : Buffer.from(random.bytes(length))
    const lsn = n % 2 === 0 ? n : Number.MAX_SAFE_INTEGER - n
    const key = Buffer.from(random.bytes(random.pick([0, 1, 5, 30, 64, 3000]))).toString('latin1')
    return { key, value, lsn, place: arena.add(hashKey(key), value, lsn) }
  })
  expect(new Set(added.map(({ place }) => place)).size).toBe(added.length)
  for (const { key, value, lsn, place } of added) {
    const text = value?.toString('latin1')
    expect(shown(arena, place)).toEqual({ key, value: text, lsn, isTombstone: value === undefined })
  }
})

test('a value larger than a piece of memory has one of its own', () => {
  const arena = new EntryArena()
  const sizes = [10, 262_125, 262_144, 262_145, 400_000, 3, 2_000_000, 5]
  const places = sizes.map((size, n) => arena.add(hashKey('key'), Buffer.alloc(size, n + 1), n))
  for (const [n, size] of sizes.entries()) {
    const value = Buffer.alloc(size, n + 1).toString('latin1')
    expect(shown(arena, places[n]!)).toEqual({ key: 'key', value, lsn: n, isTombstone: false })
  }
})

test('what was looked at stays where it is when more is added', () => {
  const arena = new EntryArena()
  arena.look(arena.add(hashKey('a'), Buffer.from('first'), 1))
  const view = arena.bytes.subarray(arena.start, arena.end)
  for (let n = 0; n < 10_000; n++) arena.add(hashKey('b'), Buffer.from('other'), n)
  expect(String(view)).toBe('first')
})

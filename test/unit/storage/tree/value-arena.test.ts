/** Values keep their bytes, lsn and place, whatever their length and however many come after them. */
import { expect, test } from 'vitest'
import { ValueArena } from '../../../../src/storage/tree/value-arena.js'
import { SeededRandom } from '../../../support/random.js'

/** As text: comparing long bytes one by one takes seconds. */
function shown(arena: ValueArena, place: number) {
  arena.look(place)
  const bytes = Buffer.from(arena.bytes.subarray(arena.start, arena.end))
  const value = arena.isTombstone ? undefined : bytes.toString('latin1')
  return { value, lsn: arena.lsn(place), isTombstone: arena.isTombstoneAt(place) }
}

test('what is added is found at its place, and stays there', () => {
  const random = new SeededRandom(3)
  const arena = new ValueArena()
  const added = Array.from({ length: 3000 }, (_, n) => {
    const length = random.pick([0, 1, 7, 8, 200, 5000])
    const value = random.chance(0.1) ? undefined : Buffer.from(random.bytes(length))
    const lsn = n % 2 === 0 ? n : Number.MAX_SAFE_INTEGER - n
    return { value, lsn, place: arena.add(value, lsn) }
  })
  expect(new Set(added.map(({ place }) => place)).size).toBe(added.length)
  for (const { value, lsn, place } of added) {
    const text = value?.toString('latin1')
    expect(shown(arena, place)).toEqual({ value: text, lsn, isTombstone: value === undefined })
  }
})

test('a value larger than a piece of memory has one of its own', () => {
  const arena = new ValueArena()
  const sizes = [10, 262_132, 262_144, 262_145, 400_000, 3, 2_000_000, 5]
  const places = sizes.map((size, n) => arena.add(Buffer.alloc(size, n + 1), n))
  for (const [n, size] of sizes.entries()) {
    const value = Buffer.alloc(size, n + 1).toString('latin1')
    expect(shown(arena, places[n]!)).toEqual({ value, lsn: n, isTombstone: false })
  }
})

test('what was looked at stays where it is when more is added', () => {
  const arena = new ValueArena()
  arena.look(arena.add(Buffer.from('first'), 1))
  const view = arena.bytes.subarray(arena.start, arena.end)
  for (let n = 0; n < 10_000; n++) arena.add(Buffer.from('other'), n)
  expect(String(view)).toBe('first')
})

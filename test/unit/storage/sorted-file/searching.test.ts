/** Every way to search a sorted list of keys says what looking at one after the other does. */
import { describe, expect, test } from 'vitest'
import { hashKey } from '../../../../src/base/key-hash.js'
import { Block, BlockBuilder } from '../../../../src/storage/sorted-file/block.js'
import { KeyList, lastAtOrBelow } from '../../../../src/storage/sorted-file/key-search.js'
import type { ByteView } from '../../../../src/storage/tree/cursor.js'
import { SeededRandom } from '../../../support/random.js'

const SEEDS = [1, 2, 3, 4, 5, 6]
/** Each kind is difficult in a way of its own: keys that are spread, and those that begin alike, longer and shorter than what is compared as a number. */
const KINDS = ['spread', 'one byte', 'few letters', 'under one prefix', 'beginning alike'] as const
const MOST_KEYS = 300

function keyOf(kind: (typeof KINDS)[number], random: SeededRandom): string {
  const letters = (most: number) =>
    Array.from({ length: random.below(most + 1) }, () => random.pick(['\0', 'a', 'b', '\xff'])).join('')
  if (kind === 'spread') return Buffer.from(random.bytes(8)).toString('latin1')
  if (kind === 'one byte') return String.fromCharCode(random.below(256))
  if (kind === 'few letters') return letters(4)
  if (kind === 'under one prefix') return `the same for all ${letters(8)}`
  return random.pick(['123456', '123457']) + letters(5)
}

function sortedKeys(kind: (typeof KINDS)[number], random: SeededRandom): string[] {
  const count = random.pick([1, 2, 3, 17, MOST_KEYS])
  return [...new Set(Array.from({ length: count }, () => keyOf(kind, random)))].sort()
}

/** Keys that are there, or near, or anything. */
function* wantedKeys(keys: readonly string[], random: SeededRandom): Generator<string> {
  yield* ['', '\0', '\xff', '\xff'.repeat(20)]
  for (const key of keys) yield* [key, `${key}\0`, key.slice(0, -1), `${key.slice(0, -1)}\xff`]
  for (let i = 0; i < 100; i++) yield keyOf(random.pick(KINDS), random)
}

const lastPosition = (keys: readonly string[], wanted: string) => keys.findLastIndex((key) => key <= wanted)

function blockOf(keys: readonly string[]): Block {
  const builder = new BlockBuilder()
  let before = ''
  for (const key of keys) {
    let shared = 0
    while (shared < before.length && before[shared] === key[shared]) shared += 1
    builder.add(hashKey(key), shared, { bytes: Buffer.from('value'), start: 0, end: 5, isTombstone: false }, 0)
    before = key
  }
  return new Block().open(builder.finish().raw)
}

describe.each(KINDS)('keys of the kind "%s"', (kind) => {
  test.each(SEEDS)('are found in a list (seed %i)', (seed) => {
    const random = new SeededRandom(seed)
    const keys = sortedKeys(kind, random)
    const list = new KeyList(keys)
    for (const wanted of wantedKeys(keys, random)) {
      const expected = lastPosition(keys, wanted)
      expect(list.lastAtOrBelow(wanted), JSON.stringify(wanted)).toBe(expected)
      expect(list.lastAtOrBelow(hashKey(wanted)), JSON.stringify(wanted)).toBe(expected)
    }
  })

  test.each(SEEDS)('are found in a block (seed %i)', (seed) => {
    const random = new SeededRandom(seed)
    const keys = sortedKeys(kind, random)
    const block = blockOf(keys)
    const numbers = block.leadingNumbers()
    for (const wanted of wantedKeys(keys, random)) {
      const said = JSON.stringify(wanted)
      expect(block.find(hashKey(wanted)), said).toBe(keys.indexOf(wanted))
      expect(block.lastAtOrBelow(hashKey(wanted), numbers), said).toBe(lastPosition(keys, wanted))
      const from = random.below(keys.length + 1)
      const first = keys.findIndex((key, position) => position >= from && key >= wanted)
      expect(block.firstAtOrAbove(wanted, from), `${said} from ${from}`).toBe(first < 0 ? keys.length : first)
      const position = random.below(keys.length)
      const order = keys[position]! < wanted ? -1 : keys[position]! > wanted ? 1 : 0
      expect(Math.sign(block.compare(position, viewOf(wanted))), `${said} at ${position}`).toBe(order)
    }
  })
})

test('an empty list has no position', () => {
  for (const key of ['', 'a']) expect(new KeyList([]).lastAtOrBelow(key)).toBe(-1)
})

test('numbers are searched between two positions', () => {
  const numbers = Float64Array.of(1, 3, 3, 5)
  expect([0, 1, 2, 3, 4, 5, 6].map((wanted) => lastAtOrBelow(numbers, wanted))).toEqual([-1, 0, 0, 2, 2, 3, 3])
  expect([0, 3, 6].map((wanted) => lastAtOrBelow(numbers, wanted, 0, 1))).toEqual([0, 1, 1])
})

function viewOf(key: string): ByteView {
  return { bytes: Buffer.from(key, 'latin1'), start: 0, end: key.length }
}

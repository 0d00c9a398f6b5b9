/** Merging is what a reader sees: newest wins, tombstones hide, in both directions. */
import { describe, expect, test } from 'vitest'
import { MergeCursor } from '../../../../src/storage/tree/merge.js'
import { RangeCursor } from '../../../../src/storage/tree/range-cursor.js'
import { SortedTree } from '../../../../src/storage/tree/sorted-tree.js'
import { SeededRandom } from '../../../support/random.js'

describe('MergeCursor', () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])('shows what a map would that was written to in turn (seed %i)', (seed) => {
    const random = new SeededRandom(seed)
    const oldestFirst = Array.from({ length: random.between(1, 4) }, () => new SortedTree())
    const expected = new Map<string, string | undefined>()
    for (const [i, tree] of oldestFirst.entries()) {
      for (let n = random.below(30); n > 0; n--) {
        const key = String.fromCharCode(97 + random.below(26)).repeat(random.between(1, 2))
        const value = random.chance(0.3) ? undefined : `${i}.${n}`
        tree.set(key, { value: value === undefined ? undefined : Buffer.from(value), lsn: i })
        expected.set(key, value)
      }
    }
    const newestFirst = oldestFirst.toReversed()
    const lower = random.chance(0.5) ? '' : 'f'
    const upper = random.chance(0.5) ? undefined : 't'
    const inRange = (key: string) => key >= lower && (upper === undefined || key < upper)
    const live = [...expected].filter(([key, value]) => inRange(key) && value !== undefined).sort()

    const up = new MergeCursor(
      newestFirst.map((tree) => tree.ascending(lower)),
      'ascending',
    )
    expect(walk(new RangeCursor(up, { lower, upper }, 'ascending'))).toEqual(live)
    const down = new MergeCursor(
      newestFirst.map((tree) => tree.descending(upper)),
      'descending',
    )
    expect(walk(new RangeCursor(down, { lower, upper }, 'descending'))).toEqual(live.toReversed())
  })

  test('nothing merged is nothing', () => {
    expect(new MergeCursor([], 'ascending').next()).toBe(false)
    expect(new MergeCursor([new SortedTree().ascending('')], 'ascending').next()).toBe(false)
  })
})

describe('SortedTree', () => {
  test('orders keys by their bytes, not as numbers or in any language', () => {
    const tree = new SortedTree()
    const keys = ['10', '9', 'Z', 'a', '\xe9', 'e', '\x00', '\xff', '']
    for (const key of keys) tree.set(key, { value: Buffer.from(key), lsn: 1 })
    expect(walk(tree.ascending('')).map(([key]) => key)).toEqual(keys.toSorted())
    expect(tree.size).toBe(keys.length)
  })
})

function walk(cursor: { next(): boolean; key(): string; value(): Uint8Array | undefined }): [string, string][] {
  const found: [string, string][] = []
  while (cursor.next()) found.push([cursor.key(), Buffer.from(cursor.value()!).toString()])
  return found
}

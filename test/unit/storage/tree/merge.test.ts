/** Merging is what a reader sees: newest wins, tombstones hide, in both directions. */
import { describe, expect, test } from 'vitest'
import { hashKey } from '../../../../src/base/key-hash.js'
import { ALL_KEYS } from '../../../../src/storage/tree/cursor.js'
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
        tree.set(hashKey(key), value === undefined ? undefined : Buffer.from(value), i)
        expected.set(key, value)
      }
    }
    const newestFirst = oldestFirst.toReversed()
    const lower = random.chance(0.5) ? '' : 'f'
    const upper = random.chance(0.5) ? undefined : 't'
    const inRange = (key: string) => key >= lower && (upper === undefined || key < upper)
    const live = [...expected].filter(([key, value]) => inRange(key) && value !== undefined).sort()

    const up = new MergeCursor(
      newestFirst.map((tree) => tree.cursor({ lower, upper }, 'ascending')),
      'ascending',
    )
    expect(walk(new RangeCursor(up))).toEqual(live)
    const down = new MergeCursor(
      newestFirst.map((tree) => tree.cursor({ lower, upper }, 'descending')),
      'descending',
    )
    expect(walk(new RangeCursor(down))).toEqual(live.toReversed())
  })

  test('nothing merged is nothing', () => {
    expect(new MergeCursor([], 'ascending').next()).toBe(false)
    expect(new MergeCursor([new SortedTree().cursor(ALL_KEYS, 'ascending')], 'ascending').next()).toBe(false)
  })
})

function walk(cursor: RangeCursor): [string, string][] {
  const found: [string, string][] = []
  while (cursor.next()) found.push([cursor.key(), Buffer.from(cursor.value()).toString()])
  return found
}

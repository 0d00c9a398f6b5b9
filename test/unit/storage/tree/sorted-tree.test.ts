/** What is in memory, in the order of its keys. */
import { describe, expect, test } from 'vitest'
import { hashKey } from '../../../../src/base/key-hash.js'
import { SnapshotReleasedError } from '../../../../src/errors.js'
import { ALL_KEYS } from '../../../../src/storage/tree/cursor.js'
import { KeyArena } from '../../../../src/storage/tree/key-arena.js'
import { RangeCursor } from '../../../../src/storage/tree/range-cursor.js'
import { type HeldMoment, Runs } from '../../../../src/storage/tree/runs.js'
import { SortedTree } from '../../../../src/storage/tree/sorted-tree.js'
import { ValueArena } from '../../../../src/storage/tree/value-arena.js'
import { SeededRandom } from '../../../support/random.js'

describe('SortedTree', () => {
  test('orders keys by their bytes, not as numbers or in any language', () => {
    const tree = new SortedTree()
    const keys = ['10', '9', 'Z', 'a', '\xe9', 'e', '\x00', '\xff', '']
    for (const key of keys) tree.set(hashKey(key), Buffer.from(key), 1)
    expect(walk(new RangeCursor(tree.cursor(ALL_KEYS, 'ascending'))).map(([key]) => key)).toEqual(keys.toSorted())
    expect(tree.size).toBe(keys.length)
  })

  test.each([1, 2, 3, 4])('stays as it was for whoever holds a moment (seed %i)', (seed) => {
    const random = new SeededRandom(seed)
    const runs = new Runs(new KeyArena())
    // Several trees have their runs in the same memory, as those of a memtable.
    const values = new ValueArena()
    const trees = [new SortedTree(runs, values), new SortedTree(runs, values)]
    const models = trees.map(() => new Map<string, string>())
    interface Held {
      readonly moment: HeldMoment
      readonly trees: SortedTree[]
      readonly models: Map<string, string>[]
    }
    const held: Held[] = []
    const check = (held: Pick<Held, 'trees' | 'models'>) => {
      for (const [i, tree] of held.trees.entries()) {
        expect(walk(new RangeCursor(tree.cursor(ALL_KEYS, 'ascending')))).toEqual([...held.models[i]!].sort())
      }
    }
    let heldCount = 0
    for (let step = 0; step < 10_000; step++) {
      if (random.chance(0.005)) {
        const moment = runs.hold()
        heldCount += 1
        held.push({ moment, trees: trees.map((tree) => tree.snapshot(moment)), models: models.map((m) => new Map(m)) })
      }
      if (held.length > 0 && random.chance(held.length > 4 ? 0.1 : 0.005)) {
        const [released] = held.splice(random.below(held.length), 1)
        check(released!)
        released!.moment.release()
      }
      // Some begin alike, and are many; others are alone.
      const i = random.below(2)
      const key = random.chance(0.5) ? `much of it ${random.below(900)}` : String(random.below(300))
      trees[i]!.set(hashKey(key), Buffer.from(`${step}`), step)
      models[i]!.set(key, `${step}`)
    }
    expect(heldCount).toBeGreaterThan(20)
    check({ trees, models })
    for (const each of held) check(each)
    for (const { moment } of held) moment.release()
    expect(runs.copiedByteLength).toBe(0)
    check({ trees, models })
  })

  test('is not read any more at a moment that was released', () => {
    const runs = new Runs(new KeyArena())
    const tree = new SortedTree(runs)
    for (const key of ['a', 'b', 'c']) tree.set(hashKey(key), Buffer.from(key), 1)
    const moment = runs.hold()
    const cursor = tree.snapshot(moment).cursor(ALL_KEYS, 'ascending')
    expect(cursor.next()).toBe(true)
    moment.release()
    expect(() => cursor.next()).toThrow(SnapshotReleasedError)
  })

  // Buckets of one, of few and of many entries; keys shorter than what tells buckets apart.
  test.each([1, 2, 3, 4, 5, 6])('shows any part of it in both directions, as a sorted list would (seed %i)', (seed) => {
    const random = new SeededRandom(seed)
    const tree = new SortedTree()
    const model = new Map<string, string>()
    const bytes = ['\x00', '\x01', '\x7f', '\x80', '\xff']
    const anyKey = () => {
      const length = random.below(random.chance(0.5) ? 4 : 9)
      return Array.from({ length }, () => bytes[random.below(bytes.length)]!).join('')
    }
    for (let step = 0; step < 3000; step++) {
      const key = random.chance(0.3) ? anyKey() : `same${anyKey()}`
      tree.set(hashKey(key), Buffer.from(`${step}`), step)
      model.set(key, `${step}`)
    }
    for (const key of model.keys()) expect(tree.has(hashKey(key))).toBe(true)
    expect(tree.has(hashKey('same, but not in it'))).toBe(false)
    expect(tree.size).toBe(model.size)
    const sorted = [...model].sort(([a], [b]) => (a < b ? -1 : 1))
    expect([...tree.keys()]).toEqual(sorted.map(([key]) => key))
    for (let n = 0; n < 200; n++) {
      const lower = random.chance(0.2) ? '' : random.chance(0.5) ? anyKey() : `same${anyKey()}`
      const upper = random.chance(0.2) ? undefined : random.chance(0.5) ? anyKey() : `same${anyKey()}`
      const expected = sorted.filter(([key]) => key >= lower && (upper === undefined || key < upper))
      expect(walk(new RangeCursor(tree.cursor({ lower, upper }, 'ascending')))).toEqual(expected)
      expect(walk(new RangeCursor(tree.cursor({ lower, upper }, 'descending')))).toEqual(expected.toReversed())
    }
  })

  test.each(['ascending', 'descending'] as const)('holds what comes in %s order', (order) => {
    const tree = new SortedTree()
    const keys = Array.from({ length: 2000 }, (_, i) => `same ${String(i).padStart(4, '0')}`)
    for (const key of order === 'ascending' ? keys : keys.toReversed()) tree.set(hashKey(key), Buffer.from(key), 1)
    expect([...tree.keys()]).toEqual(keys)
    const cursor = tree.cursor(ALL_KEYS, order)
    while (cursor.next());
    expect(cursor.next()).toBe(false)
  })

  test('counts what is removed, and what is overwritten once', () => {
    const tree = new SortedTree()
    for (let i = 0; i < 600; i++) tree.set(hashKey(`same ${i % 300}`), i % 3 === 0 ? undefined : Buffer.from('x'), i)
    expect(tree.size).toBe(300)
    expect(tree.countTombstones()).toBe(100)
  })
})

function walk(cursor: RangeCursor): [string, string][] {
  const found: [string, string][] = []
  while (cursor.next()) found.push([cursor.key(), Buffer.from(cursor.value()).toString()])
  return found
}

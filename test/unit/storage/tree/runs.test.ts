/** Runs hold what a sorted list would, whatever their keys have in common, and however they grow and are cut. */
import { describe, expect, test } from 'vitest'
import { hashKey } from '../../../../src/base/key-hash.js'
import { KeyArena } from '../../../../src/storage/tree/key-arena.js'
import { RUN_LENGTH, Runs } from '../../../../src/storage/tree/runs.js'
import { SeededRandom } from '../../../support/random.js'

interface Known {
  run: number
  readonly values: Map<string, number>
}

function sortedKeys({ values }: Known): string[] {
  return [...values.keys()].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
}

function shown(runs: Runs, { run }: Known): [string, number][] {
  return Array.from({ length: runs.sizeOf(run) }, (_, i) => [
    runs.keys.textAt(runs.keyAt(run, i)),
    runs.valueAt(run, i),
  ])
}

function expectAll(runs: Runs, known: Known): void {
  expect(shown(runs, known)).toEqual(sortedKeys(known).map((key) => [key, known.values.get(key)]))
}

/** Keys that begin alike in many ways: marks of them are the same, or only some bytes further on. */
function anyKey(random: SeededRandom): string {
  const stem = random.pick(['', 'a', 'aaaa', 'aaaaaaaa', 'aaaaaaab', 'order#000', `${'long '.repeat(20)}`])
  const rest = random.pick(['', '\0', '\0\0', '\xff', '12', '123456789'])
  return `${stem}${rest}${random.chance(0.5) ? random.below(100) : ''}`
}

describe('Runs', () => {
  test.each([1, 2, 3, 4, 5, 6])('hold what was set, and say where anything else would be (seed %i)', (seed) => {
    const random = new SeededRandom(seed)
    const runs = new Runs(new KeyArena())
    const all: Known[] = []
    for (let step = 0; step < 4000; step++) {
      const key = anyKey(random)
      if (all.length < 12 && random.chance(0.02)) {
        all.push({ run: runs.start(hashKey(key), step), values: new Map([[key, step]]) })
        continue
      }
      const known = random.pick(all.length === 0 ? [{ run: -1, values: new Map() }] : all)
      if (known.run < 0) continue
      // Who looks for an entry mostly writes it next, but not always.
      for (const found of random.pick([[], [key], [anyKey(random)], [key, anyKey(random)]])) {
        const { run, values } = random.chance(0.8) ? known : random.pick(all)
        expect(runs.find(run, hashKey(found))).toBe(values.get(found) ?? -1)
      }
      const run = runs.set(known.run, hashKey(key), step)
      if (run < 0) {
        expect(known.values.size).toBe(RUN_LENGTH)
        expect(runs.isFound).toBe(false)
        continue
      }
      expect(runs.isFound).toBe(known.values.has(key))
      known.run = run
      known.values.set(key, step)
    }
    expect(all.some(({ values }) => values.size === RUN_LENGTH)).toBe(true)
    for (const known of all) {
      expectAll(runs, known)
      const sorted = sortedKeys(known)
      for (let n = 0; n < 300; n++) {
        const key = anyKey(random)
        expect(runs.find(known.run, hashKey(key))).toBe(known.values.get(key) ?? -1)
        expect(runs.indexOf(known.run, hashKey(key))).toBe(sorted.filter((other) => other < key).length)
        expect(runs.isFound).toBe(known.values.has(key))
      }
    }
  })

  test('a run that is cut in two is two runs', () => {
    const random = new SeededRandom(7)
    for (let round = 0; round < 50; round++) {
      const runs = new Runs(new KeyArena())
      const known: Known = { run: runs.start(hashKey('order#0'), 0), values: new Map([['order#0', 0]]) }
      for (let n = 1; known.values.size < RUN_LENGTH; n++) {
        const key = anyKey(random)
        known.run = runs.set(known.run, hashKey(key), n)
        known.values.set(key, n)
      }
      const sorted = sortedKeys(known)
      const index = random.between(1, RUN_LENGTH - 1)
      const valuesOf = (keys: string[]) => new Map(keys.map((key) => [key, known.values.get(key)!]))
      const second: Known = { run: runs.split(known.run, index), values: valuesOf(sorted.slice(index)) }
      const first: Known = { run: known.run, values: valuesOf(sorted.slice(0, index)) }
      for (let n = 1; n < 40; n++) {
        const half = random.pick([first, second])
        if (half.values.size === RUN_LENGTH) continue
        const key = anyKey(random)
        half.run = runs.set(half.run, hashKey(key), -n)
        half.values.set(key, -n)
      }
      expectAll(runs, first)
      expectAll(runs, second)
    }
  })

  test('a key that was found is not where it was once its run is cut, or another one is put before it', () => {
    const runs = new Runs(new KeyArena())
    let run = runs.start(hashKey('b'), 1)
    run = runs.set(run, hashKey('d'), 2)
    expect(runs.find(run, hashKey('d'))).toBe(2)
    run = runs.set(run, hashKey('a'), 3)
    run = runs.set(run, hashKey('d'), 4)
    expect(runs.isFound).toBe(true)
    expect(runs.find(run, hashKey('d'))).toBe(4)
    const half = runs.split(run, 1)
    run = runs.set(run, hashKey('d'), 5)
    expect(runs.isFound).toBe(false)
    expect(shown(runs, { run, values: new Map() })).toEqual([
      ['a', 3],
      ['d', 5],
    ])
    expect(shown(runs, { run: half, values: new Map() })).toEqual([
      ['b', 1],
      ['d', 4],
    ])
  })

  test('a run that somebody holds is copied before it is changed, once', () => {
    const runs = new Runs(new KeyArena())
    const run = runs.set(runs.start(hashKey('a'), 1), hashKey('b'), 2)
    expect(runs.own(run)).toBe(run)
    const moment = runs.hold()
    let copy = runs.own(run)
    expect(copy).not.toBe(run)
    expect(runs.own(copy)).toBe(copy)
    for (let n = 0; n < 50; n++) copy = runs.set(copy, hashKey(`c${n}`), n)
    copy = runs.set(copy, hashKey('a'), 3)
    expect(shown(runs, { run, values: new Map() })).toEqual([
      ['a', 1],
      ['b', 2],
    ])
    expect(runs.find(copy, hashKey('a'))).toBe(3)
    expect(runs.copiedByteLength).toBeGreaterThan(0)
    moment.release()
    moment.release()
    expect(runs.copiedByteLength).toBe(0)
    expect(runs.own(copy)).toBe(copy)
  })

  test('memory of runs that have become longer is used again', () => {
    const runs = new Runs(new KeyArena())
    const starts = new Set<number>()
    for (let n = 0; n < 1000; n++) {
      let run = runs.start(hashKey('key 0'), 0)
      starts.add(run)
      for (let i = 1; i < 5; i++) run = runs.set(run, hashKey(`key ${i}`), i)
      expect(runs.sizeOf(run)).toBe(5)
    }
    expect(starts.size).toBe(1)
  })
})

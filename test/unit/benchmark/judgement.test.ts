import { expect, test } from 'vitest'
import { type Figures, judge } from '../../benchmark/judgement.js'
import { ROWS, type Row, type StoreName } from '../../benchmark/rows.js'

const figures = (all: Partial<Record<StoreName, number>>): Figures =>
  new Map(Object.entries(all) as [StoreName, number][])
const rowOf = (id: string): Row => ROWS.find((row) => row.id === id)!

test.each([
  [10, 2, 'goal'],
  [12, 10 / 6, 'floor'],
  [20, 1, 'below'],
] as const)('a get of %d against 20 of the best is %d times as fast: %s', (ours, ratio, mark) => {
  const judgement = judge(rowOf('get'), 100_000, figures({ dynafile: ours, lmdb: 20, 'classic-level': 30 }))
  expect(judgement).toEqual({ ratio: expect.closeTo(ours === 12 ? 20 / 12 : ratio), mark })
})

test('a large table asks for less', () => {
  const same = figures({ dynafile: 10, lmdb: 12 })
  expect(judge(rowOf('get'), 100_000, same).mark).toBe('below')
  expect(judge(rowOf('get'), 1_000_000, same).mark).toBe('floor')
})

test('a get from the disk is compared with lmdb, whoever is best', () => {
  const judgement = judge(rowOf('get cold'), 100_000, figures({ dynafile: 10, lmdb: 8, 'better-sqlite3': 2 }))
  expect(judgement).toEqual({ ratio: 0.8, mark: 'goal' })
})

test.each([
  [4, 'goal'],
  [19.9, 'floor'],
  [20.1, 'below'],
] as const)('a pause of %d ms needs no other store: %s', (ours, mark) => {
  expect(judge(rowOf('pause'), 100_000, figures({ dynafile: ours }))).toEqual({ mark })
})

test.each([
  [100, 'goal'],
  [180, 'floor'],
  [220, 'below'],
] as const)('%d bytes on disk against 200 of SQLite and 300 of lmdb: %s', (ours, mark) => {
  const all = figures({ dynafile: ours, lmdb: 300, 'better-sqlite3': 200 })
  expect(judge(rowOf('space'), 1_000_000, all).mark).toBe(mark)
})

test('what has nothing to be compared with has no ratio and no mark', () => {
  expect(judge(rowOf('get'), 100_000, figures({ dynafile: 10 }))).toEqual({})
  expect(judge(rowOf('space'), 100_000, figures({ dynafile: 10, 'classic-level': 20 }))).toEqual({ ratio: 2 })
  expect(judge(rowOf('get'), 100_000, figures({ lmdb: 10 }))).toEqual({})
  expect(judge(rowOf('load 25'), 100_000, figures({ dynafile: 10, lmdb: 20 }))).toEqual({ ratio: 2 })
})

test('what is compared is what came out in the same round', () => {
  // The machine was half as quick in the first round for lmdb, in the second and third for all.
  const rounds = [
    { dynafile: 10, lmdb: 20, 'classic-level': 90 },
    { dynafile: 21, lmdb: 22, 'classic-level': 95 },
    { dynafile: 20, lmdb: 21, 'classic-level': 20.5 },
  ].map(figures)
  const medians = figures({ dynafile: 20, lmdb: 21, 'classic-level': 90 })
  expect(judge(rowOf('get'), 100_000, medians, rounds).ratio).toBeCloseTo(21 / 20)
  expect(judge(rowOf('get'), 100_000, medians, rounds.slice(0, 1)).ratio).toBe(2)
})

test('no two rows have the same name', () => {
  expect(new Set(ROWS.map(({ id }) => id)).size).toBe(ROWS.length)
})

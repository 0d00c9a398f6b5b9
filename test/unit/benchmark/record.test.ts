import { expect, test } from 'vitest'
import { figureOf, latestRuns, parseRecords } from '../../benchmark/record.js'
import { growthRecords, recordOf } from './records.js'

test('a figure is the median over the rounds', () => {
  const records = [5, 1, 2].map((value, i) => recordOf({ value, round: i + 1 }))
  const others = [
    recordOf({ value: 9, row: 'put' }),
    recordOf({ value: 9, items: 7 }),
    recordOf({ store: 'lmdb', value: 9 }),
  ]
  expect(figureOf([...records, ...others], { store: 'dynafile', row: 'get', items: 100_000 })).toBe(2)
  expect(figureOf(records, { store: 'lmdb', row: 'get', items: 100_000 })).toBe(undefined)
})

test('a line that was cut off is left out', () => {
  const whole = recordOf({})
  expect(parseRecords(`${JSON.stringify(whole)}\n{"run":"20`)).toEqual([whole])
  expect(parseRecords('')).toEqual([])
})

test('of several runs the last counts, for each size on its own', () => {
  const early = '2026-11-20T10:00:00.000Z'
  const records = [
    recordOf({ run: early, value: 1 }),
    recordOf({ value: 2 }),
    recordOf({ run: early, items: 1_000_000, value: 3 }),
  ]
  expect(latestRuns(records).map(({ value }) => value)).toEqual([2, 3])
})

test('a look at one store does not take the place of a table', () => {
  const early = '2026-11-20T10:00:00.000Z'
  const records = [
    recordOf({ run: early, value: 1 }),
    recordOf({ run: early, store: 'lmdb', value: 2 }),
    recordOf({ value: 3 }),
  ]
  expect(latestRuns(records).map(({ value }) => value)).toEqual([1, 2])
})

test('growth is taken from one run as a whole', () => {
  const alone = growthRecords().map((record) => ({ ...record, run: '2026-11-20T10:00:00.000Z' }))
  const beside = growthRecords().filter(({ items }) => items < 1_000_000)
  expect(latestRuns([...alone, ...beside])).toEqual(alone)
})

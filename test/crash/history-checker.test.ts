/** The checker of histories finds every anomaly that is planted, and none where there is none. */
import { describe, expect, test } from 'vitest'
import { findAnomaly, type HistoryTransaction } from '../support/history-checker.js'

type Reads = Record<string, readonly number[]>
let now = 0
/** All overlap each other unless they are told apart. */
const at = (
  id: number,
  reads: Reads,
  appends: readonly string[],
  more: Partial<HistoryTransaction> = {},
): HistoryTransaction => ({
  ...{ id, reads: Object.entries(reads), appends, outcome: 'committed', beganAt: 0, endedAt: 1000 },
  ...more,
})
/** One after the other. */
const next = (id: number, reads: Reads, appends: readonly string[], more: Partial<HistoryTransaction> = {}) =>
  at(id, reads, appends, { beganAt: ++now, endedAt: ++now, ...more })
const final = (lists: Reads) => new Map(Object.entries(lists))

describe('nothing is wrong with', () => {
  test.each<[string, HistoryTransaction[], Reads]>([
    [
      'transactions in a row',
      [next(1, { x: [] }, ['x']), next(2, { x: [1] }, ['x', 'y']), next(3, { x: [1, 2], y: [2] }, [])],
      { x: [1, 2], y: [2] },
    ],
    ['two that do not meet', [at(1, { x: [] }, ['x']), at(2, { y: [] }, ['y'])], { x: [1], y: [2] }],
    ['one that was refused', [at(1, { x: [7, 8] }, ['x'], { outcome: 'refused' })], {}],
    ['one that may have happened, and did not', [at(1, {}, ['x', 'y'], { outcome: 'unknown' })], {}],
    [
      'one that may have happened, and did',
      [at(1, {}, ['x', 'y'], { outcome: 'unknown' }), at(2, { x: [1] }, [])],
      { x: [1], y: [1] },
    ],
    ['a reader that began before', [at(1, { x: [] }, []), at(2, {}, ['x'])], { x: [2] }],
  ])('%s', (_what, history, lists) => {
    expect(findAnomaly(history, final(lists))).toBe(undefined)
  })
})

describe('it finds', () => {
  test.each<[string, HistoryTransaction[], Reads, RegExp]>([
    ['a lost write', [at(1, {}, ['x'])], {}, /^lost/],
    ['a write that was overwritten', [at(1, { x: [] }, ['x']), at(2, { x: [] }, ['x'])], { x: [2] }, /^lost/],
    ['a lost update that both kept', [at(1, { x: [] }, ['x']), at(2, { x: [] }, ['x'])], { x: [1, 2] }, /^cycle/],
    ['a torn one', [at(1, {}, ['x', 'y'], { outcome: 'unknown' })], { x: [1] }, /^torn/],
    ['a write that was refused', [at(1, {}, ['x'], { outcome: 'refused' })], { x: [1] }, /^aborted write/],
    [
      'a read of what was refused',
      [at(1, {}, ['x'], { outcome: 'refused' }), at(2, { x: [1] }, [])],
      {},
      /^aborted or/,
    ],
    ['a write done twice', [at(1, {}, ['x'])], { x: [1, 1] }, /^duplicate/],
    ['a write nobody made', [at(1, {}, ['x'])], { x: [1, 9] }, /^made up/],
    ['write skew', [at(1, { x: [], y: [] }, ['x']), at(2, { x: [], y: [] }, ['y'])], { x: [1], y: [2] }, /^cycle.*rw/],
    ['a read of two moments', [at(1, {}, ['x', 'y']), at(2, { x: [], y: [1] }, [])], { x: [1], y: [1] }, /^cycle/],
    [
      'a long fork',
      [at(1, {}, ['x']), at(2, {}, ['y']), at(3, { x: [1], y: [] }, []), at(4, { x: [], y: [2] }, [])],
      { x: [1], y: [2] },
      /^cycle/,
    ],
    ['a read of the past', [next(1, {}, ['x']), next(2, { x: [] }, [])], { x: [1] }, /^cycle.*time/],
    ['a phantom', [at(1, { a: [], b: [] }, ['sum']), at(2, { sum: [] }, ['b'])], { b: [2], sum: [1] }, /^cycle/],
    ['writes that crossed', [at(1, {}, ['x', 'y']), at(2, {}, ['x', 'y'])], { x: [1, 2], y: [2, 1] }, /^cycle.*ww/],
    [
      'one reader and writer that came before itself',
      [at(1, { x: [2] }, ['y']), at(2, { y: [1] }, ['x'])],
      { x: [2], y: [1] },
      /^cycle.*wr/,
    ],
    [
      'a number read in another order',
      [at(1, {}, ['x']), at(2, {}, ['x']), at(3, { x: [2] }, [])],
      { x: [1, 2] },
      /^aborted or/,
    ],
  ])('%s', (_what, history, lists, wrong) => {
    expect(findAnomaly(history, final(lists))).toMatch(wrong)
  })
})

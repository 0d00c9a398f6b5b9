/** Which segments of the log may go, and which are kept for those who follow it. */
import { expect, test } from 'vitest'
import { EndedSegments } from '../../../../src/storage/log/ended-segments.js'

const segment = (number: number, byteLength: number) => ({ number, byteLength })
const newestFirst = [segment(4, 10), segment(3, 20), segment(2, 30), segment(1, 40)]

test('what is needed stays, whatever its length', () => {
  const segments = new EndedSegments(newestFirst)
  expect(segments.takeBefore(1, 0)).toEqual([])
  expect(segments.takeBefore(3, 0)).toEqual([segment(2, 30), segment(1, 40)])
  expect(segments.count).toBe(2)
  expect(segments.byteLength).toBe(30)
})

test('of what is not needed the latest stay, up to the limit', () => {
  for (const [limit, taken] of [
    [0, 4],
    [9, 4],
    [10, 3],
    [29, 3],
    [30, 2],
    [60, 1],
    [99, 1],
    [100, 0],
  ] as const) {
    const segments = new EndedSegments(newestFirst)
    expect(segments.takeBefore(5, limit), `${limit} bytes`).toEqual(taken === 0 ? [] : newestFirst.slice(-taken))
    expect(segments.count).toBe(4 - taken)
  }
})

test('what was taken is gone, and what is added is the newest', () => {
  const segments = new EndedSegments([])
  expect(segments.takeBefore(9, 0)).toEqual([])
  for (const { number, byteLength } of newestFirst.toReversed()) segments.add(segment(number, byteLength))
  expect(segments.takeBefore(2, 0)).toEqual([segment(1, 40)])
  expect(segments.takeBefore(2, 0)).toEqual([])
  expect(segments.takeBefore(9, 0)).toEqual(newestFirst.slice(0, 3))
  expect(segments.byteLength).toBe(0)
})

import { expect, test } from 'vitest'
import { median, quantile } from '../../benchmark/statistics.js'

test('the median is the one in the middle, or half way between two', () => {
  expect(median([3, 1, 2])).toBe(2)
  expect(median([4, 1, 3, 2])).toBe(2.5)
  expect(median([7])).toBe(7)
})

test('a median leaves its figures in their order', () => {
  const figures = [3, 1, 2]
  median(figures)
  expect(figures).toEqual([3, 1, 2])
})

test('a quantile is a figure that there is', () => {
  const figures = Array.from({ length: 200 }, (_, i) => 200 - i)
  expect(quantile(figures, 0.99)).toBe(198)
  expect(quantile(figures, 1)).toBe(200)
  expect(quantile([5], 0.99)).toBe(5)
})

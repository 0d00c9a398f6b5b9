import { expect, test } from 'vitest'
import { growthChart, niceTicks, shortCount, spread } from '../../benchmark/chart.js'
import { growthRecords } from './records.js'

test.each([
  [10, [0, 2, 4, 6, 8, 10]],
  [6.3, [0, 2, 4, 6, 8]],
  [0.3, [0, 0.1, 0.2, 0.3]],
  [1_000_000, [0, 200_000, 400_000, 600_000, 800_000, 1_000_000]],
])('an axis up to %d has round ticks', (largest, ticks) => {
  expect(niceTicks(largest, 5)).toEqual(ticks)
})

test('labels do not stand on one another, whatever their order', () => {
  expect(spread([100, 40, 45], 16)).toEqual([100, 40, 56])
  expect(spread([50, 50, 50], 10)).toEqual([50, 60, 70])
})

test.each([
  [950, '950'],
  [100_000, '100k'],
  [2_500_000, '2.5M'],
  [10_000_000, '10M'],
])('%d items are %s', (count, text) => {
  expect(shortCount(count)).toBe(text)
})

test('the picture has a line for each operation and one for the load, all inside of it', () => {
  const picture = growthChart(growthRecords())
  const lines = [...picture.matchAll(/<polyline class="line c\d" points="([^"]+)"/g)].map((match) => match[1]!)
  expect(lines.map((line) => line.split(' ').length)).toEqual([3, 3, 3, 3])
  const points = lines.flatMap((line) => line.split(' ').map((point) => point.split(',').map(Number)))
  for (const [x, y] of points) {
    expect(x).toBeGreaterThanOrEqual(0)
    expect(x).toBeLessThanOrEqual(760)
    expect(y).toBeGreaterThanOrEqual(0)
    expect(y).toBeLessThanOrEqual(600)
  }
  expect(picture).not.toMatch(/NaN|undefined|Infinity/)
  for (const label of ['get', 'put', 'query of 10', '10k', '100k', '1M']) expect(picture).toContain(`>${label}</text>`)
})

test('one size alone makes a picture too', () => {
  const one = growthRecords().filter(({ items }) => items === 10_000)
  expect(growthChart(one)).not.toMatch(/NaN|undefined|Infinity/)
})

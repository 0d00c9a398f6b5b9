/** Ranges tile the space of keys and have about as many bytes each, be the partitions many, one, or of very different sizes. */
import { expect, test } from 'vitest'
import { evenRanges } from '../../../../src/storage/partition/even-ranges.js'
import type { Partition } from '../../../../src/storage/partition/partition.js'

const keyAt = (position: number) => String(position).padStart(6, '0')

/** Partitions of so many bytes, side by side; a key is the number of bytes before it, and a block has ten of them. */
function partitionsOf(lengths: readonly number[]): Partition[] {
  let before = 0
  return lengths.map((rawByteLength) => {
    const start = before
    before += rawByteLength
    const blockCount = Math.ceil(rawByteLength / 10)
    const firstKeyOf = (number: number) => keyAt(start + number * 10)
    const file = { record: { rawByteLength }, blockCount, firstKeyOf }
    const record = { lower: start === 0 ? '' : keyAt(start), base: { rawByteLength }, deltas: [] }
    return { record, files: [file] } as unknown as Partition
  })
}

test.each([
  [[1000], 4, [250, 250, 250, 250]],
  [[500, 500], 2, [500, 500]],
  [[100, 100, 100, 100, 100, 100], 3, [200, 200, 200]],
  [[10, 900, 90], 2, [500, 500]],
  [[10], 4, [10]],
  [[400, 400, 400], 1, [1200]],
])('%j in %i', (lengths, count, expected) => {
  const total = lengths.reduce((sum, length) => sum + length, 0)
  const ranges = evenRanges(partitionsOf(lengths), count)
  expect(ranges[0]?.lower).toBe('')
  expect(ranges.at(-1)?.upper).toBe(undefined)
  const cuts = ranges.map(({ lower }) => Number(lower))
  expect(ranges.slice(1).map(({ lower }) => lower)).toEqual(ranges.slice(0, -1).map(({ upper }) => upper))
  const found = cuts.map((cut, position) => (cuts[position + 1] ?? total) - cut)
  for (const [position, length] of found.entries())
    expect(Math.abs(length - expected[position]!)).toBeLessThanOrEqual(10)
})

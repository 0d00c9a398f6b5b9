import { expect, test } from 'vitest'
import { BEGIN, END, publish } from '../../benchmark/report.js'
import { growthRecords, recordOf } from './records.js'

const comparison = [
  recordOf({ value: 1 }),
  recordOf({ store: 'lmdb', value: 2.5 }),
  recordOf({ row: 'load 25', value: 4 }),
  recordOf({ store: 'lmdb', row: 'load 25', value: 2 }),
]

test('a page has the rows that were measured, with ratios, floors and goals', () => {
  const page = publish(undefined, comparison, 'chart.svg')
  expect(page).toContain('### 100,000 items')
  expect(page).toContain('|  | dynafile | lmdb | ratio | floor | goal | met |')
  expect(page).toContain('| get | 1.00 | 2.50 | 2.50x | 1.3x | 2x | ✓ goal |')
  expect(page).toContain('| batches of 25 | 4.00 | 2.00 | 0.50x |  |  |  |')
  expect(page).not.toContain('query of 100')
  expect(page).not.toContain('## Growth')
})

test('a page says with what it was measured', () => {
  const page = publish(undefined, comparison, 'chart.svg')
  expect(page).toContain('A processor, 2 cores, 24 GB, linux x64, Node v20.0.0.')
  expect(page).toContain('dynafile 0.1.0, lmdb 3.0.0.')
  expect(page).toContain('2026-11-21 (commit abc1234)')
  expect(page).toContain('```sh\nnpm run bench\n```')
})

test('growth is compared from the smallest to the largest, and has its picture', () => {
  const page = publish(undefined, growthRecords(), 'chart.svg')
  expect(page).toContain('(chart.svg)')
  expect(page).toContain('|  | 10,000 items | 100,000 items | 1,000,000 items | last / first | goal | met |')
  expect(page).toContain('| get | 1.00 | 2.00 | 3.00 | 3.00x | 2x | ✗ below |')
  expect(page).toContain('| put, relaxed | 4.00 | 4.50 | 5.00 | 1.25x | 2x | ✓ goal |')
})

test('what is written by hand stays as it is, and publishing again changes nothing', () => {
  const page = `# Ours\n\nBefore.\n\n${BEGIN}\nold\n${END}\n\nAfter.\n`
  const published = publish(page, comparison, 'chart.svg')
  expect(published).toMatch(/^# Ours\n\nBefore\.\n\n<!--/)
  expect(published).toMatch(/-->\n\nAfter\.\n$/)
  expect(published).not.toContain('old')
  expect(publish(published, comparison, 'chart.svg')).toBe(published)
})

test('a page without a place for it is left alone', () => {
  expect(() => publish('# Ours\n', comparison, 'chart.svg')).toThrow('no place')
})

test('a smoke test is not published beside a full run', () => {
  const quick = recordOf({ isQuick: true, run: '2026-11-22T10:00:00.000Z', items: 20_000 })
  expect(publish(undefined, [...comparison, quick], 'chart.svg')).not.toContain('20,000')
})

/** Records as a run would have left them. */
import type { BenchRecord } from '../../benchmark/record.js'

export function recordOf(some: Partial<BenchRecord>): BenchRecord {
  return {
    run: '2026-11-21T10:00:00.000Z',
    command: 'npm run bench',
    isQuick: false,
    kind: 'comparison',
    store: 'dynafile',
    items: 100_000,
    round: 1,
    cacheMb: 512,
    row: 'get',
    unit: 'µs',
    value: 1,
    slices: [1],
    machine: {
      processor: 'A processor',
      cores: 2,
      memoryGb: 24,
      platform: 'linux x64',
      node: 'v20.0.0',
      versions: { dynafile: '0.1.0', lmdb: '3.0.0' },
      commit: 'abc1234',
    },
    ...some,
  }
}

/** Three sizes of growth. */
export function growthRecords(): BenchRecord[] {
  return [10_000, 100_000, 1_000_000].flatMap((items, i) => [
    recordOf({ kind: 'growth', items, row: 'get', value: 1 + i }),
    recordOf({ kind: 'growth', items, row: 'put', value: 4 + i / 2 }),
    recordOf({ kind: 'growth', items, row: 'query 10', value: 6 }),
    recordOf({ kind: 'growth', items, row: 'load rate', unit: 'items/s', value: 5e5, slices: [4e5, 6e5, 5e5] }),
  ])
}

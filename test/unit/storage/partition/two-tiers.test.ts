/** What a checkpoint writes follows what changed; what is merged, cut, carried and joined, and that nothing is lost by it. */
import { describe, expect, test } from 'vitest'
import { carriedPartitions, deltasToMerge, isFoldDue } from '../../../../src/storage/partition/flush-plan.js'
import type { Storage } from '../../../../src/storage/storage.js'
import type { StorageOptions } from '../../../../src/storage/storage-options.js'
import { contents, filesOf, machine, openStorage, put, restarted } from '../../../support/storage-fixture.js'

const OPTIONS: Partial<StorageOptions> = {
  partitionByteLimit: 4000,
  smallBaseByteLength: 500,
  carryByteLimit: 0,
  memtableByteLimit: 1e6,
  logByteLimit: 1e6,
  segmentByteLimit: 1e6,
  idleMs: Number.POSITIVE_INFINITY,
}

class Bench {
  readonly where = machine()
  storage: Storage
  readonly expected: Record<string, string> = {}

  constructor(options: Partial<StorageOptions> = {}) {
    this.storage = openStorage(this.where, { ...OPTIONS, ...options })
  }

  async store(keys: readonly string[], length = 40): Promise<void> {
    for (const key of keys) this.expected[key] = key.padEnd(length, '.')
    await this.run(Promise.all(keys.map((key) => this.storage.commit([put(key, this.expected[key]!)]))))
  }

  async remove(keys: readonly string[]): Promise<void> {
    for (const key of keys) delete this.expected[key]
    await this.run(Promise.all(keys.map((key) => this.storage.commit([{ tree: 1, key, value: undefined }]))))
  }

  async checkpoint(): Promise<void> {
    await this.run(this.storage.checkpoint())
    expect(contents(this.storage)).toEqual(this.expected)
  }

  run<T>(promise: Promise<T>): Promise<T> {
    return this.where.scheduler.outcome(promise)
  }

  get records() {
    return this.storage.partitions.of(1).map(({ record }) => record)
  }

  get runFiles(): string[] {
    return filesOf(this.where.disk).filter((path) => path.endsWith('.run'))
  }
}

function keys(from: number, to: number, step = 1): string[] {
  const list: string[] = []
  for (let n = from; n < to; n += step) list.push(String(n).padStart(5, '0'))
  return list
}

test('what is in memory becomes a delta, and the base is not written again', async () => {
  const bench = new Bench()
  await bench.store(keys(0, 60))
  await bench.checkpoint()
  const [before] = bench.records
  await bench.store(keys(10, 14))
  await bench.checkpoint()
  const [after] = bench.records
  expect(after).toMatchObject({ base: before!.base, deltas: [{ entryCount: 4 }] })
})

test('at half the size of the base everything is folded', async () => {
  const bench = new Bench()
  await bench.store(keys(0, 60))
  await bench.checkpoint()
  const [before] = bench.records
  await bench.store(keys(0, 60, 2))
  await bench.checkpoint()
  const [after] = bench.records
  expect(after!.base!.id).not.toBe(before!.base!.id)
  expect(after!.deltas).toEqual([])
})

test('more than four deltas are merged, tombstones too, and newest wins', async () => {
  const bench = new Bench()
  await bench.store(keys(0, 80))
  await bench.checkpoint()
  for (let round = 0; round < 7; round++) {
    await bench.store([`0000${round}`], 41 + round)
    await bench.remove([`0001${round}`])
    await bench.checkpoint()
    expect(bench.records[0]!.deltas.length).toBeLessThanOrEqual(4)
  }
  expect(bench.records[0]!.deltas.reduce((sum, { tombstoneCount }) => sum + tombstoneCount, 0)).toBe(7)
  await bench.run(bench.storage.compact())
  expect(bench.records[0]).toMatchObject({ deltas: [], base: { tombstoneCount: 0, entryCount: 73 } })
  expect(contents(bench.storage)).toEqual(bench.expected)
  expect(bench.runFiles.length).toBe(1)
})

test('a load in ascending order rewrites nothing, but for stragglers', async () => {
  const bench = new Bench()
  await bench.store(keys(0, 80))
  await bench.checkpoint()
  const bases = [bench.records[0]!.base]
  for (let from = 80; from < 400; from += 80) {
    await bench.store([...keys(from, from + 80), String(from - 7).padStart(5, '0')])
    await bench.checkpoint()
    const records = bench.records
    expect(records.slice(0, -1).map(({ base }) => base)).toEqual(bases)
    bases.push(records.at(-1)!.base)
  }
  expect(bench.records.length).toBe(5)
  expect(bench.records.map(({ deltas }) => deltas.length)).toEqual([1, 1, 1, 1, 0])
})

test('partitions that have become small are joined once nothing is written to them', async () => {
  const bench = new Bench()
  await bench.store(keys(0, 400))
  await bench.checkpoint()
  const before = bench.records.length
  expect(before).toBeGreaterThan(5)
  await bench.remove(keys(0, 380))
  await bench.checkpoint()
  await bench.store(['99999'])
  await bench.checkpoint()
  await bench.store(['99998'])
  await bench.checkpoint()
  expect(bench.records.length).toBeLessThan(before / 2)
  expect(bench.runFiles.length).toBeLessThanOrEqual(bench.records.length + 4)
})

test('little stays in memory and goes into the log again, and survives a power cut there', async () => {
  const bench = new Bench({ carryByteLimit: 300, memtableByteLimit: 12_000 })
  await bench.store(keys(0, 400))
  await bench.run(bench.storage.checkpoint())
  const before = bench.records
  const writes = async () => {
    // Much in one place, and a little here and there.
    await bench.store(keys(0, 60), 60)
    await bench.store(['00150', '00250', '00350'], 50)
  }
  for (let round = 0; round < 3; round++) await writes()
  await bench.where.scheduler.runUntil(() => false)
  const carried = bench.records.filter(({ id, deltas }) => deltas.length === 0 && before.some((old) => old.id === id))
  expect(carried.length).toBeGreaterThan(0)
  expect(contents(bench.storage)).toEqual(bench.expected)
  const again = openStorage(restarted(bench.where), OPTIONS)
  expect(contents(again)).toEqual(bench.expected)
})

test('a snapshot keeps its files until it is released, and shows what was there', async () => {
  const bench = new Bench()
  await bench.store(keys(0, 60))
  await bench.checkpoint()
  await bench.store(['memory only'])
  const snapshot = bench.storage.snapshot()
  const shown = { ...bench.expected }
  for (let round = 0; round < 3; round++) {
    await bench.store(keys(0, 60), 41 + round)
    await bench.remove([`0000${round}`])
    await bench.checkpoint()
  }
  expect(contents(snapshot)).toEqual(shown)
  const named = bench.records.flatMap((record) => (record.base === undefined ? record.deltas : [record.base])).length
  expect(bench.runFiles.length).toBe(named + 1)
  snapshot.release()
  await bench.where.scheduler.runUntil(() => false)
  expect(bench.runFiles.length).toBe(named)
  snapshot.release()
  expect(() => snapshot.get(1, '00001')).toThrow(/released/)
})

describe('the rules', () => {
  const base = { rawByteLength: 1000, entryCount: 100 }
  const delta = (rawByteLength: number, tombstoneCount = 0) => ({ rawByteLength, tombstoneCount })

  const memory = (byteLength: number, tombstoneCount = 0) => ({ byteLength, tombstoneCount })

  test('fold: a small base, half its bytes, or a quarter of its entries removed', () => {
    expect(isFoldDue({ base: undefined, deltas: [] }, memory(1), 10)).toBe(true)
    expect(isFoldDue({ base, deltas: [] }, memory(1), 1001)).toBe(true)
    expect(isFoldDue({ base, deltas: [] }, memory(499), 10)).toBe(false)
    expect(isFoldDue({ base, deltas: [] }, memory(500), 10)).toBe(true)
    expect(isFoldDue({ base, deltas: [delta(300), delta(100)] }, memory(100), 10)).toBe(true)
    expect(isFoldDue({ base, deltas: [delta(10, 25)] }, memory(1), 10)).toBe(false)
    expect(isFoldDue({ base, deltas: [delta(10, 26)] }, memory(1), 10)).toBe(true)
    expect(isFoldDue({ base, deltas: [delta(10, 20)] }, memory(1, 6), 10)).toBe(true)
  })

  test('merge: the four neighbours with the fewest bytes, when there are more than four', () => {
    const lengths = (...list: number[]) => list.map((rawByteLength) => delta(rawByteLength))
    expect(deltasToMerge(lengths(1, 1, 1, 1), 4)).toBeUndefined()
    expect(deltasToMerge(lengths(9, 1, 1, 1, 1), 4)).toEqual({ first: 1, count: 4 })
    expect(deltasToMerge(lengths(1, 1, 1, 1, 9), 4)).toEqual({ first: 0, count: 4 })
    expect(deltasToMerge(lengths(5, 5, 1, 2, 1, 2, 5), 4)).toEqual({ first: 2, count: 4 })
    expect(deltasToMerge(lengths(5, 1), 1)).toEqual({ first: 0, count: 2 })
  })

  test('carry: the smallest, below the minimum, and never more than half', () => {
    const dirty = [10, 20, 30, 1000].map((byteLength) => ({ byteLength }))
    const sizes = (minimum: number, list = dirty) => [...carriedPartitions(list, minimum)].map((one) => one.byteLength)
    expect(sizes(25)).toEqual([10, 20])
    expect(sizes(2000)).toEqual([10, 20, 30])
    expect(sizes(0)).toEqual([])
    expect(sizes(100, [{ byteLength: 50 }, { byteLength: 60 }])).toEqual([50])
  })
})

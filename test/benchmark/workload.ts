/**
 * One store, one round: loads a folder, runs every operation for a while and prints microseconds per operation as
 * JSON. It runs in a process of its own, so that no store pays for the garbage of another.
 */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BenchItem, makeItem, type OpenStore, pkOf, type Store, skOf } from './store/store.js'

const PER_PARTITION = 100

export interface WorkloadOptions {
  readonly store: string
  readonly items: number
  /** Only the operations whose cost must not grow with the table. */
  readonly growthOnly: boolean
}

/** Microseconds per operation; `disk` in megabytes, `reopen` in milliseconds. */
export type Figures = Record<string, number>

export async function runWorkload({ store: name, items, growthOnly }: WorkloadOptions): Promise<Figures> {
  const { openStore } = (await import(`./store/${name}.ts`)) as { openStore: OpenStore }
  const figures: Figures = {}
  const partitions = Math.max(1, Math.floor(items / PER_PARTITION))
  const random = seeded(7)
  const anyPk = () => pkOf(Math.floor(random() * partitions))
  const anySk = () => skOf(Math.floor(random() * PER_PARTITION))

  await inFolder(async (directory) => {
    let store = await openStore({ directory, mode: 'relaxed', hasIndex: false })
    figures['load, batches of 1,000'] = await load(store, partitions)
    await store.settle()
    await store.close()
    figures['disk, MB'] = sizeOf(directory) / 1e6
    const startedAt = process.hrtime.bigint()
    store = await openStore({ directory, mode: 'relaxed', hasIndex: false })
    await store.get(anyPk(), anySk())
    figures['reopen and first get, ms'] = Number(process.hrtime.bigint() - startedAt) / 1e6

    // Warm: every store has read everything once.
    for (let partition = 0; partition < partitions; partition++) await store.query(pkOf(partition), {})
    for (let i = 0; i < 20_000; i++) await store.get(anyPk(), anySk())
    figures['get'] = await timed(50_000, () => store.get(anyPk(), anySk()))
    if (!growthOnly) {
      figures['get, missing'] = await timed(20_000, () => store.get(anyPk(), 'nothing'))
      figures['query 100'] = await timed(1000, () => store.query(anyPk(), {}))
      figures['query last 10, reversed'] = await timed(5000, () => store.query(anyPk(), { reverse: true, limit: 10 }))
      figures['query prefix, 10'] = await timed(5000, () => store.query(anyPk(), { prefix: 'order#0000004' }))
      figures['scan with filter, per item'] = (await timed(2, () => store.scanAbove(9000))) / items
    }
    figures['query 10'] = await timed(5000, () => store.query(anyPk(), { limit: 10 }))
    // Each differs from what is there: SQLite does not write, nor sync, a row that is the same.
    const anyItem = () => ({
      ...makeItem(Math.floor(random() * partitions), Math.floor(random() * PER_PARTITION)),
      total: Math.floor(random() * 10_000),
    })
    figures['put'] = await timed(10_000, () => store.put(anyItem()))
    if (!growthOnly) {
      figures['update'] = await timed(10_000, () => store.update(anyPk(), anySk(), random()))
      let next = 0
      figures['delete'] = await timed(5000, () =>
        store.delete(pkOf(Math.floor(next / 100) % partitions), skOf(next++ % 100)),
      )
    }
    await store.close()

    store = await openStore({ directory, mode: 'durable', hasIndex: false })
    figures['put, durable'] = await timed(1500, () => store.put(anyItem()), 1)
    if (!growthOnly) figures['put, durable, 64 writers'] = await concurrently(64, 9600, () => store.put(anyItem()))
    await store.close()
  })

  if (!growthOnly) {
    await inFolder(async (directory) => {
      const store = await openStore({ directory, mode: 'relaxed', hasIndex: true })
      figures['load with index'] = await load(store, partitions)
      await store.settle()
      const status = () => `status-${Math.floor(random() * 1000)}`
      figures['query 100 through index'] = await timed(500, () => store.queryIndex(status(), 100))
      const anyItem = () => ({
        ...makeItem(Math.floor(random() * partitions), Math.floor(random() * 100)),
        status: status(),
      })
      figures['put with index'] = await timed(5000, () => store.put(anyItem()))
      await store.close()
    })
  }
  return figures
}

async function load(store: Store, partitions: number): Promise<number> {
  let spent = 0n
  for (let partition = 0; partition < partitions; partition += 10) {
    const batch: BenchItem[] = []
    for (let p = partition; p < Math.min(partitions, partition + 10); p++) {
      for (let position = 0; position < PER_PARTITION; position++) batch.push(makeItem(p, position))
    }
    const before = process.hrtime.bigint()
    await store.load(batch)
    spent += process.hrtime.bigint() - before
  }
  return Number(spent) / 1000 / (partitions * PER_PARTITION)
}

/** The median of five slices, after a fifth of the count as a warm-up, in microseconds. */
async function timed(count: number, operation: () => unknown, slices = 5): Promise<number> {
  for (let i = 0; i < Math.min(count / 5, 2000); i++) await operation()
  const figures: number[] = []
  for (let slice = 0; slice < slices; slice++) {
    const each = Math.max(1, Math.floor(count / slices))
    const startedAt = process.hrtime.bigint()
    for (let i = 0; i < each; i++) await operation()
    figures.push(Number(process.hrtime.bigint() - startedAt) / 1000 / each)
  }
  return median(figures)
}

async function concurrently(writers: number, count: number, operation: () => unknown): Promise<number> {
  const startedAt = process.hrtime.bigint()
  let left = count
  const writer = async () => {
    while (left-- > 0) await operation()
  }
  await Promise.all(Array.from({ length: writers }, writer))
  return Number(process.hrtime.bigint() - startedAt) / 1000 / count
}

async function inFolder(work: (directory: string) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(process.env['BENCH_FOLDER'] ?? tmpdir(), 'dynafile-bench-'))
  try {
    await work(directory)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

export function median(figures: readonly number[]): number {
  const sorted = figures.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

function sizeOf(directory: string): number {
  let total = 0
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name)
    if (entry.isDirectory()) total += sizeOf(path)
    else if (entry.isFile()) total += statSync(path).blocks * 512
  }
  return total
}

function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 4294967296
  }
}

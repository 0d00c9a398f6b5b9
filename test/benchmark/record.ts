/**
 * The raw results: one line of JSON for each store, round and row, with everything that is needed to make the published
 * page from nothing else. Lines are appended as they come, so that a run that is stopped keeps what it has.
 */
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { DoorColumn } from './door/door-rows.js'
import type { StoreName, Unit } from './rows.js'
import { median } from './statistics.js'

export interface Machine {
  readonly processor: string
  readonly cores: number
  readonly memoryGb: number
  readonly platform: string
  readonly node: string
  /** Of whatever was measured, by name. */
  readonly versions: Readonly<Record<string, string>>
  readonly commit: string
}

export interface BenchRecord {
  /** When the run began, the same in all its records. */
  readonly run: string
  readonly command: string
  /** A smoke test, not to be published. */
  readonly isQuick: boolean
  readonly kind: 'comparison' | 'growth' | 'door'
  /** Of the door, which server it was, or which way in. */
  readonly store: StoreName | DoorColumn
  readonly items: number
  readonly round: number
  /** Where the caches were given a size. */
  readonly cacheMb?: number
  readonly row: string
  readonly unit: Unit
  /** The median of the slices. */
  readonly value: number
  readonly slices: readonly number[]
  readonly machine: Machine
}

export function appendRecord(file: string, record: BenchRecord): void {
  mkdirSync(dirname(file), { recursive: true })
  appendFileSync(file, `${JSON.stringify(record)}\n`)
}

/** The records of some files, or of all in a folder. */
export function readRecords(paths: readonly string[]): BenchRecord[] {
  return paths.flatMap(filesIn).flatMap((file) => parseRecords(readFileSync(file, 'utf8')))
}

/** A last line that was cut off is no record. */
export function parseRecords(text: string): BenchRecord[] {
  const end = text.lastIndexOf('\n')
  if (end < 0) return []
  const lines = text.slice(0, end).split('\n')
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as BenchRecord)
}

function filesIn(path: string): string[] {
  if (path.endsWith('.jsonl')) return [path]
  if (!existsSync(path)) return []
  return readdirSync(path)
    .filter((name) => name.endsWith('.jsonl'))
    .sort()
    .map((name) => join(path, name))
}

/** The median over the rounds, of one row in one store. */
export function figureOf(
  records: readonly BenchRecord[],
  { store, row, items }: { store: BenchRecord['store']; row: string; items: number },
): number | undefined {
  const values = records
    .filter((record) => record.store === store && record.row === row && record.items === items)
    .map(({ value }) => value)
  return values.length === 0 ? undefined : median(values)
}

/** The sizes that were measured, ascending. */
export function sizesOf(records: readonly BenchRecord[]): number[] {
  return [...new Set(records.map(({ items }) => items))].sort((a, b) => a - b)
}

/**
 * What is published: for each size of the comparison the run with most stores, for growth the one with most sizes, for the
 * door the one with most servers and ways in; of several the last. Otherwise a look at one store would take the place of a whole table, and growth would be compared
 * between runs that had nothing in common.
 */
export function latestRuns(records: readonly BenchRecord[]): BenchRecord[] {
  const groups = groupBy(records, ({ kind, items }) => (kind === 'comparison' ? `${kind} ${items}` : kind))
  return [...groups.values()].flatMap((group) => {
    const runs = groupBy(group, ({ run }) => run)
    const breadthOf = (run: string) => new Set(runs.get(run)!.map(({ store, items }) => `${store} ${items}`)).size
    const names = [...runs.keys()].sort()
    const broadest = Math.max(...names.map(breadthOf))
    return runs.get(names.findLast((name) => breadthOf(name) === broadest)!)!
  })
}

function groupBy<T>(all: readonly T[], keyOf: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const one of all) {
    const group = groups.get(keyOf(one))
    if (group === undefined) groups.set(keyOf(one), [one])
    else group.push(one)
  }
  return groups
}

/**
 * Runs the programs, each store in a process of its own, one after the other: no store pays for the garbage of another.
 * The order turns around from round to round (A B C D, D C B A, …), so that none is always first on a machine that slows
 * down.
 */
import type { Arguments } from './arguments.js'
import { inChild } from './child-process.js'
import type { BenchRecord, Machine } from './record.js'
import { GROWTH_ROWS, ROWS } from './rows.js'
import { shownCount } from './shown.js'
import { median } from './statistics.js'
import type { WorkloadOptions, WorkloadTask } from './workload/workload.js'

export interface Run {
  readonly startedAt: Date
  readonly command: string
  readonly machine: Machine
  readonly keep: (record: BenchRecord) => void
}

export async function runComparison({ stores, items, rounds, ...settings }: Arguments, run: Run): Promise<void> {
  for (const size of items) {
    for (let round = 1; round <= rounds; round++) {
      for (const store of orderOf(round, stores)) {
        for (const program of ['operations', 'loading'] as const) {
          say(`${shownCount(size)} items, round ${round} of ${rounds}: ${store}, ${program}`)
          await runProgram({ ...settings, program, store, items: size }, { kind: 'comparison', round }, settings, run)
        }
      }
    }
  }
}

export async function runGrowth({ growth, growthRounds, ...settings }: Arguments, run: Run): Promise<void> {
  for (let round = 1; round <= growthRounds; round++) {
    for (const items of orderOf(round, growth)) {
      say(`growth, round ${round} of ${growthRounds}: ${shownCount(items)} items`)
      const options = { ...settings, program: 'growth', store: 'dynafile', items } as const
      await runProgram(options, { kind: 'growth', round }, settings, run)
    }
  }
}

export function orderOf<T>(round: number, all: readonly T[]): readonly T[] {
  return round % 2 === 1 ? all : all.toReversed()
}

async function runProgram(
  { program, store, items, cacheMb, effort }: WorkloadOptions,
  { kind, round }: Pick<BenchRecord, 'kind' | 'round'>,
  { isQuick }: Pick<Arguments, 'isQuick'>,
  { startedAt, command, machine, keep }: Run,
): Promise<void> {
  const task: WorkloadTask = { workload: { program, store, items, cacheMb, effort } }
  await inChild(task, store, ({ row, slices, value = median(slices) }) => {
    const unit = (kind === 'growth' ? GROWTH_ROWS : ROWS).find(({ id }) => id === row)?.unit
    if (unit === undefined) throw new Error(`No row is called "${row}"`)
    const what = { isQuick, kind, store, items, round, cacheMb, row, unit, value, slices }
    keep({ run: startedAt.toISOString(), command, ...what, machine })
  })
}

/** On the way, beside the results. */
export function say(line: string): void {
  process.stderr.write(`${new Date().toTimeString().slice(0, 8)}  ${line}\n`)
}

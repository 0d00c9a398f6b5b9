/**
 * Runs the programs, each store in a process of its own: no store pays for the garbage of another. Only one of them works at a
 * time. Operations take turns, a slice of one store and a slice of the next; what watches memory and the event loop runs as
 * a whole, one store after the other. The order turns around from round to round (A B C D, D C B A, …), so that none is
 * always first on a machine that slows down.
 */
import type { Arguments } from './arguments.js'
import { inTurns, type Job } from './child-process.js'
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
      const order = orderOf(round, stores)
      const where = `${shownCount(size)} items, round ${round} of ${rounds}`
      const jobOf = (program: WorkloadOptions['program']) => (store: WorkloadOptions['store']) =>
        jobFor({ ...settings, program, store, items: size }, { kind: 'comparison', round }, settings, run)
      say(`${where}: operations, by turns`)
      await inTurns(order.map(jobOf('operations')))
      for (const job of order.map(jobOf('loading'))) {
        say(`${where}: ${job.name}, loading`)
        await inTurns([job])
      }
    }
  }
}

export async function runGrowth({ growth, growthRounds, ...settings }: Arguments, run: Run): Promise<void> {
  for (let round = 1; round <= growthRounds; round++) {
    for (const items of orderOf(round, growth)) {
      say(`growth, round ${round} of ${growthRounds}: ${shownCount(items)} items`)
      const options = { ...settings, program: 'growth', store: 'dynafile', items } as const
      await inTurns([jobFor(options, { kind: 'growth', round }, settings, run)])
    }
  }
}

export function orderOf<T>(round: number, all: readonly T[]): readonly T[] {
  return round % 2 === 1 ? all : all.toReversed()
}

function jobFor(
  { program, store, items, cacheMb, effort }: WorkloadOptions,
  { kind, round }: Pick<BenchRecord, 'kind' | 'round'>,
  { isQuick }: Pick<Arguments, 'isQuick'>,
  { startedAt, command, machine, keep }: Run,
): Job {
  const task: WorkloadTask = { workload: { program, store, items, cacheMb, effort } }
  const hear: Job['hear'] = ({ row, slices, value = median(slices) }) => {
    const unit = (kind === 'growth' ? GROWTH_ROWS : ROWS).find(({ id }) => id === row)?.unit
    if (unit === undefined) throw new Error(`No row is called "${row}"`)
    const what = { isQuick, kind, store, items, round, cacheMb, row, unit, value, slices }
    keep({ run: startedAt.toISOString(), command, ...what, machine })
  }
  return { task, name: store, hear }
}

/** On the way, beside the results. */
export function say(line: string): void {
  process.stderr.write(`${new Date().toTimeString().slice(0, 8)}  ${line}\n`)
}

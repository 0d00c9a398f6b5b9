/**
 * Measuring: several slices of the same, each in microseconds for one operation. Keys and items are made before the clock
 * starts, and only what returns a promise is waited for: a store that answers at once pays for no waiting.
 */
import { setImmediate as letOthersRun } from 'node:timers/promises'
import type { PassOn } from '../turns.js'

export interface Measurement<T> {
  /** Of operations, in all slices together. */
  readonly count: number
  readonly slices?: number
  readonly writers?: number
  /** How many operations may come before those that are measured. @default as many as it takes */
  readonly warmUpLimit?: number
  readonly prepare: () => T
  /** For what can't be done twice: with what it is tried before, and what makes that possible again. */
  readonly rehearsal?: { readonly prepare: () => T; readonly restore: (all: readonly T[]) => unknown }
  readonly act: (argument: T) => unknown
  /** Of what leaves nothing to do behind our back: then others are measured between its slices. */
  readonly passOn?: PassOn
}

/** Code that is run often is compiled again, and better, for about this long. */
const WARM_UP_MS = 250
const WARM_UP_STEP = 500
/** When others had their turn the processor's caches are full of theirs: as much as so many slices is done before the next. */
const SLICES_TO_RETURN = 2

export async function measure<T>(measurement: Measurement<T>): Promise<number[]> {
  const { count, slices = 5, writers = 1, prepare, act, passOn } = measurement
  const each = Math.max(1, Math.floor(count / slices))
  await warmUp(measurement, each)
  const figures: number[] = []
  for (let slice = 0; slice < slices; slice++) {
    if (passOn !== undefined && slice > 0) {
      await passOn()
      for (let i = 0; i < SLICES_TO_RETURN; i++) await measureSlice(each, writers, prepare, act)
    }
    figures.push(await measureSlice(each, writers, prepare, act))
  }
  return figures
}

/**
 * Two ways to do the same, a slice of one and a slice of the other by turns: however loud the machine is, it is for both.
 * Which comes first changes each time.
 */
export async function measureByTurns<T>(
  { count, slices = 11, prepare }: Omit<Measurement<T>, 'act'>,
  acts: readonly [Measurement<T>['act'], Measurement<T>['act']],
): Promise<readonly [number[], number[]]> {
  const each = Math.max(1, Math.floor(count / slices))
  for (const act of acts) await warmUp({ count, prepare, act }, each)
  const figures: readonly [number[], number[]] = [[], []]
  for (let slice = 0; slice < slices; slice++) {
    for (const way of slice % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const)) {
      figures[way].push(await measureSlice(each, 1, prepare, acts[way]))
    }
  }
  return figures
}

async function warmUp<T>(
  { writers = 1, warmUpLimit = Number.POSITIVE_INFINITY, prepare, rehearsal, act }: Measurement<T>,
  each: number,
): Promise<void> {
  let [spent, done] = [0, 0]
  while (spent < WARM_UP_MS * 1000 && done < warmUpLimit) {
    const step = Math.min(each, WARM_UP_STEP, warmUpLimit - done)
    const prepared = Array.from({ length: step }, rehearsal?.prepare ?? prepare)
    await rehearsal?.restore(prepared)
    spent += await runAll(prepared, writers, act)
    done += step
  }
}

async function measureSlice<T>(
  count: number,
  writers: number,
  prepare: () => T,
  act: (argument: T) => unknown,
): Promise<number> {
  const prepared = Array.from({ length: count }, prepare)
  const figure = (await runAll(prepared, writers, act)) / count
  // What a store does behind our back gets its turn.
  await letOthersRun()
  return figure
}

/** Microseconds for all. */
async function runAll<T>(prepared: readonly T[], writers: number, act: (argument: T) => unknown) {
  const started = process.hrtime.bigint()
  if (writers === 1) {
    for (const argument of prepared) {
      const answer = act(argument)
      if (answer instanceof Promise) await answer
    }
  } else {
    let next = 0
    const writer = async () => {
      while (next < prepared.length) {
        const answer = act(prepared[next++]!)
        if (answer instanceof Promise) await answer
      }
    }
    await Promise.all(Array.from({ length: writers }, writer))
  }
  return microsecondsSince(started)
}

export function microsecondsSince(started: bigint): number {
  return Number(process.hrtime.bigint() - started) / 1000
}

/**
 * What one process does: one store, one round, one of three programs. It tells its figures as they come, by the name of
 * their row.
 */
import type { StoreName } from '../rows.js'
import type { PassOn } from '../turns.js'
import { measureGrowth } from './growth.js'
import { measureLoading } from './loading.js'
import { compareOperations } from './operations.js'

export interface WorkloadOptions {
  readonly program: 'operations' | 'loading' | 'growth'
  readonly store: StoreName
  readonly items: number
  readonly cacheMb: number
  /** How many operations are measured, as a share of the usual. */
  readonly effort: number
}

/** What a child is asked to do. */
export interface WorkloadTask {
  readonly workload: WorkloadOptions
}

/** Slices are several figures for the same thing; what they come to is their median, unless it is told. */
export type Tell = (row: string, slices: readonly number[], value?: number) => void

export async function runWorkload(options: WorkloadOptions, tell: Tell, passOn: PassOn): Promise<void> {
  const programs = { operations: compareOperations, loading: measureLoading, growth: measureGrowth }
  await programs[options.program](options, tell, passOn)
}

/** The results of a plan: read here, read by several workers, or sorted. */
import type { BackendReader } from './backend.js'
import { OrderedResults } from './ordered-results.js'
import { ParallelResults } from './parallel-results.js'
import type { ReadPlan } from './read-plan.js'
import { LazyResults, type Results } from './results.js'

export function openResults<T>(reader: BackendReader, plan: ReadPlan): Results<T> {
  const open = <R>(other: ReadPlan): Results<R> => openResults<R>(reader, other)
  if (plan.orders.length > 0) return new OrderedResults<T>(reader, plan, open)
  const here = new LazyResults<T>(reader, plan, open)
  return plan.workers === undefined ? here : new ParallelResults<T>(reader, plan, open, here)
}

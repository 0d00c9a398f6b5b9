/** How a row came out: how many times as fast as the best of the others, and whether that is what it should be. */
import type { Bound, Row, StoreName, Target } from './rows.js'

/** What a row came to in each store; a store that has no such figure is not there. */
export type Figures = ReadonlyMap<StoreName, number>

export type Mark = 'goal' | 'floor' | 'below'

export interface Judgement {
  /** The best of the others, divided by ours: above 1 we are better. */
  readonly ratio?: number
  readonly mark?: Mark
}

export function judge(row: Row, items: number, figures: Figures): Judgement {
  const ours = figures.get('dynafile')
  if (ours === undefined) return {}
  const target = row.target?.(items)
  const against = target?.kind === 'times as fast' ? target.as : 'best'
  const ratio = ratioTo(against, figures)
  const mark = target === undefined ? undefined : markOf(target, ours, ratio, figures)
  return { ...(ratio !== undefined && { ratio }), ...(mark !== undefined && { mark }) }
}

/** @returns Nothing when there is nothing to compare with. */
export function ratioTo(against: 'best' | StoreName, figures: Figures): number | undefined {
  const ours = figures.get('dynafile')
  const others = [...figures].filter(([store]) => store !== 'dynafile' && (against === 'best' || store === against))
  if (ours === undefined || others.length === 0) return undefined
  return Math.min(...others.map(([, figure]) => figure)) / ours
}

function markOf(target: Target, ours: number, ratio: number | undefined, figures: Figures): Mark | undefined {
  if (target.kind === 'times as fast') {
    if (ratio === undefined) return undefined
    return ratio >= target.goal ? 'goal' : ratio >= target.floor ? 'floor' : 'below'
  }
  const floor = resolve(target.floor, figures)
  const goal = resolve(target.goal, figures)
  if (goal !== undefined && ours <= goal) return 'goal'
  if (floor === undefined) return undefined
  return ours <= floor ? 'floor' : 'below'
}

function resolve(bound: Bound, figures: Figures): number | undefined {
  if (typeof bound === 'number') return bound
  const figure = figures.get(bound.store)
  return figure === undefined ? undefined : figure * bound.times
}

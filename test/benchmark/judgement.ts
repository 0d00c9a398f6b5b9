/** How a row came out: how many times as fast as the best of the others, and whether that is what it should be. */
import type { Bound, Row, StoreName, Target } from './rows.js'
import { median } from './statistics.js'

/** What a row came to in each store; a store that has no such figure is not there. */
export type Figures = ReadonlyMap<StoreName, number>

export type Mark = 'goal' | 'floor' | 'below'

export interface Judgement {
  /** The best of the others, divided by ours, in the middle of all rounds: above 1 we are better. */
  readonly ratio?: number
  readonly mark?: Mark
}

/** @param rounds What the row came to in each round; `figures` are the medians of them. */
export function judge(row: Row, items: number, figures: Figures, rounds: readonly Figures[] = [figures]): Judgement {
  const ours = figures.get('dynafile')
  if (ours === undefined) return {}
  const target = row.target?.(items)
  const against = target?.kind === 'times as fast' ? target.as : 'best'
  const ratio = ratioTo(against, figures, rounds)
  const mark = target === undefined ? undefined : markOf(target, ours, ratio, figures)
  return { ...(ratio !== undefined && { ratio }), ...(mark !== undefined && { mark }) }
}

/**
 * Stores take turns in a round, minutes before the next one: what is divided is what they came to in the same round, when it
 * was as loud for both. The best of the others is the one that is best in all.
 *
 * @returns Nothing when there is nothing to compare with.
 */
export function ratioTo(
  against: 'best' | StoreName,
  figures: Figures,
  rounds: readonly Figures[] = [figures],
): number | undefined {
  const others = [...figures].filter(([store]) => store !== 'dynafile' && (against === 'best' || store === against))
  const best = others.toSorted(([, a], [, b]) => a - b)[0]?.[0]
  if (best === undefined) return undefined
  const ratios = rounds.flatMap((round) => {
    const [other, ours] = [round.get(best), round.get('dynafile')]
    return other === undefined || ours === undefined ? [] : [other / ours]
  })
  return ratios.length === 0 ? undefined : median(ratios)
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

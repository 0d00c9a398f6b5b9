/** Figures, bounds and marks as people read them; the same on the screen and in the published page. */
import type { Mark } from './judgement.js'
import type { Bound, Target, Unit } from './rows.js'

export function shownFigure(figure: number | undefined): string {
  if (figure === undefined) return '–'
  if (figure >= 100) return Math.round(figure).toLocaleString('en')
  // Not toPrecision: 99.96 would be shown as 100.0.
  return figure >= 10 ? figure.toFixed(1) : figure.toFixed(2)
}

export function shownRatio(ratio: number | undefined): string {
  return ratio === undefined ? '' : `${ratio >= 10 ? ratio.toFixed(1) : ratio.toFixed(2)}x`
}

export function shownMark(mark: Mark | undefined): string {
  if (mark === undefined) return ''
  return { goal: '✓ goal', floor: '· floor', below: '✗ below' }[mark]
}

/** Floor and goal. */
export function shownTarget(target: Target | undefined, unit: Unit): readonly [floor: string, goal: string] {
  if (target === undefined) return ['', '']
  if (target.kind === 'at most') return [shownBound(target.floor, unit), shownBound(target.goal, unit)]
  const as = target.as === 'best' ? '' : ` ${target.as}`
  return [`${target.floor}x${as}`, `${target.goal}x${as}`]
}

function shownBound(bound: Bound, unit: Unit): string {
  if (typeof bound === 'number') return `${bound} ${unit === 'B per item' ? 'B' : unit}`
  return bound.times === 1 ? bound.store : `${bound.times} ${bound.store}`
}

export function shownCount(count: number): string {
  return count.toLocaleString('en')
}

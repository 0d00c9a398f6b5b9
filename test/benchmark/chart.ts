/**
 * The picture of growth: what an operation costs by the number of items, and how fast they were loaded. Plain SVG; its
 * colours can be read on a light page and on a dark one, as not every viewer says which it is.
 */
import { type BenchRecord, figureOf, sizesOf } from './record.js'
import { median } from './statistics.js'

export interface Point {
  readonly x: number
  readonly y: number
}

export interface Line {
  readonly label: string
  readonly points: readonly Point[]
}

interface Panel {
  readonly title: string
  readonly xTitle: string
  readonly lines: readonly Line[]
  readonly isLogarithmic: boolean
  readonly hasDots: boolean
  readonly xTicks: readonly number[]
}

const WIDTH = 760
const PANEL_HEIGHT = 300
const MARGIN = { top: 46, right: 96, bottom: 52, left: 58 }
const LABEL_DISTANCE = 16

const STYLE = `
    text { font: 13px system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif; fill: #6e7781 }
    .title { font-weight: 600 }
    .grid { stroke: #6e7781; stroke-opacity: 0.25 }
    .axis { stroke: #6e7781 }
    .line { fill: none; stroke-width: 2; stroke-linejoin: round }
    .c0 { stroke: #2f81f7 } .c1 { stroke: #d4661b } .c2 { stroke: #2c974b }
    .f0 { fill: #2f81f7 } .f1 { fill: #d4661b } .f2 { fill: #2c974b }`

/** From the records of growth. */
export function growthChart(records: readonly BenchRecord[]): string {
  const sizes = sizesOf(records)
  const operations = [
    ['get', 'get'],
    ['put', 'put'],
    ['query 10', 'query of 10'],
  ] as const
  const lines = operations.map(([row, label]) => ({
    label,
    points: sizes.flatMap((items) => {
      const y = figureOf(records, { store: 'dynafile', row, items })
      return y === undefined ? [] : [{ x: items, y }]
    }),
  }))
  const largest = sizes.at(-1) ?? 1
  const panels: Panel[] = [
    {
      title: 'µs per operation',
      xTitle: 'items in the table (logarithmic)',
      lines,
      isLogarithmic: true,
      hasDots: true,
      xTicks: sizes,
    },
    {
      title: 'thousand items loaded per second, batches of 1,000',
      xTitle: 'items loaded so far',
      lines: [{ label: 'load', points: ratePoints(records, largest) }],
      isLogarithmic: false,
      hasDots: false,
      xTicks: niceTicks(largest, 5),
    },
  ]
  return chart(panels)
}

/** The rate in each part of the load, in the median of the rounds. */
function ratePoints(records: readonly BenchRecord[], items: number): Point[] {
  const rounds = records.filter((record) => record.row === 'load rate' && record.items === items)
  const parts = rounds[0]?.slices.length ?? 0
  return Array.from({ length: parts }, (_, i) => ({
    x: ((i + 1) / parts) * items,
    y: median(rounds.map(({ slices }) => slices[i] ?? 0)) / 1000,
  }))
}

function chart(panels: readonly Panel[]): string {
  const height = panels.length * PANEL_HEIGHT
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">`,
    '  <title>What an operation costs, and how fast a table is loaded, as it grows</title>',
    `  <style>${STYLE}\n  </style>`,
    ...panels.map((panel, i) => drawPanel(panel, i * PANEL_HEIGHT)),
    '</svg>',
    '',
  ].join('\n')
}

function drawPanel({ title, xTitle, lines, isLogarithmic, hasDots, xTicks }: Panel, offset: number): string {
  const left = MARGIN.left
  const right = WIDTH - MARGIN.right
  const top = offset + MARGIN.top
  const bottom = offset + PANEL_HEIGHT - MARGIN.bottom
  const points = lines.flatMap((line) => line.points)
  const yTicks = niceTicks(Math.max(...points.map(({ y }) => y), 1e-9), 5)
  const xs = points.map(({ x }) => x)
  const [xLow, xHigh] = isLogarithmic ? [Math.min(...xs), Math.max(...xs)] : [0, Math.max(...xs)]
  const along = (x: number) => {
    if (xHigh === xLow) return 0.5
    return isLogarithmic ? Math.log(x / xLow) / Math.log(xHigh / xLow) : (x - xLow) / (xHigh - xLow)
  }
  const xAt = (x: number) => round(left + along(x) * (right - left))
  const yAt = (y: number) => round(bottom - (y / yTicks.at(-1)!) * (bottom - top))
  const parts = [`<text class="title" x="${left}" y="${offset + 26}">${title}</text>`]
  for (const tick of yTicks) {
    const y = yAt(tick)
    parts.push(`<line class="${tick === 0 ? 'axis' : 'grid'}" x1="${left}" y1="${y}" x2="${right}" y2="${y}"/>`)
    parts.push(`<text x="${left - 8}" y="${y + 4}" text-anchor="end">${tick.toLocaleString('en')}</text>`)
  }
  for (const tick of xTicks.filter((x) => x >= xLow && x <= xHigh)) {
    parts.push(`<line class="axis" x1="${xAt(tick)}" y1="${bottom}" x2="${xAt(tick)}" y2="${bottom + 5}"/>`)
    parts.push(`<text x="${xAt(tick)}" y="${bottom + 20}" text-anchor="middle">${shortCount(tick)}</text>`)
  }
  parts.push(`<text x="${(left + right) / 2}" y="${bottom + 40}" text-anchor="middle">${xTitle}</text>`)
  const labelled = lines.map(({ label, points }, i) => ({ label, points, i })).filter(({ points }) => points.length > 0)
  for (const { points, i } of labelled) {
    const path = points.map(({ x, y }) => `${xAt(x)},${yAt(y)}`).join(' ')
    parts.push(`<polyline class="line c${i}" points="${path}"/>`)
    if (!hasDots) continue
    parts.push(...points.map(({ x, y }) => `<circle class="f${i}" cx="${xAt(x)}" cy="${yAt(y)}" r="3.5"/>`))
  }
  const heights = spread(labelled.map(({ points }) => yAt(points.at(-1)!.y)))
  labelled.forEach(({ label, i }, n) => {
    parts.push(`<text class="f${i}" x="${right + 10}" y="${round(heights[n]! + 4)}">${label}</text>`)
  })
  return parts.map((part) => `  ${part}`).join('\n')
}

/** Moves labels down that would stand on one another. */
export function spread(heights: readonly number[], distance: number = LABEL_DISTANCE): number[] {
  const moved = [...heights]
  const order = heights.map((_, i) => i).sort((a, b) => heights[a]! - heights[b]!)
  for (let n = 1; n < order.length; n++) {
    moved[order[n]!] = Math.max(moved[order[n]!]!, moved[order[n - 1]!]! + distance)
  }
  return moved
}

/** From zero to at least the largest, in steps of 1, 2 or 5 times a power of ten, about as many as wanted. */
export function niceTicks(largest: number, wanted: number): number[] {
  const rough = largest / wanted
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999) ?? 10)
  const count = Math.ceil(largest / step - 1e-9)
  // Multiplied, not added up: 0.1 + 0.2 is no tick.
  return Array.from({ length: count + 1 }, (_, i) => Number((i * step).toPrecision(12)))
}

export function shortCount(count: number): string {
  if (count >= 1e6) return `${Number((count / 1e6).toFixed(2))}M`
  return count >= 1000 ? `${Number((count / 1000).toFixed(1))}k` : String(count)
}

function round(coordinate: number): number {
  return Math.round(coordinate * 10) / 10
}

/** The tables of the results, as cells: what is printed and what is published differ only in how the cells are set. */
import { type Figures, judge } from './judgement.js'
import { type BenchRecord, figureOf, sizesOf } from './record.js'
import { GROWTH_LIMIT, GROWTH_ROWS, ROWS, type Row, STORES, type StoreName } from './rows.js'
import { shownCount, shownFigure, shownMark, shownRatio, shownTarget } from './shown.js'

export interface Table {
  readonly head: readonly string[]
  readonly sections: readonly { readonly title: string; readonly rows: readonly (readonly string[])[] }[]
}

export function storesOf(records: readonly BenchRecord[]): StoreName[] {
  return STORES.filter((name) => records.some(({ store }) => store === name))
}

/** All stores at one size; rows that nobody has are left out. */
export function comparisonTable(records: readonly BenchRecord[], items: number): Table {
  const stores = storesOf(records)
  const bySection = new Map<string, string[][]>()
  for (const row of ROWS) {
    const figures = new Map(
      stores.flatMap((store) => {
        const figure = figureOf(records, { store, row: row.id, items })
        return figure === undefined ? [] : [[store, figure] as const]
      }),
    )
    if (figures.size === 0) continue
    const { ratio, mark } = judge(row, items, figures, roundsOf(records, row, items))
    const cells = [
      labelOf(row),
      ...stores.map((store) => shownFigure(figures.get(store))),
      shownRatio(ratio),
      ...shownTarget(row.target?.(items), row.unit),
      shownMark(mark),
    ]
    bySection.set(row.section, [...(bySection.get(row.section) ?? []), cells])
  }
  return {
    head: ['', ...stores, 'ratio', 'floor', 'goal', 'met'],
    sections: [...bySection].map(([title, rows]) => ({ title, rows })),
  }
}

/** What each round of a row came to. */
function roundsOf(records: readonly BenchRecord[], row: Row, items: number): Figures[] {
  const rounds = new Map<number, Map<StoreName, number>>()
  for (const record of records) {
    if (record.row !== row.id || record.items !== items) continue
    const figures = rounds.get(record.round) ?? new Map()
    rounds.set(record.round, figures.set(record.store, record.value))
  }
  return [...rounds.values()]
}

/** Ours at all sizes, and how much more the largest costs than the smallest. */
export function growthTable(records: readonly BenchRecord[]): Table {
  const sizes = sizesOf(records)
  const rows = GROWTH_ROWS.map((row) => {
    const figures = sizes.map((items) => figureOf(records, { store: 'dynafile', row: row.id, items }))
    const [first, last] = [figures[0], figures.at(-1)]
    const times = first === undefined || last === undefined ? undefined : last / first
    const isLimited = GROWTH_LIMIT.rows.some((id) => id === row.id)
    const limit = isLimited ? `${GROWTH_LIMIT.times}x` : (shownTarget(row.target?.(sizes.at(-1)!), row.unit)[1] ?? '')
    const mark = isLimited
      ? times !== undefined && (times <= GROWTH_LIMIT.times ? 'goal' : 'below')
      : last !== undefined && judge(row, sizes.at(-1)!, new Map([['dynafile', last]])).mark
    return [labelOf(row), ...figures.map(shownFigure), shownRatio(times), limit, shownMark(mark || undefined)]
  })
  return {
    head: ['', ...sizes.map((size) => `${shownCount(size)} items`), 'last / first', 'goal', 'met'],
    sections: [{ title: '', rows }],
  }
}

/** Microseconds are what most are in; the others say so. */
function labelOf({ label, unit }: Row): string {
  return unit === 'µs' ? label : `${label}, ${unit}`
}

/** For the screen. */
export function asText({ head, sections }: Table): string {
  const all = [head, ...sections.flatMap(({ rows }) => rows)]
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]!.length)))
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => (i === 0 || i === cells.length - 1 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join('  ')
      .trimEnd()
  const lines = [line(head), widths.map((width) => '─'.repeat(width)).join('  ')]
  for (const { title, rows } of sections) lines.push(...(title === '' ? [] : ['', title]), ...rows.map(line))
  return lines.join('\n')
}

/** For a page. */
export function asMarkdown({ head, sections }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const lines = [line(head), line(head.map((_, i) => (i === 0 || i === head.length - 1 ? '---' : '---:')))]
  for (const { title, rows } of sections) {
    if (title !== '') lines.push(line([`**${title}**`, ...head.slice(1).map(() => '')]))
    lines.push(...rows.map(line))
  }
  return lines.join('\n')
}

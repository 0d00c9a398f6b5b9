/** The door's tables, as cells: servers against each other, and the SDK's ways in against each other. */
import type { Mark } from '../judgement.js'
import { type BenchRecord, figureOf } from '../record.js'
import { shownFigure, shownMark, shownRatio } from '../shown.js'
import type { Table } from '../tables.js'
import {
  type DoorBound,
  type DoorColumn,
  type DoorRow,
  LATENCY_ROWS,
  PROCESSOR_ROWS,
  RATE_ROWS,
  SDK_CLIENT_ROWS,
  SDK_DOCUMENT_ROWS,
  START_ROWS,
  WAYS,
} from './door-rows.js'
import { ITEM_COUNT } from './requests.js'

/** What a row came to in a column, if it did. */
export type FigureIn = (column: DoorColumn) => number | undefined

interface Section {
  readonly title: string
  readonly rows: readonly DoorRow[]
  readonly columns: readonly DoorColumn[]
  /** Each compared with the first column. */
  readonly comparisons: readonly (readonly [column: DoorColumn, to: DoorColumn])[]
}

const IN_MEMORY = {
  columns: ['dynafile', 'dynalite', 'node:http'],
  comparisons: [
    ['dynafile', 'dynalite'],
    ['dynafile', 'node:http'],
  ],
} as const

/** The bare server keeps nothing anywhere. What there is to reach is reached in memory. */
const IN_FOLDER = {
  columns: ['dynafile, folder', 'dynalite, folder', 'node:http'],
  comparisons: [
    ['dynafile, folder', 'dynalite, folder'],
    ['dynafile, folder', 'node:http'],
  ],
} as const

const SERVER_SECTIONS: readonly Section[] = [
  { title: '32 connections, in memory: requests/s', rows: RATE_ROWS, ...IN_MEMORY },
  { title: '32 connections, in a folder: requests/s', rows: withoutBounds(RATE_ROWS), ...IN_FOLDER },
  { title: 'One connection, in memory: µs', rows: LATENCY_ROWS, ...IN_MEMORY },
  { title: 'One connection, in a folder: µs', rows: LATENCY_ROWS, ...IN_FOLDER },
  { title: 'Time of the processor, 32 connections, in memory: µs', rows: PROCESSOR_ROWS, ...IN_MEMORY },
  { title: 'Starting, in memory', rows: START_ROWS, ...IN_MEMORY },
  { title: 'Starting, in a folder', rows: withoutBounds(START_ROWS), ...IN_FOLDER },
]

const SDK_COMPARISONS = {
  columns: WAYS,
  comparisons: [
    ['awsConfig', 'http'],
    ['awsPlugin', 'http'],
  ],
} as const

const SDK_SECTIONS: readonly Section[] = [
  { title: 'The client', rows: SDK_CLIENT_ROWS, ...SDK_COMPARISONS },
  { title: 'The document client', rows: SDK_DOCUMENT_ROWS, ...SDK_COMPARISONS },
]

export function serverTable(records: readonly BenchRecord[]): Table {
  return tableOf(records, SERVER_SECTIONS, ['dynafile', 'dynalite', 'node:http', 'to dynalite', 'to node:http'])
}

export function sdkTable(records: readonly BenchRecord[]): Table {
  return tableOf(records, SDK_SECTIONS, ['HTTP', 'awsConfig', 'awsPlugin', 'awsConfig to HTTP', 'awsPlugin to HTTP'])
}

function tableOf(records: readonly BenchRecord[], sections: readonly Section[], head: readonly string[]): Table {
  return {
    head: ['', ...head, 'floor', 'goal', 'met'],
    sections: sections.map(({ title, rows, columns, comparisons }) => ({
      title,
      rows: rows.map((row) => {
        const figureIn: FigureIn = (store) => figureOf(records, { store, row: row.id, items: ITEM_COUNT })
        return [
          row.label,
          ...columns.map((column) => shownFigure(figureIn(column))),
          ...comparisons.map(([column, to]) => shownRatio(timesAsGood(row, figureIn(column), figureIn(to)))),
          shownBound(row.floor, row),
          shownBound(row.goal, row),
          shownMark(judgeDoor(row, figureIn)),
        ]
      }),
    })),
  }
}

/** How the row came out, if it was measured and has something to reach. */
export function judgeDoor(row: DoorRow, figureIn: FigureIn): Mark | undefined {
  const isGoal = row.goal && isMet(row, row.goal, figureIn)
  if (isGoal !== false) return isGoal && 'goal'
  return row.floor !== undefined && isMet(row, row.floor, figureIn) === true ? 'floor' : 'below'
}

/** @returns Nothing when it was not measured. */
function isMet(row: DoorRow, bound: DoorBound, figureIn: FigureIn): boolean | undefined {
  const [ours, theirs] = [figureIn(row.column), figureIn(bound.as)]
  if (ours === undefined || theirs === undefined) return undefined
  return 'plus' in bound ? ours <= theirs + bound.plus : timesAsGood(row, ours, theirs)! >= bound.times
}

/** Of rates more is better, of all else less. */
function timesAsGood({ unit }: DoorRow, ours: number | undefined, theirs: number | undefined): number | undefined {
  if (ours === undefined || theirs === undefined) return undefined
  return unit === 'requests/s' ? ours / theirs : theirs / ours
}

function shownBound(bound: DoorBound | undefined, { unit }: DoorRow): string {
  if (bound === undefined) return ''
  const as = bound.as === 'http' ? 'HTTP' : bound.as
  return 'plus' in bound ? `${as} + ${bound.plus} ${unit}` : `${bound.times}x ${as}`
}

function withoutBounds(rows: readonly DoorRow[]): DoorRow[] {
  return rows.map(({ id, label, unit, column }) => ({ id, label, unit, column }))
}

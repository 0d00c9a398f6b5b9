/** The cells of one CSV record: text, and whether it stood in quotes. */
import type { Cell } from './csv-cell.js'

/** @throws {SyntaxError} When something follows a closing quote. */
export function csvCells(record: string): Cell[] {
  const cells: Cell[] = []
  for (let start = 0; ; ) {
    const { cell, end } = record[start] === '"' ? quotedCell(record, start) : plainCell(record, start)
    cells.push(cell)
    if (end === record.length) return cells
    start = end + 1
  }
}

interface Found {
  readonly cell: Cell
  /** Where the comma behind it is, or the end of the record. */
  readonly end: number
}

function plainCell(record: string, start: number): Found {
  const comma = record.indexOf(',', start)
  const end = comma < 0 ? record.length : comma
  return { cell: { text: record.slice(start, end), isQuoted: false }, end }
}

function quotedCell(record: string, start: number): Found {
  let close = record.indexOf('"', start + 1)
  // Two quotes stand for one.
  while (close >= 0 && record[close + 1] === '"') close = record.indexOf('"', close + 2)
  const end = close + 1
  if (close < 0 || (end < record.length && record[end] !== ',')) {
    throw new SyntaxError(
      `a value in quotes is followed by a comma, not by ${JSON.stringify(record.slice(end, end + 10))}`,
    )
  }
  return { cell: { text: record.slice(start + 1, close).replaceAll('""', '"'), isQuoted: true }, end }
}

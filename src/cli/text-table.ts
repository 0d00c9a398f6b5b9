/**
 * A table of text for people, drawn by cli-table3: columns as wide as their content, cut with … where the line would get
 * too long, and left out from the right where even that is not enough. Rows can follow in parts, under the same columns.
 */
import Table from 'cli-table3'
import type { OutputStream } from './output-stream.js'

/** The longest a column gets where there is no terminal to set a limit. */
const WIDTH_LIMIT = 80
/** A column is not made narrower than this. */
const WIDTH_MINIMUM = 12
const GAP = '  '
/** How many rows are drawn at once: what a cli-table3 costs grows with the square of them. */
const PART_LENGTH = 32
const NO_FRAME = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '' },
  ...{ bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
  ...{ left: '', 'left-mid': '', right: '', 'right-mid': '' },
}
const CHARS = { ...NO_FRAME, mid: '─', 'mid-mid': GAP, middle: GAP }
/** Compact: a line under the head, and none between rows. Colours are not for it to decide. */
const STYLE = { head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true }

type Row = readonly string[]

export class TextTable {
  /** The columns that did not fit. */
  readonly hidden: readonly string[]
  readonly #output: OutputStream
  readonly #head: Row
  readonly #widths: readonly number[]
  readonly #alignments: ('left' | 'right')[]

  /** The first rows decide how wide the columns are, and which of them hold numbers and so are aligned to the right. */
  constructor(
    output: OutputStream,
    head: Row,
    firstRows: readonly Row[],
    { alignNumbers = true }: { readonly alignNumbers?: boolean } = {},
  ) {
    const limit = output.columns ?? WIDTH_LIMIT
    const natural = head.map((name, column) => widthOf([name, ...firstRows.map((row) => row[column]!)], limit))
    this.#output = output
    this.#widths = fittingWidths(natural, output.columns)
    this.#head = head.slice(0, this.#widths.length)
    this.hidden = head.slice(this.#widths.length)
    this.#alignments = this.#head.map((_, column) => (alignNumbers && isNumeric(firstRows, column) ? 'right' : 'left'))
  }

  /** The head, underlined. */
  head(): string {
    // There is no line under a head that has nothing below it.
    const [names, line] = this.#lines([this.#head.map(() => '')], this.#head)
    return `${this.#output.paint('bold', names!)}\n${this.#output.paint('gray', line!)}\n`
  }

  /** The rows as text, in parts. */
  *rows(rows: readonly Row[]): Generator<string, void, undefined> {
    for (const part of partsOf(rows)) yield `${this.#lines(part).join('\n')}\n`
  }

  #lines(rows: readonly Row[], head: Row = []): string[] {
    const cells = [head, ...rows].map((row) =>
      this.#widths.flatMap((width, column) => (row[column] === undefined ? [] : shortened(row[column], width))),
    )
    return drawn(cells.slice(1), { head: cells[0]!, colWidths: [...this.#widths], colAligns: this.#alignments })
  }
}

/** The text, or the beginning of it and … where it is wider than that. */
export function cutToWidth(text: string, width: number): string {
  return drawn([[shortened(text, width)]], { colWidths: [width] })[0]!
}

function drawn(rows: readonly string[][], options: Table.TableConstructorOptions): string[] {
  const table = new Table({ ...options, chars: CHARS, style: STYLE })
  table.push(...rows)
  // Where a character was cut in half, there is a blank.
  const lines = table
    .toString()
    .replace(/\p{Surrogate}/gu, ' ')
    .split('\n')
  return lines.map((line) => line.trimEnd())
}

/**
 * As much of the text as can be seen: cli-table3 takes wide characters away one by one, and measures what is left each
 * time. Hardly any character is longer than two code units for each of the columns it takes.
 */
function shortened(text: string, width: number): string {
  return text.length > width * 2 ? `${text.slice(0, width * 2)}…` : text
}

/** How wide a column with these texts is, as far as the limit goes. cli-table3 measures those that may be the widest. */
function widthOf(texts: readonly string[], limit: number): number {
  const others = texts.filter((text) => !PLAIN.test(text))
  const longest = texts.reduce((one, text) => (text.length > one.length && PLAIN.test(text) ? text : one), '')
  const widths = partsOf([longest, ...others]).map((part) => {
    const table = new Table({ chars: CHARS, style: STYLE })
    table.push(...part.map((text) => [shortened(text, limit)]))
    table.toString()
    // Where it has been drawn, the widths have been filled in.
    return table.options.colWidths[0] ?? 0
  })
  return Math.max(...widths)
}

/** Printable ASCII: as wide as it is long. */
const PLAIN = /^[ -~]*$/

function partsOf<T>(rows: readonly T[]): T[][] {
  const parts: T[][] = []
  for (let from = 0; from < rows.length; from += PART_LENGTH) parts.push(rows.slice(from, from + PART_LENGTH))
  return parts
}

/** The widths of the columns that fit the line, in order; the widest give way first. */
function fittingWidths(natural: readonly number[], lineWidth: number | undefined): number[] {
  if (lineWidth === undefined) return natural.map((width) => Math.min(width, WIDTH_LIMIT))
  for (let count = natural.length; count > 1; count--) {
    const widths = natural.slice(0, count)
    const available = lineWidth - GAP.length * (count - 1)
    const cap = widestCap(widths, available)
    if (cap >= WIDTH_MINIMUM || cap >= Math.max(...widths)) return widths.map((width) => Math.min(width, cap))
  }
  return natural.slice(0, 1).map((width) => Math.min(width, lineWidth))
}

/** The largest width that, as a limit for every column, lets them all fit. */
function widestCap(widths: readonly number[], available: number): number {
  const sum = (cap: number) => widths.reduce((total, width) => total + Math.min(width, cap), 0)
  let low = 0
  let high = Math.max(...widths)
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (sum(middle) <= available) low = middle
    else high = middle - 1
  }
  return low
}

function isNumeric(rows: readonly Row[], column: number): boolean {
  const cells = rows.map((row) => row[column]!).filter((cell) => cell !== '')
  return cells.length > 0 && cells.every((cell) => /^-?\d[\d,.]*(e[+-]\d+)?$/.test(cell))
}

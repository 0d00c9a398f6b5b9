/**
 * A table of text for people: columns as wide as their content, cut with … where the line would get too long, and left
 * out from the right where even that is not enough. Rows can follow in parts, under the same columns.
 */
import type { OutputStream } from './output-stream.js'

/** The longest a column gets where there is no terminal to set a limit. */
const WIDTH_LIMIT = 80
/** A column is not made narrower than this. */
const WIDTH_MINIMUM = 12
const GAP = '  '

export class TextTable {
  /** The columns that did not fit. */
  readonly hidden: readonly string[]
  readonly #output: OutputStream
  readonly #head: readonly string[]
  readonly #widths: readonly number[]
  readonly #alignments: ('left' | 'right')[]

  /** The first rows decide how wide the columns are, and which of them hold numbers and so are aligned to the right. */
  constructor(
    output: OutputStream,
    head: readonly string[],
    firstRows: readonly (readonly string[])[],
    { alignNumbers = true }: { readonly alignNumbers?: boolean } = {},
  ) {
    const natural = head.map((name, column) =>
      firstRows.reduce((widest, row) => Math.max(widest, displayWidth(row[column]!)), displayWidth(name)),
    )
    this.#output = output
    this.#widths = fittingWidths(natural, output.columns)
    this.#head = head.slice(0, this.#widths.length)
    this.hidden = head.slice(this.#widths.length)
    this.#alignments = this.#head.map((_, column) => (alignNumbers && isNumeric(firstRows, column) ? 'right' : 'left'))
  }

  /** The head, underlined. */
  head(): string {
    const line = this.#widths.map((width) => '─'.repeat(width)).join(GAP)
    const [names] = this.#lines([this.#head])
    return `${this.#output.paint('bold', names!)}\n${this.#output.paint('gray', line)}\n`
  }

  rows(rows: readonly (readonly string[])[]): string {
    return this.#lines(rows)
      .map((line) => `${line}\n`)
      .join('')
  }

  #lines(rows: readonly (readonly string[])[]): string[] {
    return rows.map((row) => {
      const cells = this.#widths.map((width, column) => fitted(row[column]!, width, this.#alignments[column]!))
      return cells.join(GAP).trimEnd()
    })
  }
}

/** The text, cut or filled up to the width. */
function fitted(text: string, width: number, alignment: 'left' | 'right'): string {
  const whole = displayWidth(text)
  if (whole > width) return cutToWidth(text, width)
  const blanks = ' '.repeat(width - whole)
  return alignment === 'right' ? blanks + text : text + blanks
}

/** The beginning of the text and …, as wide as the width, with a blank where half a character would be. */
export function cutToWidth(text: string, width: number): string {
  let cut = ''
  let used = 0
  // No character has more than some tens of code units, so what is behind this is not looked at.
  for (const { segment } of SEGMENTER.segment(text.slice(0, width * 40))) {
    const segmentWidth = displayWidth(segment)
    if (used + segmentWidth > width - 1) break
    cut += segment
    used += segmentWidth
  }
  return `${cut}…${' '.repeat(Math.max(width - 1 - used, 0))}`
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

function isNumeric(rows: readonly (readonly string[])[], column: number): boolean {
  const cells = rows.map((row) => row[column]!).filter((cell) => cell !== '')
  return cells.length > 0 && cells.every((cell) => /^-?\d[\d,.]*(e[+-]\d+)?$/.test(cell))
}

/** How many columns of a terminal the text takes: East Asian characters and emoji take two, marks none. */
export function displayWidth(text: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: plain ASCII, as nearly everything is
  if (/^[\x00-\x7f]*$/.test(text)) return text.length
  let width = 0
  for (const { segment } of SEGMENTER.segment(text)) width += WIDE.test(segment) ? 2 : 1
  return width
}

const SEGMENTER = new Intl.Segmenter()
const WIDE =
  /\p{Emoji_Presentation}|\ufe0f|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u

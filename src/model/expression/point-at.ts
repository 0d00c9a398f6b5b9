/** A text with a caret under one of its places, as two lines of an error message; a long line is cut around the place. */
const WIDTH = 100

/** The line of `source` at `offset`, and a line with a caret under it; without an offset, the start of the source. */
export function pointAt(source: string, offset: number | undefined): string {
  const at = Math.min(offset ?? 0, source.length)
  const lineStart = at === 0 ? 0 : source.lastIndexOf('\n', at - 1) + 1
  const lineEnd = source.indexOf('\n', at)
  const end = lineEnd === -1 ? source.length : lineEnd
  const from = Math.max(lineStart, at - WIDTH / 2)
  const to = Math.min(end, from + WIDTH)
  const head = from > lineStart ? '…' : ''
  const tail = to < end ? '…' : ''
  // What would move the caret or break the line is shown as a blank.
  const line = source.slice(from, to).replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ')
  const shown = `  ${head}${line}${tail}`
  return offset === undefined ? shown : `${shown}\n${' '.repeat(2 + head.length + at - from)}^`
}

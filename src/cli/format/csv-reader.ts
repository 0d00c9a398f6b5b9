/** The items of a CSV file: the first record names the attributes, each of the others is an item. */
import { isUtf8 } from 'node:buffer'
import type { Item } from '../../model/item/item.js'
import { type Cell, type CellType, cellValue } from './csv-cell.js'
import { type CsvRecord, csvRecords } from './csv-records.js'
import { BrokenFileError, type ImportRecord, recordFrom } from './import-record.js'

export interface CsvOptions {
  readonly types: ReadonlyMap<string, CellType>
  /** The types of columns that have none in `types`. */
  readonly defaultTypes: ReadonlyMap<string, CellType>
  /** Take text for what it looks like, where there is no type. */
  readonly infer: boolean
  /** Between two cells. */
  readonly delimiter: string
}

/** @throws {BrokenFileError} When the header is not in order, or a quote is never closed. */
export async function* readCsv(
  source: AsyncIterable<Buffer>,
  options: CsvOptions,
): AsyncGenerator<ImportRecord[], void, undefined> {
  const reader = new CsvReader(options)
  const form = { delimiter: options.delimiter, markQuoted: options.infer }
  for await (const records of csvRecords(source, form)) yield reader.read(records)
}

class CsvReader {
  readonly #options: CsvOptions
  #names: readonly string[] | undefined

  constructor(options: CsvOptions) {
    this.#options = options
  }

  read(records: CsvRecord[]): ImportRecord[] {
    const [first, ...others] = records
    if (first === undefined) return []
    const names = this.#names ?? checkHeader(first, this.#options)
    const items = this.#names === undefined ? others : records
    this.#names = names
    return items.map((record) => recordFrom(record.line, () => itemFrom(cellsOf(record), names, this.#options)))
  }
}

function cellsOf({ cells }: CsvRecord): Cell[] {
  return cells.map((cell) => (Buffer.isBuffer(cell) ? textFrom(cell) : { quoted: textFrom(cell.quoted) }))
}

function textFrom(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw new SyntaxError('it is not UTF-8')
  return bytes.toString('utf8')
}

function checkHeader(header: CsvRecord, { types }: CsvOptions): string[] {
  const refuse = (reason: string, cause?: unknown) => new BrokenFileError(header.line, reason, { cause })
  const names = headerCells(header, refuse).map((cell) => (typeof cell === 'string' ? cell.trim() : cell.quoted))
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) throw refuse(`two columns are called "${twice}"`)
  if (names.includes('')) throw refuse(`column ${names.indexOf('') + 1} has no name`)
  const unknown = [...types.keys()].find((name) => !names.includes(name))
  if (unknown === undefined) return names
  throw refuse(`there is no column "${unknown}" to give a type to; there are: ${names.join(', ')}`)
}

function headerCells(header: CsvRecord, refuse: (reason: string, cause: unknown) => Error): readonly Cell[] {
  try {
    return cellsOf(header)
  } catch (failure) {
    throw refuse((failure as Error).message, failure)
  }
}

function itemFrom(cells: readonly Cell[], names: readonly string[], options: CsvOptions): Item {
  if (cells.length !== names.length) {
    throw new SyntaxError(`it has ${cells.length} columns, the header has ${names.length}`)
  }
  const item: Item = {}
  for (const [i, name] of names.entries()) {
    const value = columnValue(name, cells[i]!, options)
    if (value === undefined) continue
    // A column may be called `__proto__`; assigning that would set no attribute.
    if (name === '__proto__') Object.defineProperty(item, name, { value, enumerable: true })
    else item[name] = value
  }
  return item
}

function columnValue(name: string, cell: Cell, { types, defaultTypes, infer }: CsvOptions): unknown {
  try {
    return cellValue(cell, types.get(name) ?? defaultTypes.get(name), infer)
  } catch (cause) {
    throw new SyntaxError(`column "${name}": ${(cause as Error).message}`, { cause })
  }
}

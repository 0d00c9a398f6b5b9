/** The items of a CSV file: the first record names the attributes, each of the others is an item. */
import { isUtf8 } from 'node:buffer'
import type { Item } from '../../model/item/item.js'
import { type Cell, type CellType, cellValue } from './csv-cell.js'
import { csvCells } from './csv-record.js'
import { CsvSplitter } from './csv-splitter.js'
import { BrokenFileError, type ImportRecord, recordFrom } from './import-record.js'
import { type Slice, split } from './splitter.js'

export interface CsvOptions {
  readonly types: ReadonlyMap<string, CellType>
  /** The types of columns that have none in `types`. */
  readonly defaultTypes: ReadonlyMap<string, CellType>
  /** Take text for what it looks like, where there is no type. */
  readonly infer: boolean
}

/** @throws {BrokenFileError} When the header is not in order, or a quote is never closed. */
export async function* readCsv(
  source: AsyncIterable<Buffer>,
  options: CsvOptions,
): AsyncGenerator<ImportRecord[], void, undefined> {
  const reader = new CsvReader(options)
  for await (const slices of split(source, new CsvSplitter())) yield reader.read(slices)
}

class CsvReader {
  readonly #options: CsvOptions
  #names: readonly string[] | undefined

  constructor(options: CsvOptions) {
    this.#options = options
  }

  read(slices: Slice[]): ImportRecord[] {
    const [first, ...others] = slices
    if (first === undefined) return []
    const names = this.#names ?? checkHeader(first, this.#options)
    const records = this.#names === undefined ? others : slices
    this.#names = names
    return records.map((slice) => recordFrom(slice.line, () => itemFrom(cellsOf(slice), names, this.#options)))
  }
}

function cellsOf({ bytes }: Slice): Cell[] {
  if (!isUtf8(bytes)) throw new SyntaxError('it is not UTF-8')
  return csvCells(bytes.toString('utf8'))
}

function checkHeader(header: Slice, { types }: CsvOptions): string[] {
  const refuse = (reason: string, cause?: unknown) => new BrokenFileError(header.line, reason, { cause })
  const names = headerCells(header, refuse).map(({ text }) => text.trim())
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) throw refuse(`two columns are called "${twice}"`)
  if (names.includes('')) throw refuse(`column ${names.indexOf('') + 1} has no name`)
  const unknown = [...types.keys()].find((name) => !names.includes(name))
  if (unknown === undefined) return names
  throw refuse(`there is no column "${unknown}" to give a type to; there are: ${names.join(', ')}`)
}

function headerCells(header: Slice, refuse: (reason: string, cause: unknown) => Error): Cell[] {
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

/** The items of a CSV file: the first record names the attributes, each of the others is an item. */
import { pipeline } from 'node:stream'
import { CsvError, parse } from 'csv-parse'
import type { Item } from '../../model/item/item.js'
import { type Cell, type CellType, cellValue } from './csv-cell.js'
import { BrokenFileError, type ImportRecord, RECORD_BYTE_LIMIT, recordFrom } from './import-record.js'

export interface CsvOptions {
  readonly types: ReadonlyMap<string, CellType>
  /** The types of columns that have none in `types`. */
  readonly defaultTypes: ReadonlyMap<string, CellType>
  /** Take text for what it looks like, where there is no type. */
  readonly infer: boolean
}

/** How many records come at once. */
const BATCH_LENGTH = 1000

interface ParsedRecord {
  readonly record: Cell[]
  readonly info: { readonly lines: number }
}

/** @throws {BrokenFileError} When the header, or the quoting anywhere, is not in order. */
export async function* readCsv(
  source: AsyncIterable<Buffer>,
  options: CsvOptions,
): AsyncGenerator<ImportRecord[], void, undefined> {
  const parser = parse({
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: RECORD_BYTE_LIMIT,
    cast: (text, { quoting }) => ({ text, isQuoted: quoting }) satisfies Cell,
  })
  // A failure of either is thrown where the records are read.
  pipeline(source, parser, () => {})
  let names: string[] | undefined
  let batch: ImportRecord[] = []
  try {
    for await (const { record, info } of parser as AsyncIterable<ParsedRecord>) {
      if (names === undefined) {
        names = checkHeader(record, options)
        continue
      }
      const columns = names
      batch.push(recordFrom(info.lines, () => itemFrom(record, columns, options)))
      if (batch.length < BATCH_LENGTH) continue
      yield batch
      batch = []
    }
  } catch (failure) {
    yield batch
    if (!(failure instanceof CsvError)) throw failure
    throw new BrokenFileError(Number(failure['lines'] ?? 0), failure.message, { cause: failure })
  }
  yield batch
}

function checkHeader(record: readonly Cell[], { types }: CsvOptions): string[] {
  const names = record.map(({ text }) => text.trim())
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) throw new BrokenFileError(1, `two columns are called "${twice}"`)
  if (names.includes('')) throw new BrokenFileError(1, `column ${names.indexOf('') + 1} has no name`)
  const unknown = [...types.keys()].find((name) => !names.includes(name))
  if (unknown === undefined) return names
  throw new BrokenFileError(1, `there is no column "${unknown}" to give a type to; there are: ${names.join(', ')}`)
}

function itemFrom(cells: readonly Cell[], names: readonly string[], { types, defaultTypes, infer }: CsvOptions): Item {
  if (cells.length !== names.length) {
    throw new SyntaxError(`it has ${cells.length} columns, the header has ${names.length}`)
  }
  const item: Item = {}
  for (const [i, name] of names.entries()) {
    const value = columnValue(name, cells[i]!, types.get(name) ?? defaultTypes.get(name), infer)
    if (value === undefined) continue
    // A column may be called `__proto__`; assigning that would set no attribute.
    Object.defineProperty(item, name, { value, enumerable: true, configurable: true, writable: true })
  }
  return item
}

function columnValue(name: string, cell: Cell, type: CellType | undefined, infer: boolean): unknown {
  try {
    return cellValue(cell, type, infer)
  } catch (cause) {
    throw new SyntaxError(`column "${name}": ${(cause as Error).message}`, { cause })
  }
}

/**
 * The records of a CSV file, cut by csv-parse. A quote that does not begin a value is just a character, and so are those
 * around a value that goes on behind its closing quote. Empty lines are left out.
 */
import { isUtf8 } from 'node:buffer'
import { type CsvError, Parser } from 'csv-parse'
import type { Cell } from './csv-cell.js'
import { BrokenFileError, RECORD_BYTE_LIMIT } from './import-record.js'

export interface CsvRecord {
  /** Where it begins, from 1. */
  readonly line: number
  /** Bytes are those of a cell that is not UTF-8. */
  readonly cells: readonly (Cell | Buffer)[]
}

/** All records, in batches. When the file turns out to be broken, the ones before that come first. */
export async function* csvRecords(
  source: AsyncIterable<Buffer>,
  delimiter: string,
): AsyncGenerator<CsvRecord[], void, undefined> {
  const cutter = new RecordCutter(delimiter)
  try {
    for await (const chunk of source) {
      await cutter.push(chunk)
      yield cutter.take()
    }
    await cutter.end()
  } catch (failure) {
    yield cutter.take()
    throw failure
  }
  yield cutter.take()
}

class RecordCutter {
  readonly #parser: Parser
  #found: CsvRecord[] = []
  #line = 1

  constructor(delimiter: string) {
    this.#parser = new Parser({
      delimiter,
      record_delimiter: ['\r\n', '\n'],
      relax_quotes: true,
      relax_column_count: true,
      max_record_size: RECORD_BYTE_LIMIT,
      // Values come as bytes: as text, it could not be seen any more that they were no UTF-8.
      encoding: null,
      cast: (bytes: unknown, { quoting }) => cellFrom(bytes as Buffer, quoting),
      // Nothing goes the way of the stream, which would drop the records before an error.
      on_record: (cells: readonly unknown[]) => {
        this.#add(cells as (Cell | Buffer)[])
        return null
      },
    })
    this.#parser.on('error', () => {})
  }

  push(chunk: Buffer): Promise<void> {
    return this.#settled((done) => this.#parser.write(chunk, done))
  }

  end(): Promise<void> {
    return this.#settled((done) => this.#parser.end(done))
  }

  /** The records that are complete since the last time. */
  take(): CsvRecord[] {
    const found = this.#found
    this.#found = []
    return found
  }

  #add(cells: (Cell | Buffer)[]): void {
    const isEmptyLine = cells.length === 1 && cells[0] === ''
    if (!isEmptyLine) this.#found.push({ line: this.#line, cells })
    this.#line += 1
    for (const cell of cells) this.#line += lineFeeds(cell)
  }

  #settled(step: (done: (failure?: Error | null) => void) => void): Promise<void> {
    return new Promise((resolve, reject) =>
      step((failure) => {
        if (failure) reject(this.#broken(failure))
        else resolve()
      }),
    )
  }

  #broken(failure: Error): BrokenFileError {
    return new BrokenFileError(this.#line, reasonOf(failure), { cause: failure })
  }
}

function reasonOf(failure: Error): string {
  switch ((failure as CsvError).code) {
    case 'CSV_QUOTE_NOT_CLOSED':
      return 'there is a quote that is never closed'
    case 'CSV_MAX_RECORD_SIZE':
      return `the record that begins there has more than ${RECORD_BYTE_LIMIT} bytes`
    default:
      return failure.message
  }
}

function cellFrom(bytes: Buffer, isQuoted: boolean): Cell | Buffer {
  if (!isUtf8(bytes)) return bytes
  const text = bytes.toString('utf8')
  return isQuoted ? { quoted: text } : text
}

/** Only what stood in quotes has any. */
function lineFeeds(cell: Cell | Buffer): number {
  if (typeof cell === 'string') return 0
  const text = Buffer.isBuffer(cell) ? cell.toString('latin1') : cell.quoted
  let count = 0
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count += 1
  return count
}

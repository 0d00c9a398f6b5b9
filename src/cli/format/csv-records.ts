/**
 * The records of a CSV file, cut by csv-parse. A quote that does not begin a value is just a character, and so are those
 * around a value that goes on behind its closing quote. Empty lines are left out. In the first record, the header, quotes
 * are always marked: blanks in them belong to a name.
 */
import { type CsvError, type Options, Parser } from 'csv-parse'
import { parse } from 'csv-parse/sync'
import { BrokenFileError, RECORD_BYTE_LIMIT } from './import-record.js'

const LINE_FEED = 0x0a

/** Not decoded yet: as text, it could not be seen any more whether it was UTF-8. */
export type CellBytes = Buffer | { readonly quoted: Buffer }

export interface CsvRecord {
  /** Where it begins, from 1. */
  readonly line: number
  readonly cells: readonly CellBytes[]
}

export interface CsvForm {
  /** What stands between two cells. */
  readonly delimiter: string
  /** Whether cells that stood in quotes are marked behind the header, too: csv-parse takes several times as long. */
  readonly markQuoted: boolean
}

/** All records, in batches. When the file turns out to be broken, the ones before that come first. */
export async function* csvRecords(
  source: AsyncIterable<Buffer>,
  form: CsvForm,
): AsyncGenerator<CsvRecord[], void, undefined> {
  const cutter = new RecordCutter(form)
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

const MARK_QUOTED: Options['cast'] = (bytes: unknown, { quoting }) => (quoting ? { quoted: bytes } : bytes)

class RecordCutter {
  readonly #options: Options
  readonly #parser: Parser
  /** All chunks so far, until the header has been found. */
  #head: Buffer[] | undefined = []
  #found: CsvRecord[] = []
  /** The lines of all records so far, to which the empty ones come. */
  #lineCount = 0

  constructor({ delimiter, markQuoted }: CsvForm) {
    this.#options = {
      delimiter,
      record_delimiter: ['\r\n', '\n'],
      encoding: null,
      relax_quotes: true,
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: RECORD_BYTE_LIMIT,
    }
    this.#parser = new Parser({
      ...this.#options,
      cast: markQuoted && MARK_QUOTED,
      // Nothing goes the way of the stream, which would drop the records before an error.
      on_record: (cells: readonly unknown[]) => {
        this.#add(cells as readonly CellBytes[])
        return null
      },
    })
    this.#parser.on('error', () => {})
  }

  /** The one where the record begins that comes next. */
  get #line(): number {
    return 1 + this.#lineCount + this.#parser.info.empty_lines
  }

  push(chunk: Buffer): Promise<void> {
    this.#head?.push(chunk)
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

  #add(cells: readonly CellBytes[]): void {
    this.#found.push({ line: this.#line, cells: this.#head === undefined ? cells : this.#header(this.#head) })
    this.#head = undefined
    this.#lineCount += 1
    for (const cell of cells) this.#lineCount += lineFeeds(Buffer.isBuffer(cell) ? cell : cell.quoted)
  }

  /** The first record once more, with its quotes marked. */
  #header(head: readonly Buffer[]): readonly CellBytes[] {
    const records: unknown[] = parse(Buffer.concat(head), { ...this.#options, cast: MARK_QUOTED, to: 1 })
    return records[0] as readonly CellBytes[]
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

function lineFeeds(bytes: Buffer): number {
  let count = 0
  for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, at + 1)) count += 1
  return count
}

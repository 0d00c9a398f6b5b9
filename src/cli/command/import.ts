/** `dynafile import`: stores the items of a file, as many at once as fit one commit, and says which could not be stored. */
import { statSync } from 'node:fs'
import { type Command, Option } from 'commander'
import type { TableDescription } from '../../backend.js'
import { ValidationException } from '../../errors.js'
import type { Item } from '../../model/item/item.js'
import { csvDelimiter } from '../arguments.js'
import type { CommandContext } from '../command-context.js'
import { ByteSource } from '../format/byte-source.js'
import { type CellType, cellTypes } from '../format/csv-cell.js'
import { readCsv } from '../format/csv-reader.js'
import { ExportSource, readDynamodbLines } from '../format/dynamodb-reader.js'
import { FILE_FORMATS, type FileFormat, fileFormat } from '../format/file-format.js'
import type { ImportRecord, Place } from '../format/import-record.js'
import { readJsonArray, readJsonLines } from '../format/json-reader.js'
import { checkFolder, describeTable, withDatabase } from '../open-folder.js'
import { counted, integer } from '../output.js'
import { Progress, perSecond, seconds } from '../progress.js'
import {
  type AnyTable,
  checkTableOptions,
  type TableOptions,
  tableFromOptions,
  withTableOptions,
} from '../table-options.js'

interface ImportOptions extends TableOptions {
  readonly format?: FileFormat
  readonly delimiter: string
  readonly types?: ReadonlyMap<string, CellType>
  readonly infer?: boolean
  readonly strict?: true
}

/** How many items are stored at once. */
const PART_LENGTH = 1000

const HELP = `
Formats, by the end of the file's name or --format: JSON lines (.jsonl, .ndjson), one JSON array (.json), CSV (.csv).
What JSON has no word for is written as in "dynafile export --help"; numbers are exact, however long.

The values of a CSV file are text, but for key attributes, which have the type that they have in the table, and for
columns that --types gives a type: S text, N number, B binary in base64, BOOL true or false, JSON anything else.
An empty cell is empty text, which the key of an index can't be, or left out if it is of another type.
With --infer the others become what they look like: numbers, true, false, null; an empty cell is left out, and a value
in quotes stays text.

A folder is an export as DynamoDB lays it out in a bucket: the one with manifest-summary.json in it, or the one that the
export is in. Checksums and counts are compared. With --format dynamodb a file has such lines, compressed or not:
{"Item": {"id": {"S": "a"}}}.

An item replaces the one with the same key. Those that can't be stored are reported on stderr with their line and the
reason; the others are stored, and the exit code is 1. With --strict the first one ends the import: what comes before
it is stored. Everything is durable when the command has ended.

Examples:
  $ dynafile import ./data orders orders.jsonl --key customer,placedAt --index byTotal=customer,total
  $ dynafile import ./data people people.csv --key id --types age:N,member:BOOL
  $ dynafile import ./data people people.csv --delimiter ';' --infer
  $ dynafile import ./data orders ./bucket/AWSDynamoDB/01693685827463-2d8752fd --key customer,placedAt
  $ curl -s https://example.com/items.ndjson | dynafile import ./data items -`

export function addImport(program: Command, context: CommandContext): Command {
  const command = program
    .command('import')
    .description('Store the items of a file.')
    .argument('<folder>', 'the folder of the database')
    .argument('<table>', 'the name of the table')
    .argument('<file>', 'the file, "-" for standard input, or the folder of an export of DynamoDB')
    .addOption(new Option('--format <format>', 'what the file is').choices(FILE_FORMATS))
    .option('--delimiter <character>', 'CSV: what is between the values', csvDelimiter, ',')
    .option('--types <column:type,…>', 'CSV: the types of columns', cellTypes)
    .option('--infer', 'CSV: take values for what they look like')
    .option('--strict', 'stop at the first item that can not be stored')
    .addHelpText('after', HELP)
    .action((folder: string, table: string, file: string, options: ImportOptions) =>
      importFile(context, folder, table, file, options),
    )
  return withTableOptions(command)
}

async function importFile(
  context: CommandContext,
  folder: string,
  name: string,
  file: string,
  options: ImportOptions,
): Promise<void> {
  const format = isFolder(file) ? folderFormat(file, options.format) : fileFormat(file, options.format)
  checkTableOptions(name, options)
  const create = options.key !== undefined
  if (!create) checkFolder(folder)
  const source = isFolder(file) ? await ExportSource.open(file) : await ByteSource.open(file, () => context.stdin)
  const storing = async (importer: Importer, records: AsyncIterable<ImportRecord[]>) => {
    try {
      for await (const batch of records) {
        await importer.store(batch)
        context.signal.throwIfAborted()
        if (importer.isStopped) break
      }
    } finally {
      await importer.finish()
    }
  }
  try {
    // Durable at the end: nobody is told of single items before.
    await withDatabase(
      context,
      folder,
      (database) => {
        const table = tableFromOptions(database, name, options)
        const description = describeTable(database, name)
        const records = readRecords(source, format, options, description)
        const hint = format === 'csv' && options.infer !== true ? emptyCellHint(description) : () => ''
        return storing(new Importer(context, table, source, { isStrict: options.strict === true, hint }), records)
      },
      { create, fsync: 'batch' },
    )
  } finally {
    source.close()
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}

/** A folder is an export of DynamoDB's. */
function folderFormat(path: string, wanted: FileFormat | undefined): FileFormat {
  if (wanted === undefined || wanted === 'dynamodb') return 'dynamodb'
  throw new Error(`Cannot read "${path}": it is a folder`)
}

function readRecords(
  source: ByteSource | ExportSource,
  format: FileFormat,
  { types = new Map(), infer = false, delimiter }: ImportOptions,
  { key, keyTypes }: TableDescription,
): AsyncIterable<ImportRecord[]> {
  if (source instanceof ExportSource) return source.records()
  if (format === 'dynamodb') return readDynamodbLines(source)
  if (format === 'jsonl') return readJsonLines(source)
  if (format === 'json') return readJsonArray(source)
  const known = key.map((attribute, i) => [attribute, keyTypes[i]] as const).filter(([, type]) => type !== undefined)
  return readCsv(source, { types, defaultTypes: new Map(known as [string, CellType][]), infer, delimiter })
}

/** What can be done about an item that was refused, behind the reason; nothing where nobody knows. */
type Hint = (failure: ValidationException, item: Item) => string

/** For cells that are text without `--infer`: an index takes an item without the attribute, and none with empty text. */
function emptyCellHint({ key }: TableDescription): Hint {
  return (failure, item) =>
    // In the table's own key the attribute has to be.
    failure.code === 'KEY_EMPTY' && key.every((attribute) => item[attribute] !== '')
      ? '; --infer leaves empty cells out'
      : ''
}

/** Stores batches of records, and keeps the count of what was stored and what could not be. */
class Importer {
  readonly #context: CommandContext
  readonly #table: AnyTable
  readonly #source: ByteSource | ExportSource
  readonly #isStrict: boolean
  readonly #hint: Hint
  readonly #progress: Progress
  #stored = 0
  #failed = 0

  constructor(
    context: CommandContext,
    table: AnyTable,
    source: ByteSource | ExportSource,
    { isStrict, hint }: { readonly isStrict: boolean; readonly hint: Hint },
  ) {
    this.#context = context
    this.#table = table
    this.#source = source
    this.#isStrict = isStrict
    this.#hint = hint
    this.#progress = new Progress(context.stderr, { label: 'importing', totalBytes: source.totalBytes })
  }

  /** Whether there is nothing more to be stored, because of a problem. */
  get isStopped(): boolean {
    return this.#isStrict && this.#failed > 0
  }

  async store(records: readonly ImportRecord[]): Promise<void> {
    // Only one after the other can it be that nothing behind the first problem is stored.
    const partLength = this.#isStrict ? 1 : PART_LENGTH
    for (let from = 0; from < records.length && !this.isStopped; from += partLength) {
      const outcomes = await Promise.all(records.slice(from, from + partLength).map((record) => this.#storeOne(record)))
      for (const problem of outcomes) if (problem !== undefined) await this.#report(problem)
      this.#progress.update({ count: this.#stored, bytes: this.#source.readBytes })
    }
  }

  /** Says how it went. */
  async finish(): Promise<void> {
    await this.#progress.end()
    const { elapsedMs } = this.#progress
    const rate = `${seconds(elapsedMs)}, ${perSecond(this.#stored, elapsedMs)}`
    const failed = this.#failed === 0 ? '' : `, ${integer(this.#failed)} could not be stored`
    await this.#context.stderr.line(
      `imported ${counted(this.#stored, 'item')} into "${this.#table.name}" (${rate})${failed}`,
    )
  }

  /** Resolves with what is wrong with the item, if anything is. A failure of the database is thrown. */
  async #storeOne(record: ImportRecord): Promise<Problem | undefined> {
    if (record.kind === 'problem') return record
    try {
      await this.#table.put(record.item)
      this.#stored += 1
      return undefined
    } catch (failure) {
      if (!(failure instanceof ValidationException)) throw failure
      return { ...placeOf(record), reason: failure.message + this.#hint(failure, record.item) }
    }
  }

  async #report({ file, line, reason }: Problem): Promise<void> {
    this.#failed += 1
    this.#context.foundProblems()
    await this.#progress.line(`${file === undefined ? '' : `${file}, `}line ${line}: ${reason}`)
  }
}

function placeOf({ line, file }: Place): Place {
  return file === undefined ? { line } : { line, file }
}

interface Problem extends Place {
  readonly reason: string
}

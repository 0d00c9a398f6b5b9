/** `dynafile export`: all items of a table as JSON lines, a JSON array, CSV, or as DynamoDB exports them. */
import { type Command, Option } from 'commander'
import { systemClock } from '../../base/clock.js'
import type { Item } from '../../model/item/item.js'
import { ExportWriter } from '../../server/export/export-writer.js'
import type { ScanOptions } from '../../types.js'
import { csvDelimiter, nameList } from '../arguments.js'
import type { CommandContext } from '../command-context.js'
import { FILE_FORMATS, type FileFormat, fileFormat } from '../format/file-format.js'
import { FileSink } from '../format/file-sink.js'
import { CsvWriter, DynamodbWriter, type ItemWriter, JsonArrayWriter, JsonLinesWriter } from '../format/item-writer.js'
import { describeTable, withDatabase, withPauses } from '../open-folder.js'
import { counted } from '../output.js'
import { Progress, perSecond, seconds } from '../progress.js'
import type { AnyTable } from '../table-options.js'

interface ExportOptions {
  readonly format?: FileFormat
  readonly delimiter: string
  readonly filter?: string
  readonly select?: string[]
}

const HELP = `
Formats, by the end of the file's name or --format: JSON lines (.jsonl, .ndjson), one JSON array (.json), CSV (.csv).
A file gets its name when it is whole: until then it is called <file>.partial.

JSON is without loss, and "import" and "put" read it back. Strings, booleans, null, lists and maps are plain JSON, and
numbers are written with all their digits: most other programs will round those beyond 15 digits. Besides that:

  {"$binary": "AQID"}          bytes, in base64
  {"$set": ["a", "b"]}         a set of strings, numbers or bytes
  {"$literal": {"$set": 1}}    a map that looks like one of these, but is just a map
  {"$number": "12.5"}          also read as a number, never written

CSV has a column for each attribute that occurs, for which the table is read twice, or those of --select. Binary is
written in base64; lists, maps and sets as JSON; text that looks like a number, a boolean or null in quotes. To read it
back: "import --infer", with --types column:JSON for lists, maps and sets, and column:B for binary.

With --format dynamodb the file is a folder, in which the export gets one of its own, as DynamoDB lays it out in a
bucket: AWSDynamoDB/<id> with its manifests and compressed files of items. To standard output, it is the lines alone.

Examples:
  $ dynafile export ./data orders orders.jsonl
  $ dynafile export ./data orders orders.csv --select customer,placedAt,total
  $ dynafile export ./data orders ./bucket --format dynamodb
  $ dynafile export ./data orders | gzip > orders.jsonl.gz`

export function addExport(program: Command, context: CommandContext): Command {
  return program
    .command('export')
    .description('Write the items of a table to a file.')
    .argument('<folder>', 'the folder of the database')
    .argument('<table>', 'the name of the table')
    .argument('[file]', 'the file, or "-" for standard output', '-')
    .addOption(new Option('--format <format>', 'what to write').choices(FILE_FORMATS))
    .option('--delimiter <character>', 'CSV: what is between the values', csvDelimiter, ',')
    .option('--filter <expression>', 'only items of which this filtrex expression is true')
    .option('--select <a,b>', 'only these attributes', nameList)
    .addHelpText('after', HELP)
    .action((folder: string, table: string, file: string, options: ExportOptions) =>
      exportTable(context, folder, table, file, options),
    )
}

async function exportTable(
  context: CommandContext,
  folder: string,
  name: string,
  file: string,
  options: ExportOptions,
): Promise<void> {
  const format = fileFormat(file, options.format)
  const progress = new Progress(context.stderr, { label: 'exporting' })
  let count = 0
  let path: string | undefined
  await withDatabase(context, folder, async (database) => {
    const table = database.table(name)
    const { filter, select } = options
    const scanOptions = { signal: context.signal, ...(filter && { filter }), ...(select && { select }) }
    const columns =
      format === 'csv'
        ? (select ?? (await columnsOf(context, table, describeTable(database, name).key, scanOptions)))
        : []
    const target =
      format === 'dynamodb' && file !== '-'
        ? await ExportWriter.begin(file, describeTable(database, name), { clock: systemClock })
        : new TextTarget(itemWriter(format, columns, options.delimiter), file, context.stdout)
    try {
      for await (const { items } of withPauses(table.scan(scanOptions).pages(), context.signal)) {
        count += items.length
        await target.write(items)
        progress.update({ count })
      }
      await target.commit()
      path = target.path
    } catch (failure) {
      await target.abandon()
      throw failure
    } finally {
      await progress.end()
    }
  })
  const rate = `${seconds(progress.elapsedMs)}, ${perSecond(count, progress.elapsedMs)}`
  const place = path === undefined ? '' : ` to ${path}`
  await context.stderr.line(`exported ${counted(count, 'item')} of "${name}"${place} (${rate})`)
}

/** Pages of items as text, to a file or to standard output. */
class TextTarget {
  readonly path = undefined
  readonly #writer: ItemWriter
  readonly #sink: FileSink | undefined
  readonly #output: Pick<FileSink, 'write'>
  #hasBegun = false

  constructor(writer: ItemWriter, file: string, stdout: Pick<FileSink, 'write'>) {
    this.#writer = writer
    this.#sink = file === '-' ? undefined : new FileSink(file)
    this.#output = this.#sink ?? stdout
  }

  async write(items: readonly Item[]): Promise<void> {
    await this.#begin()
    await this.#output.write(this.#writer.page(items))
  }

  async commit(): Promise<void> {
    await this.#begin()
    await this.#output.write(this.#writer.end())
    await this.#sink?.commit()
  }

  async abandon(): Promise<void> {
    await this.#sink?.abandon()
  }

  async #begin(): Promise<void> {
    if (this.#hasBegun) return
    this.#hasBegun = true
    await this.#output.write(this.#writer.begin())
  }
}

function itemWriter(format: FileFormat, columns: readonly string[], delimiter: string): ItemWriter {
  if (format === 'csv') return new CsvWriter(columns, delimiter)
  if (format === 'dynamodb') return new DynamodbWriter()
  return format === 'json' ? new JsonArrayWriter() : new JsonLinesWriter()
}

/** All attributes that occur: the key first, then the others in the order in which they were found. */
async function columnsOf(
  { signal }: CommandContext,
  table: AnyTable,
  key: readonly string[],
  scanOptions: ScanOptions<Item>,
): Promise<string[]> {
  const names = new Set(key)
  for await (const { items } of withPauses(table.scan(scanOptions).pages(), signal)) {
    for (const item of items) for (const name of Object.keys(item)) names.add(name)
  }
  return [...names]
}

/** `dynafile scan`: all items of a table or of an index, or one segment of them. */
import type { Command } from 'commander'
import type { Item } from '../../model/item/item.js'
import type { ScanOptions } from '../../types.js'
import { UsageError, wholeNumber } from '../arguments.js'
import type { CommandContext } from '../command-context.js'
import { countItems } from '../count-items.js'
import { describeTable, withDatabase } from '../open-folder.js'
import { printPages } from '../output.js'
import { type CommonReadOptions, READ_HELP, readOptions, withReadOptions } from '../read-options.js'

interface ScanCommandOptions extends CommonReadOptions {
  readonly segment?: number
  readonly totalSegments?: number
}

const HELP = `${READ_HELP}

Examples:
  $ dynafile scan ./data orders --limit 20
  $ dynafile scan ./data orders --filter 'total > 100' --select customer,total --json
  $ dynafile scan ./data orders --segment 0 --total-segments 4 --count`

export function addScan(program: Command, context: CommandContext): Command {
  const command = program
    .command('scan')
    .description('Print all items, in no order that means anything.')
    .argument('<folder>', 'the folder of the database')
    .argument('<table>', 'the name of the table')
    .option('--segment <number>', 'only this part, from 0', wholeNumber(0))
    .option('--total-segments <number>', 'of so many parts', wholeNumber(1))
    .addHelpText('after', HELP)
    .action((folder: string, table: string, options: ScanCommandOptions) => scan(context, folder, table, options))
  return withReadOptions(command)
}

async function scan(context: CommandContext, folder: string, name: string, options: ScanCommandOptions): Promise<void> {
  const { index, filter, segment, totalSegments, limit, cursor, count, json = false } = options
  if ((segment === undefined) !== (totalSegments === undefined)) {
    throw new UsageError('Cannot scan: --segment and --total-segments go together')
  }
  await withDatabase(context, folder, async (database) => {
    const description = describeTable(database, name)
    const table = database.table(name)
    const source = index === undefined ? table : table.index(index)
    const scanOptions: ScanOptions<Item> = {
      ...readOptions(options, context.signal),
      ...(segment !== undefined && { segment }),
      ...(totalSegments !== undefined && { totalSegments }),
    }
    if (count) {
      const isWhole = segment === undefined && limit === undefined && cursor === undefined
      const number = isWhole ? countItems(source, context.signal, filter) : source.scan(scanOptions).count()
      return context.stdout.line(String(await number))
    }
    const indexKey = description.indexes.find((other) => other.name === index)?.key ?? []
    const firstColumns = [...new Set([...indexKey, ...description.key])]
    await printPages(context, source.scan(scanOptions).pages(), { json, firstColumns })
  })
}

/** `dynafile query`: the items of one partition, of a table or of an index. */
import type { Command } from 'commander'
import type { CommandContext } from '../command-context.js'
import { indexKey, keyValue, tableKey } from '../key-argument.js'
import { describeTable, withDatabase } from '../open-folder.js'
import { printPages } from '../output.js'
import { type CommonReadOptions, READ_HELP, readOptions, withReadOptions } from '../read-options.js'
import { type SortOptions, sortCondition, withSortOptions } from '../sort-condition.js'

interface QueryCommandOptions extends CommonReadOptions, SortOptions {
  readonly reverse?: true
}

const HELP = `
Keys have the type that they have in the table: digits for a number, base64 for binary, otherwise text.${READ_HELP}

Examples:
  $ dynafile query ./data orders ada
  $ dynafile query ./data orders ada --begins-with 2026- --reverse --limit 10
  $ dynafile query ./data orders ada --index byTotal --between 10 20 --filter 'status == "open"'`

export function addQuery(program: Command, context: CommandContext): Command {
  const command = program
    .command('query')
    .description('Print the items of one partition, in the order of their sort keys.')
    .argument('<folder>', 'the folder of the database')
    .argument('<table>', 'the name of the table')
    .argument('<pk>', 'the value of the partition key')
    .addHelpText('after', HELP)
    .action((folder: string, table: string, pk: string, options: QueryCommandOptions) =>
      query(context, folder, table, pk, options),
    )
  return withReadOptions(withSortOptions(command).option('--reverse', 'from the highest sort key down'))
}

async function query(
  context: CommandContext,
  folder: string,
  name: string,
  pk: string,
  options: QueryCommandOptions,
): Promise<void> {
  await withDatabase(context, folder, async (database) => {
    const { index, count, json = false, reverse = false } = options
    const description = describeTable(database, name)
    const table = database.table(name)
    const key = index === undefined ? tableKey(description) : await indexKey(table, description, index)
    const [partition, sort] = key.names
    const condition = sortCondition(sort, key.types[1], options)
    const where = {
      [partition!]: keyValue(partition!, key.types[0], pk),
      ...(condition === undefined ? {} : { [sort!]: condition }),
    }
    const source = index === undefined ? table : table.index(index)
    const results = source.query(where as never, { ...readOptions(options, context.signal), reverse })
    if (count) return context.stdout.line(String(await results.count()))
    const firstColumns = [...new Set([...key.names, ...description.key])]
    await printPages(context, results.pages(), { json, firstColumns })
  })
}

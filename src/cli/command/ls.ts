/** `dynafile ls`: the tables of a database. */
import type { Command } from 'commander'
import type { TableDescription } from '../../backend.js'
import type { CommandContext } from '../command-context.js'
import { countItems } from '../count-items.js'
import { withDatabase } from '../open-folder.js'
import { byteSize, integer, printTable } from '../output.js'

interface LsOptions {
  readonly count?: true
  readonly json?: true
}

const HELP = `
The size is that of the sorted files of the table and its indexes; what was written lately is in the log and not in it.

Examples:
  $ dynafile ls ./data
  $ dynafile ls ./data --count --json`

export function addLs(program: Command, context: CommandContext): Command {
  return program
    .command('ls')
    .description('List the tables.')
    .argument('<folder>', 'the folder of the database')
    .option('--count', 'count the items, which reads all of them')
    .option('--json', 'print one JSON document')
    .addHelpText('after', HELP)
    .action((folder: string, options: LsOptions) => ls(context, folder, options))
}

async function ls(context: CommandContext, folder: string, { count, json }: LsOptions): Promise<void> {
  await withDatabase(context, folder, async (database) => {
    const tables: (TableDescription & { items?: number })[] = []
    for (const description of database.tables()) {
      const items = count && (await countItems(database.table(description.name), context.signal))
      tables.push({ ...description, ...(items !== undefined && { items }) })
    }
    if (json) return context.stdout.line(JSON.stringify({ path: database.path, tables }, undefined, 2))
    if (tables.length === 0) return context.stderr.line('there are no tables')
    const head = ['name', 'key', 'indexes', 'ttl', 'partitions', 'size', ...(count ? ['items'] : [])]
    await printTable(context, head, tables.map(row))
  })
}

function row(table: TableDescription & { items?: number }): string[] {
  const { name, key, indexes, ttl, partitions, fileBytes, items } = table
  const bytes = indexes.reduce((sum, index) => sum + index.fileBytes, fileBytes)
  return [
    name,
    key.join(', '),
    indexes.map((index) => index.name).join(', '),
    ttl ?? '',
    String(partitions),
    byteSize(bytes),
    ...(items === undefined ? [] : [integer(items)]),
  ]
}

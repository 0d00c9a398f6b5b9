/** `dynafile describe`: all that is known about one table. */
import type { Command } from 'commander'
import type { IndexDescription, TableDescription } from '../../backend.js'
import type { CommandContext } from '../command-context.js'
import { countItems } from '../count-items.js'
import { describeTable, withDatabase } from '../open-folder.js'
import { byteSize, integer, printFields, printTable } from '../output.js'

interface DescribeOptions {
  readonly count?: true
  readonly json?: true
}

const HELP = `
Key attributes have a type, S (string), N (number) or B (binary), from the first item on.

Examples:
  $ dynafile describe ./data orders
  $ dynafile describe ./data orders --json`

export function addDescribe(program: Command, context: CommandContext): Command {
  return program
    .command('describe')
    .description('Say what a table is: its key, its indexes, its size.')
    .argument('<folder>', 'the folder of the database')
    .argument('<table>', 'the name of the table')
    .option('--count', 'count the items, which reads all of them')
    .option('--json', 'print one JSON document')
    .addHelpText('after', HELP)
    .action((folder: string, table: string, options: DescribeOptions) => describe(context, folder, table, options))
}

async function describe(
  context: CommandContext,
  folder: string,
  name: string,
  { count, json }: DescribeOptions,
): Promise<void> {
  await withDatabase(context, folder, async (database) => {
    const table = describeTable(database, name)
    const items = count && (await countItems(database.table(name), context.signal))
    if (json) return context.stdout.line(JSON.stringify({ ...table, items }, undefined, 2))
    await printFields(context, fields(table, items))
    if (table.indexes.length === 0) return
    await context.stdout.line()
    const rows = table.indexes.map((index) => [index.name, shownKey(index), index.status, byteSize(index.fileBytes)])
    await printTable(context, ['index', 'key', 'status', 'size'], rows)
  })
}

/** The attributes of its key, several of a side in brackets, and what is particular about it. */
function shownKey({ partition, sort, local, unique, multi, covering, projection }: IndexDescription): string {
  const side = (names: readonly string[]) => (names.length === 1 ? names[0] : `[${names.join(', ')}]`)
  const particular = [
    local ? 'local' : undefined,
    unique ? 'unique' : undefined,
    multi === undefined ? undefined : `each of ${multi}`,
    covering ? 'covering' : undefined,
    projection === 'ALL' ? undefined : projection === 'KEYS_ONLY' ? 'keys only' : `with ${projection.join(', ')}`,
  ].filter((word) => word !== undefined)
  const key = [partition, sort].filter((names) => names.length > 0).map(side)
  return `${key.join(', ')}${particular.length === 0 ? '' : ` (${particular.join('; ')})`}`
}

function fields(table: TableDescription, items: number | undefined): [string, string][] {
  const { name, key, keyTypes, ttl, createdAt, partitions, fileBytes } = table
  return [
    ['name', name],
    ['key', key.map((attribute, i) => `${attribute} (${keyTypes[i] ?? 'type not known yet'})`).join(', ')],
    ['ttl', ttl ?? 'none'],
    ['created', new Date(createdAt).toISOString()],
    ['partitions', String(partitions)],
    ['size', byteSize(fileBytes)],
    ...(items === undefined ? [] : [['items', integer(items)] as [string, string]]),
  ]
}

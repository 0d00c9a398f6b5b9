/** `dynafile get`: one item by its key. */
import type { Command } from 'commander'
import { nameList } from '../arguments.js'
import type { CommandContext } from '../command-context.js'
import { itemKey } from '../key-argument.js'
import { describeTable, withDatabase } from '../open-folder.js'
import { printItem } from '../output.js'

interface GetOptions {
  readonly select?: string[]
  readonly json?: true
}

const HELP = `
A key attribute that is a number is written in digits, one that is binary in base64.
Where there is no item the exit code is 1.

Examples:
  $ dynafile get ./data orders ada 2026-11-02
  $ dynafile get ./data orders ada 2026-11-02 --json | jq .total`

export function addGet(program: Command, context: CommandContext): Command {
  return program
    .command('get')
    .description('Print one item.')
    .argument('<folder>', 'the folder of the database')
    .argument('<table>', 'the name of the table')
    .argument('<pk>', 'the value of the partition key')
    .argument('[sk]', 'the value of the sort key, if there is one')
    .option('--select <a,b>', 'only these attributes', nameList)
    .option('--json', 'print the item as one line of JSON')
    .addHelpText('after', HELP)
    .action(async (folder: string, table: string, pk: string, sk: string | undefined, options: GetOptions) => {
      await withDatabase(context, folder, async (database) => {
        const description = describeTable(database, table)
        const { select, json = false } = options
        const key = itemKey(description, pk, sk)
        const item = await database.table(table).get(key as never, select && { select })
        if (item !== undefined) return printItem(context, item, { json, firstColumns: description.key })
        context.foundProblems()
        await context.stderr.line(`dynafile: there is no such item in "${table}"`)
      })
    })
}

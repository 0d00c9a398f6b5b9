/** `dynafile rm`: removes one item by its key. */
import type { Command } from 'commander'
import type { CommandContext } from '../command-context.js'
import { itemKey } from '../key-argument.js'
import { describeTable, withDatabase } from '../open-folder.js'

const HELP = `
Removing an item that is not there is no failure.

Examples:
  $ dynafile rm ./data orders ada 2026-11-02
  $ dynafile rm ./data orders ada 2026-11-02 --if 'status == "open"'`

export function addRm(program: Command, context: CommandContext): Command {
  return program
    .command('rm')
    .description('Remove one item.')
    .argument('<folder>', 'the folder of the database')
    .argument('<table>', 'the name of the table')
    .argument('<pk>', 'the value of the partition key')
    .argument('[sk]', 'the value of the sort key, if there is one')
    .option('--if <condition>', 'only if this filtrex expression is true of the item')
    .addHelpText('after', HELP)
    .action(async (folder: string, table: string, pk: string, sk: string | undefined, options: { if?: string }) => {
      await withDatabase(context, folder, async (database) => {
        const key = itemKey(describeTable(database, table), pk, sk)
        const old = await database.table(table).delete(key as never, options)
        await context.stderr.line(old === undefined ? 'there was no such item' : 'removed')
      })
    })
}

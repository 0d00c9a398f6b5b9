/** `dynafile watch`: changes as they are committed, by whichever process has the folder open. */
import type { Command } from 'commander'
import type { Item } from '../../model/item/item.js'
import type { Change } from '../../types.js'
import { watchTables } from '../../watch.js'
import { changeLines } from '../change-lines.js'
import type { CommandContext } from '../command-context.js'
import { stringifyValue } from '../json-value.js'
import { checkFolder } from '../open-folder.js'

const HELP = `
The folder is only read: it may be open in another process. End with ctrl-C; it ends by itself when the table is dropped.
A table that is not there yet is waited for, which is said on stderr.
Each line of --json has type, table, seq, key, old, new and at (milliseconds since 1970).

Examples:
  $ dynafile watch ./data
  $ dynafile watch ./data orders --json | jq -c .new`

export function addWatch(program: Command, context: CommandContext): Command {
  return program
    .command('watch')
    .description('Print changes as they are committed, until interrupted.')
    .argument('<folder>', 'the folder of the database')
    .argument('[table]', 'only changes of this table')
    .option('--json', 'print one JSON object a line')
    .addHelpText('after', HELP)
    .action((folder: string, table: string | undefined, options: { json?: true }) =>
      watch(context, folder, table, options),
    )
}

async function watch(
  context: CommandContext,
  folder: string,
  table: string | undefined,
  { json }: { json?: true },
): Promise<void> {
  checkFolder(folder)
  const { stdout, stderr, signal } = context
  const onBegin = (names: readonly string[]) => {
    if (table === undefined || names.includes(table)) return
    // A watch is about what comes, even a table; but the name may be mistyped.
    const known = names.length === 0 ? 'the database has none' : `there are: ${names.join(', ')}`
    stderr.line(`dynafile: there is no table "${table}" yet (${known}): waiting for it`).catch(() => {})
  }
  try {
    for await (const change of watchTables(folder, { signal, ...(table !== undefined && { table }) }, onBegin)) {
      await stdout.write(json ? `${jsonLine(change)}\n` : changeLines(stdout, change))
    }
  } catch (failure) {
    // Being interrupted is how a watch ends.
    if (!signal.aborted) throw failure
  }
}

function jsonLine(change: Change<Item>): string {
  const { type, table, seq, key, old, new: item, at } = change
  return stringifyValue({ type, table, seq, key, old, new: item, at })
}

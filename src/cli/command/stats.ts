/** `dynafile stats`: how much there is, table by table, and what it takes on the disk. */
import type { Command } from 'commander'
import type { Stats, TreeStats } from '../../stats.js'
import type { CommandContext } from '../command-context.js'
import { withDatabase } from '../open-folder.js'
import { byteSize, integer, printFields, printTable } from '../output.js'

const HELP = `
Raw is what keys and values take without compression. Deltas are files that are merged with others later, tombstones marks
for removed items. A number of items with ~ before it is an estimate: "ls --count" counts them.

Latencies, cache hits and what was written are known to the process that reads and writes: db.stats() tells them there.
With --json they are those of this command.

Examples:
  $ dynafile stats ./data
  $ dynafile stats ./data --json | jq .disk`

export function addStats(program: Command, context: CommandContext): Command {
  return program
    .command('stats')
    .description('Say how much there is and what it takes on the disk.')
    .argument('<folder>', 'the folder of the database')
    .option('--json', 'print one JSON document')
    .addHelpText('after', HELP)
    .action((folder: string, options: { json?: true }) => stats(context, folder, options))
}

async function stats(context: CommandContext, folder: string, { json }: { json?: true }): Promise<void> {
  await withDatabase(context, folder, async (database) => {
    const found = database.stats()
    if (json) return context.stdout.line(JSON.stringify({ path: database.path, ...found }, undefined, 2))
    await printFields(context, fields(found))
    if (found.tables.length === 0) return
    await context.stdout.line()
    const head = ['table', 'items', 'size', 'raw', 'partitions', 'files', 'deltas', 'tombstones']
    const rows = found.tables.flatMap((table) => [
      row(table.name, table),
      ...table.indexes.map((index) => row(`${table.name}.${index.name}`, index)),
    ])
    await printTable(context, head, rows)
  })
}

function fields({ disk, memory }: Stats): [string, string][] {
  const { files, fileBytes, logFiles, logBytes, spaceAmplification } = disk
  return [
    ['sorted files', `${byteSize(fileBytes)} in ${integer(files)}`],
    ['log', `${byteSize(logBytes)} in ${integer(logFiles)}`],
    ['in memory', `${byteSize(memory.memtableBytes)}, read from the log`],
    ['space', spaceAmplification === undefined ? 'nothing is stored' : `${spaceAmplification.toFixed(2)} x the data`],
  ]
}

function row(name: string, tree: TreeStats): string[] {
  const { items, itemsAreExact, fileBytes, rawBytes, partitions, files, deltas, tombstones } = tree
  const counts = [partitions, files, deltas, tombstones].map(integer)
  return [name, `${itemsAreExact ? '' : '~'}${integer(items)}`, byteSize(fileBytes), byteSize(rawBytes), ...counts]
}

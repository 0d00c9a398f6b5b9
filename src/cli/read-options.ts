/** The options that a query and a scan have in common. */
import type { Command } from 'commander'
import type { Item } from '../model/item/item.js'
import type { QueryOptions } from '../types.js'
import { nameList, wholeNumber } from './arguments.js'

export interface CommonReadOptions {
  readonly index?: string
  readonly filter?: string
  readonly select?: string[]
  readonly limit?: number
  readonly cursor?: string
  readonly count?: true
  readonly json?: true
}

export const READ_HELP = `
A filter is a filtrex expression: total > 20 and status in ("open", "paid").
With --limit, and more behind it, stderr ends with "more: --cursor …": the option that goes on from there.
Tables are cut to the width of the terminal; --json prints everything, in the form of "dynafile export --help".`

export function withReadOptions(command: Command): Command {
  return command
    .option('--index <name>', 'read this index')
    .option('--filter <expression>', 'only items of which this is true')
    .option('--select <a,b>', 'only these attributes', nameList)
    .option('--limit <number>', 'at most this many items', wholeNumber(1))
    .option('--cursor <cursor>', 'go on where an earlier page ended')
    .option('--count', 'print only how many there are')
    .option('--json', 'print one JSON object a line')
}

/** What the library is asked for. */
export function readOptions(
  { filter, select, limit, cursor }: CommonReadOptions,
  signal: AbortSignal,
): QueryOptions<Item> {
  return {
    signal,
    ...(filter !== undefined && { filter }),
    ...(select !== undefined && { select }),
    ...(limit !== undefined && { limit }),
    ...(cursor !== undefined && { cursor }),
  }
}

/** `dynafile put`: stores one item, from the command line or from standard input. */
import { text } from 'node:stream/consumers'
import type { Command } from 'commander'
import { ValidationException } from '../../errors.js'
import { UsageError } from '../arguments.js'
import type { CommandContext } from '../command-context.js'
import { itemFromText } from '../format/item-from-text.js'
import { unlessAborted, withDatabase } from '../open-folder.js'
import { checkTableOptions, type TableOptions, tableFromOptions, withTableOptions } from '../table-options.js'

interface PutOptions extends TableOptions {
  readonly if?: string
}

type Refusal = (reason: string, cause: Error) => Error

const HELP = `
An item with the same key is replaced. What JSON has no word for is written as in "dynafile export --help".

Examples:
  $ dynafile put ./data orders '{"customer":"ada","placedAt":"2026-11-02","total":12.5}' --key customer,placedAt
  $ dynafile get ./old orders ada 2026-11-02 --json | dynafile put ./data orders
  $ dynafile put ./data orders "$item" --if 'status == "open"'`

export function addPut(program: Command, context: CommandContext): Command {
  const command = program
    .command('put')
    .description('Store one item.')
    .argument('<folder>', 'the folder of the database')
    .argument('<table>', 'the name of the table')
    .argument('[json]', 'the item; without it, or as "-", standard input is read')
    .option('--if <condition>', 'only if this filtrex expression is true of the item that is there')
    .addHelpText('after', HELP)
    .action((folder: string, table: string, json: string | undefined, options: PutOptions) =>
      put(context, folder, table, json, options),
    )
  return withTableOptions(command)
}

async function put(
  context: CommandContext,
  folder: string,
  name: string,
  json: string | undefined,
  options: PutOptions,
): Promise<void> {
  const isPiped = json === undefined || json === '-'
  // What is piped is data, as that of a file is: where it is refused, the command was not called in a wrong way.
  const refusal: Refusal = (reason, cause) =>
    isPiped ? new Error(reason, { cause }) : new UsageError(reason, { cause })
  // Read before anything is opened: a table must not be made for an item that is none.
  const item = parse(isPiped ? await unlessAborted(context.signal, text(context.stdin)) : json, refusal)
  checkTableOptions(name, options)
  const create = options.key !== undefined
  await withDatabase(
    context,
    folder,
    async (database) => {
      const table = tableFromOptions(database, name, options)
      try {
        await table.put(item, options.if === undefined ? {} : { if: options.if })
      } catch (failure) {
        throw isAboutItem(failure) ? refusal(failure.message, failure) : failure
      }
    },
    { create },
  )
  await context.stderr.line('stored')
}

function parse(json: string, refusal: Refusal): Record<string, unknown> {
  try {
    return itemFromText(json)
  } catch (cause) {
    throw refusal(`Cannot read the item: ${(cause as Error).message}`, cause as Error)
  }
}

/** Not about the condition, then. */
function isAboutItem(failure: unknown): failure is ValidationException {
  return failure instanceof ValidationException && !failure.code.startsWith('FILTER_')
}

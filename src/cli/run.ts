/**
 * Finds the command, runs it and chooses the exit code: 0 all is well, 1 the command failed or found problems, 2 it was
 * called in a wrong way, 130 it was interrupted. No process is touched here, so a test can run commands too.
 */
import { Command, CommanderError } from 'commander'
import { UsageError } from './arguments.js'
import { addDescribe } from './command/describe.js'
import { addExport } from './command/export.js'
import { addGet } from './command/get.js'
import { addImport } from './command/import.js'
import { addLs } from './command/ls.js'
import { addPut } from './command/put.js'
import { addQuery } from './command/query.js'
import { addRm } from './command/rm.js'
import { addScan } from './command/scan.js'
import { addServe } from './command/serve.js'
import { addStats } from './command/stats.js'
import { addVerify } from './command/verify.js'
import { addWatch } from './command/watch.js'
import { CommandContext, type Streams } from './command-context.js'
import { fromLocalFlags } from './local-flags.js'
import { version } from './version.js'

const FINE = 0
const FAILED = 1
const USAGE = 2
const INTERRUPTED = 130

/** In the order of the help. */
const COMMANDS = [
  addLs,
  addDescribe,
  addGet,
  addPut,
  addRm,
  addQuery,
  addScan,
  addImport,
  addExport,
  addStats,
  addVerify,
  addWatch,
  addServe,
] as const

const HELP = `
Folders are opened by one process at a time; "watch" may run beside it.

Examples:
  $ dynafile put ./data orders '{"customer":"ada","placedAt":"2026-11-02","total":12.5}' --key customer,placedAt
  $ dynafile query ./data orders ada --begins-with 2026-
  $ dynafile export ./data orders orders.csv

Exit codes: 0 fine, 1 failed or found problems, 2 called in a wrong way, 130 interrupted.
Set DYNAFILE_DEBUG=1 to see the stack of an error, NO_COLOR=1 for text without colours.`

/**
 * Runs one command line, without the name of the program, and resolves with its exit code. It never rejects: what goes
 * wrong is a line on `stderr`.
 */
export async function run(argv: readonly string[], streams: Streams, signal?: AbortSignal): Promise<number> {
  const context = new CommandContext(streams, signal)
  try {
    const [command, ...rest] = argv
    const translated = command === 'serve' ? [command, ...fromLocalFlags(rest)] : argv
    await program(context).parseAsync(translated, { from: 'user' })
    await context.finish()
    return context.hasFoundProblems && !context.isOutputClosed ? FAILED : FINE
  } catch (failure) {
    const code = await report(context, failure)
    await context.finish()
    return code
  }
}

function program(context: CommandContext): Command {
  const command = new Command('dynafile')
    .description('Looks into a dynafile database and changes it.')
    .usage('<command> <folder> ...')
    .version(version(), '--version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print the help of a command')
    .addHelpText('after', HELP)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void context.stdout.write(text).catch(() => {}),
      writeErr: (text) => void context.stderr.write(text).catch(() => {}),
      outputError: (text, write) => write(text.replace(/^error: /, 'dynafile: ')),
      getOutHelpWidth: () => context.stdout.columns ?? 100,
      getErrHelpWidth: () => context.stderr.columns ?? 100,
    })
  for (const add of COMMANDS) {
    const added = add(command, context)
    added.showHelpAfterError(`See "dynafile ${added.name()} --help".`)
  }
  return command.showHelpAfterError('See "dynafile --help".')
}

/** Says what went wrong, unless that was said, and gives the exit code for it. */
async function report(context: CommandContext, failure: unknown): Promise<number> {
  // Whoever read our output has enough: `dynafile scan … | head` is no failure.
  if (context.isOutputClosed) return FINE
  // Commander has already written its message.
  if (failure instanceof CommanderError && !(failure instanceof UsageError))
    return failure.exitCode === 0 ? FINE : USAGE
  if (context.signal.aborted) {
    await context.stderr.line('dynafile: interrupted')
    return INTERRUPTED
  }
  await context.stderr.line(`dynafile: ${failure instanceof Error ? failure.message : String(failure)}`)
  const { DYNAFILE_DEBUG } = process.env
  if (DYNAFILE_DEBUG !== undefined && DYNAFILE_DEBUG !== '' && failure instanceof Error) {
    await context.stderr.line(stacks(failure))
  }
  return failure instanceof UsageError ? USAGE : FAILED
}

function stacks(failure: Error): string {
  const { cause } = failure
  const stack = failure.stack ?? failure.message
  return cause instanceof Error ? `${stack}\ncaused by ${stacks(cause)}` : stack
}

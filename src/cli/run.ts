/**
 * Finds the command, runs it and chooses the exit code: 0 all is well, 1 the command failed or found problems, 2 it was
 * called in a wrong way, 130 it was interrupted. No process is touched here, so a test can run commands too.
 */
import { Command, CommanderError } from 'commander'
import { ValidationException } from '../errors.js'
import { UsageError } from './arguments.js'
import { CommandContext, type Streams } from './command-context.js'
import { fromLocalFlags } from './local-flags.js'
import { version } from './version.js'

/** What a command's file exports: it adds itself to the program. */
type AddCommand = (program: Command, context: CommandContext) => Command

const FINE = 0
const FAILED = 1
const USAGE = 2
const INTERRUPTED = 130

/** In the order of the help. Each is loaded when it is asked for: a server need not wait for what reads CSV. */
const COMMANDS = new Map<string, () => Promise<AddCommand>>([
  ['ls', async () => (await import('./command/ls.js')).addLs],
  ['describe', async () => (await import('./command/describe.js')).addDescribe],
  ['get', async () => (await import('./command/get.js')).addGet],
  ['put', async () => (await import('./command/put.js')).addPut],
  ['rm', async () => (await import('./command/rm.js')).addRm],
  ['query', async () => (await import('./command/query.js')).addQuery],
  ['scan', async () => (await import('./command/scan.js')).addScan],
  ['import', async () => (await import('./command/import.js')).addImport],
  ['export', async () => (await import('./command/export.js')).addExport],
  ['stats', async () => (await import('./command/stats.js')).addStats],
  ['verify', async () => (await import('./command/verify.js')).addVerify],
  ['watch', async () => (await import('./command/watch.js')).addWatch],
  ['serve', async () => (await import('./command/serve.js')).addServe],
])

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
  const { stdout, stderr } = context
  const code = await codeOf(context, argv)
  await stdout.finish()
  const { failure } = stdout
  if (failure !== undefined) await say(context, `dynafile: Cannot write to standard output: ${failure.message}`)
  await stderr.finish()
  return failure === undefined ? code : FAILED
}

async function codeOf(context: CommandContext, argv: readonly string[]): Promise<number> {
  try {
    const [command, ...rest] = argv
    const translated = command === 'serve' ? [command, ...fromLocalFlags(rest)] : argv
    await (await program(context, command)).parseAsync(translated, { from: 'user' })
    await context.stdout.finish()
    return context.hasFoundProblems ? FAILED : FINE
  } catch (failure) {
    return report(context, failure)
  }
}

/** @param name Of the command that is called; all that there are, if there is none of that name. */
async function program(context: CommandContext, name: string | undefined): Promise<Command> {
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
  const called = COMMANDS.get(name ?? '')
  for (const load of called === undefined ? COMMANDS.values() : [called]) {
    const add = await load()
    const added = add(command, context)
    added.showHelpAfterError(`See "dynafile ${added.name()} --help".`)
  }
  return command.showHelpAfterError('See "dynafile --help".')
}

/** Says what went wrong, unless that was said, and gives the exit code for it. */
async function report(context: CommandContext, failure: unknown): Promise<number> {
  // Whoever read our output has enough: `dynafile scan … | head` is no failure. Problems that were found stay problems.
  if (context.isOutputClosed) return context.hasFoundProblems ? FAILED : FINE
  // Whatever it led to: `run` says it.
  if (context.stdout.failure !== undefined) return FAILED
  // Commander has already written its message.
  if (failure instanceof CommanderError && !(failure instanceof UsageError))
    return failure.exitCode === 0 ? FINE : USAGE
  if (context.signal.aborted) {
    await say(context, 'dynafile: interrupted')
    return INTERRUPTED
  }
  await say(context, `dynafile: ${failure instanceof Error ? failure.message : String(failure)}`)
  const { DYNAFILE_DEBUG } = process.env
  if (DYNAFILE_DEBUG !== undefined && DYNAFILE_DEBUG !== '' && failure instanceof Error) {
    await say(context, stacks(failure))
  }
  return isWrongCall(failure) ? USAGE : FAILED
}

/**
 * Whether it is what was typed that was refused, by us or by the database. What it refuses of files and of standard input
 * never comes here as a `ValidationException`.
 */
function isWrongCall(failure: unknown): boolean {
  // A filter that makes no sense for one item may do so for all others.
  if (failure instanceof ValidationException) return failure.code !== 'FILTER_EVALUATION'
  return failure instanceof UsageError
}

/** A line on stderr; where that can't be written to either, the exit code has to do. */
async function say({ stderr }: CommandContext, line: string): Promise<void> {
  await stderr.line(line).catch(() => {})
}

function stacks(failure: Error): string {
  const { cause } = failure
  const stack = failure.stack ?? failure.message
  return cause instanceof Error ? `${stack}\ncaused by ${stacks(cause)}` : stack
}

/**
 * `dynafile verify`: reads everything, compares it with everything else, and lists what is wrong. Its exit code alone is an
 * answer, so it does not end early where nobody reads the list: `verify … | grep -q`.
 */
import type { Command } from 'commander'
import type { VerifyReport } from '../../backend.js'
import { CorruptionError, DynafileError } from '../../errors.js'
import type { CommandContext } from '../command-context.js'
import { withDatabase } from '../open-folder.js'
import { counted } from '../output.js'
import { Progress } from '../progress.js'

const HELP = `
Nothing is repaired or changed. The exit code is 1 when there is any problem, also if nobody reads the output.

Examples:
  $ dynafile verify ./data
  $ dynafile verify ./data --json > report.json`

export function addVerify(program: Command, context: CommandContext): Command {
  return program
    .command('verify')
    .description('Check every file, every item and every index entry.')
    .argument('<folder>', 'the folder of the database')
    .option('--json', 'print one JSON document')
    .addHelpText('after', HELP)
    .action((folder: string, options: { json?: true }) => verify(context, folder, options))
}

async function verify(context: CommandContext, folder: string, { json }: { json?: true }): Promise<void> {
  const { stdout } = context
  const progress = new Progress(context.stderr, { label: 'verifying' })
  const { tables, items, indexEntries, problems } = await reportOn(context, folder, progress)
  await progress.end()
  if (problems.length > 0) context.foundProblems()
  if (json) {
    const report = { tables, items, indexEntries, problems: problems.map(problemRecord) }
    return stdout.line(JSON.stringify(report, undefined, 2))
  }
  for (const problem of problems) await stdout.line(`${stdout.paint('red', problem.name)}: ${problem.message}`)
  const looked = [
    counted(tables, 'table'),
    counted(items, 'item'),
    counted(indexEntries, 'index entry', 'index entries'),
  ].join(', ')
  const verdict =
    problems.length === 0
      ? stdout.paint('green', 'no problems')
      : stdout.paint('red', counted(problems.length, 'problem'))
  await stdout.line(`${looked}: ${verdict}`)
}

async function reportOn(context: CommandContext, folder: string, progress: Progress): Promise<VerifyReport> {
  // What was counted before this table: the progress begins anew with each.
  let earlier = 0
  let current = { table: '', done: 0 }
  try {
    return await withDatabase({ signal: context.interruption }, folder, (database) =>
      database.verify({
        onProgress: ({ table, done }) => {
          if (table !== current.table) earlier += current.done
          current = { table, done }
          progress.update({ count: earlier + done })
        },
      }),
    )
  } catch (failure) {
    // What could not be looked at must not pass for fine, even where nobody is told why.
    context.foundProblems()
    // Damage that keeps the database from being opened is a problem like any other.
    if (!(failure instanceof CorruptionError)) throw failure
    return { tables: 0, items: 0, indexEntries: 0, problems: [failure] }
  }
}

function problemRecord(problem: Error): object {
  const { name, message } = problem
  return {
    name,
    message,
    ...(problem instanceof DynafileError && { code: problem.code }),
    ...(problem instanceof CorruptionError && { file: problem.file, byteOffset: problem.byteOffset }),
  }
}

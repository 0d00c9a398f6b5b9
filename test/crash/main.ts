/**
 * Runs crash schedules from the command line, on both cores:
 *
 *   npm run test:crash -- --schedules 20000             that many, each with a seed of its own
 *   npm run test:crash -- --seed 4711                   one of them again
 *   npm run test:crash -- --leave-out log-frame         without one sync: how soon is it noticed?
 *   npm run test:crash -- --of indexes                  those of the engine's indexes, not of the storage
 *
 * A schedule that fails prints its seed and how to repeat it. Exit codes: 0 all clean, 1 a failure, 2 usage.
 */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { loadChecksum } from '../../src/base/checksum.js'
import { SYNC_POINTS, type SyncPoint } from '../../src/storage/disk/file-system.js'
import { runCrashSchedule } from '../support/crash-schedule.js'
import { runIndexSchedule } from '../support/index-schedule.js'

const CORES = 2

interface Share {
  readonly first: number
  readonly step: number
  readonly end: number
  readonly rounds: number
  readonly leftOut: string | undefined
  readonly of: string
}

interface Outcome {
  readonly schedules: number
  readonly commits: number
  readonly crashes: number
  readonly checkpoints: number
  readonly failure: { readonly seed: number; readonly message: string } | undefined
}

const { values } = parseArgs({
  options: {
    schedules: { type: 'string', default: '2000' },
    rounds: { type: 'string', default: '3' },
    first: { type: 'string', default: '1' },
    seed: { type: 'string' },
    'leave-out': { type: 'string' },
    of: { type: 'string', default: 'storage' },
    share: { type: 'string' },
  },
})

if (values.share !== undefined) {
  process.send!(await runShare(JSON.parse(values.share) as Share))
  process.disconnect()
} else process.exitCode = await main()

async function main(): Promise<number> {
  const leftOut = values['leave-out']
  if (leftOut !== undefined && !SYNC_POINTS.includes(leftOut as SyncPoint)) {
    console.error(`There is no sync point "${leftOut}". There are: ${SYNC_POINTS.join(', ')}`)
    return 2
  }
  if (values.of !== 'storage' && values.of !== 'indexes') {
    console.error('There are schedules of storage and of indexes.')
    return 2
  }
  const first = Number(values.seed ?? values.first)
  const count = values.seed === undefined ? Number(values.schedules) : 1
  const rounds = Number(values.rounds)
  const startedAt = Date.now()
  const shares = Array.from({ length: Math.min(CORES, count) }, (_, i) => ({
    first: first + i,
    step: CORES,
    end: first + count,
    rounds,
    leftOut,
    of: values.of,
  }))
  const outcomes = await Promise.all(shares.map(runInChild))
  const total = (pick: (outcome: Outcome) => number) => outcomes.reduce((sum, outcome) => sum + pick(outcome), 0)
  const seconds = (Date.now() - startedAt) / 1000
  // Those of indexes do not count what they find: they compare it.
  const survivors =
    values.of === 'storage'
      ? `${total((o) => o.commits)} surviving commits, ${total((o) => o.checkpoints)} checkpoints, `
      : ''
  const schedules = `${total((o) => o.schedules)} schedules of ${rounds} rounds, ${total((o) => o.crashes)} crashes`
  console.log(`${schedules}, ${survivors}${seconds.toFixed(1)} s`)
  const failures = outcomes.flatMap(({ failure }) => (failure === undefined ? [] : [failure]))
  for (const { seed, message } of failures) {
    console.error(
      `\nSchedule ${seed} failed: ${message}\nRepeat it: npm run test:crash -- --of ${values.of} --seed ${seed}`,
    )
  }
  if (failures.length === 0) console.log('all clean: nothing acknowledged was lost')
  return failures.length === 0 ? 0 : 1
}

function runInChild(share: Share): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), ['--share', JSON.stringify(share)])
    child.on('message', (outcome) => resolve(outcome as Outcome))
    child.on('exit', (code) => reject(new Error(`a share ended with code ${code}`)))
  })
}

async function runShare({ first, step, end, rounds, leftOut, of }: Share): Promise<Outcome> {
  // Of an index that can't be built the process is warned, which it is all the time.
  if (of === 'indexes') process.emitWarning = () => {}
  const checksum = await loadChecksum()
  const sum = { schedules: 0, commits: 0, crashes: 0, checkpoints: 0 }
  for (let seed = first; seed < end; seed += step) {
    try {
      const options = { checksum, rounds, ...(leftOut === undefined ? {} : { leftOut: leftOut as SyncPoint }) }
      const report = of === 'indexes' ? await indexReport(seed, rounds) : await runCrashSchedule(seed, options)
      sum.schedules += 1
      sum.commits += report.commits
      sum.crashes += report.crashes
      sum.checkpoints += report.checkpoints
    } catch (failure) {
      return { ...sum, failure: { seed, message: (failure as Error).stack ?? String(failure) } }
    }
  }
  return { ...sum, failure: undefined }
}

async function indexReport(
  seed: number,
  rounds: number,
): Promise<{ readonly commits: number; readonly crashes: number; readonly checkpoints: number }> {
  const { crashes } = await runIndexSchedule(seed, { rounds })
  return { commits: 0, crashes, checkpoints: 0 }
}

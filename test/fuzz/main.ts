/**
 * Fuzzes the expressions, or the PartiQL statements, from the command line:
 *
 *   npm run fuzz:expressions -- --count 1000000          that many, none of which may take 50 ms
 *   npm run fuzz:expressions -- --seed 4711 --count 1    one of them again
 *   npm run fuzz:expressions -- --of statements          the same for statements
 *
 * Exit codes: 0 all is well, 1 something is not, 2 usage.
 */
import { parseArgs } from 'node:util'
import { fuzzExpressions } from './expression-fuzzer.js'
import type { FuzzOptions } from './fuzz-loop.js'
import { fuzzStatements } from './statement-fuzzer.js'

const LIMIT_MS = 50

const SUBJECTS: ReadonlyMap<string, (options: FuzzOptions) => string> = new Map([
  ['expressions', expressions],
  ['statements', statements],
])

process.exitCode = main()

function main(): number {
  const { values } = parseArgs({
    options: {
      count: { type: 'string', default: '100000' },
      seed: { type: 'string', default: '1' },
      of: { type: 'string', default: 'expressions' },
    },
  })
  const [count, seed] = [Number(values.count), Number(values.seed)]
  const summarise = SUBJECTS.get(values.of)
  if (!Number.isInteger(count) || count < 1 || !Number.isInteger(seed) || summarise === undefined) {
    console.error(
      'Usage: npm run fuzz:expressions -- [--of expressions|statements] [--count <number>] [--seed <number>]',
    )
    return 2
  }
  const startedAt = performance.now()
  const onProgress = (done: number) => {
    if (done % 100_000 === 1 && done > 1) console.log(`${done - 1} ${values.of}`)
  }
  try {
    const summary = summarise({ seed, count, limitMs: LIMIT_MS, onProgress })
    const seconds = (performance.now() - startedAt) / 1000
    console.log(`${count} ${values.of} from seed ${seed} in ${seconds.toFixed(1)} s: ${summary}`)
    return 0
  } catch (failure) {
    console.error((failure as Error).message)
    return 1
  }
}

function expressions(options: FuzzOptions): string {
  const { conditions, updates, projections, wrong, accepted, slowestMs } = fuzzExpressions(options)
  return (
    `${conditions} conditions, ${updates} updates and ${projections} projections agree with the reference; ` +
    `${wrong} texts that should be none, ${accepted} of them accepted; the slowest took ${slowestMs.toFixed(1)} ms`
  )
}

function statements(options: FuzzOptions): string {
  const { selects, updates, inserts, wrong, accepted, slowestMs } = fuzzStatements(options)
  return (
    `${selects} SELECTs, ${updates} UPDATEs and ${inserts} INSERTs agree with the reference; ` +
    `${wrong} texts that should be none, ${accepted} of them accepted; the slowest took ${slowestMs.toFixed(1)} ms`
  )
}

/**
 * Fuzzes the expressions from the command line:
 *
 *   npm run fuzz:expressions -- --count 1000000          that many, none of which may take 50 ms
 *   npm run fuzz:expressions -- --seed 4711 --count 1    one of them again
 *
 * Exit codes: 0 all is well, 1 something is not, 2 usage.
 */
import { parseArgs } from 'node:util'
import { fuzzExpressions } from './expression-fuzzer.js'

const LIMIT_MS = 50

process.exitCode = main()

function main(): number {
  const { values } = parseArgs({
    options: { count: { type: 'string', default: '100000' }, seed: { type: 'string', default: '1' } },
  })
  const [count, seed] = [Number(values.count), Number(values.seed)]
  if (!Number.isInteger(count) || count < 1 || !Number.isInteger(seed)) {
    console.error('Usage: npm run fuzz:expressions -- [--count <number>] [--seed <number>]')
    return 2
  }
  const startedAt = performance.now()
  const onProgress = (done: number) => {
    if (done % 100_000 === 1 && done > 1) console.log(`${done - 1} expressions`)
  }
  try {
    const { conditions, updates, projections, wrong, accepted, slowestMs } = fuzzExpressions({
      ...{ seed, count, limitMs: LIMIT_MS, onProgress },
    })
    const seconds = (performance.now() - startedAt) / 1000
    console.log(
      `${count} expressions from seed ${seed} in ${seconds.toFixed(1)} s: ${conditions} conditions, ${updates} updates ` +
        `and ${projections} projections agree with the reference; ${wrong} texts that should be none, ${accepted} of ` +
        `them accepted; the slowest took ${slowestMs.toFixed(1)} ms`,
    )
    return 0
  } catch (failure) {
    console.error((failure as Error).message)
    return 1
  }
}

/**
 * Fuzzes the AWS door from the command line:
 *
 *   npm run fuzz:requests -- --count 1000000          that many requests, none of which may take two seconds
 *   npm run fuzz:requests -- --seed 4711 --count 1    one of them again, in an empty database
 *
 * Exit codes: 0 all is well, 1 something is not, 2 usage.
 */
import { parseArgs } from 'node:util'
import { fuzzRequests } from './request-fuzzer.js'

const LIMIT_MS = 2000

process.exitCode = await main()

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { count: { type: 'string', default: '100000' }, seed: { type: 'string', default: '1' } },
  })
  const [count, seed] = [Number(values.count), Number(values.seed)]
  if (!Number.isInteger(count) || count < 1 || !Number.isInteger(seed)) {
    console.error('Usage: npm run fuzz:requests -- [--count <number>] [--seed <number>]')
    return 2
  }
  const startedAt = performance.now()
  const onProgress = (done: number) => {
    if (done > 0 && done % 100_000 === 0) console.log(`${done} requests`)
  }
  try {
    const { statuses, slowestMs, performed } = await fuzzRequests({ seed, count, limitMs: LIMIT_MS, onProgress })
    const seconds = (performance.now() - startedAt) / 1000
    const counts = [...statuses].map(([status, times]) => `${times} with ${status}`).join(', ')
    console.log(
      `${count} requests from seed ${seed} in ${seconds.toFixed(1)} s: answered ${counts}; ${performed.size} operations ` +
        `were performed; the slowest took ${slowestMs.toFixed(1)} ms`,
    )
    return 0
  } catch (failure) {
    console.error((failure as Error).message)
    return 1
  }
}

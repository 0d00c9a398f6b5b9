/**
 * Kills processes from the command line:
 *
 *   npm run test:kill -- --cycles 200        that many kills, all on one folder
 *   npm run test:kill -- --seed 7            with other options and other moments
 *
 * Exit codes: 0 nothing was lost, 1 something was, 2 usage.
 */
import { parseArgs } from 'node:util'
import { runKillCycles } from './kill-cycles.js'

process.exitCode = await main()

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { cycles: { type: 'string', default: '50' }, seed: { type: 'string', default: '1' } },
  })
  const [cycles, seed] = [Number(values.cycles), Number(values.seed)]
  if (!Number.isInteger(cycles) || cycles < 1 || !Number.isInteger(seed)) {
    console.error('Usage: npm run test:kill -- [--cycles <number>] [--seed <number>]')
    return 2
  }
  try {
    const { early, acknowledged, seconds } = await runKillCycles({ cycles, seed })
    const rate = (cycles / seconds).toFixed(1)
    console.log(
      `${cycles} kills, ${early} of them before anything was written, ${acknowledged} acknowledged writes, ` +
        `${seconds.toFixed(1)} s, ${rate} kills/s`,
    )
    console.log('all clean: nothing acknowledged was lost, nothing was torn')
    return 0
  } catch (failure) {
    console.error((failure as Error).message)
    return 1
  }
}

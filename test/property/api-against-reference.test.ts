/**
 * Random operations against a reference, on the engine and through the AWS door.
 *
 *   ROUNDS=2000 npx vitest run --config test/vitest.config.ts api-against-reference     longer
 *   SEED=4711 npx vitest run --config test/vitest.config.ts api-against-reference       one run again
 */
import path from 'node:path'
import { test } from 'vitest'
import { open } from '../../src/index.js'
import { GAPS } from '../conformance/wire/gaps.js'
import { openOverTheWire } from '../conformance/wire/open-over-the-wire.js'
import { temporaryFolder } from '../support/temporary-database.js'
import { type Opener, RandomOperations } from './random-operations.js'

const ROUNDS = Number(process.env['ROUNDS'] ?? 40)
const STEPS = 80
const SEED = process.env['SEED']

const WAYS: readonly (readonly [way: string, opener: Opener, rounds: number])[] = [
  ['on the engine', { open, gaps: {} }, ROUNDS],
  ['through the AWS door', { open: openOverTheWire, gaps: GAPS }, Math.ceil(ROUNDS / 6)],
]

test.each(WAYS)(
  `runs of ${STEPS} operations do what the reference does, %s`,
  { timeout: 3_600_000 },
  async (way, opener, rounds) => {
    const folder = temporaryFolder()
    const first = SEED === undefined ? 1 : Number(SEED)
    for (let seed = first; seed < first + (SEED === undefined ? rounds : 1); seed++) {
      const run = new RandomOperations(seed, path.join(folder, String(seed)), opener)
      try {
        await run.run(STEPS)
      } catch (cause) {
        const again = `SEED=${seed} npx vitest run --config test/vitest.config.ts api-against-reference`
        const reason = cause instanceof Error ? cause.message : String(cause)
        throw new Error(`run ${seed} ${way} failed at step ${run.step}; repeat it: ${again}\n${reason}`, { cause })
      }
    }
  },
)

/** The quick tier of the fuzzer. More of it: `npm run fuzz:expressions -- --count 1000000`, or COUNT=… and SEED=… here. */
import { expect, test } from 'vitest'
import { fuzzExpressions } from './expression-fuzzer.js'

const COUNT = Number(process.env['COUNT'] ?? 6000)
const SEED = Number(process.env['SEED'] ?? 1)

test(`${COUNT} expressions mean what they should, or are refused, from seed ${SEED}`, { timeout: 600_000 }, () => {
  const { conditions, updates, projections, wrong, accepted } = fuzzExpressions({ seed: SEED, count: COUNT })
  expect(conditions + updates + projections + wrong).toBe(COUNT)
  expect(Math.min(conditions, updates, projections, accepted)).toBeGreaterThan(0)
})

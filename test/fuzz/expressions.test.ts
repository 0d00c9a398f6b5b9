/** The quick tier of the fuzzer. More of it: `npm run fuzz:expressions -- --count 1000000`, or COUNT=… and SEED=… here. */
import { expect, test } from 'vitest'
import { fuzzExpressions } from './expression-fuzzer.js'
import type { Canary } from './language-fuzzer.js'

const COUNT = Number(process.env['COUNT'] ?? 6000)
const SEED = Number(process.env['SEED'] ?? 1)

test(`${COUNT} expressions mean what they should, or are refused, from seed ${SEED}`, { timeout: 600_000 }, () => {
  const { conditions, updates, projections, wrong, accepted } = fuzzExpressions({ seed: SEED, count: COUNT })
  expect(conditions + updates + projections + wrong).toBe(COUNT)
  expect(Math.min(conditions, updates, projections, accepted)).toBeGreaterThan(0)
})

test.each<readonly [what: string, canary: Canary]>([
  [
    'a condition that is wrong',
    (found, expression) => (/BETWEEN/i.test(expression) && found === 'false' ? 'true' : found),
  ],
  [
    'an update that is wrong',
    (found, expression) => (expression.includes('list_append') ? found.replace('L[', 'L[NULLnull,') : found),
  ],
  ['an update that should be refused', (found) => (found === 'UPDATE_PATH' ? 'M{}' : found)],
])('the fuzzer notices %s, and says how to see it again', (_, canary) => {
  expect(() => fuzzExpressions({ seed: SEED, count: COUNT, canary })).toThrow(
    /^Seed \d+ fails \(--seed \d+ --count 1\)/,
  )
})

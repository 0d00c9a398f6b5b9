/** The quick tier. More of it: `npx tsx test/fuzz/main.ts --of statements --count 1000000`, or COUNT=… and SEED=… here. */
import { expect, test } from 'vitest'
import type { Canary } from './language-fuzzer.js'
import { fuzzStatements } from './statement-fuzzer.js'

const COUNT = Number(process.env['COUNT'] ?? 6000)
const SEED = Number(process.env['SEED'] ?? 1)

test(`${COUNT} statements mean what they should, or are refused, from seed ${SEED}`, { timeout: 600_000 }, () => {
  const { selects, updates, inserts, wrong, accepted } = fuzzStatements({ seed: SEED, count: COUNT })
  expect(selects + updates + inserts + wrong).toBe(COUNT)
  expect(Math.min(selects, updates, inserts, accepted)).toBeGreaterThan(0)
})

test.each<readonly [what: string, canary: Canary]>([
  [
    'a condition that is wrong',
    (found, statement) => (/BETWEEN/i.test(statement) && found === 'false' ? 'true' : found),
  ],
  [
    'an update that is wrong',
    (found, statement) => (/list_append/i.test(statement) ? found.replace('L[', 'L[NULLnull,') : found),
  ],
  ['an item that is wrong', (found, statement) => (statement.startsWith('INSERT') ? found.replace('N', 'S') : found)],
])('the fuzzer notices %s, and says how to see it again', (_, canary) => {
  expect(() => fuzzStatements({ seed: SEED, count: COUNT, canary })).toThrow(/^Seed \d+ fails \(--seed \d+ --count 1\)/)
})

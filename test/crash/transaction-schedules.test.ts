/**
 * Transactions happen one after the other, whole, and survive: histories of concurrent ones, with crashes in between, are
 * checked for anything that no order explains (support/transaction-schedule.ts). More, or one again: SCHEDULES=5000,
 * SEED=4711.
 */
import { expect, test } from 'vitest'
import { runTransactionSchedule } from '../support/transaction-schedule.js'

const SCHEDULES = Number(process.env['SCHEDULES'] ?? 150)
const SEED = process.env['SEED']

test(`${SCHEDULES} histories of transactions with crashes are serializable`, { timeout: 3_600_000 }, async () => {
  const first = SEED === undefined ? 1 : Number(SEED)
  const sum = { committed: 0, conflicts: 0, refusedNames: 0, passedOn: 0, unknown: 0, crashes: 0 }
  for (let seed = first; seed < first + (SEED === undefined ? SCHEDULES : 1); seed++) {
    try {
      const report = await runTransactionSchedule(seed)
      for (const name of Object.keys(sum) as (keyof typeof sum)[]) sum[name] += report[name]
    } catch (failure) {
      const again = `SEED=${seed} npx vitest run --config test/vitest.config.ts transaction-schedules`
      throw new Error(`schedule ${seed} failed; repeat it: ${again}\n${failure}`, { cause: failure })
    }
  }
  if (process.env['SCHEDULES'] !== undefined) console.log(JSON.stringify(sum))
  if (SEED !== undefined) return
  // Schedules in which something never happens would say nothing about it.
  for (const count of Object.values(sum)) expect(count).toBeGreaterThan(SCHEDULES / 10)
})

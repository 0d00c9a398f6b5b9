/**
 * Tables and indexes survive what items survive: defined, built, dropped and refused while the power goes out, afterwards
 * each of them has what the items say (support/index-schedule.ts). More, or one again: SCHEDULES=5000, SEED=4711.
 */
import { expect, test, vi } from 'vitest'
import { runIndexSchedule } from '../support/index-schedule.js'

const SCHEDULES = Number(process.env['SCHEDULES'] ?? 150)
const SEED = process.env['SEED']

test(`after ${SCHEDULES} schedules of crashes the indexes equal what the items say`, {
  timeout: 3_600_000,
}, async () => {
  // Of an index that can't be built the process is warned.
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  const first = SEED === undefined ? 1 : Number(SEED)
  const sum = { refusals: 0, crashes: 0, builds: 0, failedBuilds: 0, drops: 0, tableDrops: 0 }
  for (let seed = first; seed < first + (SEED === undefined ? SCHEDULES : 1); seed++) {
    try {
      const report = await runIndexSchedule(seed)
      for (const name of Object.keys(sum) as (keyof typeof sum)[]) sum[name] += report[name]
    } catch (failure) {
      const again = `SEED=${seed} npx vitest run --config test/vitest.config.ts index-schedules`
      throw new Error(`schedule ${seed} failed; repeat it: ${again}\n${failure}`, { cause: failure })
    }
  }
  warned.mockRestore()
  if (process.env['SCHEDULES'] !== undefined) console.log(JSON.stringify(sum))
  if (SEED !== undefined) return
  // Schedules in which something never happens would say nothing about it.
  for (const count of Object.values(sum)) expect(count).toBeGreaterThan(SCHEDULES / 10)
})

/**
 * The quick tier of the crash schedules, and the proof that they would notice: with any one sync of the protocol left
 * out, some schedule fails. More of them: `npm run test:crash -- --schedules 20000`.
 */
import { describe, expect, test } from 'vitest'
import { loadChecksum } from '../../src/base/checksum.js'
import { SYNC_POINTS, type SyncPoint } from '../../src/storage/disk/file-system.js'
import { runCrashSchedule } from '../support/crash-schedule.js'

const checksum = await loadChecksum()
const SCHEDULES = Number(process.env['SCHEDULES'] ?? 1000)
/** Without a sync, this many schedules have to suffice to notice. */
const MUTANT_SCHEDULES = 3000

test(`${SCHEDULES} crash schedules lose nothing`, { timeout: 600_000 }, async () => {
  const passed = new Set<SyncPoint>()
  for (let seed = 1; seed <= SCHEDULES; seed++) {
    try {
      const report = await runCrashSchedule(seed, { checksum })
      for (const point of report.passed) passed.add(point)
    } catch (failure) {
      throw new Error(`schedule ${seed} failed; repeat it: npm run test:crash -- --seed ${seed}`, { cause: failure })
    }
  }
  // A sync that no schedule reaches would be one that nothing tests.
  expect([...passed].sort()).toEqual([...SYNC_POINTS].sort())
})

describe('leaving out a sync is noticed', () => {
  test.each(SYNC_POINTS)('%s', { timeout: 600_000 }, async (leftOut) => {
    expect(await firstFailure(leftOut), `${MUTANT_SCHEDULES} schedules did not notice`).toBeDefined()
  })
})

async function firstFailure(leftOut: SyncPoint): Promise<number | undefined> {
  for (let seed = 1; seed <= MUTANT_SCHEDULES; seed++) {
    try {
      await runCrashSchedule(seed, { checksum, leftOut })
    } catch {
      return seed
    }
  }
  return undefined
}

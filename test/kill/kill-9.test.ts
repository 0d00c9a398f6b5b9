/** The quick tier of the kills. More of them: `npm run test:kill -- --cycles 200`, or KILLS=200 here. */
import { expect, test } from 'vitest'
import { runKillCycles } from './kill-cycles.js'

const KILLS = Number(process.env['KILLS'] ?? 12)
const SEED = Number(process.env['SEED'] ?? 1)

test(`${KILLS} kills of a process lose nothing it had acknowledged`, { timeout: 3_600_000 }, async () => {
  const { cycles, acknowledged } = await runKillCycles({ cycles: KILLS, seed: SEED })
  expect(cycles).toBe(KILLS)
  expect(acknowledged).toBeGreaterThan(0)
})

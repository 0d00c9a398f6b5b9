/**
 * One transaction with a token while the clock was ahead, and the answers of all behind it were kept until that time had come:
 * those that go were looked for in their order, up to the first whose time was not over.
 */
import { expect, test } from 'vitest'
import { open, table, type } from '../../src/index.js'

const Things = table('things', { schema: type<{ id: number; n: number }>(), key: ['id'] })
const YEAR_MS = 365 * 24 * 3600 * 1000

async function bytesOfAnswers(aheadCount: number, laterMs = 0): Promise<number> {
  let now = 1_800_000_000_000
  let token = 0
  const db = await open('memory:', { clock: { now: () => now }, fsync: 'never' })
  const answer = 'x'.repeat(1000)
  const run = () => {
    token += 1
    const act = (tx: { put(definition: typeof Things, item: { id: number; n: number }): void }) => {
      tx.put(Things, { id: 1, n: token })
      return answer
    }
    return db.transact(act as never, { token: `t${token}` })
  }
  now += YEAR_MS
  for (let n = 0; n < aheadCount; n++) await run()
  now -= YEAR_MS
  for (let n = 0; n < 1000; n++) {
    await run()
    now += 5000
  }
  // Those of the time ahead stay: nobody can know that it was wrong.
  let isRun = false
  await db.transact(
    () => {
      isRun = true
    },
    { token: 't1' },
  )
  expect(isRun).toBe(aheadCount === 0)
  now += laterMs
  for (let n = 0; n < 100; n++) await run()
  await db.checkpoint()
  await db.compact()
  const { fileBytes } = db.stats().disk
  await db.close()
  return fileBytes
}

test('answers go after ten minutes, whatever the clock has said once', async () => {
  const usual = await bytesOfAnswers(0)
  expect(usual).toBeGreaterThan(100_000)
  for (const count of [1, 40]) expect(await bytesOfAnswers(count)).toBeLessThan(usual + 1500 * (count + 20))
  // And go when that time has come.
  expect(await bytesOfAnswers(40, 2 * YEAR_MS)).toBeLessThan((await bytesOfAnswers(0, 2 * YEAR_MS)) + 10_000)
})

/** A short mixed run: nothing grows, and everything is right at the end. An hour of it: `npm run soak -- --minutes 60`. */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { soak } from './soak.js'

test('a mixed run leaves nothing behind and gets nothing wrong', { timeout: 120_000 }, async () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'dynafile-soak-')))
  try {
    const { samples, problems } = await soak({ folder, seconds: 12, seed: 1 })
    expect(problems).toEqual([])
    const late = samples.slice(-5)
    const early = samples.slice(3, 8)
    const most = (list: typeof samples, figure: 'openFiles' | 'files') => Math.max(...list.map((one) => one[figure]))
    // Files come and go; what would be a leak is more and more of them.
    expect(most(late, 'openFiles')).toBeLessThanOrEqual(most(early, 'openFiles') + 30)
    expect(most(late, 'files')).toBeLessThanOrEqual(2 * most(early, 'files') + 30)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

/** A database with covering indexes that an earlier version wrote: its copies are read, kept, and made for the rest. */
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { open } from '../../src/index.js'
import { expectSound, temporaryFolder } from '../support/temporary-database.js'
import { expectedCopies, foundCopies, goldenReading, Readings, WithLate } from './golden-covering.js'

const GOLDEN = fileURLToPath(new URL('golden-covering', import.meta.url))

test.each(fs.readdirSync(GOLDEN))('the golden covering indexes of format %s', async (name) => {
  const folder = path.join(temporaryFolder(), name)
  fs.cpSync(path.join(GOLDEN, name), folder, { recursive: true })
  for (const round of [1, 2]) {
    const db = await open(folder)
    const indexes = db.tables()[0]!.indexes.map((index) => [index.name, index.covering, index.status])
    const late = round === 1 ? 'BUILDING' : 'ACTIVE'
    expect(indexes, `round ${round}`).toEqual([
      ['byKind', true, 'ACTIVE'],
      ['ofDevice', true, 'ACTIVE'],
      ['byLate', true, late],
    ])
    expect(await foundCopies(db), `round ${round}`).toEqual(expectedCopies())
    const ofLate = await db.table(WithLate).index('byLate').query({ value: 0 }).toArray()
    expect(ofLate.map(({ note }) => note)).toContain('note 35, changed')
    await expectSound(db)
    // The second round reads what this version writes.
    await db.checkpoint()
    await db.close()
  }
  const db = await open(folder)
  await db.table(Readings).update({ device: 'device-1', at: 1 }, { set: { note: 'after all' } })
  const [first] = await db.table(Readings).index('byKind').query({ kind: 'kind-1' }).toArray()
  expect(first).toEqual({ ...goldenReading(1), note: 'after all' })
  await expectSound(db)
  await db.close()
})

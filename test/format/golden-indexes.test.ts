/** A database with every kind of index that an earlier version wrote: each is read as it was, kept, and finished. */
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { open } from '../../src/index.js'
import { expectSound, temporaryFolder } from '../support/temporary-database.js'
import { expectedEntries, foundEntries, goldenThing, Things } from './golden-indexes.js'

const GOLDEN = fileURLToPath(new URL('golden-indexes', import.meta.url))

test.each(fs.readdirSync(GOLDEN))('the golden indexes of format %s', async (name) => {
  const folder = path.join(temporaryFolder(), name)
  fs.cpSync(path.join(GOLDEN, name), folder, { recursive: true })
  for (const round of [1, 2]) {
    const db = await open(folder)
    const status = Object.fromEntries(db.tables()[0]!.indexes.map((index) => [index.name, index.status]))
    expect(status['byLate'], `round ${round}`).toBe(round === 1 ? 'BUILDING' : 'ACTIVE')
    expect(Object.keys(status).sort()).toEqual(['byCode', 'byGroup', 'byLate', 'byMail', 'byPlace', 'bySort', 'byTag'])
    expect(await foundEntries(db), `round ${round}`).toEqual(expectedEntries())
    expect(await db.table('things').index('byLate').query({ place: 'place-1' }).count()).toBe(6)
    await expectSound(db)
    // The second round reads what this version writes.
    await db.checkpoint()
    await db.close()
  }
  const db = await open(folder)
  const things = db.table(Things)
  const taken = things.put({ ...goldenThing(100), mail: 'mail-33' })
  await expect(taken).rejects.toMatchObject({ code: 'UNIQUE_CONFLICT', holder: { pk: 'p0', sk: 33 } })
  await things.delete({ pk: 'p0', sk: 33 })
  await things.put({ ...goldenThing(100), mail: 'mail-33' })
  await expectSound(db)
  await db.close()
})

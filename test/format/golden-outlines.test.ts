/** A database whose blocks have outlines: each item is found as the first one of its block that is asked for, and after it. */
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { open } from '../../src/index.js'
import { expectSound, filesBelow, temporaryFolder } from '../support/temporary-database.js'
import { expectedLetters, Letters } from './golden-outlines.js'

const GOLDEN = fileURLToPath(new URL('golden-outlines', import.meta.url))

test.each(fs.readdirSync(GOLDEN))('the golden outlines of format %s', async (name) => {
  const folder = path.join(temporaryFolder(), name)
  fs.cpSync(path.join(GOLDEN, name), folder, { recursive: true })
  const files = Object.entries(filesBelow(folder)).filter(([file]) => file.endsWith('.run'))
  expect(files.map(([, bytes]) => bytes.charCodeAt(4))).toEqual([2, 2, 2, 2])
  const letters = expectedLetters()
  for (const round of [1, 2]) {
    for (let first = 0; first < letters.length; first += 17) {
      const db = await open(folder)
      // Another one comes first each time.
      for (const [key, item] of [...letters.slice(first), ...letters.slice(0, first)]) {
        expect(await db.table(Letters).get(key), `round ${round}`).toEqual(item)
      }
      if (first === 0) await expectSound(db)
      await db.close()
    }
    const db = await open(folder)
    const found = await db.table(Letters).scan().toArray()
    expect(found).toHaveLength(letters.filter(([, item]) => item !== undefined).length)
    // The second round reads what this version writes.
    await db.compact()
    await db.close()
  }
})

/**
 * Writes the golden database of outlines, once:
 *
 *   npx tsx test/format/make-golden-outlines.ts
 *
 * One that is there already stays as it is: remove its folder first, if nobody has ever released that format.
 */
import fs from 'node:fs'
import { fileURLToPath } from 'node:url'
import { open } from '../../src/index.js'
import { writeGoldenOutlines } from './golden-outlines.js'

const folder = fileURLToPath(new URL('golden-outlines/1', import.meta.url))
if (fs.existsSync(folder)) {
  console.log(`${folder} is there already`)
  process.exit()
}
const db = await open(folder, { partitionBytes: 30_000, clock: { now: () => 1_799_999_000_000 } })
await writeGoldenOutlines(db)
await db.close()
// Who had it open is not a part of it, and names this machine.
for (const name of fs.readdirSync(folder)) if (/^(EPOCH-|lock-)/.test(name)) fs.rmSync(`${folder}/${name}`)
console.log(`${folder} was written`)

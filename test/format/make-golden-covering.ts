/**
 * Writes the golden database of covering indexes, once:
 *
 *   npx tsx test/format/make-golden-covering.ts
 *
 * It ends as a killed process does, while one index is being built. One that is there already stays as it is: remove its
 * folder first, if nobody has ever released that format.
 */
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { open } from '../../src/index.js'
import { WithLate, writeGoldenCovering } from './golden-covering.js'

const folder = fileURLToPath(new URL('golden-covering/1', import.meta.url))
if (fs.existsSync(folder)) {
  console.log(`${folder} is there already`)
  process.exit()
}
const work = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'dynafile-golden-')), 'db')
const db = await open(work, { partitionBytes: 4000, clock: { now: () => 1_799_999_000_000 } })
await writeGoldenCovering(db)
// It is committed, and not built.
db.table(WithLate)
await db.flush()
fs.cpSync(work, folder, { recursive: true, filter: (name) => !/(EPOCH-|lock-)[^/]*$/.test(name) })
await db.close()
console.log(`${folder} was written`)

/**
 * Writes the golden database of indexes, once:
 *
 *   npx tsx test/format/make-golden-indexes.ts
 *
 * It ends as a killed process does, while one index is being built and another one emptied. One that is there already stays
 * as it is: remove its folder first, if nobody has ever released that format.
 */
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { open, table, type } from '../../src/index.js'
import { type Thing, writeGoldenIndexes } from './golden-indexes.js'

const folder = fileURLToPath(new URL('golden-indexes/1', import.meta.url))
if (fs.existsSync(folder)) {
  console.log(`${folder} is there already`)
  process.exit()
}
const work = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'dynafile-golden-')), 'db')
const db = await open(work, { partitionBytes: 4000, clock: { now: () => 1_799_999_000_000 } })
await writeGoldenIndexes(db)
// Both are committed, and neither is done with.
db.table(table('things', { schema: type<Thing>(), key: ['pk', 'sk'], indexes: { byLate: ['place', 'sk'] } }))
const dropped = db.dropIndex('things', 'byOld')
await db.flush()
fs.cpSync(work, folder, { recursive: true, filter: (name) => !/(EPOCH-|lock-)[^/]*$/.test(name) })
await dropped
await db.close()
console.log(`${folder} was written`)

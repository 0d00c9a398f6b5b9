/**
 * Writes the golden database of tables, once:
 *
 *   npx tsx test/format/make-golden-tables.ts
 *
 * It ends as a killed process does, while a dropped table is being emptied. One that is there already stays as it is: remove
 * its folder first, if nobody has ever released that format.
 */
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadChecksum } from '../../src/base/checksum.js'
import { systemMonotonicClock } from '../../src/base/clock.js'
import { systemRandom } from '../../src/base/random.js'
import { systemScheduler } from '../../src/base/scheduler.js'
import { LocalBackend } from '../../src/engine/local-backend.js'
import { NodeFileSystem } from '../../src/storage/disk/node-file-system.js'
import { prepareFolder } from '../../src/storage/folder.js'
import { Storage } from '../../src/storage/storage.js'
import { DEFAULT_STORAGE_OPTIONS } from '../../src/storage/storage-options.js'
import { writeGoldenTables } from './golden-tables.js'

const folder = fileURLToPath(new URL('golden-tables/1', import.meta.url))
if (fs.existsSync(folder)) {
  console.log(`${folder} is there already`)
  process.exit()
}
const work = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'dynafile-golden-')), 'db')
const files = new NodeFileSystem()
const environment = {
  files,
  clock: { now: () => 1_799_999_000_000 },
  monotonicClock: systemMonotonicClock,
  random: systemRandom,
  scheduler: systemScheduler,
  checksum: await loadChecksum(),
}
prepareFolder(files, work)
const storage = Storage.open(environment, work, { epoch: 1, isHeld: () => true }, DEFAULT_STORAGE_OPTIONS)
const backend = new LocalBackend(storage, { ...environment, itemCacheByteLimit: 0 })
await writeGoldenTables(backend)
await backend.dropTable('dropped')
// The drop is durable, and nothing is removed yet.
fs.cpSync(work, folder, { recursive: true })
await backend.close()
console.log(`${folder} was written`)

/**
 * Writes the golden databases of the present format, once:
 *
 *   npx tsx test/format/make-golden.ts
 *
 * Most items in them have their names by number; the first few of each shape, and maps that are met once, have them written
 * out. Items of version 1 are in the unit tests of the codec: databases hold none.
 *
 * One that is there already stays as it is: remove its folder first, if nobody has ever released that format.
 */
import fs from 'node:fs'
import { fileURLToPath } from 'node:url'
import { open } from '../../src/index.js'
import { COMPRESSIONS, hasCompression } from '../../src/storage/codec/block-codec.js'
import { GOLDEN_NOW, writeGolden } from './golden-items.js'

const FORMAT = 1

for (const compression of COMPRESSIONS) {
  if (!hasCompression(compression)) {
    console.log(`this runtime has no ${compression}: run it with a newer one`)
    continue
  }
  const folder = fileURLToPath(new URL(`golden/${FORMAT}-${compression}`, import.meta.url))
  if (fs.existsSync(folder)) {
    console.log(`${folder} is there already`)
    continue
  }
  const db = await open(folder, { compression, partitionBytes: 10_000, clock: { now: () => GOLDEN_NOW - 1_000_000 } })
  await writeGolden(db)
  await db.close()
  // Who had it open is not a part of it, and names this machine.
  for (const name of fs.readdirSync(folder)) if (/^(EPOCH-|lock-)/.test(name)) fs.rmSync(`${folder}/${name}`)
  console.log(`${folder} was written`)
}

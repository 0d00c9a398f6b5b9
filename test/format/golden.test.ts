/**
 * Databases that earlier versions wrote: every one opens, holds what it held, and can be written to. Old formats are
 * read or refused with a sentence, never guessed at.
 */
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { open } from '../../src/index.js'
import { type Compression, hasCompression } from '../../src/storage/codec/block-codec.js'
import { canonical } from '../support/canonical.js'
import { expectSound, filesBelow, temporaryFolder } from '../support/temporary-database.js'
import { Blobs, expectedContents, foundContents, GOLDEN_NOW, Samples } from './golden-items.js'

const GOLDEN = fileURLToPath(new URL('golden', import.meta.url))
const clock = { now: () => GOLDEN_NOW }

describe.each(fs.readdirSync(GOLDEN))('the golden database %s', (name) => {
  const isReadable = hasCompression(name.replace(/^\d+-/, '') as Compression)

  test.skipIf(isReadable)('is refused, its files unchanged, where the runtime can not read it', async () => {
    const folder = path.join(temporaryFolder(), name)
    fs.cpSync(path.join(GOLDEN, name), folder, { recursive: true })
    const opening = open(folder, { clock }).then(async (db) => {
      // Small blocks are not compressed: what has only those can be read.
      await foundContents(db).finally(() => db.close())
    })
    const message = expect.stringMatching(
      /\.run": it is compressed with zstd, which v[\d.]+ lacks; use Node 22\.15 or newer$/,
    )
    await expect(opening).rejects.toMatchObject({ name: 'CodecMissingError', code: 'CODEC_MISSING', message })
    expect(filesBelow(path.join(folder, 't'))).toEqual(filesBelow(path.join(GOLDEN, name, 't')))
  })

  test.runIf(isReadable)('holds exactly what was written, and takes more', async () => {
    const folder = path.join(temporaryFolder(), name)
    fs.cpSync(path.join(GOLDEN, name), folder, { recursive: true })
    for (const round of [1, 2]) {
      const db = await open(folder, { clock })
      expect(canonical(await foundContents(db)), `round ${round}`).toBe(canonical(expectedContents()))
      await expectSound(db)
      // The second round reads what this version writes.
      await db.checkpoint()
      await db.close()
    }
    const db = await open(folder, { clock })
    await db.table(Samples).put({ pk: 'values', sk: 1000, value: 'new' })
    await db.table(Blobs).delete({ id: Uint8Array.of(1, 1) })
    expect(await db.table(Blobs).scan().count()).toBe(3)
    await expectSound(db)
    await db.close()
  })

  test('has several partitions, a part that is only in the log, and is small', () => {
    const files = filesBelow(path.join(GOLDEN, name))
    const names = Object.keys(files)
    expect(names.filter((file) => file.endsWith('.run')).length).toBeGreaterThan(5)
    const logBytes = names.filter((file) => file.endsWith('.log')).reduce((sum, file) => sum + files[file]!.length, 0)
    expect(logBytes).toBeGreaterThan(2000)
    const bytes = Object.values(files).reduce((sum, content) => sum + content.length, 0)
    expect(bytes).toBeLessThan(200_000)
  })
})

/** Tables as an earlier version kept them: types that were declared, settings, and one that was dropped and not emptied. */
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { CATALOG_TREE } from '../../src/engine/catalog/catalog.js'
import { open, type ReadableTable } from '../../src/index.js'
import { NodeFileSystem } from '../../src/storage/disk/node-file-system.js'
import { Follower } from '../../src/storage/follower.js'
import { checksum } from '../support/storage-fixture.js'
import { expectSound, temporaryFolder } from '../support/temporary-database.js'
import { goldenItem, ITEM_COUNT, SETTINGS } from './golden-tables.js'

const GOLDEN = fileURLToPath(new URL('golden-tables', import.meta.url))

test.each(fs.readdirSync(GOLDEN))('the golden tables of format %s', async (name) => {
  const folder = path.join(temporaryFolder(), name)
  fs.cpSync(path.join(GOLDEN, name), folder, { recursive: true })
  expect(catalogOf(folder)).toMatchObject({ 'dropped:5': {}, 'dropped:6': {} })
  for (const round of [1, 2]) {
    const db = await open(folder)
    expect(db.tables(), `round ${round}`).toMatchObject([
      {
        ...{ name: 'declared', key: ['pk', 'sk'], keyTypes: ['S', 'N'], ttl: 'until' },
        indexes: [
          { name: 'byKind', keyTypes: ['S', 'N'], local: false, projection: 'ALL' },
          { name: 'byN', keyTypes: ['S', 'N'], local: true, projection: ['kind'] },
          { name: 'empty', keyTypes: ['B'] },
        ],
      },
    ])
    const table: ReadableTable<Record<string, unknown>, never, never> = db.table('declared')
    expect(await table.scan().count()).toBe(ITEM_COUNT)
    expect(await db.table('declared').get({ pk: 'p1', sk: 4 })).toEqual(goldenItem(4))
    const typed = db.table('declared').put({ pk: 'a', sk: 1, nothing: 'text' })
    await expect(typed, 'a type that no item has told of').rejects.toMatchObject({ code: 'KEY_TYPE' })
    await expectSound(db)
    await db.checkpoint()
    await db.close()
  }
  const catalog = catalogOf(folder)
  expect(catalog['table:declared']).toMatchObject({ settings: SETTINGS })
  expect(Object.keys(catalog).filter((key) => key.startsWith('dropped:'))).toEqual([])
})

/** What a folder that nobody has open says of its tables. */
function catalogOf(folder: string): Record<string, unknown> {
  const follower = Follower.open({ files: new NodeFileSystem(), checksum }, folder)
  try {
    const found: Record<string, unknown> = {}
    const cursor = follower.range(CATALOG_TREE, { lower: '', upper: undefined })
    while (cursor.next()) found[cursor.key()] = JSON.parse(Buffer.from(cursor.value()).toString())
    return found
  } finally {
    follower.close()
  }
}

/** An index that is dropped: nobody sees it any more at once, and its files go, whatever happens meanwhile. */
import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { open, table, type } from '../../src/index.js'
import { expectSound, temporaryDatabase, temporaryFolder } from '../support/temporary-database.js'

interface Match {
  id: string
  season: number
  player?: string
  score?: number
}
const key = ['id', 'season'] as const

describe('an index that is dropped', () => {
  const COUNT = 3000
  const Small = table('matches', { schema: type<Match>(), key, indexes: { byPlayer: ['player', 'score'] } })
  async function filled() {
    const database = await temporaryDatabase({ fsync: 'never', partitionBytes: 20_000 })
    const matches = database.db.table(Small)
    await matches.batch((w) => {
      for (let season = 0; season < COUNT; season++) w.put({ id: 'm', season, player: `p${season % 9}`, score: season })
    })
    await database.db.compact()
    return { database, matches }
  }
  const treesIn = (folder: string) =>
    fs.readdirSync(path.join(folder, 't')).filter((tree) => runsIn(path.join(folder, 't', tree)) > 0)

  test('is gone at once, and its space afterwards', async () => {
    const { database, matches } = await filled()
    const { db } = database
    expect(treesIn(database.path)).toEqual(['0', '1', '2'])
    const dropped = db.dropIndex('matches', 'byPlayer')
    expect(db.tables()[0]!.indexes).toEqual([])
    await expect(matches.index('byPlayer').scan().count()).rejects.toMatchObject({ code: 'INDEX_UNKNOWN' })
    // Writes go on.
    await matches.put({ id: 'm', season: -1, player: 5 as never })
    await dropped
    await db.compact()
    expect(treesIn(database.path)).toEqual(['0', '1'])
    await expect(db.dropIndex('matches', 'byPlayer')).rejects.toMatchObject({ code: 'INDEX_UNKNOWN' })
    await expect(db.dropIndex('nothing', 'byPlayer')).rejects.toMatchObject({ code: 'TABLE_NOT_FOUND' })
  })

  test('can be defined again, also as another one, and has nothing of the old one', async () => {
    const { database, matches } = await filled()
    const dropped = database.db.dropIndex('matches', 'byPlayer')
    const again = database.db.table(
      table('matches', { schema: type<Match>(), key, indexes: { byPlayer: { key: ['score'], unique: true } } }),
    )
    await again.index('byPlayer').ready()
    await dropped
    expect(await again.index('byPlayer').query({ score: 7 }).count()).toBe(1)
    expect(await again.index('byPlayer').scan().count()).toBe(COUNT)
    await matches.update({ id: 'm', season: 7 }, { remove: ['score'] })
    await expectSound(database.db)
  })

  test('while it is being built, tells who waits for it', async () => {
    const { database } = await filled()
    const { db } = database
    const more = db.table(table('matches', { schema: type<Match>(), key, indexes: { byScore: ['score'] } }))
    const waiting = more.index('byScore').scan().count()
    const ready = more.index('byScore').ready()
    const outcomes = Promise.allSettled([waiting, ready])
    await db.dropIndex('matches', 'byScore')
    expect(await outcomes).toMatchObject([{ reason: { code: 'INDEX_UNKNOWN' } }, { reason: { code: 'INDEX_UNKNOWN' } }])
    expect(await db.table(Small).index('byPlayer').scan().count()).toBe(COUNT)
    await expectSound(db)
  })

  test('gives its space back also when the process was killed in the middle', async () => {
    const { database } = await filled()
    const folder = temporaryFolder()
    const dropped = database.db.dropIndex('matches', 'byPlayer')
    let isDone = false
    dropped.then(() => (isDone = true))
    const images: string[] = []
    while (!isDone) {
      const image = path.join(folder, String(images.length))
      fs.cpSync(database.path, image, { recursive: true, filter: (name) => !/(EPOCH-|lock-)[^/]*$/.test(name) })
      images.push(image)
      await new Promise((resolve) => setImmediate(resolve))
    }
    await dropped
    let interrupted = 0
    for (const image of images) {
      const db = await open(image)
      if (db.tables()[0]!.indexes.length > 0) await db.dropIndex('matches', 'byPlayer')
      else interrupted += 1
      await expectSound(db)
      // The next opening would find nothing to do any more.
      for (let isLeft = true; isLeft; ) {
        await db.compact()
        isLeft = treesIn(image).length > 2
      }
      await db.close()
    }
    expect(interrupted).toBeGreaterThan(0)
  })
})

function runsIn(folder: string): number {
  return fs.readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.run')).length
}

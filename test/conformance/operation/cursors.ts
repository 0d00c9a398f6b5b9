/** Cursors: a place in one read, that no one can move, and that stays where it is whatever happens to the items around it. */
import { describe, expect, test } from 'vitest'
import { type Database, type Page, type Results, table, type } from '../../../src/index.js'
import { type Driver, has, needing } from '../contract.js'

interface Note {
  owner: string
  at: number
  kind: string
  tags: string[]
  rank: number
}
const indexes = {
  byKind: ['kind', 'at'],
  byKindAlone: ['kind'],
  byTag: { key: ['tags'], multi: 'tags' },
  copies: { key: ['kind', 'at'], covering: true },
} as const
const Notes = table('notes', { schema: type<Note>(), key: ['owner', 'at'], indexes })
const Copies = table('copies', { schema: type<Note>(), key: ['owner', 'at'], indexes })

const COUNT = 40
const note = (at: number): Note => ({ owner: 'ada', at, kind: 'k', tags: ['a', 'b'], rank: at })

async function fill(db: Database) {
  for (const definition of [Notes, Copies]) {
    await db.table(definition).batch((writer) => {
      for (let at = 0; at < COUNT; at++) writer.put(note(at))
    })
  }
  return db.table(Notes)
}

type Read = (db: Database, options: { cursor?: string; limit?: number }) => Results<Note>

const ALL = ['a', 'b']
const READS: Readonly<Record<string, Read>> = {
  'a query': (db, options) => db.table(Notes).query({ owner: 'ada' }, options),
  'the same of another table': (db, options) => db.table(Copies).query({ owner: 'ada' }, options),
  'one of another partition': (db, options) => db.table(Notes).query({ owner: 'bob' }, options),
  'one with a condition on the sort key': (db, options) =>
    db.table(Notes).query({ owner: 'ada', at: { gte: 0 } }, options),
  'one with another condition': (db, options) => db.table(Notes).query({ owner: 'ada', at: { lt: 99 } }, options),
  'one backwards': (db, options) => db.table(Notes).query({ owner: 'ada' }, { ...options, reverse: true }),
  'one of an index': (db, options) => db.table(Notes).index('byKind').query({ kind: 'k' }, options),
  'one of another index': (db, options) => db.table(Notes).index('byKindAlone').query({ kind: 'k' }, options),
  'one of a covering index': (db, options) => db.table(Notes).index('copies').query({ kind: 'k' }, options),
  'one of any of several tags': (db, options) =>
    db
      .table(Notes)
      .index('byTag')
      .query({ tags: { any: ALL } }, options),
  'one of all of several tags': (db, options) =>
    db
      .table(Notes)
      .index('byTag')
      .query({ tags: { all: ALL } }, options),
  'a scan': (db, options) => db.table(Notes).scan(options),
  'a scan backwards': (db, options) => db.table(Notes).scan({ ...options, reverse: true }),
  'a scan of an index': (db, options) => db.table(Notes).index('byKind').scan(options),
  'a scan of a covering index': (db, options) => db.table(Notes).index('copies').scan(options),
}
const SEVERAL_VALUES = ['one of any of several tags', 'one of all of several tags']
/** Nothing is in these, so they have no cursors of their own. */
const EMPTY = ['one of another partition']

export function cursors(driver: Driver): void {
  const canRead = (name: string) =>
    (has(driver, 'several values') || !SEVERAL_VALUES.includes(name)) &&
    (has(driver, 'reverse scans') || name !== 'a scan backwards')
  const reads = Object.entries(READS).filter(([name]) => canRead(name))

  async function filled(options = {}) {
    const database = await driver.open(options)
    return { database, db: database.db, notes: await fill(database.db) }
  }

  test('a cursor goes with the read it came from, and with no other', async () => {
    const { db } = await filled()
    const cursors = new Map<string, string>()
    for (const [name, read] of reads) {
      const { cursor } = await read(db, { limit: 3 }).page()
      if (!EMPTY.includes(name)) cursors.set(name, cursor!)
    }
    for (const [from, cursor] of cursors) {
      for (const [to, read] of reads) {
        if (to === from) continue
        const refused = read(db, { cursor }).page()
        await expect(refused, `the cursor of ${from} for ${to}`).rejects.toMatchObject({
          name: 'ValidationException',
          code: 'CURSOR',
          message: 'Cannot go on: the cursor comes from another query; use the same one',
        })
      }
      expect((await READS[from]!(db, { cursor }).toArray()).length, from).toBe((await READS[from]!(db, {}).count()) - 3)
    }
  })

  test('a cursor that was changed in any place is refused', async () => {
    const { db } = await filled()
    for (const name of ['a query', 'one of all of several tags', 'a scan of an index'].filter(canRead)) {
      const read = READS[name]!
      const cursor = (await read(db, { limit: 3 }).page()).cursor!
      const changed = new Set<string>([`${cursor}A`, `${cursor}AAAA`, cursor.slice(0, -1), cursor.slice(0, -4), 'AgAA'])
      for (let i = 0; i < cursor.length; i++) {
        for (const letter of ['A', '_', cursor[i] === 'B' ? 'C' : 'B']) {
          changed.add(cursor.slice(0, i) + letter + cursor.slice(i + 1))
        }
      }
      changed.delete(cursor)
      for (const token of changed) {
        await expect(read(db, { cursor: token }).page(), token).rejects.toMatchObject({
          code: 'CURSOR',
          message: 'Cannot go on: the cursor was changed, or it comes from another database',
        })
      }
    }
  })

  test('the cursor of another database is refused, though everything in it is the same', async () => {
    const { db } = await filled()
    const { db: other } = await filled()
    const read = READS['a query']!
    const { cursor } = await read(db, { limit: 3 }).page()
    await expect(read(other, { cursor: cursor! }).page()).rejects.toThrow('it comes from another database')
  })

  test('a filter, a limit and a selection may be others on the next page, as with DynamoDB', async () => {
    const { notes } = await filled()
    const { cursor } = await notes.query({ owner: 'ada' }, { limit: 10, filter: 'rank >= 0' }).page()
    const next = notes.query({ owner: 'ada' }, { cursor: cursor!, limit: 2, filter: 'rank > 20', select: ['at'] })
    expect((await next.page()).items).toEqual([{ at: 21 }, { at: 22 }])
  })

  describe('a cursor stays where it is', () => {
    const cases = [
      'a query',
      'one backwards',
      'one of an index',
      'one of all of several tags',
      'a scan of an index',
    ].filter(canRead)

    /** Reads a part, lets something happen, and reads the rest. */
    async function around(
      name: string,
      meanwhile: (read: Page<Note>, db: Database) => Promise<Database>,
      options = {},
    ) {
      const { db, database } = await filled(options)
      const read = READS[name]!
      const before = (await read(db, {}).toArray()).map(({ at }) => at)
      const page = await read(db, { limit: 15 }).page()
      const after = await meanwhile(page, db)
      const rest = await read(database.db ?? after, { cursor: page.cursor! }).toArray()
      return { before, rest: rest.filter(({ owner }) => owner === 'ada').map(({ at }) => at) }
    }

    test.each(cases)('when the item that it points at is removed: %s', async (name) => {
      const { before, rest } = await around(name, async ({ items }, db) => {
        for (const { at } of items.slice(-3)) await db.table(Notes).delete({ owner: 'ada', at })
        return db
      })
      expect(rest).toEqual(before.slice(15))
    })

    test.each(cases)('when partitions are split, and files are merged: %s', async (name) => {
      const small = { partitionBytes: 600, memtableBytes: 20_000 }
      const { before, rest } = await around(
        name,
        async (_, db) => {
          await db.checkpoint()
          for (let round = 0; round < 3; round++) {
            await db.table(Notes).batch((writer) => {
              for (let at = 0; at < COUNT; at++)
                writer.put({ ...note(at), owner: `other-${round}`, kind: 'o', tags: ['o'] })
            })
            await db.checkpoint()
          }
          const partitions = db.tables().find((one) => one.name === 'notes')!.partitions
          expect(partitions).toBeGreaterThan(3)
          await db.compact()
          return db
        },
        small,
      )
      expect(rest).toEqual(before.slice(15))
    })

    test.each(cases)('when the database is opened again: %s', async (name) => {
      const { db, database } = await filled()
      const read = READS[name]!
      const before = (await read(db, {}).toArray()).map(({ at }) => at)
      const { cursor } = await read(db, { limit: 15 }).page()
      const again = await database.reopen()
      again.table(Notes)
      const rest = await read(again, { cursor: cursor! }).toArray()
      expect(rest.map(({ at }) => at)).toEqual(before.slice(15))
    })

    needing(driver, 'moments')('in a snapshot as in the database', async () => {
      const { db, notes } = await filled()
      const { cursor } = await notes.query({ owner: 'ada' }, { limit: 15 }).page()
      using snapshot = db.snapshot()
      const rest = snapshot.table(Notes).query({ owner: 'ada' }, { cursor: cursor! })
      expect(await rest.count()).toBe(COUNT - 15)
    })
  })
}

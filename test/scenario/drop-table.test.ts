/** Dropping a table: it is gone at once with everything that belongs to it, and whoever looked at it before is not disturbed. */
import { setTimeout } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  type Change,
  type Database,
  ddb,
  open,
  ResourceNotFoundException,
  type StandardSchemaV1,
  type Table,
  table,
  type,
  watchFolder,
} from '../../src/index.js'
import { checkTableDefinition } from '../../src/model/table/table-rule.js'
import { ObservedDatabase } from '../support/observed-database.js'
import { expectSound, temporaryDatabase } from '../support/temporary-database.js'

interface Note {
  id: string
  n: number
  tag?: string
}
const Notes = table('notes', { schema: type<Note>(), key: ['id'], indexes: { byTag: ['tag', 'n'] } })
/** The same name and another key. */
const OtherNotes = table('notes', { schema: type<{ n: number }>(), key: ['n'] })
const Others = table('others', { schema: type<{ id: string }>(), key: ['id'] })
const COUNT = 2000

type NoteTable = Table<Note, Note, readonly ['id'], { readonly byTag: readonly ['tag', 'n'] }>

async function opened(): Promise<{ db: Database; notes: NoteTable }> {
  const db = await open('memory:')
  onTestFinished(async () => {
    await expectSound(db)
    await db.close()
  })
  return { db, notes: db.table(Notes) as unknown as NoteTable }
}

async function fill(notes: NoteTable, count = COUNT): Promise<void> {
  await notes.batch((writer) => {
    for (let n = 0; n < count; n++) writer.put({ id: `id-${n}`, n, tag: `tag-${n % 10}` })
  })
}

describe('a dropped table', () => {
  test('is not there from the call on, for any handle', async () => {
    const { db, notes } = await opened()
    await fill(notes, 10)
    const dropping = db.dropTable('notes')
    expect(db.tables()).toEqual([])
    const attempts = [
      () => notes.put({ id: 'x', n: 1 }),
      () => notes.get({ id: 'id-1' }),
      () => notes.update({ id: 'id-1' }, { set: { n: 5 } }),
      () => notes.update({ id: 'id-1' }, ddb`SET n = ${5}`, { if: ddb`attribute_exists(id)` }),
      () => notes.delete({ id: 'id-1' }),
      () => notes.batchGet([{ id: 'id-1' }]),
      () => notes.scan().toArray(),
      () => notes.scan({ workers: 2 }).toArray(),
      () => notes.query({ id: 'id-1' }).toArray(),
      () => notes.index('byTag').query({ tag: 'tag-1' }).toArray(),
      () => notes.index('byTag').counts().toArray(),
      () => notes.index('byTag').ready(),
      () => notes.batch((writer) => void writer.put({ id: 'x', n: 1 })),
      async () => notes.on('change', () => {}),
      async () => db.table('notes'),
      () => db.dropTable('notes'),
      () => db.dropIndex('notes', 'byTag'),
    ]
    for (const attempt of attempts) {
      await expect(attempt(), String(attempt)).rejects.toBeInstanceOf(ResourceNotFoundException)
    }
    await dropping
  })

  test('has to be there', async () => {
    const { db } = await opened()
    await expect(db.dropTable('nothing')).rejects.toMatchObject({ code: 'TABLE_NOT_FOUND' })
    await expect(db.dropTable('__proto__')).rejects.toMatchObject({ code: 'TABLE_NOT_FOUND' })
  })

  test('can be made again at once, with another key, and shows nothing of the old one', async () => {
    const { db, notes } = await opened()
    await fill(notes)
    void db.dropTable('notes')
    const others = db.table(OtherNotes)
    await others.put({ n: 5 })
    expect(await others.scan().toArray()).toEqual([{ n: 5 }])
    expect(db.tables()).toMatchObject([{ name: 'notes', key: ['n'], keyTypes: ['N'], indexes: [] }])
  })

  test('gives its space back in the background', async () => {
    const { db } = await temporaryDatabase()
    const notes = db.table(Notes) as unknown as NoteTable
    await fill(notes)
    await db.compact()
    expect(db.stats().disk.fileBytes).toBeGreaterThan(50_000)
    await db.dropTable('notes')
    await reclaimed(db)
    expect(db.stats().disk.fileBytes).toBeLessThan(10_000)
  })

  test('is gone after opening again, and its space is given back then if it was not before', async () => {
    const temporary = await temporaryDatabase()
    await fill(temporary.db.table(Notes) as unknown as NoteTable)
    await temporary.db.compact()
    await temporary.db.dropTable('notes')
    const db = await temporary.reopen()
    expect(db.tables()).toEqual([])
    await reclaimed(db)
    expect(db.stats().disk.fileBytes).toBeLessThan(10_000)
  })

  /** Until what is left on the disk after merging is nothing to speak of, or for long enough. */
  async function reclaimed(db: Database): Promise<void> {
    for (let tries = 0; tries < 50; tries++) {
      await db.compact()
      if (db.stats().disk.fileBytes < 10_000) return
      await setTimeout(20)
    }
  }
})

describe('whoever looked at a table before it was dropped', () => {
  test('sees it to its end, in an iteration', async () => {
    const { db, notes } = await opened()
    await fill(notes)
    const ids = new Set<string>()
    for await (const { id } of notes.scan()) {
      if (ids.size === 0) {
        await db.dropTable('notes')
        await db.table(OtherNotes).put({ n: 5 })
        await setTimeout(50)
      }
      ids.add(id)
    }
    expect(ids.size).toBe(COUNT)
  })

  test('sees it to its end, through an index and by workers', async () => {
    const { db } = await temporaryDatabase()
    const notes = db.table(Notes) as unknown as NoteTable
    await fill(notes, 5000)
    await db.checkpoint()
    const through = notes.index('byTag').scan()[Symbol.asyncIterator]()
    const scanned = notes.scan({ workers: 2 })[Symbol.asyncIterator]()
    let [indexed, byWorkers] = [1, 1]
    await Promise.all([through.next(), scanned.next()])
    await db.dropTable('notes')
    db.table(Notes)
    await setTimeout(50)
    while ((await through.next()).done !== true) indexed += 1
    while ((await scanned.next()).done !== true) byWorkers += 1
    expect([indexed, byWorkers]).toEqual([5000, 5000])
  })

  test('sees it in a snapshot, and there is no other of its name', async () => {
    const { db, notes } = await opened()
    await fill(notes, 20)
    const snapshot = db.snapshot()
    const before = snapshot.table(Notes) as unknown as NoteTable
    await db.dropTable('notes')
    await db.table(OtherNotes).put({ n: 5 })
    await setTimeout(50)
    expect(await before.scan().count()).toBe(20)
    expect(await before.get({ id: 'id-3' })).toEqual({ id: 'id-3', n: 3, tag: 'tag-3' })
    expect(await before.index('byTag').query({ tag: 'tag-3' }).count()).toBe(2)
    expect(await snapshot.table('notes').scan().count()).toBe(20)
    expect(() => snapshot.table(OtherNotes)).toThrow('has the key [id], not [n]')
    snapshot.release()
  })

  test('is told by its listener of all that was written before, and of nothing else', async () => {
    const { db, notes } = await opened()
    const heard: Change<Note>[] = []
    notes.on('change', (change) => heard.push(change))
    const writing = notes.put({ id: 'a', n: 1 })
    const dropping = db.dropTable('notes')
    const again = db.table(Notes) as unknown as NoteTable
    const heardAgain: string[] = []
    again.on('change', ({ key }) => heardAgain.push(String(key.id)))
    await Promise.all([writing, dropping, again.put({ id: 'b', n: 2 })])
    expect(heard.map(({ key }) => key.id)).toEqual(['a'])
    expect(heardAgain).toEqual(['b'])
  })

  test('stops building an index of it', async () => {
    const { db } = await opened()
    const plain = db.table(table('plain', { schema: type<Note>(), key: ['id'] }))
    await plain.batch((writer) => {
      for (let n = 0; n < COUNT; n++) writer.put({ id: `id-${n}`, n })
    })
    const indexed = db.table(table('plain', { schema: type<Note>(), key: ['id'], indexes: { byN: ['n'] } }))
    const ready = indexed.index('byN').ready()
    const query = indexed.index('byN').query({ n: 5 }).toArray()
    const dropping = db.dropTable('plain')
    await expect(ready).rejects.toBeInstanceOf(ResourceNotFoundException)
    await expect(query).rejects.toBeInstanceOf(ResourceNotFoundException)
    await dropping
  })

  test('watches it from outside until then', async () => {
    const temporary = await temporaryDatabase()
    const notes = temporary.db.table(Notes) as unknown as NoteTable
    await notes.put({ id: 'before', n: 0 })
    const seen: unknown[] = []
    const watching = (async () => {
      for await (const { key } of watchFolder(temporary.path, { table: 'notes' })) seen.push(key['id'])
    })()
    await setTimeout(150)
    await notes.put({ id: 'a', n: 1 })
    await temporary.db.dropTable('notes')
    await temporary.db.table(OtherNotes).put({ n: 5 })
    await watching
    expect(seen).toEqual(['a'])
  })

  test('watches all others on', async () => {
    const temporary = await temporaryDatabase()
    const notes = temporary.db.table(Notes) as unknown as NoteTable
    await fill(notes, 20)
    const ending = new AbortController()
    const seen: unknown[] = []
    const watching = (async () => {
      for await (const { table: name, type: kind, key } of watchFolder(temporary.path, { signal: ending.signal })) {
        seen.push([name, kind, key])
        if (name === 'others') ending.abort()
      }
    })()
    await setTimeout(150)
    await temporary.db.dropTable('notes')
    await temporary.db.table(OtherNotes).put({ n: 5 })
    await setTimeout(50)
    await temporary.db.table(Others).put({ id: 'x' })
    await watching
    // The items that were dropped with it are no changes.
    expect(seen).toEqual([
      ['notes', 'put', { n: 5 }],
      ['others', 'put', { id: 'x' }],
    ])
  })
})

describe('what was prepared for a table that is dropped meanwhile writes nothing', () => {
  test('a transaction that writes to it', async () => {
    const { db } = await opened()
    const transaction = db.transact(async (tx) => {
      tx.put(Notes, { id: 'a', n: 1 })
      tx.put(Others, { id: 'x' })
      await db.dropTable('notes')
    })
    await expect(transaction).rejects.toBeInstanceOf(ResourceNotFoundException)
    expect(await db.table(Others).scan().count()).toBe(0)
  })

  test('a transaction that has read it', async () => {
    const { db, notes } = await opened()
    await fill(notes, 5)
    const transaction = db.transact(async (tx) => {
      tx.put(Others, { id: String((await tx.get(Notes, { id: 'id-1' }))!.n) })
      await db.dropTable('notes')
    })
    await expect(transaction).rejects.toBeInstanceOf(ResourceNotFoundException)
    expect(await db.table(Others).scan().count()).toBe(0)
  })

  test('a validator that drops it', async () => {
    const db = await open('memory:')
    onTestFinished(() => db.close())
    const Meddling = table('meddling', {
      schema: {
        '~standard': {
          version: 1,
          vendor: 'test',
          validate: (value: unknown) => {
            void db.dropTable('meddling')
            return { value: value as { id: string } }
          },
        },
      } as StandardSchemaV1<{ id: string }>,
      key: ['id'],
    })
    const meddling = db.table(Meddling)
    await expect(meddling.put({ id: 'a' })).rejects.toBeInstanceOf(ResourceNotFoundException)
    expect(await db.table(Meddling).scan().count()).toBe(0)
    await expectSound(db)
  })

  test('a batch whose writes were checked for another table of the name', async () => {
    const { backend } = new ObservedDatabase()
    onTestFinished(() => backend.close())
    backend.defineTable(checkTableDefinition({ name: 'things', key: ['id'] }))
    const prepared = [backend.prepare('things', { put: { id: 'a', n: 1 } })]
    void backend.dropTable('things')
    backend.defineTable(checkTableDefinition({ name: 'things', key: ['n'] }))
    const [refused] = await backend.batchWrite('things', prepared)
    expect(refused!.operation).toEqual({ put: { id: 'a', n: 1 } })
    expect(refused!.cause).toBeInstanceOf(ResourceNotFoundException)
    expect((await backend.verify()).problems).toEqual([])
  })
})

test('verifying while a table is dropped finds no damage', async () => {
  const { db, notes } = await opened()
  await fill(notes, 5000)
  const verifying = db.verify()
  await setTimeout(1)
  await db.dropTable('notes')
  expect((await verifying).problems).toEqual([])
})

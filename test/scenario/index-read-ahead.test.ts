/**
 * Reading an index goes some entries ahead of whoever asks: nobody may notice, wherever a read ends or is interrupted. One
 * with copies of items reads nothing ahead, and answers the same.
 */
import { describe, expect, test } from 'vitest'
import { table, type } from '../../src/index.js'
import { temporaryDatabase } from '../support/temporary-database.js'

interface Note {
  id: string
  day: number
  owner: string
  code: string
  text: string
}

const notesWith = (covering: boolean) =>
  table('notes', {
    schema: type<Note>(),
    key: ['owner', 'id'],
    indexes: { byDay: { key: ['day', 'id'], covering }, byCode: { key: ['owner', 'code'], unique: true } },
  })
const Notes = notesWith(false)

/** Some keys are longer than most. */
const note = (n: number): Note => ({
  id: `${n % 7 === 0 ? 'long'.repeat(150) : 'n'}-${String(n).padStart(4, '0')}`,
  day: n % 2,
  owner: `owner-${n % 13}`,
  code: `code-${n}`,
  text: 'x'.repeat(n),
})

/** Items of which some lie in files, some in memory, some in both, and some were removed. */
async function filled(Notes: ReturnType<typeof notesWith>) {
  const database = await temporaryDatabase()
  const notes = database.db.table(Notes)
  const all = Array.from({ length: 240 }, (_, n) => note(n))
  await notes.batch((writer) => {
    for (const each of all.slice(0, 180)) writer.put({ ...each, text: 'old' })
  })
  await database.db.checkpoint()
  await notes.batch((writer) => {
    for (const each of all.slice(100)) writer.put(each)
  })
  for (const { owner, id } of all.filter((_, n) => n % 5 === 0)) await notes.delete({ owner, id })
  const expected = all
    .map((each, n) => (n < 100 ? { ...each, text: 'old' } : each))
    .filter((_, n) => n % 5 !== 0)
    .sort((a, b) => (a.id < b.id ? -1 : 1))
  const ofDay = (day: number) => expected.filter((each) => each.day === day)
  return { ...database, notes, ofDay }
}

describe.each([
  ['looks items up', Notes],
  ['has copies of items', notesWith(true)],
])('an index that %s', (_what, Definition) => {
  test('pages of any length, in both directions, with a filter or without, give every item once', async () => {
    const { notes, ofDay } = await filled(Definition)
    for (const limit of [1, 2, 3, 31, 32, 33, 64, 95, 96, 97, 200]) {
      for (const reverse of [false, true]) {
        for (const filter of [undefined, (each: Note) => each.text !== 'old']) {
          const found: Note[] = []
          let cursor: string | undefined
          do {
            const results = notes
              .index('byDay')
              .query({ day: 1 }, { limit, reverse, ...(filter && { filter }), ...(cursor && { cursor }) })
            const page = await results.page()
            found.push(...page.items)
            cursor = page.cursor
          } while (cursor !== undefined)
          const wanted = ofDay(1).filter((each) => filter?.(each) ?? true)
          expect(found).toEqual(reverse ? wanted.toReversed() : wanted)
        }
      }
    }
  })

  test('what is written after a query of a few items began is not in its way', async () => {
    const { notes, ofDay } = await filled(Definition)
    const found: string[] = []
    for await (const { owner, id } of notes.index('byDay').query({ day: 0 }, { limit: 150 })) {
      found.push(id)
      // Each of them is gone, or another one, when its turn comes.
      await notes.delete({ owner, id })
      await notes.put({ ...note(1000 + found.length), day: 0 })
    }
    expect(found).toEqual(ofDay(0).map(({ id }) => id))
  })

  test('a filter may read the same index meanwhile', async () => {
    const { notes, ofDay } = await filled(Definition)
    const within: Promise<Note[]>[] = []
    const filter = (each: Note) => {
      if (within.length < 40) within.push(notes.index('byDay').query({ day: 1 }, { limit: 40 }).toArray())
      return each.day === 0
    }
    expect(await notes.index('byDay').query({ day: 0 }, { filter }).toArray()).toEqual(ofDay(0))
    for (const found of await Promise.all(within)) expect(found).toEqual(ofDay(1).slice(0, 40))
  })

  test('a transaction has read what it asked for, and what is behind may change', async () => {
    const { db, notes, ofDay } = await filled(Definition)
    const read = async (limit: number) =>
      db.transact(async (tx) => {
        const found = await tx.query(Definition, { day: 0 }, { index: 'byDay', limit })
        const { owner, id } = ofDay(0)[2]!
        await notes.update({ owner, id }, { set: { text: `changed, ${limit}` } })
        tx.update(Definition, { owner: found[0]!.owner, id: found[0]!.id }, { set: { text: 'read' } })
        return found
      })
    expect(await read(2)).toEqual(ofDay(0).slice(0, 2))
    await expect(read(3)).rejects.toMatchObject({ name: 'TransactionCanceledException' })
  })
})

test('the entries of a unique index lead to their items, too', async () => {
  const { notes, ofDay } = await filled(Notes)
  const expected = [...ofDay(0), ...ofDay(1)].filter(({ owner }) => owner === 'owner-3')
  const byCode = [...expected].sort((a, b) => (a.code < b.code ? -1 : 1))
  expect(await notes.index('byCode').query({ owner: 'owner-3' }).toArray()).toEqual(byCode)
  const page = await notes.index('byCode').query({ owner: 'owner-3' }, { limit: 4 }).page()
  const rest = notes.index('byCode').query({ owner: 'owner-3' }, { cursor: page.cursor! })
  expect([...page.items, ...(await rest.toArray())]).toEqual(byCode)
})

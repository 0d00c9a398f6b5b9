/** An index with an entry for each element of a list or a set: one value, any, all, and how often each is there. */
import { describe, expect, test } from 'vitest'
import { type OpenOptions, table, type } from '../../../src/index.js'
import { SeededRandom } from '../../support/random.js'
import { expectSound, MovableClock } from '../../support/temporary-database.js'
import { type Driver, has, needing, rounds } from '../contract.js'

interface Note {
  owner: string
  id: number
  tags?: Set<string> | string[]
  numbers?: (number | bigint)[]
  at?: number
  until?: number
}

const key = ['owner', 'id'] as const
const Plain = table('notes', { schema: type<Note>(), key })
const Notes = table('notes', {
  schema: type<Note>(),
  key,
  ttl: 'until',
  indexes: {
    byTag: { key: ['tags', 'at'], multi: 'tags' },
    byOwnTag: { key: [['owner', 'tags']], multi: 'tags' },
    byNumber: { key: ['numbers'], multi: 'numbers' },
  },
})

const ids = (items: readonly Pick<Note, 'id'>[]) => items.map(({ id }) => id)

export function multiValueIndex(driver: Driver): void {
  async function openNotes(options: OpenOptions = {}) {
    const database = await driver.open(options)
    return { database, notes: database.db.table(Notes) }
  }

  test('entries come and go with the elements', async () => {
    const { database, notes } = await openNotes()
    const note = { owner: 'ada', id: 1 }
    const tagged = async (tag: string) => ids(await notes.index('byTag').query({ tags: tag }).toArray())
    await notes.put({ ...note, at: 1, tags: new Set(['red', 'blue']) })
    expect([await tagged('red'), await tagged('blue'), await tagged('green')]).toEqual([[1], [1], []])
    await notes.update(note, { set: { tags: new Set(['blue', 'green']) } })
    expect([await tagged('red'), await tagged('blue'), await tagged('green')]).toEqual([[], [1], [1]])
    await notes.update(note, { remove: ['at'] })
    expect(await tagged('blue')).toEqual([])
    expect(await notes.index('byOwnTag').query({ owner: 'ada', tags: 'blue' }).count()).toBe(1)
    await notes.put({ ...note, at: 2, tags: ['a', 'b', 'a'] })
    expect((await database.db.verify()).indexEntries).toBe(4)
    await notes.put({ ...note, at: 2, tags: [] })
    expect((await database.db.verify()).indexEntries).toBe(0)
    await notes.put({ ...note, at: 2, tags: ['c'] })
    await notes.delete(note)
    expect(await notes.index('byTag').scan().count()).toBe(0)
  })

  test('equal numbers are one element, whatever their type', async () => {
    const { notes } = await openNotes()
    await notes.put({ owner: 'ada', id: 1, numbers: [5, 5n, 7] })
    expect(await notes.index('byNumber').scan().count()).toBe(2)
    expect(ids(await notes.index('byNumber').query({ numbers: 5n }).toArray())).toEqual([1])
  })

  needing(driver, 'several values')(
    'an item comes once, in the order of the sort key, both ways and page by page',
    async () => {
      const { notes } = await openNotes()
      await notes.put({ owner: 'ada', id: 1, at: 30, tags: new Set(['red', 'blue']) })
      await notes.put({ owner: 'ada', id: 2, at: 10, tags: new Set(['red']) })
      await notes.put({ owner: 'bob', id: 3, at: 20, tags: new Set(['blue', 'green']) })
      await notes.put({ owner: 'bob', id: 4, at: 20, tags: new Set(['red', 'blue', 'green']) })
      const byTag = notes.index('byTag')
      expect(ids(await byTag.query({ tags: { any: ['red', 'blue'] } }).toArray())).toEqual([2, 3, 4, 1])
      expect(ids(await byTag.query({ tags: { any: ['red', 'blue'] } }, { reverse: true }).toArray())).toEqual([
        1, 4, 3, 2,
      ])
      expect(ids(await byTag.query({ tags: { all: ['red', 'blue'] } }).toArray())).toEqual([4, 1])
      expect(ids(await byTag.query({ tags: { all: ['red', 'blue', 'red'] }, at: { lt: 30 } }).toArray())).toEqual([4])
      expect(ids(await byTag.query({ tags: { all: ['red', 'none'] } }).toArray())).toEqual([])
      expect(
        ids(await byTag.query({ tags: { any: ['red', 'green'] } }, { filter: { owner: 'bob' } }).toArray()),
      ).toEqual([3, 4])
      expect(await byTag.query({ tags: { any: ['red', 'blue'] } }).count()).toBe(4)
      expect(await byTag.query({ tags: { any: ['red'] } }).count()).toBe(3)
      const own = notes.index('byOwnTag')
      expect(ids(await own.query({ owner: 'bob', tags: { all: ['blue', 'green'] } }).toArray())).toEqual([3, 4])
      expect(ids(await own.query({ owner: 'ada', tags: { any: ['blue', 'green'] } }).toArray())).toEqual([1])

      let cursor: string | undefined
      const paged: number[] = []
      do {
        const page = await byTag.query({ tags: { any: ['red', 'blue', 'green'] } }, { limit: 1, cursor }).page()
        paged.push(...ids(page.items))
        cursor = page.cursor
      } while (cursor !== undefined)
      expect(paged).toEqual([2, 3, 4, 1])
    },
  )

  needing(driver, 'several values')('a cursor goes with its values, and with whether they are any or all', async () => {
    const { notes } = await openNotes()
    for (let id = 0; id < 5; id++) await notes.put({ owner: 'ada', id, at: id, tags: ['a', 'b', 'c'] })
    const byTag = notes.index('byTag')
    const { cursor } = await byTag.query({ tags: { all: ['a', 'b'] } }, { limit: 2 }).page()
    expect(ids((await byTag.query({ tags: { all: ['a', 'b'] } }, { cursor }).page()).items)).toEqual([2, 3, 4])
    for (const tags of [{ any: ['a', 'b'] }, { all: ['a', 'c'] }, { all: ['a', 'b', 'c'] }, 'a']) {
      await expect(byTag.query({ tags: tags as 'a' }, { cursor }).page()).rejects.toMatchObject({ code: 'CURSOR' })
    }
  })

  needing(driver, 'counts of many values')('values are counted', async () => {
    const clock = new MovableClock()
    const { notes } = await openNotes({ clock })
    await notes.batch((w) => {
      for (let id = 0; id < rounds(driver, 2500); id++) {
        w.put({
          owner: `o${id % 3}`,
          id,
          at: id,
          tags: ['all', `tag-${id % 4}`],
          ...(id >= 2400 && { until: clock.seconds }),
        })
      }
    })
    const counted = async () => {
      const found = await notes.index('byTag').counts().toArray()
      return Object.fromEntries(found.map(({ key: { tags }, count }) => [tags, count]).sort())
    }
    expect(await counted()).toEqual({ all: 2400, 'tag-0': 600, 'tag-1': 600, 'tag-2': 600, 'tag-3': 600 })
    // Of one moment, however long it takes to read.
    let sum = 0
    for await (const { key: tag, count } of notes.index('byTag').counts()) {
      if (sum === 0)
        await notes.batch((w) =>
          Array.from({ length: 500 }, (_, id) => w.put({ owner: 'o0', id: id + 5000, at: 1, tags: ['all'] })),
        )
      if (tag.tags === 'all') expect(count).toBe(2400)
      sum += count
    }
    expect(sum).toBe(4800)
    const pairs = await notes.index('byOwnTag').counts().toArray()
    expect(pairs).toHaveLength(15)
    expect(pairs.find(({ key: k }) => k.owner === 'o1' && k.tags === 'tag-1')?.count).toBe(200)
  })

  describe('what is refused', () => {
    test.each([
      ['text', 'KEY_TYPE', 'Type mismatch for Index Key tags Expected: L, SS, NS or BS Actual: S IndexName: byTag'],
      [5, 'KEY_TYPE', 'Actual: N IndexName: byTag'],
      [null, 'KEY_TYPE', 'Actual: NULL IndexName: byTag'],
      [['a', 5], 'KEY_TYPE', 'Type mismatch for Index Key tags Expected: S Actual: N IndexName: byTag'],
      [['a', ['b']], 'KEY_TYPE', 'Type mismatch for Index Key tags Expected: S Actual: L IndexName: byTag'],
      [[true], 'KEY_TYPE', 'Actual: BOOL IndexName: byTag'],
      [['a', ''], 'KEY_EMPTY', 'cannot contain an empty string value. IndexName: byTag, IndexKey: tags'],
      [['x'.repeat(2049)], 'KEY_TOO_LONG', 'Size of hashkey has exceeded the maximum size limit of2048 bytes'],
      [Array.from({ length: 10_001 }, (_, n) => `t${n}`), 'INDEX_ELEMENTS', '"tags" has 10001 elements'],
    ])('as an item’s tags: case %#', async (tags, code, reason) => {
      const { notes } = await openNotes()
      const note = { owner: 'ada', id: 1, at: 1, tags } as unknown as Note
      await expect(notes.put(note)).rejects.toMatchObject({ code, message: expect.stringContaining(reason) })
      expect(await notes.scan().count()).toBe(0)
    })

    test.each([
      [{ tags: { any: [] } }, 'KEY_CONDITION', '"any" takes 1 to 100 values, not 0'],
      [{ tags: { all: Array(101).fill('a') } }, 'KEY_CONDITION', '"all" takes 1 to 100 values, not 101'],
      [{ tags: { some: ['a'] } }, 'KEY_CONDITION', 'it takes a value, { any: [value, …] } or { all: [value, …] }'],
      [{ tags: { any: ['a'], all: ['b'] } }, 'KEY_CONDITION', 'it takes a value'],
      [{ tags: {} }, 'KEY_CONDITION', 'it takes a value'],
      [{ tags: { any: ['a', 5] } }, 'KEY_TYPE', 'Type mismatch'],
      [{ tags: ['a'] }, 'KEY_TYPE', 'Type mismatch'],
      [{ at: 5 }, 'KEY_MISSING', 'Query condition missed key schema element: tags'],
    ] as const)('as a key condition: %j', isRefused)

    async function isRefused(where: object, code: string, reason: string): Promise<void> {
      const { notes } = await openNotes()
      await notes.put({ owner: 'ada', id: 1, at: 1, tags: ['a'] })
      const results = notes.index('byTag').query(where as never)
      await expect(results.toArray()).rejects.toMatchObject({ code, message: expect.stringContaining(reason) })
    }

    test('several values of an attribute that has one', async () => {
      const { notes } = await openNotes()
      const results = notes.index('byOwnTag').query({ owner: { any: ['a'] }, tags: 'x' } as never)
      await expect(results.toArray()).rejects.toMatchObject({ code: 'KEY_TYPE' })
    })
  })

  test('a scan has every entry of every item, also page by page', async () => {
    const { notes } = await openNotes()
    for (let id = 0; id < 7; id++) await notes.put({ owner: 'ada', id, at: id % 2, tags: ['a', 'b', `t${id}`] })
    const expected = Array.from({ length: 21 }, (_, n) => Math.floor(n / 3))
    for (const name of ['byTag', 'byOwnTag'] as const) {
      const found: number[] = []
      let cursor: string | undefined
      do {
        const page = await notes.index(name).scan({ limit: 4, cursor }).page()
        found.push(...ids(page.items))
        cursor = page.cursor
      } while (cursor !== undefined)
      expect(
        found.sort((a, b) => a - b),
        name,
      ).toEqual(expected)
    }
  })

  test('added later it has the tags of the items there were, those that can be tags', async () => {
    const database = await driver.open({ fsync: 'never' })
    const plain = database.db.table(Plain)
    await plain.batch((w) => {
      for (let id = 0; id < 1200; id++) w.put({ owner: 'ada', id, at: id, tags: [`t${id % 10}`, `u${id % 7}`] })
      w.put({ owner: 'bob', id: 1, at: 1, tags: 'text' as never })
      w.put({ owner: 'bob', id: 2, at: 1, tags: ['t1', 5] as never })
    })
    const notes = database.db.table(Notes)
    expect(await notes.index('byTag').query({ tags: 't1' }).count()).toBe(120)
    expect((await notes.index('byTag').query({ tags: 'u1' }).toArray()).filter(({ id }) => id % 10 === 1)).toHaveLength(
      18,
    )
    await expectSound(database.db)
  })

  test('whatever is asked, in whatever order things come and go, it is what the items say', {
    timeout: 60_000,
  }, async () => {
    for (let seed = 1; seed <= rounds(driver, 6); seed++) {
      const random = new SeededRandom(seed)
      const { database, notes } = await openNotes({
        fsync: 'never',
        memtableBytes: random.pick([500, 5000, 1_000_000]),
        partitionBytes: random.pick([300, 2000, 1_000_000]),
      })
      const vocabulary = Array.from({ length: random.pick([3, 6, 30]) }, (_, n) => `t${n}`)
      const some = () => [...new Set(Array.from({ length: random.between(1, 5) }, () => random.pick(vocabulary)))]
      const known = new Map<string, Note>()
      for (let step = 0; step < 120; step++) {
        const note: Note = { owner: random.pick(['a', 'b']), id: random.below(60), at: random.below(8), tags: some() }
        const name = `${note.owner} ${note.id}`
        if (random.chance(0.3)) {
          known.delete(name)
          await notes.delete({ owner: note.owner, id: note.id })
        } else {
          known.set(name, note)
          await notes.put(note)
        }
        if (random.chance(0.05)) await database.db.checkpoint()
      }
      for (let query = 0; query < rounds(driver, 40); query++) {
        const match = random.pick(has(driver, 'several values') ? (['any', 'all'] as const) : (['one'] as const))
        const values = match === 'one' ? some().slice(0, 1) : some()
        const [low, high] = [random.below(8), random.below(8)].sort((a, b) => a - b) as [number, number]
        const reverse = random.chance(0.5)
        const expected = [...known.values()]
          .filter(({ tags, at }) => {
            const has = (tag: string) => (tags as string[]).includes(tag)
            return (match === 'any' ? values.some(has) : values.every(has)) && at! >= low && at! <= high
          })
          .sort((a, b) => a.at! - b.at! || (a.owner < b.owner ? -1 : a.owner > b.owner ? 1 : 0) || a.id - b.id)
        if (reverse) expected.reverse()
        const asked = match === 'one' ? values[0]! : ({ [match]: values } as { any: string[] })
        const where = { tags: asked, at: { between: [low, high] } as const }
        const byTag = notes.index('byTag')
        const context = `seed ${seed}, ${JSON.stringify(where)}`
        expect(ids(await byTag.query(where, { reverse }).toArray()), context).toEqual(ids(expected))
        expect(await byTag.query(where).count(), context).toBe(expected.length)
        const paged: number[] = []
        let cursor: string | undefined
        do {
          const page = await byTag.query(where, { reverse, limit: random.between(1, 4), cursor }).page()
          paged.push(...ids(page.items))
          cursor = page.cursor
        } while (cursor !== undefined)
        expect(paged, context).toEqual(ids(expected))
      }
    }
  })

  needing(driver, 'several values')(
    'a page may end between items that are far apart, and the next one goes on',
    async () => {
      const { notes } = await openNotes({ fsync: 'never' })
      await notes.batch((w) => {
        // Neither of the two tags skips far in the other one.
        for (let id = 0; id < rounds(driver, 5000); id++)
          w.put({ owner: 'ada', id, at: id, tags: [id % 2 === 0 ? 'even' : 'odd'] })
        w.put({ owner: 'ada', id: 5000, at: 5000, tags: ['even', 'odd'] })
      })
      const both = { tags: { all: ['even', 'odd'] } }
      const first = await notes.index('byTag').query(both).page()
      expect(first).toMatchObject({ items: [], count: 0 })
      expect(first.cursor).toBeDefined()
      for (const reverse of [false, true]) {
        expect(ids(await notes.index('byTag').query(both, { reverse }).toArray())).toEqual([5000])
      }
      expect(await notes.index('byTag').query(both).count()).toBe(1)
    },
  )
}

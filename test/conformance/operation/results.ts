/** What a query or a scan gives: five ways to take it, in both directions, in pages, in segments, and the caller's own. */
import { describe, expect, test } from 'vitest'
import { ddb, type Results, table, type } from '../../../src/index.js'
import { type Driver, has, rounds } from '../contract.js'

interface Note {
  owner: string
  at: string
  n: number
  text?: string
  tags?: string[]
  data?: { bytes: Uint8Array; set: Set<string> }
}
const Notes = table('notes', { schema: type<Note>(), key: ['owner', 'at'], indexes: { byN: ['n', 'at'] } })
const at = (n: number) => `2026-${String(n).padStart(3, '0')}`

export function results(driver: Driver): void {
  async function filled(count = 25) {
    const database = await driver.open()
    const notes = database.db.table(Notes)
    await notes.batch((w) => {
      for (let n = 0; n < count; n++) w.put({ owner: 'ada', at: at(n), n: n % 5 })
      for (let n = 0; n < 10; n++) w.put({ owner: 'bob', at: at(n), n })
    })
    return { ...database, db: database.db, notes }
  }

  test('five ways to take the same results, each from the beginning', async () => {
    const { notes } = await filled()
    const results = notes.query({ owner: 'ada' })
    const expected = Array.from({ length: 25 }, (_, n) => at(n))
    const keys = (items: readonly Note[]) => items.map((note) => note.at)
    expect(keys(await results.toArray())).toEqual(expected)
    expect(await results.count()).toBe(25)
    expect((await results.first())?.at).toBe(at(0))
    const page = await results.page()
    expect(page).toMatchObject({ count: 25, scanned: 25, cursor: undefined })
    expect(keys(page.items)).toEqual(expected)
    const iterated: Note[] = []
    for await (const note of results) iterated.push(note)
    expect(keys(iterated)).toEqual(expected)
    const paged: Note[] = []
    for await (const { items } of results.pages()) paged.push(...items)
    expect(keys(paged)).toEqual(expected)
    expect(keys(await results.toArray())).toEqual(expected)
  })

  test('nothing is read before somebody asks, and no more than is asked for', async () => {
    const { notes } = await filled()
    const wrong = notes.query({ owner: 5 as unknown as string })
    await expect(wrong.toArray()).rejects.toMatchObject({ code: 'KEY_TYPE' })
    await expect(wrong.first()).rejects.toMatchObject({ code: 'KEY_TYPE' })
    for await (const note of notes.query({ owner: 'ada' })) {
      expect(note.at).toBe(at(0))
      break
    }
    const { scanned } = await notes.query({ owner: 'ada' }, { limit: 3 }).page()
    expect(scanned).toBe(3)
  })

  describe('conditions on the sort key', () => {
    const all = Array.from({ length: 25 }, (_, n) => at(n))
    const cases: readonly (readonly [condition: unknown, expected: string[]])[] = [
      [at(7), [at(7)]],
      [{ eq: at(7) }, [at(7)]],
      [{ lt: at(3) }, all.slice(0, 3)],
      [{ lte: at(3) }, all.slice(0, 4)],
      [{ gt: at(22) }, all.slice(23)],
      [{ gte: at(22) }, all.slice(22)],
      [{ between: [at(5), at(7)] }, all.slice(5, 8)],
      [{ between: [at(7), at(7)] }, [at(7)]],
      [{ beginsWith: '2026-01' }, all.slice(10, 20)],
      [{ beginsWith: '2026' }, all],
      [{ beginsWith: '2027' }, []],
      [{ eq: 'nothing' }, []],
    ]
    test.each(cases)('%j', async (condition, expected) => {
      const { notes } = await filled()
      const where = { owner: 'ada', at: condition as string }
      const keys = async (results: Results<Note>) => (await results.toArray()).map((note) => note.at)
      expect(await keys(notes.query(where))).toEqual(expected)
      expect(await keys(notes.query(where, { reverse: true }))).toEqual(expected.toReversed())
      expect(await notes.query(where).count()).toBe(expected.length)
    })

    test('that make no sense are refused', async () => {
      const { notes } = await filled()
      for (const condition of [
        {},
        { gt: 'a', lt: 'b' },
        { startsWith: 'a' },
        { between: ['b', 'a'] },
        { between: ['a'] },
        { eq: undefined },
      ]) {
        const query = notes.query({ owner: 'ada', at: condition as never })
        await expect(query.page(), JSON.stringify(condition)).rejects.toMatchObject({ code: 'KEY_CONDITION' })
      }
      await expect(notes.query({ owner: 'ada', at: { gt: 5 } as never }).page()).rejects.toMatchObject({
        code: 'KEY_TYPE',
      })
      await expect(notes.query({ owner: 'ada', at: { gt: '' } }).page()).rejects.toMatchObject({ code: 'KEY_EMPTY' })
      await expect(
        notes
          .index('byN')
          .query({ n: 1, at: { beginsWith: 1 } as never })
          .page(),
      ).rejects.toMatchObject({ code: 'KEY_TYPE' })
    })
  })

  describe('pages', () => {
    test.each([1, 2, 7, 24, 25, 26])('of %i items are together the whole, in both directions', async (limit) => {
      const { notes } = await filled()
      for (const reverse of [false, true]) {
        const whole = await notes.query({ owner: 'ada' }, { reverse }).toArray()
        const found: Note[] = []
        let cursor: string | undefined
        let pages = 0
        do {
          const page = await notes.query({ owner: 'ada' }, { reverse, limit, cursor }).page()
          found.push(...page.items)
          cursor = page.cursor
          pages += 1
        } while (cursor !== undefined)
        expect(found).toEqual(whole)
        // No page is empty: a cursor means that there is more.
        expect(pages).toBe(Math.ceil(25 / limit))
      }
    })

    test('are full also with a filter', async () => {
      const { notes } = await filled()
      const page = await notes.query({ owner: 'ada' }, { filter: 'n == 4', limit: 2 }).page()
      expect(page.items.map((note) => note.at)).toEqual([at(4), at(9)])
      expect(page.scanned).toBe(10)
      const rest = await notes.query({ owner: 'ada' }, { filter: 'n == 4', cursor: page.cursor }).toArray()
      expect(rest.map((note) => note.at)).toEqual([at(14), at(19), at(24)])
    })

    test('go on when the item at which one ended is gone, and others came', async () => {
      const { notes } = await filled()
      const { cursor } = await notes.query({ owner: 'ada' }, { limit: 3 }).page()
      await notes.delete({ owner: 'ada', at: at(2) })
      await notes.delete({ owner: 'ada', at: at(3) })
      await notes.put({ owner: 'ada', at: `${at(2)}a`, n: 0 })
      const rest = await notes.query({ owner: 'ada' }, { cursor }).toArray()
      expect(rest.slice(0, 2).map((note) => note.at)).toEqual([`${at(2)}a`, at(4)])
    })

    test('of a large result end by themselves, and still are the whole', async () => {
      const { db } = await driver.open({ fsync: 'never' })
      const notes = db.table(Notes)
      await notes.batch((w) => {
        for (let n = 0; n < 40; n++) w.put({ owner: 'ada', at: at(n), n, text: 'x'.repeat(100_000) })
      })
      const page = await notes.query({ owner: 'ada' }).page()
      expect(page.count).toBeLessThan(40)
      expect(page.cursor).toBeDefined()
      expect(await notes.query({ owner: 'ada' }).count()).toBe(40)
      expect((await notes.query({ owner: 'ada' }, { limit: 30 }).page()).count).toBe(30)
      expect(await notes.query({ owner: 'ada' }, { filter: 'n == 39' }).first()).toMatchObject({ n: 39 })
    })
  })

  test('a cursor goes with the query it came from, and with nothing else', async () => {
    const { notes } = await filled()
    const query = { owner: 'ada' }
    const cursor = (await notes.query(query, { limit: 3 }).page()).cursor!
    const wrong: Results<unknown>[] = [
      notes.query({ owner: 'bob' }, { cursor }),
      notes.query(query, { cursor, reverse: true }),
      notes.query({ ...query, at: { gt: at(1) } }, { cursor }),
      notes.scan({ cursor }),
      notes.scan({ cursor, segment: 0, totalSegments: 2 }),
      notes.index('byN').query({ n: 1 }, { cursor }),
      notes.index('byN').scan({ cursor }),
    ]
    for (const token of ['', 'nonsense', '€', `${cursor}AA`.slice(2), 'A'.repeat(100_000), 5, {}, null]) {
      wrong.push(notes.query(query, { cursor: token as string }))
    }
    for (const results of wrong) {
      await expect(results.page()).rejects.toMatchObject({ name: 'ValidationException', code: 'CURSOR' })
      await expect(results.toArray()).rejects.toMatchObject({ code: 'CURSOR' })
    }
    // Filters, limits and selections are not part of the place.
    expect(await notes.query(query, { cursor, filter: 'n == 3', limit: 1, select: ['at'] }).toArray()).toEqual([
      { at: at(3) },
    ])
  })

  test('segments together are the table, each item once', async () => {
    const database = await driver.open({ fsync: 'never', partitionBytes: 3000 })
    const notes = database.db.table(Notes)
    await notes.batch((w) => {
      for (let n = 0; n < 700; n++) w.put({ owner: `owner ${n}`, at: at(n), n })
    })
    const whole = (await notes.scan().toArray()).map(({ n }) => n).sort((a, b) => a - b)
    expect(whole).toHaveLength(700)
    for (const source of [notes, notes.index('byN')]) {
      for (const totalSegments of [1, 2, 3, 7, rounds(driver, 64), rounds(driver, 1000)]) {
        const segments: number[][] = []
        for (let segment = 0; segment < totalSegments; segment++) {
          segments.push((await source.scan({ segment, totalSegments }).toArray()).map(({ n }) => n))
        }
        expect(segments.flat().sort((a, b) => a - b)).toEqual(whole)
        if (totalSegments === 7) for (const segment of segments) expect(segment.length).toBeGreaterThan(50)
      }
      const paged: number[] = []
      for (const segment of [0, 1, 2]) {
        let cursor: string | undefined
        do {
          const page = await source.scan({ segment, totalSegments: 3, limit: 50, cursor }).page()
          paged.push(...page.items.map(({ n }) => n))
          cursor = page.cursor
        } while (cursor !== undefined)
      }
      expect(paged.sort((a, b) => a - b)).toEqual(whole)
      if (source === notes) await database.db.checkpoint()
    }
    for (const wrong of [
      { segment: 0 },
      { totalSegments: 2 },
      { segment: 2, totalSegments: 2 },
      { segment: -1, totalSegments: 2 },
      { segment: 0.5, totalSegments: 2 },
      { segment: 0, totalSegments: 0 },
    ]) {
      await expect(notes.scan(wrong).page()).rejects.toMatchObject({ code: 'OPTION' })
    }
  })

  test('limits that are none are refused', async () => {
    const { notes } = await filled()
    for (const limit of [0, -1, 1.5, Number.NaN, '5', null]) {
      const results = notes.query({ owner: 'ada' }, { limit: limit as number })
      await expect(results.page()).rejects.toMatchObject({ code: 'OPTION' })
      await expect(results.toArray()).rejects.toMatchObject({ code: 'OPTION' })
    }
  })

  test('select gives the attributes asked for, in every way to read', async () => {
    const { notes } = await filled()
    await notes.put({ owner: 'eve', at: at(1), n: 1, text: 'x', tags: ['a'] })
    const select = ['text', 'n', 'data'] as const
    const expected = { text: 'x', n: 1 }
    expect(await notes.get({ owner: 'eve', at: at(1) }, { select })).toEqual(expected)
    expect((await notes.batchGet([{ owner: 'eve', at: at(1) }], { select })).items).toEqual([expected])
    expect(await notes.query({ owner: 'eve' }, { select }).toArray()).toEqual([expected])
    // The filter sees what is not selected.
    expect(await notes.scan({ select, filter: 'owner == "eve"' }).toArray()).toEqual([expected])
    expect(
      await notes
        .index('byN')
        .query({ n: 1, at: at(1) }, { select, filter: { owner: 'eve' } })
        .toArray(),
    ).toEqual([expected])
    for (const wrong of [[], 'n', [''], [5]]) {
      await expect(notes.get({ owner: 'eve', at: at(1) }, { select: wrong as never })).rejects.toMatchObject({
        code: 'OPTION',
      })
    }
  })

  test('items are the caller’s own: changing one changes nothing that is stored', async () => {
    const { notes } = await filled()
    const note: Note = {
      owner: 'eve',
      at: at(1),
      n: 1,
      tags: ['a'],
      data: { bytes: Uint8Array.of(1, 2), set: new Set(['x']) },
    }
    const stored = structuredClone(note)
    const key = { owner: 'eve', at: at(1) }
    const vandalise = (item: Partial<Note> | undefined) => {
      if (item === undefined) return
      item.n = -1
      item.tags?.push('more')
      item.data?.bytes.fill(9)
      item.data?.set.add('y')
    }
    const putting = notes.put(note)
    vandalise(note)
    await putting
    vandalise(await notes.get(key))
    vandalise((await notes.batchGet([key])).items[0])
    vandalise(await notes.query({ owner: 'eve' }).first())
    vandalise((await notes.scan({ filter: { owner: 'eve' } }).toArray())[0])
    vandalise(
      (
        await notes
          .index('byN')
          .query({ n: 1 }, { filter: { owner: 'eve' } })
          .toArray()
      )[0],
    )
    vandalise(await notes.get(key, { select: ['tags', 'data'] }))
    if (has(driver, 'functions')) {
      await notes.query({ owner: 'eve' }, { filter: (item) => vandalise(item) === undefined }).count()
      await notes.put({ ...stored, n: 5 }, { if: (item) => vandalise(item) !== undefined }).catch(() => {})
    }
    vandalise(await notes.update(key, { set: { text: 'x' } }))
    expect(await notes.get(key)).toEqual({ ...stored, text: 'x' })
    vandalise(await notes.put({ ...stored, text: 'y' }, { return: 'old' }))
    expect(await notes.get(key)).toEqual({ ...stored, text: 'y' })
  })

  test('what an update answers is the caller’s own, too, and what was stored', async () => {
    const { notes } = await filled()
    const key = { owner: 'eve', at: at(1) }
    const tags = ['a']
    const first = await notes.update(key, { set: { n: -0, tags } })
    expect(first).toStrictEqual({ ...key, n: 0, tags: ['a'] })
    first.tags!.push('mine')
    tags.push('the caller’s')
    const second = await notes.update(key, { set: { text: 'x' } })
    second.tags!.push('mine again')
    const third = await notes.update(key, ddb`SET backup = tags, n = ${7}`)
    third.tags!.push('and again')
    expect(third).toEqual({ ...key, n: 7, text: 'x', tags: ['a', 'and again'], backup: ['a'] })
    expect(await notes.get(key)).toEqual({ ...key, n: 7, text: 'x', tags: ['a'], backup: ['a'] })
    expect(await notes.delete(key)).toEqual({ ...key, n: 7, text: 'x', tags: ['a'], backup: ['a'] })
  })

  test('a signal ends what is going on', async () => {
    const { notes } = await filled()
    const aborted = AbortSignal.abort(new Error('enough'))
    await expect(notes.put({ owner: 'x', at: 'y', n: 1 }, { signal: aborted })).rejects.toThrow('enough')
    await expect(notes.get({ owner: 'ada', at: at(1) }, { signal: aborted })).rejects.toThrow('enough')
    await expect(notes.scan({ signal: aborted }).toArray()).rejects.toThrow('enough')
    const controller = new AbortController()
    const results = notes.scan({ signal: controller.signal, limit: 5 })
    const pages = results.pages()[Symbol.asyncIterator]()
    await pages.next()
    controller.abort(new Error('enough'))
    await expect(results.page()).rejects.toThrow('enough')
    expect(await notes.get({ owner: 'x', at: 'y' })).toBe(undefined)
  })
}

/** Composite, local and projected indexes; definitions that contradict each other; indexes that are dropped. */
import { describe, expect, test } from 'vitest'
import { Decimal, type OpenOptions, type TableDef, table, type, ValidationException } from '../../../src/index.js'
import { MovableClock } from '../../support/temporary-database.js'
import { type Driver, needing } from '../contract.js'

interface Match {
  id: string
  season: number
  tournament?: string
  region?: string
  round?: number | Decimal
  bracket?: string
  player?: string
  score?: number
  note?: string
}

const key = ['id', 'season'] as const
const INVALID = 'One or more parameter values were invalid: '

const Matches = table('matches', {
  schema: type<Match>(),
  key,
  indexes: {
    byPlace: [
      ['tournament', 'region'],
      ['round', 'bracket', 'player'],
    ],
    byScore: { key: ['id', 'score'], local: true },
    keysByScore: { key: ['id', 'score'], local: true, projection: 'KEYS_ONLY' },
    byPlayer: { key: ['player', 'score'], projection: 'KEYS_ONLY' },
    notesByPlayer: { key: ['player', 'score'], projection: ['note'] },
  },
})

export function indexKinds(driver: Driver): void {
  async function openMatches(options: OpenOptions = {}) {
    const database = await driver.open(options)
    return { database, matches: database.db.table(Matches) }
  }

  describe('keys of several attributes', () => {
    async function filled() {
      const { matches, database } = await openMatches()
      const place = { tournament: 'open', region: 'north' }
      let season = 0
      for (const round of [1, 2, 10]) {
        for (const bracket of ['a', 'b']) {
          for (const player of ['x', 'y'])
            await matches.put({ id: 'm', season: season++, ...place, round, bracket, player })
        }
      }
      await matches.put({
        id: 'm',
        season: 90,
        tournament: 'open',
        region: 'south',
        round: 1,
        bracket: 'a',
        player: 'x',
      })
      await matches
        .put({ id: 'm', season: 91, tournament: 'opennorth', region: '', round: 1, bracket: 'a', player: 'x' })
        .catch(() => {})
      await matches.put({ id: 'm', season: 92, ...place, round: 1, bracket: 'a' })
      return { matches, database, place, byPlace: matches.index('byPlace') }
    }
    const seasons = (items: readonly { season: number }[]) => items.map(({ season }) => season)

    test('order attribute by attribute, and lack an item that lacks any', async () => {
      const { byPlace, place, database } = await filled()
      expect(seasons(await byPlace.query(place).toArray())).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
      expect(seasons(await byPlace.query(place, { reverse: true, limit: 3 }).toArray())).toEqual([11, 10, 9])
      expect(seasons(await byPlace.query({ tournament: 'open', region: 'south' }).toArray())).toEqual([90])
      expect(await byPlace.scan().count()).toBe(13)
      expect(database.db.tables()[0]!.indexes[0]).toMatchObject({
        key: ['tournament', 'region', 'round', 'bracket', 'player'],
        partition: ['tournament', 'region'],
        sort: ['round', 'bracket', 'player'],
      })
      const counts = await byPlace.counts().toArray()
      expect(counts.map(({ key: { region }, count }) => `${region} ${count}`).sort()).toEqual(['north 12', 'south 1'])
    })

    test('are queried from the left: values, and a condition on the last', async () => {
      const { byPlace, place } = await filled()
      expect(seasons(await byPlace.query({ ...place, round: 2 }).toArray())).toEqual([4, 5, 6, 7])
      expect(seasons(await byPlace.query({ ...place, round: { gte: 2 } }).toArray())).toEqual([
        4, 5, 6, 7, 8, 9, 10, 11,
      ])
      expect(seasons(await byPlace.query({ ...place, round: Decimal.from('2.0'), bracket: 'b' }).toArray())).toEqual([
        6, 7,
      ])
      const last = { ...place, round: { eq: 10 }, bracket: 'a', player: { gt: 'x' } } as const
      expect(seasons(await byPlace.query(last).toArray())).toEqual([9])
      expect(
        seasons(await byPlace.query({ player: { beginsWith: 'x' }, bracket: 'a', round: 1, ...place }).toArray()),
      ).toEqual([0])
      const { items, cursor } = await byPlace.query({ ...place, round: 1 }, { limit: 3 }).page()
      expect(seasons(items)).toEqual([0, 1, 2])
      expect(seasons((await byPlace.query({ ...place, round: 1 }, { cursor }).page()).items)).toEqual([3])
    })

    test.each([
      [{ tournament: 'open' }, 'KEY_MISSING', 'Query condition missed key schema element: region'],
      [
        { bracket: 'a' },
        'KEY_CONDITION',
        'RANGE key attributes round must have equality conditions specified in the query because a condition is present on key attribute bracket',
      ],
      [
        { round: { gt: 1 }, bracket: 'a' },
        'KEY_CONDITION',
        'RANGE key attributes round must have equality conditions specified in the query because a condition is present on key attribute bracket',
      ],
      [
        { round: 1, player: 'x' },
        'KEY_CONDITION',
        'RANGE key attributes bracket must have equality conditions specified in the query because a condition is present on key attribute player',
      ],
      [{ note: 'x' }, 'KEY_CONDITION', 'The key is [tournament, region, round, bracket, player]'],
      [{ region: { beginsWith: 'n' } }, 'KEY_TYPE', 'Type mismatch for key region expected: S actual: M'],
      [{ round: 'x', bracket: 'a' }, 'KEY_TYPE', 'Condition parameter type does not match schema type'],
    ])('%j is refused', async (where, code, message) => {
      const { byPlace, place } = await filled()
      const given = 'tournament' in where ? where : { ...place, ...where }
      const results = byPlace.query(given as never)
      await expect(results.toArray()).rejects.toMatchObject({ code, message: expect.stringContaining(message) })
    })

    test.each([
      [
        { region: 5 },
        'KEY_TYPE',
        `${INVALID}Type mismatch for Index Key region Expected: S Actual: N IndexName: byPlace`,
      ],
      [
        { round: 'x' },
        'KEY_TYPE',
        `${INVALID}Type mismatch for Index Key round Expected: N Actual: S IndexName: byPlace`,
      ],
      [
        { player: null },
        'KEY_TYPE',
        `${INVALID}Type mismatch for Index Key player Expected: S Actual: NULL IndexName: byPlace`,
      ],
      // Even where another attribute is missing.
      [
        { tournament: undefined, bracket: 1 },
        'KEY_TYPE',
        `${INVALID}Type mismatch for Index Key bracket Expected: S Actual: N IndexName: byPlace`,
      ],
      [
        { bracket: '' },
        'KEY_EMPTY',
        'One or more parameter values are not valid. A value specified for a secondary index key is not supported. ' +
          'The AttributeValue for a key attribute cannot contain an empty string value. IndexName: byPlace, IndexKey: bracket',
      ],
      [
        { tournament: 'x'.repeat(1500), region: 'y'.repeat(549) },
        'KEY_TOO_LONG',
        `${INVALID}Size of hashkey has exceeded the maximum size limit of2048 bytes`,
      ],
      [
        { bracket: 'x'.repeat(600), player: 'ä'.repeat(213) },
        'KEY_TOO_LONG',
        `${INVALID}Aggregated size of all range keys has exceeded the size limit of 1024 bytes`,
      ],
    ])('an item with a wrong one is refused: case %#', async (change, code, message) => {
      const { matches, place } = await filled()
      const { tournament, ...rest } = { ...place, round: 1, bracket: 'a', player: 'x', ...change } as Match
      const item = { ...rest, id: 'new', season: 1, ...(tournament !== undefined && { tournament }) }
      await expect(matches.put(item)).rejects.toMatchObject({ name: 'ValidationException', code, message })
    })
  })

  describe('what an index projects', () => {
    const match = { id: 'm', season: 1, player: 'x', score: 5, note: 'n', tournament: 't' }

    test('is what a read through it shows', async () => {
      const { matches } = await openMatches()
      await matches.put(match)
      const keys = { id: 'm', season: 1, player: 'x', score: 5 }
      expect(await matches.index('byPlayer').query({ player: 'x' }).toArray()).toEqual([keys])
      expect(await matches.index('byPlayer').scan().first()).toEqual(keys)
      expect(await matches.index('notesByPlayer').query({ player: 'x' }).toArray()).toEqual([{ ...keys, note: 'n' }])
      expect(await matches.index('byScore').query({ id: 'm' }).toArray()).toEqual([match])
      expect(await matches.index('keysByScore').query({ id: 'm' }).toArray()).toEqual([
        { id: 'm', season: 1, score: 5 },
      ])
      const select = ['note', 'score'] as const
      expect(await matches.index('notesByPlayer').query({ player: 'x' }, { select }).first()).toEqual({
        note: 'n',
        score: 5,
      })
    })

    test('is all that a global one gives, and a local one reads the rest from the table', async () => {
      const { matches } = await openMatches()
      await matches.put(match)
      const byPlayer = matches
        .index('byPlayer')
        .query({ player: 'x' }, { select: ['score', 'note', 'region'] as never })
      await expect(byPlayer.toArray()).rejects.toMatchObject({
        code: 'INDEX_PROJECTION',
        message: `${INVALID}Global secondary index byPlayer does not project [note, region]`,
      })
      const local = matches.index('keysByScore').query({ id: 'm' }, { select: ['note', 'tournament'] })
      expect(await local.toArray()).toEqual([{ note: 'n', tournament: 't' }])
    })

    test('is all that a filter may ask a query for, and all that it sees in a scan', async () => {
      const { matches } = await openMatches()
      await matches.put(match)
      for (const filter of ['note == "n"', { note: 'n', tournament: 't' }] as const) {
        const query = matches.index('byPlayer').query({ player: 'x' }, { filter: filter as never })
        await expect(query.toArray()).rejects.toMatchObject({
          code: 'INDEX_PROJECTION',
          message: expect.stringContaining(
            `${INVALID}Secondary index byPlayer does not project one or more filter attributes: [note`,
          ),
        })
        expect(
          await matches
            .index('byPlayer')
            .scan({ filter: filter as never })
            .count(),
        ).toBe(0)
      }
      const local = matches.index('keysByScore').query({ id: 'm' }, { filter: 'note == "n"' as never })
      await expect(local.toArray()).rejects.toMatchObject({ code: 'INDEX_PROJECTION' })
      expect(await matches.index('notesByPlayer').query({ player: 'x' }, { filter: 'note == "n"' }).count()).toBe(1)
      const byTable = 'season == 1 and id == "m"'
      expect(await matches.index('byPlayer').query({ player: 'x' }, { filter: byTable }).count()).toBe(1)
    })

    needing(driver, 'functions')('is all that a function sees', async () => {
      const { matches } = await openMatches()
      await matches.put(match)
      const seen: unknown[] = []
      const look = (item: object) => seen.push(item) > 0
      expect(await matches.index('byPlayer').query({ player: 'x' }, { filter: look }).count()).toBe(1)
      expect(seen).toEqual([{ id: 'm', season: 1, player: 'x', score: 5 }])
    })

    needing(driver, 'filters of keys')('has its key in it, for filters, too', async () => {
      const { matches } = await openMatches()
      await matches.put(match)
      const found = matches.index('byPlayer').query({ player: 'x' }, { filter: 'score > 4 and season == 1' })
      expect(await found.count()).toBe(1)
    })
  })

  describe('another definition of the same table', () => {
    const defined = (index: unknown) =>
      table('things', { schema: type<Match>(), key, indexes: { byX: index } as never }) as TableDef<
        Match,
        Match,
        typeof key,
        { byX: ['player'] }
      >

    test.each([
      [['score'], 'has the key [player], not [score]'],
      [[['player', 'score']], 'has the key [player], not [[player, score]]'],
      [{ key: ['player'], unique: true }, 'is not unique'],
      [{ key: ['player'], multi: 'player' }, 'has one entry for each item, not one for each element of "player"'],
      [{ key: ['player'], covering: true }, 'is not covering'],
      [{ key: ['player'], projection: ['note'] }, 'projects ALL, not [note]'],
    ])('%j is refused, and changes nothing', async (other, difference) => {
      const { db } = await driver.open()
      const things = db.table(defined(['player']))
      await things.put({ id: 'a', season: 1, player: 'x' })
      const before = db.tables()
      let failure: unknown
      try {
        db.table(defined(other))
      } catch (error) {
        failure = error
      }
      expect(failure).toBeInstanceOf(ValidationException)
      expect(failure).toMatchObject({ code: 'TABLE_DEFINITION' })
      expect((failure as Error).message).toBe(
        `Index "byX" of table "things" ${difference}: an index can't be changed; use another name, or drop it with ` +
          `db.dropIndex('things', 'byX') first`,
      )
      expect(db.tables()).toEqual(before)
      expect(() => db.snapshot().table(defined(other))).toThrow(ValidationException)
      expect(await things.index('byX').query({ player: 'x' }).count()).toBe(1)
      // Dropped, it can become the other one.
      await db.dropIndex('things', 'byX')
      await things.delete({ id: 'a', season: 1 })
      db.table(defined(other))
      expect(db.tables()[0]!.indexes).toHaveLength(1)
    })

    test('indexes add up, as far as there may be so many', async () => {
      const { db } = await driver.open()
      const named = (from: number, to: number) =>
        table('things', {
          schema: type<Match>(),
          key,
          indexes: Object.fromEntries(
            Array.from({ length: to - from }, (_, n) => [`index-${from + n}`, ['player'] as const]),
          ),
        })
      db.table(named(0, 15))
      expect(() => db.table(named(10, 21))).toThrow(
        `${INVALID}GlobalSecondaryIndex count exceeds the per-table limit of 20`,
      )
      expect(db.tables()[0]!.indexes).toHaveLength(15)
      db.table(named(10, 20))
      expect(db.tables()[0]!.indexes).toHaveLength(20)
    })
  })

  test('every kind comes back as it was after opening again', async () => {
    const kinds = table('kinds', {
      schema: type<Match & { tags?: string[] }>(),
      key,
      indexes: {
        ...{
          plain: ['player'],
          composite: [
            ['tournament', 'region'],
            ['round', 'bracket'],
          ],
        },
        ...{
          unique: { key: ['note'], unique: true },
          multi: { key: ['tags'], multi: 'tags', projection: 'KEYS_ONLY' },
        },
        local: { key: ['id', 'score'], local: true, projection: ['note'] },
      } as const,
    })
    const database = await driver.open()
    await database.db.table(kinds).put({ id: 'a', season: 1, player: 'x', tags: ['t'], note: 'n' })
    const before = database.db.tables()
    const db = await database.reopen()
    expect(db.tables().map(withoutSizes)).toEqual(before.map(withoutSizes))
    const again = db.table(kinds)
    expect(await again.index('multi').query({ tags: 't' }).toArray()).toEqual([{ id: 'a', season: 1, tags: ['t'] }])
    await expect(again.put({ id: 'b', season: 1, note: 'n' })).rejects.toMatchObject({ code: 'UNIQUE_CONFLICT' })
    await expect(again.put({ id: 'b', season: 1, tags: [1] as never })).rejects.toMatchObject({ code: 'KEY_TYPE' })
  })

  describe('an index that is dropped', () => {
    const Small = table('matches', { schema: type<Match>(), key, indexes: { byPlayer: ['player', 'score'] } })

    test('is there for nobody any more, and can be defined again as another one', async () => {
      const { db } = await driver.open()
      const matches = db.table(Small)
      for (let season = 0; season < 9; season++) await matches.put({ id: 'm', season, player: 'x', score: season })
      await db.dropIndex('matches', 'byPlayer')
      expect(db.tables()[0]!.indexes).toEqual([])
      await expect(matches.index('byPlayer').scan().count()).rejects.toMatchObject({ code: 'INDEX_UNKNOWN' })
      await expect(db.dropIndex('matches', 'byPlayer')).rejects.toMatchObject({ code: 'INDEX_UNKNOWN' })
      await expect(db.dropIndex('nothing', 'byPlayer')).rejects.toMatchObject({ code: 'TABLE_NOT_FOUND' })
      await matches.put({ id: 'm', season: -1, player: 5 as never, score: -1 })
      const again = db.table(
        table('matches', { schema: type<Match>(), key, indexes: { byPlayer: { key: ['score'], unique: true } } }),
      )
      await again.index('byPlayer').ready()
      expect(await again.index('byPlayer').query({ score: 7 }).count()).toBe(1)
      expect(await again.index('byPlayer').scan().count()).toBe(10)
    })
  })

  needing(driver, 'moments')('a snapshot reads an index of before, and none that came later', async () => {
    const clock = new MovableClock()
    const { database, matches } = await openMatches({ clock })
    await matches.put({ id: 'm', season: 1, player: 'x', score: 5 })
    const snapshot = database.db.snapshot()
    await matches.put({ id: 'm', season: 2, player: 'x', score: 6 })
    const before = snapshot.table(Matches).index('byPlayer')
    expect(await before.query({ player: 'x' }).count()).toBe(1)
    expect(await before.counts().toArray()).toEqual([{ key: { player: 'x' }, count: 1 }])
    await before.ready()
    database.db.table(table('matches', { schema: type<Match>(), key, indexes: { byNote: ['note'] } }))
    const later = snapshot.table('matches').index('byNote')
    await expect(later.counts().toArray()).rejects.toMatchObject({ code: 'INDEX_UNKNOWN' })
    await expect(later.ready()).rejects.toMatchObject({ code: 'INDEX_UNKNOWN' })
    snapshot.release()
  })

  function withoutSizes<T extends { fileBytes: number; partitions: number; indexes: readonly { fileBytes: number }[] }>(
    given: T,
  ) {
    const { fileBytes, partitions, indexes, ...rest } = given
    return { ...rest, indexes: indexes.map(({ fileBytes: _, ...index }) => index) }
  }
}

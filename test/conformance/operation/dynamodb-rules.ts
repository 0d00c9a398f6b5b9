/**
 * The rules of DynamoDB that programs lean on, each by its own sentence, as they hold for the native API from the call to
 * the stored item. Beside these there are, each with tests of its own: the language of expressions and its wording
 * (test/unit/model/expression/dynamodb), numbers (decimal), sizes (item-size), refused items and keys, kinds of indexes,
 * transactions, cursors. What only the AWS door has is tested over the wire.
 */
import { describe, expect, test } from 'vitest'
import { ddb, table, type, type ValidationException } from '../../../src/index.js'
import { itemSize } from '../../../src/model/item/item-size.js'
import type { Driver } from '../contract.js'

interface Thing {
  pk: string
  sk: number
  kind?: string
  rank?: number
  text?: string
  other?: string
  n?: number
  a?: number
  b?: number
  list?: unknown[]
  map?: { a?: number; b?: number }
  bytes?: Uint8Array
  texts?: Set<string>
  binary?: Set<Uint8Array>
  none?: Set<string>
  nested?: unknown
}
const Things = table('things', {
  schema: type<Thing>(),
  key: ['pk', 'sk'],
  indexes: {
    byKind: ['kind', 'sk'],
    local: { key: ['pk', 'rank'], local: true },
  },
})

export function dynamodbRules(driver: Driver): void {
  async function opened() {
    const { db } = await driver.open()
    return { db, things: db.table(Things) }
  }

  const failureOf = (promise: Promise<unknown>) =>
    promise.then(
      () => undefined,
      (failure) => failure as ValidationException,
    )
  const key = { pk: 'a', sk: 1 }

  describe('limits', () => {
    test('an item has at most 409,600 bytes, measured to the byte; an update is told apart', async () => {
      const { things } = await opened()
      const room = 409_600 - itemSize({ ...key, text: '' } as never)
      await things.put({ ...key, text: 'x'.repeat(room) })
      const put = await failureOf(things.put({ ...key, text: 'x'.repeat(room + 1) }))
      expect(put?.message).toContain('Item size has exceeded the maximum allowed size')
      const update = await failureOf(things.update(key, ddb`SET text = ${'x'.repeat(room + 1)}`))
      expect(update?.message).toContain('Item size to update has exceeded the maximum allowed size')
      expect(itemSize((await things.get(key)) as never)).toBe(409_600)
    })

    test('an update is measured by what it leaves, not by what it takes to say it', async () => {
      const { things } = await opened()
      await things.put({ ...key, text: 'x'.repeat(300_000) })
      // Three hundred kilobytes go as two hundred others come.
      const updated = await things.update(key, ddb`REMOVE text SET other = ${'y'.repeat(200_000)}`)
      expect(updated).toEqual({ ...key, other: 'y'.repeat(200_000) })
    })

    test('a partition key has 1 to 2,048 bytes, a sort key 1 to 1,024, in the table and in its indexes', async () => {
      const { db } = await opened()
      const texts = db.table(
        table('texts', {
          schema: type<{ pk: string; sk: string; kind?: string; at?: string }>(),
          key: ['pk', 'sk'],
          indexes: { byKind: ['kind', 'at'] },
        }),
      )
      await texts.put({ pk: 'x'.repeat(2048), sk: 'x'.repeat(1024), kind: 'x'.repeat(2048), at: 'x'.repeat(1024) })
      const long = [
        { pk: 'x'.repeat(2049), sk: 'a' },
        { pk: 'a', sk: 'é'.repeat(513) },
        { pk: 'a', sk: 'a', kind: 'x'.repeat(2049), at: 'a' },
        { pk: 'a', sk: 'a', kind: 'a', at: 'x'.repeat(1025) },
      ]
      for (const item of long) expect(await failureOf(texts.put(item))).toMatchObject({ code: 'KEY_TOO_LONG' })
      for (const item of [
        { pk: '', sk: 'a' },
        { pk: 'a', sk: '' },
        { pk: 'a', sk: 'a', kind: '', at: 'a' },
      ]) {
        expect(await failureOf(texts.put(item))).toMatchObject({ code: 'KEY_EMPTY' })
      }
    })

    test('a page evaluates one megabyte, before the filter', async () => {
      const { things } = await opened()
      await things.batch((writer) => {
        for (let sk = 0; sk < 30; sk++) writer.put({ pk: 'a', sk, rank: sk, text: 'x'.repeat(100_000) })
      })
      const page = await things.query({ pk: 'a' }, { filter: { rank: -1 } }).page()
      expect(page).toMatchObject({ items: [], count: 0, scanned: 11 })
      expect(page.cursor).toBeTypeOf('string')
      expect(await things.query({ pk: 'a' }, { filter: { rank: 29 } }).count()).toBe(1)
    })

    test('batches of any number of items and keys: the 25 and the 100 are hidden', async () => {
      const { things } = await opened()
      await things.batch((writer) => {
        for (let sk = 0; sk < 260; sk++) writer.put({ pk: 'a', sk })
      })
      const keys = Array.from({ length: 260 }, (_, sk) => ({ pk: 'a', sk }))
      const { items, unprocessed } = await things.batchGet([...keys, keys[0]!])
      expect(items).toEqual([...keys, keys[0]])
      expect(unprocessed).toEqual([])
    })

    test('31 levels of maps around a value are stored, 32 are refused', async () => {
      const { things } = await opened()
      const nested = (depth: number): unknown => {
        let value: unknown = 1
        for (let level = 0; level < depth; level++) value = { a: value }
        return value
      }
      await things.put({ ...key, nested: nested(31) })
      expect(await things.get(key)).toEqual({ ...key, nested: nested(31) })
      const refused = await failureOf(things.put({ ...key, nested: nested(32) }))
      expect(refused).toMatchObject({ code: 'ITEM_TOO_DEEP' })
    })

    test('TotalSegments is 1 to 1,000,000, and Segment less than it', async () => {
      const { things } = await opened()
      await things.put({ ...key })
      for (const [segment, totalSegments] of [
        [0, 0],
        [0, 1_000_001],
        [-1, 4],
        [0.5, 4],
      ] as const) {
        expect(await failureOf(things.scan({ segment, totalSegments }).count())).toMatchObject({ code: 'OPTION' })
      }
      const outside = await failureOf(things.scan({ segment: 5, totalSegments: 5 }).count())
      expect(outside?.message).toBe(
        'The Segment parameter is zero-based and must be less than parameter TotalSegments: ' +
          'Segment: 5 is not less than TotalSegments: 5',
      )
      expect(await things.scan({ segment: 999_999, totalSegments: 1_000_000 }).count()).toBeLessThanOrEqual(1)
    })
  })

  describe('expressions and updates', () => {
    test('a comparison on a missing attribute is false except <>, and NOT wraps, on the way to an item, too', async () => {
      const { things } = await opened()
      await things.put({ ...key })
      const holds = async (filter: Parameters<typeof things.scan>[0]) => (await things.scan(filter).count()) === 1
      for (const filter of [ddb`x = ${1}`, ddb`x < ${1}`, ddb`x BETWEEN ${0} AND ${9}`, ddb`x IN (${1}, y)`]) {
        expect(await holds({ filter })).toBe(false)
      }
      for (const filter of [ddb`x <> ${1}`, ddb`NOT x = ${1}`, ddb`NOT x < ${1}`, ddb`attribute_not_exists(x)`]) {
        expect(await holds({ filter })).toBe(true)
      }
    })

    test('attribute_exists(pk) on a key that is not there fails: no ghost upsert', async () => {
      const { things } = await opened()
      const change = things.update(key, ddb`SET n = ${1}`, { if: ddb`attribute_exists(pk)` })
      expect(await failureOf(change)).toMatchObject({ code: 'CONDITION_FAILED' })
      expect(await things.get(key)).toBe(undefined)
    })

    test('an empty update creates the bare item', async () => {
      const { things } = await opened()
      expect(await things.update(key, {})).toEqual(key)
      expect(await things.get(key)).toEqual(key)
    })

    test('operands are evaluated against the item before the update; overlapping paths are rejected', async () => {
      const { things } = await opened()
      await things.put({ ...key, a: 1, b: 2, list: [1, 2, 3] })
      const swapped = await things.update(key, ddb`SET a = b, b = a, list[0] = list[2] REMOVE list[1]`)
      expect(swapped).toEqual({ ...key, a: 2, b: 1, list: [3, 3] })
      const overlap = await failureOf(things.update(key, ddb`SET list[0] = ${1} REMOVE list`))
      expect(overlap?.message).toContain('Two document paths overlap with each other')
      expect(await things.get(key)).toEqual(swapped)
    })

    test('key attributes are not updatable, not even to what they are', async () => {
      const { things } = await opened()
      await things.put({ ...key })
      const refused = await failureOf(things.update(key, ddb`SET sk = ${1}`))
      expect(refused?.message).toBe(
        'One or more parameter values were invalid: Cannot update attribute sk. This attribute is part of the key',
      )
    })

    test('a nested SET into a missing map is refused; a list index past the end appends; REMOVE shifts', async () => {
      const { things } = await opened()
      await things.put({ ...key, list: ['a', 'b', 'c', 'd'] })
      const missing = await failureOf(things.update(key, ddb`SET map.a = ${1}`))
      expect(missing?.message).toBe('The document path provided in the update expression is invalid for update')
      await things.update(key, ddb`SET list[99] = ${'e'}`)
      expect((await things.update(key, ddb`REMOVE list[0], list[2]`)).list).toEqual(['b', 'd', 'e'])
    })

    test('UPDATED_NEW returns the changed fragment only, REMOVE alone nothing, ALL_OLD the item before', async () => {
      const { things } = await opened()
      await things.put({ ...key, map: { a: 1, b: 2 }, n: 1 })
      const nested = ddb`SET map.a = ${5}`
      expect(await things.update(key, nested, { return: 'updatedNew' })).toEqual({ map: { a: 5 } })
      expect(await things.update(key, ddb`REMOVE n`, { return: 'updatedNew' })).toBe(undefined)
      expect(await things.update(key, ddb`SET n = ${2}`, { return: 'old' })).toEqual({ ...key, map: { a: 5, b: 2 } })
      expect(await things.delete(key)).toEqual({ ...key, map: { a: 5, b: 2 }, n: 2 })
    })

    test('with ALL_OLD a failed condition hands over the item, in a transaction each its own', async () => {
      const { db, things } = await opened()
      await things.put({ ...key, n: 1 })
      const put = things.put({ ...key, n: 2 }, { if: ddb`n > ${5}`, return: 'old' })
      expect(await failureOf(put)).toMatchObject({ code: 'CONDITION_FAILED', item: { ...key, n: 1 } })
      const both = db.transact((tx) => {
        tx.put(Things, { pk: 'b', sk: 1 })
        tx.update(Things, key, ddb`SET n = ${2}`, { if: ddb`n > ${5}`, return: 'old' })
      })
      expect(await failureOf(both)).toMatchObject({
        message: expect.stringContaining('[None, ConditionalCheckFailed]'),
        reasons: [{ code: 'None' }, { code: 'ConditionalCheckFailed', item: { ...key, n: 1 } }],
      })
    })

    test('empty text and binary are values, in sets as well; empty sets are not', async () => {
      const { things } = await opened()
      const item = {
        ...key,
        text: '',
        bytes: new Uint8Array(0),
        texts: new Set(['']),
        binary: new Set([new Uint8Array(0)]),
      }
      await things.put(item)
      const stored = await things.get(key)
      expect(stored?.text).toBe('')
      expect(stored?.texts).toEqual(new Set(['']))
      expect([...(stored?.binary ?? [])]).toEqual([new Uint8Array(0)])
      expect(await failureOf(things.put({ ...key, none: new Set() }))).toMatchObject({ code: 'SET_EMPTY' })
      const emptied = await things.update(key, ddb`DELETE texts ${new Set([''])}`)
      expect(emptied).not.toHaveProperty('texts')
    })
  })

  describe('indexes', () => {
    test('an index is sparse: an item without one of its attributes is in the table alone', async () => {
      const { things } = await opened()
      await things.put({ ...key, kind: 'k' })
      await things.put({ ...key, sk: 2 })
      expect(await things.index('byKind').scan().toArray()).toEqual([{ ...key, kind: 'k' }])
      await things.update(key, ddb`REMOVE kind`)
      expect(await things.index('byKind').scan().count()).toBe(0)
      expect(await things.scan().count()).toBe(2)
    })

    test('an index key of the wrong type is rejected, of a global and of a local index', async () => {
      const { things } = await opened()
      await things.put({ ...key, kind: 'k', rank: 1 })
      for (const wrong of [{ kind: 5 }, { rank: 'first' }, { kind: true }, { rank: [1] }, { kind: null }]) {
        const item = { pk: 'a', sk: 2, kind: 'k', rank: 2, ...(wrong as object) }
        expect(await failureOf(things.put(item)), JSON.stringify(wrong)).toMatchObject({ code: 'KEY_TYPE' })
        expect(await failureOf(things.update({ pk: 'a', sk: 2 }, { set: wrong as never }))).toMatchObject({
          code: 'KEY_TYPE',
        })
      }
      expect(await things.scan().count()).toBe(1)
    })

    test('an index of several attributes takes = from the left and a range on the last, clauses in any order', async () => {
      const { db } = await driver.open()
      const Matches = table('matches', {
        schema: type<{ id: string; cup: string; year: number; round?: number; court?: number }>(),
        key: ['id'],
        indexes: {
          byCup: {
            key: [
              ['cup', 'year'],
              ['round', 'court'],
            ],
          },
        },
      })
      const matches = db.table(Matches)
      for (let n = 0; n < 8; n++) {
        await matches.put({ id: `${n}`, cup: 'c', year: 2026, round: n >> 1, court: n % 2 })
      }
      await matches.put({ id: 'no court', cup: 'c', year: 2026, round: 1 })
      const index = matches.index('byCup')
      const ids = async (where: Parameters<typeof index.query>[0]) =>
        (await index.query(where).toArray()).map(({ id }) => id)
      expect(await ids(ddb`court >= ${1} AND year = ${2026} AND round = ${1} AND cup = ${'c'}`)).toEqual(['3'])
      expect(await ids(ddb`year = ${2026} AND cup = ${'c'}`)).toEqual(['0', '1', '2', '3', '4', '5', '6', '7'])
      const gap = await failureOf(ids(ddb`cup = ${'c'} AND year = ${2026} AND court = ${1}`))
      expect(gap?.message).toContain(
        'must have equality conditions specified in the query because a condition is present on',
      )
      const early = await failureOf(ids(ddb`cup = ${'c'} AND year = ${2026} AND round > ${1} AND court = ${1}`))
      expect(early?.message).toBe(
        'RANGE key attributes round must have equality conditions specified in the query because a condition is present ' +
          'on key attribute court',
      )
    })

    test('pages of an index go on behind the entry, also among equal index keys', async () => {
      const { things } = await opened()
      for (let n = 0; n < 9; n++) await things.put({ pk: `p${n}`, sk: 1, kind: 'k' })
      const seen: string[] = []
      for await (const { items } of things.index('byKind').query({ kind: 'k' }, { limit: 9 }).pages()) {
        seen.push(...items.map(({ pk }) => pk as string))
      }
      let cursor: string | undefined
      const paged: string[] = []
      do {
        const page = await things.index('byKind').query({ kind: 'k' }, { limit: 2, cursor }).page()
        paged.push(...page.items.map(({ pk }) => pk as string))
        cursor = page.cursor
      } while (cursor !== undefined)
      expect(paged).toEqual(seen)
      expect(new Set(paged).size).toBe(9)
    })
  })

  describe('queries', () => {
    test('without the partition key is refused: Query condition missed key schema element', async () => {
      const { things } = await opened()
      const missed = await failureOf(things.query({ sk: 1 } as never).toArray())
      expect(missed?.message).toBe('Query condition missed key schema element: pk')
      const byIndex = await failureOf(
        things
          .index('byKind')
          .query({ sk: 1 } as never)
          .toArray(),
      )
      expect(byIndex?.message).toBe('Query condition missed key schema element: kind')
    })

    test('Limit counts before the filter at the door; here it counts what passes', async () => {
      const { things } = await opened()
      for (let sk = 0; sk < 20; sk++) await things.put({ pk: 'a', sk, rank: sk })
      const page = await things.query({ pk: 'a' }, { filter: 'rank >= 10', limit: 3 }).page()
      expect(page.items.map(({ sk }) => sk)).toEqual([10, 11, 12])
      expect(page.scanned).toBe(13)
    })
  })

  describe('transactions', () => {
    test('one action for one item, 100 actions, 4 MB', async () => {
      const { db } = await opened()
      const twice = db.transact((tx) => tx.put(Things, { ...key }).check(Things, key, ddb`attribute_exists(pk)`))
      expect((await failureOf(twice))?.message).toBe(
        'Transaction request cannot include multiple operations on one item',
      )
      const many = (count: number, text = '') =>
        db.transact((tx) => {
          for (let sk = 0; sk < count; sk++) tx.put(Things, { pk: 'a', sk, text })
        })
      await many(100)
      expect((await failureOf(many(101)))?.message).toContain('Member must have length less than or equal to 100')
      expect((await failureOf(many(11, 'x'.repeat(400_000))))?.message).toContain('exceeds the maximum allowed')
    })

    test('every action has its reason, in the order of the request', async () => {
      const { db, things } = await opened()
      await things.put({ ...key, n: 1 })
      const failure = await failureOf(
        db.transact((tx) => {
          tx.check(Things, key, ddb`n = ${2}`)
          tx.put(Things, { pk: 'b', sk: 1 })
          tx.update(Things, { pk: 'c', sk: 1 }, ddb`SET a.b = ${1}`)
          tx.delete(Things, { pk: 'd', sk: 1 }, { if: ddb`attribute_exists(pk)` })
        }),
      )
      expect(failure?.message).toBe(
        'Transaction cancelled, please refer cancellation reasons for specific reasons ' +
          '[ConditionalCheckFailed, None, ValidationError, ConditionalCheckFailed]',
      )
      expect(await things.scan().count()).toBe(1)
    })
  })
}

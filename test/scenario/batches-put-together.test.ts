/**
 * Puts of a batch are put together where nobody asks what was there before. What happens to the table between a put and
 * its flush, and what else is written meanwhile, must come out as if they were not.
 */
import { describe, expect, test } from 'vitest'
import { ddb, open, table, type, UnprocessedItemsError } from '../../src/index.js'

interface Thing {
  id: string
  n: number
  kind?: string
}

const Plain = table('things', { schema: type<Thing>(), key: ['id'] })
const Indexed = table('things', { schema: type<Thing>(), key: ['id'], indexes: { byKind: { key: ['kind'] } } })

async function withThings() {
  const db = await open('memory:')
  const things = db.table(Plain)
  // From now on the type of the key is known.
  await things.put({ id: 'first', n: 0 })
  return { db, things }
}

function fill(things: { put(item: Thing): unknown }, count = 600): void {
  for (let n = 0; n < count; n++) things.put({ id: `id-${n}`, n, kind: `kind-${n % 3}` })
}

describe('between a put and its flush', () => {
  test('an index is added: the items are in it', async () => {
    const { db, things } = await withThings()
    await using batch = things.batch()
    fill(batch)
    const indexed = db.table(Indexed)
    await batch.flush()
    expect(await indexed.index('byKind').query({ kind: 'kind-1' }).count()).toBe(200)
    expect((await db.verify()).problems).toEqual([])
    await db.close()
  })

  test('somebody begins to listen: he is told of each item', async () => {
    const { db, things } = await withThings()
    await using batch = things.batch()
    fill(batch)
    const told: unknown[] = []
    using _ = things.on('change', (change) => told.push(change.new))
    await batch.flush()
    expect(told).toHaveLength(600)
    expect(told[1]).toEqual({ id: 'id-1', n: 1, kind: 'kind-1' })
    await db.close()
  })

  test('the table is dropped, and there is another one of its name: all of them come back', async () => {
    const { db, things } = await withThings()
    const batch = things.batch()
    fill(batch)
    batch.delete({ id: 'first' })
    await db.dropTable('things')
    const others = db.table(table('things', { schema: type<{ n: number }>(), key: ['n'] }))
    const failure = await batch.flush().catch((reason: unknown) => reason)
    expect(failure).toBeInstanceOf(UnprocessedItemsError)
    const { unprocessed } = failure as UnprocessedItemsError
    expect(unprocessed).toHaveLength(601)
    expect([unprocessed[7], unprocessed[600]]).toEqual([
      { put: { id: 'id-7', n: 7, kind: 'kind-1' } },
      { delete: { id: 'first' } },
    ])
    expect(await others.scan().count()).toBe(0)
    await db.close()
  })

  test('the item is changed: what was put is stored', async () => {
    const { db, things } = await withThings()
    const item = { id: 'a', n: 1 }
    await things.batch((batch) => {
      batch.put(item)
      item.n = 2
      batch.put({ id: 'b', n: 3 })
    })
    expect(await things.get({ id: 'a' })).toEqual({ id: 'a', n: 1 })
    await db.close()
  })
})

describe('while a batch is queued', () => {
  test('conditions and updates find its items, at whatever moment they come', async () => {
    let foundUnpublished = 0
    for (let moment = 0; moment < 24; moment++) {
      const { db, things } = await withThings()
      const batch = things.batch()
      fill(batch, 200)
      const flushed = batch.flush()
      for (let n = 0; n < moment; n++) await Promise.resolve()
      const seen = things.get({ id: 'id-7' })
      const refused = things.put({ id: 'id-7', n: 0 }, { if: ddb`attribute_not_exists(id)` }).then(
        () => false,
        () => true,
      )
      const updated = things.update({ id: 'id-8' }, { add: { n: 100 } })
      await flushed
      if ((await refused) && (await seen) === undefined) foundUnpublished += 1
      // Whoever came first was written over by the batch, whoever came later has found what it put.
      expect((await refused) ? 7 : 0).toBe((await updated).n === 108 ? 7 : 0)
      expect(await things.get({ id: 'id-7' })).toEqual({ id: 'id-7', n: 7, kind: 'kind-1' })
      const n = (await updated).n === 108 ? 108 : 8
      expect(await things.get({ id: 'id-8' })).toEqual({ id: 'id-8', n, kind: 'kind-2' })
      await db.close()
    }
    expect(foundUnpublished).toBeGreaterThan(0)
  })

  test('a transaction that has read what it changes is refused, at whatever moment it ends', async () => {
    const outcomes: string[] = []
    for (let moment = 0; moment < 24; moment++) {
      const { db, things } = await withThings()
      const batch = things.batch()
      fill(batch, 20)
      let flushed: Promise<void> | undefined
      const outcome = await db
        .transact(async (tx) => {
          expect(await tx.query(Plain, { id: 'id-7' })).toEqual([])
          flushed = batch.flush()
          for (let n = 0; n < moment; n++) await Promise.resolve()
          tx.put(Plain, { id: 'other', n: 1 })
        })
        .then(
          () => 'done',
          (failure: Error) => failure.name,
        )
      await flushed
      outcomes.push(outcome)
      expect((await things.get({ id: 'other' })) !== undefined).toBe(outcome === 'done')
      await db.close()
    }
    expect(outcomes.at(-1)).toBe('TransactionCanceledException')
    expect(outcomes.every((name) => name === 'done' || name === 'TransactionCanceledException')).toBe(true)
  })
})

test('puts and deletes happen in their order, whatever is put together', async () => {
  const { db, things } = await withThings()
  const batch = things.batch()
  for (let n = 0; n < 700; n++) {
    batch.put({ id: `id-${n % 50}`, n })
    if (n % 7 === 0) batch.delete({ id: `id-${n % 50}` })
  }
  expect(batch.size).toBe(800)
  await batch.flush()
  expect(batch.size).toBe(0)
  const found = await things.scan().toArray()
  const expected = new Map<string, number>([['first', 0]])
  for (let n = 0; n < 700; n++) {
    expected.set(`id-${n % 50}`, n)
    if (n % 7 === 0) expected.delete(`id-${n % 50}`)
  }
  expect(new Map(found.map(({ id, n }) => [id, n]))).toEqual(expected)
  await db.close()
})

test('keys of all types, and items of all sizes', async () => {
  const db = await open('memory:')
  for (const [name, keyOf] of [
    ['numbers', (n: number) => n / 4],
    ['bytes', (n: number) => new Uint8Array([n >>> 8, n])],
    ['texts', (n: number) => `${n}${n % 5 === 0 ? 'é\0x' : ''}${n % 11 === 0 ? 'long'.repeat(100) : ''}`],
  ] as const) {
    const items = db.table(table(name, { schema: type<{ id: unknown; text: string }>(), key: ['id'] as never }))
    const all = Array.from({ length: 600 }, (_, n) => ({ id: keyOf(n), text: 'x'.repeat(n % 97 === 0 ? 100_000 : n) }))
    for (let round = 0; round < 2; round++) {
      await items.batch((batch) => {
        for (const item of all) batch.put(item)
      })
    }
    expect(await items.scan().count()).toBe(600)
    for (const item of all) expect(await items.get({ id: item.id } as never)).toEqual(item)
  }
  expect((await db.verify()).problems).toEqual([])
  await db.close()
})

test('one that is refused leaves the others as they are', async () => {
  const { db, things } = await withThings()
  await things.batch((batch) => {
    batch.put({ id: 'a', n: 1 })
    expect(() => batch.put({ id: 'b', n: Number.NaN })).toThrow('NaN')
    expect(() => batch.put({ id: '', n: 2 })).toThrow()
    expect(() => batch.put({ n: 2 } as never)).toThrow()
    batch.put({ id: 'c', n: 3 })
    expect(batch.size).toBe(2)
  })
  expect(await things.scan().count()).toBe(3)
  await db.close()
})

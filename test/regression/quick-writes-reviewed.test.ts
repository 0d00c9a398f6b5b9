/**
 * What a review found in writes that had been made quicker: deletes that look for nothing, updates done on what is stored, keys
 * checked and written in one go, one bit for each key of a memtable.
 */
import { expect, test } from 'vitest'
import { type Change, open, table, type } from '../../src/index.js'
import { replacementOf } from '../../src/model/expression/replacement.js'
import { Memtable } from '../../src/storage/tree/memtable.js'

interface Thing {
  id: string
  n: number
  s?: string
}
const Things = table('things', { schema: type<Thing>(), key: ['id'] })

async function withTwelve() {
  const db = await open('memory:')
  const things = db.table(Things)
  // The names of the last ones are known by number.
  for (let n = 0; n < 12; n++) await things.put({ id: `${n}`, n, s: 'x' })
  return { db, things }
}

test('a memtable of a few keys, as each transaction may have one, takes little memory', () => {
  const before = process.memoryUsage().arrayBuffers
  const memtables = Array.from({ length: 200 }, () => new Memtable())
  for (const memtable of memtables) memtable.set(1, 'key', new Uint8Array(8), 1)
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(200 * 64 * 1024)
  expect(memtables).toHaveLength(200)
})

test('an update of very many names is seen not to be for the stored bytes before it is read', () => {
  let reads = 0
  const set: Record<string, unknown> = {}
  for (let n = 0; n < 20_000; n++) {
    Object.defineProperty(set, `a${n}`, { enumerable: true, get: () => ++reads })
  }
  expect(replacementOf({ set }, ['id'])).toBe(undefined)
  expect(reads).toBe(0)
})

test('a text that is too long for an item is refused as what an update has become, not as what was put', async () => {
  const { things } = await withTwelve()
  const refused = things.update({ id: '11' }, { set: { s: 'x'.repeat(409_601) } })
  await expect(refused).rejects.toMatchObject({ code: 'ITEM_TOO_BIG', message: /Item size to update has exceeded/ })
})

test('a part of an update that is not enumerable counts all the same', async () => {
  const { things } = await withTwelve()
  const update = Object.defineProperty({ set: { n: 5 } }, 'remove', { value: ['s'] })
  expect(await things.update({ id: '11' }, update)).toEqual({ id: '11', n: 5 })
})

test('an update whose reading writes to the same item is refused', async () => {
  const { things } = await withTwelve()
  const puts: Promise<unknown>[] = []
  const set = {
    get n() {
      puts.push(things.put({ id: '11', n: 100 }))
      return 5
    },
  }
  await expect(things.update({ id: '11' }, { set })).rejects.toMatchObject({ code: 'FILTER_EVALUATION' })
  // Those who were refused are told at once; whoever writes may wait a turn.
  await Promise.all(puts)
  expect(await things.get({ id: '11' })).toEqual({ id: '11', n: 100 })
})

test('a listener that is added while a key or an update is read is told what was there', async () => {
  const { things } = await withTwelve()
  const changes: Change<Thing>[] = []
  const listening = <T>(value: T) => ({
    get value() {
      if (changes.length === 0) stop ??= things.on('change', (change) => changes.push(change))
      return value
    },
  })
  let stop: Disposable | undefined
  const acts: ((one: { value: string | number }) => Promise<unknown>)[] = [
    (one) =>
      things.delete(
        {
          get id() {
            return one.value as string
          },
        },
        { return: 'none' },
      ),
    (one) =>
      things.update(
        {
          get id() {
            return one.value as string
          },
        },
        { set: { n: 1 } },
      ),
    (one) =>
      things.update(
        { id: '11' },
        {
          set: {
            get n() {
              return one.value as number
            },
          },
        },
      ),
  ]
  for (const [i, act] of acts.entries()) {
    await things.put({ id: '11', n: 7, s: 'x' })
    await act(listening(i === 2 ? 1 : '11'))
    expect(changes).toMatchObject([{ key: { id: '11' }, old: { id: '11', n: 7 } }])
    stop?.[Symbol.dispose]()
    stop = undefined
    changes.length = 0
  }
})

test('a delete in a closed database says that it is closed', async () => {
  const { db, things } = await withTwelve()
  await db.dropTable('things')
  await db.close()
  await expect(things.delete({ id: '1' }, { return: 'none' })).rejects.toMatchObject({ name: 'DatabaseClosedError' })
})

test('a delete of a batch, of another type than the batch has taught, is refused in the words for keys', async () => {
  const db = await open('memory:')
  const things = db.table(table('new', { schema: type<{ id: unknown }>(), key: ['id'] as never })) as never as {
    batch(fill: (writer: { put(item: object): void; delete(key: object): void }) => void): Promise<void>
  }
  const failed = things.batch((writer) => {
    writer.put({ id: 'a' })
    writer.delete({ id: 5 })
  })
  await expect(failed).rejects.toMatchObject({
    cause: { message: /The provided key element does not match the schema/ },
  })
  await db.close()
})

test('a binary key that says something else of itself is stored under what it is', async () => {
  const Binary = table('binary', { schema: type<{ id: Uint8Array; n: number }>(), key: ['id'] })
  const db = await open('memory:')
  const things = db.table(Binary)
  const hostile = () => Object.defineProperty(Uint8Array.of(1, 2, 3), 'buffer', { value: new ArrayBuffer(3) })
  await things.put({ id: hostile(), n: 1 })
  await things.batch((writer) => void writer.put({ id: hostile(), n: 2 }))
  expect(await things.get({ id: Uint8Array.of(1, 2, 3) })).toMatchObject({ n: 2 })
  expect(await things.scan().count()).toBe(1)
  expect((await db.verify()).problems).toEqual([])
  await db.close()
})

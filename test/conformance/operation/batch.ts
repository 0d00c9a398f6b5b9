/** Batches: everything is stored or handed back, and what nobody flushed is not written behind anyone's back. */
import { describe, expect, test } from 'vitest'
import { table, type, UnflushedBatchError, UnprocessedItemsError } from '../../../src/index.js'
import type { Driver } from '../contract.js'

interface Line {
  page: string
  line: number
}
const Lines = table('lines', { schema: type<Line>(), key: ['page', 'line'] })

export function batch(driver: Driver): void {
  test('ten interleaved puts over two partitions store ten items', async () => {
    const { db } = await driver.open()
    const lines = db.table(Lines)
    const returned = await lines.batch((writer) => {
      for (let n = 0; n < 10; n++) writer.put({ page: n % 2 === 0 ? 'even' : 'odd', line: n })
      expect(writer.size).toBe(10)
      return 'what the body returns'
    })
    expect(returned).toBe('what the body returns')
    expect(await lines.query({ page: 'even' }).count()).toBe(5)
    expect(await lines.query({ page: 'odd' }).count()).toBe(5)
  })

  test('writes to the same key are done in order', async () => {
    const { db } = await driver.open()
    const lines = db.table(Lines)
    await lines.batch((w) => w.put({ page: 'a', line: 1 }).delete({ page: 'a', line: 1 }).put({ page: 'a', line: 2 }))
    expect(await lines.scan().toArray()).toEqual([{ page: 'a', line: 2 }])
  })

  test('thousands of writes are stored, over several flushes', async () => {
    const { db } = await driver.open()
    const lines = db.table(Lines)
    await lines.batch(async (writer) => {
      for (let n = 0; n < 3500; n++) {
        writer.put({ page: `${n % 3}`, line: n })
        if (n === 2000) await writer.flush()
      }
    })
    expect(await lines.scan().count()).toBe(3500)
  })

  describe('a body that throws', () => {
    test('writes nothing', async () => {
      const { db } = await driver.open()
      const lines = db.table(Lines)
      const fail = (writer: { put(line: Line): unknown }) => {
        writer.put({ page: 'a', line: 1 })
        throw new Error('changed my mind')
      }
      await expect(lines.batch(fail)).rejects.toThrow('changed my mind')
      await expect(lines.batch(async (writer) => fail(writer))).rejects.toThrow('changed my mind')
      expect(await lines.scan().count()).toBe(0)
    })

    test('keeps what it flushed before', async () => {
      const { db } = await driver.open()
      const lines = db.table(Lines)
      const body = lines.batch(async (writer) => {
        await writer.put({ page: 'a', line: 1 }).flush()
        writer.put({ page: 'a', line: 2 })
        throw new Error('changed my mind')
      })
      await expect(body).rejects.toThrow('changed my mind')
      expect(await lines.scan().toArray()).toEqual([{ page: 'a', line: 1 }])
    })
  })

  test('disposing of a writer with writes that nobody flushed throws, and stores none of them', async () => {
    const { db } = await driver.open()
    const lines = db.table(Lines)
    const writer = lines.batch()
    writer.put({ page: 'a', line: 1 }).put({ page: 'a', line: 2 })
    const failure = await Promise.resolve(writer[Symbol.asyncDispose]()).catch((thrown: unknown) => thrown)
    expect(failure).toBeInstanceOf(UnflushedBatchError)
    expect(failure).toMatchObject({ code: 'BATCH_NOT_FLUSHED', count: 2 })
    expect(await lines.scan().count()).toBe(0)

    const flushed = lines.batch()
    await flushed.put({ page: 'a', line: 1 }).flush()
    await flushed[Symbol.asyncDispose]()
    expect(await lines.scan().count()).toBe(1)
  })

  test('an item that can not be stored is refused at once, and the batch goes on without it', async () => {
    const { db } = await driver.open()
    const lines = db.table(Lines)
    await lines.batch((writer) => {
      writer.put({ page: 'a', line: 1 })
      expect(() => writer.put({ page: 'a', line: Number.NaN })).toThrow(
        expect.objectContaining({ code: 'NUMBER_NOT_FINITE' }),
      )
      writer.put({ page: 'a', line: 2 })
    })
    expect(await lines.scan().count()).toBe(2)
  })

  test('an item that turns out to have a wrong key is handed back, and all others are stored', async () => {
    const { db } = await driver.open()
    const lines = db.table(Lines)
    // The first item of the table fixes the types of its keys, and it is in this batch.
    const wrong = { page: 'a', line: 'one' } as unknown as Line
    const flushing = lines.batch(
      (writer) => void writer.put({ page: 'a', line: 1 }).put(wrong).put({ page: 'b', line: 2 }),
    )
    const failure = await flushing.catch((thrown: unknown) => thrown as UnprocessedItemsError)
    expect(failure).toBeInstanceOf(UnprocessedItemsError)
    expect(failure).toMatchObject({ unprocessed: [{ put: wrong }], cause: { code: 'KEY_TYPE' } })
    expect(await lines.scan().count()).toBe(2)
  })

  test('what the caller does to an item later is his', async () => {
    const { db } = await driver.open()
    const lines = db.table(Lines)
    await lines.batch((writer) => {
      const line = { page: 'a', line: 1 }
      writer.put(line)
      line.line = 2
      writer.put(line)
    })
    expect((await lines.query({ page: 'a' }).toArray()).map(({ line }) => line)).toEqual([1, 2])
  })

  test('items may be as large as they can be, and written in whatever letters', async () => {
    const { db } = await driver.open()
    const texts = db.table(table('texts', { schema: type<{ id: string; text: string }>(), key: ['id'] }))
    // Of these each has six times as many bytes in JSON.
    const text = '\0'.repeat(390_000)
    await texts.batch((writer) => {
      for (let n = 0; n < 12; n++) writer.put({ id: `${n}`, text })
    })
    expect(await texts.scan({ select: ['id'] }).count()).toBe(12)
    expect(await texts.get({ id: '11' })).toEqual({ id: '11', text })
  })

  test('more is read by many keys than one answer holds', async () => {
    const { db } = await driver.open()
    const texts = db.table(table('texts', { schema: type<{ id: string; text: string }>(), key: ['id'] }))
    const ids = Array.from({ length: 45 }, (_, n) => `${n}`)
    await texts.batch((writer) => {
      for (const id of ids) writer.put({ id, text: id.repeat(390_000 / id.length) })
    })
    const { items, unprocessed } = await texts.batchGet([...ids, 'none'].map((id) => ({ id })))
    expect(items.map((item) => item?.id)).toEqual([...ids, undefined])
    expect(items.every((item) => item === undefined || item.text.length >= 389_999)).toBe(true)
    expect(unprocessed).toEqual([])
  })
}

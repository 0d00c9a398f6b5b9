/** Batches: everything is stored or handed back, and what nobody flushed is not written behind anyone's back. */
import { describe, expect, test } from 'vitest'
import { table, type, UnflushedBatchError, UnprocessedItemsError } from '../../src/index.js'
import { ObservedDatabase } from '../support/observed-database.js'
import { temporaryDatabase } from '../support/temporary-database.js'

interface Line {
  page: string
  line: number
}
const Lines = table('lines', { schema: type<Line>(), key: ['page', 'line'] })

test('ten interleaved puts over two partitions store ten items', async () => {
  const { db } = await temporaryDatabase()
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
  const { db } = await temporaryDatabase()
  const lines = db.table(Lines)
  await lines.batch((w) => w.put({ page: 'a', line: 1 }).delete({ page: 'a', line: 1 }).put({ page: 'a', line: 2 }))
  expect(await lines.scan().toArray()).toEqual([{ page: 'a', line: 2 }])
})

test('thousands of writes are stored, over several flushes', async () => {
  const { db } = await temporaryDatabase()
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
    const { db } = await temporaryDatabase()
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
    const { db } = await temporaryDatabase()
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
  const { db } = await temporaryDatabase()
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
  const { db } = await temporaryDatabase()
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
  const { db } = await temporaryDatabase()
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
  const { db } = await temporaryDatabase()
  const lines = db.table(Lines)
  await lines.batch((writer) => {
    const line = { page: 'a', line: 1 }
    writer.put(line)
    line.line = 2
    writer.put(line)
  })
  expect((await lines.query({ page: 'a' }).toArray()).map(({ line }) => line)).toEqual([1, 2])
})

test('when the disk fails, all that was not stored is handed back, ready to be tried again', async () => {
  const database = new ObservedDatabase()
  const lines = database.table(Lines)
  await lines.put({ page: 'a', line: 0 })
  database.files.failure = 'EIO'
  const failing = lines.batch((writer) => {
    for (let n = 1; n <= 5; n++) writer.put({ page: 'a', line: n })
    writer.delete({ page: 'a', line: 0 })
  })
  const failure = (await failing.catch((thrown: unknown) => thrown)) as UnprocessedItemsError
  expect(failure).toBeInstanceOf(UnprocessedItemsError)
  expect(failure.unprocessed).toEqual([
    ...[1, 2, 3, 4, 5].map((line) => ({ put: { page: 'a', line } })),
    { delete: { page: 'a', line: 0 } },
  ])
  expect(failure.cause).toMatchObject({ code: 'WRITE_FAILED' })

  // The disk works again, but nothing is written before the database was opened again.
  database.files.failure = undefined
  const later = (await lines
    .batch((w) => void w.put({ page: 'a', line: 9 }))
    .catch((thrown: unknown) => thrown)) as UnprocessedItemsError
  expect(later.unprocessed).toEqual([{ put: { page: 'a', line: 9 } }])
  expect(later.cause).toMatchObject({ outcome: 'not written' })
  expect(await lines.scan().toArray()).toEqual([{ page: 'a', line: 0 }])
})

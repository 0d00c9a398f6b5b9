/**
 * What went wrong in dynafile, one of the five databases this one comes from, each measured or reproduced there. The
 * names of the tests are the defects; what they check is that it is different here.
 */
import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { open, table, type } from '../../../src/index.js'
import { ObservedDatabase } from '../../support/observed-database.js'
import { filesBelow, MovableClock, temporaryDatabase, temporaryFolder } from '../../support/temporary-database.js'

interface Line {
  page: string
  line: string
  n?: number
  group?: string
  until?: number
}
const Lines = table('lines', {
  schema: type<Line>(),
  key: ['page', 'line'],
  indexes: { byGroup: ['group'] },
  ttl: 'until',
})
const Pages = table('pages', { schema: type<Line>(), key: ['page', 'line'] })

describe('dynafile: batch writer over two interleaved partitions stored 2 of 10 items', () => {
  test('all are stored', async () => {
    const database = await temporaryDatabase()
    const lines = database.db.table(Lines)
    await lines.batch((w) => {
      for (let n = 0; n < 10; n++) w.put({ page: `page ${n % 2}`, line: `${n}` })
    })
    expect(await lines.scan().count()).toBe(10)
    expect(await (await database.reopen()).table(Lines).scan().count()).toBe(10)
  })
})

describe('dynafile: 4 writers x 50 puts in one partition stored 58 of 200', () => {
  test('all are stored', async () => {
    const database = await temporaryDatabase()
    const lines = database.db.table(Lines)
    const write = async (writer: number) => {
      for (let n = 0; n < 50; n++) await lines.put({ page: 'one', line: `${writer}/${n}` })
    }
    await Promise.all([write(1), write(2), write(3), write(4)])
    expect(await lines.query({ page: 'one' }).count()).toBe(200)
    expect(await (await database.reopen()).table(Lines).query({ page: 'one' }).count()).toBe(200)
  })
})

describe('dynafile: data files are pickles: a tampered file runs code', () => {
  const PICKLE = Buffer.from("cos\nsystem\n(S'touch /tmp/owned'\ntR.")

  test('a file that somebody replaced is damage, and nothing else happens', async () => {
    const database = await temporaryDatabase()
    await database.db.table(Lines).put({ page: 'a', line: 'b' })
    await database.db.checkpoint()
    await database.db.close()
    for (const name of Object.keys(filesBelow(database.path)).filter((file) => !/EPOCH|lock/.test(file))) {
      const folder = path.join(temporaryFolder(), 'db')
      fs.cpSync(database.path, folder, { recursive: true })
      fs.writeFileSync(path.join(folder, name), PICKLE)
      const read = async () => {
        const db = await open(folder)
        await db
          .table(Lines)
          .scan()
          .toArray()
          .finally(() => db.close())
      }
      // Whether the file is needed or not: the data is right, or the error says which file is not.
      await read().catch((failure) => expect(failure.code, name).toMatch(/CORRUPTION|NOT_A_DATABASE/))
    }
  })

  test('what looks like code is text', async () => {
    const { db } = await temporaryDatabase()
    const lines = db.table(Lines)
    const line = { page: '__import__("os").system("false")', line: 'process.exit(1)', group: '{process.exit()}' }
    await lines.put(line)
    expect(await lines.scan({ filter: { group: line.group } }).toArray()).toEqual([line])
  })
})

describe('dynafile: every call loads or rewrites a whole partition; 10,000 puts take minutes', () => {
  test('cost follows the change and the result, not the size', async () => {
    const database = new ObservedDatabase({ cacheByteLimit: 1 })
    const pages = database.table(Pages)
    await pages.batch((w) => {
      for (let n = 0; n < 10_000; n++) w.put({ page: 'one', line: String(n).padStart(5, '0'), n })
    })
    await database.backend.checkpoint()
    const size = database.files.take().writtenBytes
    expect(size).toBeGreaterThan(500_000)

    await pages.put({ page: 'one', line: '05000x', n: 1 })
    const put = database.files.take()
    expect(put.writtenBytes).toBeLessThan(400)
    expect(put.readBytes).toBe(0)
    expect(put.syncs).toBe(1)

    await pages.get({ page: 'one', line: '07777' })
    const get = database.files.take()
    expect(get.readBytes).toBeLessThan(50_000)
    // Header, footer, top of the index, filter; then a page of the index, and the block.
    expect(get.reads).toBeLessThanOrEqual(6)

    const where = { page: 'one', line: { beginsWith: '0123' } }
    expect(await pages.query(where).count()).toBe(10)
    const query = database.files.take()
    expect(query.readBytes).toBeLessThan(100_000)
    expect(query.writtenBytes + get.writtenBytes).toBe(0)

    for (let n = 0; n < 100; n++) await pages.put({ page: 'one', line: `new ${n}`, n })
    expect(database.files.take().writtenBytes).toBeLessThan(20_000)
  })

  test('many writers share a sync', async () => {
    const database = new ObservedDatabase()
    const pages = database.table(Pages)
    await pages.put({ page: 'one', line: 'first' })
    database.files.take()
    await Promise.all(Array.from({ length: 1000 }, (_, n) => pages.put({ page: 'one', line: `${n}` })))
    expect(database.files.take().syncs).toBeLessThan(10)
  })
})

describe('dynafile: `starts_with` is only a lower bound; the default reverse query returns nothing', () => {
  const ORDER = ['a', 'ab', 'aba', 'abz', 'ac', 'b', 'ba']
  const filled = async () => {
    const { db } = await temporaryDatabase()
    const lines = db.table(Lines)
    for (const line of ORDER) await lines.put({ page: 'one', line })
    return lines
  }

  test('a prefix is exact, in both directions', async () => {
    const lines = await filled()
    for (const reverse of [false, true]) {
      const found = (await lines.query({ page: 'one', line: { beginsWith: 'ab' } }, { reverse }).toArray()).map(
        ({ line }) => line,
      )
      expect(found).toEqual(reverse ? ['abz', 'aba', 'ab'] : ['ab', 'aba', 'abz'])
    }
  })

  test('without a condition, both directions give everything', async () => {
    const lines = await filled()
    const keys = async (reverse: boolean) =>
      (await lines.query({ page: 'one' }, { reverse }).toArray()).map(({ line }) => line)
    expect(await keys(false)).toEqual(ORDER)
    expect(await keys(true)).toEqual(ORDER.toReversed())
  })
})

describe('dynafile: integer keys, missing keys, mixed key types crash later', () => {
  test('a typed error at the call', async () => {
    const { db } = await temporaryDatabase()
    const lines = db.table(Lines)
    await lines.put({ page: 'one', line: 'a' })
    const wrong: [unknown, string][] = [
      [{ page: 1, line: 'a' }, 'KEY_TYPE'],
      [{ page: 'one', line: 1 }, 'KEY_TYPE'],
      [{ page: 'one' }, 'KEY_MISSING'],
      [{ line: 'a' }, 'KEY_MISSING'],
    ]
    for (const [key, code] of wrong) {
      await expect(lines.put(key as Line)).rejects.toMatchObject({ name: 'ValidationException', code })
      await expect(lines.get(key as Line)).rejects.toMatchObject({ name: 'ValidationException', code })
      await expect(lines.delete(key as Line)).rejects.toMatchObject({ name: 'ValidationException', code })
    }
    expect(await lines.scan().toArray()).toEqual([{ page: 'one', line: 'a' }])
  })
})

describe('dynafile: the listener runs before the save: it can cancel a write, and an I/O error leaves a false event', () => {
  test('after the commit only', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    onTestFinished(() => warned.mockRestore())
    const database = new ObservedDatabase()
    const lines = database.table(Lines)
    const events: string[] = []
    lines.on('change', ({ type: kind }) => {
      events.push(kind)
      throw new Error('I want to cancel this')
    })
    await lines.put({ page: 'one', line: 'a' })
    expect(await lines.get({ page: 'one', line: 'a' })).toEqual({ page: 'one', line: 'a' })
    database.files.failure = 'EIO'
    await expect(lines.put({ page: 'one', line: 'b' })).rejects.toMatchObject({ code: 'WRITE_FAILED' })
    expect(events).toEqual(['put'])
  })
})

describe('dynafile: a batch whose body throws still writes', () => {
  test('it writes nothing that was not flushed', async () => {
    const { db } = await temporaryDatabase()
    const lines = db.table(Lines)
    const body = lines.batch((w) => {
      w.put({ page: 'one', line: 'a' })
      throw new Error('no')
    })
    await expect(body).rejects.toThrow('no')
    expect(await lines.scan().count()).toBe(0)
  })
})

describe('dynafile: ttl = 0 never expires', () => {
  test('as in DynamoDB, and so does any time of more than five years ago', async () => {
    const clock = new MovableClock()
    const { db } = await temporaryDatabase({ clock })
    const lines = db.table(Lines)
    const years = 365 * 86_400
    for (const [line, until] of [0, clock.seconds - 5.1 * years, clock.seconds - 4.9 * years].entries()) {
      await lines.put({ page: 'one', line: String(line), until })
    }
    expect(await lines.get({ page: 'one', line: '0' })).toEqual({ page: 'one', line: '0', until: 0 })
    expect((await lines.query({ page: 'one' }).toArray()).map(({ line }) => line)).toEqual(['0', '1'])
    expect(await lines.scan().count()).toBe(2)
  })
})

describe('dynafile, branch: index entries with equal keys overwrite each other, stale entries stay', () => {
  test('each item has its own entry', async () => {
    const { db } = await temporaryDatabase()
    const lines = db.table(Lines)
    for (const line of ['a', 'b', 'c']) await lines.put({ page: 'one', line, group: 'same' })
    expect(await lines.index('byGroup').query({ group: 'same' }).count()).toBe(3)
  })

  test('no entry stays when its item changes or goes', async () => {
    const { db } = await temporaryDatabase()
    const lines = db.table(Lines)
    for (const line of ['a', 'b', 'c']) await lines.put({ page: 'one', line, group: 'old' })
    await lines.put({ page: 'one', line: 'a', group: 'new' })
    await lines.update({ page: 'one', line: 'b' }, { remove: ['group'] })
    await lines.delete({ page: 'one', line: 'c' })
    expect(await lines.index('byGroup').query({ group: 'old' }).count()).toBe(0)
    expect((await lines.index('byGroup').query({ group: 'new' }).toArray()).map(({ line }) => line)).toEqual(['a'])
    expect((await db.verify()).indexEntries).toBe(1)
  })
})

/** A scan in workers gives what a scan gives, whatever lies in files and in memory, and leaves nothing behind. */
import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { CorruptionError, DatabaseClosedError, Decimal, open, type Results, table, type } from '../../src/index.js'
import { SeededRandom } from '../support/random.js'
import { MovableClock, temporaryDatabase, temporaryFolder } from '../support/temporary-database.js'

const worker = vi.hoisted(() => ({ isFromSources: false }))
vi.mock('../../src/engine/scan/worker-file.js', async (original) => {
  const { workerFile } = await original<typeof import('../../src/engine/scan/worker-file.js')>()
  const { builtWorker } = await import('../support/built-worker.js')
  const built = await builtWorker('engine/scan/scan-worker')
  return {
    get workerFile() {
      return worker.isFromSources ? workerFile : built
    },
  }
})

interface Thing {
  id: string
  n: number
  group: string
  exact?: Decimal
  big?: bigint
  bytes?: Uint8Array
  tags?: Set<string>
  address?: { city: string }
  until?: number
}
const Things = table('things', { schema: type<Thing>(), key: ['id'], indexes: { byGroup: ['group'] }, ttl: 'until' })

function thing(n: number, now: number): Thing {
  return {
    id: `thing ${n}`,
    n,
    group: `group ${n % 7}`,
    exact: Decimal.from(`0.${n + 1}00000000000000000001`),
    big: 2n ** 70n + BigInt(n),
    bytes: Uint8Array.of(n % 256, 1, 2),
    tags: new Set([`tag ${n % 3}`, 'all']),
    address: { city: n % 2 === 0 ? 'Oslo' : 'Bergen' },
    ...(n % 11 === 0 && { until: now + (n % 2 === 0 ? -5 : 500) }),
  }
}

const SMALL = { fsync: 'never', memtableBytes: 60_000, partitionBytes: 40_000 } as const

/** A table with files, files above files, removed items, items in memory only, and such whose time is over. */
async function filled({ count = 1500, seed = 1 }: { count?: number; seed?: number } = {}) {
  const clock = new MovableClock()
  const database = await temporaryDatabase({ ...SMALL, clock })
  const things = database.db.table(Things)
  const random = new SeededRandom(seed)
  const change = async (rounds: number) => {
    await things.batch((w) => {
      for (let i = 0; i < rounds; i++) {
        const n = random.below(count)
        if (random.below(4) === 0) w.delete({ id: `thing ${n}` })
        else w.put({ ...thing(n, clock.seconds), group: `group ${random.below(9)}` })
      }
    })
  }
  await things.batch((w) => {
    for (let n = 0; n < count; n++) w.put(thing(n, clock.seconds))
  })
  await database.db.checkpoint()
  await change(count / 4)
  await database.db.checkpoint()
  await change(count / 8)
  return { ...database, db: database.db, things, clock, random, change }
}

const byId = (a: { id?: string }, b: { id?: string }) => (a.id! < b.id! ? -1 : 1)

async function expectSame(actual: Results<Partial<Thing>>, expected: Results<Partial<Thing>>): Promise<void> {
  const items = (await expected.toArray()).sort(byId)
  expect((await actual.toArray()).sort(byId)).toEqual(items)
}

describe('the same items as without workers', () => {
  test.each([1, 2, 4])('with %i, of a table in every state', async (workers) => {
    const { things, clock, change, db } = await filled({ seed: workers })
    await expectSame(things.scan({ workers }), things.scan())
    clock.advance(1000)
    await change(50)
    expect(await things.scan({ workers }).count()).toBe(await things.scan().count())
    await db.checkpoint()
    await expectSame(things.scan({ workers, select: ['id', 'exact'] }), things.scan({ select: ['id', 'exact'] }))
  })

  test('with filters of each form, and with values of each type in them', async () => {
    const { things } = await filled()
    const slab = Buffer.from([9, 7, 1, 2, 9])
    const filters = [
      'n > 100 and address.city == "Oslo"',
      { exact: { gt: Decimal.from('0.5') } },
      { big: { lt: 2n ** 70n + 200n }, or: [{ n: { gte: 10 } }, { address: { city: 'Oslo' } }] },
      { bytes: { in: [slab.subarray(1, 4), Uint8Array.of(8, 1, 2)] } },
      { group: { in: new Set(['group 1', 'group 2']) }, tags: { contains: 'tag 1' } },
      { group: { matches: /^GROUP [34]/i }, not: { until: { exists: true } } },
      { tags: { eq: new Set(['all', 'tag 0']) }, n: { lt: 1e100 } },
    ]
    for (const filter of filters as string[]) {
      const expected = things.scan({ filter, select: ['id', 'n', 'tags'] })
      expect(await expected.count(), JSON.stringify(String(filter))).toBeGreaterThan(0)
      await expectSame(things.scan({ filter, workers: 2, select: ['id', 'n', 'tags'] }), expected)
    }
  })

  test('in every way of asking', async () => {
    const { things } = await filled()
    const expected = (await things.scan().toArray()).sort(byId)
    const results = things.scan({ workers: 2 })
    const iterated: Thing[] = []
    for await (const item of results) iterated.push(item)
    expect(iterated.sort(byId)).toEqual(expected)
    const paged: Thing[] = []
    for await (const page of results.pages()) {
      expect(page.count).toBe(page.items.length)
      expect(page.cursor).toBeUndefined()
      paged.push(...page.items)
    }
    expect(paged.sort(byId)).toEqual(expected)
    expect(expected).toContainEqual(await results.first())
    expect(await things.scan({ workers: 2, filter: 'n < 0' }).first()).toBeUndefined()
    // One page is read in this thread, and has a cursor as every page.
    expect(await results.page()).toEqual(await things.scan().page())
  })

  test('with workers that run the sources', async () => {
    const { things } = await filled({ count: 300 })
    worker.isFromSources = true
    await expectSame(things.scan({ workers: 2 }), things.scan())
    worker.isFromSources = false
  })

  test('where there are no files: in memory, and before the first checkpoint', async () => {
    const memory = await open('memory:')
    const here = await temporaryDatabase()
    for (const db of [memory, here.db]) {
      const things = db.table(Things)
      expect(await things.scan({ workers: 2 }).toArray()).toEqual([])
      await things.batch((w) => {
        for (let n = 0; n < 300; n++) w.put(thing(n, Date.now() / 1000))
      })
      await expectSame(things.scan({ workers: 2, filter: { n: { lt: 200 } } }), things.scan({ filter: 'n < 200' }))
    }
    await memory.checkpoint()
    expect(await memory.table(Things).scan({ workers: 2, filter: 'n == 7' }).count()).toBe(1)
    await memory.close()
  })

  test('of one moment, whatever is written, moved to files and compacted meanwhile', async () => {
    const { db, things, change } = await filled({ count: 3000 })
    for (let round = 0; round < 2; round++) {
      const expected = (await things.scan().toArray()).sort(byId)
      const found: Thing[] = []
      let writing: Promise<unknown> = Promise.resolve()
      const pages = things.scan({ workers: 2 }).pages()[Symbol.asyncIterator]()
      // The moment is that of the first question.
      const first = pages.next()
      for (let i = 0; i < 4; i++) writing = writing.then(() => change(600)).then(() => db.checkpoint())
      try {
        for (let step = await first; step.done !== true; step = await pages.next()) found.push(...step.value.items)
      } finally {
        await writing
      }
      expect(found.sort(byId)).toEqual(expected)
    }
  })
})

describe('much that is in no file, which arrives in many pieces', () => {
  interface Row {
    pk: string
    sk: number
    text: string
  }
  const Rows = table('rows', { schema: type<Row>(), key: ['pk', 'sk'] })
  const row = (n: number, text: string): Row => ({ pk: `p${n % 7}`, sk: n, text: text.repeat(20 + (n % 40)) })

  /** Among 30,000 items in files: some replaced, long runs of them removed, and others between and behind them. */
  async function filledRows() {
    const { db } = await temporaryDatabase({ fsync: 'never', partitionBytes: 1_000_000 })
    const rows = db.table(Rows)
    await rows.batch((w) => {
      for (let n = 0; n < 30_000; n++) w.put(row(n, 'old'))
    })
    await db.checkpoint()
    await rows.batch((w) => {
      for (let n = 0; n < 30_000; n++) {
        if (n % 3 === 0) w.put(row(n, 'new'))
        else if (n > 8000 && n < 24_000) w.delete({ pk: `p${n % 7}`, sk: n })
      }
      for (let n = 30_000; n < 40_000; n++) w.put(row(n, 'more'))
    })
    return { db, rows }
  }

  test('merges them with what is in files', async () => {
    const { rows } = await filledRows()
    const order = (a: Row, b: Row) => a.sk - b.sk
    const expected = (await rows.scan().toArray()).sort(order)
    expect(expected).toHaveLength(29_334)
    for (const workers of [1, 3]) expect((await rows.scan({ workers }).toArray()).sort(order)).toEqual(expected)
    expect(await rows.scan({ workers: 2, filter: { text: { beginsWith: 'new' } } }).count()).toBe(10_000)
  })

  test('ends when they stop arriving, as their snapshot was released', async () => {
    const { db } = await filledRows()
    const snapshot = db.snapshot()
    const count = snapshot.table(Rows).scan({ workers: 2 }).count()
    count.catch(() => {})
    snapshot.release()
    await expect(count).rejects.toMatchObject({ code: 'SNAPSHOT_RELEASED' })
    const later = db.snapshot()
    const pages = later.table(Rows).scan({ workers: 2 }).pages()[Symbol.asyncIterator]()
    const first = pages.next().catch((failure: unknown) => failure)
    await new Promise((resolve) => setImmediate(resolve))
    later.release()
    expect(await first).toMatchObject({ code: 'SNAPSHOT_RELEASED' })
  })
})

test('a snapshot is scanned as it was, and no more once it is released', async () => {
  const { db, things, clock, change } = await filled()
  const snapshot = db.snapshot()
  const expected = (await things.scan().toArray()).sort(byId)
  clock.advance(1000)
  await change(1000)
  await db.checkpoint()
  const held = snapshot.table(Things)
  expect((await held.scan({ workers: 2 }).toArray()).sort(byId)).toEqual(expected)
  expect((await held.scan({ workers: 2 }).toArray()).sort(byId)).toEqual(expected)
  const pages = held.scan({ workers: 2 }).pages()[Symbol.asyncIterator]()
  await pages.next()
  snapshot.release()
  await expect(pages.next()).rejects.toMatchObject({ code: 'SNAPSHOT_RELEASED' })
  await expect(held.scan({ workers: 2 }).count()).rejects.toMatchObject({ code: 'SNAPSHOT_RELEASED' })
})

test('what makes no sense together is refused', async () => {
  const { things } = await filled({ count: 100 })
  const refused: [Results<unknown>, RegExp][] = [
    ...[0, 17, 1.5, Number.NaN, '2', null].map(
      (workers) => [things.scan({ workers: workers as number }), /from 1 to 16/] as [Results<unknown>, RegExp],
    ),
    [things.scan({ workers: 2, segment: 0, totalSegments: 2 }), /"segment"/],
    [things.scan({ workers: 2, limit: 5 }), /"limit"/],
    [things.scan({ workers: 2, cursor: 'x' }), /"cursor"/],
    [things.scan({ workers: 2, reverse: true }), /"reverse"/],
    [things.index('byGroup').scan({ workers: 2 }), /index/],
    [things.query({ id: 'a' }, { workers: 2 } as object), /query/],
    [things.scan({ workers: 2, filter: () => true }), /function/],
  ]
  for (const [results, message] of refused) {
    for (const asking of [results.toArray(), results.count(), results.page(), results.first()]) {
      const failure = await asking.catch((reason: unknown) => reason)
      expect(failure).toMatchObject({
        name: 'ValidationException',
        code: 'OPTION',
        message: expect.stringMatching(message),
      })
    }
  }
  await expect(things.scan({ workers: 2, filter: 'n >' }).count()).rejects.toMatchObject({ code: 'FILTER_SYNTAX' })
  await expect(things.scan({ workers: 2, select: [] }).count()).rejects.toMatchObject({ code: 'OPTION' })
})

describe('an error in a worker is the same error here', () => {
  test('a filter that makes no sense for an item', async () => {
    const { things } = await filled()
    const filter = 'group * 2 > 1'
    const expected = await things
      .scan({ filter })
      .count()
      .catch((failure: unknown) => failure)
    const found = await things
      .scan({ filter, workers: 2 })
      .count()
      .catch((failure: unknown) => failure)
    expect(found).toMatchObject({ name: 'ValidationException', code: (expected as { code: string }).code })
    expect((found as object).constructor).toBe((expected as object).constructor)
  })

  test('damage, and a file that is missing', async () => {
    for (const damage of ['a flipped bit', 'missing']) {
      const folder = temporaryFolder()
      const db = await open(folder, SMALL)
      const things = db.table(Things)
      await things.batch((w) => {
        for (let n = 0; n < 1500; n++) w.put(thing(n, 0))
      })
      await db.checkpoint()
      await db.close()
      const file = sortedFilesOf(folder, 10_000)[0]!
      const again = await open(folder, SMALL)
      if (damage === 'missing') fs.rmSync(file)
      else {
        const bytes = fs.readFileSync(file)
        bytes[5000]! ^= 1
        fs.writeFileSync(file, bytes)
      }
      const results = again.table(Things)
      const expected = await results
        .scan()
        .toArray()
        .catch((failure: unknown) => failure)
      const found = await results
        .scan({ workers: 2 })
        .toArray()
        .catch((failure: unknown) => failure)
      expect(found).toBeInstanceOf(CorruptionError)
      const { message, code, file: name, byteOffset } = expected as CorruptionError
      expect(found).toMatchObject({ name: 'CorruptionError', message, code, file: name, byteOffset })
      expect(name).toBe(fs.realpathSync(folder) + name.slice(folder.length))
      await again.close()
    }
  })
})

describe('it ends early', () => {
  test('when a loop is left, and nothing stays open', async () => {
    const { db, things } = await filled({ count: 3000 })
    await db.checkpoint()
    await things.scan().count()
    const before = openThings()
    for (let round = 0; round < 2; round++) {
      for await (const item of things.scan({ workers: 3 })) {
        expect(item.id).toMatch(/^thing/)
        break
      }
      await things.scan({ workers: 2 }).first()
      expect(openThings()).toEqual(before)
    }
  })

  test('when its signal says so: at once, between pages, and before it began', async () => {
    const { db, things } = await filled()
    await db.checkpoint()
    await things.scan().count()
    const before = openThings()
    const results = (signal: AbortSignal) => things.scan({ workers: 2, signal })
    await expect(results(AbortSignal.abort(new Error('enough'))).count()).rejects.toThrow('enough')
    const waiting = new AbortController()
    const counting = results(waiting.signal).count()
    setTimeout(() => waiting.abort(new Error('enough')), 5)
    await expect(counting).rejects.toThrow('enough')
    const between = new AbortController()
    const pages = results(between.signal).pages()[Symbol.asyncIterator]()
    await pages.next()
    between.abort(new Error('enough'))
    await expect(pages.next()).rejects.toThrow('enough')
    expect(openThings()).toEqual(before)
  })

  test('when the database is closed', async () => {
    const folder = temporaryFolder()
    const db = await open(folder, SMALL)
    const things = db.table(Things)
    await things.batch((w) => {
      for (let n = 0; n < 1500; n++) w.put(thing(n, 0))
    })
    await db.checkpoint()
    const { threads } = openThings()
    const counting = things.scan({ workers: 2 }).count()
    const pages = things.scan({ workers: 2 }).pages()[Symbol.asyncIterator]()
    await pages.next()
    const outcome = counting.catch((failure: unknown) => failure)
    const next = pages.next().then(
      ({ value }) => value,
      (failure: unknown) => failure,
    )
    await db.close()
    // What had arrived before may have been all there was.
    for (const result of [await outcome, await next]) {
      if (result instanceof Error) expect(result).toBeInstanceOf(DatabaseClosedError)
    }
    await expect(things.scan({ workers: 2 }).count()).rejects.toBeInstanceOf(DatabaseClosedError)
    expect(openThings()).toEqual({ files: [], threads })
  })
})

/** Sorted files that are open, and threads; where the system tells. */
function openThings(): { readonly files: string[]; readonly threads: number } {
  if (process.platform !== 'linux') return { files: [], threads: 0 }
  const links = fs.readdirSync('/proc/self/fd').map((name) => {
    try {
      return fs.readlinkSync(`/proc/self/fd/${name}`)
    } catch {
      return ''
    }
  })
  const threads = fs.readdirSync('/proc/self/task').length
  return { files: links.filter((target) => target.endsWith('.run')).sort(), threads }
}

function sortedFilesOf(folder: string, minimumByteLength: number): string[] {
  const names = fs.readdirSync(folder, { recursive: true, encoding: 'utf8' })
  const files = names.filter((name) => name.endsWith('.run')).map((name) => path.join(folder, name))
  return files.filter((name) => fs.statSync(name).size > minimumByteLength).sort()
}

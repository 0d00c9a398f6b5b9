/**
 * The names of items are as durable as the items. New shapes get their numbers while the power goes out, the process is
 * killed, or the disk fails: afterwards every item that was acknowledged comes back, and whatever else is there can be
 * read. A run is repeated with its seed: SEED=… ROUNDS=…
 */
import { describe, expect, test } from 'vitest'
import { ChangeFeed } from '../../src/engine/feed/follow.js'
import { LocalBackend } from '../../src/engine/local-backend.js'
import { DiskFullError } from '../../src/errors.js'
import type { Item } from '../../src/model/item/item.js'
import { checkTableDefinition } from '../../src/model/table/table-rule.js'
import { PreparedWrites } from '../../src/prepared-writes.js'
import { Follower } from '../../src/storage/follower.js'
import type { Storage } from '../../src/storage/storage.js'
import type { StorageOptions } from '../../src/storage/storage-options.js'
import type { SeededRandom } from '../support/random.js'
import { settle } from '../support/simulated-scheduler.js'
import { checksum, type Machine, machine, openStorage, ROOT, restarted } from '../support/storage-fixture.js'

const FIRST_SEED = Number(process.env['SEED'] ?? 1)
const ROUNDS = Number(process.env['ROUNDS'] ?? 40)
const CLOCK = { now: () => 1_800_000_000_000 }
const REQUEST = { condition: undefined, returnOld: false } as const

function backendOn({ scheduler }: Machine, storage: Storage): LocalBackend {
  const monotonicClock = { now: () => 0 }
  return new LocalBackend(storage, { clock: CLOCK, monotonicClock, scheduler, checksum, itemCacheByteLimit: 1 })
}

function openBackend(where: Machine, options: Partial<StorageOptions> = {}): LocalBackend {
  const small = { memtableEntryLimit: 60, logByteLimit: 4000, ...options }
  const backend = backendOn(where, openStorage(where, small))
  const indexes = where.random.chance(0.5) ? { byKind: ['kind'] as const } : {}
  backend.defineTable(checkTableDefinition({ name: 'things', key: ['id'], indexes }))
  return backend
}

/** One of a few dozen shapes, so that some get their number in every round. */
function randomThing(random: SeededRandom, n: number): Item {
  const kind = random.below(40)
  const item: Item = { id: `id-${random.below(60)}`, n, kind: `kind-${kind}` }
  item[`only-${kind}`] = { [`nested-${kind % 7}`]: n, list: [{ x: 1 }] }
  return item
}

/** The items that were acknowledged by their ids, and those of which nothing is known. */
interface Known {
  readonly acknowledged: Map<string, Item>
  readonly attempted: Map<string, Item[]>
}

/** Lets whatever is under way happen until a promise has an outcome; it may wait for other things than the disk, too. */
async function outcome<T>({ scheduler }: Machine, promise: Promise<T>): Promise<T> {
  let isDone = false
  promise.catch(() => {}).finally(() => (isDone = true))
  while (!isDone) await (scheduler.isIdle ? settle() : scheduler.runOne())
  return promise
}

async function expectEverything(
  where: Machine,
  backend: LocalBackend,
  { acknowledged, attempted }: Known,
): Promise<void> {
  for (const [id, item] of acknowledged) {
    const found = await backend.get({ table: 'things', key: { id }, select: undefined })
    const possible = [item, ...(attempted.get(id) ?? [])]
    expect(possible).toContainEqual(found)
  }
  expect((await outcome(where, backend.verify())).problems).toEqual([])
  attempted.clear()
  // What is there now has to stay.
  for (const id of acknowledged.keys())
    acknowledged.set(id, (await backend.get({ table: 'things', key: { id }, select: undefined }))!)
}

/** Writes until the disk is gone or fails, in all the ways in which items are written. */
async function write(backend: LocalBackend, where: Machine, { acknowledged, attempted }: Known): Promise<void> {
  const { random, disk } = where
  let isOver = false
  const attempt = async (items: readonly Item[], act: () => Promise<unknown>) => {
    for (const item of items) {
      const id = item['id'] as string
      attempted.set(id, [...(attempted.get(id) ?? []), item])
    }
    try {
      await act()
      for (const item of items) acknowledged.set(item['id'] as string, item)
    } catch {
      isOver = true
    }
  }
  for (let step = 0; step < 40 && !isOver && !disk.isCrashed; step++) {
    const things = Array.from({ length: random.between(1, 12) }, (_, n) => randomThing(random, step * 100 + n))
    const distinct = [...new Map(things.map((item) => [item['id'], item])).values()]
    const choice = random.below(5)
    let working: Promise<unknown>
    if (choice === 0) {
      working = attempt(distinct, async () => {
        const prepared = new PreparedWrites(backend, 'things')
        for (const put of distinct) prepared.add({ put })
        // Others may commit between: what was prepared has its numbers already.
        const other = randomThing(random, -1 - step)
        await attempt([other], () => backend.put({ ...REQUEST, table: 'things', item: other } as never))
        const refused = await backend.batchWrite('things', prepared.take())
        if (refused.length > 0) throw refused[0]!.cause
      })
    } else if (choice === 1) working = backend.checkpoint().catch(() => {})
    else {
      working = Promise.all(
        distinct.map((item) => attempt([item], () => backend.put({ ...REQUEST, table: 'things', item } as never))),
      )
    }
    try {
      await where.scheduler.outcome(working)
    } catch {
      // It stands still when the disk is gone.
      isOver = true
    }
  }
}

describe('shapes get their numbers', () => {
  test.each(Array.from({ length: ROUNDS }, (_, n) => FIRST_SEED + n))(
    'while the power goes out, seed %i',
    async (seed) => {
      let where = machine(seed)
      const known: Known = { acknowledged: new Map(), attempted: new Map() }
      for (let crashes = 0; crashes < 4; crashes++) {
        const backend = openBackend(where)
        await expectEverything(where, backend, known)
        where.disk.crashAfter(where.random.between(1, 120))
        await write(backend, where, known)
        where = restarted(where, where.random.chance(0.3) ? 'kill' : 'power cut')
      }
      await expectEverything(where, openBackend(where), known)
    },
  )

  test('while the disk fails at one write or sync after the other', async () => {
    for (const operation of ['write', 'sync'] as const) {
      for (let after = 1; after < 25; after++) {
        let where = machine(after)
        const known: Known = { acknowledged: new Map(), attempted: new Map() }
        const failing = openBackend(where)
        where.disk.fault = { operation, after: where.disk.counts[operation] + after, code: 'EIO', isPersistent: false }
        await write(failing, where, known)
        where.disk.fault = undefined
        for (const how of ['kill', 'power cut'] as const) {
          where = restarted(where, how)
          const backend = openBackend(where)
          await expectEverything(where, backend, known)
          // The numbers that were lost are given to others now.
          await write(backend, where, known)
          await expectEverything(where, backend, known)
        }
      }
    }
  })
})

test('shapes that were new when a commit was refused for want of space go with the next one', async () => {
  let where = machine(4)
  const storage = openStorage(where)
  let isFull = false
  for (const name of ['commit', 'commitLent', 'commitAll'] as const) {
    const original = storage[name].bind(storage) as (...given: unknown[]) => unknown
    Object.defineProperty(storage, name, {
      value: (...given: unknown[]) => {
        if (isFull) throw new DiskFullError('not written', { cause: new Error('no space') })
        return original(...given)
      },
    })
  }
  const backend = backendOn(where, storage)
  backend.defineTable({ name: 'things', key: ['id'], indexes: {} })
  const item = (n: number): Item => ({ id: `id-${n}`, [`by-put-${n % 2}`]: n, ...(n < 20 ? {} : { batch: n }) })
  const put = (n: number) => outcome(where, backend.put({ ...REQUEST, table: 'things', item: item(n) } as never))
  const batch = (from: number) =>
    outcome(
      where,
      backend.batchWrite(
        'things',
        Array.from({ length: 20 }, (_, n) => backend.prepare('things', { put: item(from + n) })),
      ),
    )
  await put(0)
  isFull = true
  for (let n = 0; n < 20; n++) await expect(put(n)).rejects.toThrow(DiskFullError)
  expect(await batch(20)).toHaveLength(20)
  isFull = false
  expect(await batch(20)).toHaveLength(0)
  for (let n = 0; n < 20; n++) await put(n)
  where = restarted(where)
  const again = openBackend(where)
  for (let n = 0; n < 40; n++) {
    expect(await again.get({ table: 'things', key: { id: `id-${n}` }, select: undefined })).toEqual(item(n))
  }
})

test('a follower reads items of shapes that got their numbers before it came, and while it looks', async () => {
  const where = machine(3)
  // Its log may go while it does not look; this is about names.
  const backend = openBackend(where, { logByteLimit: 1e6, memtableEntryLimit: 1e6 })
  const put = (item: Item) => where.scheduler.outcome(backend.put({ ...REQUEST, table: 'things', item } as never))
  for (let n = 0; n < 20; n++) await put({ id: `early-${n}`, early: n })
  await where.scheduler.outcome(backend.checkpoint())
  const feed = new ChangeFeed(Follower.open({ files: where.disk, checksum }, ROOT))
  const told: unknown[] = []
  const expected: unknown[] = []
  for (let n = 0; n < 300; n++) {
    const item = randomThing(where.random, n)
    const old = await backend.get({ table: 'things', key: { id: item['id'] as string }, select: undefined })
    await put(item)
    expected.push({ new: item, old })
    if (where.random.chance(0.3)) told.push(...feed.next())
  }
  await put({ id: 'early-1', early: 'again' })
  expected.push({ new: { id: 'early-1', early: 'again' }, old: { id: 'early-1', early: 1 } })
  // It is told of a commit once a later one says that it is durable.
  await where.scheduler.outcome(backend.close())
  told.push(...feed.next())
  expect(told).toMatchObject(expected)
})

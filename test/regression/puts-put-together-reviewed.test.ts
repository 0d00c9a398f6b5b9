/** What a reviewer found in the first version of puts that are put together (decision 0045). */
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { hashKey } from '../../src/base/key-hash.js'
import { open, table, type } from '../../src/index.js'
import { checkTableDefinition } from '../../src/model/table/table-rule.js'
import { PreparedWrites } from '../../src/prepared-writes.js'
import { ObservedDatabase } from '../support/observed-database.js'
import { packed } from '../support/packed.js'
import { contents, machine, openStorage, put, restarted } from '../support/storage-fixture.js'

afterEach(() => vi.restoreAllMocks())

interface Thing {
  id: unknown
  n?: number
  text?: string
}

const Things = table('things', { schema: type<Thing>(), key: ['id' as never] })

/** Nothing larger than what there is already can be had until the mocks are restored. */
function refuseMemory(): void {
  vi.spyOn(Buffer, 'allocUnsafeSlow').mockImplementation(() => {
    throw new RangeError('Array buffer allocation failed')
  })
}

describe('when there is no memory for one', () => {
  test('of a pack, those before and behind it are whole, also in the log', async () => {
    const where = machine()
    const storage = openStorage(where)
    const { tree } = put('a', 'x')
    const commits = packed(tree, [['one', Buffer.from('1')]])
    const large = new DataView(new ArrayBuffer(9000))
    refuseMemory()
    expect(() => commits.add(hashKey('two'), { view: large, start: 0, end: 9000 }, 0)).toThrow(RangeError)
    vi.restoreAllMocks()
    commits.add(hashKey('three'), { view: large, start: 0, end: 1 }, 0)
    await where.scheduler.outcome(storage.commitAll([commits]))
    const expected = { one: '1', three: '\0' }
    expect(contents(storage)).toEqual(expected)
    expect(contents(openStorage(restarted(where, 'kill')))).toEqual(expected)
  })

  test.each(['commit', 'commitAll'] as const)('in a group, others are written all the same: %s', async (way) => {
    const where = machine()
    const storage = openStorage(where)
    const large = { writes: [put('large', 'x'.repeat(60_000))], origin: 0 }
    const before = { writes: [put('large before', 'x')], origin: 0 }
    const add = () => (way === 'commit' ? storage.commit(large.writes) : storage.commitAll([before, large]))
    const first = storage.commit([put('first', '1')])
    refuseMemory()
    expect(add).toThrow(RangeError)
    vi.restoreAllMocks()
    await where.scheduler.outcome(first)
    // Now it is the first of its group.
    refuseMemory()
    expect(() => storage.commit(large.writes)).toThrow(RangeError)
    vi.restoreAllMocks()
    await where.scheduler.outcome(Promise.resolve(storage.settled()))
    await where.scheduler.outcome(storage.commit([put('last', '2')]))
    const expected = { first: '1', last: '2', ...(way === 'commitAll' && { 'large before': 'x' }) }
    expect(contents(storage)).toEqual(expected)
    expect(storage.lastLsn).toBe(storage.publishedLsn)
    await where.scheduler.outcome(storage.close())
    expect(contents(openStorage(restarted(where)))).toEqual(expected)
  })
})

test('when there is no memory for the last of several that belong together, none of them is written', async () => {
  const where = machine()
  const storage = openStorage(where)
  const large = { writes: [put('large', 'x'.repeat(60_000))], origin: 0 }
  const small = { writes: [put('small', 'x')], origin: 0 }
  refuseMemory()
  expect(() => storage.commitTogether([small, large])).toThrow(RangeError)
  vi.restoreAllMocks()
  await where.scheduler.outcome(storage.commit([put('last', '2')]))
  expect(contents(storage)).toEqual({ last: '2' })
})

test('a key whose bytes run code when they are read does not get the bytes of another item', async () => {
  const db = await open('memory:')
  const things = db.table(Things)
  const others = db.table(table('others', { schema: type<Thing>(), key: ['id' as never] }))
  await things.put({ id: new Uint8Array([9]), n: 0 })
  await others.put({ id: 'x' })
  const [batch, inner] = [things.batch(), others.batch()]
  let count = 0
  const id = new Uint8Array([1, 2, 3])
  Object.defineProperty(id, 'length', {
    get() {
      count += 1
      inner.put({ id: `inner ${count}`, text: 'I'.repeat(100) })
      return 3
    },
  })
  batch.put({ id, text: 'outer' })
  await batch.flush()
  await inner.flush()
  // Its own length is not asked for any more: the key is read where it was encoded.
  expect(count).toBe(0)
  expect(await things.get({ id: new Uint8Array([1, 2, 3]) })).toEqual({ id: new Uint8Array([1, 2, 3]), text: 'outer' })
  expect((await db.verify()).problems).toEqual([])
  await db.close()
})

describe('an item that flushes the batch while it is put is in the next flush', () => {
  test.each([
    ['of an empty batch', (_: { put(item: object): unknown; delete(key: object): unknown }) => {}],
    ['behind a put', (batch) => batch.put({ id: 'before' })],
    ['behind a delete', (batch) => batch.delete({ id: 'before' })],
    [
      'behind a full pack',
      (batch) => {
        for (let n = 0; n < 250; n++) batch.put({ id: `before ${n}` })
      },
    ],
  ] as readonly (readonly [string, (batch: { put(item: object): unknown; delete(key: object): unknown }) => void])[])(
    '%s',
    async (_, begin) => {
      const db = await open('memory:')
      const things = db.table(Things)
      await things.put({ id: 'first' })
      const batch = things.batch()
      begin(batch)
      const flushes: Promise<void>[] = []
      const item = {
        id: 'late',
        get n() {
          flushes.push(batch.flush())
          return 1
        },
      }
      batch.put(item)
      expect(batch.size).toBe(1)
      batch.delete({
        get id() {
          flushes.push(batch.flush())
          return 'first'
        },
      })
      expect(batch.size).toBe(1)
      await Promise.all(flushes)
      await batch.flush()
      expect(batch.size).toBe(0)
      expect(await things.get({ id: 'late' })).toEqual({ id: 'late', n: 1 })
      expect(await things.get({ id: 'first' })).toBeUndefined()
      await db.close()
    },
  )
})

test('puts and deletes that alternate are put together, too', async () => {
  const { backend } = new ObservedDatabase()
  onTestFinished(() => backend.close())
  backend.defineTable(checkTableDefinition({ name: 'things', key: ['id'] }))
  await backend.put({ table: 'things', item: { id: 'first' }, condition: undefined })
  const prepared = new PreparedWrites(backend, 'things')
  for (let n = 0; n < 100; n++) {
    prepared.add({ put: { id: `id-${n}` } })
    prepared.add({ delete: { id: `id-${n}` } })
  }
  expect(prepared.size).toBe(200)
  expect(prepared.take().map(({ count }) => count)).toEqual([200])
})

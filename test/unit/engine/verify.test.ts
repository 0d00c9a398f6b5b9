/** What `verify` finds when an index and its table disagree, and how often it decodes an item to find out. */
import { describe, expect, test, vi } from 'vitest'
import { LocalBackend } from '../../../src/engine/local-backend.js'
import type { Item } from '../../../src/model/item/item.js'
import { ItemCodec } from '../../../src/model/item/item-codec.js'
import { checkTableDefinition } from '../../../src/model/table/table-rule.js'
import type { Storage } from '../../../src/storage/storage.js'
import { settle } from '../../support/simulated-scheduler.js'
import { checksum, contents, machine, openStorage } from '../../support/storage-fixture.js'
import { countTurns } from '../../support/turns.js'

const TABLE = 1
const BY_TAG = 2
const BY_NAME = 3
const COPIES = 4

function opened() {
  const where = machine()
  const storage = openStorage(where)
  const clocks = { clock: { now: () => 1_800_000_000_000 }, monotonicClock: { now: () => 0 } }
  const { scheduler } = where
  const backend = new LocalBackend(storage, { ...clocks, scheduler, checksum, itemCacheByteLimit: 1 })
  const indexes = {
    byTag: { key: ['tags'], multi: 'tags' },
    byName: { key: ['name'], unique: true },
    copies: { key: ['name'], covering: true },
  }
  backend.defineTable(checkTableDefinition({ name: 'notes', key: ['id'], indexes }))
  const run = async <T>(promise: Promise<T>): Promise<T> => {
    let isDone = false
    promise.catch(() => {}).finally(() => (isDone = true))
    while (!isDone) await (scheduler.isIdle ? settle() : scheduler.runOne())
    return promise
  }
  const put = (item: Item) => run(backend.put({ table: 'notes', condition: undefined, item }))
  return { storage, backend, run, put }
}

async function filled(count = 20) {
  const all = opened()
  for (let n = 0; n < count; n++) await all.put({ id: `id-${n}`, name: `name-${n}`, tags: [`t${n % 3}`, `u${n}`] })
  return all
}

const keysOf = (storage: Storage, tree: number) => Object.keys(contents(storage, tree))

async function problemsOf({ backend, run }: ReturnType<typeof opened>): Promise<string[]> {
  const { problems } = await run(backend.verify())
  return problems.map(({ message }) => message.replace(/^.*?: /s, ''))
}

describe('it finds', () => {
  test('nothing where there is nothing', async () => {
    const all = await filled()
    expect(await problemsOf(all)).toEqual([])
    expect(await all.run(all.backend.verify())).toMatchObject({ items: 20, indexEntries: 80, tables: 1 })
  })

  test('an entry that is missing', async () => {
    for (const tree of [BY_TAG, BY_NAME, COPIES]) {
      const all = await filled()
      await all.run(all.storage.commit([{ tree, key: keysOf(all.storage, tree)[3]!, value: undefined }]))
      expect((await problemsOf(all)).join()).toContain('the entry of an item is missing')
    }
  })

  test('an entry that stands for nothing, even where another one is missing', async () => {
    for (const tree of [BY_TAG, BY_NAME, COPIES]) {
      const all = await filled()
      const gone = keysOf(all.storage, TABLE)[5]!
      await all.run(all.storage.commit([{ tree: TABLE, key: gone, value: undefined }]))
      expect((await problemsOf(all)).join()).toContain('an entry stands for an item that is not there')
      await all.run(all.storage.commit([{ tree, key: keysOf(all.storage, tree)[0]!, value: undefined }]))
      const both = (await problemsOf(all)).join()
      expect(both).toContain('an entry stands for an item that is not there')
    }
  })

  test('an entry of an item that has changed', async () => {
    const all = await filled()
    const [first, second] = keysOf(all.storage, TABLE)
    const other = all.storage.get(TABLE, second!)!
    await all.run(all.storage.commit([{ tree: TABLE, key: first!, value: other }]))
    const found = (await problemsOf(all)).join()
    expect(found).toContain('an item lies under another key than its own')
    expect(found).toContain('an entry stands for an item that has changed')
  })

  test('a copy that is not what its item is, an entry without one, and one that is another item’s', async () => {
    const all = await filled()
    const [first, second] = keysOf(all.storage, COPIES)
    const [value, other] = [all.storage.get(COPIES, first!)!, all.storage.get(COPIES, second!)!]
    const stale = Buffer.concat([value.subarray(0, 8), other.subarray(8)])
    for (const [planted, problem] of [
      [stale, 'the copy of an item is not what the item is'],
      [value.subarray(0, -1), 'the copy of an item is not what the item is'],
      [value.subarray(0, 8), 'the copy of an item is not what the item is'],
      [other, 'the entry of an item stands for another one'],
    ] as const) {
      await all.run(all.storage.commit([{ tree: COPIES, key: first!, value: planted }]))
      const { problems } = await all.run(all.backend.verify())
      expect(problems.map(({ message }) => message)).toContain(`Cannot read "index notes.copies" at byte 0: ${problem}`)
      await all.run(all.storage.commit([{ tree: COPIES, key: first!, value }]))
      expect(await problemsOf(all)).toEqual([])
    }
  })

  test('a unique entry that stands for another item', async () => {
    const all = await filled()
    const [first, second] = keysOf(all.storage, BY_NAME)
    const other = all.storage.get(BY_NAME, second!)!
    await all.run(all.storage.commit([{ tree: BY_NAME, key: first!, value: other }]))
    const found = (await problemsOf(all)).join()
    expect(found).toContain('the entry of an item stands for another one')
    expect(found).toContain('an entry stands for an item that has changed')
  })
})

test('an item is decoded once, however many entries it has, and others have their turn', async () => {
  const all = opened()
  const tags = Array.from({ length: 5000 }, (_, n) => `tag-${n}`)
  for (let n = 0; n < 4; n++) await all.put({ id: `id-${n}`, tags })
  const decode = vi.spyOn(ItemCodec.prototype, 'decode')
  const turns = countTurns()
  expect(await problemsOf(all)).toEqual([])
  expect(decode).toHaveBeenCalledTimes(4)
  expect(turns()).toBeGreaterThan(20)
  decode.mockClear()
  // One that is wrong is found without decoding them for each of their entries.
  await all.run(all.storage.commit([{ tree: BY_TAG, key: keysOf(all.storage, BY_TAG)[7]!, value: undefined }]))
  expect((await problemsOf(all)).join()).toContain('the entry of an item is missing')
  expect(decode.mock.calls.length).toBeLessThanOrEqual(8)
  decode.mockRestore()
})

test('what is written meanwhile is no problem', async () => {
  const all = await filled(60)
  const verified = all.backend.verify()
  const writes: Promise<unknown>[] = []
  for (let n = 0; n < 60; n++) writes.push(all.put({ id: `id-${n}`, name: `other-${n}`, tags: [`v${n}`] }))
  await all.run(Promise.all(writes))
  expect((await all.run(verified)).problems).toEqual([])
})

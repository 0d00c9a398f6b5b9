/** Tables that are made, changed and dropped, with types that are declared; and those are the same tables for everybody. */
import { expect, test } from 'vitest'
import type { Backend, ReadRequest } from '../../../src/backend.js'
import { table, type } from '../../../src/index.js'
import type { Item } from '../../../src/model/item/item.js'
import type { TableDefinition } from '../../../src/model/table/table-definition.js'
import { checkTableDefinition } from '../../../src/model/table/table-rule.js'
import { MovableClock } from '../../support/temporary-database.js'
import type { Driver } from '../contract.js'

const TYPES = { id: 'S', at: 'N' } as const
const key = ['id', 'at'] as const

function definition(change: Readonly<Record<string, unknown>> = {}): TableDefinition {
  return checkTableDefinition({ name: 'things', key, attributeTypes: TYPES, ...change })
}

const WITH_INDEXES = definition({
  indexes: {
    byKind: { key: ['kind', 'at'], projection: ['note'] },
    byPlace: {
      key: [
        ['country', 'city'],
        ['street', 'number'],
      ],
    },
    byRank: { key: ['id', 'rank'], local: true, projection: 'KEYS_ONLY' },
  },
  attributeTypes: { ...TYPES, kind: 'S', country: 'S', city: 'S', street: 'S', number: 'N', rank: 'B' },
})

export function tables(driver: Driver): void {
  const put = (backend: Backend, item: Item) => backend.put({ table: 'things', item, condition: undefined })

  async function queried(backend: Backend, index: string | undefined, where: Item): Promise<readonly Item[]> {
    const request: ReadRequest = {
      ...{ table: 'things', index, where, filter: undefined, select: undefined, reverse: false },
      ...{ segment: undefined, totalSegments: undefined },
    }
    const page = { limit: undefined, cursor: undefined, countOnly: false, holds: false, endsAtLimit: true }
    return (await backend.read(request, page)).items
  }

  async function codeOf(promise: Promise<unknown>): Promise<unknown> {
    return promise.then(
      () => 'none',
      (failure: { readonly code?: unknown }) => failure.code,
    )
  }

  test('a table that is made has the key, the types and the indexes that it was to have', async () => {
    const backend = await driver.openBackend(new MovableClock())
    await backend.createTable(WITH_INDEXES)
    expect(backend.tableNames()).toEqual(['things'])
    const { key: keyNames, keyTypes, indexes } = backend.describeTable('things')
    expect([keyNames, keyTypes]).toEqual([
      ['id', 'at'],
      ['S', 'N'],
    ])
    const known = indexes.map(({ name, partition, sort, keyTypes, local, unique, projection, status }) => {
      return [name, partition, sort, keyTypes.join(''), local, unique, projection, status]
    })
    expect(known.toSorted()).toEqual([
      ['byKind', ['kind'], ['at'], 'SN', false, false, ['note'], 'ACTIVE'],
      ['byPlace', ['country', 'city'], ['street', 'number'], 'SSSN', false, false, 'ALL', 'ACTIVE'],
      ['byRank', ['id'], ['rank'], 'SB', true, false, 'KEYS_ONLY', 'ACTIVE'],
    ])
    // Defined as it is, it is the same one.
    backend.defineTable(WITH_INDEXES)
    expect(await codeOf(backend.createTable(WITH_INDEXES))).toBe('TABLE_DEFINITION')
  })

  test('its types hold from the first item on', async () => {
    const backend = await driver.openBackend(new MovableClock())
    await backend.createTable(WITH_INDEXES)
    expect(await codeOf(put(backend, { id: 1, at: 1 }))).toBe('KEY_TYPE')
    expect(await codeOf(put(backend, { id: 'a', at: 'now' }))).toBe('KEY_TYPE')
    expect(await codeOf(put(backend, { id: 'a', at: 1, kind: 5 }))).toBe('KEY_TYPE')
    expect(await codeOf(put(backend, { id: 'a', at: 1, rank: 'first' }))).toBe('KEY_TYPE')
    const place = { country: 'no', city: 'Oslo', street: 'Gate', number: 7 }
    const item = { id: 'a', at: 1, kind: 'k', note: 'n', rank: Uint8Array.of(1), ...place }
    await put(backend, item)
    const { country, city } = place
    expect(await queried(backend, 'byPlace', { country, city, street: 'Gate', number: { gt: 5 } })).toEqual([item])
    expect(await queried(backend, 'byKind', { kind: 'k' })).toEqual([{ id: 'a', at: 1, kind: 'k', note: 'n' }])
    expect(await queried(backend, 'byRank', { id: 'a', rank: Uint8Array.of(1) })).toEqual([
      { id: 'a', at: 1, rank: Uint8Array.of(1) },
    ])
  })

  test('an index that comes later has what was there, and one that goes is gone', async () => {
    const backend = await driver.openBackend(new MovableClock())
    await backend.createTable(definition())
    for (let at = 0; at < 50; at++) await put(backend, { id: 'a', at, kind: `k${at % 5}` })
    const change = { indexes: { byKind: ['kind', 'at'] }, attributeTypes: { ...TYPES, kind: 'S' } }
    await backend.changeTable('things', { definition: definition(change) })
    await backend.indexReady('things', 'byKind')
    expect((await queried(backend, 'byKind', { kind: 'k3' })).map(({ at }) => at)).toEqual(
      Array.from({ length: 10 }, (_, i) => 5 * i + 3),
    )
    await backend.changeTable('things', { droppedIndex: 'byKind' })
    expect(await codeOf(queried(backend, 'byKind', { kind: 'k3' }))).toBe('INDEX_UNKNOWN')
    // Nothing is left of its type.
    await put(backend, { id: 'a', at: 99, kind: 5 })
    expect(await codeOf(backend.changeTable('nothing', { droppedIndex: 'byKind' }))).toBe('TABLE_NOT_FOUND')
  })

  test('a time to live counts from when it is switched on until it is switched off', async () => {
    const clock = new MovableClock()
    const backend = await driver.openBackend(clock)
    await backend.createTable(definition({ ttl: 'until' }))
    expect(backend.findTable('things')?.ttl).toBe('until')
    await put(backend, { id: 'a', at: 1, until: clock.seconds + 10 })
    await put(backend, { id: 'a', at: 2 })
    clock.advance(10)
    expect((await queried(backend, undefined, { id: 'a' })).map(({ at }) => at)).toEqual([2])
    await backend.changeTable('things', { ttl: { attribute: undefined } })
    expect((await queried(backend, undefined, { id: 'a' })).map(({ at }) => at)).toEqual([1, 2])
    await backend.changeTable('things', { ttl: { attribute: 'until' } })
    expect((await queried(backend, undefined, { id: 'a' })).map(({ at }) => at)).toEqual([2])
  })

  test('one that is dropped is there for nobody, and another one has nothing of it', async () => {
    const backend = await driver.openBackend(new MovableClock())
    await backend.createTable(WITH_INDEXES)
    await put(backend, { id: 'a', at: 1, kind: 'k' })
    await backend.dropTable('things')
    expect(backend.tableNames()).toEqual([])
    const address = { table: 'things', key: { id: 'a', at: 1 } }
    for (const attempt of [
      () => put(backend, { id: 'a', at: 1 }),
      () => backend.get({ ...address, select: undefined }),
      () => backend.batchGet([{ ...address, select: undefined }]),
      () => backend.update({ ...address, update: { set: { n: 1 } }, condition: undefined }),
      () => backend.delete({ ...address, condition: undefined }),
      () => queried(backend, undefined, { id: 'a' }),
      () => queried(backend, 'byKind', { kind: 'k' }),
      () => backend.dropTable('things'),
    ]) {
      expect(await codeOf(Promise.resolve().then<unknown>(attempt)), String(attempt)).toBe('TABLE_NOT_FOUND')
    }
    await backend.createTable(checkTableDefinition({ name: 'things', key: ['n'], attributeTypes: { n: 'N' } }))
    await put(backend, { n: 5 })
    expect(await queried(backend, undefined, { n: 5 })).toEqual([{ n: 5 }])
  })

  test('what handles and prepared writes were made for is that table, and no other of its name', async () => {
    const { db } = await driver.open()
    const Notes = table('notes', { schema: type<{ id: string; n?: number }>(), key: ['id'] })
    const Others = table('notes', { schema: type<{ n: number }>(), key: ['n'] })
    const notes = db.table(Notes)
    const writer = notes.batch()
    writer.put({ id: 'a', n: 1 })
    await db.dropTable('notes')
    db.table(Others)
    const failure = await writer.flush().catch((error: Error & { code?: string; cause?: unknown }) => error)
    // They are handed back for that, or refused for it.
    expect([failure, failure?.cause]).toContainEqual(expect.objectContaining({ code: 'TABLE_NOT_FOUND' }))
    await expect(notes.put({ id: 'a' })).rejects.toMatchObject({ code: 'KEY_MISSING' })
    expect(await db.table(Others).scan().count()).toBe(0)
  })

  test('names are those of tables, indexes and attributes, whatever they mean elsewhere', async () => {
    const backend = await driver.openBackend(new MovableClock())
    for (const name of ['constructor', 'toString', 'hasOwnProperty', '...', 'A-b_c.1']) {
      const types = { constructor: 'S', 'odd name: #1': 'N', size: 'S' }
      const indexes = { [name]: ['size', 'odd name: #1'] }
      await backend.createTable(checkTableDefinition({ name, key: ['constructor'], indexes, attributeTypes: types }))
      const item = { constructor: 'x', 'odd name: #1': 5, size: 'toString', valueOf: 1, ':v': 1, '#n': 2 }
      await backend.put({ table: name, item, condition: { valueOf: { exists: false }, '#n': { exists: false } } })
      const updated = await backend.update({
        ...{ table: name, key: { constructor: 'x' }, condition: { ':v': 1 } },
        update: { set: { toString: 5, 'a.b[0]': 1 }, remove: ['valueOf'], add: { '#n': 1 } },
      })
      const { valueOf: _, ...rest } = item
      expect(updated).toEqual({ ...rest, toString: 5, 'a.b[0]': 1, '#n': 3 })
      const select = ['size', 'a.b[0]', 'odd name: #1']
      const request = { table: name, index: name, where: { size: 'toString', 'odd name: #1': { gte: 5 } }, select }
      const page = { limit: 1, cursor: undefined, countOnly: false, holds: false, endsAtLimit: true }
      const more = { filter: { toString: 5 }, reverse: true, segment: undefined, totalSegments: undefined }
      const { items } = await backend.read({ ...request, ...more }, page)
      expect(items).toEqual([{ size: 'toString', 'a.b[0]': 1, 'odd name: #1': 5 }])
    }
    expect(backend.tableNames().toSorted()).toEqual(['...', 'A-b_c.1', 'constructor', 'hasOwnProperty', 'toString'])
  })
}

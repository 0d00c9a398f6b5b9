/**
 * An index with an entry for each element did not look at the elements while another attribute of its key was missing: a
 * text in the place of a list was stored, and the update that added the other attribute was refused for it.
 */
import { expect, test } from 'vitest'
import { type Table, table, type } from '../../src/index.js'
import { temporaryDatabase } from '../support/temporary-database.js'

// biome-ignore lint/suspicious/noExplicitAny: what is handed over is of any type
type Any = any
const schema = type<Any>()
const Plain: Any = table('things', { schema, key: ['id'] } as Any)
const Things: Any = table('things', {
  schema,
  key: ['id'],
  indexes: {
    byTag: { key: ['tags', 'd'], multi: 'tags' },
    byBoth: { key: [['labels', 'kind'], 'd'], multi: 'labels' },
    byName: ['name', 'd'],
  },
} as Any)

type AnyTable = Table<Any, Any, Any, Any>
const things = async (definition = Things): Promise<AnyTable> => (await temporaryDatabase()).db.table(definition)

const wrong: [string, Any, string][] = [
  ['a text', 'str', 'KEY_TYPE'],
  ['a number', 5, 'KEY_TYPE'],
  ['a map', { a: 1 }, 'KEY_TYPE'],
  ['null', null, 'KEY_TYPE'],
  ['elements of two types', ['a', 1], 'KEY_TYPE'],
  ['an element that is null', ['a', null], 'KEY_TYPE'],
  ['an empty element', [''], 'KEY_EMPTY'],
]

test.each(wrong)('%s is refused, whatever else is there', async (_what, tags, code) => {
  const table = await things()
  for (const more of [{}, { d: 'x' }]) {
    const refused = (promise: Promise<unknown>) => expect(promise).rejects.toMatchObject({ code })
    await refused(table.put({ id: 'a', tags, ...more }))
    await refused(table.put({ id: 'a', labels: tags, ...more }))
    await refused(table.put({ id: 'a', labels: tags, kind: 'k', ...more }))
    await refused(table.update({ id: 'a' }, { set: { tags, ...more } }))
    const batch = table.batch()
    batch.put({ id: 'a', tags, ...more })
    await expect(batch.flush()).rejects.toMatchObject({ code: 'UNPROCESSED_ITEMS', cause: { code } })
  }
  expect(await table.scan().count()).toBe(0)
})

test('of which type the elements are is known of other items', async () => {
  const table = await things()
  await table.put({ id: 'a', tags: ['x'], d: '1' })
  await expect(table.put({ id: 'b', tags: [1] })).rejects.toMatchObject({ code: 'KEY_TYPE' })
  // Elements that have no entry teach nothing.
  await table.put({ id: 'c', labels: ['x'], d: '1' })
  await table.put({ id: 'c', labels: [1], kind: 'k', d: '1' })
})

test('an element that is too long with the rest of the partition key is refused', async () => {
  const table = await things()
  const item = { id: 'a', labels: ['l'.repeat(1500)], kind: 'k'.repeat(1000) }
  for (const more of [{}, { d: 'x' }]) {
    await expect(table.put({ ...item, ...more })).rejects.toMatchObject({ code: 'KEY_TOO_LONG' })
  }
  await table.put({ ...item, kind: 'k' })
})

test('what is right is stored, and in the index when the rest is there', async () => {
  const table = await things()
  const right: [string, Any][] = [
    ['none', undefined],
    ['an empty list', []],
    ['a list', ['a', 'b', 'a']],
    ['a set', new Set(['a'])],
  ]
  for (const [id, tags] of right) await table.put({ id, ...(tags && { tags }) })
  expect(await table.index('byTag').scan().count()).toBe(0)
  for (const [id] of right) await table.update({ id }, { set: { d: 'x' } })
  expect(await table.index('byTag').query({ tags: 'a' }).count()).toBe(2)
})

test('an index that is added leaves out what can not be in it, and whoever writes to that is told', async () => {
  const { db } = await temporaryDatabase()
  const plain: AnyTable = db.table(Plain)
  await plain.put({ id: 'tags', tags: 'str' })
  await plain.put({ id: 'name', name: 5n })
  await plain.put({ id: 'null', name: null, tags: null })
  await plain.put({ id: 'right', name: 'n', tags: ['a'], d: 'x' })
  const table: AnyTable = db.table(Things)
  for (const name of ['byTag', 'byBoth', 'byName']) await table.index(name).ready()
  expect(await table.index('byTag').scan().count()).toBe(1)
  expect(await table.index('byName').scan().count()).toBe(1)
  // As ever with an index that has one entry for an item, also of what is there already.
  const refused = { code: 'KEY_TYPE' }
  for (const id of ['tags', 'name', 'null']) {
    await expect(table.update({ id }, { set: { other: 1 } })).rejects.toMatchObject(refused)
  }
  await table.update({ id: 'tags' }, { set: { tags: ['str'], d: 'x' } })
  await table.update({ id: 'name' }, { remove: ['name'] } as Any)
  await table.delete({ id: 'null' })
  expect(await table.index('byTag').scan().count()).toBe(2)
})

test('more elements than an item may have entries are refused only where there would be entries', async () => {
  const table = await things()
  const tags = Array.from({ length: 10_001 }, (_, n) => `${n}`)
  await table.put({ id: 'a', tags })
  expect(await table.update({ id: 'a' }, { set: { other: 1 } })).toEqual({ id: 'a', tags, other: 1 })
  const refused = { code: 'INDEX_ELEMENTS', message: expect.stringContaining('has 10001 elements') }
  await expect(table.update({ id: 'a' }, { set: { d: 'x' } })).rejects.toMatchObject(refused)
  await expect(table.put({ id: 'b', d: 'x', tags })).rejects.toMatchObject(refused)
  await table.put({ id: 'b', d: 'x', tags: [...tags.slice(1), ...tags.slice(1)] })
  expect(await table.index('byTag').query({ tags: '10000' }).toArray()).toHaveLength(1)
})

/**
 * Indexes were made of the caller's objects, behind the item's bytes: a list or bytes that a condition changed meanwhile, or
 * that answered differently the second time they were read, had entries of items that did not have them. Each query of such
 * an entry failed once its item was gone. So was the place of an item whose key is bytes.
 */
import { expect, test } from 'vitest'
import { type Database, ddb, type StandardSchemaV1, table, type } from '../../src/index.js'
import { temporaryDatabase } from '../support/temporary-database.js'

interface Thing {
  id: string | Uint8Array
  tags?: string[]
  hash?: Uint8Array
  last?: string[]
}

const schema = type<Thing>()
const Things = table('things', {
  schema,
  key: ['id'],
  indexes: { byTag: { key: ['tags'], multi: 'tags' }, byHash: ['hash'] },
})

async function newThings() {
  const { db } = await temporaryDatabase()
  return { db, things: db.table(Things) }
}

async function expectNothingElse(db: Database): Promise<void> {
  const things = db.table(Things)
  expect((await db.verify()).problems).toEqual([])
  for (const { id } of await things.scan().toArray()) await things.delete({ id })
  expect(await things.index('byTag').counts().toArray()).toEqual([])
  expect(await things.index('byHash').scan().toArray()).toEqual([])
}

test.each(['nothing', 'old'] as const)('a condition changes the item that is put (returning %s)', async (wanted) => {
  const { db, things } = await newThings()
  const thing = { id: 'a', tags: ['x'], hash: Uint8Array.of(1) }
  const change = () => {
    thing.tags.push('y')
    thing.hash[0] = 7
    return true
  }
  const options = wanted === 'old' ? ({ return: 'old' } as const) : {}
  await things.put(thing, { if: change, ...options })
  expect(await things.get({ id: 'a' })).toEqual({ id: 'a', tags: ['x'], hash: Uint8Array.of(1) })
  expect(await things.index('byTag').query({ tags: 'y' }).toArray()).toEqual([])
  expect(
    await things
      .index('byHash')
      .query({ hash: Uint8Array.of(1) })
      .toArray(),
  ).toHaveLength(1)
  await expectNothingElse(db)
})

test('elements answer differently each time they are read', async () => {
  const { db, things } = await newThings()
  const tags = () => {
    let reads = 0
    return Object.defineProperty(['a', 'b'], 1, { enumerable: true, configurable: true, get: () => `read ${++reads}` })
  }
  await things.put({ id: 'put', tags: tags() })
  await things.update({ id: 'set' }, { set: { tags: tags() } })
  await things.update({ id: 'expression' }, ddb`SET tags = ${tags()}`)
  await things.batch((batch) => batch.put({ id: 'batch', tags: tags() }))
  await db.transact((tx) => tx.put(Things, { id: 'transaction', tags: tags() }))
  for (const { id, tags: stored } of await things.scan().toArray()) {
    const found = await things.index('byTag').query({ tags: stored![1]! }).toArray()
    expect(found.map((thing) => thing.id)).toContain(id)
  }
  await expectNothingElse(db)
})

test('a key of bytes changes while its item is read', async () => {
  const { db, things } = await newThings()
  const changing = () => {
    const id = Uint8Array.of(1, 2)
    const last = Object.defineProperty(['first'], 0, {
      enumerable: true,
      get: () => {
        id[0] = 9
        return 'last'
      },
    })
    return { id, last }
  }
  const stored = { id: Uint8Array.of(1, 2), last: ['last'] }
  await things.put(changing())
  expect(await things.get({ id: stored.id })).toEqual(stored)
  await things.delete({ id: stored.id })
  await things.batch((batch) => batch.put(changing()))
  expect(await things.get({ id: stored.id })).toEqual(stored)
  await things.delete({ id: stored.id })
  await db.transact((tx) => tx.put(Things, changing()))
  expect(await things.get({ id: stored.id })).toEqual(stored)
  await expectNothingElse(db)
})

interface Made {
  id: string
  tag?: string
  n?: number
}

test('a validator answers with attributes that are computed each time', async () => {
  const { db } = await temporaryDatabase()
  let count = 0
  const computed = (name: string) =>
    Object.defineProperty({}, name, { enumerable: true, get: () => `${name} ${++count}` }) as object
  const isKey = { now: false }
  const validated: StandardSchemaV1<Made, Made> = {
    '~standard': {
      version: 1 as const,
      vendor: 'test',
      validate: (value: unknown) => {
        const made = computed(isKey.now ? 'id' : 'tag')
        for (const name of Object.keys(value as object)) {
          if (!Object.hasOwn(made, name)) Object.assign(made, { [name]: (value as Record<string, unknown>)[name] })
        }
        return { value: made as Made }
      },
    },
  }
  const Made = table('made', { schema: validated, key: ['id'], indexes: { byTag: ['tag'] } })
  const made = db.table(Made)
  for (const now of [false, true]) {
    isKey.now = now
    await made.update({ id: `update ${now}` }, { set: { tag: 'given', n: 1 } })
    await db.transact((tx) => tx.update(Made, { id: `transaction ${now}` }, { set: { tag: 'given', n: 1 } }))
  }
  const all = await made.scan().toArray()
  expect(all.map(({ id }) => id).sort()).toEqual([
    'transaction false',
    'transaction true',
    'update false',
    'update true',
  ])
  for (const item of all) expect(await made.index('byTag').query({ tag: item.tag! }).toArray()).toContainEqual(item)
  expect((await db.verify()).problems).toEqual([])
})

test('the bytes of a key change while its item is updated', async () => {
  const { db, things } = await newThings()
  for (const first of [[5], [6], [7]]) {
    const key = { id: Uint8Array.from(first) }
    const change = () => {
      key.id[0] = 99
      return true
    }
    const values = Object.defineProperty({}, 'tags', { enumerable: true, get: () => (change() ? ['x'] : []) }) as object
    if (first[0] === 5) await things.update(key, { set: { tags: ['x'] } }, { if: change })
    else if (first[0] === 6) await things.update(key, { set: values })
    else await db.transact((tx) => tx.update(Things, key, { set: { tags: ['x'] } }, { if: change }))
    expect(await things.get({ id: Uint8Array.from(first) })).toEqual({ id: Uint8Array.from(first), tags: ['x'] })
  }
  expect(await things.get({ id: Uint8Array.of(99) })).toBeUndefined()
  await expectNothingElse(db)
})

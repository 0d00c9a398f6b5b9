/** A seed is sown whole, table by table: whatever delays the server makes believe, and or else the table is not there. */
import { expect, onTestFinished, test } from 'vitest'
import type { Backend } from '../../../src/backend.js'
import { LocalBackend } from '../../../src/engine/local-backend.js'
import { type Database, open, type ServeOptions } from '../../../src/index.js'
import type { Members, Performer } from '../../../src/server/performer.js'
import { seed } from '../../../src/server/seed.js'

const definition = (name: string) => ({
  TableName: name,
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
})
const items = (count: number) => Array.from({ length: count }, (_, i) => ({ id: `i${i}` }))

async function database(): Promise<Database> {
  const db = await open('memory:')
  onTestFinished(() => db.close())
  return db
}

async function serve(db: Database, options: ServeOptions) {
  const server = await db.serve({ port: 0, ...options })
  onTestFinished(() => server.close())
  return server
}

test('a server with delays has its seed when it begins', async () => {
  const db = await database()
  const server = await serve(db, { tableDelayMs: 60_000, seed: [{ ...definition('things'), data: items(30) }] })
  expect(server.seeded).toEqual({ created: ['things'], kept: [], itemCount: 30 })
  expect(await db.table('things').scan().count()).toBe(30)
  await server.seed([{ ...definition('later'), data: items(2) }])
  expect(await db.table('later').scan().count()).toBe(2)
})

test.each([false, true])('a table whose items are refused is not kept, protected or not: %s', async (isProtected) => {
  const db = await database()
  const bad = { ...definition('things'), DeletionProtectionEnabled: isProtected, data: [...items(60), { id: 5 }] }
  await expect(db.serve({ port: 0, seed: [bad] })).rejects.toThrow(/Type mismatch for key/)
  expect(db.tables()).toEqual([])
  const server = await serve(db, { seed: [{ ...bad, data: items(60) }] })
  expect(server.seeded).toMatchObject({ created: ['things'], itemCount: 60 })
})

test('a table of which items stay unprocessed is not kept', async () => {
  const dropped: string[] = []
  const performer: Performer = {
    async perform(operation, input): Promise<Members> {
      if (operation !== 'BatchWriteItem') return {}
      return { UnprocessedItems: input['RequestItems'] }
    },
  }
  const findTable = () => undefined
  const backend = { findTable, dropTable: async (name: string) => void dropped.push(name) } as unknown as Backend
  const Items = items(3).map(({ id }) => ({ id: { S: id } }))
  const sown = seed({ performer, backend }, [{ ...definition('things'), Items }])
  await expect(sown).rejects.toMatchObject({ code: 'UNPROCESSED_ITEMS', unprocessed: { length: 3 } })
  expect(dropped).toEqual(['things'])
})

test('seeds that are sown at once do not take each other for leftovers', async () => {
  const db = await database()
  const tables = [{ ...definition('things'), data: items(100) }]
  const servers = await Promise.all([1, 2, 3].map(() => serve(db, { seed: tables })))
  const created = servers.flatMap(({ seeded }) => seeded!.created)
  expect(created).toEqual(['things'])
  expect(await db.table('things').scan().count()).toBe(100)
})

test('what was left half filled is begun again', async () => {
  const db = await database()
  const tables = [{ ...definition('things'), DeletionProtectionEnabled: true, data: items(60) }]
  const good = items(40).map(({ id }) => ({ id: { S: id as string } }))
  const bad = { ...tables[0]!, data: [], Items: [...good, { id: { N: '5' } }] }
  await expect(serve(db, { seed: [bad] })).rejects.toThrow()
  // As after a crash: nobody was there to drop it.
  const dropTable = LocalBackend.prototype.dropTable
  LocalBackend.prototype.dropTable = () => Promise.reject(new Error('killed'))
  try {
    await expect(serve(db, { seed: [bad] })).rejects.toThrow()
  } finally {
    LocalBackend.prototype.dropTable = dropTable
  }
  expect(await db.table('things').scan().count()).toBeGreaterThan(0)
  expect(await db.table('things').scan().count()).toBeLessThan(60)
  const server = await serve(db, { seed: tables })
  expect(server.seeded).toEqual({ created: ['things'], kept: [], itemCount: 60 })
  expect(await db.table('things').scan().count()).toBe(60)
  expect((await serve(db, { seed: tables })).seeded).toMatchObject({ kept: ['things'] })
})

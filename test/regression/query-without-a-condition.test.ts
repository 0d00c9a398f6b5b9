/** A query whose condition was undefined, a variable that was not set, read the whole table: all items of all tenants. */
import { expect, test } from 'vitest'
import { open, table, type } from '../../src/index.js'

test.each([undefined, null])('a query by %s reads nothing', async (where) => {
  const db = await open('memory:')
  const Docs = table('docs', {
    schema: type<{ tenant: string; id: string; g: number }>(),
    key: ['tenant', 'id'],
    indexes: { byG: ['g'] },
  })
  const docs = db.table(Docs)
  await docs.put({ tenant: 'a', id: '1', g: 1 })
  const nothing = where as never
  const missing = { name: 'ValidationException', code: 'KEY_MISSING' }
  await expect(docs.query(nothing).toArray()).rejects.toMatchObject(missing)
  await expect(docs.query(nothing).count()).rejects.toMatchObject(missing)
  await expect(docs.index('byG').query(nothing).toArray()).rejects.toMatchObject(missing)
  await expect(db.transact((tx) => tx.query(Docs, nothing))).rejects.toMatchObject(missing)
  expect(await docs.scan().count()).toBe(1)
  await db.close()
})

test('who gives up in the middle of a page is shown no more of it', async () => {
  const db = await open('memory:')
  const items = db.table(table('items', { schema: type<{ id: number }>(), key: ['id'] }))
  await items.batch((writer) => {
    for (let id = 0; id < 100; id++) writer.put({ id })
  })
  const giving = new AbortController()
  let seen = 0
  const read = async () => {
    for await (const _item of items.scan({ signal: giving.signal })) {
      seen += 1
      if (seen === 5) giving.abort(new Error('enough'))
    }
  }
  await expect(read()).rejects.toThrow('enough')
  expect(seen).toBe(5)
  await db.close()
})

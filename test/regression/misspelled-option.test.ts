/** An option that there is not was ignored where no compiler looks: `put(item, { iff: … })` was a put without a condition. */
import { expect, test } from 'vitest'
import { open, table, type } from '../../src/index.js'

test('an option that there is not is refused, with those there are', async () => {
  const db = await open('memory:')
  const Items = table('items', { schema: type<{ id: string; n: number }>(), key: ['id'], indexes: { byN: ['n'] } })
  const items = db.table(Items)
  await items.put({ id: 'a', n: 1 })
  const wrong = { iff: { n: 2 } } as never
  const refused = { name: 'ValidationException', code: 'OPTION' }
  const key = { id: 'a' }
  await expect(items.put({ id: 'a', n: 2 }, wrong)).rejects.toThrow(
    'Cannot put: there is no option "iff"; there are if, return',
  )
  await expect(items.update(key, { set: { n: 2 } }, wrong)).rejects.toMatchObject(refused)
  await expect(items.delete(key, wrong)).rejects.toMatchObject(refused)
  await expect(items.get(key, wrong)).rejects.toMatchObject(refused)
  await expect(items.batchGet([key], wrong)).rejects.toMatchObject(refused)
  expect(() => items.query(key, wrong)).toThrow(expect.objectContaining(refused))
  expect(() => items.scan(wrong)).toThrow(expect.objectContaining(refused))
  expect(() => items.index('byN').query({ n: 1 }, wrong)).toThrow(expect.objectContaining(refused))
  await expect(db.transact((tx) => void tx.put(Items, { id: 'a', n: 2 }, wrong))).rejects.toMatchObject(refused)
  await expect(db.transact((tx) => void tx.check(Items, key, { n: 1 }, wrong))).rejects.toMatchObject(refused)
  await expect(db.transact((tx) => tx.query(Items, key, wrong))).rejects.toMatchObject(refused)
  await expect(db.transact(() => {}, wrong)).rejects.toMatchObject(refused)
  await expect(open('memory:', wrong)).rejects.toMatchObject(refused)
  await expect(items.put({ id: 'a', n: 2 }, { return: 'new' } as never)).rejects.toThrow(
    '"return" is one of none, old, not "new"',
  )
  await expect(items.delete(key, { return: 'xx' } as never)).rejects.toMatchObject(refused)
  for (const none of [null, 5] as never[]) {
    await expect(items.put({ id: 'a', n: 2 }, none)).rejects.toMatchObject(refused)
    expect(() => items.scan(none)).toThrow(expect.objectContaining(refused))
    await expect(open('memory:', none)).rejects.toMatchObject(refused)
  }
  expect(await items.get(key)).toEqual({ id: 'a', n: 1 })
  expect(await items.put({ id: 'a', n: 3 }, { iff: undefined, return: 'old' } as never)).toEqual({ id: 'a', n: 1 })
  await db.close()
})

test('a listener that is none is refused, and who reads on behind the end is told of that', async () => {
  const db = await open('memory:')
  const items = db.table(table('items', { schema: type<{ id: number }>(), key: ['id'] }))
  expect(() => items.on('change', undefined as never)).toThrow('the listener is a function, not of type undefined')
  await items.batch((writer) => {
    for (let id = 0; id < 20_000; id++) writer.put({ id })
  })
  const read = async () => {
    for await (const { id } of items.scan()) if (id === 1) await db.close()
  }
  await expect(read()).rejects.toThrow('the database was closed meanwhile')
})

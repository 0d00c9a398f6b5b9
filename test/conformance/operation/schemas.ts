/** Schemas of items: what they refuse is not stored, however it is written, and what they make of it is. */
import { expect, test } from 'vitest'
import { z } from 'zod'
import { table } from '../../../src/index.js'
import { type Driver, needing } from '../contract.js'

const Users = table('users', {
  schema: z.object({ id: z.string(), name: z.string().min(1), visits: z.number().int().default(0) }),
  key: ['id'],
})
const NAMELESS = { id: 'u2', name: '' }
const REFUSED = { name: 'ValidationException', code: 'SCHEMA' }

export function schemas(driver: Driver): void {
  test('what is put is what the schema makes of it', async () => {
    const { db } = await driver.open()
    const users = db.table(Users)
    await users.put({ id: 'u1', name: 'Ada', more: 1 } as never)
    await users.batch((writer) => void writer.put({ id: 'u3', name: 'Bob' }))
    await db.transact((tx) => tx.put(Users, { id: 'u4', name: 'Cyd' }))
    expect(await users.get({ id: 'u1' })).toEqual({ id: 'u1', name: 'Ada', visits: 0 })
    expect(await users.get({ id: 'u3' })).toEqual({ id: 'u3', name: 'Bob', visits: 0 })
    expect(await users.get({ id: 'u4' })).toEqual({ id: 'u4', name: 'Cyd', visits: 0 })
  })

  test('what does not match is refused', async () => {
    const { db } = await driver.open()
    const users = db.table(Users)
    await expect(users.put(NAMELESS)).rejects.toMatchObject(REFUSED)
    await expect(db.transact((tx) => tx.put(Users, NAMELESS))).rejects.toMatchObject(REFUSED)
    expect(() => users.batch().put(NAMELESS)).toThrow(expect.objectContaining(REFUSED))
    expect(await users.scan().count()).toBe(0)
  })

  needing(driver, 'schemas of updates')('what an update makes of an item is looked at, too', async () => {
    const { db } = await driver.open()
    const users = db.table(Users)
    await users.put({ id: 'u1', name: 'Ada' })
    expect(await users.update({ id: 'u1' }, { add: { visits: 1 } })).toEqual({ id: 'u1', name: 'Ada', visits: 1 })
    await expect(users.update({ id: 'u1' }, { set: { name: '' } })).rejects.toMatchObject(REFUSED)
    await expect(users.update({ id: 'new' }, { add: { visits: 1 } })).rejects.toMatchObject(REFUSED)
    expect(await users.scan().toArray()).toEqual([{ id: 'u1', name: 'Ada', visits: 1 }])
  })
}

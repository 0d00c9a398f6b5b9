/** A unique index: one item for each key, whoever writes, however it is written, and whatever is not yet published. */
import { setTimeout } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import {
  type OpenOptions,
  type Table,
  table,
  type,
  type UniqueIndexException,
  type UnprocessedItemsError,
} from '../../../src/index.js'
import { expectSound, MovableClock } from '../../support/temporary-database.js'
import { type Driver, has, needing, rounds } from '../contract.js'

interface User {
  id: string
  email?: string
  team?: string
  number?: number
  phones?: Set<string>
  until?: number
}

const Plain = table('users', { schema: type<User>(), key: ['id'], ttl: 'until' })
const Users = table('users', {
  schema: type<User>(),
  key: ['id'],
  ttl: 'until',
  indexes: {
    byEmail: { key: ['email'], unique: true },
    byNumber: { key: ['team', 'number'], unique: true },
    byPhone: { key: ['phones'], multi: 'phones', unique: true },
  },
})

/** By any clock, and not so long ago that it counts for nothing. */
const LONG_OVER = Math.floor(Date.now() / 1000) - 365 * 86_400

export function uniqueIndex(driver: Driver): void {
  async function openUsers(options: OpenOptions = {}) {
    const database = await driver.open(options)
    return { database, users: database.db.table(Users) }
  }

  /** Who is refused, and by whom. */
  const refusedBy = (holder: string, index = 'byEmail') => ({
    name: 'UniqueIndexException',
    code: 'UNIQUE_CONFLICT',
    table: 'users',
    index,
    holder: { id: holder },
  })

  test('a second holder is refused, with the index, the key and the holder', async () => {
    const { users } = await openUsers()
    await users.put({ id: 'u1', email: 'a' })
    const failure = await users.put({ id: 'u2', email: 'a' }).catch((error: UniqueIndexException) => error)
    expect(failure).toMatchObject({ ...refusedBy('u1'), key: { email: 'a' } })
    expect((failure as Error).message).toBe(
      'Cannot store the item in "users": its index "byEmail" is unique, and another item has the same email; ' +
        'its key is in "holder"',
    )
    await expect(users.update({ id: 'u2' }, { set: { email: 'a' } })).rejects.toMatchObject(refusedBy('u1'))
    expect(await users.get({ id: 'u2' })).toBeUndefined()
    expect(await users.index('byEmail').query({ email: 'a' }).toArray()).toEqual([{ id: 'u1', email: 'a' }])
  })

  test('the holder itself may be written again, and gives the key away', async () => {
    const { users } = await openUsers()
    await users.put({ id: 'u1', email: 'a' })
    await users.put({ id: 'u1', email: 'a', team: 'x' })
    await users.update({ id: 'u1' }, { set: { team: 'y' } })
    await users.update({ id: 'u1' }, { set: { email: 'b' } })
    await users.put({ id: 'u2', email: 'a' })
    await users.update({ id: 'u1' }, { remove: ['email'] })
    await users.put({ id: 'u3', email: 'b' })
    await users.delete({ id: 'u2' })
    await users.put({ id: 'u4', email: 'a' })
    const all = await users.index('byEmail').scan().toArray()
    expect(all.map(({ id, email }) => `${id} ${email}`).sort()).toEqual(['u3 b', 'u4 a'])
  })

  test('the whole key counts, and items that lack a part of it do not', async () => {
    const { users } = await openUsers()
    await users.put({ id: 'u1', team: 'x', number: 1 })
    await users.put({ id: 'u2', team: 'x', number: 2 })
    await users.put({ id: 'u3', team: 'y', number: 1 })
    for (const id of ['u4', 'u5']) await users.put({ id, team: 'x' })
    await expect(users.put({ id: 'u6', team: 'x', number: 2 })).rejects.toMatchObject({
      ...refusedBy('u2', 'byNumber'),
      key: { team: 'x', number: 2 },
    })
    const found = await users
      .index('byNumber')
      .query({ team: 'x', number: { gte: 1 } })
      .toArray()
    expect(found.map(({ id }) => id)).toEqual(['u1', 'u2'])
  })

  test('each element of a set has one holder', async () => {
    const { users } = await openUsers()
    await users.put({ id: 'u1', phones: new Set(['1', '2']) })
    await expect(users.put({ id: 'u2', phones: new Set(['3', '2']) })).rejects.toMatchObject({
      ...refusedBy('u1', 'byPhone'),
      key: { phones: '2' },
    })
    await users.put({ id: 'u1', phones: new Set(['1']) })
    await users.put({ id: 'u2', phones: new Set(['3', '2']) })
    const holder = async (phone: string) => (await users.index('byPhone').query({ phones: phone }).first())?.id
    expect([await holder('1'), await holder('2'), await holder('3')]).toEqual(['u1', 'u2', 'u2'])
  })

  needing(driver, 'several values')('holders are found by any of several values, and by all', async () => {
    const { users } = await openUsers()
    await users.put({ id: 'u1', phones: new Set(['1']) })
    await users.put({ id: 'u2', phones: new Set(['3', '2']) })
    const found = await users
      .index('byPhone')
      .query({ phones: { any: ['1', '2', '3'] } })
      .toArray()
    expect(found.map(({ id }) => id)).toEqual(['u1', 'u2'])
    expect(
      await users
        .index('byPhone')
        .query({ phones: { all: ['2', '3'] } })
        .count(),
    ).toBe(1)
    expect(
      await users
        .index('byPhone')
        .query({ phones: { all: ['1', '2'] } })
        .count(),
    ).toBe(0)
  })

  describe.each(['always', 'never'] as const)('what is not yet published, with fsync %s', (fsync) => {
    test('of many who want a key at the same time, one has it', async () => {
      const { users } = await openUsers({ fsync })
      const ids = Array.from({ length: 50 }, (_, n) => `u${n}`)
      const outcomes = await Promise.allSettled(ids.map((id) => users.put({ id, email: 'a' })))
      const winner = outcomes.findIndex(({ status }) => status === 'fulfilled')
      if (has(driver, 'order of calls')) expect(winner).toBe(0)
      const refused = outcomes.filter((outcome) => outcome.status === 'rejected')
      expect(refused).toHaveLength(49)
      for (const { reason } of refused) expect(reason).toMatchObject(refusedBy(`u${winner}`))
      expect(await users.scan().count()).toBe(1)
    })

    test('a key that is given away in the same turn can be taken in it', async () => {
      const { users } = await openUsers({ fsync })
      const outcomes = await Promise.allSettled([
        users.put({ id: 'u1', email: 'a' }),
        users.delete({ id: 'u1' }),
        users.put({ id: 'u2', email: 'a' }),
        users.update({ id: 'u2' }, { set: { email: 'b' } }),
        users.put({ id: 'u3', email: 'a' }),
        users.put({ id: 'u4', email: 'b' }),
      ])
      if (has(driver, 'order of calls')) {
        expect(outcomes.map(({ status }) => status)).toEqual([...Array(5).fill('fulfilled'), 'rejected'])
        expect(outcomes[5]).toMatchObject({ reason: refusedBy('u2') })
        return
      }
      // In whatever order they arrive: nothing but a taken key refuses one, and no key has two holders.
      const refused = outcomes.filter((outcome) => outcome.status === 'rejected')
      for (const { reason } of refused) expect(reason).toMatchObject({ name: 'UniqueIndexException', index: 'byEmail' })
      const emails = (await users.scan().toArray()).map(({ email }) => email)
      expect(new Set(emails).size).toBe(emails.length)
    })

    test('a batch stores what it can, in its order, and gives the rest back', async () => {
      const { users } = await openUsers({ fsync })
      await users.put({ id: 'u0', email: 'taken' })
      const failure = await users
        .batch((w) => {
          w.put({ id: 'u1', email: 'a' })
            .put({ id: 'u2', email: 'a' })
            .delete({ id: 'u1' })
            .put({ id: 'u3', email: 'a' })
          w.put({ id: 'u4', email: 'taken' }).delete({ id: 'u0' }).put({ id: 'u5', email: 'taken' })
        })
        .catch((error: UnprocessedItemsError) => error)
      expect(failure).toMatchObject({
        code: 'UNPROCESSED_ITEMS',
        unprocessed: [{ put: { id: 'u2', email: 'a' } }, { put: { id: 'u4', email: 'taken' } }],
        cause: refusedBy('u1'),
      })
      const all = await users.scan().toArray()
      expect(all.map(({ id }) => id).sort()).toEqual(['u3', 'u5'])
    })
  })

  test('a holder whose time is over holds nothing', async () => {
    const clock = new MovableClock()
    const { database, users } = await openUsers({ clock })
    const now = clock.seconds
    await users.put({ id: 'u1', email: 'a', team: 'x', number: 1, phones: new Set(['1', '2']), until: now + 10 })
    const seen: string[] = []
    const isHeard = has(driver, 'listeners')
    if (isHeard) users.on('change', ({ type, key }) => seen.push(`${type} ${key.id}`))
    const taking = { id: 'u2', email: 'a', phones: new Set(['2']) }
    await expect(users.put(taking)).rejects.toMatchObject(refusedBy('u1'))
    clock.advance(10)
    await users.put(taking)
    await users.put({ id: 'u3', team: 'x', number: 1, phones: new Set(['1']) })
    expect(seen).toEqual(isHeard ? ['put u2', 'put u3'] : [])
    expect(await users.index('byEmail').query({ email: 'a' }).toArray()).toEqual([taking])
    // What is left of it is written over and removed as if it had never been there.
    await users.put({ id: 'u1', email: 'b' })
    await users.delete({ id: 'u1' })
    expect((await database.db.verify()).items).toBe(2)
  })

  test('a write with a false condition, or a wrong type, is refused for that', async () => {
    const { users } = await openUsers()
    await users.put({ id: 'u1', email: 'a' })
    const put = users.put({ id: 'u2', email: 'a' }, { if: { id: { exists: true } } })
    await expect(put).rejects.toMatchObject({ code: 'CONDITION_FAILED' })
    await expect(users.put({ id: 'u2', email: 5 as never })).rejects.toMatchObject({ code: 'KEY_TYPE' })
  })

  test('it stays unique after opening again', async () => {
    const { database, users } = await openUsers()
    await users.put({ id: 'u1', email: 'a' })
    const again = (await database.reopen()).table(Users)
    await expect(again.put({ id: 'u2', email: 'a' })).rejects.toMatchObject(refusedBy('u1'))
    await database.db.checkpoint()
    await expect(again.put({ id: 'u2', email: 'a' })).rejects.toMatchObject(refusedBy('u1'))
  })

  describe('added to a table with items', () => {
    /** Declares what takes a way to say that an index can't be built; where there is none, it is only never ready. */
    const whereBuildsFail = (name: string, body: () => Promise<void>) => {
      if (has(driver, 'failed builds')) test(name, body)
    }

    test('with two items of one key it is never said to be ready', async () => {
      const database = await filled((plain) => plain.put({ id: 'twin', email: 'mail-3' }))
      const users = database.db.table(Users)
      const outcome = users
        .index('byEmail')
        .ready()
        .then(
          () => 'ready',
          () => 'refused',
        )
      expect(await Promise.race([outcome, setTimeout(1000, 'waited for')])).not.toBe('ready')
    })

    const COUNT = rounds(driver, 1800)
    async function filled(
      prepare: (users: Table<User, User, readonly ['id'], Record<never, never>>) => Promise<unknown>,
    ) {
      const database = await driver.open({ fsync: 'never' })
      const plain = database.db.table(Plain)
      await plain.batch((w) => {
        for (let n = 0; n < COUNT; n++) w.put({ id: `u${n}`, email: `mail-${n}` })
      })
      await prepare(plain)
      return database
    }

    test('it has everything when it is ready', async () => {
      const database = await filled(async () => {})
      const users = database.db.table(Users)
      const status = () => database.db.tables()[0]!.indexes.find(({ name }) => name === 'byEmail')!.status
      expect(status()).toBe('BUILDING')
      await users.index('byEmail').ready()
      expect(status()).toBe('ACTIVE')
      await expect(users.put({ id: 'new', email: `mail-${COUNT - 1}` })).rejects.toMatchObject(
        refusedBy(`u${COUNT - 1}`),
      )
      expect(await users.index('byEmail').scan().count()).toBe(COUNT)
    })

    test('writes go on meanwhile, and are held to what is in it already', async () => {
      const database = await filled(async () => {})
      const users = database.db.table(Users)
      const writes: Promise<unknown>[] = []
      for (let n = 0; n < COUNT; n += 7) {
        if (n % 2 === 0) writes.push(users.delete({ id: `u${n}` }), users.put({ id: `v${n}`, email: `mail-${n}` }))
        else writes.push(users.update({ id: `u${n}` }, { set: { email: `new-${n}` } }))
        if (n % 5 === 0) await new Promise((resolve) => setImmediate(resolve))
      }
      await Promise.all(writes)
      expect(await users.index('byEmail').scan().count()).toBe(COUNT)
      await expectSound(database.db)
    })

    whereBuildsFail('with two items of one key it can’t be built: says which, and is out of the way', async () => {
      const warnings: Error[] = []
      const onWarning = (warning: Error) => void warnings.push(warning)
      process.on('warning', onWarning)
      const database = await filled((plain) => plain.put({ id: 'twin', email: 'mail-3' }))
      const users = database.db.table(Users)
      const failure = { name: 'IndexBuildFailedError', code: 'INDEX_BUILD_FAILED', index: 'byEmail', table: 'users' }
      await expect(users.index('byEmail').ready()).rejects.toMatchObject({ ...failure, key: { email: 'mail-3' } })
      const read = await users
        .index('byEmail')
        .query({ email: 'mail-1' })
        .first()
        .catch((error) => error)
      expect(read).toMatchObject(failure)
      const holders = (read as { holders: { id: string }[] }).holders.map(({ id }) => id)
      expect(holders.sort()).toEqual(['twin', 'u3'])
      for (const other of ['byNumber', 'byPhone'] as const) await users.index(other).ready()
      expect(database.db.tables()[0]!.indexes.map(({ status }) => status)).toEqual(['FAILED', 'ACTIVE', 'ACTIVE'])
      // Writing goes on without it, and so does everything else.
      await users.put({ id: 'another', email: 'mail-4' })
      expect(database.db.table(Users).name).toBe('users')
      await expectSound(database.db)
      process.off('warning', onWarning)
      expect(warnings).toMatchObject([{ name: 'DynafileWarning', code: 'INDEX_BUILD_FAILED' }])

      // The next opening looks again: it fails as long as there are two, and is there when there are not.
      await (await database.reopen()).table(Users).index('byNumber').ready()
      await expect(database.db.table(Users).index('byEmail').ready()).rejects.toMatchObject(failure)
      await database.db.table(Users).delete({ id: 'twin' })
      await database.db.table(Users).delete({ id: 'another' })
      const again = (await database.reopen()).table(Users)
      await again.index('byEmail').ready()
      expect(await again.index('byEmail').scan().count()).toBe(COUNT)
      expect(database.db.tables()[0]!.indexes.map(({ status }) => status)).toEqual(['ACTIVE', 'ACTIVE', 'ACTIVE'])
    })

    whereBuildsFail('one that failed can be dropped and defined again', async () => {
      const database = await filled((plain) => plain.put({ id: 'twin', email: 'mail-3' }))
      const users = database.db.table(Users)
      await expect(users.index('byEmail').ready()).rejects.toMatchObject({ code: 'INDEX_BUILD_FAILED' })
      await users.delete({ id: 'twin' })
      await database.db.dropIndex('users', 'byEmail')
      database.db.table(Users)
      await users.index('byEmail').ready()
      await expect(users.put({ id: 'twin', email: 'mail-3' })).rejects.toMatchObject(refusedBy('u3'))
    })

    test('of two with one key, one whose time is over goes', async () => {
      const database = await filled(async (plain) => {
        await plain.put({ id: 'old', email: 'mail-3', until: LONG_OVER })
        await plain.put({ id: 'older', email: 'mail-4', phones: new Set(['1', '2']), until: LONG_OVER })
        await plain.put({ id: 'young', phones: new Set(['2', '3']) })
      })
      const users = database.db.table(Users)
      await users.index('byEmail').ready()
      await users.index('byPhone').ready()
      expect(await users.index('byEmail').scan().count()).toBe(COUNT)
      const byPhone = users.index('byPhone')
      expect([await byPhone.query({ phones: '1' }).count(), await byPhone.query({ phones: '2' }).count()]).toEqual([
        0, 1,
      ])
      await expectSound(database.db)
    })

    whereBuildsFail(
      'a duplicate that is written while it is built is refused, or ends the building: never both kept',
      async () => {
        const database = await filled(async () => {})
        const users = database.db.table(Users)
        const taken: Promise<unknown>[] = []
        for (let n = 0; n < 40; n++) {
          taken.push(users.put({ id: `late${n}`, email: `mail-${n * 40}` }).catch(() => undefined))
          await new Promise((resolve) => setImmediate(resolve))
        }
        await Promise.all(taken)
        const outcome = await users
          .index('byEmail')
          .ready()
          .then(
            () => 'ready',
            (failure) => failure.code,
          )
        const emails = (await users.scan().toArray()).map(({ email }) => email)
        if (outcome === 'ready') expect(new Set(emails).size).toBe(emails.length)
        else expect(outcome).toBe('INDEX_BUILD_FAILED')
        await expectSound(database.db)
      },
    )
  })
}

/**
 * The signal of a transaction was looked at before its function began and when it had ended: while it waited for something
 * that never comes, nobody could give it up.
 */
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { open, table, type } from '../../src/index.js'

const Things = table('things', { schema: type<{ id: string; n: number }>(), key: ['id'] })
const nothing = () => new Promise<never>(() => {})
const gone = new Error('gone')

test.each(['before it waits', 'while it waits'])('it is given up %s, and nothing is written', async (when) => {
  const db = await open('memory:')
  const giver = new AbortController()
  let called = 0
  const transacting = db.transact(
    async (tx) => {
      called += 1
      tx.put(Things, { id: 'a', n: 1 })
      if (when === 'before it waits') giver.abort(gone)
      else setTimeout(() => giver.abort(gone), 5)
      await nothing()
    },
    { signal: giver.signal, retries: 3 },
  )
  await expect(transacting).rejects.toBe(gone)
  expect(called).toBe(1)
  expect(await db.table(Things).scan().count()).toBe(0)
  await db.transact((tx) => void tx.put(Things, { id: 'b', n: 1 }))
  await db.close()
})

test('what its function does then comes to nothing, and fails where nobody looks', async () => {
  const db = await open('memory:')
  const giver = new AbortController()
  const goOn = new AbortController()
  let late: unknown
  const transacting = db.transact(
    async (tx) => {
      await once(goOn.signal, 'abort')
      try {
        tx.put(Things, { id: 'a', n: 1 })
      } catch (failure) {
        late = failure
        throw failure
      }
    },
    { signal: giver.signal },
  )
  giver.abort(gone)
  await expect(transacting).rejects.toBe(gone)
  goOn.abort()
  await expect.poll(() => late).toMatchObject({ code: 'TRANSACTION', message: expect.stringContaining('it has ended') })
  expect(db.tables()).toEqual([])
  await db.close()
})

test('one that has ended heeds it no more', async () => {
  const db = await open('memory:')
  const { signal } = new AbortController()
  let listening = 0
  const counted = Object.assign(signal, {
    addEventListener: () => void (listening += 1),
    removeEventListener: () => void (listening -= 1),
  })
  expect(await db.transact(() => 5, { signal: counted })).toBe(5)
  await expect(db.transact(() => Promise.reject(gone), { signal: counted })).rejects.toBe(gone)
  await expect.poll(() => listening).toBe(0)
  await db.close()
})

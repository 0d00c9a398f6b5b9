/**
 * `{ signal: 5 }` was a bare `TypeError`, `{ reverse: 'yes' }` was taken for no option at all. And of an index that could not be
 * built, a transaction and a snapshot said that it was not complete yet, as if waiting would help.
 */
import { expect, test } from 'vitest'
import { table, type } from '../../src/index.js'
import { temporaryDatabase } from '../support/temporary-database.js'

interface Thing {
  id: string
  mail?: string
}
const schema = type<Thing>()
const Things = table('things', { schema, key: ['id'] })
const Unique = table('things', { schema, key: ['id'], indexes: { byMail: { key: ['mail'], unique: true } } })

test.each([
  [{ signal: 5 }, '"signal" is an AbortSignal, not 5'],
  [{ signal: null }, '"signal" is an AbortSignal, not null'],
  [{ reverse: 'yes' }, '"reverse" is true or false, not "yes"'],
  [{ consistent: 1 }, '"consistent" is true or false, not 1'],
  [{ reverse: Object.create(null) }, '"reverse" is true or false, not an object'],
])('%o is refused', async (options, message) => {
  const { db } = await temporaryDatabase()
  const things = db.table(Things)
  const refused = { code: 'OPTION', message: expect.stringContaining(message) }
  const reading = async () => things.query({ id: 'a' }, options as object).toArray()
  await expect(reading()).rejects.toMatchObject(refused)
  if (!('signal' in options)) return
  await expect((async () => things.put({ id: 'a' }, options as object))()).rejects.toMatchObject(refused)
  await expect((async () => things.get({ id: 'a' }, options as object))()).rejects.toMatchObject(refused)
})

test('an index that could not be built is told of in transactions and snapshots as anywhere', async () => {
  const { db } = await temporaryDatabase()
  const things = db.table(Things)
  for (const id of ['a', 'b']) await things.put({ id, mail: 'the same' })
  const unique = db.table(Unique)
  const failure = { name: 'IndexBuildFailedError', code: 'INDEX_BUILD_FAILED' }
  await expect(unique.index('byMail').query({ mail: 'the same' }).toArray()).rejects.toMatchObject(failure)
  const inTransaction = db.transact((tx) => tx.query(Unique, { mail: 'the same' }, { index: 'byMail' }))
  await expect(inTransaction).rejects.toMatchObject(failure)
  using snapshot = db.snapshot()
  const inSnapshot = snapshot.table(Unique).index('byMail').query({ mail: 'the same' })
  await expect(inSnapshot.toArray()).rejects.toMatchObject(failure)
})

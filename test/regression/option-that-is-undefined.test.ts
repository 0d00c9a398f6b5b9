/**
 * An option that is undefined is not there, when a program runs; but under `exactOptionalPropertyTypes` the compiler took it of
 * `cursor` alone: `query(key, { limit: request.limit })` did not compile. A condition, a filter and the keys of a server are
 * another matter: who hands over none by mistake writes, or shows, what he did not mean to.
 */
import { expect, test } from 'vitest'
import { type OpenOptions, open, table, type } from '../../src/index.js'

const Things = table('things', { schema: type<{ id: string; n: number }>(), key: ['id'], indexes: { byN: ['n'] } })

const NOTHING_SAID: Required<{ [Name in keyof OpenOptions]: undefined }> = {
  ...{ fsync: undefined, fsyncIntervalMs: undefined, compression: undefined, cacheBytes: undefined, clock: undefined },
  ...{ memtableBytes: undefined, partitionBytes: undefined, threadFromBytes: undefined },
}

test('compiles, and is not there', async () => {
  const db = await open('memory:', NOTHING_SAID)
  const things = db.table(Things)
  const signal = undefined
  await things.put({ id: 'a', n: 1 }, { signal, return: undefined })
  await things.update({ id: 'a' }, { set: { n: 1 } }, { return: undefined })
  expect(await things.get({ id: 'a' }, { select: undefined })).toEqual({ id: 'a', n: 1 })
  const read = { limit: undefined, reverse: undefined, cursor: undefined, consistent: undefined, signal }
  const sorted = { ...read, sortBytes: undefined }
  const all = [{ id: 'a', n: 1 }]
  expect(await things.query({ id: 'a' }, sorted).toArray()).toEqual(all)
  expect(await things.index('byN').query({ n: 1 }, sorted).orderBy('n').toArray()).toEqual(all)
  const parts = { segment: undefined, totalSegments: undefined, workers: undefined }
  expect(await things.scan({ ...sorted, ...parts }).toArray()).toEqual(all)
  const options = { token: undefined, retries: undefined, signal }
  const inTransaction = { limit: undefined, reverse: undefined, index: undefined, consistent: undefined }
  expect(await db.transact((tx) => tx.query(Things, { id: 'a' }, inTransaction), options)).toEqual(all)
  expect(db.awsConfig({ region: undefined }).region).toBe('us-east-1')
  expect((await db.verify({ onProgress: undefined })).problems).toEqual([])
  const server = await db.serve({ port: 0, host: undefined, seed: undefined, faults: undefined, region: undefined })
  await server.close()
  // @ts-expect-error who may come in is not left to a variable that is not set
  await (await db.serve({ port: 0, auth: undefined })).close()
  // @ts-expect-error what may be none, and then there would be no condition
  await things.put({ id: 'a', n: 2 }, { if: undefined })
  // @ts-expect-error the same of a filter
  expect(await things.scan({ filter: undefined }).count()).toBe(1)
  await db.close()
})

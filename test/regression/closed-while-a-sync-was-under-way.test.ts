/**
 * A checkpoint failed while a commit's sync was under way, and the database was closed: `close` returned before the sync
 * did, and the witness was then written to a descriptor that by then could be another file's.
 */
import { expect, test } from 'vitest'
import type { Storage } from '../../src/storage/storage.js'
import { SimulatedScheduler, settle } from '../support/simulated-scheduler.js'
import { contents, machine, openStorage, put, restarted } from '../support/storage-fixture.js'

/** Until a promise is settled, with pauses and disk taking turns. */
async function outcome(promise: Promise<unknown>, disk: SimulatedScheduler, pauses: SimulatedScheduler): Promise<void> {
  let isDone = false
  promise.finally(() => {
    isDone = true
  })
  while (!isDone) {
    await disk.runOne()
    await pauses.runOne()
  }
}

/** A checkpoint that has begun, and whose directories and log wait for no disk: only its pauses are left. */
async function begunCheckpoint(storage: Storage, disk: SimulatedScheduler, pauses: SimulatedScheduler) {
  await outcome(storage.commit([put('0', '0')]), disk, pauses)
  await outcome(storage.checkpoint(), disk, pauses)
  await disk.outcome(storage.commit([put('a', '1'), put('b', '2')]))
  const checkpoint = storage.checkpoint().catch((failure: Error) => failure)
  await disk.runUntil(() => false)
  return { checkpoint }
}

test('after a failure, close waits for the sync that is under way before it closes the files', async () => {
  const where = machine()
  // The pauses of the checkpoint are decided apart from the syncs of the disk.
  const pauses = new SimulatedScheduler(where.random)
  const storage = openStorage({ ...where, scheduler: pauses }, { sliceByteLength: 1 })
  const { checkpoint } = await begunCheckpoint(storage, where.scheduler, pauses)
  const commit = storage.commit([put('c', '3')]).catch((failure: Error) => failure)
  await settle()
  where.disk.fault = { operation: 'write', after: where.disk.counts.write + 1, code: 'EIO', isPersistent: true }
  await pauses.runUntil(() => storage.failure !== undefined)
  expect(await checkpoint).toBeInstanceOf(Error)
  expect(await commit).toBeInstanceOf(Error)
  where.disk.fault = undefined
  expect(where.scheduler.isIdle).toBe(false)

  let isClosed = false
  const closing = storage.close().finally(() => {
    isClosed = true
  })
  await settle()
  expect(isClosed).toBe(false)
  await where.scheduler.outcome(closing)
})

test('after a failure, close waits for the checkpoint that is under way before it closes the files', async () => {
  const where = machine()
  const pauses = new SimulatedScheduler(where.random)
  const storage = openStorage({ ...where, scheduler: pauses }, { sliceByteLength: 1 })
  const { checkpoint } = await begunCheckpoint(storage, where.scheduler, pauses)
  const commit = storage.commit([put('c', '3')]).catch((failure: Error) => failure)
  await settle()
  let isClosed = false
  const closing = storage
    .close()
    .catch((failure: Error) => failure)
    .finally(() => {
      isClosed = true
    })
  where.disk.fault = { operation: 'sync', after: where.disk.counts.sync + 1, code: 'EIO', isPersistent: false }
  await where.scheduler.runUntil(() => storage.failure !== undefined)
  await settle()
  expect(await commit).toBeInstanceOf(Error)
  expect(pauses.isIdle).toBe(false)
  expect(isClosed).toBe(false)
  await outcome(Promise.all([closing, checkpoint]), where.scheduler, pauses)
  expect(where.disk.openFileCount).toBe(0)
  expect(contents(openStorage(restarted(where)))).toMatchObject({ a: '1', b: '2' })
})

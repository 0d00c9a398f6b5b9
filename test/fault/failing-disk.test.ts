/**
 * The disk fails at the first operation of a kind, then at the second, and so on until the workload gets through. Each
 * time: the failure has a type, nothing is acknowledged after it, reads go on, and after reopening everything that was
 * acknowledged is there.
 */
import { describe, expect, test } from 'vitest'
import { DiskFullError, DynafileError, WriteFailedError } from '../../src/errors.js'
import type { Storage } from '../../src/storage/storage.js'
import type { Operation } from '../support/simulated-disk.js'
import { contents, type Machine, machine, openStorage, put, restarted } from '../support/storage-fixture.js'

const KINDS: { operation: Operation; code: string }[] = [
  { operation: 'write', code: 'EIO' },
  { operation: 'write', code: 'ENOSPC' },
  { operation: 'sync', code: 'EIO' },
  { operation: 'name', code: 'ENOSPC' },
  { operation: 'name', code: 'EIO' },
  { operation: 'read', code: 'EIO' },
]

describe.each(KINDS)('$code at a $operation', ({ operation, code }) => {
  test.each(['once', 'from then on'])('%s', async (duration) => {
    let failures = 0
    for (let after = 1; ; after++) {
      const where = machine(after)
      where.disk.fault = { operation, after, code, isPersistent: duration !== 'once' }
      const { acknowledged, attempted, failure } = await workUntilFailure(where)
      const isMet = where.disk.counts[operation] >= after
      where.disk.fault = undefined
      for (const how of ['kill', 'power cut'] as const) {
        // A kill first: what it finds in the page cache, the power cut must not take back.
        Object.assign(where, restarted(where, how))
        const storage = openStorage(where)
        const found = contents(storage)
        for (const [key, value] of acknowledged) {
          // Of the write that failed nothing is known: it may be there.
          const isAttempted = attempted?.key === key && found[key] === attempted.value
          expect(isAttempted || found[key] === value, `${key} is ${found[key]}, failure ${after}, ${how}`).toBe(true)
        }
      }
      if (failure === undefined) {
        // Zeros ahead of the log find no space, and nobody needs them yet.
        if (isMet) continue
        break
      }
      expect(failure, `failure ${after}`).toBeInstanceOf(DynafileError)
      failures += 1
    }
    expect(failures).toBeGreaterThan(5)
  })
})

test('a full disk says so, stops all writing, and nothing stored is lost', async () => {
  const where = machine()
  const storage = openStorage(where)
  await where.scheduler.outcome(storage.commit([put('before', 'is safe')]))
  where.disk.fault = { operation: 'write', after: where.disk.counts.write + 1, code: 'ENOSPC', isPersistent: true }

  const refused = where.scheduler.outcome(storage.commit([put('during', 'is refused')]))
  await expect(refused).rejects.toThrow(DiskFullError)
  where.disk.fault = undefined
  // There is space again, but what reached the disk is unknown: only reopening can tell.
  expect(() => storage.commit([put('after', 'is refused too')])).toThrow(DiskFullError)
  expect(contents(storage)).toEqual({ before: 'is safe' })

  const again = openStorage(restarted(where))
  expect(contents(again).before).toBe('is safe')
})

test('a failed sync is never tried again: later writes are refused although they would succeed', async () => {
  const where = machine()
  const storage = openStorage(where)
  where.disk.fault = { operation: 'sync', after: where.disk.counts.sync + 1, code: 'EIO', isPersistent: false }
  const first = storage.commit([put('a', '1')])
  await expect(where.scheduler.outcome(first)).rejects.toMatchObject({ code: 'WRITE_FAILED', outcome: 'unknown' })
  const syncs = where.disk.counts.sync
  expect(() => storage.commit([put('b', '2')])).toThrow(WriteFailedError)
  expect(() => storage.commit([put('c', '3')])).toThrow(/an earlier write failed/)
  expect(where.disk.counts.sync).toBe(syncs)
  expect(contents(storage)).toEqual({})
})

test('commits that waited behind a failed one are refused as not written', async () => {
  const where = machine()
  const storage = openStorage(where)
  where.disk.fault = { operation: 'sync', after: where.disk.counts.sync + 1, code: 'EIO', isPersistent: false }
  const first = storage.commit([put('a', '1')])
  first.catch(() => {})
  await Promise.resolve()
  const second = storage.commit([put('b', '2')])
  await expect(where.scheduler.outcome(second)).rejects.toMatchObject({ outcome: 'not written' })
  await expect(first).rejects.toMatchObject({ outcome: 'unknown' })
})

interface Work {
  readonly acknowledged: Map<string, string>
  readonly attempted: { readonly key: string; readonly value: string } | undefined
  readonly failure: unknown
}

async function workUntilFailure(where: Machine): Promise<Work> {
  const acknowledged = new Map<string, string>()
  let attempted: Work['attempted']
  let storage: Storage | undefined
  let isClosing = false
  try {
    storage = openStorage(where, { cacheByteLimit: 1 })
    for (let i = 0; i < 12; i++) {
      const [key, value] = [`key-${i % 7}`, `value ${i}`]
      attempted = { key, value }
      await where.scheduler.outcome(storage.commit([put(key, value)]))
      acknowledged.set(key, value)
      if (i % 5 === 4) await where.scheduler.outcome(storage.checkpoint())
      if (i === 9) contents(storage)
    }
    isClosing = true
    await where.scheduler.outcome(storage.close())
    return { acknowledged, attempted, failure: undefined }
  } catch (failure) {
    if (storage?.failure !== undefined && !isClosing) {
      const before = new Map(acknowledged)
      expect(() => storage!.commit([put('late', 'x')])).toThrow(DynafileError)
      where.disk.fault = undefined
      const found = contents(storage)
      for (const [key, value] of before) expect(found[key]).toBe(value)
    }
    return { acknowledged, attempted, failure }
  }
}

/**
 * A seed on a machine that fails: the power goes out at any moment of it, or the disk is full. Its table is there whole, or is
 * begun again by the next seed, and nothing is left of the first attempt.
 */
import { expect, test } from 'vitest'
import type { VerifyReport } from '../../src/backend.js'
import { LocalBackend } from '../../src/engine/local-backend.js'
import { type SeedReport, seed } from '../../src/server/seed.js'
import { createService } from '../../src/server/service.js'
import { doorSettings } from '../../src/server/table/door-settings.js'
import { settle } from '../support/simulated-scheduler.js'
import { checksum, contents, type Machine, machine, openStorage, restarted } from '../support/storage-fixture.js'

const COUNT = 60
const TABLE = {
  TableName: 'things',
  AttributeDefinitions: [
    { AttributeName: 'id', AttributeType: 'S' },
    { AttributeName: 'kind', AttributeType: 'S' },
  ],
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  GlobalSecondaryIndexes: [
    {
      IndexName: 'byKind',
      KeySchema: [{ AttributeName: 'kind', KeyType: 'HASH' }],
      Projection: { ProjectionType: 'ALL' },
    },
  ],
  data: Array.from({ length: COUNT }, (_, n) => ({ id: `id-${n}`, kind: `kind-${n % 3}`, text: 'x'.repeat(100) })),
}

function openBackend(where: Machine) {
  const storage = openStorage(where, { segmentByteLimit: 4 << 20, memtableEntryLimit: 50 })
  const clock = { now: () => 1_800_000_000_000 }
  const { scheduler } = where
  const own = { clock, monotonicClock: { now: () => 0 }, scheduler, checksum, itemCacheByteLimit: 1 }
  return { storage, backend: new LocalBackend(storage, own) }
}

type Opened = ReturnType<typeof openBackend>

function sow({ backend }: Opened): Promise<SeedReport> {
  return seed({ performer: createService(backend, { isSeeding: true }), backend }, [TABLE])
}

/** Undefined when the disk is gone before there is an outcome. */
async function outcome<T>(where: Machine, promise: Promise<T>): Promise<T | Error | undefined> {
  let result: T | Error | undefined
  promise.then(
    (value) => (result = value),
    (failure: Error) => (result = failure),
  )
  for (let turn = 0; result === undefined && turn < (where.disk.isCrashed ? 20 : 5000); turn++) {
    await (where.scheduler.isIdle ? settle() : where.scheduler.runOne())
  }
  return result
}

function itemCount({ storage }: Opened): number {
  const record = contents(storage, 0)['table:things']
  return record === undefined ? 0 : Object.keys(contents(storage, (JSON.parse(record) as { tree: number }).tree)).length
}

test('the power goes out at any moment', async () => {
  const seen = { nothing: 0, half: 0, whole: 0 }
  for (let run = 1; ; run++) {
    // What the very first write leaves is chance.
    const after = Math.max(1, 3 * (run - 6))
    const where = machine(run)
    const first = openBackend(where)
    where.disk.crashAfter(after)
    const result = await outcome(where, sow(first))
    const isOver = !where.disk.isCrashed
    Object.assign(where, restarted(where, run % 2 === 0 ? 'kill' : 'power cut'))

    const again = openBackend(where)
    const table = again.backend.findTable('things')
    const found = itemCount(again)
    if (table === undefined) seen.nothing += 1
    else if (doorSettings(table).isUnfinishedSeed === true) seen.half += 1
    else seen.whole += 1
    const isTold = result !== undefined && 'created' in result
    if (isTold) expect(found).toBe(COUNT)
    const report = (await outcome(where, sow(again))) as SeedReport
    const isWhole = table !== undefined && doorSettings(table).isUnfinishedSeed !== true
    expect(report, `after ${after}`).toMatchObject(isWhole ? { kept: ['things'] } : { created: ['things'] })
    expect(itemCount(again), `after ${after}`).toBe(COUNT)
    const isClean = () => !Object.keys(contents(again.storage, 0)).some((key) => key.startsWith('dropped:'))
    for (let turn = 0; !isClean() && turn < 500; turn++) {
      await (where.scheduler.isIdle ? settle() : where.scheduler.runOne())
    }
    expect(isClean()).toBe(true)
    const report2 = (await outcome(where, again.backend.verify())) as VerifyReport
    expect(report2.problems, `after ${after}`).toEqual([])
    if (isOver) break
  }
  expect(seen.half).toBeGreaterThan(5)
  expect(Math.min(seen.nothing, seen.whole)).toBeGreaterThan(0)
})

test('the disk is full, and has space again', async () => {
  let drops = 0
  for (let extra = 1000; ; extra += 3000) {
    const where = machine(extra)
    const opened = openBackend(where)
    await outcome(where, opened.backend.flush())
    where.disk.byteCapacity = where.disk.usedByteLength + extra
    const result = await outcome(where, sow(opened))
    expect(result, `${extra} bytes`).toBeDefined()
    expect(opened.storage.failure, `${extra} bytes`).toBeUndefined()
    if (!(result instanceof Error)) break
    drops += 1
    expect(opened.backend.findTable('things'), `${extra} bytes`).toBeUndefined()
    where.disk.byteCapacity = Number.POSITIVE_INFINITY
    for (let turn = 0; turn < 200; turn++) await (where.scheduler.isIdle ? settle() : where.scheduler.runOne())
    expect(await outcome(where, sow(opened))).toMatchObject({ created: ['things'] })
    expect(itemCount(opened)).toBe(COUNT)
  }
  expect(drops).toBeGreaterThan(3)
})

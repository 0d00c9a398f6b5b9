/** Building an index, giving one up and emptying what was dropped wait for space on a full disk, and then go on. */
import { expect, test, vi } from 'vitest'
import { LocalBackend } from '../../src/engine/local-backend.js'
import { DiskFullError } from '../../src/errors.js'
import type { Item } from '../../src/model/item/item.js'
import { checkTableDefinition } from '../../src/model/table/table-rule.js'
import { settle } from '../support/simulated-scheduler.js'
import { checksum, contents, type Machine, machine, openStorage } from '../support/storage-fixture.js'

const REQUEST = { condition: undefined, returnOld: false, table: 'things', validate: undefined } as const

/** A backend whose disk is full when the test says so. */
function fillableBackend(where: Machine) {
  const storage = openStorage(where)
  const disk = { isFull: false }
  for (const name of ['commit', 'checkWritable', 'checkFreeing'] as const) {
    const original = storage[name].bind(storage) as (...given: unknown[]) => unknown
    Object.defineProperty(storage, name, {
      value: (...given: unknown[]) => {
        if (disk.isFull) throw new DiskFullError('not written', { cause: new Error('no space') })
        return original(...given)
      },
    })
  }
  const clock = { now: () => 1_800_000_000_000 }
  const { scheduler } = where
  const options = { clock, monotonicClock: { now: () => 0 }, scheduler, checksum, itemCacheByteLimit: 1 }
  return { storage, disk, backend: new LocalBackend(storage, options) }
}

async function turns(where: Machine, count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await (where.scheduler.isIdle ? settle() : where.scheduler.runOne())
}

const define = (backend: LocalBackend, indexes: unknown) =>
  backend.defineTable(checkTableDefinition({ name: 'things', key: ['id'], indexes }))
const statusIn = (backend: LocalBackend) => backend.describeTables()[0]!.indexes.map(({ status }) => status)

test('an index goes on being built, is given up, and is emptied, once there is space', async () => {
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  const where = machine(1)
  const { storage, disk, backend } = fillableBackend(where)
  define(backend, { byKind: ['kind'] })
  const put = (item: Item) => where.scheduler.outcome(backend.put({ ...REQUEST, item }))
  for (let n = 0; n < 30; n++) await put({ id: `id-${n}`, kind: `kind-${n % 3}`, mail: `mail-${n % 29}` })

  define(backend, { byMail: ['mail'], uniqueMail: { key: ['mail'], unique: true } })
  disk.isFull = true
  await turns(where, 20)
  expect(statusIn(backend)).toEqual(['ACTIVE', 'BUILDING', 'BUILDING'])
  await expect(backend.indexReady('things', 'byMail')).rejects.toThrow(DiskFullError)
  disk.isFull = false
  await turns(where, 60)
  expect(statusIn(backend)).toEqual(['ACTIVE', 'ACTIVE', 'FAILED'])
  expect(warned).toHaveBeenCalledOnce()
  expect(Object.keys(contents(storage, 0)).filter((key) => key.startsWith('dropped:'))).toEqual([])

  const dropped = backend.dropIndex('things', 'byKind')
  disk.isFull = true
  await turns(where, 20)
  // It is dropped: what is left of it waits for nobody.
  await dropped
  await expect(backend.indexReady('things', 'byKind')).rejects.toMatchObject({ code: 'INDEX_UNKNOWN' })
  expect(Object.keys(contents(storage, 0)).filter((key) => key.startsWith('dropped:'))).toEqual(['dropped:2'])
  disk.isFull = false
  await turns(where, 60)
  expect(contents(storage, 2)).toEqual({})
  expect(Object.keys(contents(storage, 0)).filter((key) => key.startsWith('dropped:'))).toEqual([])
  let problems: readonly unknown[] | undefined
  backend.verify().then((report) => (problems = report.problems))
  await turns(where, 200)
  expect(problems).toEqual([])
  warned.mockRestore()
})

test('a table that is there can be used on a full disk, and by its definition too', async () => {
  const where = machine(1)
  const { disk, backend } = fillableBackend(where)
  define(backend, { byKind: ['kind'] })
  await where.scheduler.outcome(backend.put({ ...REQUEST, item: { id: 'a', kind: 'x' } }))
  disk.isFull = true
  define(backend, { byKind: ['kind'] })
  const key = { id: 'a' }
  expect(await backend.get({ table: 'things', key, projection: undefined } as never)).toEqual({ id: 'a', kind: 'x' })
  expect(() => define(backend, { byKind: ['kind'], byMail: ['mail'] })).toThrow(DiskFullError)
  expect(() => define(backend, { byKind: ['mail'] })).toThrow(/byKind/)
  disk.isFull = false
  expect(statusIn(backend)).toEqual(['ACTIVE'])
})

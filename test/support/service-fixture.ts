/**
 * The operations of the AWS door over a database in memory, through HTTP: `call('PutItem', { … })` is what a test does,
 * `refusal('PutItem', { … })` what it expects to go wrong. At the end of the test everything in the database is verified.
 */
import { expect, onTestFinished } from 'vitest'
import type { Backend } from '../../src/backend.js'
import { loadChecksum } from '../../src/base/checksum.js'
import { systemMonotonicClock } from '../../src/base/clock.js'
import { systemRandom } from '../../src/base/random.js'
import { systemScheduler } from '../../src/base/scheduler.js'
import { LocalBackend } from '../../src/engine/local-backend.js'
import type { IndexProjection } from '../../src/model/index/index-definition.js'
import { checkTableDefinition } from '../../src/model/table/table-rule.js'
import { AwsError } from '../../src/server/aws-error.js'
import type { Members } from '../../src/server/performer.js'
import { createService } from '../../src/server/service.js'
import type { AttributeMap } from '../../src/server/value/attribute-value.js'
import { MemoryFileSystem } from '../../src/storage/disk/memory-file-system.js'
import { prepareFolder } from '../../src/storage/folder.js'
import { Storage } from '../../src/storage/storage.js'
import { DEFAULT_STORAGE_OPTIONS } from '../../src/storage/storage-options.js'
import { overTheWire } from './over-the-wire.js'
import { MovableClock } from './temporary-database.js'

/** An answer, to be looked into. */
// biome-ignore lint/suspicious/noExplicitAny: a test looks where it likes, and fails if nothing is there
export type Answer = Record<string, any>

export interface ServiceFixture {
  readonly backend: Backend
  readonly clock: MovableClock
  call(operation: string, input: object): Promise<Answer>
  /** The exception that the operation is refused with. */
  refusal(operation: string, input: object): Promise<AwsError>
  /** Puts items, one after the other. */
  fill(table: string, items: readonly AttributeMap[]): Promise<void>
}

export interface FixtureTable {
  readonly name: string
  readonly key: readonly string[]
  readonly indexes?: Record<string, FixtureIndex>
  readonly ttl?: string
}

export interface FixtureIndex {
  readonly key: readonly (string | readonly string[])[]
  readonly local?: boolean
  readonly projection?: IndexProjection
}

/** A table with the key `pk`, one with `pk` and `sk`, and whatever else a test asks for. */
export async function serviceFixture(...tables: readonly FixtureTable[]): Promise<ServiceFixture> {
  const clock = new MovableClock()
  const checksum = await loadChecksum()
  const given = { clock, monotonicClock: systemMonotonicClock, scheduler: systemScheduler, checksum }
  const files = new MemoryFileSystem()
  prepareFolder(files, '/memory')
  const claim = { epoch: 1, isHeld: () => true }
  const storage = Storage.open({ ...given, files, random: systemRandom }, '/memory', claim, DEFAULT_STORAGE_OPTIONS)
  const backend = new LocalBackend(storage, { ...given, itemCacheByteLimit: 65_536 })
  const own = [{ name: 'simple', key: ['pk'] }, { name: 'sorted', key: ['pk', 'sk'] }, ...tables]
  for (const table of own) backend.defineTable(checkTableDefinition(table))
  onTestFinished(async () => {
    const { problems } = await backend.verify()
    expect(problems).toEqual([])
    await backend.close()
  })
  const service = overTheWire(createService(backend))
  const call = async (operation: string, input: object) =>
    (await service.perform(operation, input as Members)) as Answer
  return {
    backend,
    clock,
    call,
    async refusal(operation, input) {
      const failure: unknown = await call(operation, input).then(
        (answer) => new Error(`not refused: ${JSON.stringify(answer)}`),
        (error: unknown) => error,
      )
      if (failure instanceof AwsError) return failure
      throw failure
    },
    async fill(table, items) {
      for (const item of items) await call('PutItem', { TableName: table, Item: item })
    },
  }
}

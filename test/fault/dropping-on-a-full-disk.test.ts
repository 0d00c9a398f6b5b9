/**
 * On a full disk nothing is written but what sets space free: tables and indexes can be dropped, and then everything goes on
 * by itself. A drop that finds no space for its commit is refused, and harms nothing.
 */
import { describe, expect, test } from 'vitest'
import { LocalBackend } from '../../src/engine/local-backend.js'
import { DiskFullError } from '../../src/errors.js'
import type { Item } from '../../src/model/item/item.js'
import { checkTableDefinition } from '../../src/model/table/table-rule.js'
import type { Durability } from '../../src/storage/log/commit-queue.js'
import { SeededRandom } from '../support/random.js'
import { checksum, contents, type Machine, machine, openStorage, restarted } from '../support/storage-fixture.js'

const CATALOG_TREE = 0
const SYNCED: Durability = { kind: 'synced' }
const UNSYNCED: Durability = { kind: 'system' }

/** A database whose disk is filled by the test, with a large table and a small one. */
class Filled {
  readonly where: Machine
  readonly #durability: Durability
  readonly #segmentByteLimit: number
  readonly #text: SeededRandom
  storage
  backend

  constructor(seed: number, durability: Durability, segmentByteLimit: number = 16 << 20) {
    this.where = machine(seed)
    this.#segmentByteLimit = segmentByteLimit
    this.#durability = durability
    this.#text = new SeededRandom(seed)
    const opened = this.#open()
    this.storage = opened.storage
    this.backend = opened.backend
    this.define('large')
    this.define('small')
  }

  #open() {
    const options = {
      durability: this.#durability,
      segmentByteLimit: this.#segmentByteLimit,
      memtableByteLimit: 32 << 10,
    }
    const storage = openStorage(this.where, { ...options, idleMs: Number.POSITIVE_INFINITY })
    const clock = { now: () => 1_800_000_000_000 }
    const { scheduler } = this.where
    const own = { clock, monotonicClock: { now: () => 0 }, scheduler, checksum, itemCacheByteLimit: 1 }
    return { storage, backend: new LocalBackend(storage, own) }
  }

  define(name: string): void {
    this.backend.defineTable(checkTableDefinition({ name, key: ['id'], indexes: { byKind: ['kind'] } }))
  }

  put(table: string, id: string): Promise<unknown> {
    // Nothing that compresses.
    const item: Item = { id, kind: `kind-${id}`, text: Buffer.from(this.#text.bytes(600)) }
    const request = { table, item, condition: undefined, returnOld: false, validate: undefined }
    return this.where.scheduler.outcome(this.backend.put(request))
  }

  /** Until a write is refused as there was no space for a sorted file. */
  async fill(byteLength: number): Promise<void> {
    for (let n = 0; n < 30; n++) await this.put('small', `id-${n}`)
    await this.where.scheduler.outcome(this.backend.checkpoint())
    this.where.disk.byteCapacity = this.where.disk.usedByteLength + byteLength
    for (let n = 0; ; n++) {
      try {
        await this.put('large', `id-${n}`)
      } catch (failure) {
        expect(failure).toBeInstanceOf(DiskFullError)
        expect(this.storage.failure).toBeUndefined()
        return
      }
    }
  }

  /** Somebody else takes what is left. */
  fillUp(): void {
    this.where.disk.byteCapacity = this.where.disk.usedByteLength
  }

  ids(name: string): string[] {
    const tree = this.#tree(name)
    return tree === undefined ? [] : Object.keys(contents(this.storage, tree))
  }

  #tree(name: string): number | undefined {
    const record = contents(this.storage, CATALOG_TREE)[`table:${name}`]
    return record === undefined ? undefined : (JSON.parse(record) as { tree: number }).tree
  }

  notes(): string[] {
    return Object.keys(contents(this.storage, CATALOG_TREE)).filter((key) => key.startsWith('dropped:'))
  }

  /** Whether writes come to be taken again, within so many turns of the scheduler. */
  async goesOn(): Promise<boolean> {
    for (let turn = 0; turn < 500; turn++) {
      try {
        this.storage.checkWritable()
        return true
      } catch {
        if (!this.where.scheduler.isIdle) await this.where.scheduler.runOne()
        else await new Promise((resolve) => setImmediate(resolve))
      }
    }
    return false
  }

  async reopen(how: 'close' | 'kill' | 'power cut'): Promise<void> {
    if (how === 'close') await this.where.scheduler.outcome(this.backend.close())
    const where = restarted(this.where, how === 'close' ? 'kill' : how)
    Object.assign(this, { where })
    Object.assign(this, this.#open())
  }
}

describe.each([1, 2, 3, 4, 5, 6])('seed %i', (seed) => {
  test.each([SYNCED, UNSYNCED])('a table is dropped with no byte left, and everything goes on: $kind', async (kind) => {
    const filled = new Filled(seed, kind)
    await filled.fill(200_000 + 10_000 * seed)
    filled.fillUp()
    await expect(filled.put('small', 'refused')).rejects.toThrow(DiskFullError)

    await filled.where.scheduler.outcome(filled.backend.dropTable('large'))
    expect(filled.backend.tableNames()).toEqual(['small'])
    expect(await filled.goesOn()).toBe(true)
    await filled.put('small', 'afterwards')
    await filled.where.scheduler.runUntil(() => filled.notes().length === 0)
    expect(filled.ids('small')).toHaveLength(31)
    await filled.reopen(seed % 2 === 0 ? 'close' : kind === SYNCED ? 'power cut' : 'kill')
    expect(filled.backend.tableNames()).toEqual(['small'])
    expect(filled.ids('small')).toHaveLength(31)
  })

  test('a table dropped with no byte left is gone for good, if nothing comes afterwards', async () => {
    const filled = new Filled(seed, SYNCED)
    await filled.fill(200_000 + 10_000 * seed)
    filled.fillUp()
    await filled.where.scheduler.outcome(filled.backend.dropTable('large'))
    filled.where.disk.byteCapacity = Number.POSITIVE_INFINITY
    await filled.reopen(seed % 2 === 0 ? 'kill' : 'power cut')
    expect(filled.backend.tableNames()).toEqual(['small'])
    expect(filled.ids('small')).toHaveLength(30)
  })

  test('an index is dropped with no byte left', async () => {
    const filled = new Filled(seed, SYNCED)
    await filled.fill(200_000 + 10_000 * seed)
    filled.fillUp()
    const before = filled.ids('large').length
    await filled.where.scheduler.outcome(filled.backend.dropIndex('large', 'byKind'))
    const indexes = filled.backend.describeTables().map((table) => table.indexes.map(({ name }) => name))
    expect(indexes).toEqual([[], ['byKind']])
    expect(filled.storage.failure).toBeUndefined()
    expect(filled.ids('large')).toHaveLength(before)
  })

  test('a drop for whose commit there is no space is refused, and harms nothing', async () => {
    // The reserve is a share of a segment: of this one it is too short.
    const filled = new Filled(seed, seed % 2 === 0 ? SYNCED : UNSYNCED, 1 << 20)
    await filled.fill(200_000)
    filled.fillUp()
    const { scheduler, disk } = filled.where
    const before = filled.ids('large').length
    for (const drop of [
      () => filled.backend.dropTable('large'),
      () => filled.backend.dropIndex('large', 'byKind'),
      () => filled.backend.changeTable('large', { droppedIndex: 'byKind' }),
    ]) {
      await expect(scheduler.outcome(drop())).rejects.toMatchObject({ code: 'DISK_FULL', outcome: 'not written' })
    }
    expect(filled.storage.failure).toBeUndefined()
    expect(filled.backend.describeTable('large').indexes).toHaveLength(1)
    expect(filled.ids('large')).toHaveLength(before)

    // A little is enough for it, and more comes of it.
    disk.byteCapacity += 12_000
    await scheduler.outcome(filled.backend.dropTable('large'))
    expect(await filled.goesOn()).toBe(true)
    await expect(filled.put('large', 'x')).rejects.toThrow(/Cannot find the table/)
    await filled.put('small', 'afterwards')
  })
})

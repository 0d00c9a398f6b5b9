/**
 * One schedule of concurrent transactions, over several tables, with crashes in between. Writers of many kinds meet on few
 * keys: one item, several, a range that is read, a key that only one may have. What they saw and wrote is a history, in
 * which the checker (history-checker.ts) must find nothing that no order of them explains.
 */
import type { BackendTransaction } from '../../src/backend.js'
import { LocalBackend } from '../../src/engine/local-backend.js'
import { TransactionCanceledException, UniqueIndexException } from '../../src/errors.js'
import type { Item } from '../../src/model/item/item.js'
import { checkTableDefinition } from '../../src/model/table/table-rule.js'
import type { Storage } from '../../src/storage/storage.js'
import { findAnomaly, type HistoryTransaction } from './history-checker.js'
import { settle } from './simulated-scheduler.js'
import { checksum, type Machine, machine, openStorage, restarted } from './storage-fixture.js'

const TABLES = ['lists', 'others'] as const
const PARTITION = 'p'
/** Of each table: few, so that transactions meet. */
const PLACES = 5
const WRITERS = 4
const NAMES = 3

export interface TransactionScheduleReport {
  readonly committed: number
  readonly conflicts: number
  readonly refusedNames: number
  /** Transactions in which items exchanged their unique names. */
  readonly passedOn: number
  readonly unknown: number
  readonly crashes: number
}

/** @throws {Error} With what went wrong; the caller adds the seed. */
export function runTransactionSchedule(seed: number, rounds = 3): Promise<TransactionScheduleReport> {
  return new TransactionSchedule(seed).run(rounds)
}

interface Planned {
  readonly reads: [string, readonly number[]][]
  readonly appends: Set<string>
}

class TransactionSchedule {
  #where: Machine
  #storage!: Storage
  #backend!: LocalBackend
  readonly #history: HistoryTransaction[] = []
  #nextId = 1
  #time = 0
  #wrongRefusal: unknown
  readonly #report = { committed: 0, conflicts: 0, refusedNames: 0, passedOn: 0, unknown: 0, crashes: 0 }

  constructor(seed: number) {
    this.#where = machine(seed)
  }

  async run(rounds: number): Promise<TransactionScheduleReport> {
    for (let round = 0; round < rounds; round++) {
      const { random } = this.#where
      this.#open()
      this.#where.disk.crashAfter(random.between(20, 250))
      await this.#work()
      this.#report.crashes += 1
      this.#where = restarted(this.#where, random.chance(0.3) ? 'kill' : 'power cut')
    }
    this.#open()
    await this.#checkEnd()
    return this.#report
  }

  #open(): void {
    const { random, scheduler } = this.#where
    this.#storage = openStorage(this.#where, {
      durability: { kind: 'synced' },
      memtableEntryLimit: random.pick([20, 100, 5000]),
      logByteLimit: random.pick([2000, 20_000]),
      partitionByteLimit: random.pick([300, 2000]),
    })
    const clocks = { clock: { now: () => 1_800_000_000_000 }, monotonicClock: { now: () => 0 } }
    this.#backend = new LocalBackend(this.#storage, { ...clocks, scheduler, checksum, itemCacheByteLimit: 1 })
    for (const name of TABLES) this.#backend.defineTable(checkTableDefinition({ name, key: ['p', 'n'] }))
    const indexes = { byName: { key: ['name'], unique: true } }
    this.#backend.defineTable(checkTableDefinition({ name: 'names', key: ['id'], indexes }))
  }

  async #work(): Promise<void> {
    const { scheduler, disk, random } = this.#where
    const writers = Array.from({ length: WRITERS }, () => this.#writer())
    let isDone = false
    Promise.allSettled(writers).then(() => (isDone = true))
    const checkpoints = random.between(0, 3)
    for (let turn = 0; !isDone && turn < 20_000; turn++) {
      if (turn % 40 === 39 && turn < 40 * checkpoints) this.#backend.checkpoint().catch(() => {})
      await (scheduler.isIdle ? settle() : scheduler.runOne())
      if (disk.isCrashed && scheduler.isIdle) break
    }
    if (!isDone && !disk.isCrashed) throw new Error('something waits for what never happens')
  }

  async #writer(): Promise<void> {
    const { random, disk } = this.#where
    for (let n = 0; n < 12 && !disk.isCrashed; n++) {
      const choice = random.next()
      if (choice < 0.3) await this.#appendAlone()
      else if (choice < 0.85) await this.#transact()
      else if (choice < 0.95) await this.#takeName()
      else await this.#passNamesOn()
    }
  }

  /** A single update, as somebody does who knows nothing of transactions. */
  async #appendAlone(): Promise<void> {
    const { random } = this.#where
    const [table, n] = [random.pick(TABLES), random.below(PLACES)]
    await this.#attempt(async (id, { reads, appends }) => {
      const update = { append: { list: [id] } }
      appends.add(keyOf(table, n))
      const after = await this.#backend.update({ table, key: { p: PARTITION, n }, update, condition: undefined })
      reads.push([keyOf(table, n), (after!['list'] as number[]).slice(0, -1)])
    })
  }

  /** Reads some items and ranges and appends to some lists, some of them as they were read. */
  async #transact(): Promise<void> {
    const { random, scheduler } = this.#where
    await this.#attempt(async (id, planned) => {
      const transaction = this.#backend.begin()
      try {
        for (let step = random.between(1, 4); step > 0; step--) {
          if (random.chance(0.5)) await this.#read(transaction, planned)
          else await this.#append(transaction, id, planned)
          if (random.chance(0.5)) await scheduler.pause()
        }
        await transaction.commit(undefined)
      } finally {
        transaction.end()
      }
    })
  }

  async #read(transaction: BackendTransaction, { reads, appends }: Planned): Promise<void> {
    const { random } = this.#where
    const table = random.pick(TABLES)
    if (random.chance(0.5)) {
      const n = random.below(PLACES)
      // What it wrote itself would say nothing about the others.
      if (appends.has(keyOf(table, n))) return
      const item = await transaction.get({ table, key: { p: PARTITION, n }, select: undefined })
      reads.push([keyOf(table, n), listOf(item)])
      return
    }
    const [low, high] = [random.below(PLACES), random.below(PLACES)].sort()
    const reverse = random.chance(0.3)
    const where = { p: PARTITION, n: { between: [low, high] } } as unknown as Item
    const rest = {
      index: undefined,
      filter: undefined,
      select: undefined,
      segment: undefined,
      totalSegments: undefined,
    }
    const found = await transaction.query({ table, where, reverse, ...rest }, undefined)
    for (let n = low!; n <= high!; n++) {
      if (appends.has(keyOf(table, n))) continue
      reads.push([keyOf(table, n), listOf(found.find((item) => item['n'] === n))])
    }
  }

  async #append(transaction: BackendTransaction, id: number, { reads, appends }: Planned): Promise<void> {
    const { random } = this.#where
    const [table, n] = [random.pick(TABLES), random.below(PLACES)]
    const name = keyOf(table, n)
    if (appends.has(name)) return
    const key = { p: PARTITION, n }
    const rest = { table, condition: undefined }
    if (random.chance(0.5)) transaction.update({ ...rest, key, update: { append: { list: [id] } } })
    else {
      const item = await transaction.get({ table, key, select: undefined })
      reads.push([name, listOf(item)])
      transaction.put({ ...rest, item: { ...key, list: [...listOf(item), id] } })
    }
    appends.add(name)
  }

  /** Wants a name that only one may have, and writes to a list with it: both or none. */
  async #takeName(): Promise<void> {
    const { random } = this.#where
    await this.#attempt(async (id, { appends }) => {
      const transaction = this.#backend.begin()
      try {
        const [table, n] = [random.pick(TABLES), random.below(PLACES)]
        const name = `name-${random.below(NAMES)}`
        appends.add(keyOf(table, n))
        transaction.put({ table: 'names', item: { id: `id-${random.below(6)}`, name, by: id }, condition: undefined })
        transaction.update({
          table,
          key: { p: PARTITION, n },
          update: { append: { list: [id] } },
          condition: undefined,
        })
        await transaction.commit(undefined)
      } finally {
        transaction.end()
      }
    })
  }

  /** Each of some has the name of the next one afterwards: as all of them were read, nothing can be wrong with that. */
  async #passNamesOn(): Promise<void> {
    const { random } = this.#where
    await this.#attempt(async (id, { appends }) => {
      const transaction = this.#backend.begin()
      try {
        const found: Item[] = []
        for (const n of shuffled([0, 1, 2, 3, 4, 5], random).slice(0, random.between(2, 6))) {
          const item = await transaction.get({ table: 'names', key: { id: `id-${n}` }, select: undefined })
          if (item !== undefined) found.push(item)
        }
        const [table, n] = [random.pick(TABLES), random.below(PLACES)]
        appends.add(keyOf(table, n))
        const update = { append: { list: [id] } }
        transaction.update({ table, key: { p: PARTITION, n }, update, condition: undefined })
        const names = found.map(({ name }) => name)
        for (const [i, item] of found.entries()) {
          const name = names[(i + 1) % names.length]
          transaction.put({ table: 'names', item: { ...item, name, by: id }, condition: undefined })
        }
        await transaction.commit(undefined)
        if (found.length > 1) this.#report.passedOn += 1
      } catch (failure) {
        const reasons = failure instanceof TransactionCanceledException ? failure.reasons : []
        if (reasons.some(({ code }) => code === 'DuplicateItem')) this.#wrongRefusal = failure
        throw failure
      } finally {
        transaction.end()
      }
    })
  }

  async #attempt(run: (id: number, planned: Planned) => Promise<void>): Promise<void> {
    const id = this.#nextId++
    const planned: Planned = { reads: [], appends: new Set() }
    const beganAt = ++this.#time
    const note = (outcome: HistoryTransaction['outcome']) => {
      const { reads, appends } = planned
      // What has no outcome may still happen until the end of time.
      const endedAt = outcome === 'unknown' ? Number.POSITIVE_INFINITY : ++this.#time
      this.#history.push({ id, outcome, reads, appends: [...appends], beganAt, endedAt })
    }
    // It stands still when the disk is gone: then this stays.
    const underWay: HistoryTransaction = {
      id,
      outcome: 'unknown',
      reads: [],
      get appends() {
        return [...planned.appends]
      },
      beganAt,
      endedAt: Number.POSITIVE_INFINITY,
    }
    this.#history.push(underWay)
    const remove = () => this.#history.splice(this.#history.indexOf(underWay), 1)
    try {
      await run(id, planned)
      remove()
      note('committed')
      this.#report.committed += 1
    } catch (failure) {
      remove()
      if (failure instanceof TransactionCanceledException || failure instanceof UniqueIndexException) {
        note('refused')
        const isName =
          failure instanceof UniqueIndexException || failure.reasons.some((r) => r.code === 'DuplicateItem')
        if (isName) this.#report.refusedNames += 1
        else this.#report.conflicts += 1
      } else {
        note('unknown')
        this.#report.unknown += 1
      }
    }
  }

  async #checkEnd(): Promise<void> {
    const { scheduler } = this.#where
    await scheduler.outcome(this.#storage.settled() ?? Promise.resolve())
    const final = new Map<string, readonly number[]>()
    for (const table of TABLES) {
      for (let n = 0; n < PLACES; n++) {
        final.set(
          keyOf(table, n),
          listOf(await this.#backend.get({ table, key: { p: PARTITION, n }, select: undefined })),
        )
      }
    }
    const anomaly = findAnomaly(this.#history, final)
    if (this.#wrongRefusal !== undefined)
      throw new Error(`names that were exchanged were refused: ${this.#wrongRefusal}`)
    if (anomaly !== undefined) throw new Error(`${anomaly}\n${JSON.stringify(this.#history)}`)
    await this.#checkNames(final)
    const { problems } = await this.#finished(this.#backend.verify())
    if (problems.length > 0) throw new Error(`verify: ${problems.join('; ')}`)
  }

  /** Nobody shares a name, and whoever has one has written to a list, too. */
  async #checkNames(final: ReadonlyMap<string, readonly number[]>): Promise<void> {
    const written = new Set([...final.values()].flat())
    const holders = new Map<string, unknown>()
    for (let n = 0; n < 6; n++) {
      const item = await this.#backend.get({ table: 'names', key: { id: `id-${n}` }, select: undefined })
      if (item === undefined) continue
      if (holders.has(item['name'] as string)) throw new Error(`two have the name ${item['name']}`)
      holders.set(item['name'] as string, item)
      if (!written.has(item['by'] as number))
        throw new Error(`torn: the name of ${item['by']} is there, its list is not`)
    }
  }

  async #finished<T>(promise: Promise<T>): Promise<T> {
    const { scheduler } = this.#where
    let isDone = false
    promise.catch(() => {}).finally(() => (isDone = true))
    while (!isDone) await (scheduler.isIdle ? settle() : scheduler.runOne())
    return promise
  }
}

function shuffled<T>(list: readonly T[], random: Machine['random']): T[] {
  return list
    .map((element) => ({ element, place: random.next() }))
    .sort((a, b) => a.place - b.place)
    .map(({ element }) => element)
}

function keyOf(table: string, n: number): string {
  return `${table}/${n}`
}

function listOf(item: Item | undefined): readonly number[] {
  return (item?.['list'] ?? []) as number[]
}

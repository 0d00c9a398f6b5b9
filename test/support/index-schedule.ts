/**
 * One crash schedule of the engine: items come and go, indexes of every kind are defined and dropped at any moment, so is
 * their table, several want the same unique key, and the power goes out or the process is killed in the middle of it.
 * Afterwards it must hold that
 *
 *   - the table is the one that was there last, or the one before it if nobody said that it is gone, but no mixture,
 *   - every acknowledged item is there, and every one that was acknowledged to be gone is gone,
 *   - whoever was named as the holder of a unique key had it, durably,
 *   - an index that was acknowledged is there again, one that was dropped is not,
 *   - at any moment, with and without a crash, nothing is in a tree that nobody has and nobody is about to empty,
 *   - what each index has is what the items say: no entry more, none less, none that stands for another item,
 *   - the copies that a covering index has are what the items are,
 *   - where a unique index is complete, no two items have one key.
 *
 * What the items say is worked out here, by functions that share nothing with the engine.
 */
import type { BackendReader, BackendTransaction } from '../../src/backend.js'
import { LocalBackend } from '../../src/engine/local-backend.js'
import { ResourceNotFoundException, UniqueIndexException, type ValidationException } from '../../src/errors.js'
import type { Item } from '../../src/model/item/item.js'
import { checkTableDefinition } from '../../src/model/table/table-rule.js'
import { PreparedWrites } from '../../src/prepared-writes.js'
import type { Storage } from '../../src/storage/storage.js'
import { canonical } from './canonical.js'
import { settle } from './simulated-scheduler.js'
import { checksum, contents, type Machine, machine, openStorage, restarted } from './storage-fixture.js'

const NOW = 1_800_000_000_000
const CATALOG_TREE = 0
const REQUEST = { condition: undefined, returnOld: false, table: 'things', validate: undefined } as const

/** The indexes there may be, and which entries an item has in each: one text for each. */
const INDEXES: Readonly<
  Record<
    string,
    {
      readonly spec: unknown
      readonly isUnique?: true
      readonly isCovering?: true
      readonly entries: (item: Item) => readonly string[]
    }
  >
> = {
  byKind: { spec: ['kind', 'n'], entries: ({ kind, n }) => (kind === undefined ? [] : [`${kind} ${n}`]) },
  byPlace: {
    spec: [
      ['kind', 'place'],
      ['n', 'id'],
    ],
    entries: ({ kind, place, n, id }) =>
      kind === undefined || place === undefined ? [] : [`${kind} ${place} ${n} ${id}`],
  },
  byTag: {
    spec: { key: ['tags', 'n'], multi: 'tags', projection: 'KEYS_ONLY' },
    entries: ({ tags, n }) => [...new Set((tags ?? []) as string[])].map((tag) => `${tag} ${n}`),
  },
  // By so few kinds that many an item is another one and its key in the index the same.
  copies: {
    spec: { key: ['kind'], covering: true },
    isCovering: true,
    entries: ({ kind }) => (kind === undefined ? [] : [String(kind)]),
  },
  byMail: {
    spec: { key: ['mail'], unique: true },
    isUnique: true,
    entries: ({ mail }) => (mail === undefined ? [] : [String(mail)]),
  },
  byPhone: {
    spec: { key: ['phones'], multi: 'phones', unique: true },
    isUnique: true,
    entries: ({ phones }) => [...((phones as Set<number> | undefined) ?? [])].map(String),
  },
}
const NAMES = Object.keys(INDEXES)

export interface IndexScheduleReport {
  readonly refusals: number
  readonly crashes: number
  readonly builds: number
  readonly failedBuilds: number
  readonly drops: number
  readonly tableDrops: number
}

/** What has to be true of one table, from its creation to its end. */
class Era {
  readonly id: string
  /** What is known to be stored, by id; undefined for an item that is known to be gone. */
  readonly acknowledged = new Map<string, Item | undefined>()
  /** What may be there instead, as its writes have no outcome. */
  readonly attempted = new Map<string, (Item | undefined)[]>()
  /** Everything that was ever to be stored, by id: since it was refused, a write may have overtaken the answer. */
  readonly written = new Map<string, Item[]>()
  /** Whether an index is known to be there, or known to be gone; absent while its last change has no outcome. */
  readonly indexes = new Map<string, boolean>()
  /** Whether it is known to have been created. */
  isCertain = false

  constructor(id: string) {
    this.id = id
  }
}

/** @throws {Error} With what went wrong; the caller adds the seed. */
export function runIndexSchedule(seed: number, { rounds = 4 }: { rounds?: number } = {}): Promise<IndexScheduleReport> {
  return new IndexSchedule(seed).run(rounds)
}

class IndexSchedule {
  #where: Machine
  #storage!: Storage
  #backend!: LocalBackend
  #isOver = false
  /** Of the tables that may be there after a crash, the newest last: the one that is there now. */
  #eras: Era[] = []
  #failure: Error | undefined
  readonly #report = { refusals: 0, crashes: 0, builds: 0, failedBuilds: 0, drops: 0, tableDrops: 0 }

  constructor(seed: number) {
    this.#where = machine(seed)
  }

  async run(rounds: number): Promise<IndexScheduleReport> {
    for (let round = 0; round < rounds; round++) {
      const { random } = this.#where
      this.#open()
      // Now and then nobody waits for what is being built.
      if (random.chance(0.8)) await this.#check()
      this.#where.disk.crashAfter(random.between(1, random.chance(0.3) ? 400 : 100))
      await this.#work()
      if (this.#failure !== undefined) throw this.#failure
      this.#report.crashes += 1
      this.#where = restarted(this.#where, random.chance(0.3) ? 'kill' : 'power cut')
    }
    this.#open()
    await this.#check()
    return this.#report
  }

  #open(): void {
    const { random, scheduler } = this.#where
    const durability = { kind: 'synced' } as const
    this.#storage = openStorage(this.#where, {
      durability,
      memtableEntryLimit: random.pick([40, 200, 5000]),
      logByteLimit: random.pick([2000, 20_000]),
      partitionByteLimit: random.pick([300, 2000]),
    })
    const clock = { now: () => NOW }
    const monotonicClock = { now: () => 0 }
    this.#backend = new LocalBackend(this.#storage, {
      clock,
      monotonicClock,
      scheduler,
      checksum,
      itemCacheByteLimit: 1,
      // So that indexes are dropped in the middle of being built.
      backfillSliceLength: random.pick([2, 5, 500]),
    })
    this.#isOver = false
    const id = this.#tableId()
    this.#define([])
    if (id === undefined) this.#beginAgain()
    else this.#goOnWith(id)
  }

  /** The table is not there: nobody may have been told that it is. */
  #beginAgain(): void {
    if (this.#eras.at(-1)?.isCertain === true) throw new Error('the table is gone')
    this.#eras = [new Era(this.#tableId()!)]
  }

  #goOnWith(id: string): void {
    const found = this.#eras.find((era) => era.id === id)
    if (found === undefined) throw new Error('the table is another one, or there again')
    found.isCertain = true
    this.#eras = [found]
  }

  #tableId(): string | undefined {
    const isThere = this.#backend.findTable('things') !== undefined
    return isThere ? this.#backend.describeTable('things').id : undefined
  }

  get #era(): Era {
    return this.#eras.at(-1)!
  }

  /** Whatever is known of a table says that those before it are gone. */
  #isKnown(era: Era): void {
    era.isCertain = true
    const place = this.#eras.indexOf(era)
    if (place > 0) this.#eras = this.#eras.slice(place)
  }

  /** @param names Of indexes it has besides those there are. */
  #define(names: readonly string[]): void {
    const indexes = Object.fromEntries(names.map((name) => [name, INDEXES[name]!.spec]))
    this.#backend.defineTable(checkTableDefinition({ name: 'things', key: ['id'], ttl: 'until', indexes }))
  }

  // ── What happens ────────────────────────────────────────────────────────────────────────────────────────────────

  async #work(): Promise<void> {
    const { random, disk } = this.#where
    for (let step = 0; step < 60 && !this.#isOver && !disk.isCrashed && this.#failure === undefined; step++) {
      this.#checkTrees()
      const choice = random.next()
      if (choice < 0.5) await this.#let(this.#writeSome())
      else if (choice < 0.65) await this.#let(this.#writeBatch())
      else if (choice < 0.83) await this.#changeIndexes()
      else if (choice < 0.85) await this.#let(this.#dropTable())
      else if (choice < 0.9) await this.#let(this.#backend.checkpoint().catch(() => {}))
      else for (let turns = random.between(1, 6); turns > 0; turns--) await this.#turn()
    }
  }

  /** Lets whatever is under way happen until a promise has an outcome, or the disk is gone. */
  async #let(promise: Promise<unknown>): Promise<void> {
    let isDone = false
    promise.catch((failure) => (this.#failure ??= failure as Error)).finally(() => (isDone = true))
    let idleTurns = 0
    // What is built or verified has its turns without the disk.
    while (!isDone && idleTurns < (this.#where.disk.isCrashed ? 20 : 5000)) {
      idleTurns = this.#where.scheduler.isIdle ? idleTurns + 1 : 0
      await this.#turn()
    }
    if (isDone) return
    // It stands still when the disk is gone.
    this.#isOver = true
    if (!this.#where.disk.isCrashed) this.#failure ??= new Error('something waits for what never happens')
  }

  async #turn(): Promise<void> {
    const { scheduler } = this.#where
    await (scheduler.isIdle ? settle() : scheduler.runOne())
  }

  /** Defines or drops some, now and then beside writes that are queued and not published. */
  async #changeIndexes(): Promise<void> {
    const { random } = this.#where
    const writing = random.chance(0.5) ? this.#writeSome() : Promise.resolve()
    if (random.chance(0.55)) await this.#defineSome(writing)
    else
      await this.#let(Promise.all([writing, this.#drop(), random.chance(0.5) ? this.#writeSome('other') : undefined]))
  }

  /** Several at once, on items of their own, so that each has an outcome of its own. */
  async #writeSome(prefix = 'id'): Promise<void> {
    const { random } = this.#where
    const ids = new Set(Array.from({ length: random.between(1, 8) }, () => `${prefix}-${random.below(40)}`))
    await Promise.all(
      [...ids].map((id) => {
        const choice = random.next()
        if (choice < 0.25) {
          return this.#attempt(id, undefined, () => this.#backend.delete({ ...REQUEST, key: { id } }))
        }
        const item = this.#randomItem(id)
        return this.#attempt(id, item, () => this.#backend.put({ ...REQUEST, item }))
      }),
    )
  }

  async #writeBatch(): Promise<void> {
    const { random } = this.#where
    const ids = new Set(Array.from({ length: random.between(2, 12) }, () => `id-${random.below(40)}`))
    const operations = [...ids].map((id) => (random.chance(0.3) ? { delete: { id } } : { put: this.#randomItem(id) }))
    const era = this.#era
    const idOf = (operation: (typeof operations)[number]) => (operation.put ?? operation.delete)!['id'] as string
    for (const operation of operations) note(era, idOf(operation), operation.put)
    try {
      const prepared = new PreparedWrites(this.#backend, 'things')
      for (const operation of operations) prepared.add(operation)
      const unprocessed = await this.#backend.batchWrite('things', prepared.take())
      const refused = new Map(
        unprocessed.map((write) => [idOf(write.operation as (typeof operations)[number]), write.cause]),
      )
      for (const operation of operations) {
        const id = idOf(operation)
        const cause = refused.get(id)
        if (cause === undefined) this.#settle(era, id, operation.put)
        else if (cause instanceof UniqueIndexException) this.#refused(era, id, cause)
        // The table was dropped before any of it was written.
        else if (cause instanceof ResourceNotFoundException) takeBack(era, id)
        else this.#isOver = true
      }
    } catch (failure) {
      if (!(failure instanceof ResourceNotFoundException)) this.#isOver = true
      else for (const operation of operations) takeBack(era, idOf(operation))
    }
  }

  async #attempt(id: string, item: Item | undefined, act: () => Promise<unknown>): Promise<void> {
    const era = this.#era
    note(era, id, item)
    try {
      await act()
      this.#settle(era, id, item)
    } catch (failure) {
      if (failure instanceof UniqueIndexException) this.#refused(era, id, failure)
      else this.#isOver = true
    }
  }

  #settle(era: Era, id: string, item: Item | undefined): void {
    era.acknowledged.set(id, item)
    era.attempted.delete(id)
    this.#isKnown(era)
  }

  /** Nothing was written, and the holder is there: what the disk has survives whatever comes now. */
  #refused(era: Era, id: string, { index, key, holder }: UniqueIndexException): void {
    this.#report.refusals += 1
    takeBack(era, id)
    const { entries } = INDEXES[index]!
    const wanted = String(Object.values(key)[0])
    const holderId = holder['id'] as string
    const version = era.written.get(holderId)?.find((item) => item !== undefined && entries(item).includes(wanted))
    if (version === undefined) this.#failure ??= new Error(`"${holderId}" is no holder of ${wanted} in ${index}`)
    // As good as acknowledged: it was said that it is there.
    else if (era.attempted.get(holderId)?.includes(version)) this.#settle(era, holderId, version)
  }

  async #defineSome(writing: Promise<void>): Promise<void> {
    const { random } = this.#where
    const names = NAMES.filter(() => random.chance(0.4))
    const era = this.#era
    for (const name of names) {
      if (era.indexes.get(name) === true) continue
      era.indexes.delete(name)
      this.#report.builds += 1
    }
    try {
      this.#define(names)
    } catch {
      this.#isOver = true
      return
    }
    await this.#let(writing)
    if (this.#isOver || random.chance(0.4)) return
    // Whatever is acknowledged later says that this is, too.
    const id = `id-${random.below(40)}`
    const item = { id }
    await this.#let(
      this.#attempt(id, item, () => this.#backend.put({ ...REQUEST, item })).then(() => {
        if (!this.#isOver) for (const name of names) era.indexes.set(name, true)
      }),
    )
  }

  async #drop(): Promise<void> {
    const { random } = this.#where
    const name = random.pick(NAMES)
    const isThere = this.#backend.describeTables()[0]!.indexes.some((index) => index.name === name)
    const era = this.#era
    era.indexes.delete(name)
    try {
      await this.#backend.dropIndex('things', name)
      this.#report.drops += 1
      era.indexes.set(name, false)
      this.#isKnown(era)
    } catch (failure) {
      if ((failure as ValidationException).code === 'INDEX_UNKNOWN' && !isThere) return
      this.#isOver = true
    }
  }

  /** Drops the table in the middle of whatever happens to it, and makes another one in the same turn. */
  async #dropTable(): Promise<void> {
    const { random } = this.#where
    const before = [
      random.chance(0.5) ? this.#writeSome() : undefined,
      random.chance(0.2) ? this.#writeBatch() : undefined,
    ]
    const transaction = random.chance(0.3) ? this.#backend.begin() : undefined
    transaction?.put({ ...REQUEST, item: this.#randomItem('from-a-transaction') })
    const era = this.#era
    let dropping: Promise<void>
    try {
      dropping = this.#backend.dropTable('things')
      this.#define(NAMES.filter(() => random.chance(0.3)))
    } catch {
      this.#isOver = true
      return
    }
    const next = new Era(this.#tableId()!)
    this.#eras.push(next)
    const dropped = dropping.then(
      () => {
        this.#report.tableDrops += 1
        this.#eras = this.#eras.slice(this.#eras.indexOf(era) + 1)
      },
      () => {
        this.#isOver = true
      },
    )
    const after = random.chance(0.5) ? this.#writeSome('other') : undefined
    await Promise.all([...before, dropped, after, transaction && this.#checkRefused(transaction)])
  }

  /** What was to be written to the table that was dropped must not be, neither there nor in the next one. */
  async #checkRefused(transaction: BackendTransaction): Promise<void> {
    try {
      await transaction.commit(undefined)
      this.#failure ??= new Error('a transaction has written to a table that was dropped')
    } catch (failure) {
      if (!(failure instanceof ResourceNotFoundException)) this.#isOver = true
    } finally {
      transaction.end()
    }
  }

  #randomItem(id: string): Item {
    const { random } = this.#where
    const item: Item = { id, n: random.below(5) }
    if (random.chance(0.7)) item['kind'] = `kind-${random.below(4)}`
    if (random.chance(0.5)) item['place'] = `place-${random.below(3)}`
    if (random.chance(0.5)) item['tags'] = Array.from({ length: random.below(4) }, () => `tag-${random.below(5)}`)
    // So many that one in a few is refused, and as many tables have duplicates when the index comes.
    if (random.chance(0.6)) item['mail'] = `mail-${random.below(90)}`
    if (random.chance(0.4)) item['phones'] = new Set([random.below(90), random.below(90)])
    if (random.chance(0.1)) item['until'] = NOW / 1000 - 10
    return item
  }

  // ── What must hold ──────────────────────────────────────────────────────────────────────────────────────────────

  async #check(): Promise<void> {
    const backend = this.#backend
    // The table itself may be new.
    await this.#let(this.#storage.settled() ?? Promise.resolve())
    const described = () => backend.describeTables()[0]!.indexes
    const { indexes } = this.#era
    for (const [name, isThere] of indexes) {
      const isFound = described().some((index) => index.name === name)
      if (isFound !== isThere) throw new Error(`the index ${name} is ${isThere ? 'gone' : 'there again'}`)
    }
    for (const { name } of described()) {
      // One that can't be built is looked at below, as far as it goes.
      await this.#let(backend.indexReady('things', name).catch(() => {}))
      indexes.set(name, true)
    }
    for (const name of NAMES) if (!described().some((index) => index.name === name)) indexes.set(name, false)
    await this.#checkReclaimed()

    let problems: readonly unknown[] = ['it was not verified']
    await this.#let(backend.verify().then((report) => (problems = report.problems)))
    if (problems.length > 0) throw new Error(`verify found: ${problems.join('; ')}`)

    const items = await this.#checkItems()
    for (const { name, status } of described()) {
      const { entries, isUnique, isCovering } = INDEXES[name]!
      const expected = items.flatMap((item) => entries(item).map((entry) => `${entry} -> ${item['id']}`)).sort()
      const values = items.flatMap((item) => [...entries(item)])
      const isPossible = !isUnique || new Set(values).size === values.length
      if (status === 'FAILED') this.#report.failedBuilds += 1
      if ((status === 'ACTIVE') !== isPossible) throw new Error(`the index ${name} is ${status}, with ${values.sort()}`)
      if (status !== 'ACTIVE') continue
      // Read through the index, and each item once for each of its entries.
      const found = await readAll(backend, name)
      const ids = found.map((item) => item['id']).sort()
      const expectedIds = items.flatMap((item) => entries(item).map(() => item['id'])).sort()
      if (String(ids) !== String(expectedIds)) {
        throw new Error(`the index ${name} has ${ids}, and the items say ${expected}`)
      }
      if (!isCovering) continue
      const copies = found.map(canonical).sort().join('\n')
      const originals = items.filter((item) => entries(item).length > 0).map(canonical)
      const expectedCopies = originals.sort().join('\n')
      if (copies !== expectedCopies)
        throw new Error(`the copies of ${name} are ${copies}, and have to be ${expectedCopies}`)
    }
  }

  /** Compares the items with what was acknowledged; what is there now has to stay. */
  async #checkItems(): Promise<Item[]> {
    const items = await readAll(this.#backend, undefined)
    const stored = new Map(items.map((item) => [item['id'] as string, item]))
    const { acknowledged, attempted } = this.#era
    const ids = new Set([...stored.keys(), ...acknowledged.keys(), ...attempted.keys()])
    // What has expired is as good as gone, and may be removed by whoever wants its unique key.
    const text = (item: Item | undefined) => (item === undefined || isExpired(item) ? 'nothing' : canonical(item))
    for (const id of ids) {
      const found = text(stored.get(id))
      const possible = [acknowledged.get(id), ...(attempted.get(id) ?? [])].map(text)
      if (!possible.includes(found)) throw new Error(`${id} is ${found}, and has to be one of ${possible.join(', ')}`)
      acknowledged.set(id, stored.get(id))
    }
    attempted.clear()
    return items
  }

  /** Whatever was dropped is empty some time after the database was opened. */
  async #checkReclaimed(): Promise<void> {
    const dropped = () => Object.keys(contents(this.#storage, CATALOG_TREE)).filter((key) => key.startsWith('dropped:'))
    for (let tries = 0; dropped().length > 0 && tries < 200; tries++) {
      for (let turns = 0; turns < 20; turns++) await this.#turn()
    }
    if (dropped().length > 0) throw new Error(`nobody empties ${dropped().join(', ')}`)
    this.#checkTrees()
  }

  /** Nothing is in a tree, in memory or in files, that no table or index has, and that is not to be emptied either. */
  #checkTrees(): void {
    if (this.#where.disk.isCrashed || this.#storage.failure !== undefined) return
    const catalog = contents(this.#storage, CATALOG_TREE)
    const used = new Set([CATALOG_TREE])
    for (const [key, value] of Object.entries(catalog)) {
      if (key.startsWith('dropped:')) used.add(Number(key.slice('dropped:'.length)))
      if (!key.startsWith('table:')) continue
      const { tree, indexes } = JSON.parse(value) as TableRecord
      for (const each of [tree, ...indexes.filter(({ isFailed }) => !isFailed).map((index) => index.tree)]) {
        used.add(each)
      }
    }
    for (let tree = 1; tree < Number(catalog['next-tree'] ?? 1); tree++) {
      if (used.has(tree)) continue
      const { fileCount, liveByteLength } = this.#storage.statistics(tree)
      const left = Object.keys(contents(this.#storage, tree)).length
      if (fileCount === 0 && liveByteLength === 0 && left === 0) continue
      const what = `${left} entries, ${fileCount} files and about ${liveByteLength} bytes`
      throw new Error(`${what} are left in the tree ${tree}, which nobody has`)
    }
  }
}

/** What the catalog keeps of a table, as far as it is looked at. */
interface TableRecord {
  readonly tree: number
  readonly indexes: readonly { readonly tree: number; readonly isFailed?: true }[]
}

function note({ written, attempted }: Era, id: string, item: Item | undefined): void {
  if (item !== undefined) written.set(id, [...(written.get(id) ?? []), item])
  attempted.set(id, [...(attempted.get(id) ?? []), item])
}

/** The last attempt came to nothing. */
function takeBack({ attempted }: Era, id: string): void {
  attempted.set(id, (attempted.get(id) ?? []).slice(0, -1))
}

function isExpired({ until }: Item): boolean {
  return typeof until === 'number' && until <= NOW / 1000
}

/** Everything in the table, or in an index of it. */
async function readAll(reader: BackendReader, index: string | undefined): Promise<Item[]> {
  const items: Item[] = []
  let cursor: string | undefined
  do {
    const request = { table: 'things', index, where: undefined, filter: undefined, select: undefined, reverse: false }
    const page = { limit: undefined, cursor, countOnly: false, holds: false, endsAtLimit: true }
    const read = await reader.read({ ...request, segment: undefined, totalSegments: undefined }, page)
    items.push(...read.items)
    cursor = read.cursor
  } while (cursor !== undefined)
  return items
}

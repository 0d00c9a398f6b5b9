/**
 * Who listens to a table and takes a snapshot in the same turn has all of it: the snapshot with the changes that are told is
 * the table, at any time, whatever is queued, written in batches or transactions, refused or expired meanwhile, and whoever
 * else comes and goes.
 *
 *   ROUNDS=2000 npx vitest run --config test/vitest.config.ts property/listeners     longer
 *   SEED=4711 npx vitest run --config test/vitest.config.ts property/listeners       one run again
 */
import { expect, test } from 'vitest'
import { type Change, type Database, open, table, type } from '../../src/index.js'
import { SeededRandom } from '../support/random.js'
import { temporaryFolder } from '../support/temporary-database.js'

const ROUNDS = Number(process.env['ROUNDS'] ?? 60)
const STEPS = 120
const SEED = process.env['SEED']
const LISTENING_LIMIT = 16
const START = 1_700_000_000_000

interface Thing {
  id: number
  /** No two writes have the same. */
  version: number
  owner?: number
  until?: number
}

const schema = type<Thing>()
const indexes = { byVersion: { key: ['version'] }, byOwner: { key: ['owner'], unique: true } } as const
const TABLES = [
  table('plain', { schema, key: ['id'], ttl: 'until' }),
  table('indexed', { schema, key: ['id'], ttl: 'until', indexes }),
] as const
type Definition = (typeof TABLES)[number]

/** What is refused, as it should be: conditions, unique keys, several writes of one item. */
const REFUSED = new Set([
  'ConditionalCheckFailedException',
  'UniqueIndexException',
  'TransactionCanceledException',
  'UnprocessedItemsError',
])

class Run {
  readonly #random: SeededRandom
  readonly #db: Database
  readonly #clock: { at: number }
  readonly #listening: Listening[] = []
  readonly #pending: Promise<unknown>[] = []
  #version = 0

  constructor(random: SeededRandom, db: Database, clock: { at: number }) {
    this.#random = random
    this.#db = db
    this.#clock = clock
  }

  async run(): Promise<number> {
    for (let step = 0; step < STEPS; step++) await this.#step()
    await Promise.all(this.#pending)
    for (const listening of this.#listening) await listening.check(this.#clock.at)
    return this.#listening.reduce((sum, { told }) => sum + told.length, 0)
  }

  async #step(): Promise<void> {
    const random = this.#random
    const definition = random.pick(TABLES)
    const things = this.#db.table(definition)
    const key = { id: random.below(8) }
    const action = random.below(13)
    if (action < 2) this.#queue(things.put(this.#thing()))
    else if (action === 2) this.#queue(things.put(this.#thing(), { if: this.#condition(definition) }))
    else if (action === 3)
      this.#queue(things.delete(key, random.chance(0.3) ? { if: this.#condition(definition) } : {}))
    else if (action === 4) this.#queue(things.update(key, { set: { version: ++this.#version } }))
    else if (action === 5) this.#queue(this.#transaction())
    else if (action < 8) this.#queue(this.#batch(definition))
    else if (action === 8) this.#listen(definition)
    else if (action === 9) this.#endOne()
    else if (action === 10) await undefined
    else if (action === 11 && random.chance(0.3)) await new Promise(setImmediate)
    else if (random.chance(0.3)) this.#clock.at += random.below(10_000)
  }

  #queue(written: Promise<unknown>): void {
    this.#pending.push(
      written.catch((failure: Error) => {
        if (!REFUSED.has(failure.name)) throw failure
      }),
    )
  }

  #thing(): Thing {
    const thing: Thing = { id: this.#random.below(8), version: ++this.#version }
    if (this.#random.chance(0.3)) thing.until = Math.floor(this.#clock.at / 1000) + this.#random.between(-5, 35)
    if (this.#random.chance(0.3)) thing.owner = this.#random.below(4)
    return thing
  }

  #transaction(): Promise<unknown> {
    return this.#db.transact((tx) => {
      for (const definition of TABLES) {
        for (const id of new Set([this.#random.below(8), this.#random.below(8)])) {
          if (this.#random.chance(0.6)) tx.put(definition, { ...this.#thing(), id })
          else tx.delete(definition, { id })
        }
      }
    })
  }

  #batch(definition: Definition): Promise<unknown> {
    const batch = this.#db.table(definition).batch()
    for (let n = this.#random.between(1, 8); n > 0; n--) {
      if (this.#random.chance(0.7)) batch.put(this.#thing())
      else batch.delete({ id: this.#random.below(8) })
    }
    return batch.flush()
  }

  /** One that may not hold, or one that does, and while it is looked at, when the write has begun, somebody comes. */
  #condition(definition: Definition): { id: { exists: false } } | (() => boolean) {
    if (this.#random.chance(0.5)) return { id: { exists: false } }
    return () => {
      this.#listen(definition)
      return true
    }
  }

  #listen(definition: Definition): void {
    if (this.#listening.length >= LISTENING_LIMIT) return
    const onTold = () => {
      if (this.#random.chance(0.05)) this.#listen(this.#random.pick(TABLES))
    }
    this.#listening.push(new Listening(this.#db, definition, this.#clock.at, onTold))
  }

  #endOne(): void {
    if (this.#listening.length > 0 && this.#random.chance(0.5)) this.#random.pick(this.#listening).end()
  }
}

/** One who listens, and what it saw when it came. */
class Listening {
  readonly told: Change<Thing>[] = []
  readonly #db: Database
  readonly #definition: Definition
  readonly #since: number
  readonly #seen: Promise<readonly Thing[]>
  readonly #subscription: Disposable
  #isEnded = false

  constructor(db: Database, definition: Definition, now: number, onTold: () => void) {
    this.#db = db
    this.#definition = definition
    this.#since = now
    const snapshot = db.snapshot()
    this.#subscription = db.table(definition).on('change', (change) => {
      this.told.push(change)
      onTold()
    })
    this.#seen = snapshot
      .table(definition)
      .scan()
      .toArray()
      .finally(() => snapshot.release())
  }

  end(): void {
    this.#subscription[Symbol.dispose]()
    this.#isEnded = true
  }

  async check(now: number): Promise<void> {
    const things = new Map((await this.#seen).map((thing) => [thing.id, thing]))
    let last = 0
    for (const change of this.told) {
      const { old, new: next, at, seq } = change
      const id = change.key.id!
      expect(Number(seq)).toBeGreaterThan(last)
      last = Number(seq)
      const known = livingAt(things.get(id), at)
      // A snapshot does not show what had expired when it was taken, and that it goes says what it was.
      const hadExpired = known === undefined && old?.until !== undefined && old.until * 1000 <= this.#since
      if (!hadExpired) expect({ seq, old }).toEqual({ seq, old: known })
      if (next === undefined) things.delete(id)
      else things.set(id, next)
    }
    if (this.#isEnded) return
    const told = [...things.values()].filter((thing) => livingAt(thing, now) !== undefined)
    const stored = await this.#db.table(this.#definition).scan().toArray()
    const byId = (a: Thing, b: Thing) => a.id - b.id
    expect(told.sort(byId)).toEqual(stored.sort(byId))
  }
}

function livingAt(thing: Thing | undefined, now: number): Thing | undefined {
  return thing?.until !== undefined && thing.until * 1000 <= now ? undefined : thing
}

test(`runs of ${STEPS} operations with listeners that come and go`, { timeout: 3_600_000 }, async () => {
  const first = SEED === undefined ? 1 : Number(SEED)
  let told = 0
  for (let seed = first; seed < first + (SEED === undefined ? ROUNDS : 1); seed++) {
    const random = new SeededRandom(seed)
    const clock = { at: START }
    const fsync = random.pick(['always', 'never'] as const)
    const where = random.chance(0.5) ? 'memory:' : temporaryFolder()
    const db = await open(where, { fsync, clock: { now: () => clock.at } })
    try {
      told += await new Run(random, db, clock).run()
    } catch (cause) {
      const again = `SEED=${seed} npx vitest run --config test/vitest.config.ts property/listeners`
      throw new Error(`run ${seed} failed; repeat it: ${again}\n${(cause as Error).message}`, { cause })
    } finally {
      await db.close()
    }
  }
  expect(told).toBeGreaterThan(SEED === undefined ? ROUNDS * 10 : 0)
})

/**
 * Whatever is written, moved to files and read in whatever order: each item is found as it is, in a table several times as
 * large as its cache, where an item is mostly read without its block, and in one that fits, and so it is in snapshots.
 *
 *   ROUNDS=200 npx vitest run --config test/vitest.config.ts property/items-read-alone     longer
 *   SEED=4711 npx vitest run --config test/vitest.config.ts property/items-read-alone      one run again
 */
import { expect, test } from 'vitest'
import { type Database, open, type Snapshot, table, type } from '../../src/index.js'
import { SeededRandom } from '../support/random.js'
import { expectSound, temporaryFolder } from '../support/temporary-database.js'

const ROUNDS = Number(process.env['ROUNDS'] ?? 4)
const SEED = process.env['SEED']
const STEPS = 60
/** With 8 KB a block it has some more slots than it takes for blocks to pass through. */
const LEAST_CACHE = 3_000_000
const PARTITIONS = 40
const PER_PARTITION = 60

interface Thing {
  pk: string
  sk: number
  group: number
  text: string
}

const schema = type<Thing>()
const Things = table('things', { schema, key: ['pk', 'sk'], indexes: { byGroup: { key: ['group', 'sk'] } } })

type Model = Map<string, Thing>
/** The database, or a snapshot of it. */
type Readable = Pick<Snapshot, 'table'>
const nameOf = ({ pk, sk }: Pick<Thing, 'pk' | 'sk'>) => `${pk}/${sk}`

class Run {
  readonly #random: SeededRandom
  readonly #folder = temporaryFolder()
  readonly #model: Model = new Map()
  readonly #longest: number
  readonly #cacheBytes: number
  #db!: Database
  #snapshot: { readonly taken: Snapshot; readonly model: Model } | undefined

  constructor(random: SeededRandom) {
    this.#random = random
    this.#longest = random.pick([100, 400, 400, 3000])
    this.#cacheBytes = random.pick([0, LEAST_CACHE, 64_000_000])
  }

  async run(): Promise<void> {
    await this.#open()
    for (let step = 0; step < STEPS; step++) await this.#step()
    await this.#checkSome(this.#db, this.#model, 500)
    await expectSound(this.#db)
    await this.#close()
  }

  async #open(): Promise<void> {
    this.#db = await open(this.#folder, { cacheBytes: this.#cacheBytes, partitionBytes: 300_000, fsync: 'never' })
    // Before anybody takes a snapshot.
    await this.#db
      .table(Things)
      .get({ pk: '', sk: 0 })
      .catch(() => undefined)
  }

  async #close(): Promise<void> {
    this.#snapshot = undefined
    await this.#db.close()
  }

  async #step(): Promise<void> {
    const action = this.#random.below(12)
    if (action < 4) await this.#write(this.#random.pick([1, 30, 400]))
    else if (action === 4) await this.#db.checkpoint()
    else if (action === 5) await this.#db.compact()
    else if (action === 6) {
      await this.#close()
      await this.#open()
    } else if (action === 7) {
      this.#snapshot?.taken.release()
      this.#snapshot = { taken: this.#db.snapshot(), model: new Map(this.#model) }
    } else if (action === 8 && this.#snapshot !== undefined) {
      await this.#checkSome(this.#snapshot.taken, this.#snapshot.model, 60)
    } else await this.#checkSome(this.#db, this.#model, this.#random.pick([1, 40, 200]))
  }

  async #write(count: number): Promise<void> {
    const random = this.#random
    await this.#db.table(Things).batch((batch) => {
      for (let i = 0; i < count; i++) {
        const key = this.#anyKey()
        if (random.chance(0.15)) {
          batch.delete(key)
          this.#model.delete(nameOf(key))
          continue
        }
        const text = String(random.below(1e9)).repeat(1 + random.below(this.#longest) / 9)
        const thing = { ...key, group: random.below(30), text }
        batch.put(thing)
        this.#model.set(nameOf(key), thing)
      }
    })
  }

  #anyKey(): Pick<Thing, 'pk' | 'sk'> {
    const random = this.#random
    return { pk: `a partition of things ${random.below(PARTITIONS)}`, sk: random.below(PER_PARTITION) }
  }

  async #checkSome(source: Readable, model: Model, count: number): Promise<void> {
    const things = source.table(Things)
    for (let i = 0; i < count; i++) {
      const key = this.#anyKey()
      expect(await things.get(key), nameOf(key)).toEqual(model.get(nameOf(key)))
    }
    const group = this.#random.below(30)
    const found = await things.index('byGroup').query({ group }).toArray()
    const expected = [...model.values()].filter((thing) => thing.group === group)
    expect(found.map(nameOf).sort()).toEqual(expected.map(nameOf).sort())
    for (const thing of found) expect(thing).toEqual(model.get(nameOf(thing)))
  }
}

const seeds = SEED === undefined ? Array.from({ length: ROUNDS }, (_, i) => i + 1) : [Number(SEED)]

test.each(seeds)('every item is found as it is (SEED=%i)', { timeout: 60_000 }, async (seed) => {
  await new Run(new SeededRandom(seed)).run()
})

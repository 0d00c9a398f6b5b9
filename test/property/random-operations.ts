/**
 * Random operations on a database in a folder, each answer compared with a reference that is too simple to be wrong: the
 * table, two indexes, time to live under a clock that moves, every type of key and value, pages, batches, writes that overtake
 * one another, checkpoints at any moment, and opening again with other options.
 */
import { expect } from 'vitest'
import {
  type Change,
  type ConditionalCheckFailedException,
  type Database,
  type Filter,
  type OpenOptions,
  type Results,
  type Table,
  table,
  translate,
  type,
} from '../../src/index.js'
import { translateKeyCondition, translateUpdate } from '../../src/model/expression/translate/translate.js'
import { type Driver, has } from '../conformance/contract.js'
import { canonical, canonicalWorth } from '../support/canonical.js'
import { SeededRandom } from '../support/random.js'
import {
  type KeyKind,
  randomAttributes,
  randomFilter,
  randomKeyPart,
  randomSortCondition,
  randomUpdate,
} from '../support/random-items.js'
import {
  type AnyItem,
  compareKeys,
  inAnyOrder,
  type ReferenceChange,
  ReferenceConditionError,
  ReferenceTable,
} from '../support/reference-database.js'
import { asExpression, asObject, asText, type FilterSpec, passes } from '../support/reference-filter.js'
import { MovableClock } from '../support/temporary-database.js'

/** How to open a folder, and what can't be done with what is opened. */
export interface Opener extends Pick<Driver, 'gaps'> {
  readonly open: (folder: string, options: OpenOptions) => Promise<Database>
}

// biome-ignore lint/suspicious/noExplicitAny: the keys are different in every run
type AnyTable = Table<Record<string, any>, Record<string, any>, any, Record<string, any>>

const INDEXES = { byGroup: ['group'], byLevel: ['level', 'score'] } as const

/** A write on both sides: the engine's promise and what the reference did at the same moment. */
interface Attempt {
  readonly engine: () => Promise<unknown>
  readonly reference: () => unknown
}

export class RandomOperations {
  step = 0
  readonly #opener: Opener
  readonly #random: SeededRandom
  readonly #folder: string
  readonly #clock = new MovableClock()
  readonly #pkKind: KeyKind
  readonly #skKind: KeyKind | undefined
  readonly #key: readonly string[]
  readonly #hasIndexes: boolean
  readonly #indexes: Readonly<Record<string, object>>
  readonly #isListening: boolean
  readonly #reference: ReferenceTable
  readonly #changes: Change<AnyItem>[] = []
  #db!: Database
  #table!: AnyTable

  constructor(seed: number, folder: string, opener: Opener) {
    const random = new SeededRandom(seed)
    this.#opener = opener
    this.#random = random
    this.#folder = folder
    this.#pkKind = random.pick(['string', 'number', 'binary'])
    this.#skKind = random.chance(0.8) ? random.pick(['string', 'number', 'binary']) : undefined
    this.#key = this.#skKind === undefined ? ['pk'] : ['pk', 'sk']
    this.#hasIndexes = random.chance(0.8)
    this.#indexes = Object.fromEntries(
      Object.entries(INDEXES).map(([name, key]) => [name, { key, covering: random.chance(0.5) }]),
    )
    this.#isListening = random.chance(0.7) && has(opener, 'listeners')
    this.#reference = new ReferenceTable({
      key: this.#key,
      indexes: this.#hasIndexes ? INDEXES : {},
      ttl: 'until',
      now: () => this.#clock.seconds,
    })
  }

  async run(steps: number): Promise<void> {
    await this.#open()
    try {
      for (this.step = 1; this.step <= steps; this.step++) await this.#next()
      await this.#reopen()
      await this.#checkWhole()
      if (this.#isListening) this.#checkChanges()
    } finally {
      await this.#db.close()
    }
  }

  async #next(): Promise<void> {
    const choice = this.#random.next()
    if (choice < 0.45) await this.#writeSome(this.#random.chance(0.3) ? this.#random.between(2, 6) : 1)
    else if (choice < 0.52) await this.#batch()
    else if (choice < 0.6) await this.#get()
    else if (choice < 0.75) await this.#query()
    else if (choice < 0.83) await this.#scan()
    else if (choice < 0.86) await this.#refused()
    else if (choice < 0.91) this.#clock.advance(this.#random.between(0, 20))
    else if (choice < 0.97) await this.#maintain()
    else await this.#reopen()
  }

  // ── Writing ─────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Several without waiting: they take effect in the order in which they were called. */
  async #writeSome(wanted: number): Promise<void> {
    const count = has(this.#opener, 'order of calls') ? wanted : 1
    const expected: PromiseSettledResult<unknown>[] = []
    const found: Promise<unknown>[] = []
    for (let n = 0; n < count; n++) {
      const { engine, reference } = this.#attempt()
      found.push(engine())
      try {
        expected.push({ status: 'fulfilled', value: reference() })
      } catch (reason) {
        expected.push({ status: 'rejected', reason })
      }
    }
    const outcomes = await Promise.allSettled(found)
    for (const [n, outcome] of outcomes.entries()) expect(this.#described(outcome)).toBe(this.#described(expected[n]!))
  }

  #attempt(): Attempt {
    const random = this.#random
    const spec = random.chance(0.3) ? randomFilter(random) : undefined
    const condition = spec && ((item: AnyItem) => passes(spec, item))
    const options = spec === undefined ? {} : { if: this.#notation(spec) }
    const choice = random.next()
    if (choice < 0.5) {
      const item = this.#item()
      const returned = random.chance(0.5)
      return {
        engine: () => this.#table.put(item, { ...options, ...(returned ? { return: 'old' } : {}) }),
        reference: () => (returned ? this.#reference.put(item, condition) : void this.#reference.put(item, condition)),
      }
    }
    const key = this.#randomKey()
    if (choice < 0.7) {
      const returned = random.chance(0.5)
      return {
        engine: () => this.#table.delete(key, { ...options, ...(returned ? {} : { return: 'none' }) }),
        reference: () => {
          const old = this.#reference.delete(key, condition)
          return returned ? old : undefined
        },
      }
    }
    const update = randomUpdate(random, this.#clock.seconds)
    const isEmpty = Object.values(update).every((section) => Object.keys(section).length === 0)
    const written = !isEmpty && random.chance(0.4) ? translateUpdate(update) : (update as object)
    if (random.chance(0.7)) {
      return {
        engine: () => this.#table.update(key, written, options),
        reference: () => this.#reference.update(key, update, condition),
      }
    }
    return {
      engine: () => this.#table.update(key, written, { ...options, return: 'old' }),
      reference: () => {
        const old = this.#reference.get(key)
        this.#reference.update(key, update, condition)
        return old
      },
    }
  }

  async #batch(): Promise<void> {
    const random = this.#random
    const fails = random.chance(0.2)
    const writes = Array.from({ length: random.between(0, 30) }, () =>
      random.chance(0.8) ? { put: this.#item() } : { delete: this.#randomKey() },
    )
    const batch = this.#table.batch((writer) => {
      for (const write of writes) write.put === undefined ? writer.delete(write.delete) : writer.put(write.put)
      if (fails) throw new Error('the body throws')
    })
    if (fails) {
      await expect(batch).rejects.toThrow('the body throws')
      return
    }
    for (const write of writes) {
      if (write.put === undefined) this.#reference.delete(write.delete)
      else this.#reference.put(write.put)
    }
    await batch
  }

  /** Nothing of what can't be stored is stored. */
  async #refused(): Promise<void> {
    const item = this.#item()
    const wrong = this.#pkKind === 'string' ? 5 : 'text'
    const [bad, code] = this.#random.pick<readonly [AnyItem, string]>([
      [{ ...item, more: undefined }, 'VALUE_UNDEFINED'],
      [{ ...item, more: Number.NaN }, 'NUMBER_NOT_FINITE'],
      [{ ...item, more: 'x'.repeat(409_601) }, 'ITEM_TOO_BIG'],
      [Object.fromEntries(Object.entries(item).filter(([name]) => name !== 'pk')), 'KEY_MISSING'],
      ...(this.#reference.changes.length > 0 ? [[{ ...item, pk: wrong }, 'KEY_TYPE'] as const] : []),
      ...(this.#hasIndexes ? [[{ ...item, group: '' }, 'KEY_EMPTY'] as const] : []),
    ])
    await expect(this.#table.put(bad)).rejects.toMatchObject({ code })
  }

  // ── Reading ─────────────────────────────────────────────────────────────────────────────────────────────────────

  async #get(): Promise<void> {
    const keys = Array.from({ length: this.#random.between(1, 5) }, () => this.#randomKey())
    const expected = keys.map((key) => this.#reference.get(key))
    expect(this.#comparable(await this.#table.get(keys[0]!))).toBe(this.#comparable(expected[0]))
    const { items, unprocessed } = await this.#table.batchGet(keys)
    expect(items.map(this.#comparable)).toEqual(expected.map(this.#comparable))
    expect(unprocessed).toEqual([])
    const selected = await this.#table.get(keys[0]!, { select: ['pk', 'count', 'nothing'] })
    expect(this.#comparable(selected)).toBe(this.#comparable(expected[0] && select(expected[0], ['pk', 'count'])))
  }

  async #query(): Promise<void> {
    const random = this.#random
    const index = this.#hasIndexes && random.chance(0.5) ? random.pick(['byGroup', 'byLevel'] as const) : undefined
    let where: AnyItem
    let expected: AnyItem[]
    if (index === 'byGroup') {
      where = { group: random.pick(['a', 'b', '\0', 'zz']) }
      expected = this.#reference.query(where['group'] as string, undefined, index)
    } else if (index === 'byLevel') {
      const condition = normalised(randomSortCondition(random, 'number'))
      where = { level: random.pick([1, 1n, 0, 2n ** 60n]), ...(condition ? { score: condition } : {}) }
      expected = this.#reference.query(where['level'] as number, condition, index)
    } else {
      const condition = this.#skKind && normalised(randomSortCondition(random, this.#skKind))
      where = { pk: randomKeyPart(random, this.#pkKind, 4), ...(condition ? { sk: condition } : {}) }
      expected = this.#reference.query(where['pk'] as string, condition, undefined)
    }
    const reverse = random.chance(0.4)
    if (reverse) expected = expected.toReversed()
    const spec = this.#filterOf(index)
    if (spec !== undefined) expected = expected.filter((item) => passes(spec, item))
    const options = { reverse, ...(spec === undefined ? {} : { filter: this.#notation(spec) }) }
    const source = index === undefined ? this.#table : this.#table.index(index)
    const asked = random.chance(0.3) ? (translateKeyCondition(where) as unknown as AnyItem) : where
    await this.#compare((more) => source.query(asked, { ...options, ...more }), expected)
  }

  async #scan(): Promise<void> {
    const random = this.#random
    const index = this.#hasIndexes && random.chance(0.3) ? random.pick(['byGroup', 'byLevel'] as const) : undefined
    const spec = random.chance(0.5) ? randomFilter(random) : undefined
    const expected = this.#reference.scan(index).filter((item) => spec === undefined || passes(spec, item))
    const options = spec === undefined ? {} : { filter: this.#notation(spec) }
    const source = index === undefined ? this.#table : this.#table.index(index)
    const whole = await source.scan(options).toArray()
    expect(whole.map(this.#comparable).sort()).toEqual(expected.map(this.#comparable).sort())
    await this.#compare((more) => source.scan({ ...options, ...more }), whole)
    if (has(this.#opener, 'reverse scans')) {
      const down = await source.scan({ ...options, reverse: true }).toArray()
      expect(down.map(canonical)).toEqual(whole.map(canonical).reverse())
    }

    const totalSegments = random.between(1, 5)
    const segments = await Promise.all(
      Array.from({ length: totalSegments }, (_, segment) =>
        source.scan({ ...options, segment, totalSegments }).toArray(),
      ),
    )
    expect(inAnyOrder(segments.flat())).toEqual(inAnyOrder(whole))
  }

  /** Every way to take results, and pages of random sizes that together are the whole. */
  async #compare(read: (more: object) => Results<AnyItem>, expected: readonly AnyItem[]): Promise<void> {
    const texts = expected.map(this.#comparable)
    const found = await read({}).toArray()
    expect(found.map(this.#comparable)).toEqual(texts)
    expect(await read({}).count()).toBe(texts.length)
    expect(this.#comparable(await read({}).first())).toBe(this.#comparable(expected[0]))

    const limit = this.#random.between(1, 6)
    expect((await read({ limit }).toArray()).map(this.#comparable)).toEqual(texts.slice(0, limit))
    const paged: string[] = []
    let cursor: string | undefined
    do {
      const size = this.#random.between(1, 6)
      const page = await read({ limit: size, cursor }).page()
      expect(page.items.length).toBeLessThanOrEqual(size)
      expect(page.count).toBe(page.items.length)
      paged.push(...page.items.map(this.#comparable))
      cursor = page.cursor
      if (this.#random.chance(0.05)) await this.#db.checkpoint()
    } while (cursor !== undefined)
    expect(paged).toEqual(texts)
  }

  // ── The database ────────────────────────────────────────────────────────────────────────────────────────────────

  async #open(): Promise<void> {
    this.#db = await this.#opener.open(this.#folder, { ...randomOptions(this.#random), clock: this.#clock })
    const definition = table('things', {
      schema: type<AnyItem>(),
      key: this.#key as unknown as readonly [never, never],
      ttl: 'until' as never,
      ...(this.#hasIndexes ? { indexes: this.#indexes as unknown as Record<string, readonly [never, never]> } : {}),
    })
    this.#table = this.#db.table(definition) as unknown as AnyTable
    if (this.#isListening) this.#table.on('change', (change) => this.#changes.push(change))
  }

  async #reopen(): Promise<void> {
    await this.#db.close()
    await this.#open()
    expect((await this.#db.verify()).problems).toEqual([])
  }

  async #maintain(): Promise<void> {
    const choice = this.#random.below(4)
    if (choice === 0) await this.#db.flush()
    else if (choice === 1) await this.#db.checkpoint()
    // A checkpoint that writes go on beside.
    else await Promise.all([this.#db.checkpoint(), this.#writeBeside()])
    if (choice === 2) expect((await this.#db.verify()).problems).toEqual([])
  }

  async #writeBeside(): Promise<void> {
    if (has(this.#opener, 'order of calls')) await Promise.all([this.#writeSome(4), this.#batch()])
    else {
      await this.#writeSome(1)
      await this.#batch()
    }
  }

  async #checkWhole(): Promise<void> {
    const { items, indexEntries, problems } = await this.#db.verify()
    expect(problems).toEqual([])
    const all = await this.#table.scan().toArray()
    expect(all.map(this.#comparable).sort()).toEqual(this.#reference.scan().map(this.#comparable).sort())
    expect(items).toBeGreaterThanOrEqual(all.length)
    if (this.#hasIndexes) {
      const entries = this.#reference.scan('byGroup').length + this.#reference.scan('byLevel').length
      expect(indexEntries).toBeGreaterThanOrEqual(entries)
    }
  }

  #checkChanges(): void {
    const text = ({ type, key, old, new: next }: ReferenceChange | Change<AnyItem>) =>
      `${type} ${canonical(key)}: ${this.#comparable(old)} => ${this.#comparable(next)}`
    expect(this.#changes.map(text)).toEqual(this.#reference.changes.map(text))
    const numbers = this.#changes.map(({ seq }) => Number(seq))
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
    expect(new Set(numbers).size).toBe(numbers.length)
  }

  #randomKey(): AnyItem {
    const pk = randomKeyPart(this.#random, this.#pkKind, this.#skKind === undefined ? undefined : 4)
    return this.#skKind === undefined ? { pk } : { pk, sk: randomKeyPart(this.#random, this.#skKind) }
  }

  #item(): AnyItem {
    return { ...this.#randomKey(), ...randomAttributes(this.#random, this.#clock.seconds) }
  }

  /** The same filter in one of its notations. */
  #notation(spec: FilterSpec): Filter<AnyItem> {
    const choice = this.#random.below(has(this.#opener, 'functions') ? 5 : 4)
    if (choice === 0) return asText(spec)
    if (choice === 1) return asObject(spec)
    if (choice === 2) return asExpression(spec)
    return choice === 3 ? translate(asObject(spec)) : (item) => passes(spec, item)
  }

  /** A filter that a query can have. */
  #filterOf(index: keyof typeof INDEXES | undefined): FilterSpec | undefined {
    const spec = this.#random.chance(0.4) ? randomFilter(this.#random) : undefined
    const names: readonly string[] = index === undefined ? [] : INDEXES[index]
    const isPossible = spec === undefined || has(this.#opener, 'filters of keys') || !mentions(spec, names)
    return isPossible ? spec : undefined
  }

  #described(outcome: PromiseSettledResult<unknown>): string {
    if (outcome.status === 'fulfilled') return this.#comparable(outcome.value)
    const reason = outcome.reason as Error
    const isCondition =
      reason instanceof ReferenceConditionError ||
      (reason as ConditionalCheckFailedException).code === 'CONDITION_FAILED'
    if (isCondition) return 'the condition failed'
    throw reason
  }

  /** An item as text; `count`, which is added to, by what it is worth, as a sum may have another type. */
  readonly #comparable = (value: unknown): string => {
    if (!has(this.#opener, 'types of numbers')) return canonicalWorth(value)
    const item = value as AnyItem | null | undefined
    if (item?.['count'] === undefined) return canonical(value)
    const { count, ...rest } = item
    return `${canonical(rest)} ${canonicalWorth(count)}`
  }
}

function mentions(spec: FilterSpec, names: readonly string[]): boolean {
  switch (spec.kind) {
    case 'and':
    case 'or':
      return spec.parts.some((part) => mentions(part, names))
    case 'not':
      return mentions(spec.part, names)
    default:
      return names.includes(spec.name)
  }
}

function select(item: AnyItem, names: readonly string[]): AnyItem {
  return Object.fromEntries(Object.entries(item).filter(([name]) => names.includes(name)))
}

/** A range from high to low is refused, which is tested elsewhere. */
function normalised(condition: ReturnType<typeof randomSortCondition>): typeof condition {
  if (condition?.between === undefined) return condition
  const [a, b] = condition.between
  return { between: compareKeys(a, b) <= 0 ? [a, b] : [b, a] }
}

function randomOptions(random: SeededRandom): OpenOptions {
  return {
    fsync: random.pick(['always', 'batch', 'batch', 'never', 'never', 'never']),
    fsyncIntervalMs: random.pick([1, 50]),
    compression: random.pick(['none', 'deflate']),
    cacheBytes: random.pick([1, 2000, 1_000_000]),
    memtableBytes: random.pick([500, 5000, 20_000, 1_000_000]),
    partitionBytes: random.pick([300, 2000, 1_000_000]),
  }
}

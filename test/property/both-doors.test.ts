/**
 * The same random requests on the engine and through the AWS door, written in DynamoDB's expressions: on documents that have
 * all types in them, in a table whose indexes are about attributes that hold anything. Both answer the same, or
 * refuse it alike.
 *
 *   ROUNDS=500 npx vitest run --config test/vitest.config.ts both-doors     longer
 *   SEED=4711 npx vitest run --config test/vitest.config.ts both-doors      one run again
 */
import { expect, test } from 'vitest'
import { type Database, type Table, table, type } from '../../src/index.js'
import { openOverTheWire } from '../conformance/wire/open-over-the-wire.js'
import { canonicalWorth } from '../support/canonical.js'
import { SeededRandom } from '../support/random.js'
import {
  ExpressionWriter,
  mutated,
  randomActions,
  randomCondition,
  randomDocument,
  randomPaths,
  type WrittenExpression,
} from '../support/random-expressions.js'
import type { AnyItem } from '../support/reference-database.js'
import { temporaryDatabase } from '../support/temporary-database.js'

const ROUNDS = Number(process.env['ROUNDS'] ?? 4)
const STEPS = 100
const SEED = process.env['SEED']

/** A document may have anything. */
interface Thing {
  pk: string
  sk: number
  status?: string
  a?: number
  b?: string
  list?: string[]
  c1?: unknown
}
const Things = table('things', {
  schema: type<Thing>(),
  key: ['pk', 'sk'],
  indexes: {
    byStatus: ['status', 'a'],
    keysOnly: { key: ['status'], projection: 'KEYS_ONLY' },
    local: { key: ['pk', 'b'], local: true, projection: ['list', 'c1'] },
    many: { key: ['list'], multi: 'list' },
  },
})
// biome-ignore lint/suspicious/noExplicitAny: nothing is known of its keys
type AnyTable = Table<AnyItem, AnyItem, any, Record<string, any>>

test('random requests are answered alike by both', { timeout: 3_600_000 }, async () => {
  const first = SEED === undefined ? 1 : Number(SEED)
  for (let seed = first; seed < first + (SEED === undefined ? ROUNDS : 1); seed++) {
    const { db: engine } = await temporaryDatabase({ fsync: 'never' })
    const { db: door } = await temporaryDatabase({ fsync: 'never' }, { openIt: openOverTheWire })
    const run = new Comparison(seed, engine, door)
    for (let step = 0; step < STEPS; step++) await run.next(`SEED=${seed}, step ${step}`)
    await run.finish(`SEED=${seed}`)
  }
})

type Act = (things: AnyTable, db: Database) => Promise<unknown>

class Comparison {
  readonly #random: SeededRandom
  readonly #engine: Database
  readonly #door: Database

  constructor(seed: number, engine: Database, door: Database) {
    this.#random = new SeededRandom(seed)
    this.#engine = engine
    this.#door = door
  }

  async next(message: string): Promise<void> {
    const [what, act] = this.#request()
    const door = await outcomeOf(this.#door, act)
    // What DynamoDB alone refuses is not asked of the engine, which would do it.
    if (DYNAMODB_ONLY.test(door)) return
    const engine = await outcomeOf(this.#engine, act)
    // What is not valid may be refused for a condition before that is found out.
    if (isRefused(door) && isRefused(engine) && `${door}${engine}`.includes(NOT_VALID)) return
    expect(withoutSentence(door), `${message}: ${what}\n${engine}\n${door}`).toBe(withoutSentence(engine))
  }

  async finish(message: string): Promise<void> {
    const everything: Act = (things) => things.scan().toArray()
    expect(await outcomeOf(this.#door, everything), message).toBe(await outcomeOf(this.#engine, everything))
  }

  #request(): readonly [what: string, act: Act] {
    const random = this.#random
    const item = this.#item()
    const { pk, sk } = item
    const key = { pk, sk } as AnyItem as never
    const options = random.chance(0.4) ? { if: this.#condition(item) } : {}
    const returned = random.chance(0.5) ? { ...options, return: 'old' as const } : options
    switch (random.below(9)) {
      case 0:
      case 1:
      case 2:
        return [`put ${canonicalWorth([item, options])}`, (things) => things.put(item, returned)]
      case 3:
      case 4: {
        const update = this.#broken(new ExpressionWriter(random).update(randomActions(random, item)))
        const shown = random.pick(['none', 'old', 'new', 'updatedOld', 'updatedNew'] as const)
        const act: Act = (things) => things.update(key, update, { ...options, return: shown })
        return [`update ${canonicalWorth([key, update, options, shown])}`, act]
      }
      case 5:
        return [`delete ${canonicalWorth([key, options])}`, (things) => things.delete(key, returned)]
      case 6: {
        const select = this.#projection(item) as never
        // The engine looks at a selection once there is something to select from.
        const act: Act = async (things) => (await things.get(key)) && things.get(key, { select })
        return [`get ${canonicalWorth([key, select])}`, act]
      }
      case 7:
        return this.#read(item)
      default:
        return this.#transaction(item)
    }
  }

  #read(item: AnyItem): readonly [what: string, act: Act] {
    const random = this.#random
    const filter = random.chance(0.7) ? { filter: this.#condition(item) } : {}
    const select = random.chance(0.4) ? { select: this.#projection(item) as never } : {}
    const page = random.chance(0.4) ? { limit: random.between(1, 4) } : {}
    const options = { ...filter, ...select, ...page }
    const index = random.pick(['byStatus', 'keysOnly', 'local', 'many', undefined] as const)
    const isScan = random.chance(0.3)
    const list = Array.isArray(item['list']) ? (item['list'][0] as unknown) : 'a'
    const where = {
      byStatus: { status: item['status'], ...(random.chance(0.5) && { a: { gte: item['a'] } }) },
      keysOnly: { status: item['status'] },
      local: { pk: item['pk'], ...(random.chance(0.5) && { b: item['b'] }) },
      many: { list },
      table: { pk: item['pk'], ...(random.chance(0.5) && { sk: { lte: item['sk'] } }) },
    }[index ?? 'table'] as never
    const act: Act = async (things) => {
      const source = index === undefined ? things : things.index(index)
      const results = isScan ? source.scan(options) : source.query(where, options)
      const { items, cursor } = await results.page()
      const rest =
        cursor === undefined
          ? []
          : await (isScan
              ? source.scan({ ...options, cursor }).toArray()
              : source.query(where, { ...options, cursor }).toArray())
      return [items, rest, await results.count()]
    }
    return [`read ${canonicalWorth([index, isScan, where, options])}`, act]
  }

  #transaction(item: AnyItem): readonly [what: string, act: Act] {
    const random = this.#random
    const others = Array.from({ length: random.between(1, 3) }, () => this.#item())
    const steps = [item, ...others].map((other) => ({
      other,
      key: { pk: other['pk'], sk: other['sk'] },
      kind: random.below(4),
      condition: random.chance(0.5) ? this.#condition(other) : undefined,
      update: new ExpressionWriter(random).update(randomActions(random, other)),
    }))
    const act: Act = (_, db) =>
      db.transact((tx) => {
        for (const { other, key, kind, condition, update } of steps) {
          const options = condition === undefined ? {} : { if: condition as never, return: 'old' as const }
          if (kind === 0) tx.put(Things, other as unknown as Thing, options)
          else if (kind === 1) tx.update(Things, key as never, update as never, options)
          else if (kind === 2) tx.delete(Things, key as never, options)
          else tx.check(Things, key as never, (condition ?? { expression: 'attribute_exists(pk)' }) as never)
        }
      })
    return [`transaction ${canonicalWorth(steps)}`, act]
  }

  #item(): AnyItem {
    const document = randomDocument(this.#random)
    // Keys of indexes hold anything only now and then: most items are in all of them.
    if (this.#random.chance(0.9)) {
      Object.assign(document, { status: this.#random.pick(['open', 'paid', 'S']), a: this.#random.between(0, 5) })
      Object.assign(document, { b: this.#random.pick(['x', 'y']), list: this.#random.pick([['a', 'b'], ['b'], []]) })
    }
    return { ...document, pk: this.#random.pick(['p', 'q']), sk: this.#random.between(0, 4) }
  }

  #condition(item: AnyItem): WrittenExpression {
    return this.#broken(new ExpressionWriter(this.#random).condition(randomCondition(this.#random, item)))
  }

  #projection(item: AnyItem): WrittenExpression {
    return this.#broken(new ExpressionWriter(this.#random).projection(randomPaths(this.#random, item)))
  }

  /** Now and then it is no expression any more. */
  #broken(written: WrittenExpression): WrittenExpression {
    if (!this.#random.chance(0.05)) return written
    return { ...written, expression: mutated(this.#random, written.expression) }
  }
}

const DYNAMODB_ONLY = /Filter Expression can only contain non-primary key attributes|Key attributes must be scalars/

function tableOf(db: Database): AnyTable {
  return db.table(Things) as unknown as AnyTable
}

async function outcomeOf(db: Database, act: Act): Promise<string> {
  try {
    return canonicalWorth(await act(tableOf(db), db))
  } catch (failure) {
    const { name, item, reasons, message: own } = failure as Refusal
    const message = [own, ...(reasons ?? []).map((reason) => reason.message)].join('; ')
    // DynamoDB looks at the actions of a transaction one by one, the engine at each as it is called.
    const isInvalid = name === 'ValidationException' || reasons?.some(({ code }) => code === 'ValidationError')
    // Of several things that are wrong one door finds this one first, and the other that one.
    if (isInvalid === true) return `refused: ${NOT_VALID} # ${message}`
    return `refused: ${canonicalWorth([name, item, reasons?.map(({ code, item: old }) => [code, old])])} # ${message}`
  }
}

interface Refusal {
  readonly name: string
  readonly message: string
  readonly item?: unknown
  readonly reasons?: readonly { readonly code: string; readonly message?: string; readonly item?: unknown }[]
}

const NOT_VALID = 'as not valid'

function isRefused(outcome: string): boolean {
  return outcome.startsWith('refused: ')
}

function withoutSentence(outcome: string): string {
  return isRefused(outcome) ? outcome.replace(/ # .*/s, '') : outcome
}

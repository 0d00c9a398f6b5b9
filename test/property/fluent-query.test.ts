/**
 * Random chains of calls on random items, compared with arrays: filter, sort, slice. Items lack attributes and have values
 * of all types in them; some are in files, some in memory.
 */
import { expect, test } from 'vitest'
import { type Database, open, type Results, table, type } from '../../src/index.js'
import { compareAnyValues } from '../../src/model/expression/value-order.js'
import { openOverTheWire } from '../conformance/wire/open-over-the-wire.js'
import { SeededRandom } from '../support/random.js'
import { temporaryDatabase } from '../support/temporary-database.js'

interface Thing {
  group: string
  at: number
  /** As `at`, which is a key, and so nothing that a filter on Amazon DynamoDB may ask for. */
  rank: number
  a?: unknown
  b?: unknown
}
const Things = table('things', {
  schema: type<Thing>(),
  key: ['group', 'at'],
  indexes: { byGroup: ['group', 'at'], byAt: ['at'] },
})
const ROUNDS = Number(process.env['ROUNDS'] ?? 20)

const WAYS = [
  ['on the engine', open, ROUNDS],
  ['through the AWS door', openOverTheWire, Math.ceil(ROUNDS / 10)],
] as const

test.each(WAYS)(
  'databases answer random chains as arrays do, %s',
  { timeout: 600_000 },
  async (_way, openIt, rounds) => {
    for (let seed = 1; seed <= rounds; seed++) {
      const random = new SeededRandom(Number(process.env['SEED'] ?? seed))
      const { db } = await temporaryDatabase({ fsync: 'never' }, { openIt })
      const things = tableOf(db)
      const count = random.between(1, 300)
      await things.batch((writer) => {
        for (let at = 0; at < count; at++) writer.put(randomThing(random, at))
      })
      if (random.between(0, 1) === 1) await db.checkpoint()
      for (let i = 0; i < 20; i++) await compareChain(random, things, `seed ${seed}, chain ${i}`)
      const groups = new Set((await things.scan().toArray()).map(({ group }) => group))
      const distinct = await things.index('byGroup').distinct().toArray()
      expect(distinct.map(({ group }) => group).sort()).toEqual([...groups].sort())
    }
  },
)

function tableOf(db: Database) {
  return db.table(Things)
}

async function compareChain(random: SeededRandom, things: ReturnType<typeof tableOf>, message: string): Promise<void> {
  const kind = random.between(0, 2)
  const group = `g${random.between(0, 2)}`
  let results = (
    kind === 0 ? things.scan() : kind === 1 ? things.query({ group }) : things.index('byGroup').query({ group })
  ) as Results<Thing>
  let expected = await results.toArray()
  let limit: number | undefined
  const orders: { attribute: keyof Thing; isDown: boolean }[] = []
  for (let calls = random.between(0, 5); calls > 0; calls--) {
    const call = random.between(0, 3)
    if (call === 0) {
      const threshold = random.between(0, 300)
      results = results.where({ rank: { gte: threshold } })
      expected = expected.filter(({ rank }) => rank >= threshold)
    } else if (call === 1) {
      const most = random.between(1, 40)
      limit = most
      results = results.limit(most)
    } else {
      const attribute = (['group', 'at', 'a', 'b'] as const)[random.between(0, 3)]!
      const isDown = random.between(0, 1) === 1
      results = results.orderBy(attribute, isDown ? 'descending' : 'ascending')
      if (!orders.some((order) => order.attribute === attribute)) orders.push({ attribute, isDown })
    }
  }
  // A sort key decides everything in one partition; then the read goes backwards, and there are no equals.
  const sorted = expected
    .toSorted((x, y) => {
      for (const { attribute, isDown } of orders) {
        const [left, right] = [x[attribute], y[attribute]]
        if ((left === undefined) !== (right === undefined)) return left === undefined ? 1 : -1
        const order = left === undefined ? 0 : compareAnyValues(left, right)
        if (order !== 0) return isDown ? -order : order
      }
      return 0
    })
    .slice(0, limit)
  expect(await results.toArray(), message).toEqual(sorted)
  expect(await results.first(), message).toEqual(sorted[0])
  expect(await results.count(), message).toBe(sorted.length)
  const iterated: Thing[] = []
  for await (const thing of results) iterated.push(thing)
  expect(iterated, message).toEqual(sorted)
}

function randomThing(random: SeededRandom, at: number): Thing {
  const thing: Thing = { group: `g${random.between(0, 2)}`, at, rank: at }
  if (random.between(0, 3) > 0) thing.a = randomValue(random)
  if (random.between(0, 3) > 0) thing.b = random.between(0, 5)
  return thing
}

function randomValue(random: SeededRandom): unknown {
  const n = random.between(-3, 3)
  const values = [n, BigInt(n) * 10n ** 20n, `t${n}`, n > 0, null, [n], { n }, new Set([n]), Uint8Array.of(n + 3)]
  return values[random.between(0, values.length - 1)]
}

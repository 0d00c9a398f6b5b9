/**
 * What a condition costs a put, in each notation, and what an update expression costs against an object: microseconds for
 * one of a hundred that wait together, in memory. Each is measured several times by turns; the best and the median.
 *
 *   npx tsup --silent && npx tsx test/benchmark/expressions.ts [--rounds 15]
 *
 * It measures what is built: run from its sources by tsx, every function that is made would be given its name again.
 */
import { parseArgs } from 'node:util'
import type * as Dynafile from '../../src/index.js'
import { median } from './statistics.js'

interface Thing {
  id: string
  status: string
  total: number
  n: number
  text: string
}

const KEY_COUNT = 1000
const OPERATION_COUNT = 20_000
const TOGETHER = 100

const built = new URL('../../dist/index.js', import.meta.url).href
const { ddb, open, table, type } = (await import(built)) as typeof Dynafile
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '15' } } })
const db = await open('memory:', { fsync: 'never' })
const things = db.table(table('things', { schema: type<Thing>(), key: ['id'] }))
const item = (n: number): Thing => ({ id: `k${n}`, status: 'open', total: 5, n: 0, text: 'x'.repeat(20) })
const raw = (minimum: number) => ({
  expression: '#t > :minimum AND #s = :status',
  names: { '#t': 'total', '#s': 'status' },
  values: { ':minimum': minimum, ':status': 'open' },
})

const OPERATIONS: readonly (readonly [name: string, act: (n: number) => Promise<unknown>])[] = [
  ['put', (n) => things.put(item(n))],
  ['put if function', (n) => things.put(item(n), { if: (thing) => thing.total > 1 && thing.status === 'open' })],
  ['put if object', (n) => things.put(item(n), { if: { total: { gt: 1 }, status: 'open' } })],
  ['put if ddb', (n) => things.put(item(n), { if: ddb`total > ${1} AND status = ${'open'}` })],
  ['put if raw expression', (n) => things.put(item(n), { if: raw(1) })],
  ['update set', (n) => things.update({ id: `k${n}` }, { set: { total: 7 } })],
  ['update ddb SET', (n) => things.update({ id: `k${n}` }, ddb`SET total = ${7}`)],
  ['update add', (n) => things.update({ id: `k${n}` }, { add: { n: 1 } })],
  ['update ddb SET n = n + 1', (n) => things.update({ id: `k${n}` }, ddb`SET n = if_not_exists(n, ${0}) + ${1}`)],
]

for (let n = 0; n < KEY_COUNT; n++) await things.put(item(n))
const found = new Map(OPERATIONS.map(([name]) => [name, [] as number[]]))
for (let round = 0; round <= Number(values.rounds); round++) {
  for (const [name, act] of OPERATIONS) {
    const took = await measure(act)
    // The first time, code is compiled.
    if (round > 0) found.get(name)!.push(took)
  }
}
for (const [name, times] of found) {
  console.log(`${name.padEnd(26)} ${Math.min(...times).toFixed(2)} ${median(times).toFixed(2)} µs`)
}
await db.close()

async function measure(act: (n: number) => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  for (let done = 0; done < OPERATION_COUNT; done += TOGETHER) {
    const waiting: Promise<unknown>[] = []
    for (let n = done; n < done + TOGETHER; n++) waiting.push(act(n % KEY_COUNT))
    await Promise.all(waiting)
  }
  return ((performance.now() - startedAt) * 1000) / OPERATION_COUNT
}

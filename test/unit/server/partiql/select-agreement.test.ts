/**
 * SELECTs drawn at random, over a table and its indexes, page by page with any limit: they find exactly the items for which a
 * slow evaluator finds the condition to hold. More of it: COUNT=… and SEED=….
 */
import { expect, test } from 'vitest'
import { AwsError } from '../../../../src/server/aws-error.js'
import type { AttributeMap } from '../../../../src/server/value/attribute-value.js'
import { nativeItem } from '../../../../src/server/value/native-value.js'
import { sdkItem } from '../../../../src/server/value/sdk-value.js'
import { SeededRandom } from '../../../support/random.js'
import { StatementWriter } from '../../../support/random-statements.js'
import type { AnyItem } from '../../../support/reference-database.js'
import { type ConditionSpec, holds, type OperandSpec, worthOf } from '../../../support/reference-expression.js'
import { type ServiceFixture, serviceFixture } from '../../../support/service-fixture.js'

const COUNT = Number(process.env['COUNT'] ?? 1500)
const SEED = Number(process.env['SEED'] ?? 1)

const PARTITIONS = ['a', 'b', 'c']
const SORTS = ['', '1', '11', '12', '2', 'x'].slice(1)
const GROUPS = ['a', 'g', 'h']

/** What is read, and how: by which names its key goes, and what of an item can be seen. */
interface Source {
  readonly from: string
  readonly partition: string
  readonly sort: string
  readonly view: (item: AnyItem) => AnyItem | undefined
}

const SOURCES: readonly Source[] = [
  { from: '"items"', partition: 'pk', sort: 'sk', view: (item) => item },
  { from: '"items"."byG"', partition: 'g', sort: 'x', view: (item) => ('g' in item && 'x' in item ? item : undefined) },
  { from: '"items"."keysOfG"', partition: 'g', sort: 'sk', view: (item) => ('g' in item ? keysOf(item) : undefined) },
  { from: '"items"."local"', partition: 'pk', sort: 'x', view: (item) => ('x' in item ? item : undefined) },
]

function keysOf({ pk, sk, g }: AnyItem): AnyItem {
  return { pk, sk, g }
}

test(`${COUNT} SELECTs find what a slow evaluator finds, from seed ${SEED}`, { timeout: 600_000 }, async () => {
  const fixture = await serviceFixture({
    name: 'items',
    key: ['pk', 'sk'],
    indexes: {
      byG: { key: ['g', 'x'] },
      keysOfG: { key: ['g', 'sk'], projection: 'KEYS_ONLY' },
      local: { key: ['pk', 'x'], local: true },
    },
  })
  const items = randomItems(new SeededRandom(0))
  await fixture.fill('items', items.map(sdkItem))
  let answered = 0
  let ordered = 0
  for (let number = 0; number < COUNT; number++) {
    const seed = SEED + number
    try {
      const outcome = await runOne(new SeededRandom(seed), fixture, items)
      if (outcome !== 'refused') answered += 1
      if (outcome === 'ordered') ordered += 1
    } catch (failure) {
      throw new Error(`Seed ${seed} fails (SEED=${seed} COUNT=1 shows it): ${failure}`, { cause: failure })
    }
  }
  if (COUNT < 100) return
  // Most of them have to be answered for this to mean something.
  expect(answered).toBeGreaterThan(COUNT / 2)
  expect(ordered).toBeGreaterThan(COUNT / 20)
})

async function runOne(random: SeededRandom, fixture: ServiceFixture, items: readonly AnyItem[]): Promise<string> {
  const source = random.pick(SOURCES)
  const spec = randomWhere(random, source, 0)
  const writer = new StatementWriter(random)
  const isOrdered = random.chance(0.3)
  const isDown = random.chance(0.5)
  const order = isOrdered
    ? ` ORDER BY ${source.partition} ${isDown ? 'DESC' : 'ASC'}, ${source.sort} ${isDown ? 'DESC' : 'ASC'}`
    : ''
  const text = `SELECT * FROM ${source.from} WHERE ${writer.condition(spec)}${order}`
  const { parameters } = writer
  const limit = random.chance(0.6) ? 1 + random.below(7) : undefined
  let found: AnyItem[]
  try {
    found = await allPages(
      fixture,
      { Statement: text, ...(parameters.length > 0 && { Parameters: parameters }) },
      limit,
    )
  } catch (failure) {
    if (failure instanceof AwsError && KNOWN.test(failure.message)) return 'refused'
    throw new Error(`${text} ${JSON.stringify(parameters)}: ${failure}`, { cause: failure })
  }
  const wanted = items.map(source.view).filter((item) => item !== undefined && holds(spec, item)) as AnyItem[]
  const shown = `${text} ${JSON.stringify(parameters)}`
  expect(found.map(worthOf).sort(), shown).toEqual(wanted.map(worthOf).sort())
  if (isOrdered) {
    const places = found.map((item) => `${item[source.partition]} ${item[source.sort]}`)
    expect(places, shown).toEqual(isDown ? [...places].sort().reverse() : [...places].sort())
  }
  return isOrdered ? 'ordered' : 'answered'
}

const KNOWN =
  /^Overlapping conditions|^Key attribute's data type|^Too many decomposed|first operand must be distinct|requires same data type for lower|upper bound to be greater|does not project one or more filter|ORDER BY clause|too many operators/

async function allPages(fixture: ServiceFixture, input: object, limit: number | undefined): Promise<AnyItem[]> {
  const found: AnyItem[] = []
  let token: string | undefined
  for (let page = 0; page < 200; page++) {
    const answer = await fixture.call('ExecuteStatement', {
      ...input,
      ...(limit !== undefined && { Limit: limit }),
      ...(token !== undefined && { NextToken: token }),
    })
    const items = answer['Items'] as readonly AttributeMap[]
    expect(items.length).toBeLessThanOrEqual(limit ?? Number.POSITIVE_INFINITY)
    for (const item of items) found.push(nativeItem(item))
    token = answer['NextToken']
    if (token === undefined) return found
  }
  throw new Error('the pages have no end')
}

/** Every key there is, some with an attribute more and some with one less. */
function randomItems(random: SeededRandom): AnyItem[] {
  return PARTITIONS.flatMap((pk) =>
    SORTS.map((sk) => ({
      ...{ pk, sk, n: random.below(4) },
      ...(random.chance(0.7) && { g: random.pick(GROUPS) }),
      ...(random.chance(0.7) && { x: random.pick(SORTS) }),
      ...(random.chance(0.3) && { y: random.pick<unknown>(['1', 1, true, null]) }),
    })),
  )
}

/** Of conditions on keys more than of others, so that many of them can be looked up. */
function randomWhere(random: SeededRandom, source: Source, depth: number): ConditionSpec {
  const inner = () => randomWhere(random, source, depth + 1)
  if (depth === 0 && random.chance(0.5)) {
    const partition = leaf(random, source.partition, PARTITIONS, ['=', '=', 'IN'])
    return { kind: 'and', parts: [partition, ...Array.from({ length: 1 + random.below(2) }, inner)] }
  }
  switch (random.below(depth < 3 ? 10 : 6)) {
    case 0:
    case 1:
      return leaf(random, source.partition, PARTITIONS, ['=', '=', 'IN', '<', '<>'])
    case 2:
    case 3:
      return leaf(random, source.sort, SORTS, ['=', 'IN', '<', '<=', '>', '>=', '<>', 'BETWEEN', 'begins_with'])
    case 4:
      return leaf(random, random.pick(['n', 'y', 'g', 'x', 'pk', 'sk']), [0, 1, 2, '1', true], ['=', '<>', 'IN'])
    case 5:
      return {
        kind: 'call',
        name: random.pick(['attribute_exists', 'attribute_not_exists']),
        operands: [path(random.pick(['y', 'x', 'sk']))],
      }
    case 6:
      return { kind: 'not', part: inner() }
    case 7:
    case 8:
      return { kind: 'and', parts: Array.from({ length: 2 + random.below(2) }, inner) }
    default:
      return { kind: 'or', parts: Array.from({ length: 2 + random.below(2) }, inner) }
  }
}

function leaf(
  random: SeededRandom,
  name: string,
  values: readonly unknown[],
  operators: readonly string[],
): ConditionSpec {
  const value = (): OperandSpec => ({ kind: 'value', value: random.pick<unknown>(values) })
  const operator = random.pick(operators)
  switch (operator) {
    case 'IN': {
      const count = 1 + random.below(3)
      const distinct = [...new Set(Array.from({ length: count }, () => random.pick<unknown>(values)))]
      return { kind: 'in', operand: path(name), list: distinct.map((one) => ({ kind: 'value', value: one })) }
    }
    case 'BETWEEN':
      return { kind: 'between', operand: path(name), low: value(), high: value() }
    case 'begins_with':
      return { kind: 'call', name: 'begins_with', operands: [path(name), value()] }
    default:
      return random.chance(0.8)
        ? { kind: 'compare', operator, left: path(name), right: value() }
        : { kind: 'compare', operator: FLIPPED[operator]!, left: value(), right: path(name) }
  }
}

const FLIPPED: Readonly<Record<string, string>> = { '=': '=', '<>': '<>', '<': '>', '<=': '>=', '>': '<', '>=': '<=' }

function path(name: string): OperandSpec {
  return { kind: 'path', path: [name] }
}

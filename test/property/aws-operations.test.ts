/**
 * Random requests to the operations of the AWS door, each answer compared with a reference that is too simple to be wrong:
 * writes of all kinds with what they return and cost, queries of a table and its indexes page by page, whole scans.
 *
 *   ROUNDS=2000 npx vitest run --config test/vitest.config.ts aws-operations     longer
 *   SEED=4711 npx vitest run --config test/vitest.config.ts aws-operations       one run again
 */
import { expect, test } from 'vitest'
import { SeededRandom } from '../support/random.js'
import {
  type Attributes,
  compareValues,
  INDEXES,
  ReferenceService,
  type Units,
  type Value,
  writeUnits,
} from '../support/reference-service.js'
import { type ServiceFixture, serviceFixture } from '../support/service-fixture.js'

const ROUNDS = Number(process.env['ROUNDS'] ?? 25)
const STEPS = 60
const SEED = process.env['SEED']
const TableName = 'things'

test(`${ROUNDS} runs of ${STEPS} requests are answered as the reference answers`, { timeout: 3_600_000 }, async () => {
  const first = SEED === undefined ? 1 : Number(SEED)
  for (let seed = first; seed < first + (SEED === undefined ? ROUNDS : 1); seed++) {
    const indexes = {
      byG: { key: ['g', 'n'], projection: 'KEYS_ONLY' as const },
      byL: { key: ['pk', 'l'], local: true, projection: ['v'] },
    }
    const run = new Run(seed, await serviceFixture({ name: TableName, key: ['pk', 'sk'], indexes }))
    try {
      for (run.step = 0; run.step < STEPS; run.step++) await run.request()
    } catch (cause) {
      const again = `SEED=${seed} npx vitest run --config test/vitest.config.ts aws-operations`
      throw new Error(`run ${seed} failed at step ${run.step}; repeat it: ${again}\n${String(cause)}`, { cause })
    }
  }
})

class Run {
  step = 0
  readonly #random: SeededRandom
  readonly #fixture: ServiceFixture
  readonly #reference = new ReferenceService()

  constructor(seed: number, fixture: ServiceFixture) {
    this.#random = new SeededRandom(seed)
    this.#fixture = fixture
  }

  request(): Promise<void> {
    const kinds = [
      ...[() => this.#put(), () => this.#put(), () => this.#update(), () => this.#update(), () => this.#delete()],
      ...[() => this.#get(), () => this.#query(), () => this.#query(), () => this.#scan()],
      ...[() => this.#batch(), () => this.#transaction()],
    ]
    return this.#pick(kinds)()
  }

  async #put(): Promise<void> {
    const Item = this.#item()
    const before = this.#reference.find(Item)
    const condition = this.#condition()
    const put = {
      ...{ TableName, Item, ReturnValues: 'ALL_OLD', ReturnConsumedCapacity: 'INDEXES' },
      ...condition.parameters,
    }
    if (!condition.holds(before)) return this.#refused('PutItem', put, before)
    const units = this.#reference.write(Item, Item)
    expect(await this.#fixture.call('PutItem', put)).toEqual({
      ...(before !== undefined && { Attributes: before }),
      ConsumedCapacity: consumed(units),
    })
  }

  async #delete(): Promise<void> {
    const Key = this.#key()
    const before = this.#reference.find(Key)
    const condition = this.#condition()
    const remove = {
      ...{ TableName, Key, ReturnValues: 'ALL_OLD', ReturnConsumedCapacity: 'INDEXES' },
      ...condition.parameters,
    }
    if (!condition.holds(before)) return this.#refused('DeleteItem', remove, before)
    const units = this.#reference.write(Key, undefined)
    expect(await this.#fixture.call('DeleteItem', remove)).toEqual({
      ...(before !== undefined && { Attributes: before }),
      ConsumedCapacity: consumed(units),
    })
  }

  async #update(): Promise<void> {
    const Key = this.#key()
    const before = this.#reference.find(Key)
    const step = this.#number(5)
    const fresh = this.#text()
    const after: Record<string, Value> = { ...(before ?? Key) }
    const count = { N: String(Number((before?.['n'] as { N: string } | undefined)?.N ?? 0) + step) }
    after['n'] = count
    after['v'] = fresh
    delete after['l']
    const isOlder = this.#random.chance(0.3)
    const update = isOlder
      ? {
          AttributeUpdates: {
            n: { Action: 'ADD', Value: { N: String(step) } },
            v: { Value: fresh },
            l: { Action: 'DELETE' },
          },
        }
      : {
          UpdateExpression: 'SET n = if_not_exists(n, :zero) + :n, v = :v REMOVE l',
          ExpressionAttributeValues: { ':zero': { N: '0' }, ':n': { N: String(step) }, ':v': fresh },
        }
    const ReturnValues = this.#pick(['NONE', 'ALL_OLD', 'ALL_NEW', 'UPDATED_OLD', 'UPDATED_NEW'] as const)
    const changed = (item: Attributes | undefined) =>
      item && Object.fromEntries(['n', 'v', 'l'].flatMap((name) => (item[name] ? [[name, item[name]]] : [])))
    const returned = {
      NONE: undefined,
      ALL_OLD: before,
      ALL_NEW: after,
      UPDATED_OLD: changed(before),
      UPDATED_NEW: { n: count, v: fresh },
    }[ReturnValues]
    const units = this.#reference.write(Key, after)
    const input = { TableName, Key, ...update, ReturnValues, ReturnConsumedCapacity: 'INDEXES' }
    expect(await this.#fixture.call('UpdateItem', input)).toEqual({
      ...(returned !== undefined && Object.keys(returned).length > 0 && { Attributes: returned }),
      ConsumedCapacity: consumed(units),
    })
  }

  async #get(): Promise<void> {
    const Key = this.#key()
    const Item = this.#reference.find(Key)
    expect(await this.#fixture.call('GetItem', { TableName, Key })).toEqual(Item === undefined ? {} : { Item })
  }

  /** All pages; between two of them the key that the next one begins behind may go. */
  async #query(): Promise<void> {
    const index = this.#pick([undefined, ...INDEXES])
    const [hash] = index?.key ?? ['pk']
    const partition = hash === 'pk' ? this.#partition() : this.#text()
    const reverse = this.#random.chance(0.5)
    const limit = this.#random.chance(0.7) ? 1 + this.#number(4) : undefined
    const least = { N: String(this.#number(10)) }
    const filters = [
      { passes: () => true },
      // What an index does not show can't be asked for.
      ...(index === undefined
        ? [{ passes: (item: Attributes) => item['n'] !== undefined && compareValues(item['n'], least) >= 0 }]
        : []),
    ]
    const { passes } = this.#pick(filters)
    const isFiltered = filters.length > 1 && passes === filters[1]!.passes
    let startKey: Attributes | undefined
    do {
      const page = this.#reference.query(partition, index, { reverse, limit, startKey, passes })
      const answer = await this.#fixture.call('Query', {
        TableName,
        IndexName: index?.name,
        KeyConditionExpression: `${hash} = :hash`,
        FilterExpression: isFiltered ? 'n >= :least' : undefined,
        ExpressionAttributeValues: { ':hash': partition, ...(isFiltered && { ':least': least }) },
        ScanIndexForward: !reverse,
        Limit: limit,
        ExclusiveStartKey: startKey,
        ReturnConsumedCapacity: 'TOTAL',
      })
      expect(answer).toEqual({
        Items: page.items,
        Count: page.items.length,
        ScannedCount: page.scanned,
        ...(page.lastKey !== undefined && { LastEvaluatedKey: page.lastKey }),
        ConsumedCapacity: { TableName, CapacityUnits: page.units },
      })
      startKey = page.lastKey
      if (startKey !== undefined && this.#random.chance(0.3)) await this.#remove(startKey)
    } while (startKey !== undefined)
  }

  async #scan(): Promise<void> {
    const TotalSegments = this.#random.chance(0.5) ? 1 + this.#number(3) : undefined
    const found: Attributes[] = []
    for (let segment = 0; segment < (TotalSegments ?? 1); segment++) {
      let ExclusiveStartKey: unknown
      do {
        const Segment = TotalSegments === undefined ? undefined : segment
        const page = await this.#fixture.call('Scan', {
          TableName,
          Limit: 3,
          TotalSegments,
          Segment,
          ExclusiveStartKey,
        })
        found.push(...page['Items'])
        ExclusiveStartKey = page['LastEvaluatedKey']
      } while (ExclusiveStartKey !== undefined)
    }
    expect(sorted(found)).toEqual(sorted(this.#reference.items))
  }

  async #batch(): Promise<void> {
    const writes = new Map<string, { readonly key: Attributes; readonly put: Attributes | undefined }>()
    for (let count = 1 + this.#number(5); count > 0; count--) {
      const item = this.#item()
      writes.set(JSON.stringify([item['pk'], item['sk']]), {
        key: { pk: item['pk']!, sk: item['sk']! },
        put: this.#random.chance(0.7) ? item : undefined,
      })
    }
    const requests = [...writes.values()].map(({ key, put }) =>
      put === undefined ? { DeleteRequest: { Key: key } } : { PutRequest: { Item: put } },
    )
    const isCounted = this.#random.chance(0.5)
    const units = [...writes.values()].map(({ key, put }) => this.#reference.write(key, put))
    const input = { RequestItems: { [TableName]: requests }, ReturnConsumedCapacity: isCounted ? 'INDEXES' : 'NONE' }
    expect(await this.#fixture.call('BatchWriteItem', input)).toEqual({
      UnprocessedItems: {},
      ...(isCounted && { ConsumedCapacity: [consumed(sumOf(units))] }),
    })
  }

  async #transaction(): Promise<void> {
    const first = this.#item()
    const other = this.#key()
    const isOneItem = JSON.stringify([first['pk'], first['sk']]) === JSON.stringify([other['pk'], other['sk']])
    const condition = this.#condition()
    const TransactItems = [
      { Put: { TableName, Item: first } },
      condition.parameters.ConditionExpression === undefined
        ? { Delete: { TableName, Key: other } }
        : { Delete: { TableName, Key: other, ...condition.parameters } },
    ]
    if (isOneItem) {
      const { message } = await this.#fixture.refusal('TransactWriteItems', { TransactItems })
      expect(message).toBe('Transaction request cannot include multiple operations on one item')
      return
    }
    const before = this.#reference.find(other)
    if (!condition.holds(before)) {
      const { members } = await this.#fixture.refusal('TransactWriteItems', { TransactItems })
      const reason = { Code: 'ConditionalCheckFailed', Message: 'The conditional request failed' }
      expect(members).toEqual({
        CancellationReasons: [{ Code: 'None' }, { ...reason, ...(before !== undefined && { Item: before }) }],
      })
      return
    }
    const units = [writeUnits(this.#reference.find(first), first), writeUnits(before, undefined)]
    this.#reference.write(first, first)
    this.#reference.write(other, undefined)
    const input = { TransactItems, ReturnConsumedCapacity: 'INDEXES' }
    const { table, indexes } = sumOf(units)
    const { ConsumedCapacity } = await this.#fixture.call('TransactWriteItems', input)
    expect(ConsumedCapacity).toEqual([consumed({ table: 2 * table, indexes }, 'WriteCapacityUnits')])
  }

  async #refused(operation: string, input: object, item: Attributes | undefined): Promise<void> {
    const { name, members } = await this.#fixture.refusal(operation, input)
    expect([name, members]).toEqual(['ConditionalCheckFailedException', item === undefined ? {} : { Item: item }])
  }

  async #remove(Key: Attributes): Promise<void> {
    const { pk, sk } = Key as { pk: Value; sk: Value }
    this.#reference.write({ pk, sk }, undefined)
    await this.#fixture.call('DeleteItem', { TableName, Key: { pk, sk } })
  }

  #condition(): {
    readonly parameters: Readonly<Record<string, unknown>>
    readonly holds: (item: Attributes | undefined) => boolean
  } {
    const most = { N: String(this.#number(10)) }
    const asking = { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }
    return this.#pick([
      { parameters: {}, holds: () => true },
      { parameters: {}, holds: () => true },
      {
        parameters: { ...asking, ConditionExpression: 'attribute_not_exists(pk)' },
        holds: (item: Attributes | undefined) => item === undefined,
      },
      {
        parameters: {
          ...asking,
          ConditionExpression: 'NOT n > :most',
          ExpressionAttributeValues: { ':most': most },
        },
        holds: (item: Attributes | undefined) => item?.['n'] === undefined || compareValues(item['n'], most) <= 0,
      },
    ])
  }

  #item(): Attributes {
    return {
      ...this.#key(),
      ...(this.#random.chance(0.6) && { g: this.#text() }),
      ...(this.#random.chance(0.7) && { n: { N: String(this.#number(12) - 3) } }),
      ...(this.#random.chance(0.6) && { l: this.#text() }),
      ...(this.#random.chance(0.6) && { v: this.#text() }),
      ...(this.#random.chance(0.2) && { big: { S: 'x'.repeat(this.#number(3000)) } }),
    }
  }

  #key(): Attributes {
    return { pk: this.#partition(), sk: { N: String(this.#number(8) * 5 - 10) } }
  }

  #partition(): Value {
    return { S: this.#pick(['a', 'é', '\u{1f600}']) }
  }

  #text(): Value {
    return { S: this.#pick(['x', 'xy', 'y', 'é']) }
  }

  #number(below: number): number {
    return this.#random.below(below)
  }

  #pick<T>(choices: readonly T[]): T {
    return this.#random.pick(choices)
  }
}

function sorted(items: readonly Attributes[]): readonly string[] {
  return items.map((item) => JSON.stringify(Object.entries(item).sort())).sort()
}

function sumOf(units: readonly Units[]): Units {
  const indexes: Record<string, number> = {}
  for (const each of units) {
    for (const [name, count] of Object.entries(each.indexes)) indexes[name] = (indexes[name] ?? 0) + count
  }
  return { table: units.reduce((sum, { table }) => sum + table, 0), indexes }
}

/** As answers show it. */
function consumed({ table, indexes }: Units, kind?: 'WriteCapacityUnits'): object {
  const units = (count: number) => ({ CapacityUnits: count, ...(kind && { [kind]: count }) })
  const arm = (isLocal: boolean) => {
    const names = INDEXES.filter((index) => index.isLocal === isLocal && indexes[index.name] !== undefined)
    return names.length === 0 ? undefined : Object.fromEntries(names.map(({ name }) => [name, units(indexes[name]!)]))
  }
  const [local, global] = [arm(true), arm(false)]
  const total = table + Object.values(indexes).reduce((sum, count) => sum + count, 0)
  return {
    ...{ TableName, ...units(total), Table: units(table) },
    ...(local && { LocalSecondaryIndexes: local }),
    ...(global && { GlobalSecondaryIndexes: global }),
  }
}

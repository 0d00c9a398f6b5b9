/** Dynamoose: models over two tables that it creates, with indexes, a time to live, transactions, and a table changed later. */
import {
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDB,
  GetItemCommand,
  ListTagsOfResourceCommand,
} from '@aws-sdk/client-dynamodb'
import dynamoose from 'dynamoose'
import type { ModelType } from 'dynamoose/dist/General.js'
import type { Item } from 'dynamoose/dist/Item.js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ServedDatabase } from './ways-in.js'

interface Cat extends Item {
  id: number
  name: string
  breed: string
  weight: number
  toys: string[]
  tags: Set<string>
  owner: { name: string; phone?: string }
  born: Date
  ttl: Date
}

interface Visit extends Item {
  catId: number
  at: string
  vet: string
  price: number
  paid: boolean
}

let served: ServedDatabase

beforeAll(async () => {
  served = await ServedDatabase.start()
})

afterAll(async () => {
  dynamoose.aws.ddb.revert()
  await served[Symbol.asyncDispose]()
})

// Dynamoose wants a client with a method for each operation.
const CLIENTS: Record<string, () => DynamoDB> = {
  HTTP: () =>
    new DynamoDB({
      region: 'eu-west-1',
      endpoint: served.server.url,
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    }),
  'the handler': () => new DynamoDB(served.database.awsConfig()),
  'the plugin': () => {
    const client = new DynamoDB({ region: 'eu-west-1' })
    client.middlewareStack.use(served.database.awsPlugin())
    return client
  },
}

describe.each(Object.keys(CLIENTS))('through %s', (way) => {
  const prefix = `${way.replace(/ /g, '-')}-`
  let client: DynamoDB
  let Cats: ModelType<Cat>
  let Visits: ModelType<Visit>

  beforeAll(async () => {
    client = CLIENTS[way]!()
    dynamoose.aws.ddb.set(client)
    Cats = dynamoose.model<Cat>(
      `${prefix}cats`,
      new dynamoose.Schema(
        {
          id: { type: Number, hashKey: true },
          name: { type: String, required: true, index: { name: 'byName', type: 'global' } },
          breed: {
            type: String,
            enum: ['tabby', 'siamese'],
            default: 'tabby',
            index: { name: 'byBreed', type: 'global', rangeKey: 'weight' },
          },
          weight: { type: Number, validate: (kilos) => (kilos as number) > 0 },
          toys: { type: Array, schema: [String] },
          tags: { type: Set, schema: [String] },
          owner: { type: Object, schema: { name: String, phone: String } },
          born: Date,
        },
        { timestamps: true },
      ),
    )
    Visits = dynamoose.model<Visit>(
      `${prefix}visits`,
      new dynamoose.Schema({
        catId: { type: Number, hashKey: true },
        at: { type: String, rangeKey: true },
        vet: { type: String, index: { name: 'byVet', type: 'local' } },
        price: Number,
        paid: Boolean,
      }),
    )
    const waitForActive = { enabled: true, check: { timeout: 5_000, frequency: 10 } }
    const cats = new dynamoose.Table(`${prefix}cats`, [Cats], {
      ...{ initialize: false, throughput: 'ON_DEMAND', waitForActive, tags: { team: 'vets' } },
      expires: { ttl: 86_400_000, attribute: 'ttl', items: { returnExpired: false } },
    })
    await cats.initialize()
    await new dynamoose.Table(`${prefix}visits`, [Visits], {
      initialize: false,
      throughput: 5,
      waitForActive,
    }).initialize()
  })

  afterAll(() => client.destroy())

  test('creates its tables, with time to live and tags', async () => {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: `${prefix}cats` }))
    expect(Table).toMatchObject({ TableStatus: 'ACTIVE', BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' } })
    expect(Table!.GlobalSecondaryIndexes!.map(({ IndexName }) => IndexName).sort()).toEqual(['byBreed', 'byName'])
    const visits = await client.send(new DescribeTableCommand({ TableName: `${prefix}visits` }))
    expect(visits.Table).toMatchObject({
      ...{ LocalSecondaryIndexes: [{ IndexName: 'byVet' }] },
      ProvisionedThroughput: { ReadCapacityUnits: 5, WriteCapacityUnits: 5 },
    })
    const { Tags } = await client.send(new ListTagsOfResourceCommand({ ResourceArn: Table!.TableArn }))
    expect(Tags).toEqual([{ Key: 'team', Value: 'vets' }])
    const { TimeToLiveDescription } = await client.send(new DescribeTimeToLiveCommand({ TableName: `${prefix}cats` }))
    expect(TimeToLiveDescription).toEqual({ AttributeName: 'ttl', TimeToLiveStatus: 'ENABLED' })
  })

  test('creates, saves and gets', async () => {
    const tom = await Cats.create(cat(1, { toys: ['mouse'], tags: new Set(['shy']), born: new Date('2024-05-06') }))
    expect(tom.name).toBe('cat 1')
    const found = (await Cats.get(1))!
    expect({ ...found }).toMatchObject({
      ...{ id: 1, name: 'cat 1', breed: 'siamese', weight: 4, toys: ['mouse'], tags: new Set(['shy']) },
      ...{ owner: { name: 'Ada' }, born: new Date('2024-05-06'), createdAt: expect.any(Date), ttl: expect.any(Date) },
    })
    found.weight = 5
    await found.save()
    expect((await Cats.get({ id: 1 }, { attributes: ['weight'], consistent: true }))!.toJSON()).toEqual({ weight: 5 })
    await expect(Cats.create(cat(1))).rejects.toMatchObject({ name: 'ConditionalCheckFailedException' })
    await expect(Cats.create(cat(2, { weight: -1 }))).rejects.toMatchObject({ name: 'ValidationError' })
    expect(await Cats.get(99)).toBeUndefined()
    const { Item } = await client.send(new GetItemCommand({ TableName: `${prefix}cats`, Key: { id: { N: '1' } } }))
    expect(Number(Item!['ttl']!.N)).toBeGreaterThan(Date.now() / 1000 + 86_000)
  })

  test('updates, with conditions', async () => {
    const updated = await Cats.update(
      { id: 1 },
      {
        $ADD: { weight: 2, tags: ['proud'] } as never,
        $SET: { owner: { name: 'Bob', phone: '1' } },
        $REMOVE: ['born'] as never,
      },
    )
    expect({ ...updated }).toMatchObject({
      weight: 7,
      owner: { name: 'Bob', phone: '1' },
      tags: new Set(['shy', 'proud']),
    })
    expect(updated.born).toBeUndefined()
    const heavy = new dynamoose.Condition().where('weight').gt(10).and().where('name').beginsWith('cat')
    await expect(Cats.update({ id: 1 }, { weight: 1 }, { condition: heavy } as never)).rejects.toMatchObject({
      name: 'ConditionalCheckFailedException',
    })
    const light = new dynamoose.Condition().where('weight').le(7).or().where('name').not().exists()
    await Cats.update({ id: 1 }, { name: 'Tom', toys: ['mouse', 'string'] }, { condition: light } as never)
    expect((await Cats.get(1))!.toJSON()).toMatchObject({ name: 'Tom', toys: ['mouse', 'string'] })
  })

  test('batches', async () => {
    const { unprocessedItems } = await Cats.batchPut(Array.from({ length: 23 }, (_, i) => cat(i + 10)))
    expect(unprocessedItems).toEqual([])
    const found = await Cats.batchGet([10, 11, { id: 12 }, 99])
    expect(found.map(({ id }) => id).sort()).toEqual([10, 11, 12])
    await Cats.batchDelete([30, 31, 32])
    expect((await Cats.scan().count().exec()).count).toBe(21)
  })

  test('queries indexes and scans, page by page', async () => {
    const heavy = await Cats.query('breed')
      .eq('tabby')
      .where('weight')
      .between(15, 25)
      .sort('descending' as never)
      .exec()
    expect(heavy.map(({ weight }) => weight)).toEqual([25, 23, 21, 19, 17, 15])
    const byName = await Cats.query({ name: 'Tom' }).exec()
    expect(byName.map(({ id }) => id)).toEqual([1])
    const first = await Cats.query('breed').eq('siamese').using('byBreed').limit(4).exec()
    const second = await Cats.query('breed').eq('siamese').using('byBreed').limit(4).startAt(first.lastKey!).exec()
    expect([...first, ...second].map(({ weight }) => weight)).toEqual([7, 14, 16, 18, 20, 22, 24, 26])
    const all = await Cats.query('breed').eq('siamese').limit(3).all().exec()
    expect(all.lastKey).toBeUndefined()
    expect(all.length).toBeGreaterThan(8)
    const scanned = await Cats.scan('owner.name')
      .eq('Ada')
      .and()
      .filter('weight')
      .lt(16)
      .attributes(['id', 'weight'])
      .all()
      .exec()
    expect(scanned.map(({ id }) => id).sort()).toEqual([10, 11, 12])
    const parts = await Cats.scan('id').in([10, 11, 29]).parallel(3).exec()
    expect(parts.map(({ id }) => id).sort()).toEqual([10, 11, 29])
  })

  test('a table with a sort key and a local index', async () => {
    await Visits.batchPut(
      Array.from({ length: 9 }, (_, i) => ({
        catId: 1,
        at: `2026-0${i + 1}`,
        vet: `v${9 - i}`,
        price: i,
        paid: i > 4,
      })),
    )
    const spring = await Visits.query('catId').eq(1).where('at').between('2026-03', '2026-05').exec()
    expect(spring.map(({ at }) => at)).toEqual(['2026-03', '2026-04', '2026-05'])
    const byVet = await Visits.query('catId').eq(1).where('vet').lt('v4').using('byVet').exec()
    expect(byVet.map(({ at }) => at)).toEqual(['2026-09', '2026-08', '2026-07'])
    const unpaid = await Visits.query('catId').eq(1).filter('paid').eq(false).filter('price').gt(1).count().exec()
    expect(unpaid).toMatchObject({ count: 3 })
    await Visits.delete({ catId: 1, at: '2026-01' })
    expect(await Visits.get({ catId: 1, at: '2026-01' })).toBeUndefined()
  })

  test('transactions', async () => {
    await dynamoose.transaction([
      Cats.transaction.update({ id: 10 }, { name: 'Ten' }),
      Cats.transaction.create(cat(200)),
      Cats.transaction.delete(11),
      Visits.transaction.create({ catId: 10, at: '2026-12', vet: 'v', price: 1, paid: false }),
      Cats.transaction.condition(12, new dynamoose.Condition('name').eq('cat 12')),
    ])
    const [ten, visit] = await dynamoose.transaction([
      Cats.transaction.get(10),
      Visits.transaction.get({ catId: 10, at: '2026-12' }),
    ])
    expect([ten.name, visit.price]).toEqual(['Ten', 1])
    expect(await Cats.get(11)).toBeUndefined()
    const failing = dynamoose.transaction([
      Cats.transaction.update({ id: 10 }, { name: 'Eleven' }),
      Cats.transaction.condition(12, new dynamoose.Condition('name').eq('nobody')),
    ])
    await expect(failing).rejects.toMatchObject({
      ...{ name: 'TransactionCanceledException', message: expect.stringContaining('[None, ConditionalCheckFailed]') },
    })
    expect((await Cats.get(10))!.name).toBe('Ten')
  })

  test('changes its table to what the model has become', async () => {
    const Changed = dynamoose.model(
      `${prefix}visits`,
      new dynamoose.Schema({
        catId: { type: Number, hashKey: true },
        at: { type: String, rangeKey: true },
        vet: { type: String, index: { name: 'byVet', type: 'local' } },
        price: { type: Number, index: { name: 'byPrice', type: 'global' } },
        paid: Boolean,
      }),
    )
    await new dynamoose.Table(`${prefix}visits`, [Changed], {
      ...{ initialize: false, throughput: 'ON_DEMAND', update: ['indexes', 'throughput'] as never },
      waitForActive: { enabled: true, check: { timeout: 5_000, frequency: 10 } },
    }).initialize()
    expect((await Changed.query('price').eq(7).exec()).map(({ at }) => at)).toEqual(['2026-08'])
  })
})

function cat(id: number, others: Record<string, unknown> = {}) {
  const breed = id % 2 === 0 ? 'tabby' : 'siamese'
  return { id, name: `cat ${id}`, breed, weight: id + 3, owner: { name: 'Ada' }, ...others } as never as Cat
}

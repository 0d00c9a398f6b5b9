/** DynamoDB-Toolbox: users and their documents in a single table, with an index, through entities and access patterns. */
import { CreateTableCommand } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import {
  $add,
  $append,
  $delete,
  $get,
  $remove,
  $set,
  $sum,
  BatchDeleteRequest,
  BatchGetCommand,
  BatchGetRequest,
  BatchPutRequest,
  BatchWriteCommand,
  ConditionCheck,
  DeleteItemCommand,
  DeletePartitionCommand,
  DeleteTransaction,
  Entity,
  EntityAccessPattern,
  EntityRepository,
  executeBatchGet,
  executeBatchWrite,
  executeTransactGet,
  executeTransactWrite,
  GetItemCommand,
  GetTransaction,
  isConditionCheckFailed,
  isTransactionCancelled,
  item,
  list,
  map,
  number,
  PutItemCommand,
  PutTransaction,
  prefix,
  QueryCommand,
  ScanCommand,
  set,
  string,
  Table,
  UpdateAttributesCommand,
  UpdateItemCommand,
  UpdateTransaction,
} from 'dynamodb-toolbox'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ServedDatabase, WAYS_IN } from './ways-in.js'

const library = new Table({
  name: 'library',
  partitionKey: { name: 'pk', type: 'string' },
  sortKey: { name: 'sk', type: 'string' },
  indexes: {
    byKind: {
      type: 'global',
      partitionKey: { name: 'kind', type: 'string' },
      sortKey: { name: 'words', type: 'number' },
    },
  },
})

const users = new Entity({
  name: 'user',
  table: library,
  schema: item({
    userId: string().key().savedAs('pk').transform(prefix('USER')),
    type: string().key().const('profile').default('profile').savedAs('sk'),
    name: string(),
    age: number().optional(),
    roles: set(string()).optional(),
    settings: map({ theme: string().default('light'), depth: number().optional() }).optional(),
    logins: list(string()).optional(),
  }),
})

const papers = new Entity({
  name: 'paper',
  table: library,
  schema: item({
    userId: string().key().savedAs('pk').transform(prefix('USER')),
    paperId: string().key().savedAs('sk').transform(prefix('PAPER')),
    kind: string().enum('essay', 'poem'),
    words: number(),
    expiresAt: number().optional().savedAs('ttl'),
  }),
})

let served: ServedDatabase

beforeAll(async () => {
  served = await ServedDatabase.start()
  await served.client('HTTP').send(
    new CreateTableCommand({
      TableName: 'library',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
        { AttributeName: 'kind', AttributeType: 'S' },
        { AttributeName: 'words', AttributeType: 'N' },
      ],
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'byKind',
          KeySchema: [
            { AttributeName: 'kind', KeyType: 'HASH' },
            { AttributeName: 'words', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'ALL' },
        },
      ],
    }),
  )
})

afterAll(() => served[Symbol.asyncDispose]())

describe.each(WAYS_IN)('through %s', (way) => {
  // Each way in has users of its own in the one table.
  const ada = `ada of ${way}`
  const bob = `bob of ${way}`

  beforeAll(() => {
    library.documentClient = DynamoDBDocumentClient.from(served.client(way), {
      marshallOptions: { removeUndefinedValues: true },
    })
  })

  test('puts and gets', async () => {
    const user = { userId: ada, name: 'Ada', age: 36, roles: new Set(['admin']), settings: { theme: 'dark' } }
    const { ToolboxItem } = await users.build(PutItemCommand).item(user).send()
    expect(ToolboxItem).toMatchObject({ ...user, type: 'profile', entity: 'user' })
    const { Item, ConsumedCapacity } = await users
      .build(GetItemCommand)
      .key({ userId: ada })
      .options({ consistent: true, capacity: 'TOTAL' })
      .send()
    expect(Item).toMatchObject({ ...user, type: 'profile', created: expect.any(String), modified: expect.any(String) })
    expect(ConsumedCapacity).toMatchObject({ TableName: 'library', CapacityUnits: 1 })
    const { Item: part } = await users
      .build(GetItemCommand)
      .key({ userId: ada })
      .options({ attributes: ['name', 'settings.theme'] })
      .send()
    expect(part).toEqual({ name: 'Ada', settings: { theme: 'dark' } })
    const { Attributes } = await users
      .build(PutItemCommand)
      .item({ ...user, name: 'Ada L.' })
      .options({ returnValues: 'ALL_OLD', condition: { attr: 'age', eq: 36 } })
      .send()
    expect(Attributes).toMatchObject({ name: 'Ada' })
  })

  test('tells a condition that is false, with the item', async () => {
    const failure = await users
      .build(PutItemCommand)
      .item({ userId: ada, name: 'Other' })
      .options({ condition: { attr: 'userId', exists: false }, returnValuesOnConditionFalse: 'ALL_OLD' })
      .send()
      .catch((cause: unknown) => cause)
    expect(isConditionCheckFailed(failure)).toBe(true)
    expect((failure as { Item?: unknown }).Item).toMatchObject({ name: { S: 'Ada L.' } })
  })

  test('updates with all of its extensions', async () => {
    const { Attributes } = await users
      .build(UpdateItemCommand)
      .item({
        userId: ada,
        age: $add(1),
        roles: $add(new Set(['editor'])),
        settings: { depth: $sum($get('age'), 4) },
        logins: $append(['first']),
      })
      .options({ returnValues: 'ALL_NEW' })
      .send()
    expect(Attributes).toMatchObject({ age: 37, settings: { theme: 'dark', depth: 40 }, logins: ['first'] })
    expect(Attributes!.roles).toEqual(new Set(['admin', 'editor']))
    const { Attributes: again } = await users
      .build(UpdateItemCommand)
      .item({
        userId: ada,
        age: $remove(),
        roles: $delete(new Set(['admin'])),
        settings: $set({ theme: 'none' }),
        logins: { 0: 'only' },
      })
      .options({ returnValues: 'UPDATED_NEW' })
      .send()
    expect(again).toMatchObject({ roles: new Set(['editor']), settings: { theme: 'none' }, logins: ['only'] })
    const { Attributes: plain } = await users
      .build(UpdateAttributesCommand)
      .item({ userId: ada, settings: { theme: 'light', depth: 1 } })
      .options({ returnValues: 'ALL_NEW', condition: { attr: 'settings.theme', beginsWith: 'no' } })
      .send()
    expect(plain).toMatchObject({ name: 'Ada L.', settings: { theme: 'light', depth: 1 } })
    expect(plain).not.toHaveProperty('age')
  })

  test('batches of both entities', async () => {
    const all = Array.from({ length: 20 }, (_, i) => paper(ada, i))
    const requests = all.map((one) => papers.build(BatchPutRequest).item(one))
    const { UnprocessedItems } = await executeBatchWrite(
      { maxAttempts: 3 },
      library.build(BatchWriteCommand).requests(...requests),
    )
    expect(UnprocessedItems ?? {}).toEqual({})
    await executeBatchWrite(
      library
        .build(BatchWriteCommand)
        .requests(
          papers.build(BatchDeleteRequest).key({ userId: ada, paperId: '19' }),
          users.build(BatchPutRequest).item({ userId: bob, name: 'Bob' }),
        ),
    )
    const { Responses } = await executeBatchGet(
      library
        .build(BatchGetCommand)
        .requests(
          users.build(BatchGetRequest).key({ userId: bob }),
          papers.build(BatchGetRequest).key({ userId: ada, paperId: '03' }),
          papers.build(BatchGetRequest).key({ userId: ada, paperId: '19' }),
        ),
    )
    expect(Responses![0]).toMatchObject([{ name: 'Bob' }, { paperId: '03', words: 300 }, undefined])
  })

  test('queries and scans several entities, page by page', async () => {
    const papersOf = library
      .build(QueryCommand)
      .query({ partition: `USER#${ada}`, range: { beginsWith: 'PAPER#' } })
      .entities(papers)
    const first = await papersOf.options({ limit: 8 }).send()
    expect(first.Items!.map(({ paperId }) => paperId)).toEqual(['00', '01', '02', '03', '04', '05', '06', '07'])
    const all = await papersOf
      .options({ limit: 8, maxPages: Number.POSITIVE_INFINITY, reverse: true, showEntityAttr: true })
      .send()
    expect(all.Items).toHaveLength(19)
    expect(all.Items![0]).toMatchObject({ entity: 'paper', paperId: '18', words: 1800 })
    const long = await papersOf.options({ filters: { paper: { attr: 'words', gte: 1500 } } }).send()
    expect(long.Items!.map(({ words }) => words)).toEqual([1500, 1600, 1700, 1800])
    const everything = await library
      .build(QueryCommand)
      .query({ partition: `USER#${ada}` })
      .entities(users, papers)
      .options({ filters: { paper: { attr: 'kind', eq: 'poem' }, user: { attr: 'name', exists: true } } })
      .send()
    const kinds = everything.Items!.map((found) => ('name' in found ? found.name : found.kind))
    expect(kinds).toEqual([...Array.from({ length: 9 }, () => 'poem'), 'Ada L.'])
    const poems = await library
      .build(QueryCommand)
      .query({ index: 'byKind', partition: 'poem', range: { between: [500, 900] } })
      .entities(papers)
      .options({ filters: { paper: { attr: 'userId', eq: ada } }, attributes: ['words'] })
      .send()
    expect(poems.Items).toEqual([{ words: 500 }, { words: 700 }, { words: 900 }])
    const scanned = await library
      .build(ScanCommand)
      .entities(users)
      .options({ segment: 0, totalSegments: 1, maxPages: 5, filters: { user: { attr: 'name', eq: 'Bob' } } })
      .send()
    expect(scanned.Items!.map(({ userId }) => userId)).toContain(bob)
    const counted = await papersOf.options({ select: 'COUNT' }).send()
    expect(counted.Count).toBe(19)
  })

  test('an access pattern and a repository', async () => {
    const ofLength = papers
      .build(EntityAccessPattern)
      .schema(map({ kind: string().enum('essay', 'poem'), least: number() }))
      .pattern(({ kind, least }) => ({ index: 'byKind', partition: kind, range: { gte: least } }) as const)
    const { Items } = await ofLength.query({ kind: 'essay', least: 1600 }).options({ maxPages: 10 }).send()
    expect(Items!.filter(({ userId }) => userId === ada).map(({ words }) => words)).toEqual([1600, 1800])
    const repository = papers.build(EntityRepository)
    await repository.put(paper(ada, 50))
    await repository.update({ userId: ada, paperId: '50', words: 1 })
    expect((await repository.get({ userId: ada, paperId: '50' })).Item).toMatchObject({ words: 1 })
    const { Attributes } = await repository.delete({ userId: ada, paperId: '50' }, { returnValues: 'ALL_OLD' })
    expect(Attributes).toMatchObject({ paperId: '50', words: 1 })
  })

  test('transactions, and what cancels them', async () => {
    await executeTransactWrite(
      { clientRequestToken: `once-${way}` },
      users.build(UpdateTransaction).item({ userId: bob, age: $add(1) }),
      papers.build(PutTransaction).item(paper(bob, 0)),
      papers.build(DeleteTransaction).key({ userId: ada, paperId: '18' }),
      users.build(ConditionCheck).key({ userId: ada }).condition({ attr: 'name', exists: true }),
    )
    const read = await executeTransactGet(
      users.build(GetTransaction).key({ userId: bob }),
      papers.build(GetTransaction).key({ userId: bob, paperId: '00' }),
      papers.build(GetTransaction).key({ userId: ada, paperId: '18' }),
    )
    expect(read.Responses!.map(({ Item }) => Item)).toMatchObject([{ age: 1 }, { words: 0 }, undefined])
    const both = [
      papers.build(PutTransaction).item(paper(bob, 1)),
      users
        .build(ConditionCheck)
        .key({ userId: ada })
        .condition({ attr: 'age', gt: 100 })
        .options({ returnValuesOnConditionFalse: 'ALL_OLD' }),
    ] as const
    const failure = await executeTransactWrite(...both).catch((cause: unknown) => cause)
    if (!isTransactionCancelled(failure, ...both)) throw failure
    expect(failure.CancellationReasons!.map(({ Code }) => Code)).toEqual(['None', 'ConditionalCheckFailed'])
    expect(failure.CancellationReasons![1]!.Item).toMatchObject({ name: { S: 'Ada L.' } })
    expect((await papers.build(GetItemCommand).key({ userId: bob, paperId: '01' }).send()).Item).toBeUndefined()
  })

  test('deletes an item, and a whole partition', async () => {
    const { Attributes } = await users
      .build(DeleteItemCommand)
      .key({ userId: ada })
      .options({ returnValues: 'ALL_OLD', condition: { attr: 'name', eq: 'Ada L.' } })
      .send()
    expect(Attributes).toMatchObject({ userId: ada, name: 'Ada L.' })
    await library
      .build(DeletePartitionCommand)
      .query({ partition: `USER#${ada}` })
      .entities(papers)
      .send()
    const { Items } = await library
      .build(QueryCommand)
      .query({ partition: `USER#${ada}` })
      .send()
    expect(Items ?? []).toEqual([])
  })
})

function paper(userId: string, i: number) {
  return {
    userId,
    paperId: String(i).padStart(2, '0'),
    kind: i % 2 === 0 ? ('essay' as const) : ('poem' as const),
    words: i * 100,
  }
}

/** The AWS SDK, bare and as a document client, on all three ways in: over HTTP, through the handler, with the plugin. */
import {
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  CreateTableCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  DynamoDBServiceException,
  GetItemCommand,
  ListTablesCommand,
  PutItemCommand,
  paginateListTables,
  QueryCommand,
  ResourceNotFoundException,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  waitUntilTableExists,
  waitUntilTableNotExists,
} from '@aws-sdk/client-dynamodb'
import { DynamoDBStreamsClient, ListStreamsCommand } from '@aws-sdk/client-dynamodb-streams'
import {
  BatchGetCommand,
  BatchWriteCommand,
  DeleteCommand,
  QueryCommand as DocumentQueryCommand,
  DynamoDBDocument,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  paginateQuery,
  paginateScan,
  TransactGetCommand,
  TransactWriteCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Database, open, type Server } from '../../src/index.js'

let db: Database
let server: Server

beforeAll(async () => {
  db = await open('memory:')
  server = await db.serve({ port: 0 })
})

afterAll(() => db.close())

const CREDENTIALS = { accessKeyId: 'any', secretAccessKey: 'body' }

const WAYS_IN: Record<string, () => DynamoDBClient> = {
  HTTP: () => new DynamoDBClient({ region: 'eu-west-1', endpoint: server.url, credentials: CREDENTIALS }),
  'the handler': () => new DynamoDBClient(db.awsConfig()),
  'the plugin': () => {
    const client = new DynamoDBClient({ region: 'eu-west-1' })
    client.middlewareStack.use(db.awsPlugin())
    return client
  },
}

describe.each(Object.keys(WAYS_IN))('through %s', (way) => {
  const TableName = `orders-${way.replace(/ /g, '-')}`
  let client: DynamoDBClient
  let document: DynamoDBDocumentClient

  beforeAll(async () => {
    client = WAYS_IN[way]!()
    document = DynamoDBDocumentClient.from(client, {
      marshallOptions: { removeUndefinedValues: true },
      unmarshallOptions: { wrapNumbers: (text) => (text.length > 15 ? BigInt(text) : Number(text)) },
    })
    await client.send(
      new CreateTableCommand({
        TableName,
        AttributeDefinitions: [
          { AttributeName: 'pk', AttributeType: 'S' },
          { AttributeName: 'sk', AttributeType: 'N' },
        ],
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
        BillingMode: 'PAY_PER_REQUEST',
      }),
    )
  })

  afterAll(() => client.destroy())

  test('waiters see tables come and go, and times are dates', async () => {
    const waiting = { client, maxWaitTime: 10, minDelay: 1 }
    expect((await waitUntilTableExists(waiting, { TableName })).state).toBe('SUCCESS')
    const { Table, $metadata } = await client.send(new DescribeTableCommand({ TableName }))
    expect(Table).toMatchObject({ TableName, TableStatus: 'ACTIVE', CreationDateTime: expect.any(Date) })
    expect($metadata).toMatchObject({ httpStatusCode: 200, requestId: expect.stringMatching(/^\w{52}$/), attempts: 1 })
    const shortLived = `${TableName}-short`
    const KeySchema = [{ AttributeName: 'pk', KeyType: 'HASH' as const }]
    const AttributeDefinitions = [{ AttributeName: 'pk', AttributeType: 'S' as const }]
    const BillingMode = 'PAY_PER_REQUEST'
    await client.send(new CreateTableCommand({ TableName: shortLived, KeySchema, AttributeDefinitions, BillingMode }))
    expect((await client.send(new ListTablesCommand({}))).TableNames).toContain(shortLived)
    await client.send(new DeleteTableCommand({ TableName: shortLived }))
    expect((await waitUntilTableNotExists(waiting, { TableName: shortLived })).state).toBe('SUCCESS')
    const names: string[] = []
    for await (const page of paginateListTables({ client, pageSize: 1 }, {})) names.push(...page.TableNames!)
    expect(names).toContain(TableName)
  })

  test('every type goes in and comes out', async () => {
    const Item = {
      ...{ pk: { S: 'types' }, sk: { N: '-1.5' }, b: { B: new Uint8Array([0, 255]) }, yes: { BOOL: true } },
      ...{ ss: { SS: ['a', 'ü'] }, ns: { NS: ['1', '2'] }, bs: { BS: [new Uint8Array([1])] }, no: { NULL: true } },
      ...{ l: { L: [{ S: '' }, { M: { deep: { N: '1' } } }] } },
    }
    await client.send(new PutItemCommand({ TableName, Item }))
    const found = await client.send(new GetItemCommand({ TableName, Key: { pk: Item.pk, sk: Item.sk } }))
    expect(found.Item).toStrictEqual(Item)
  })

  test('the document client speaks in plain values, with its own options', async () => {
    const Item = {
      pk: 'plain',
      sk: 1,
      text: 'a',
      set: new Set(['x', 'y']),
      list: [1, { a: null }],
      bytes: new Uint8Array([7]),
    }
    await document.send(new PutCommand({ TableName, Item: { ...Item, gone: undefined, big: 12345678901234567890n } }))
    const found = await document.send(new GetCommand({ TableName, Key: { pk: 'plain', sk: 1 } }))
    expect(found.Item).toEqual({ ...Item, big: 12345678901234567890n })
    const { Attributes } = await document.send(
      new UpdateCommand({
        ...{ TableName, Key: { pk: 'plain', sk: 1 }, ReturnValues: 'UPDATED_NEW' },
        ...{ UpdateExpression: 'SET #t = :t, n = :n', ExpressionAttributeNames: { '#t': 'text' } },
        ExpressionAttributeValues: { ':t': 'b', ':n': 2.5 },
      }),
    )
    expect(Attributes).toEqual({ text: 'b', n: 2.5 })
    const gone = await document.send(
      new DeleteCommand({ TableName, Key: { pk: 'plain', sk: 1 }, ReturnValues: 'ALL_OLD' }),
    )
    expect(gone.Attributes).toMatchObject({ pk: 'plain', n: 2.5 })
  })

  test('the document client of another shape', async () => {
    const shaped = DynamoDBDocument.from(client)
    await shaped.put({ TableName, Item: { pk: 'shaped', sk: 1 } })
    expect((await shaped.get({ TableName, Key: { pk: 'shaped', sk: 1 } })).Item).toEqual({ pk: 'shaped', sk: 1 })
  })

  test('batches and transactions', async () => {
    const requests = Array.from({ length: 25 }, (_, sk) => ({
      PutRequest: { Item: { pk: 'batch', sk, text: `t${sk}` } },
    }))
    const written = await document.send(new BatchWriteCommand({ RequestItems: { [TableName]: requests } }))
    expect(written.UnprocessedItems).toEqual({})
    const Keys = [3, 4].map((sk) => ({ pk: 'batch', sk }))
    const got = await document.send(new BatchGetCommand({ RequestItems: { [TableName]: { Keys } } }))
    expect(got.Responses![TableName]!.map(({ text }) => text).sort()).toEqual(['t3', 't4'])
    await document.send(
      new TransactWriteCommand({
        TransactItems: [
          { Put: { TableName, Item: { pk: 'tx', sk: 1, n: 1 } } },
          { Delete: { TableName, Key: { pk: 'batch', sk: 24 } } },
        ],
      }),
    )
    const { Responses } = await document.send(
      new TransactGetCommand({ TransactItems: [1, 2].map((sk) => ({ Get: { TableName, Key: { pk: 'tx', sk } } })) }),
    )
    expect(Responses!.map(({ Item }) => Item)).toEqual([{ pk: 'tx', sk: 1, n: 1 }, undefined])
  })

  test('paginators go through pages', async () => {
    const PutRequests = Array.from({ length: 25 }, (_, sk) => ({ PutRequest: { Item: { pk: 'pages', sk } } }))
    await document.send(new BatchWriteCommand({ RequestItems: { [TableName]: PutRequests } }))
    const query = { TableName, KeyConditionExpression: 'pk = :pk', ExpressionAttributeValues: { ':pk': 'pages' } }
    const sizes: number[] = []
    const sortKeys: number[] = []
    for await (const page of paginateQuery({ client: document, pageSize: 10 }, { ...query })) {
      sizes.push(page.Items!.length)
      sortKeys.push(...page.Items!.map(({ sk }) => sk))
    }
    expect(sizes).toEqual([10, 10, 5])
    expect(sortKeys).toEqual(Array.from({ length: 25 }, (_, sk) => sk))
    let scanned = 0
    for await (const page of paginateScan({ client: document, pageSize: 7 }, { TableName }))
      scanned += page.Items!.length
    expect(scanned).toBeGreaterThanOrEqual(25)
    const { Count, LastEvaluatedKey } = await document.send(new DocumentQueryCommand({ ...query, Limit: 3 }))
    expect([Count, LastEvaluatedKey]).toEqual([3, { pk: 'pages', sk: 2 }])
  })

  test('a condition that is false is the SDK’s exception, with the item', async () => {
    await document.send(new PutCommand({ TableName, Item: { pk: 'there', sk: 1, b: new Uint8Array([1]) } }))
    const failure = await client
      .send(
        new PutItemCommand({
          ...{ TableName, Item: { pk: { S: 'there' }, sk: { N: '1' } } },
          ...{ ConditionExpression: 'attribute_not_exists(pk)', ReturnValuesOnConditionCheckFailure: 'ALL_OLD' },
        }),
      )
      .catch((cause: unknown) => cause)
    expect(failure).toBeInstanceOf(ConditionalCheckFailedException)
    expect(failure).toBeInstanceOf(DynamoDBServiceException)
    expect(Object.getPrototypeOf(failure)).toBe(ConditionalCheckFailedException.prototype)
    expect(failure).toMatchObject({
      ...{ name: 'ConditionalCheckFailedException', message: 'The conditional request failed', $fault: 'client' },
      $metadata: { httpStatusCode: 400, attempts: 1, requestId: expect.stringMatching(/^\w{52}$/) },
      Item: { pk: { S: 'there' }, sk: { N: '1' }, b: { B: new Uint8Array([1]) } },
    })
  })

  test('a cancelled transaction says why', async () => {
    const Key = { pk: { S: 'nobody' }, sk: { N: '1' } }
    const failure = await client
      .send(
        new TransactWriteItemsCommand({
          TransactItems: [
            { Put: { TableName, Item: { pk: { S: 'new' }, sk: { N: '1' } } } },
            { ConditionCheck: { TableName, Key, ConditionExpression: 'attribute_exists(pk)' } },
          ],
        }),
      )
      .catch((cause: unknown) => cause)
    expect(failure).toBeInstanceOf(TransactionCanceledException)
    expect((failure as TransactionCanceledException).CancellationReasons?.map(({ Code }) => Code)).toEqual([
      'None',
      'ConditionalCheckFailed',
    ])
    expect((failure as Error).message).toMatch(/\[None, ConditionalCheckFailed\]$/)
  })

  test('what is wrong has its name', async () => {
    const missing = client.send(new GetItemCommand({ TableName: 'nowhere', Key: { pk: { S: 'a' } } }))
    await expect(missing).rejects.toBeInstanceOf(ResourceNotFoundException)
    const invalid = await client.send(new QueryCommand({ TableName, Limit: 0 })).catch((cause: unknown) => cause)
    expect(invalid).toBeInstanceOf(DynamoDBServiceException)
    expect(invalid).toMatchObject({ name: 'ValidationException', message: expect.stringMatching(/'limit' failed/) })
    const wrongTypes = client.send(new BatchWriteItemCommand({ RequestItems: [] as never }))
    await expect(wrongTypes).rejects.toMatchObject({
      name: expect.stringMatching(/^(Serialization|Validation)Exception$/),
    })
    await expect(document.send(new PutCommand({ TableName, Item: {} }))).rejects.toMatchObject({
      name: 'ValidationException',
    })
  })

  test('a request may be given up', async () => {
    const aborted = AbortSignal.abort()
    const command = new UpdateItemCommand({ TableName, Key: { pk: { S: 'a' }, sk: { N: '1' } } })
    await expect(client.send(command, { abortSignal: aborted })).rejects.toMatchObject({ name: 'AbortError' })
  })

  test('a request may be given up while it is answered, by either client', async () => {
    const listening = new AbortController()
    const listed = client.send(new ListTablesCommand({}), { abortSignal: listening.signal })
    const putting = new AbortController()
    const command = new PutCommand({ TableName, Item: { pk: 'given up', sk: 1 } })
    const put = document.send(command, { abortSignal: putting.signal })
    await null
    listening.abort()
    putting.abort()
    await expect(listed).rejects.toMatchObject({ name: 'AbortError' })
    await expect(put).rejects.toMatchObject({ name: 'AbortError' })
  })
})

describe('the plugin', () => {
  test('lets other middleware see what goes by', async () => {
    const client = new DynamoDBClient({ region: 'x' })
    client.middlewareStack.use(db.awsPlugin())
    const seen: string[] = []
    client.middlewareStack.add(
      (next, context) => async (args) => {
        const result = await next(args)
        seen.push(`${context.commandName} ${Object.keys(result.output as object)}`)
        return result
      },
      { step: 'initialize', name: 'observer' },
    )
    await client.send(new ListTablesCommand({}))
    expect(seen).toEqual(['ListTablesCommand TableNames,$metadata'])
  })

  test('stays where it is when it is used twice', async () => {
    const client = new DynamoDBClient({ region: 'x' })
    client.middlewareStack.use(db.awsPlugin())
    client.middlewareStack.use(db.awsPlugin())
    expect((await client.send(new ListTablesCommand({}))).TableNames).toBeInstanceOf(Array)
  })
})

test.each(['HTTP', 'the handler', 'the plugin'])('the Streams client comes through %s, too', async (way) => {
  const config = way === 'HTTP' ? { region: 'x', endpoint: server.url, credentials: CREDENTIALS } : db.awsConfig()
  const client = new DynamoDBStreamsClient(config)
  if (way === 'the plugin') client.middlewareStack.use(db.awsPlugin())
  // Streams come later; what matters here is that their client understands the answer.
  const outcome = await client.send(new ListStreamsCommand({})).catch((failure: Error) => failure.name)
  expect(['UnknownOperationException', expect.objectContaining({ Streams: expect.any(Array) })]).toContainEqual(outcome)
  client.destroy()
})

test('a server with keys takes who has one', async () => {
  const auth = [CREDENTIALS, { accessKeyId: 'reader', secretAccessKey: 'r', readOnly: true }]
  const guarded = await db.serve({ port: 0, auth })
  const clientOf = (credentials: { accessKeyId: string; secretAccessKey: string }) =>
    new DynamoDBClient({ region: 'eu-west-1', endpoint: guarded.url, credentials, maxAttempts: 1 })
  const put = () =>
    new PutItemCommand({ TableName: 'orders-HTTP', Item: { pk: { S: 'auth' }, sk: { N: '1' }, text: { S: 'ä' } } })
  const [owner, reader] = [clientOf(CREDENTIALS), clientOf({ accessKeyId: 'reader', secretAccessKey: 'r' })]
  await owner.send(put())
  await owner.send(put())
  await reader.send(new ListTablesCommand({}))
  await expect(reader.send(put())).rejects.toMatchObject({ name: 'AccessDeniedException' })
  await expect(clientOf({ ...CREDENTIALS, secretAccessKey: 'guess' }).send(put())).rejects.toMatchObject({
    name: 'InvalidSignatureException',
  })
  await expect(clientOf({ accessKeyId: 'x', secretAccessKey: 'y' }).send(put())).rejects.toMatchObject({
    name: 'UnrecognizedClientException',
  })
  await guarded.close()
})

/**
 * What the AWS SDK takes for one operation, by one way: over HTTP to a server in another process, or through
 * `db.awsConfig()` or `db.awsPlugin()` to a database in this one. Everything that a program waits for is in it, the SDK's
 * own work too.
 */
import {
  type AttributeValue,
  BatchWriteItemCommand,
  CreateTableCommand,
  type CreateTableCommandInput,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb'
import {
  QueryCommand as DocumentQueryCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
} from '@aws-sdk/lib-dynamodb'
import type * as Dynafile from '../../../src/index.js'
import { makeItem, pkOf } from '../store/store.js'
import { batches, Keys, PER_PARTITION } from '../workload/keys.js'
import { measure } from '../workload/timing.js'
import type { Tell } from '../workload/workload.js'
import { sdkRowId, type WayName } from './door-rows.js'
import { areEqual, BATCH_LENGTH, CREATE_TABLE, ITEM_COUNT, inDynamoJson, QUERY_LENGTH, TABLE } from './requests.js'

export interface SdkLoadOptions {
  readonly way: WayName
  /** Of the server, for the way that needs one. */
  readonly port: number
  /** How many operations are measured, as a share of the usual. */
  readonly effort: number
}

const built = new URL('../../../dist/index.js', import.meta.url).href

/** Of each, in all slices together. */
const COUNT = 1500

export async function loadThroughSdk({ way, port, effort }: SdkLoadOptions, tell: Tell): Promise<void> {
  const { open } = (await import(built)) as typeof Dynafile
  await using database = await open('memory:')
  const client = clientFor(way, port, database)
  const documents = DynamoDBDocumentClient.from(client)
  await fill(client, documents)
  const keys = new Keys(ITEM_COUNT)
  const count = COUNT * effort
  const keyOf = ([pk, sk]: readonly [string, string]) => ({ pk, sk })

  const measureRow = async <T>(row: string, prepare: () => T, act: (argument: T) => Promise<unknown>) =>
    tell(row, await measure({ count, prepare, act }))

  // A command is made for each operation, as programs make them.
  await measureRow(
    sdkRowId('client', 'put'),
    () => attributes(keys.changedItem()),
    (Item) => client.send(new PutItemCommand({ TableName: TABLE, Item })),
  )
  await measureRow(
    sdkRowId('client', 'get'),
    () => attributes(keyOf(keys.anyKey())),
    (Key) => client.send(new GetItemCommand({ TableName: TABLE, Key })),
  )
  await measureRow(
    sdkRowId('client', 'query 10'),
    () => ({ ':pk': { S: keys.anyPk() } }),
    (ExpressionAttributeValues) => client.send(new QueryCommand({ ...QUERY, ExpressionAttributeValues })),
  )
  await measureRow(
    sdkRowId('document', 'put'),
    () => keys.changedItem(),
    (Item) => documents.send(new PutCommand({ TableName: TABLE, Item })),
  )
  await measureRow(
    sdkRowId('document', 'get'),
    () => keyOf(keys.anyKey()),
    (Key) => documents.send(new GetCommand({ TableName: TABLE, Key })),
  )
  await measureRow(
    sdkRowId('document', 'query 10'),
    () => ({ ':pk': keys.anyPk() }),
    (ExpressionAttributeValues) => documents.send(new DocumentQueryCommand({ ...QUERY, ExpressionAttributeValues })),
  )
  client.destroy()
}

const QUERY = { TableName: TABLE, KeyConditionExpression: 'pk = :pk', Limit: QUERY_LENGTH } as const

function clientFor(way: WayName, port: number, database: Dynafile.Database): DynamoDBClient {
  if (way === 'awsConfig') return new DynamoDBClient(database.awsConfig())
  const client = new DynamoDBClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
  })
  if (way === 'awsPlugin') client.middlewareStack.use(database.awsPlugin())
  return client
}

/** The table that the others have, too; and what comes back is looked at once. */
async function fill(client: DynamoDBClient, documents: DynamoDBDocumentClient): Promise<void> {
  await client.send(new CreateTableCommand(CREATE_TABLE.input as unknown as CreateTableCommandInput))
  for (const batch of batches(ITEM_COUNT, BATCH_LENGTH)) {
    const writes = batch.map((item) => ({ PutRequest: { Item: attributes(item) } }))
    await client.send(new BatchWriteItemCommand({ RequestItems: { [TABLE]: writes } }))
  }
  const [partition, position] = [7, PER_PARTITION - 1]
  const item = makeItem(partition, position)
  const { pk, sk } = item
  const { Item: bare } = await client.send(new GetItemCommand({ TableName: TABLE, Key: attributes({ pk, sk }) }))
  const { Item: plain } = await documents.send(new GetCommand({ TableName: TABLE, Key: { pk, sk } }))
  const { Items: some } = await documents.send(
    new DocumentQueryCommand({ ...QUERY, ExpressionAttributeValues: { ':pk': pkOf(partition) } }),
  )
  const first = Array.from({ length: QUERY_LENGTH }, (_, i) => makeItem(partition, i))
  if (!areEqual(bare, inDynamoJson(item)) || !areEqual(plain, item) || !areEqual(some, first)) {
    throw new Error('The SDK does not get what it put')
  }
}

function attributes(item: object): Record<string, AttributeValue> {
  return inDynamoJson(item) as unknown as Record<string, AttributeValue>
}

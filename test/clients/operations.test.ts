/**
 * Every operation there is, through the SDK's own commands, on all three ways in. Each step says what has to be answered;
 * and in the end the ways are compared with each other: whole answers and whole errors, down to the classes of values.
 */
import * as aws from '@aws-sdk/client-dynamodb'
import {
  DescribeStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListStreamsCommand,
} from '@aws-sdk/client-dynamodb-streams'
import { describe, expect, test } from 'vitest'
import { OPERATIONS } from '../../src/server/operations.js'
import { ServedDatabase, WAYS_IN, type WayIn } from './ways-in.js'

/** Either client, as it concerns us. */
interface Sender {
  // biome-ignore lint/suspicious/noExplicitAny: any command
  send(command: any): Promise<object>
}

interface Step {
  // biome-ignore lint/suspicious/noExplicitAny: any command of either client
  readonly command: any
  readonly answers?: object
  /** A member that the answer does not have. */
  readonly lacks?: string
  /** The name of the exception instead, and of what its message speaks. */
  readonly refuses?: readonly [name: string, message: RegExp]
}

const TableName = 'orders'
const TableArn = 'arn:aws:dynamodb:us-east-1:000000000000:table/orders'
const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [] })
const Key = (id: string, at: number) => ({ id: { S: id }, at: { N: String(at) } })
const NotHere = `${TableArn}/nothing`
const unsupported = (about: RegExp) => ['ValidationException', about] as const

const STEPS: readonly Step[] = [
  // ── Tables ──
  {
    command: new aws.CreateTableCommand({
      TableName,
      AttributeDefinitions: [
        { AttributeName: 'id', AttributeType: 'S' },
        { AttributeName: 'at', AttributeType: 'N' },
        { AttributeName: 'price', AttributeType: 'N' },
      ],
      KeySchema: [
        { AttributeName: 'id', KeyType: 'HASH' },
        { AttributeName: 'at', KeyType: 'RANGE' },
      ],
      LocalSecondaryIndexes: [
        {
          IndexName: 'byPrice',
          KeySchema: [
            { AttributeName: 'id', KeyType: 'HASH' },
            { AttributeName: 'price', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'ALL' },
        },
      ],
      ProvisionedThroughput: { ReadCapacityUnits: 5, WriteCapacityUnits: 6 },
      Tags: [{ Key: 'a', Value: '1' }],
    }),
    answers: { TableDescription: { TableStatus: 'CREATING', TableArn, CreationDateTime: expect.any(Date) } },
  },
  { command: new aws.ListTablesCommand({}), answers: { TableNames: [TableName] } },
  {
    command: new aws.DescribeTableCommand({ TableName: TableArn }),
    answers: {
      Table: {
        TableStatus: 'ACTIVE',
        ProvisionedThroughput: { ReadCapacityUnits: 5, WriteCapacityUnits: 6, NumberOfDecreasesToday: 0 },
        LocalSecondaryIndexes: [{ IndexName: 'byPrice', IndexArn: `${TableArn}/index/byPrice` }],
      },
    },
  },
  {
    command: new aws.DescribeTableCommand({ TableName: 'missing' }),
    refuses: ['ResourceNotFoundException', /^Requested resource not found: Table: missing not found$/],
  },
  {
    command: new aws.UpdateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'status', AttributeType: 'S' }],
      GlobalSecondaryIndexUpdates: [
        {
          Create: {
            IndexName: 'byStatus',
            KeySchema: [{ AttributeName: 'status', KeyType: 'HASH' }],
            Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['price'] },
          },
        },
      ],
    }),
    answers: { TableDescription: { BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' } } },
  },
  {
    command: new aws.UpdateTableCommand({ TableName, DeletionProtectionEnabled: true }),
    answers: { TableDescription: { DeletionProtectionEnabled: true } },
  },
  {
    command: new aws.UpdateTimeToLiveCommand({
      ...{ TableName, TimeToLiveSpecification: { AttributeName: 'until', Enabled: true } },
    }),
    answers: { TimeToLiveSpecification: { AttributeName: 'until', Enabled: true } },
  },
  {
    command: new aws.DescribeTimeToLiveCommand({ TableName }),
    answers: { TimeToLiveDescription: { AttributeName: 'until', TimeToLiveStatus: 'ENABLED' } },
  },
  { command: new aws.TagResourceCommand({ ResourceArn: TableArn, Tags: [{ Key: 'b', Value: '' }] }), answers: {} },
  { command: new aws.UntagResourceCommand({ ResourceArn: TableArn, TagKeys: ['a'] }), answers: {} },
  {
    command: new aws.ListTagsOfResourceCommand({ ResourceArn: TableArn }),
    answers: { Tags: [{ Key: 'b', Value: '' }] },
  },

  // ── Items ──
  {
    command: new aws.PutItemCommand({
      ...{ TableName, ReturnConsumedCapacity: 'INDEXES', ReturnItemCollectionMetrics: 'SIZE' },
      Item: {
        ...Key('a', 1),
        price: { N: '10.50' },
        status: { S: 'open' },
        photo: { B: new Uint8Array([0, 128, 255]) },
      },
    }),
    answers: {
      ConsumedCapacity: {
        ...{ TableName, CapacityUnits: 3, Table: { CapacityUnits: 1 } },
        GlobalSecondaryIndexes: { byStatus: { CapacityUnits: 1 } },
        LocalSecondaryIndexes: { byPrice: { CapacityUnits: 1 } },
      },
      ItemCollectionMetrics: { ItemCollectionKey: { id: { S: 'a' } }, SizeEstimateRangeGB: [expect.any(Number), 1] },
    },
  },
  {
    command: new aws.GetItemCommand({
      TableName,
      Key: Key('a', 1),
      ConsistentRead: true,
      ReturnConsumedCapacity: 'TOTAL',
    }),
    answers: {
      Item: { price: { N: '10.5' }, photo: { B: new Uint8Array([0, 128, 255]) } },
      ConsumedCapacity: { TableName, CapacityUnits: 1 },
    },
  },
  { command: new aws.GetItemCommand({ TableName, Key: Key('missing', 1) }), answers: {}, lacks: 'Item' },
  {
    command: new aws.UpdateItemCommand({
      ...{ TableName, Key: Key('a', 1), ReturnValues: 'UPDATED_NEW' },
      UpdateExpression: 'SET #t = #t + :n, notes = list_append(if_not_exists(notes, :none), :note) REMOVE photo',
      ExpressionAttributeNames: { '#t': 'price' },
      ExpressionAttributeValues: { ':n': { N: '1' }, ':none': { L: [] }, ':note': { L: [{ S: 'x' }] } },
    }),
    answers: { Attributes: { price: { N: '11.5' }, notes: { L: [{ S: 'x' }] } } },
  },
  {
    command: new aws.PutItemCommand({
      ...{ TableName, Item: Key('a', 1), ConditionExpression: 'attribute_not_exists(id)' },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    }),
    refuses: ['ConditionalCheckFailedException', /^The conditional request failed$/],
  },
  {
    command: new aws.PutItemCommand({ TableName, Item: { id: { S: 'a' } } }),
    refuses: ['ValidationException', /Missing the key at in the item/],
  },
  {
    command: new aws.BatchWriteItemCommand({
      RequestItems: {
        [TableName]: [
          { PutRequest: { Item: { ...Key('a', 2), price: { N: '1' }, status: { S: 'paid' } } } },
          { PutRequest: { Item: { ...Key('a', 3), price: { N: '2' }, status: { S: 'open' } } } },
          { DeleteRequest: { Key: Key('a', 9) } },
        ],
      },
    }),
    answers: { UnprocessedItems: {} },
  },
  {
    command: new aws.BatchGetItemCommand({
      RequestItems: { [TableName]: { Keys: [Key('a', 2)], ProjectionExpression: 'price' } },
    }),
    answers: { Responses: { [TableName]: [{ price: { N: '1' } }] }, UnprocessedKeys: {} },
  },
  {
    command: new aws.QueryCommand({
      ...{ TableName, KeyConditionExpression: 'id = :id AND #at > :at', Limit: 1, ScanIndexForward: false },
      ...{
        ExpressionAttributeNames: { '#at': 'at' },
        ExpressionAttributeValues: { ':id': { S: 'a' }, ':at': { N: '1' } },
      },
    }),
    answers: { Count: 1, ScannedCount: 1, LastEvaluatedKey: Key('a', 3), Items: [{ at: { N: '3' } }] },
  },
  {
    command: new aws.QueryCommand({
      ...{ TableName, IndexName: 'byStatus', KeyConditionExpression: '#s = :s', FilterExpression: '#t >= :t' },
      ExpressionAttributeNames: { '#s': 'status', '#t': 'price' },
      ExpressionAttributeValues: { ':s': { S: 'open' }, ':t': { N: '10' } },
    }),
    answers: { Count: 1, ScannedCount: 2, Items: [{ ...Key('a', 1), status: { S: 'open' }, price: { N: '11.5' } }] },
  },
  {
    command: new aws.ScanCommand({ TableName, IndexName: 'byPrice', Select: 'COUNT', Segment: 0, TotalSegments: 1 }),
    answers: { Count: 3, ScannedCount: 3 },
    lacks: 'Items',
  },
  {
    command: new aws.TransactWriteItemsCommand({
      ClientRequestToken: 'token',
      TransactItems: [
        { Put: { TableName, Item: { ...Key('b', 1), price: { N: '5' } } } },
        { ConditionCheck: { TableName, Key: Key('a', 1), ConditionExpression: 'attribute_exists(id)' } },
        { Delete: { TableName, Key: Key('a', 3) } },
      ],
      ReturnConsumedCapacity: 'TOTAL',
    }),
    answers: { ConsumedCapacity: [{ TableName }] },
  },
  {
    command: new aws.TransactWriteItemsCommand({
      TransactItems: [
        { Put: { TableName, Item: Key('c', 1) } },
        {
          Update: {
            ...{ TableName, Key: Key('b', 1), UpdateExpression: 'SET #s = :s', ConditionExpression: 'price > :n' },
            ...{ ExpressionAttributeNames: { '#s': 'status' }, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' },
            ExpressionAttributeValues: { ':s': { S: 'paid' }, ':n': { N: '5' } },
          },
        },
      ],
    }),
    refuses: ['TransactionCanceledException', /specific reasons \[None, ConditionalCheckFailed\]$/],
  },
  {
    command: new aws.TransactGetItemsCommand({
      TransactItems: [{ Get: { TableName, Key: Key('b', 1) } }, { Get: { TableName, Key: Key('a', 3) } }],
    }),
    answers: { Responses: [{ Item: { price: { N: '5' } } }, {}] },
  },
  {
    command: new aws.ExecuteStatementCommand({
      ...{ Statement: `SELECT id, price FROM "orders"."byStatus" WHERE status = ?`, Parameters: [{ S: 'paid' }] },
    }),
    answers: { Items: [{ id: { S: 'a' }, price: { N: '1' } }] },
  },
  {
    command: new aws.ExecuteStatementCommand({ Statement: `INSERT INTO orders VALUE {'id': 'b', 'at': 1}` }),
    refuses: ['DuplicateItemException', /Duplicate primary key exists in table/],
  },
  {
    command: new aws.BatchExecuteStatementCommand({
      Statements: [
        { Statement: `SELECT price FROM orders WHERE id = 'b' AND "at" = 1` },
        { Statement: `SELECT * FROM nowhere WHERE id = 'b'` },
      ],
    }),
    answers: { Responses: [{ Item: { price: { N: '5' } } }, { Error: { Code: 'ResourceNotFound' } }] },
  },
  {
    command: new aws.ExecuteTransactionCommand({
      TransactStatements: [{ Statement: `UPDATE orders SET price = price + 1 WHERE id = 'b' AND "at" = 1` }],
    }),
    answers: {},
  },
  {
    command: new aws.DeleteItemCommand({ TableName, Key: Key('b', 1), ReturnValues: 'ALL_OLD' }),
    answers: { Attributes: { ...Key('b', 1), price: { N: '6' } } },
  },

  // ── What belongs to tables, and is kept or answered for ──
  {
    command: new aws.GetResourcePolicyCommand({ ResourceArn: TableArn }),
    refuses: ['PolicyNotFoundException', /Resource-based policy not found/],
  },
  {
    command: new aws.PutResourcePolicyCommand({ ResourceArn: TableArn, Policy }),
    answers: { RevisionId: expect.any(String) },
  },
  { command: new aws.GetResourcePolicyCommand({ ResourceArn: TableArn }), answers: { Policy } },
  { command: new aws.DeleteResourcePolicyCommand({ ResourceArn: TableArn }), answers: {} },
  {
    command: new aws.UpdateContributorInsightsCommand({ TableName, ContributorInsightsAction: 'ENABLE' }),
    answers: { ContributorInsightsStatus: 'ENABLING' },
  },
  {
    command: new aws.DescribeContributorInsightsCommand({ TableName }),
    answers: { ContributorInsightsStatus: 'ENABLED', LastUpdateDateTime: expect.any(Date) },
  },
  {
    command: new aws.ListContributorInsightsCommand({}),
    answers: { ContributorInsightsSummaries: [{ TableName, ContributorInsightsStatus: 'ENABLED' }] },
  },
  {
    command: new aws.DescribeKinesisStreamingDestinationCommand({ TableName }),
    answers: { TableName, KinesisDataStreamDestinations: [] },
  },
  {
    command: new aws.EnableKinesisStreamingDestinationCommand({ TableName, StreamArn: NotHere }),
    refuses: unsupported(/not supported by Dynafile/),
  },
  {
    command: new aws.DisableKinesisStreamingDestinationCommand({ TableName, StreamArn: NotHere }),
    refuses: unsupported(/must be ACTIVE/),
  },
  {
    command: new aws.UpdateKinesisStreamingDestinationCommand({ TableName, StreamArn: NotHere }),
    refuses: unsupported(/not in ACTIVE state/),
  },
  {
    command: new aws.DescribeTableReplicaAutoScalingCommand({ TableName }),
    answers: { TableAutoScalingDescription: { TableName, Replicas: [] } },
  },
  {
    command: new aws.UpdateTableReplicaAutoScalingCommand({ TableName }),
    refuses: unsupported(/not supported by Dynafile/),
  },
  { command: new aws.ListGlobalTablesCommand({}), answers: { GlobalTables: [] } },
  ...[aws.DescribeGlobalTableCommand, aws.DescribeGlobalTableSettingsCommand, aws.UpdateGlobalTableSettingsCommand].map(
    (Command): Step => ({
      command: new Command({ GlobalTableName: TableName }),
      refuses: ['GlobalTableNotFoundException', /Global table not found/],
    }),
  ),
  {
    command: new aws.CreateGlobalTableCommand({ GlobalTableName: TableName, ReplicationGroup: [{ RegionName: 'x' }] }),
    refuses: unsupported(/2017.11.29 is not supported/),
  },
  {
    command: new aws.UpdateGlobalTableCommand({ GlobalTableName: TableName, ReplicaUpdates: [] }),
    refuses: unsupported(/2017.11.29 is not supported/),
  },
  { command: new aws.DescribeLimitsCommand({}), answers: { TableMaxReadCapacityUnits: 40_000 } },
  { command: new aws.DescribeEndpointsCommand({}), answers: { Endpoints: [{ CachePeriodInMinutes: 1440 }] } },

  // ── What needs a log of changes ──
  { command: new ListStreamsCommand({}), answers: { Streams: [] } },
  {
    command: new DescribeStreamCommand({ StreamArn: `${TableArn}/stream/2026-01-01T00:00:00.000` }),
    refuses: ['ResourceNotFoundException', /Stream: .* not found/],
  },
  {
    command: new GetShardIteratorCommand({
      ...{ StreamArn: `${TableArn}/stream/2026-01-01T00:00:00.000`, ShardIteratorType: 'LATEST' },
      ShardId: 'shardId-00000001700000000000-00000000',
    }),
    refuses: ['ResourceNotFoundException', /Stream: .* not found/],
  },
  { command: new GetRecordsCommand({ ShardIterator: 'x' }), refuses: unsupported(/no log of changes/) },
  { command: new aws.CreateBackupCommand({ TableName, BackupName: 'one' }), refuses: unsupported(/no log of changes/) },
  { command: new aws.ListBackupsCommand({}), answers: { BackupSummaries: [] } },
  ...[aws.DescribeBackupCommand, aws.DeleteBackupCommand].map(
    (Command): Step => ({
      command: new Command({ BackupArn: `${TableArn}/backup/01` }),
      refuses: ['BackupNotFoundException', /Backup not found/],
    }),
  ),
  {
    command: new aws.RestoreTableFromBackupCommand({ TargetTableName: 'other', BackupArn: `${TableArn}/backup/01` }),
    refuses: ['BackupNotFoundException', /Backup not found/],
  },
  {
    command: new aws.DescribeContinuousBackupsCommand({ TableName }),
    answers: { ContinuousBackupsDescription: { ContinuousBackupsStatus: 'ENABLED' } },
  },
  {
    command: new aws.UpdateContinuousBackupsCommand({
      ...{ TableName, PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } },
    }),
    refuses: ['ContinuousBackupsUnavailableException', /not available in Dynafile/],
  },
  {
    command: new aws.RestoreTableToPointInTimeCommand({ SourceTableName: TableName, TargetTableName: 'other' }),
    refuses: ['PointInTimeRecoveryUnavailableException', /not enabled/],
  },
  {
    command: new aws.ExportTableToPointInTimeCommand({ TableArn, S3Bucket: 'bucket' }),
    refuses: ['PointInTimeRecoveryUnavailableException', /not enabled/],
  },
  { command: new aws.ListExportsCommand({}), answers: { ExportSummaries: [] } },
  {
    command: new aws.DescribeExportCommand({ ExportArn: `${TableArn}/export/01700000000000-abcdefgh` }),
    refuses: ['ExportNotFoundException', /Export not found/],
  },
  {
    command: new aws.ImportTableCommand({
      ...{ S3BucketSource: { S3Bucket: 'bucket' }, InputFormat: 'DYNAMODB_JSON' },
      TableCreationParameters: {
        TableName: 'imported',
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      },
    }),
    refuses: unsupported(/not supported by Dynafile/),
  },
  { command: new aws.ListImportsCommand({}), answers: { ImportSummaryList: [] } },
  {
    command: new aws.DescribeImportCommand({ ImportArn: `${TableArn}/import/01700000000000-abcdefgh` }),
    refuses: ['ImportNotFoundException', /Import not found/],
  },

  // ── The end ──
  {
    command: new aws.SearchVectorsCommand({ TableName, IndexName: 'byVector', SearchVector: [{ N: '1' }], TopK: 1 }),
    refuses: ['UnknownOperationException', /^/],
  },
  {
    command: new aws.DeleteTableCommand({ TableName }),
    refuses: ['ValidationException', /protected against deletion/],
  },
  {
    command: new aws.UpdateTableCommand({ TableName, DeletionProtectionEnabled: false }),
    answers: { TableDescription: { TableName } },
  },
  { command: new aws.DeleteTableCommand({ TableName }), answers: { TableDescription: { TableStatus: 'DELETING' } } },
  { command: new aws.ListTablesCommand({}), answers: { TableNames: [] } },
]

const nameOf = ({ command }: Step) => command.constructor.name.replace(/Command$/, '')

test('the steps perform every operation there is', () => {
  const performed = new Set(STEPS.map(nameOf))
  expect([...OPERATIONS.keys()].filter((name) => !performed.has(name))).toEqual([])
})

describe('every operation', () => {
  const transcripts = new Map<WayIn, readonly unknown[]>()

  test.each(WAYS_IN)('through %s', async (way) => {
    await using served = await ServedDatabase.start()
    const client: Sender = served.client(way)
    const streams: Sender = served.streamsClient(way)
    const transcript: unknown[] = []
    for (const step of STEPS) {
      const isOfStreams = [ListStreamsCommand, DescribeStreamCommand, GetShardIteratorCommand, GetRecordsCommand].some(
        (Command) => step.command instanceof Command,
      )
      const outcome = await (isOfStreams ? streams : client).send(step.command).then(
        (answer: object) => ({ answer }),
        (error: Error) => ({ error }),
      )
      check(step, outcome)
      transcript.push([nameOf(step), comparable(outcome)])
      if (step.command instanceof aws.UpdateTableCommand) await indexesAreBuilt(client)
    }
    transcripts.set(way, transcript)
  })

  test('is answered alike on all of them', () => {
    const [first, ...others] = WAYS_IN.map((way) => transcripts.get(way))
    expect(first).toHaveLength(STEPS.length)
    for (const other of others) expect(other).toStrictEqual(first)
  })
})

/** They are built behind everybody's back: how far one is must not make a difference between the ways. */
async function indexesAreBuilt(client: Sender): Promise<void> {
  for (;;) {
    const { Table } = (await client.send(new aws.DescribeTableCommand({ TableName }))) as aws.DescribeTableCommandOutput
    if (Table!.GlobalSecondaryIndexes!.every(({ IndexStatus }) => IndexStatus === 'ACTIVE')) return
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

function check(step: Step, outcome: { readonly answer?: object; readonly error?: Error }): void {
  const name = nameOf(step)
  if (step.refuses === undefined) {
    if (outcome.error !== undefined) throw new Error(`${name}: ${outcome.error.name}`, { cause: outcome.error })
    expect({ name, ...outcome.answer }).toMatchObject({ name, ...step.answers })
    if (step.lacks !== undefined) expect(outcome.answer).not.toHaveProperty(step.lacks)
    return
  }
  const [exception, message] = step.refuses
  expect([name, outcome.error?.name]).toEqual([name, exception])
  expect(outcome.error!.message).toMatch(message)
}

/** Without what is made anew each time: ids and moments. Classes stay visible. */
function comparable(value: unknown): unknown {
  if (value instanceof Date) return 'a date'
  if (value instanceof Uint8Array) return { bytes: [...value] }
  if (Array.isArray(value)) return value.map(comparable)
  if (typeof value === 'string')
    return value
      .replace(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/, '<uuid>')
      .replace(/(?:localhost|127\.0\.0\.1)(?::\d+)?/, '<host>')
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).filter(([name]) => !['$metadata', '$response', 'RevisionId'].includes(name))
  const own = Object.fromEntries(members.map(([name, member]) => [name, comparable(member)]))
  return value instanceof Error ? { is: value.constructor.name, message: value.message, own } : own
}

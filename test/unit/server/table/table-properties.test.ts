/** What belongs to a table and has operations of its own: time to live, tags, a policy, and what is answered for the rest. */
import { describe, expect, test } from 'vitest'
import { checkTableDefinition } from '../../../../src/model/table/table-rule.js'
import { OPERATIONS } from '../../../../src/server/operations.js'
import { definitions, index, keySchema, tableRequest, tableService } from '../../../support/table-service.js'

const INVALID = 'ValidationException: One or more parameter values were invalid:'

async function things(options = {}) {
  const service = tableService(options)
  const { TableArn: arn } = await service.create('things', {
    AttributeDefinitions: definitions({ pk: 'S', kind: 'S' }),
    GlobalSecondaryIndexes: [index('byKind', keySchema('kind'))],
  })
  return Object.assign(service, { arn: arn as string })
}

describe('time to live', () => {
  const specification = (Enabled: boolean, AttributeName: string) => ({
    TableName: 'things',
    TimeToLiveSpecification: { Enabled, AttributeName },
  })

  test('is the one that a native definition has', async () => {
    const service = await things()
    const { call, clock, reopen } = service
    const described = () => call('DescribeTimeToLive', { TableName: 'things' })
    expect(await described()).toEqual({ TimeToLiveDescription: { TimeToLiveStatus: 'DISABLED' } })
    await call('PutItem', { TableName: 'things', Item: { pk: { S: 'a' }, until: { N: String(clock.seconds - 5) } } })
    const key = { TableName: 'things', Key: { pk: { S: 'a' } } }
    expect(await call('GetItem', key)).toHaveProperty('Item')

    expect(await call('UpdateTimeToLive', specification(true, 'until'))).toEqual({
      TimeToLiveSpecification: { Enabled: true, AttributeName: 'until' },
    })
    expect(service.backend.describeTables()[0]!.ttl).toBe('until')
    expect(await call('GetItem', key)).toEqual({})
    await reopen()
    expect(await described()).toEqual({
      TimeToLiveDescription: { TimeToLiveStatus: 'ENABLED', AttributeName: 'until' },
    })

    await call('UpdateTimeToLive', specification(false, 'until'))
    expect(await described()).toEqual({ TimeToLiveDescription: { TimeToLiveStatus: 'DISABLED' } })
    await reopen()
    expect(await call('GetItem', key)).toHaveProperty('Item')
    service.backend.defineTable(checkTableDefinition({ name: 'things', key: ['pk'], ttl: 'until' }))
    expect(await described()).toMatchObject({ TimeToLiveDescription: { TimeToLiveStatus: 'ENABLED' } })
  })

  test('is not switched to what it is', async () => {
    const { call, refusal } = await things()
    const refused = (isEnabled: boolean, name: string) => refusal('UpdateTimeToLive', specification(isEnabled, name))
    expect(await refused(false, 'until')).toBe('ValidationException: TimeToLive is already disabled')
    await call('UpdateTimeToLive', specification(true, 'until'))
    expect(await refused(true, 'until')).toBe('ValidationException: TimeToLive is already enabled')
    const other =
      'ValidationException: TimeToLive is active on a different AttributeName: current AttributeName is until'
    expect(await refused(true, 'other')).toBe(other)
    expect(await refused(false, 'other')).toBe(other)
  })

  test('of a table that is being created can not be described', async () => {
    const { refusal } = await things({ tableDelayMs: 1000 })
    expect(await refusal('DescribeTimeToLive', { TableName: 'things' })).toBe(
      'ValidationException: Cannot describe time to live while table is in CREATING state: Current table state is CREATING',
    )
  })
})

describe('tags', () => {
  test('come and go, and stay', async () => {
    const { call, arn, reopen } = await things()
    const list = async () => (await call('ListTagsOfResource', { ResourceArn: arn }))['Tags']
    expect(await list()).toEqual([])
    await call('TagResource', {
      ResourceArn: arn,
      Tags: [
        { Key: 'a', Value: '1' },
        { Key: '__proto__', Value: '' },
      ],
    })
    await call('TagResource', {
      ResourceArn: arn,
      Tags: [
        { Key: 'a', Value: '2' },
        { Key: 'b', Value: 'é: 3' },
      ],
    })
    const tags = [
      { Key: 'a', Value: '2' },
      { Key: '__proto__', Value: '' },
      { Key: 'b', Value: 'é: 3' },
    ]
    expect(await list()).toEqual(tags)
    await reopen()
    expect(await list()).toEqual(tags)
    await call('UntagResource', { ResourceArn: arn, TagKeys: ['a', 'other', '__proto__'] })
    expect(await list()).toEqual([{ Key: 'b', Value: 'é: 3' }])
  })

  test('are of a table, up to fifty', async () => {
    const { call, refusal, arn } = await things()
    const tag = (ResourceArn: string, Tags: unknown[] = [{ Key: 'a', Value: 'b' }]) => ({ ResourceArn, Tags })
    expect(await refusal('TagResource', tag('things'))).toBe(`${INVALID} ARNs must start with 'arn:': things`)
    expect(await refusal('TagResource', tag('arn:aws:s3:::bucket'))).toBe(
      `${INVALID} Provided Arn is not a DynamoDB resource arn: arn:aws:s3:::bucket`,
    )
    expect(await refusal('TagResource', tag(`${arn}/index/byKind`))).toBe(
      `${INVALID} Invalid resource arn provided, only table or stream is accepted. Provided resource arn: ${arn}/index/byKind`,
    )
    expect(await refusal('ListTagsOfResource', { ResourceArn: `${arn}-not` })).toBe(
      `ResourceNotFoundException: Requested resource not found: ResourceArn: ${arn}-not not found`,
    )
    expect(await refusal('TagResource', tag(arn, []))).toBe(
      'ValidationException: Atleast one Tag needs to be provided as Input.',
    )
    expect(await refusal('UntagResource', { ResourceArn: arn, TagKeys: [] })).toBe(
      'ValidationException: Atleast one Tag Key needs to be provided as Input.',
    )
    await call(
      'TagResource',
      tag(
        arn,
        Array.from({ length: 50 }, (_, i) => ({ Key: `k${i}`, Value: '' })),
      ),
    )
    expect(await refusal('TagResource', tag(arn))).toBe(
      'ValidationException: Number of Tags exceed the current limit for the provided ResourceArn',
    )
    await call('TagResource', tag(arn, [{ Key: 'k7', Value: 'new' }]))
  })
})

describe('a policy', () => {
  const POLICY = '{"Version":"2012-10-17","Statement":[]}'

  test('is kept under a revision, and taken away', async () => {
    const { call, refusal, arn, reopen } = await things()
    const resource = { ResourceArn: arn }
    expect(await refusal('GetResourcePolicy', resource)).toBe(
      `PolicyNotFoundException: Resource-based policy not found for the provided ResourceArn: ${arn}`,
    )
    const { RevisionId: first } = await call('PutResourcePolicy', { ...resource, Policy: POLICY })
    expect(await call('PutResourcePolicy', { ...resource, Policy: POLICY })).toEqual({ RevisionId: first })
    const { RevisionId: second } = await call('PutResourcePolicy', { ...resource, Policy: `${POLICY} ` })
    expect(second).not.toBe(first)
    await reopen()
    expect(await call('GetResourcePolicy', resource)).toEqual({ Policy: `${POLICY} `, RevisionId: second })
    expect(await call('DeleteResourcePolicy', resource)).toEqual({ RevisionId: second })
    expect(await call('DeleteResourcePolicy', resource)).toEqual({})
  })

  test('is replaced only where it is the one that is expected', async () => {
    const { call, refusal, arn } = await things()
    const put = (ExpectedRevisionId: string, Policy = POLICY) => ({ ResourceArn: arn, Policy, ExpectedRevisionId })
    expect(await refusal('PutResourcePolicy', put('5'))).toContain('PolicyNotFoundException: ')
    const { RevisionId: first } = await call('PutResourcePolicy', put('NO_POLICY'))
    expect(await refusal('PutResourcePolicy', put('NO_POLICY'))).toContain(
      `expecting none to be present for table things, but a policy exists with revision id ${first}.`,
    )
    expect(await refusal('PutResourcePolicy', put('5'))).toBe(
      'PolicyNotFoundException: Resource-based policy not found for the provided ResourceArn: Requested update for policy with ' +
        `revision id 5, but the policy associated to target table things has revision id ${first}.`,
    )
    expect(await refusal('DeleteResourcePolicy', { ResourceArn: arn, ExpectedRevisionId: '5' })).toContain(
      'revision id 5',
    )
    await call('PutResourcePolicy', put(first, '{}'))
  })

  test('is JSON, and not too long', async () => {
    const { refusal, arn } = await things()
    const put = (Policy: string) => refusal('PutResourcePolicy', { ResourceArn: arn, Policy })
    const noJson = `${INVALID} Invalid policy document: This policy contains invalid Json`
    for (const policy of ['', '{', '5', 'null', '[]']) expect(await put(policy)).toBe(noJson)
    expect(await put(`{"a":"${'x'.repeat(20_480)}"}`)).toBe(`${INVALID} Maximum policy size of 20480 bytes exceeded`)
  })
})

test('contributor insights are what was asked for, of a table and of each index', async () => {
  const { call, refusal, clock } = await things()
  const about = (change = {}) => ({ TableName: 'things', ...change })
  expect(await call('DescribeContributorInsights', about())).toEqual({
    TableName: 'things',
    ContributorInsightsStatus: 'DISABLED',
  })
  expect(await call('ListContributorInsights')).toEqual({ ContributorInsightsSummaries: [] })
  await call('UpdateContributorInsights', about({ ContributorInsightsAction: 'ENABLE' }))
  const ofIndex = about({ IndexName: 'byKind' })
  await call('UpdateContributorInsights', {
    ...{ ...ofIndex, ContributorInsightsAction: 'ENABLE', ContributorInsightsMode: 'THROTTLED_KEYS' },
  })
  expect(await call('DescribeContributorInsights', ofIndex)).toEqual({
    ...ofIndex,
    ContributorInsightsStatus: 'ENABLED',
    ContributorInsightsMode: 'THROTTLED_KEYS',
    LastUpdateDateTime: clock.seconds,
  })
  const { ContributorInsightsSummaries: summaries } = await call('ListContributorInsights', about())
  expect(summaries).toHaveLength(2)
  await call('UpdateContributorInsights', about({ ContributorInsightsAction: 'DISABLE' }))
  expect(await call('DescribeContributorInsights', about())).toMatchObject({ ContributorInsightsStatus: 'DISABLED' })
  expect(await refusal('DescribeContributorInsights', about({ IndexName: 'other' }))).toBe(
    'ResourceNotFoundException: Index: other not found for table: things',
  )
})

describe('what there is none of is answered so that clients go on', () => {
  const table = { TableName: 'things' }
  const ARN = 'arn:aws:dynamodb:us-east-1:000000000000:table/things'
  const answers: readonly (readonly [operation: string, input: Record<string, unknown>, answer: unknown])[] = [
    ['DescribeKinesisStreamingDestination', table, { ...table, KinesisDataStreamDestinations: [] }],
    [
      'DescribeTableReplicaAutoScaling',
      table,
      { TableAutoScalingDescription: { ...table, TableStatus: 'ACTIVE', Replicas: [] } },
    ],
    ['ListGlobalTables', {}, { GlobalTables: [] }],
    ['ListStreams', {}, { Streams: [] }],
    ['ListBackups', {}, { BackupSummaries: [] }],
    ['ListExports', {}, { ExportSummaries: [] }],
    ['ListImports', {}, { ImportSummaryList: [] }],
    [
      'DescribeLimits',
      {},
      {
        AccountMaxReadCapacityUnits: 80_000,
        AccountMaxWriteCapacityUnits: 80_000,
        TableMaxReadCapacityUnits: 40_000,
        TableMaxWriteCapacityUnits: 40_000,
      },
    ],
    ['DescribeEndpoints', {}, { Endpoints: [{ Address: 'localhost', CachePeriodInMinutes: 1440 }] }],
    [
      'DescribeContinuousBackups',
      table,
      {
        ContinuousBackupsDescription: {
          ContinuousBackupsStatus: 'ENABLED',
          PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: 'DISABLED' },
        },
      },
    ],
    [
      'UpdateContinuousBackups',
      { ...table, PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: false } },
      {
        ContinuousBackupsDescription: {
          ContinuousBackupsStatus: 'ENABLED',
          PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: 'DISABLED' },
        },
      },
    ],
  ]
  test.each(answers)('%s', async (operation, input, answer) => {
    const { call } = await things()
    expect(await call(operation, input)).toEqual(answer)
  })

  const LOG = 'there is no log of changes yet'
  const STREAM = `${ARN}/stream/2026-11-21T00:00:00.000`
  const BACKUP = `${ARN}/backup/01489602797149-73d8d5bc`
  const IMPORT = {
    S3BucketSource: { S3Bucket: 'bucket' },
    InputFormat: 'CSV',
    TableCreationParameters: tableRequest('copy'),
  }
  const refusals: readonly (readonly [operation: string, input: Record<string, unknown>, refusal: string])[] = [
    [
      'EnableKinesisStreamingDestination',
      { ...table, StreamArn: STREAM },
      'ValidationException: EnableKinesisStreamingDestination is not supported by Dynafile: there is no Kinesis',
    ],
    [
      'DisableKinesisStreamingDestination',
      { ...table, StreamArn: STREAM },
      'ValidationException: Table is not in a valid state to enable Kinesis Streaming Destination: KinesisStreamingDestination must be ACTIVE to perform DISABLE operation.',
    ],
    [
      'UpdateKinesisStreamingDestination',
      { ...table, StreamArn: STREAM },
      `ValidationException: Table is not in a valid state to enable Kinesis Streaming Destination: Kinesis streaming is not in ACTIVE state. Updates are only allowed in ACTIVE state. TableName: things, kdsArn: ${STREAM}`,
    ],
    [
      'UpdateTableReplicaAutoScaling',
      table,
      'ValidationException: UpdateTableReplicaAutoScaling is not supported by Dynafile: a table is in one place, and nothing is scaled',
    ],
    [
      'DescribeGlobalTable',
      { GlobalTableName: 'things' },
      'GlobalTableNotFoundException: Global table not found: things',
    ],
    [
      'CreateGlobalTable',
      { GlobalTableName: 'things', ReplicationGroup: [] },
      `${INVALID} DynamoDB global tables version 2017.11.29 is not supported. We recommend using DynamoDB global tables version 2019.11.21, instead of version 2017.11.29 (Legacy).`,
    ],
    [
      'DescribeStream',
      { StreamArn: STREAM },
      `ResourceNotFoundException: Requested resource not found: Stream: ${STREAM} not found`,
    ],
    ['GetRecords', { ShardIterator: 'x' }, `ValidationException: GetRecords is not supported by Dynafile: ${LOG}`],
    [
      'CreateBackup',
      { ...table, BackupName: 'one' },
      `ValidationException: CreateBackup is not supported by Dynafile: ${LOG}`,
    ],
    ['CreateBackup', { TableName: 'other', BackupName: 'one' }, 'TableNotFoundException: Table not found: other'],
    ['DescribeBackup', { BackupArn: BACKUP }, `BackupNotFoundException: Backup not found: ${BACKUP}`],
    [
      'UpdateContinuousBackups',
      { ...table, PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } },
      `ContinuousBackupsUnavailableException: Continuous backups are not available in Dynafile: ${LOG}`,
    ],
    ['DescribeContinuousBackups', { TableName: 'other' }, 'TableNotFoundException: Table not found: other'],
    [
      'RestoreTableToPointInTime',
      { SourceTableArn: ARN, TargetTableName: 'copy' },
      "PointInTimeRecoveryUnavailableException: Point in time recovery is not enabled for table 'things'",
    ],
    [
      'ExportTableToPointInTime',
      { TableArn: ARN, S3Bucket: 'bucket' },
      "PointInTimeRecoveryUnavailableException: Point in time recovery is not enabled for table 'things'",
    ],
    ['ImportTable', IMPORT, `ValidationException: ImportTable is not supported by Dynafile: ${LOG}`],
    ['DescribeExport', { ExportArn: BACKUP }, `ExportNotFoundException: Export not found: ${BACKUP}`],
  ]
  test.each(refusals)('%s', async (operation, input, expected) => {
    const { refusal } = await things()
    expect(await refusal(operation, input)).toBe(expected)
  })
})

test('every operation that is about one table says when there is none of its name', async () => {
  const { refusal } = tableService()
  const about = ['DescribeTable', 'DeleteTable', 'UpdateTable', 'DescribeTimeToLive', 'UpdateTimeToLive']
  const more = ['DescribeContributorInsights', 'UpdateContributorInsights', 'DescribeKinesisStreamingDestination']
  for (const operation of [...about, ...more, 'EnableKinesisStreamingDestination', 'DescribeTableReplicaAutoScaling']) {
    expect(OPERATIONS.has(operation)).toBe(true)
    const input = {
      ...{ TableName: 'constructor', TableClass: 'STANDARD', ContributorInsightsAction: 'ENABLE' },
      StreamArn: 'arn:aws:kinesis:us-east-1:000000000000:stream/changes',
      TimeToLiveSpecification: { Enabled: true, AttributeName: 'a' },
    }
    expect(await refusal(operation, input)).toBe(
      'ResourceNotFoundException: Requested resource not found: Table: constructor not found',
    )
  }
})

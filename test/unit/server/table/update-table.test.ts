/** UpdateTable: one concern at a time, checked against the table as it is. */
import { describe, expect, test } from 'vitest'
import { checkTableDefinition } from '../../../../src/model/table/table-rule.js'
import type { ServiceOptions } from '../../../../src/server/service.js'
import { definitions, index, keySchema, type TableService, tableService } from '../../../support/table-service.js'

const INVALID = 'ValidationException: One or more parameter values were invalid:'
const UNITS = { ReadCapacityUnits: 5, WriteCapacityUnits: 5 }
const MORE = { ReadCapacityUnits: 10, WriteCapacityUnits: 5 }
const PROVISIONED = { BillingMode: 'PROVISIONED', ProvisionedThroughput: UNITS }
const GSI = index('byKind', keySchema('kind'))
const CREATE = {
  AttributeDefinitions: definitions({ kind: 'S' }),
  GlobalSecondaryIndexUpdates: [{ Create: GSI }],
}
const INDEXED = {
  AttributeDefinitions: definitions({ pk: 'S', kind: 'S' }),
  GlobalSecondaryIndexes: [GSI],
}

/** A table called `things`, and updates of it. */
async function things(
  change: Record<string, unknown> = {},
  options: ServiceOptions = {},
  way?: 'over the wire' | 'in the process',
) {
  const service = tableService(options, way)
  await service.create('things', change)
  return {
    ...service,
    update: async (request: Record<string, unknown>) =>
      (await service.call('UpdateTable', { TableName: 'things', ...request }))['TableDescription'],
    refused: (request: Record<string, unknown>) => service.refusal('UpdateTable', { TableName: 'things', ...request }),
    now: () => service.describe('things'),
  }
}

/** Resolves when no index is being built. */
async function built({ backend }: Pick<TableService, 'backend'>): Promise<void> {
  for (const { name } of backend.describeTables()[0]!.indexes) await backend.indexReady('things', name)
}

describe('UpdateTable adds an index', () => {
  test('that has the items there are and those that come while it is built', async () => {
    const { call, update, now, backend } = await things({}, {}, 'in the process')
    const put = (i: number) => call('PutItem', { TableName: 'things', Item: { pk: { S: `${i}` }, kind: { S: 'x' } } })
    for (let i = 0; i < 1200; i++) await put(i)
    const updating = update(CREATE)
    await put(1200)
    expect(await updating).toMatchObject({
      TableStatus: 'UPDATING',
      AttributeDefinitions: definitions({ pk: 'S', kind: 'S' }),
      GlobalSecondaryIndexes: [{ IndexName: 'byKind', IndexStatus: 'CREATING', Backfilling: false }],
    })
    expect(await now()).toMatchObject({
      TableStatus: 'ACTIVE',
      GlobalSecondaryIndexes: [{ IndexStatus: 'CREATING', Backfilling: true }],
    })
    await built({ backend })
    const { GlobalSecondaryIndexes } = await now()
    expect(GlobalSecondaryIndexes).toMatchObject([{ IndexStatus: 'ACTIVE', ItemCount: 1201 }])
    expect(GlobalSecondaryIndexes[0]).not.toHaveProperty('Backfilling')
  })

  test('that can be read when it is complete, and not before', async () => {
    const service = await things({}, {}, 'in the process')
    const { call, refusal, update } = service
    for (let i = 0; i < 1200; i++) {
      await call('PutItem', { TableName: 'things', Item: { pk: { S: `${i}` }, kind: { S: 'x' } } })
    }
    await update(CREATE)
    const index = { TableName: 'things', IndexName: 'byKind' }
    const query = {
      ...{ ...index, KeyConditionExpression: 'kind = :x', ExpressionAttributeValues: { ':x': { S: 'x' } } },
      Select: 'COUNT',
    }
    const select = { Statement: `SELECT * FROM "things"."byKind" WHERE kind = 'x'` }
    const requests = [['Query', query] as const, ['Scan', index] as const, ['ExecuteStatement', select] as const]
    for (const [operation, request] of requests) {
      expect(await refusal(operation, request)).toContain('Cannot read from backfilling global secondary index: byKind')
    }
    await built(service)
    expect(await call('Query', query)).toMatchObject({ Count: 1200 })
    for (const [operation, request] of requests) await call(operation, request)
  })

  test('whose declared types hold from then on', async () => {
    const { refusal, update } = await things()
    await update(CREATE)
    const put = { TableName: 'things', Item: { pk: { S: 'a' }, kind: { N: '1' } } }
    expect(await refusal('PutItem', put)).toContain('Expected: S Actual: N IndexName: byKind')
  })

  test('and leaves alone what it says of attributes that the index does not use', async () => {
    const { update, now } = await things()
    await update({ ...CREATE, AttributeDefinitions: definitions({ kind: 'S', pk: 'S', other: 'N' }) })
    expect(await now()).toMatchObject({ AttributeDefinitions: definitions({ pk: 'S', kind: 'S' }) })
  })

  test('with units, where the table has them', async () => {
    const { update, refused, now } = await things(PROVISIONED)
    expect(await refused(CREATE)).toBe(`${INVALID} ProvisionedThroughput must be specified for index: byKind`)
    await update({ ...CREATE, GlobalSecondaryIndexUpdates: [{ Create: { ...GSI, ProvisionedThroughput: MORE } }] })
    expect(await now()).toMatchObject({ GlobalSecondaryIndexes: [{ ProvisionedThroughput: MORE }] })
  })

  test('that is as CreateTable would have it, or refuses', async () => {
    const { refused } = await things({
      ...INDEXED,
      ...{ AttributeDefinitions: definitions({ pk: 'S', sk: 'S', kind: 'S' }), KeySchema: keySchema('pk', 'sk') },
      LocalSecondaryIndexes: [index('local', keySchema('pk', 'sk'))],
    })
    const create = (change: Record<string, unknown>, types: Record<string, string> = { a: 'S' }) => ({
      AttributeDefinitions: definitions(types),
      GlobalSecondaryIndexUpdates: [{ Create: { ...index('other', keySchema('a')), ...change } }],
    })
    for (const name of ['byKind', 'local']) {
      // Before anything else about it is looked at.
      expect(await refused(create({ IndexName: name, KeySchema: keySchema('x') }))).toBe(
        'ValidationException: Attempting to create an index which already exists',
      )
    }
    expect(await refused({ ...create({}), AttributeDefinitions: undefined })).toBe(
      `${INVALID} AttributeDefinitions is not specified for index: other`,
    )
    expect(await refused(create({}, { b: 'S' }))).toBe(
      `${INVALID} Some index key attributes are not defined in AttributeDefinitions. Keys: [a], AttributeDefinitions: [b]`,
    )
    expect(await refused(create({ KeySchema: keySchema('kind') }, { kind: 'N' }))).toBe(
      `${INVALID} Attributes cannot be redefined. Please check that your attribute has the same type as previously defined. ` +
        'Existing schema: Schema:[SchemaElement: key{kind:S:HASH}] New schema: Schema:[SchemaElement: key{kind:N:HASH}]',
    )
    expect(await refused(create({ Projection: { ProjectionType: 'INCLUDE' } }))).toBe(
      `${INVALID} ProjectionType is INCLUDE, but NonKeyAttributes is not specified`,
    )
    expect(await refused(create({ ProvisionedThroughput: UNITS }))).toBe(
      `${INVALID} Neither ReadCapacityUnits nor WriteCapacityUnits can be specified for index: other when BillingMode is PAY_PER_REQUEST`,
    )
  })

  test('up to twenty', async () => {
    const names = Array.from({ length: 20 }, (_, i) => index(`index-${i}`, keySchema('kind')))
    const { refused } = await things({ ...INDEXED, GlobalSecondaryIndexes: names })
    expect(await refused(CREATE)).toBe(
      'LimitExceededException: Subscriber limit exceeded: GlobalSecondaryIndex count exceeds the per-table limit of 20',
    )
  })

  test('one at a time', async () => {
    const { call, refused, update, backend } = await things({}, {}, 'in the process')
    for (let i = 0; i < 600; i++) {
      await call('PutItem', { TableName: 'things', Item: { pk: { S: `${i}` }, kind: { S: 'x' } } })
    }
    const oneAtOnce =
      'LimitExceededException: Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table'
    const other = { Create: index('other', keySchema('kind')) }
    const both = { ...CREATE, GlobalSecondaryIndexUpdates: [{ Create: GSI }, other] }
    expect(await refused(both)).toBe(oneAtOnce)
    await update(CREATE)
    expect(await refused({ ...CREATE, GlobalSecondaryIndexUpdates: [other] })).toBe(oneAtOnce)
    await built({ backend })
    await update({ ...CREATE, GlobalSecondaryIndexUpdates: [other] })
  })
})

describe('UpdateTable removes an index', () => {
  test('and with it what was said of attributes that only it used', async () => {
    const { update, now, reopen } = await things(INDEXED)
    expect(await update({ GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: 'byKind' } }] })).toMatchObject({
      TableStatus: 'UPDATING',
      GlobalSecondaryIndexes: [{ IndexName: 'byKind', IndexStatus: 'DELETING' }],
    })
    const left = await now()
    expect(left).not.toHaveProperty('GlobalSecondaryIndexes')
    expect(left).toMatchObject({ AttributeDefinitions: definitions({ pk: 'S' }) })
    await reopen()
    expect(await now()).toEqual(left)
  })

  test('that is there, and global', async () => {
    const { refused } = await things({
      ...{ AttributeDefinitions: definitions({ pk: 'S', sk: 'S' }), KeySchema: keySchema('pk', 'sk') },
      LocalSecondaryIndexes: [index('local', keySchema('pk', 'sk'))],
    })
    const remove = (name: string) => refused({ GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: name } }] })
    expect(await remove('other')).toBe(
      'ResourceNotFoundException: Requested resource not found: Index: other not found',
    )
    expect(await remove('local')).toBe(
      'ValidationException: Cannot delete an index that is not a GlobalSecondaryIndex: local',
    )
  })

  test('that was defined natively, too', async () => {
    const { backend, call, describe: description } = tableService()
    const definition = { name: 'things', key: ['id'], indexes: { byMail: { key: ['mail'], unique: true } } }
    backend.defineTable(checkTableDefinition(definition))
    await call('UpdateTable', {
      TableName: 'things',
      GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: 'byMail' } }],
    })
    expect(await description('things')).not.toHaveProperty('GlobalSecondaryIndexes')
  })
})

describe('UpdateTable changes', () => {
  test('how a table is paid for, and how much of it', async () => {
    const { update, refused, now, clock } = await things({ ...INDEXED })
    expect(await refused({ ProvisionedThroughput: UNITS })).toBe(
      `${INVALID} Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST`,
    )
    expect(await refused({ BillingMode: 'PROVISIONED' })).toBe(
      `${INVALID} ProvisionedThroughput must be specified when BillingMode is PROVISIONED`,
    )
    expect(await refused(PROVISIONED)).toBe(`${INVALID} ProvisionedThroughput must be specified for index: byKind`)
    const units = [{ Update: { IndexName: 'byKind', ProvisionedThroughput: UNITS } }]
    await update({ ...PROVISIONED, GlobalSecondaryIndexUpdates: units })
    const switched = await now()
    expect(switched).toMatchObject({
      BillingModeSummary: { BillingMode: 'PROVISIONED' },
      ProvisionedThroughput: { ...UNITS, NumberOfDecreasesToday: 0 },
      GlobalSecondaryIndexes: [{ ProvisionedThroughput: UNITS }],
    })
    expect(switched['ProvisionedThroughput']).not.toHaveProperty('LastIncreaseDateTime')

    expect(await refused({ ProvisionedThroughput: UNITS })).toBe(
      'ValidationException: The provisioned throughput for the table will not change. The requested value equals the current value. ' +
        'Current ReadCapacityUnits provisioned for the table: 5. Requested ReadCapacityUnits: 5. ' +
        'Current WriteCapacityUnits provisioned for the table: 5. Requested WriteCapacityUnits: 5. ' +
        'Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher limits.',
    )
    expect(await refused({ GlobalSecondaryIndexUpdates: units })).toContain(
      'The provisioned throughput for the index byKind will not change.',
    )
    await update({ ProvisionedThroughput: MORE })
    const raisedAt = clock.seconds
    clock.advance(10)
    await update({ ProvisionedThroughput: UNITS })
    await update({ ProvisionedThroughput: { ReadCapacityUnits: 1, WriteCapacityUnits: 1 } })
    expect((await now())['ProvisionedThroughput']).toEqual({
      LastIncreaseDateTime: raisedAt,
      LastDecreaseDateTime: clock.seconds,
      NumberOfDecreasesToday: 2,
      ReadCapacityUnits: 1,
      WriteCapacityUnits: 1,
    })
    clock.advance(86_400)
    expect((await now())['ProvisionedThroughput']).toMatchObject({ NumberOfDecreasesToday: 0 })

    await update({ BillingMode: 'PAY_PER_REQUEST', OnDemandThroughput: { MaxReadRequestUnits: 7 } })
    expect(await now()).toMatchObject({
      BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST', LastUpdateToPayPerRequestDateTime: clock.seconds },
      ProvisionedThroughput: { ReadCapacityUnits: 0, WriteCapacityUnits: 0 },
      OnDemandThroughput: { MaxReadRequestUnits: 7 },
    })
  })

  test('a stream, on and off', async () => {
    const { update, refused, now, clock } = await things()
    const stream = (StreamSpecification: Record<string, unknown>) => ({ StreamSpecification })
    expect(await refused(stream({ StreamEnabled: false }))).toBe(
      'ValidationException: Table has no stream to disable: TableName: things',
    )
    expect(await refused(stream({ StreamEnabled: true }))).toBe(
      `${INVALID} If stream is being enabled then UpdateViewType is required`,
    )
    await update(stream({ StreamEnabled: true, StreamViewType: 'NEW_IMAGE' }))
    const { LatestStreamArn, ...enabled } = await now()
    expect(enabled).toMatchObject({ StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' } })
    expect(await refused(stream({ StreamEnabled: true, StreamViewType: 'KEYS_ONLY' }))).toBe(
      'ValidationException: Table already has an enabled stream: TableName: things',
    )
    expect(await refused(stream({ StreamEnabled: false, StreamViewType: 'NEW_IMAGE' }))).toBe(
      `${INVALID} If stream is being disabled, then UpdateViewType must not be specified`,
    )
    await update(stream({ StreamEnabled: false }))
    const disabled = await now()
    expect(disabled).not.toHaveProperty('StreamSpecification')
    expect(disabled).toMatchObject({ LatestStreamArn })
    clock.advance(1)
    await update(stream({ StreamEnabled: true, StreamViewType: 'KEYS_ONLY' }))
    expect((await now())['LatestStreamArn']).not.toBe(LatestStreamArn)
  })

  test('encryption, class and protection', async () => {
    const { update, refused, now, call, clock } = await things()
    expect(await refused({ SSESpecification: { Enabled: false } })).toBe(
      `${INVALID} Table is already encrypted by default`,
    )
    await update({ SSESpecification: { Enabled: true } })
    const { SSEDescription } = await now()
    expect(SSEDescription).toMatchObject({ Status: 'ENABLED', SSEType: 'KMS' })
    const same = { Enabled: true, SSEType: 'KMS', KMSMasterKeyId: SSEDescription['KMSMasterKeyArn'] }
    expect(await refused({ SSESpecification: same })).toContain('Table is already encrypted with given KMSMasterKeyId')
    await update({ SSESpecification: { Enabled: false } })
    expect(await now()).not.toHaveProperty('SSEDescription')

    await update({ TableClass: 'STANDARD' })
    expect(await now()).not.toHaveProperty('TableClassSummary')
    await update({ TableClass: 'STANDARD_INFREQUENT_ACCESS' })
    expect(await now()).toMatchObject({
      TableClassSummary: { TableClass: 'STANDARD_INFREQUENT_ACCESS', LastUpdateDateTime: clock.seconds },
    })

    expect(await update({ DeletionProtectionEnabled: true })).toMatchObject({
      TableStatus: 'ACTIVE',
      DeletionProtectionEnabled: true,
    })
    await update({ DeletionProtectionEnabled: false })
    await call('DeleteTable', { TableName: 'things' })
  })

  test('nothing but what it is told to, and keeps it', async () => {
    const { update, now, reopen } = await things({
      ...{ ...INDEXED, ...PROVISIONED, TableClass: 'STANDARD_INFREQUENT_ACCESS' },
      GlobalSecondaryIndexes: [{ ...GSI, ProvisionedThroughput: UNITS }],
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
    })
    const before = await now()
    await update({ ProvisionedThroughput: MORE })
    const after = await now()
    expect(after).toEqual({
      ...before,
      ProvisionedThroughput: after['ProvisionedThroughput'],
      WarmThroughput: { ...before['WarmThroughput'], ReadUnitsPerSecond: 10 },
    })
    await reopen()
    expect(await now()).toEqual(after)
  })
})

describe('UpdateTable refuses', () => {
  const stream = { StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' } }
  const cases: readonly (readonly [what: string, request: Record<string, unknown>, refusal: string])[] = [
    [
      'nothing at all',
      { AttributeDefinitions: [] },
      'ValidationException: At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates, SSESpecification, ReplicaUpdates, MultiAccountReplicaReady, ReplicaTransitRoleArn, MultiRegionConsistency, DeletionProtectionEnabled, OnDemandThroughput, WarmThroughput or TableClass is required',
    ],
    [
      'an empty list of updates',
      { ...stream, GlobalSecondaryIndexUpdates: [] },
      `${INVALID} List of GlobalSecondaryIndexUpdates is empty`,
    ],
    [
      'encryption with more',
      { SSESpecification: {}, ...stream },
      `${INVALID} Server-Side Encryption modification must be the only operation in the request`,
    ],
    [
      'a class with more',
      { TableClass: 'STANDARD', ...stream },
      `${INVALID} TableClass modification must be the only operation in the request`,
    ],
    [
      'protection with more',
      { DeletionProtectionEnabled: true, ...stream },
      `${INVALID} DeletionProtection modification must be the only operation in the request`,
    ],
    [
      'warm throughput with more',
      { WarmThroughput: {}, ...stream },
      `${INVALID} WarmThroughput must be the only operation in the request`,
    ],
    [
      'a maximum with more',
      { OnDemandThroughput: {}, ...stream },
      `${INVALID} OnDemandThroughput can only be combined with BillingMode in an UpdateTable request`,
    ],
    [
      'units and a stream',
      { ...PROVISIONED, ...stream },
      `${INVALID} You cannot modify stream status while updating table IOPS`,
    ],
    [
      'units and an index',
      { ...PROVISIONED, ...CREATE },
      `${INVALID} You cannot create or delete index while updating table IOPS`,
    ],
    [
      'an index and a stream',
      { ...CREATE, ...stream },
      `${INVALID} You cannot create or delete index while changing stream status`,
    ],
    [
      'no action',
      { GlobalSecondaryIndexUpdates: [{}] },
      `${INVALID} One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, GlobalSecondaryIndexUpdate.Delete must not be null`,
    ],
    [
      'two actions',
      { GlobalSecondaryIndexUpdates: [{ Create: GSI, Delete: { IndexName: 'byKind' } }] },
      `${INVALID} Only one global secondary index action is allowed per GlobalSecondaryIndexUpdate object`,
    ],
    [
      'one index twice',
      { GlobalSecondaryIndexUpdates: [{ Update: { IndexName: 'abc' } }, { Update: { IndexName: 'abc' } }] },
      `${INVALID} Only one global secondary index update per index is allowed simultaneously. Index: abc`,
    ],
    [
      'an index that is not there',
      { GlobalSecondaryIndexUpdates: [{ Update: { IndexName: 'abc' } }] },
      'ResourceNotFoundException: Requested resource not found: Index: abc not found',
    ],
    [
      'replicas',
      { ReplicaUpdates: [{ Create: { RegionName: 'eu-west-1' } }] },
      'ValidationException: ReplicaUpdates is not supported by Dynafile: a table is in one place',
    ],
  ]

  test.each(cases)('%s', async (_, request, expected) => {
    const { refused, now } = await things()
    const before = await now()
    expect(await refused(request)).toBe(expected)
    expect(await now()).toEqual(before)
  })

  test('a table that is not there', async () => {
    const { refusal } = tableService()
    expect(await refusal('UpdateTable', { TableName: 'other', DeletionProtectionEnabled: true })).toBe(
      'ResourceNotFoundException: Requested resource not found: Table: other not found',
    )
  })
})

test('with a delay, a table and its index are changed after a while', async () => {
  const { update, refused, now, clock, backend } = await things({}, { tableDelayMs: 1000 })
  clock.advance(1)
  await update(CREATE)
  await built({ backend })
  expect(await now()).toMatchObject({
    TableStatus: 'UPDATING',
    GlobalSecondaryIndexes: [{ IndexName: 'byKind', IndexStatus: 'CREATING' }],
  })
  expect(await refused({ DeletionProtectionEnabled: true })).toBe(
    'ResourceInUseException: Attempt to change a resource which is still in use: Table is being updated: things',
  )
  clock.advance(1)
  expect(await now()).toMatchObject({ TableStatus: 'ACTIVE', GlobalSecondaryIndexes: [{ IndexStatus: 'ACTIVE' }] })
  await update({ GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: 'byKind' } }] })
  expect(await now()).toMatchObject({ GlobalSecondaryIndexes: [{ IndexName: 'byKind', IndexStatus: 'DELETING' }] })
  clock.advance(1)
  expect(await now()).not.toHaveProperty('GlobalSecondaryIndexes')
})

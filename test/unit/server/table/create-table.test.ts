/** CreateTable, and what DescribeTable says afterwards. */
import { describe, expect, test } from 'vitest'
import { checkTableDefinition } from '../../../../src/model/table/table-rule.js'
import { createService } from '../../../../src/server/service.js'
import { ObservedDatabase } from '../../../support/observed-database.js'
import { definitions, index, keySchema, tableRequest, tableService } from '../../../support/table-service.js'
import { MovableClock } from '../../../support/temporary-database.js'

const UNITS = { ReadCapacityUnits: 5, WriteCapacityUnits: 6 }
const INVALID = 'ValidationException: One or more parameter values were invalid:'
const WITH_SORT = { AttributeDefinitions: definitions({ pk: 'S', sk: 'N' }), KeySchema: keySchema('pk', 'sk') }

describe('CreateTable', () => {
  test('answers that the table is being created, and the next description is of a table that is ready', async () => {
    const { create, describe: description, clock } = tableService()
    const expected = {
      AttributeDefinitions: definitions({ pk: 'S' }),
      TableName: 'things',
      KeySchema: keySchema('pk'),
      CreationDateTime: clock.seconds,
      ProvisionedThroughput: { NumberOfDecreasesToday: 0, ReadCapacityUnits: 0, WriteCapacityUnits: 0 },
      TableSizeBytes: 0,
      ItemCount: 0,
      TableArn: 'arn:aws:dynamodb:us-east-1:000000000000:table/things',
      TableId: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
      BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST', LastUpdateToPayPerRequestDateTime: clock.seconds },
      WarmThroughput: { ReadUnitsPerSecond: 12_000, WriteUnitsPerSecond: 4000, Status: 'ACTIVE' },
      DeletionProtectionEnabled: false,
    }
    expect(await create('things')).toEqual({ ...expected, TableStatus: 'CREATING' })
    expect(await description('things')).toEqual({ ...expected, TableStatus: 'ACTIVE' })
  })

  test('is paid for by request since it is there, and not since the request for it was looked at', async () => {
    const { create, describe: description } = tableService({ clock: new MovableClock(1_799_999_999_995) })
    for (const { CreationDateTime, BillingModeSummary } of [await create('things'), await description('things')]) {
      expect(BillingModeSummary).toMatchObject({ LastUpdateToPayPerRequestDateTime: CreationDateTime })
    }
  })

  test('takes everything that a table can be', async () => {
    const {
      create,
      describe: description,
      clock,
      reopen,
    } = tableService({ region: 'eu-west-1', accountId: '123456789012' })
    const created = await create('full', {
      ...{ BillingMode: 'PROVISIONED', ProvisionedThroughput: UNITS, TableClass: 'STANDARD_INFREQUENT_ACCESS' },
      AttributeDefinitions: definitions({ pk: 'S', sk: 'N', other: 'B' }),
      KeySchema: keySchema('pk', 'sk'),
      LocalSecondaryIndexes: [
        index('local', keySchema('pk', 'other'), {
          Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['a', 'b'] },
        }),
      ],
      GlobalSecondaryIndexes: [
        index('global', keySchema('other', 'pk'), {
          ProvisionedThroughput: { ReadCapacityUnits: 1, WriteCapacityUnits: 2 },
          Projection: { ProjectionType: 'KEYS_ONLY' },
        }),
      ],
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
      SSESpecification: { Enabled: true, SSEType: 'KMS', KMSMasterKeyId: 'alias/own' },
      DeletionProtectionEnabled: true,
      Tags: [{ Key: 'team', Value: 'blue' }],
    })
    const arn = 'arn:aws:dynamodb:eu-west-1:123456789012:table/full'
    const label = new Date(clock.now()).toISOString().slice(0, -1)
    const expected = {
      AttributeDefinitions: definitions({ pk: 'S', sk: 'N', other: 'B' }),
      KeySchema: keySchema('pk', 'sk'),
      ProvisionedThroughput: { NumberOfDecreasesToday: 0, ...UNITS },
      TableArn: arn,
      LocalSecondaryIndexes: [
        {
          IndexName: 'local',
          KeySchema: keySchema('pk', 'other'),
          Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['a', 'b'] },
          IndexSizeBytes: 0,
          ItemCount: 0,
          IndexArn: `${arn}/index/local`,
        },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'global',
          KeySchema: keySchema('other', 'pk'),
          Projection: { ProjectionType: 'KEYS_ONLY' },
          IndexStatus: 'CREATING',
          ProvisionedThroughput: { NumberOfDecreasesToday: 0, ReadCapacityUnits: 1, WriteCapacityUnits: 2 },
          WarmThroughput: { ReadUnitsPerSecond: 1, WriteUnitsPerSecond: 2, Status: 'ACTIVE' },
          IndexSizeBytes: 0,
          ItemCount: 0,
          IndexArn: `${arn}/index/global`,
        },
      ],
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
      LatestStreamLabel: label,
      LatestStreamArn: `${arn}/stream/${label}`,
      SSEDescription: {
        Status: 'ENABLED',
        SSEType: 'KMS',
        KMSMasterKeyArn: 'arn:aws:kms:eu-west-1:123456789012:alias/own',
      },
      TableClassSummary: { TableClass: 'STANDARD_INFREQUENT_ACCESS' },
      DeletionProtectionEnabled: true,
    }
    expect(created).toMatchObject({ ...expected, TableStatus: 'CREATING' })
    expect(created).not.toHaveProperty('BillingModeSummary')
    await reopen()
    const [global] = expected.GlobalSecondaryIndexes
    const later = { ...expected, GlobalSecondaryIndexes: [{ ...global, IndexStatus: 'ACTIVE' }] }
    expect(await description('full')).toMatchObject({ ...later, TableStatus: 'ACTIVE', TableId: created['TableId'] })
  })

  test('makes a table whose types hold from the first item on', async () => {
    const { create, refusal, call } = tableService()
    await create('typed', { AttributeDefinitions: definitions({ pk: 'N' }) })
    const put = (pk: unknown) => ({ TableName: 'typed', Item: { pk } })
    expect(await refusal('PutItem', put({ S: 'a' }))).toBe(`${INVALID} Type mismatch for key pk expected: N actual: S`)
    await call('PutItem', put({ N: '1' }))
  })

  test('makes a global index of up to four attributes on each side', async () => {
    const { create, describe: description } = tableService()
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
    const key = keySchema(names.slice(0, 4), names.slice(4))
    await create('wide', {
      AttributeDefinitions: definitions({ pk: 'S', ...Object.fromEntries(names.map((name) => [name, 'N'])) }),
      GlobalSecondaryIndexes: [index('all', key)],
    })
    expect(await description('wide')).toMatchObject({
      GlobalSecondaryIndexes: [{ KeySchema: key, IndexStatus: 'ACTIVE' }],
    })
  })

  test('refuses a table that is there', async () => {
    const { create, refusal } = tableService()
    await create('things')
    expect(await refusal('CreateTable', tableRequest('things'))).toBe(
      'ResourceInUseException: Table already exists: things',
    )
  })

  test('takes names that are those of properties', async () => {
    const { create, describe: description } = tableService()
    await create('constructor', {
      AttributeDefinitions: definitions({ toString: 'S', valueOf: 'S' }),
      KeySchema: keySchema('toString'),
      GlobalSecondaryIndexes: [index('hasOwnProperty', keySchema('valueOf'))],
      Tags: [{ Key: 'constructor', Value: 'x' }],
    })
    expect(await description('constructor')).toMatchObject({
      GlobalSecondaryIndexes: [{ IndexName: 'hasOwnProperty' }],
    })
  })
})

describe('CreateTable refuses', () => {
  const local = (change: Record<string, unknown> = {}, key = keySchema('pk', 'sk')) => index('local', key, change)
  const three = { AttributeDefinitions: definitions({ pk: 'S', sk: 'N', a: 'S' }), KeySchema: keySchema('pk', 'sk') }
  const global = (name: string, key: Record<string, unknown>[], change: Record<string, unknown> = {}) => ({
    AttributeDefinitions: definitions({ pk: 'S', a: 'S', b: 'S', c: 'S', d: 'S', e: 'S' }),
    GlobalSecondaryIndexes: [index(name, key, change)],
  })
  const cases: readonly (readonly [what: string, change: Record<string, unknown>, refusal: string])[] = [
    [
      'a name that is too short',
      { TableName: 'ab' },
      "ValidationException: 1 validation error detected: Value 'ab' at 'tableName' failed to satisfy constraint: Member must have length greater than or equal to 3",
    ],
    [
      'a table without a key',
      { KeySchema: undefined, AttributeDefinitions: undefined },
      "ValidationException: 2 validation errors detected: Value null at 'keySchema' failed to satisfy constraint: Member must not be null; Value null at 'attributeDefinitions' failed to satisfy constraint: Member must not be null",
    ],
    // Throughput
    [
      'units on demand',
      { ProvisionedThroughput: UNITS },
      `${INVALID} Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST`,
    ],
    [
      'no units',
      { BillingMode: 'PROVISIONED' },
      `${INVALID} ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED`,
    ],
    [
      'no units and no billing mode',
      { BillingMode: undefined },
      `${INVALID} ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED`,
    ],
    [
      'too many units',
      {
        BillingMode: undefined,
        ProvisionedThroughput: { ReadCapacityUnits: 1, WriteCapacityUnits: 1_000_000_000_001 },
      },
      'ValidationException: Given value 1000000000001 for WriteCapacityUnits is out of bounds',
    ],
    [
      'a maximum for provisioned units',
      { BillingMode: 'PROVISIONED', ProvisionedThroughput: UNITS, OnDemandThroughput: { MaxReadRequestUnits: 5 } },
      `${INVALID} MaxReadRequestUnits for OnDemandThroughput cannot be specified when the table BillingMode is PROVISIONED`,
    ],
    [
      'a maximum of nothing',
      { OnDemandThroughput: { MaxWriteRequestUnits: 0 } },
      `${INVALID} Requested MaxWriteRequestUnits for OnDemandThroughput for table is outside of valid range`,
    ],
    // Keys
    [
      'a definition twice',
      { AttributeDefinitions: [...definitions({ pk: 'S' }), ...definitions({ pk: 'N' })] },
      'ValidationException: Attribute Name is duplicated: pk',
    ],
    [
      'fewer definitions than keys',
      { KeySchema: keySchema('pk', 'sk') },
      'ValidationException: Invalid KeySchema: Some index key attribute have no definition',
    ],
    [
      'another definition than the key',
      { AttributeDefinitions: definitions({ other: 'S' }) },
      `${INVALID} Some index key attributes are not defined in AttributeDefinitions. Keys: [pk], AttributeDefinitions: [other]`,
    ],
    [
      'more definitions than keys',
      { AttributeDefinitions: definitions({ pk: 'S', more: 'S' }) },
      `${INVALID} Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions`,
    ],
    [
      'one attribute on both sides',
      { ...WITH_SORT, KeySchema: keySchema('pk', 'pk') },
      'ValidationException: Both the Hash Key and the Range Key element in the KeySchema have the same name',
    ],
    [
      'a key that begins with its range',
      { ...WITH_SORT, KeySchema: [...keySchema([], 'pk'), ...keySchema('sk')] },
      'ValidationException: Invalid KeySchema: The first KeySchemaElement is not a HASH key type',
    ],
    [
      'two hash keys',
      { ...WITH_SORT, KeySchema: keySchema(['pk', 'sk']) },
      'ValidationException: Invalid KeySchema: The second KeySchemaElement is not a RANGE key type',
    ],
    [
      'three attributes',
      { KeySchema: keySchema('pk', ['a', 'b']) },
      "ValidationException: 1 validation error detected: Value '[KeySchemaElement(attributeName=pk, keyType=HASH), KeySchemaElement(attributeName=a, keyType=RANGE), KeySchemaElement(attributeName=b, keyType=RANGE)]' at 'keySchema' failed to satisfy constraint: Member must have length less than or equal to 2",
    ],
    // Local indexes
    [
      'an empty list of local indexes',
      { ...WITH_SORT, LocalSecondaryIndexes: [] },
      `${INVALID} List of LocalSecondaryIndexes is empty`,
    ],
    [
      'a local index of a table without a sort key',
      { LocalSecondaryIndexes: [local()] },
      `${INVALID} Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex`,
    ],
    [
      'a local index without a sort key',
      { ...WITH_SORT, LocalSecondaryIndexes: [local({}, keySchema('pk'))] },
      `${INVALID} Index KeySchema does not have a range key for index: local`,
    ],
    [
      'a local index of another hash key',
      { ...three, LocalSecondaryIndexes: [local({}, keySchema('a', 'sk'))] },
      `${INVALID} Index KeySchema does not have the same leading hash key as table KeySchema for index: local. index hash key: a, table hash key: pk`,
    ],
    [
      'a local index of an attribute that nobody defined',
      { ...WITH_SORT, LocalSecondaryIndexes: [local({}, keySchema('pk', 'x'))] },
      `${INVALID} Some index key attributes are not defined in AttributeDefinitions. Keys: [pk, x], AttributeDefinitions: [pk, sk]`,
    ],
    [
      'six local indexes',
      {
        ...WITH_SORT,
        LocalSecondaryIndexes: Array.from({ length: 6 }, (_, i) => index(`local-${i}`, keySchema('pk', 'sk'))),
      },
      `${INVALID} Number of LocalSecondaryIndexes exceeds per-table limit of 5`,
    ],
    // Global indexes
    [
      'an empty list of global indexes',
      { GlobalSecondaryIndexes: [] },
      `${INVALID} List of GlobalSecondaryIndexes is empty`,
    ],
    [
      'two indexes of one name',
      { ...WITH_SORT, LocalSecondaryIndexes: [local()], GlobalSecondaryIndexes: [index('local', keySchema('sk'))] },
      `${INVALID} Duplicate index name: local`,
    ],
    ['no projection', global('g01', keySchema('a'), { Projection: {} }), `${INVALID} Unknown ProjectionType: null`],
    [
      'INCLUDE without names',
      global('g01', keySchema('a'), { Projection: { ProjectionType: 'INCLUDE' } }),
      `${INVALID} ProjectionType is INCLUDE, but NonKeyAttributes is not specified`,
    ],
    [
      'names without INCLUDE',
      global('g01', keySchema('a'), { Projection: { ProjectionType: 'ALL', NonKeyAttributes: ['x'] } }),
      `${INVALID} ProjectionType is ALL, but NonKeyAttributes is specified`,
    ],
    [
      'a projected name twice',
      global('g01', keySchema('a'), { Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['x', 'x'] } }),
      `${INVALID} Duplicate element in NonKeyAttributes: x`,
    ],
    [
      'five hash keys',
      global('g01', keySchema(['a', 'b', 'c', 'd', 'e'])),
      `${INVALID} The KeySchema exceeds the maximum allowed number of HASH key attributes`,
    ],
    [
      'five range keys',
      global('g01', keySchema('pk', ['a', 'b', 'c', 'd', 'e'])),
      `${INVALID} The KeySchema exceeds the maximum allowed number of RANGE key attributes`,
    ],
    [
      'a hash key behind a range key',
      global('g01', [...keySchema('a', 'b'), ...keySchema('c')]),
      `${INVALID} All HASH key attributes must precede RANGE key attributes in the KeySchema`,
    ],
    [
      'one attribute three times',
      global('g01', keySchema(['a', 'a'], 'a')),
      'ValidationException: The KeySchema contains multiple key attributes with the same name',
    ],
    [
      'definitions that nothing uses',
      global('g01', keySchema('a', 'b')),
      `${INVALID} Some AttributeDefinitions are not used. AttributeDefinitions: [pk, a, b, c, d, e], keys used: [pk, a, b]`,
    ],
    [
      'units of an index on demand',
      global('g01', keySchema('a'), { ProvisionedThroughput: UNITS }),
      `${INVALID} ProvisionedThroughput should not be specified for index: g01 when BillingMode is PAY_PER_REQUEST`,
    ],
    [
      'no units of an index',
      { ...global('g01', keySchema('a')), BillingMode: undefined, ProvisionedThroughput: UNITS },
      `${INVALID} ProvisionedThroughput is not specified for index: g01`,
    ],
    [
      '21 global indexes',
      { GlobalSecondaryIndexes: Array.from({ length: 21 }, (_, i) => index(`global-${i}`, keySchema('pk'))) },
      `${INVALID} GlobalSecondaryIndex count exceeds the per-table limit of 20`,
    ],
    // Streams, encryption, tags
    [
      'a stream without a view',
      { StreamSpecification: { StreamEnabled: true } },
      `${INVALID} Table is being created with a stream enabled, UpdateViewType is required`,
    ],
    [
      'a view without a stream',
      { StreamSpecification: { StreamEnabled: false, StreamViewType: 'KEYS_ONLY' } },
      `${INVALID} Table is being created with a stream disabled, UpdateViewType should not be specified`,
    ],
    [
      'AES256',
      { SSESpecification: { Enabled: true, SSEType: 'AES256' } },
      `${INVALID} SSEType AES256 is not supported`,
    ],
    [
      'a key without a type',
      { SSESpecification: { Enabled: true, KMSMasterKeyId: 'x' } },
      `${INVALID} SSEType KMS is required if KMSMasterKeyId is specified`,
    ],
    [
      'a type of no encryption',
      { SSESpecification: { Enabled: false, SSEType: 'KMS' } },
      `${INVALID} SSEType can not be specified if Enabled is false`,
    ],
    [
      'a key of no encryption',
      { SSESpecification: { Enabled: false, KMSMasterKeyId: 'x' } },
      `${INVALID} KMSMasterKeyId can not be specified if Enabled is false`,
    ],
    [
      'a tag without a value',
      { Tags: [{ Key: 'a' }] },
      "ValidationException: 1 validation error detected: Value null at 'tags.1.member.value' failed to satisfy constraint: Member must not be null",
    ],
    [
      'a tag without a key',
      { Tags: [{ Key: '', Value: 'x' }] },
      "ValidationException: 1 validation error detected: Value '' at 'tags.1.member.key' failed to satisfy constraint: Member must have length greater than or equal to 1",
    ],
    [
      'a tag of odd characters',
      { Tags: [{ Key: 'a<b', Value: 'x' }] },
      'ValidationException: The Tag Key provided is invalid, Key: a<b',
    ],
    [
      'a tag that AWS has',
      { Tags: [{ Key: 'aws:x', Value: 'x' }] },
      'ValidationException: Tag Key cannot be prefixed with aws:, Key: aws:x',
    ],
    [
      'a tag twice',
      {
        Tags: [
          { Key: 'a', Value: '1' },
          { Key: 'a', Value: '2' },
        ],
      },
      'ValidationException: Duplicate Tag Keys provided as input: Duplicate Tag Key found a',
    ],
    [
      '51 tags',
      { Tags: Array.from({ length: 51 }, (_, i) => ({ Key: `k${i}`, Value: '' })) },
      'ValidationException: Number of Tags exceed the current limit for the provided ResourceArn',
    ],
    [
      'a policy that is no JSON',
      { ResourcePolicy: '{' },
      `${INVALID} Invalid policy document: This policy contains invalid Json`,
    ],
    [
      'vector indexes',
      { VectorIndexes: [] },
      'ValidationException: VectorIndexes is not supported by Dynafile: there is nothing like it here',
    ],
  ]

  test.each(cases)('%s', async (_, change, expected) => {
    const { refusal, call } = tableService()
    expect(await refusal('CreateTable', tableRequest('things', change))).toBe(expected)
    expect(await call('ListTables')).toEqual({ TableNames: [] })
  })
})

describe('DescribeTable', () => {
  test('finds a table by its name and by its ARN, and no other', async () => {
    const { create, describe: description, refusal } = tableService()
    const { TableArn: arn } = await create('things')
    expect(await description(arn)).toMatchObject({ TableName: 'things' })
    for (const name of ['other', 'constructor', '__proto__']) {
      expect(await refusal('DescribeTable', { TableName: name })).toBe(
        `ResourceNotFoundException: Requested resource not found: Table: ${name} not found`,
      )
    }
  })

  test('counts items and their bytes', async () => {
    const { create, describe: description, call, reopen } = tableService()
    await create('things', {
      AttributeDefinitions: definitions({ pk: 'S', kind: 'S' }),
      GlobalSecondaryIndexes: [index('byKind', keySchema('kind'))],
    })
    for (let i = 0; i < 20; i++) {
      const item = { pk: { S: `item ${i}` }, text: { S: 'x'.repeat(100) }, ...(i % 2 === 0 && { kind: { S: 'even' } }) }
      await call('PutItem', { TableName: 'things', Item: item })
    }
    for (let round = 0; round < 2; round++) {
      const { ItemCount, TableSizeBytes, GlobalSecondaryIndexes } = await description('things')
      expect(ItemCount).toBe(20)
      expect(TableSizeBytes).toBeGreaterThan(2000)
      expect(TableSizeBytes).toBeLessThan(4000)
      expect(GlobalSecondaryIndexes[0]).toMatchObject({ ItemCount: 10, IndexSizeBytes: Math.round(TableSizeBytes / 2) })
      await reopen()
    }
  })

  test('describes a table that was defined natively', async () => {
    const { backend, describe: description } = tableService()
    backend.defineTable(
      checkTableDefinition({
        ...{ name: 'native', key: ['customer', 'at'] },
        indexes: {
          byKind: { key: ['kind', 'n'], projection: ['a'] },
          byTotal: { key: ['customer', 'n'], local: true },
        },
      }),
    )
    expect(await description('native')).toMatchObject({
      TableStatus: 'ACTIVE',
      // Nothing is known yet.
      AttributeDefinitions: definitions({ customer: 'S', at: 'S', kind: 'S', n: 'S' }),
      KeySchema: keySchema('customer', 'at'),
      BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
      GlobalSecondaryIndexes: [
        {
          IndexName: 'byKind',
          Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['a'] },
          IndexStatus: 'ACTIVE',
        },
      ],
      LocalSecondaryIndexes: [{ IndexName: 'byTotal', KeySchema: keySchema('customer', 'n') }],
    })
    await backend.put({
      ...{ table: 'native', condition: undefined },
      item: { customer: 'a', at: 1, kind: Uint8Array.of(1), n: 2 },
    })
    const { AttributeDefinitions } = await description('native')
    expect(AttributeDefinitions).toEqual(definitions({ customer: 'S', at: 'N', kind: 'B', n: 'N' }))
  })
})

describe('DeleteTable', () => {
  test('answers that the table is being deleted, and it is gone', async () => {
    const { create, refusal, call } = tableService()
    const { TableId, TableArn } = await create('things')
    await call('PutItem', { TableName: 'things', Item: { pk: { S: 'a' } } })
    const { TableDescription } = await call('DeleteTable', { TableName: TableArn })
    expect(TableDescription).toMatchObject({ TableName: 'things', TableStatus: 'DELETING', TableId, ItemCount: 1 })
    const missing = 'ResourceNotFoundException: Requested resource not found: Table: things not found'
    expect(await refusal('DescribeTable', { TableName: 'things' })).toBe(missing)
    expect(await refusal('DeleteTable', { TableName: 'things' })).toBe(missing)
    expect(await refusal('GetItem', { TableName: 'things', Key: { pk: { S: 'a' } } })).toBe(
      'ResourceNotFoundException: Requested resource not found',
    )
  })

  test('lets another one be made under the name, with nothing in it and another id', async () => {
    const { create, call } = tableService()
    const { TableId } = await create('things')
    await call('PutItem', { TableName: 'things', Item: { pk: { S: 'a' } } })
    await call('DeleteTable', { TableName: 'things' })
    expect((await create('things', { AttributeDefinitions: definitions({ pk: 'N' }) }))['TableId']).not.toBe(TableId)
    expect(await call('GetItem', { TableName: 'things', Key: { pk: { N: '1' } } })).toEqual({})
  })

  test('refuses a table that is protected', async () => {
    const { create, refusal } = tableService()
    await create('things', { DeletionProtectionEnabled: true })
    expect(await refusal('DeleteTable', { TableName: 'things' })).toBe(
      'ValidationException: Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.',
    )
  })
})

describe('ListTables', () => {
  test('lists names in order, a page at a time', async () => {
    const { create, call } = tableService()
    for (const name of ['ccc', 'aaa', 'bbb', 'Zzz']) await create(name)
    expect(await call('ListTables')).toEqual({ TableNames: ['Zzz', 'aaa', 'bbb', 'ccc'] })
    expect(await call('ListTables', { Limit: 2 })).toEqual({
      TableNames: ['Zzz', 'aaa'],
      LastEvaluatedTableName: 'aaa',
    })
    expect(await call('ListTables', { Limit: 2, ExclusiveStartTableName: 'aaa' })).toEqual({
      TableNames: ['bbb', 'ccc'],
    })
    // It need not be there.
    expect(await call('ListTables', { ExclusiveStartTableName: 'aaz' })).toEqual({ TableNames: ['bbb', 'ccc'] })
  })

  test('gives a hundred names at once', async () => {
    const { create, call } = tableService()
    const names = Array.from({ length: 101 }, (_, i) => `table-${String(i).padStart(3, '0')}`)
    for (const name of names) await create(name)
    const { TableNames, LastEvaluatedTableName } = await call('ListTables')
    expect(TableNames).toEqual(names.slice(0, 100))
    expect(LastEvaluatedTableName).toBe('table-099')
  })
})

describe('with a delay, a table', () => {
  const DELAY = { tableDelayMs: 5000 }
  const inUse = (deed: string) =>
    `ResourceInUseException: Attempt to change a resource which is still in use: Table is being ${deed}: things`

  test('is created after a while, and can not be used before', async () => {
    const { create, describe: description, refusal, call, clock } = tableService(DELAY)
    await create('things')
    expect(await description('things')).toMatchObject({ TableStatus: 'CREATING' })
    const get = { TableName: 'things', Key: { pk: { S: 'a' } } }
    expect(await refusal('GetItem', get)).toBe('ResourceNotFoundException: Requested resource not found')
    expect(await refusal('DeleteTable', { TableName: 'things' })).toBe(inUse('created'))
    expect(await refusal('CreateTable', tableRequest('things'))).toBe(
      'ResourceInUseException: Table already exists: things',
    )
    clock.advance(5)
    expect(await description('things')).toMatchObject({ TableStatus: 'ACTIVE' })
    expect(await call('GetItem', get)).toEqual({})
  })

  test('is gone after a while, and its name is taken until then', async () => {
    const { create, describe: description, refusal, call, clock } = tableService(DELAY)
    await create('things')
    clock.advance(5)
    await call('DeleteTable', { TableName: 'things' })
    expect(await description('things')).toMatchObject({ TableStatus: 'DELETING' })
    expect(await call('ListTables')).toEqual({ TableNames: ['things'] })
    expect(await refusal('CreateTable', tableRequest('things'))).toBe(inUse('deleted'))
    expect(await refusal('DeleteTable', { TableName: 'things' })).toBe(inUse('deleted'))
    clock.advance(5)
    expect(await call('ListTables')).toEqual({ TableNames: [] })
    await create('things')
  })
})

test('a database that can not be written to is said to be at fault, and nothing is left half done', async () => {
  const { backend } = new ObservedDatabase()
  const service = createService(backend)
  await service.perform('CreateTable', tableRequest('things'))
  await backend.close()
  const requests: readonly (readonly [operation: string, input: Record<string, unknown>])[] = [
    ['CreateTable', tableRequest('others')],
    ['DeleteTable', { TableName: 'things' }],
    ['UpdateTable', { TableName: 'things', DeletionProtectionEnabled: true }],
    ['UpdateTimeToLive', { TableName: 'things', TimeToLiveSpecification: { Enabled: true, AttributeName: 'a' } }],
  ]
  for (const [operation, input] of requests) {
    await expect(service.perform(operation, input), operation).rejects.toMatchObject({ name: 'InternalServerError' })
  }
})

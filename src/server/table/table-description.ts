/** A table as DynamoDB describes one, whichever door it was created through. */
import type { DetailedTableDescription, IndexDescription } from '../../backend.js'
import type { Members } from '../performer.js'
import type { ServiceContext } from '../service-context.js'
import { billingOf, type DoorSettings, doorSettings, indexSettings, type KeptThroughput } from './door-settings.js'
import { indexArn, streamArn, tableArn } from './table-arn.js'
import type { AttributeDefinition, BillingMode, KeySchemaElement, WarmThroughput } from './table-input.js'
import type { TableStatus } from './table-transitions.js'
import { decreasesOf } from './throughput-rule.js'

/** What a table that is paid for by request can do from the start, in units for each second. */
const ON_DEMAND_WARMTH = { ReadUnitsPerSecond: 12_000, WriteUnitsPerSecond: 4000 }

/** @param status In the place of the one it has: an operation answers with what it has begun. */
export function describeTable(
  context: ServiceContext,
  table: DetailedTableDescription,
  status: TableStatus = context.transitions.statusOf(table.name, table.id),
): Members {
  const settings = doorSettings(table)
  const { stream, streamLabel, kmsKeyArn, tableClass, tableClassChangedAt, isProtected = false } = settings
  return {
    AttributeDefinitions: attributeDefinitions(table),
    ...summary(context, table, status),
    KeySchema: keySchema(table.key.slice(0, 1), table.key.slice(1)),
    CreationDateTime: table.createdAt / 1000,
    ...indexDescriptions(context, table, settings, status),
    ...(stream !== undefined && { StreamSpecification: { StreamEnabled: true, StreamViewType: stream } }),
    ...(streamLabel !== undefined && {
      LatestStreamLabel: streamLabel,
      LatestStreamArn: streamArn(context, table.name, streamLabel),
    }),
    ...(kmsKeyArn !== undefined && {
      SSEDescription: { Status: 'ENABLED', SSEType: 'KMS', KMSMasterKeyArn: kmsKeyArn },
    }),
    ...(tableClass !== undefined && {
      TableClassSummary: {
        TableClass: tableClass,
        ...(tableClassChangedAt !== undefined && { LastUpdateDateTime: tableClassChangedAt }),
      },
    }),
    ...(settings.onDemand !== undefined && { OnDemandThroughput: settings.onDemand }),
    WarmThroughput: { ...warmth(billingOf(settings), settings.throughput, settings.warm), Status: 'ACTIVE' },
    DeletionProtectionEnabled: isProtected,
  }
}

/** What is told of a table that is on its way out. */
export function describeDeletedTable(context: ServiceContext, table: DetailedTableDescription): Members {
  return { ...summary(context, table, 'DELETING'), DeletionProtectionEnabled: false }
}

/** An index that is on its way out, with its status. */
export function describeDeletedIndex(
  context: ServiceContext,
  table: DetailedTableDescription,
  index: IndexDescription,
): Members {
  return { ...describeGlobalIndex(context, table, doorSettings(table), index), IndexStatus: 'DELETING' }
}

function summary(context: ServiceContext, table: DetailedTableDescription, status: TableStatus): Members {
  const settings = doorSettings(table)
  const { onDemandSince } = settings
  const billing = billingOf(settings)
  const createdAt = table.createdAt / 1000
  return {
    TableName: table.name,
    TableStatus: status,
    ProvisionedThroughput: throughput(context, billing, settings.throughput),
    TableSizeBytes: table.byteLength,
    ItemCount: table.itemCount,
    TableArn: tableArn(context, table.name),
    TableId: table.id,
    // Of a table that never was paid for by request DynamoDB says nothing.
    ...((billing === 'PAY_PER_REQUEST' || onDemandSince !== undefined) && {
      BillingModeSummary: {
        BillingMode: billing,
        // What a table begins with is noted a moment before it is there.
        LastUpdateToPayPerRequestDateTime: Math.max(onDemandSince ?? createdAt, createdAt),
      },
    }),
  }
}

/** What is declared or learned of types; where nothing is known yet, the type that most keys have. */
function attributeDefinitions(table: DetailedTableDescription): AttributeDefinition[] {
  const types = new Map<string, AttributeDefinition['AttributeType'] | undefined>()
  for (const { key, keyTypes } of [table, ...table.indexes]) {
    for (const [i, name] of key.entries()) types.set(name, types.get(name) ?? keyTypes[i])
  }
  return [...types].map(([name, type = 'S']) => ({ AttributeName: name, AttributeType: type }))
}

function keySchema(partition: readonly string[], sort: readonly string[]): KeySchemaElement[] {
  return [
    ...partition.map((name) => ({ AttributeName: name, KeyType: 'HASH' as const })),
    ...sort.map((name) => ({ AttributeName: name, KeyType: 'RANGE' as const })),
  ]
}

function indexDescriptions(
  context: ServiceContext,
  table: DetailedTableDescription,
  settings: DoorSettings,
  status: TableStatus,
): Members {
  const locals = table.indexes.filter(({ local }) => local).map((index) => describeIndex(context, table, index))
  const globals = table.indexes
    .filter(({ local }) => !local)
    .map((index) => ({
      ...describeGlobalIndex(context, table, settings, index),
      ...(status === 'CREATING' && { IndexStatus: 'CREATING' }),
    }))
  const all = [...globals, ...context.transitions.deletedIndexes(table.name, table.id)]
  return {
    ...(locals.length > 0 && { LocalSecondaryIndexes: locals }),
    ...(all.length > 0 && { GlobalSecondaryIndexes: all }),
  }
}

function describeIndex(context: ServiceContext, table: DetailedTableDescription, index: IndexDescription): Members {
  const { name, partition, sort, projection, itemCount } = index
  return {
    IndexName: name,
    KeySchema: keySchema(partition, sort),
    Projection:
      typeof projection === 'string'
        ? { ProjectionType: projection }
        : { ProjectionType: 'INCLUDE', NonKeyAttributes: projection },
    IndexSizeBytes: indexByteLength(table, index),
    ItemCount: itemCount,
    IndexArn: indexArn(context, table.name, name),
  }
}

function describeGlobalIndex(
  context: ServiceContext,
  table: DetailedTableDescription,
  settings: DoorSettings,
  index: IndexDescription,
): Members {
  const billing = billingOf(settings)
  const own = indexSettings(settings, index.name)
  const isBuilding = index.status !== 'ACTIVE'
  const status = context.transitions.indexStatusOf(table.name, table.id, index.name)
  return {
    ...describeIndex(context, table, index),
    // One that can't be built, as it is unique and its items are not, is never ready.
    IndexStatus: status ?? (isBuilding ? 'CREATING' : 'ACTIVE'),
    ...((isBuilding || status === 'CREATING') && { Backfilling: isBuilding }),
    ProvisionedThroughput: throughput(context, billing, own.throughput),
    ...(own.onDemand !== undefined && { OnDemandThroughput: own.onDemand }),
    WarmThroughput: { ...warmth(billing, own.throughput, own.warm), Status: 'ACTIVE' },
  }
}

/** Most indexes have no copies of items, but are described as if they had; one that has is described as the others are. */
function indexByteLength(
  table: DetailedTableDescription,
  { projection, itemCount, byteLength }: IndexDescription,
): number {
  if (projection !== 'ALL' || table.itemCount === 0) return byteLength
  return Math.round((table.byteLength / table.itemCount) * itemCount)
}

function throughput({ clock }: ServiceContext, billing: BillingMode, kept: KeptThroughput | undefined): Members {
  if (billing === 'PAY_PER_REQUEST' || kept === undefined) {
    return { NumberOfDecreasesToday: 0, ReadCapacityUnits: 0, WriteCapacityUnits: 0 }
  }
  const { increasedAt, decreasedAt, ReadCapacityUnits, WriteCapacityUnits } = kept
  return {
    ...(increasedAt !== undefined && { LastIncreaseDateTime: increasedAt }),
    ...(decreasedAt !== undefined && { LastDecreaseDateTime: decreasedAt }),
    NumberOfDecreasesToday: decreasesOf(kept, clock.now() / 1000),
    ReadCapacityUnits,
    WriteCapacityUnits,
  }
}

function warmth(billing: BillingMode, kept: KeptThroughput | undefined, warm: WarmThroughput = {}): Members {
  const usual =
    billing === 'PROVISIONED' && kept !== undefined
      ? { ReadUnitsPerSecond: kept.ReadCapacityUnits, WriteUnitsPerSecond: kept.WriteCapacityUnits }
      : ON_DEMAND_WARMTH
  return { ...usual, ...warm }
}

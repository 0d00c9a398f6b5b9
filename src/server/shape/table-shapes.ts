/** What the operations on tables, and on the times to live of their items, accept. */
import {
  attributeDefinitions,
  billingMode,
  globalSecondaryIndexList,
  indexName,
  keySchema,
  localSecondaryIndexList,
  onDemandThroughput,
  positiveLong,
  projection,
  provisionedThroughput,
  searchSchema,
  sseSpecification,
  tableArn,
  tableClass,
  tableName,
  tagList,
  vectorAttributeDefinition,
  vectorDistanceFunction,
  vectorIndexList,
  warmThroughput,
} from './common-shapes.js'
import {
  choice,
  flag,
  integer,
  list,
  long,
  required,
  requiredFirst,
  type Shape,
  type StructureShape,
  structure,
  type TextShape,
  text,
} from './shape.js'

const streamSpecification: StructureShape = structure('StreamSpecification', {
  StreamEnabled: required(flag),
  StreamViewType: choice('NEW_IMAGE', 'OLD_IMAGE', 'NEW_AND_OLD_IMAGES', 'KEYS_ONLY'),
})

const globalTableSettingsReplicationMode: TextShape = choice('ENABLED', 'DISABLED', 'ENABLED_WITH_OVERRIDES')

const createTableInput: StructureShape = structure('CreateTableInput', {
  AttributeDefinitions: attributeDefinitions,
  TableName: requiredFirst(tableArn),
  KeySchema: keySchema,
  LocalSecondaryIndexes: localSecondaryIndexList,
  GlobalSecondaryIndexes: globalSecondaryIndexList,
  BillingMode: billingMode,
  ProvisionedThroughput: provisionedThroughput,
  StreamSpecification: streamSpecification,
  SSESpecification: sseSpecification,
  Tags: tagList,
  TableClass: tableClass,
  DeletionProtectionEnabled: flag,
  WarmThroughput: warmThroughput,
  ResourcePolicy: text(),
  OnDemandThroughput: onDemandThroughput,
  GlobalTableSourceArn: tableArn,
  GlobalTableSettingsReplicationMode: globalTableSettingsReplicationMode,
  VectorIndexes: vectorIndexList,
})

const describeTableInput: StructureShape = structure('DescribeTableInput', { TableName: requiredFirst(tableArn) })

const updateGlobalSecondaryIndexAction: StructureShape = structure('UpdateGlobalSecondaryIndexAction', {
  IndexName: required(indexName),
  ProvisionedThroughput: provisionedThroughput,
  OnDemandThroughput: onDemandThroughput,
  WarmThroughput: warmThroughput,
})

const createGlobalSecondaryIndexAction: StructureShape = structure('CreateGlobalSecondaryIndexAction', {
  IndexName: required(indexName),
  KeySchema: required(keySchema),
  Projection: required(projection),
  ProvisionedThroughput: provisionedThroughput,
  OnDemandThroughput: onDemandThroughput,
  WarmThroughput: warmThroughput,
})

const deleteGlobalSecondaryIndexAction: StructureShape = structure('DeleteGlobalSecondaryIndexAction', {
  IndexName: required(indexName),
})

const globalSecondaryIndexUpdate: StructureShape = structure('GlobalSecondaryIndexUpdate', {
  Update: updateGlobalSecondaryIndexAction,
  Create: createGlobalSecondaryIndexAction,
  Delete: deleteGlobalSecondaryIndexAction,
})

const provisionedThroughputOverride: StructureShape = structure('ProvisionedThroughputOverride', {
  ReadCapacityUnits: positiveLong,
})

const onDemandThroughputOverride: StructureShape = structure('OnDemandThroughputOverride', {
  MaxReadRequestUnits: long(),
})

const replicaGlobalSecondaryIndex: StructureShape = structure('ReplicaGlobalSecondaryIndex', {
  IndexName: required(indexName),
  ProvisionedThroughputOverride: provisionedThroughputOverride,
  OnDemandThroughputOverride: onDemandThroughputOverride,
})

const replicaGlobalSecondaryIndexList: Shape = list(replicaGlobalSecondaryIndex, { min: 1 })

const createReplicationGroupMemberAction: StructureShape = structure('CreateReplicationGroupMemberAction', {
  RegionName: required(text()),
  KMSMasterKeyId: text(),
  ProvisionedThroughputOverride: provisionedThroughputOverride,
  OnDemandThroughputOverride: onDemandThroughputOverride,
  GlobalSecondaryIndexes: replicaGlobalSecondaryIndexList,
  TableClassOverride: tableClass,
})

const updateReplicationGroupMemberAction: StructureShape = structure('UpdateReplicationGroupMemberAction', {
  RegionName: required(text()),
  KMSMasterKeyId: text(),
  ProvisionedThroughputOverride: provisionedThroughputOverride,
  OnDemandThroughputOverride: onDemandThroughputOverride,
  GlobalSecondaryIndexes: replicaGlobalSecondaryIndexList,
  TableClassOverride: tableClass,
})

const deleteReplicationGroupMemberAction: StructureShape = structure('DeleteReplicationGroupMemberAction', {
  RegionName: required(text()),
})

const disassociateReplicationGroupMemberAction: StructureShape = structure('DisassociateReplicationGroupMemberAction', {
  RegionName: required(text()),
  DisassociationMode: required(choice('WAIT_FOR_REPLICATION')),
})

const replicationGroupUpdate: StructureShape = structure('ReplicationGroupUpdate', {
  Create: createReplicationGroupMemberAction,
  Update: updateReplicationGroupMemberAction,
  Delete: deleteReplicationGroupMemberAction,
  Disassociate: disassociateReplicationGroupMemberAction,
})

const createGlobalTableWitnessGroupMemberAction: StructureShape = structure(
  'CreateGlobalTableWitnessGroupMemberAction',
  { RegionName: required(text()) },
)

const deleteGlobalTableWitnessGroupMemberAction: StructureShape = structure(
  'DeleteGlobalTableWitnessGroupMemberAction',
  { RegionName: required(text()) },
)

const globalTableWitnessGroupUpdate: StructureShape = structure('GlobalTableWitnessGroupUpdate', {
  Create: createGlobalTableWitnessGroupMemberAction,
  Delete: deleteGlobalTableWitnessGroupMemberAction,
})

const createVectorIndexAction: StructureShape = structure('CreateVectorIndexAction', {
  IndexName: required(indexName),
  VectorAttribute: required(vectorAttributeDefinition),
  SearchSchema: searchSchema,
  Projection: required(projection),
  Dimensions: required(positiveLong),
  DistanceFunction: required(vectorDistanceFunction),
})

const deleteVectorIndexAction: StructureShape = structure('DeleteVectorIndexAction', { IndexName: required(indexName) })

const vectorIndexUpdate: StructureShape = structure('VectorIndexUpdate', {
  Create: createVectorIndexAction,
  Delete: deleteVectorIndexAction,
})

const updateTableInput: StructureShape = structure('UpdateTableInput', {
  AttributeDefinitions: attributeDefinitions,
  TableName: requiredFirst(tableArn),
  BillingMode: billingMode,
  ProvisionedThroughput: provisionedThroughput,
  GlobalSecondaryIndexUpdates: list(globalSecondaryIndexUpdate),
  StreamSpecification: streamSpecification,
  SSESpecification: sseSpecification,
  ReplicaUpdates: list(replicationGroupUpdate, { min: 1 }),
  TableClass: tableClass,
  DeletionProtectionEnabled: flag,
  MultiRegionConsistency: choice('EVENTUAL', 'STRONG'),
  GlobalTableWitnessUpdates: list(globalTableWitnessGroupUpdate, { min: 1, max: 1 }),
  OnDemandThroughput: onDemandThroughput,
  WarmThroughput: warmThroughput,
  GlobalTableSettingsReplicationMode: globalTableSettingsReplicationMode,
  DisassociationProtectionEnabled: flag,
  VectorIndexUpdates: list(vectorIndexUpdate),
})

const deleteTableInput: StructureShape = structure('DeleteTableInput', { TableName: requiredFirst(tableArn) })

const listTablesInput: StructureShape = structure('ListTablesInput', {
  ExclusiveStartTableName: tableName,
  Limit: integer({ min: 1, max: 100 }),
})

const timeToLiveSpecification: StructureShape = structure('TimeToLiveSpecification', {
  Enabled: required(flag),
  AttributeName: required(text({ min: 1, max: 255 })),
})

const updateTimeToLiveInput: StructureShape = structure('UpdateTimeToLiveInput', {
  TableName: required(tableArn),
  TimeToLiveSpecification: required(timeToLiveSpecification),
})

const describeTimeToLiveInput: StructureShape = structure('DescribeTimeToLiveInput', { TableName: required(tableArn) })

/** By the name of the operation. */
export const tableInputs: ReadonlyMap<string, StructureShape> = new Map([
  ['CreateTable', createTableInput],
  ['DescribeTable', describeTableInput],
  ['UpdateTable', updateTableInput],
  ['DeleteTable', deleteTableInput],
  ['ListTables', listTablesInput],
  ['UpdateTimeToLive', updateTimeToLiveInput],
  ['DescribeTimeToLive', describeTimeToLiveInput],
])

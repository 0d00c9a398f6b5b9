/** What the operations on global tables and on the scaling of replicas accept. */
import {
  billingMode,
  indexName,
  positiveInteger,
  positiveLong,
  tableArn,
  tableClass,
  tableName,
} from './common-shapes.js'
import { double, flag, integer, list, required, type StructureShape, structure, text } from './shape.js'

const replica: StructureShape = structure('Replica', { RegionName: text() })

const createGlobalTableInput: StructureShape = structure('CreateGlobalTableInput', {
  GlobalTableName: required(tableName),
  ReplicationGroup: required(list(replica)),
})

const describeGlobalTableInput: StructureShape = structure('DescribeGlobalTableInput', {
  GlobalTableName: required(tableName),
})

const listGlobalTablesInput: StructureShape = structure('ListGlobalTablesInput', {
  ExclusiveStartGlobalTableName: tableName,
  Limit: positiveInteger,
  RegionName: text(),
})

const createReplicaAction: StructureShape = structure('CreateReplicaAction', { RegionName: required(text()) })

const deleteReplicaAction: StructureShape = structure('DeleteReplicaAction', { RegionName: required(text()) })

const replicaUpdate: StructureShape = structure('ReplicaUpdate', {
  Create: createReplicaAction,
  Delete: deleteReplicaAction,
})

const updateGlobalTableInput: StructureShape = structure('UpdateGlobalTableInput', {
  GlobalTableName: required(tableName),
  ReplicaUpdates: required(list(replicaUpdate)),
})

const describeGlobalTableSettingsInput: StructureShape = structure('DescribeGlobalTableSettingsInput', {
  GlobalTableName: required(tableName),
})

const targetTrackingUpdate: StructureShape = structure('AutoScalingTargetTrackingScalingPolicyConfigurationUpdate', {
  DisableScaleIn: flag,
  ScaleInCooldown: integer(),
  ScaleOutCooldown: integer(),
  TargetValue: required(double),
})

const autoScalingPolicyUpdate: StructureShape = structure('AutoScalingPolicyUpdate', {
  PolicyName: text({ min: 1, max: 256, pattern: String.raw`\p{Print}+`, matches: /^[ -~]+$/ }),
  TargetTrackingScalingPolicyConfiguration: required(targetTrackingUpdate),
})

const autoScalingSettingsUpdate: StructureShape = structure('AutoScalingSettingsUpdate', {
  MinimumUnits: positiveLong,
  MaximumUnits: positiveLong,
  AutoScalingDisabled: flag,
  AutoScalingRoleArn: text({
    min: 1,
    max: 1600,
    pattern: String.raw`[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\r\n\t]*`,
    matches: /^[ -\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}\r\n\t]*$/u,
  }),
  ScalingPolicyUpdate: autoScalingPolicyUpdate,
})

const globalTableGlobalSecondaryIndexSettingsUpdate: StructureShape = structure(
  'GlobalTableGlobalSecondaryIndexSettingsUpdate',
  {
    IndexName: required(indexName),
    ProvisionedWriteCapacityUnits: positiveLong,
    ProvisionedWriteCapacityAutoScalingSettingsUpdate: autoScalingSettingsUpdate,
  },
)

const replicaGlobalSecondaryIndexSettingsUpdate: StructureShape = structure(
  'ReplicaGlobalSecondaryIndexSettingsUpdate',
  {
    IndexName: required(indexName),
    ProvisionedReadCapacityUnits: positiveLong,
    ProvisionedReadCapacityAutoScalingSettingsUpdate: autoScalingSettingsUpdate,
  },
)

const replicaSettingsUpdate: StructureShape = structure('ReplicaSettingsUpdate', {
  RegionName: required(text()),
  ReplicaProvisionedReadCapacityUnits: positiveLong,
  ReplicaProvisionedReadCapacityAutoScalingSettingsUpdate: autoScalingSettingsUpdate,
  ReplicaGlobalSecondaryIndexSettingsUpdate: list(replicaGlobalSecondaryIndexSettingsUpdate, { min: 1, max: 20 }),
  ReplicaTableClass: tableClass,
})

const updateGlobalTableSettingsInput: StructureShape = structure('UpdateGlobalTableSettingsInput', {
  GlobalTableName: required(tableName),
  GlobalTableBillingMode: billingMode,
  GlobalTableProvisionedWriteCapacityUnits: positiveLong,
  GlobalTableProvisionedWriteCapacityAutoScalingSettingsUpdate: autoScalingSettingsUpdate,
  GlobalTableGlobalSecondaryIndexSettingsUpdate: list(globalTableGlobalSecondaryIndexSettingsUpdate, {
    min: 1,
    max: 20,
  }),
  ReplicaSettingsUpdate: list(replicaSettingsUpdate, { min: 1, max: 50 }),
})

const describeTableReplicaAutoScalingInput: StructureShape = structure('DescribeTableReplicaAutoScalingInput', {
  TableName: required(tableArn),
})

const globalSecondaryIndexAutoScalingUpdate: StructureShape = structure('GlobalSecondaryIndexAutoScalingUpdate', {
  IndexName: indexName,
  ProvisionedWriteCapacityAutoScalingUpdate: autoScalingSettingsUpdate,
})

const replicaGlobalSecondaryIndexAutoScalingUpdate: StructureShape = structure(
  'ReplicaGlobalSecondaryIndexAutoScalingUpdate',
  { IndexName: indexName, ProvisionedReadCapacityAutoScalingUpdate: autoScalingSettingsUpdate },
)

const replicaAutoScalingUpdate: StructureShape = structure('ReplicaAutoScalingUpdate', {
  RegionName: required(text()),
  ReplicaGlobalSecondaryIndexUpdates: list(replicaGlobalSecondaryIndexAutoScalingUpdate),
  ReplicaProvisionedReadCapacityAutoScalingUpdate: autoScalingSettingsUpdate,
})

const updateTableReplicaAutoScalingInput: StructureShape = structure('UpdateTableReplicaAutoScalingInput', {
  GlobalSecondaryIndexUpdates: list(globalSecondaryIndexAutoScalingUpdate, { min: 1 }),
  TableName: required(tableArn),
  ProvisionedWriteCapacityAutoScalingUpdate: autoScalingSettingsUpdate,
  ReplicaUpdates: list(replicaAutoScalingUpdate, { min: 1 }),
})

/** By the name of the operation. */
export const replicaInputs: ReadonlyMap<string, StructureShape> = new Map([
  ['CreateGlobalTable', createGlobalTableInput],
  ['DescribeGlobalTable', describeGlobalTableInput],
  ['ListGlobalTables', listGlobalTablesInput],
  ['UpdateGlobalTable', updateGlobalTableInput],
  ['DescribeGlobalTableSettings', describeGlobalTableSettingsInput],
  ['UpdateGlobalTableSettings', updateGlobalTableSettingsInput],
  ['DescribeTableReplicaAutoScaling', describeTableReplicaAutoScalingInput],
  ['UpdateTableReplicaAutoScaling', updateTableReplicaAutoScalingInput],
])

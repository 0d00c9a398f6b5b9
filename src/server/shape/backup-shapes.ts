/** What the operations on backups and on points in time accept. */
import {
  billingMode,
  globalSecondaryIndexList,
  localSecondaryIndexList,
  onDemandThroughput,
  provisionedThroughput,
  sseSpecification,
  tableArn,
  tableName,
  vectorIndexList,
} from './common-shapes.js'
import {
  choice,
  flag,
  instant,
  integer,
  required,
  type StructureShape,
  structure,
  type TextShape,
  text,
} from './shape.js'

const createBackupInput: StructureShape = structure('CreateBackupInput', {
  TableName: required(tableArn),
  BackupName: required(text({ min: 3, max: 255, pattern: '[a-zA-Z0-9_.-]+' })),
})

const backupArn: TextShape = text({ min: 37, max: 1024 })

const describeBackupInput: StructureShape = structure('DescribeBackupInput', { BackupArn: required(backupArn) })

const listBackupsInput: StructureShape = structure('ListBackupsInput', {
  TableName: tableArn,
  Limit: integer({ min: 1, max: 100 }),
  TimeRangeLowerBound: instant,
  TimeRangeUpperBound: instant,
  ExclusiveStartBackupArn: backupArn,
  BackupType: choice('USER', 'SYSTEM', 'AWS_BACKUP', 'ALL'),
})

const deleteBackupInput: StructureShape = structure('DeleteBackupInput', { BackupArn: required(backupArn) })

const restoreTableFromBackupInput: StructureShape = structure('RestoreTableFromBackupInput', {
  TargetTableName: required(tableName),
  BackupArn: required(backupArn),
  BillingModeOverride: billingMode,
  GlobalSecondaryIndexOverride: globalSecondaryIndexList,
  LocalSecondaryIndexOverride: localSecondaryIndexList,
  ProvisionedThroughputOverride: provisionedThroughput,
  OnDemandThroughputOverride: onDemandThroughput,
  SSESpecificationOverride: sseSpecification,
  VectorIndexOverride: vectorIndexList,
})

const restoreTableToPointInTimeInput: StructureShape = structure('RestoreTableToPointInTimeInput', {
  SourceTableArn: tableArn,
  SourceTableName: tableName,
  TargetTableName: required(tableName),
  UseLatestRestorableTime: flag,
  RestoreDateTime: instant,
  BillingModeOverride: billingMode,
  GlobalSecondaryIndexOverride: globalSecondaryIndexList,
  LocalSecondaryIndexOverride: localSecondaryIndexList,
  ProvisionedThroughputOverride: provisionedThroughput,
  OnDemandThroughputOverride: onDemandThroughput,
  SSESpecificationOverride: sseSpecification,
  VectorIndexOverride: vectorIndexList,
})

const describeContinuousBackupsInput: StructureShape = structure('DescribeContinuousBackupsInput', {
  TableName: required(tableArn),
})

const pointInTimeRecoverySpecification: StructureShape = structure('PointInTimeRecoverySpecification', {
  PointInTimeRecoveryEnabled: required(flag),
  RecoveryPeriodInDays: integer({ min: 1, max: 35 }),
})

const updateContinuousBackupsInput: StructureShape = structure('UpdateContinuousBackupsInput', {
  TableName: required(tableArn),
  PointInTimeRecoverySpecification: required(pointInTimeRecoverySpecification),
})

/** By the name of the operation. */
export const backupInputs: ReadonlyMap<string, StructureShape> = new Map([
  ['CreateBackup', createBackupInput],
  ['DescribeBackup', describeBackupInput],
  ['ListBackups', listBackupsInput],
  ['DeleteBackup', deleteBackupInput],
  ['RestoreTableFromBackup', restoreTableFromBackupInput],
  ['RestoreTableToPointInTime', restoreTableToPointInTimeInput],
  ['DescribeContinuousBackups', describeContinuousBackupsInput],
  ['UpdateContinuousBackups', updateContinuousBackupsInput],
])

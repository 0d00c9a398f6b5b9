/** The public surface of the package: re-exports only, in reading order. */

export type { IndexDescription, TableDescription, VerifyProgress, VerifyReport } from './backend.js'
export type { Clock } from './base/clock.js'
export type { BatchWriter } from './batch-writer.js'
export { type Database, open } from './database.js'
export type { DistinctKeys } from './distinct-keys.js'
export * from './errors.js'
export type { IndexCondition, IndexKeySpec, IndexOptions, IndexSpec } from './index-spec.js'
export { type Ddb, type DdbAttribute, ddb } from './model/expression/dynamodb/ddb.js'
export { translate } from './model/expression/translate/translate.js'
export { Decimal } from './model/item/decimal.js'
export { type StandardSchemaV1, type } from './model/schema/item-schema.js'
export type { OpenOptions } from './options.js'
export type { BatchGet, Queryable, ReadableTable } from './readable-table.js'
export type { Explanation, Results } from './results.js'
export type { FaultOptions } from './server/faults.js'
export type { AwsConfig, AwsConfigOptions, SdkRequestHandler } from './server/request-handler.js'
export type { AwsPlugin } from './server/sdk-plugin.js'
export type { SeedReport, SeedTable } from './server/seed.js'
export type { ServeOptions, Server } from './server/served-database.js'
export type { AuthKey } from './server/signature.js'
export type { Snapshot } from './snapshot.js'
export type {
  BackgroundStats,
  CacheStats,
  DiskStats,
  MemoryStats,
  OperationName,
  OperationStats,
  SnapshotStats,
  Stats,
  TableStats,
  TreeStats,
  WritingStats,
} from './stats.js'
export type { Table } from './table.js'
export { type Item, type TableDef, table } from './table-definition.js'
export type { AnyIndex, KeyCount, KeyCounts, KnownIndex, TableIndex } from './table-index.js'
export type { TransactionWriteOptions, TransactOptions, Tx } from './transaction.js'
export type {
  AnyKeyCondition,
  AnyUpdate,
  Change,
  ChangeType,
  DdbExpression,
  DeleteOptions,
  Direction,
  ExpressionSource,
  Filter,
  Key,
  KeyCondition,
  KeySpec,
  Op,
  Page,
  PutOptions,
  QueryOptions,
  RawExpression,
  ReadOptions,
  ScanOptions,
  SortCondition,
  Update,
  UpdateOptions,
  Where,
  WriteOptions,
} from './types.js'
export { type WatchOptions, watchFolder } from './watch.js'

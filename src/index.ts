/** The public surface of the package: re-exports only, in reading order. */
export { type Database, open } from './database.js'
export { type Item, table, type TableDef } from './table-definition.js'
export { type StandardSchemaV1, type } from './model/schema/item-schema.js'
export type { BatchGet, Queryable, Table } from './table.js'
export type { BatchWriter } from './batch-writer.js'
export type { Results } from './results.js'
export type {
  Change,
  ChangeType,
  Filter,
  Key,
  KeyCondition,
  KeySpec,
  Op,
  Page,
  PutOptions,
  QueryOptions,
  ReadOptions,
  ScanOptions,
  SortCondition,
  Update,
  Where,
  WriteOptions,
} from './types.js'
export type { OpenOptions } from './options.js'
export { Decimal } from './model/item/decimal.js'
export type { Clock } from './base/clock.js'
export type { IndexDescription, TableDescription, VerifyProgress, VerifyReport } from './backend.js'
export * from './errors.js'
